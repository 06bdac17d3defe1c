//! Which Flow rows a plan looks at: the selected ones, what they hang on, and what hangs below them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join};
use serde_json::json;

use crate::flow::{FlowError, FlowReader, Record};
use crate::model::{FlowField, FlowId, FlowRef, FlowType, Selection, SyncOptions};
use crate::plan::{FieldKind, FlowProject, FlowRow, FlowSchema, ParentField, ParentValue, Rules, Step};

use super::ActionError;

const STEP_CODE: &str = "step.Step.code";
const STEP_SHORT: &str = "step.Step.short_name";

type Rows = BTreeMap<FlowRef, FlowRow>;

/// Reads rows of one project.
pub(super) struct RowGather<'a> {
    pub flow: &'a FlowReader,
    pub project: &'a FlowProject,
    pub schema: &'a FlowSchema,
    pub rules: &'a Rules,
}

impl RowGather<'_> {
    /// All rows that the selection is about.
    pub async fn read(&self, selection: &Selection, options: SyncOptions) -> Result<Rows, ActionError> {
        let mut rows = Rows::new();
        if selection.is_project() {
            if options.descendants {
                self.whole_project(options.tasks, &mut rows).await?;
            }
        } else {
            let kind = selection.entity_type;
            let fields = self.fields(kind);
            let records = self
                .flow
                .by_ids(kind.as_str(), &selection.ids, &borrowed(&fields))
                .await?;
            self.add(kind, records, &mut rows);
            // Nothing hangs below a Task, so what it hangs on is all there is to read.
            if kind != FlowType::Task {
                self.below(options, &mut rows).await?;
            }
        }
        self.ancestors(&mut rows).await?;
        Ok(rows)
    }

    fn synced(&self, kind: FlowType) -> bool {
        self.rules.enabled.contains(&kind) && self.schema.visible.contains(&kind)
    }

    /// The parent field of a type, where the site has it.
    fn parent_field(&self, kind: FlowType) -> Option<String> {
        let field = ParentField::of(kind, &self.project.chains).name()?.to_owned();
        let known = self
            .schema
            .fields
            .get(&kind)
            .is_none_or(|fields| fields.contains_key(&field));
        known.then_some(field)
    }

    /// Only the fields that a plan needs.
    fn fields(&self, kind: FlowType) -> Vec<String> {
        let mut fields: Vec<String> = [
            kind.name_field(),
            "project",
            FlowField::AyonId.name(),
            FlowField::SyncStatus.name(),
        ]
        .map(str::to_owned)
        .to_vec();
        fields.extend(self.parent_field(kind));
        if kind == FlowType::Task {
            fields.extend([STEP_CODE, STEP_SHORT].map(str::to_owned));
        }
        fields
    }

    async fn whole_project(&self, tasks: bool, rows: &mut Rows) -> Result<(), ActionError> {
        let kinds = FlowType::FOLDERS
            .into_iter()
            .chain(tasks.then_some(FlowType::Task));
        let filter = json!([["project", "is", {"type": "Project", "id": self.project.id}]]);
        let read = join_all(kinds.filter(|kind| self.synced(*kind)).map(async |kind| {
            let fields = self.fields(kind);
            (
                kind,
                self.flow
                    .search(kind.as_str(), filter.clone(), &borrowed(&fields))
                    .await,
            )
        }))
        .await;
        for (kind, records) in read {
            self.add(kind, records?, rows);
        }
        Ok(())
    }

    /// What hangs below the rows read so far, level by level, and the Tasks of all of them.
    async fn below(&self, options: SyncOptions, rows: &mut Rows) -> Result<(), ActionError> {
        let mut frontier: Vec<FlowRef> = rows.keys().copied().collect();
        while !frontier.is_empty() {
            let folders = async {
                match options.descendants {
                    true => self.children(&frontier).await,
                    false => Ok(Vec::new()),
                }
            };
            let tasks = async {
                match options.tasks && self.synced(FlowType::Task) {
                    true => self.hanging(FlowType::Task, "entity", &frontier).await,
                    false => Ok(Vec::new()),
                }
            };
            let (folders, tasks) = try_join(folders, tasks).await?;
            self.add(FlowType::Task, tasks, rows);
            frontier.clear();
            for (kind, records) in folders {
                let new = |record: &Record| !rows.contains_key(&FlowRef { kind, id: record.id });
                frontier.extend(
                    records
                        .iter()
                        .filter(|r| new(r))
                        .map(|record| FlowRef { kind, id: record.id }),
                );
                self.add(kind, records, rows);
            }
        }
        Ok(())
    }

    /// Folder rows whose parent field points at one of these.
    async fn children(&self, parents: &[FlowRef]) -> Result<Vec<(FlowType, Vec<Record>)>, FlowError> {
        let reads = FlowType::FOLDERS
            .into_iter()
            .filter(|kind| self.synced(*kind))
            .filter_map(|kind| {
                let field = self.parent_field(kind)?;
                let FieldKind::Link(types) = self.schema.fields.get(&kind)?.get(&field)? else {
                    return None;
                };
                let of: Vec<FlowRef> = parents
                    .iter()
                    .copied()
                    .filter(|row| types.iter().any(|name| name == row.kind.as_str()))
                    .collect();
                (!of.is_empty()).then_some((kind, field, of))
            });
        let read =
            join_all(reads.map(async |(kind, field, of)| (kind, self.hanging(kind, &field, &of).await)))
                .await;
        read.into_iter()
            .map(|(kind, records)| Ok((kind, records?)))
            .collect()
    }

    async fn hanging(
        &self,
        kind: FlowType,
        field: &str,
        parents: &[FlowRef],
    ) -> Result<Vec<Record>, FlowError> {
        let links: Vec<(FlowType, FlowId)> = parents.iter().map(|row| (row.kind, row.id)).collect();
        self.flow
            .linked_to(kind, field, &links, &borrowed(&self.fields(kind)))
            .await
    }

    /// What the rows hang on, up to the project.
    async fn ancestors(&self, rows: &mut Rows) -> Result<(), ActionError> {
        let mut asked: BTreeSet<FlowRef> = BTreeSet::new();
        loop {
            let mut wanted: BTreeMap<FlowType, Vec<FlowId>> = BTreeMap::new();
            for row in rows.values() {
                if let ParentValue::Row { kind, id, .. } = &row.parent {
                    let Ok(kind) = kind.parse::<FlowType>() else {
                        continue;
                    };
                    let key = FlowRef { kind, id: *id };
                    let folder = FlowType::FOLDERS.contains(&kind) && self.synced(kind);
                    if folder && !rows.contains_key(&key) && asked.insert(key) {
                        wanted.entry(kind).or_default().push(*id);
                    }
                }
            }
            if wanted.is_empty() {
                return Ok(());
            }
            let read = join_all(wanted.into_iter().map(async |(kind, ids)| {
                let fields = self.fields(kind);
                (
                    kind,
                    self.flow.by_ids(kind.as_str(), &ids, &borrowed(&fields)).await,
                )
            }))
            .await;
            for (kind, records) in read {
                let mut records = records?;
                // A parent in another project is no parent here; what hangs on it says so.
                records.retain(|record| {
                    record
                        .link("project")
                        .is_some_and(|link| link.id == self.project.id)
                });
                self.add(kind, records, rows);
            }
        }
    }

    fn add(&self, kind: FlowType, records: Vec<Record>, rows: &mut Rows) {
        let parent = self.parent_field(kind);
        for record in records {
            let key = FlowRef { kind, id: record.id };
            let step = (kind == FlowType::Task).then(|| Step {
                code: record.text(STEP_CODE),
                short_name: record.text(STEP_SHORT),
            });
            let row = FlowRow {
                key,
                name: record.text(kind.name_field()),
                project: record.link("project").map(|link| link.id),
                parent: parent
                    .as_deref()
                    .map(|field| parent_value(&record, field))
                    .unwrap_or_default(),
                step,
                ayon_id: record.text(FlowField::AyonId.name()),
                sync_status: record.text(FlowField::SyncStatus.name()),
            };
            rows.insert(key, row);
        }
    }
}

fn parent_value(record: &Record, field: &str) -> ParentValue {
    if record.holds_many(field) {
        return ParentValue::Many;
    }
    match (record.link(field), record.text(field)) {
        (Some(link), _) => ParentValue::Row {
            kind: link.kind.clone(),
            id: link.id,
            name: link.name.clone(),
        },
        (None, Some(text)) => ParentValue::Text(text),
        (None, None) => ParentValue::Empty,
    }
}

fn borrowed(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}
