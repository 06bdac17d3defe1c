//! Which Flow rows a plan looks at: the selected ones, what they hang on, and what hangs below them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{join_all, try_join};
use serde_json::json;

use crate::flow::{FlowError, FlowReader, Record, STATUS_FIELD};
use crate::model::{DisabledParents, FlowField, FlowId, FlowRef, FlowType};
use crate::plan::{
    Assignee, FieldKind, FlowProject, FlowRow, FlowSchema, ParentField, ParentValue, Rules, Step, Wanted,
};

use super::ActionError;

const STEP_CODE: &str = "step.Step.code";
const STEP_SHORT: &str = "step.Step.short_name";
const TAGS: &str = "tags";
const ASSIGNEES: &str = "task_assignees";

pub(super) type Rows = BTreeMap<FlowRef, FlowRow>;

/// Reads rows of one project.
pub(super) struct RowGather<'a> {
    flow: &'a FlowReader,
    project: &'a FlowProject,
    schema: &'a FlowSchema,
    rules: &'a Rules,
    /// Statuses and tags that thousands of rows share are kept once.
    texts: Mutex<HashSet<Arc<str>>>,
}

impl<'a> RowGather<'a> {
    pub fn new(
        flow: &'a FlowReader,
        project: &'a FlowProject,
        schema: &'a FlowSchema,
        rules: &'a Rules,
    ) -> Self {
        Self {
            flow,
            project,
            schema,
            rules,
            texts: Mutex::default(),
        }
    }

    /// All rows that are wanted, with what is above and below them. `selected` is the type that was selected:
    /// of a Version only what it stands for is wanted, and nothing hangs below a Task.
    ///
    /// Beside them the rows above that are not synced themselves, where the policy looks beyond those.
    pub async fn read(&self, wanted: &Wanted, selected: FlowType) -> Result<(Rows, Rows), ActionError> {
        let (mut rows, mut above) = (Rows::new(), Rows::new());
        let options = self.rules.options;
        match wanted {
            Wanted::WholeProject if options.descendants => {
                self.whole_project(options.tasks, &mut rows).await?;
            }
            Wanted::WholeProject => {}
            Wanted::Rows(wanted) => {
                self.by_key(wanted, &mut rows).await?;
                if !matches!(selected, FlowType::Task | FlowType::Version) {
                    let selected: Vec<FlowRef> = rows.keys().copied().collect();
                    // What is above the selected rows hangs on nothing that is below them.
                    let ((below, passages), ()) = try_join(self.below(selected, &rows), async {
                        self.ancestors(&rows, &mut above).await
                    })
                    .await?;
                    rows.extend(below);
                    above.extend(passages);
                }
            }
        }
        self.ancestors(&rows, &mut above).await?;
        let (above, passages) = above.into_iter().partition(|(row, _)| self.synced(row.kind));
        rows.extend::<Rows>(above);
        Ok((rows, passages))
    }

    async fn by_key(&self, keys: &BTreeSet<FlowRef>, rows: &mut Rows) -> Result<(), ActionError> {
        let mut by_kind: BTreeMap<FlowType, Vec<FlowId>> = BTreeMap::new();
        for key in keys.iter().filter(|key| FlowType::SYNCED.contains(&key.kind)) {
            by_kind.entry(key.kind).or_default().push(key.id);
        }
        let read = join_all(by_kind.into_iter().map(async |(kind, ids)| {
            let fields = self.fields(kind);
            let found = self.flow.by_ids(kind.as_str(), &ids, &borrowed(&fields)).await;
            (kind, found)
        }))
        .await;
        for (kind, records) in read {
            self.add(kind, records?, rows);
        }
        Ok(())
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
        let options = self.rules.options;
        let switched = [
            (STATUS_FIELD, options.status),
            (TAGS, options.tags),
            (ASSIGNEES, options.assignees && kind == FlowType::Task),
        ];
        let known = self.schema.fields.get(&kind);
        let has = |name: &str| known.is_none_or(|fields| fields.contains_key(name));
        fields.extend(
            switched
                .into_iter()
                .filter(|(name, on)| *on && has(name))
                .map(|(name, _)| name.to_owned()),
        );
        fields.extend(
            self.rules
                .carried(kind, self.schema)
                .into_iter()
                .map(|(_, field)| field),
        );
        fields.sort();
        fields.dedup();
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

    /// What hangs below these rows, level by level, and the Tasks of all of them; and rows that are not synced
    /// themselves, where the policy looks beyond those.
    async fn below(&self, mut frontier: Vec<FlowRef>, known: &Rows) -> Result<(Rows, Rows), ActionError> {
        let options = self.rules.options;
        let (mut rows, mut passages) = (Rows::new(), Rows::new());
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
            self.add(FlowType::Task, tasks, &mut rows);
            frontier.clear();
            for (kind, records) in folders {
                let new = |record: &Record| {
                    let key = FlowRef { kind, id: record.id };
                    !rows.contains_key(&key) && !passages.contains_key(&key) && !known.contains_key(&key)
                };
                frontier.extend(
                    records
                        .iter()
                        .filter(|record| new(record))
                        .map(|record| FlowRef { kind, id: record.id }),
                );
                match self.synced(kind) {
                    true => self.add(kind, records, &mut rows),
                    false => self.add(kind, records, &mut passages),
                }
            }
        }
        Ok((rows, passages))
    }

    /// Folder rows whose parent field points at one of these.
    async fn children(&self, parents: &[FlowRef]) -> Result<Vec<(FlowType, Vec<Record>)>, FlowError> {
        let beyond = self.rules.placement.disabled_parents == DisabledParents::Nearest;
        let reads = FlowType::FOLDERS
            .into_iter()
            .filter(|kind| beyond || self.synced(*kind))
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

    /// What the rows hang on, up to the project, as far as it is not among them.
    async fn ancestors(&self, below: &Rows, above: &mut Rows) -> Result<(), ActionError> {
        let beyond = self.rules.placement.disabled_parents == DisabledParents::Nearest;
        let mut asked: BTreeSet<FlowRef> = BTreeSet::new();
        loop {
            let mut wanted: BTreeMap<FlowType, Vec<FlowId>> = BTreeMap::new();
            for row in below.values().chain(above.values()) {
                if let ParentValue::Row { kind, id, .. } = &row.parent {
                    let Ok(kind) = kind.parse::<FlowType>() else {
                        continue;
                    };
                    let key = FlowRef { kind, id: *id };
                    let folder = FlowType::FOLDERS.contains(&kind) && (beyond || self.synced(kind));
                    let known = below.contains_key(&key) || above.contains_key(&key);
                    if folder && !known && asked.insert(key) {
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
                self.add(kind, records, above);
            }
        }
    }

    fn add(&self, kind: FlowType, records: Vec<Record>, rows: &mut Rows) {
        let parent = self.parent_field(kind);
        let carried = self.rules.carried(kind, self.schema);
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
                status: record.text(STATUS_FIELD).map(|code| self.shared(&code)),
                tags: record
                    .links_of(TAGS)
                    .iter()
                    .map(|tag| self.shared(&tag.name))
                    .collect(),
                assignees: record
                    .links_of(ASSIGNEES)
                    .iter()
                    .filter_map(|link| match link.kind.as_ref() {
                        "HumanUser" => Some(Assignee::Person(link.id)),
                        "Group" => Some(Assignee::Group(link.id)),
                        _ => None,
                    })
                    .collect(),
                values: carried
                    .iter()
                    .map(|(position, field)| (*position, record.value(field)))
                    .collect(),
            };
            rows.insert(key, row);
        }
    }

    fn shared(&self, text: &str) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        match texts.get(text) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<str> = text.into();
                texts.insert(new.clone());
                new
            }
        }
    }
}

fn parent_value(record: &Record, field: &str) -> ParentValue {
    if record.holds_many(field) {
        return ParentValue::Many;
    }
    match (record.link(field), record.text(field)) {
        (Some(link), _) => ParentValue::Row {
            kind: link.kind.to_string(),
            id: link.id,
            name: link.name.clone(),
        },
        (None, Some(text)) => ParentValue::Text(text),
        (None, None) => ParentValue::Empty,
    }
}

pub(super) fn borrowed(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}
