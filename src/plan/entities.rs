//! The operations of one folder or task: made anew, or brought up to date.

use serde_json::{Value, json};

use crate::model::{AyonId, FlowField, FlowRef, FlowType};
use crate::problem::{AyonNamed, Code, Severity};

use super::draft::{Wish, row_key};
use super::intent::{EntityPatch, NewEntity, SYNCED, Write, WriteBack};
use super::naming::{Pieces, clean, label_allowed, slug};
use super::operation::{Change, Kind, Node, On, OpId, Verdict};
use super::partner::Partner;
use super::places::{Obstacle, Place, Placed};
use super::snapshot::FlowRow;
use super::sync::{Candidate, Planner, Target};

/// The change that a new label is.
pub(super) fn label_change(label: Option<&str>) -> Vec<Change> {
    label
        .map(|label| Change {
            field: "label".to_owned(),
            from: Value::Null,
            to: json!(label),
        })
        .into_iter()
        .collect()
}

fn on(row: FlowRef) -> On {
    if row.kind == FlowType::Task {
        On::Task
    } else {
        On::Folder
    }
}

/// What Flow has to hear of a row that AYON knows as `id`; only what it does not say already.
fn write_back(row: &FlowRow, id: AyonId) -> WriteBack {
    let id = id.to_string();
    let mut values = Vec::new();
    if row.ayon_id.as_deref() != Some(id.as_str()) {
        values.push((FlowField::AyonId, id));
    }
    if row.sync_status.as_deref() != Some(SYNCED) {
        values.push((FlowField::SyncStatus, SYNCED.to_owned()));
    }
    WriteBack { row: row.key, values }
}

/// A partner as people read it.
fn in_ayon(partner: &Partner<'_>, path: &str) -> AyonNamed {
    AyonNamed {
        id: Some(partner.id),
        kind: partner.kind.to_owned(),
        name: partner.name.to_owned(),
        path: path.to_owned(),
        from: None,
    }
}

impl Planner<'_> {
    /// AYON's name and label of a new row.
    pub(super) fn name(&self, row: &FlowRow) -> Result<(String, Option<String>), Obstacle> {
        let text = clean(row.name.as_deref().unwrap_or_default());
        // The addon slugs the text as it is, so space around it counts as well.
        let raw = row.name.as_deref().unwrap_or_default();
        let name = match row.key.kind {
            FlowType::Task if text.is_empty() => slug(&self.task_type(row).0, Pieces::DropEmpty),
            FlowType::Task => slug(raw, Pieces::DropEmpty),
            _ if text.is_empty() => String::new(),
            _ => slug(raw, Pieces::KeepEmpty),
        };
        if name.is_empty() {
            return Err(Obstacle {
                code: Code::NameEmpty,
                message: if text.is_empty() {
                    "It has no name.".to_owned()
                } else {
                    format!("The name {text:?} holds nothing that AYON accepts.")
                },
                remedy: "Give it a name with letters or digits in Flow.",
            });
        }
        let label = Some(text).filter(|text| !text.is_empty() && *text != name);
        if label.as_deref().is_some_and(|label| !label_allowed(label)) {
            return Err(Obstacle {
                code: Code::LabelNotAllowed,
                message: "AYON does not accept ' or ; in a label.".to_owned(),
                remedy: "Rename the row in Flow without ' and ;.",
            });
        }
        Ok((name, label))
    }

    /// Task type and its short name: the step's, else the default of the addon's settings.
    fn task_type(&self, row: &FlowRow) -> (String, String, String) {
        let step = row.step.as_ref();
        match step
            .and_then(|step| step.code.as_deref())
            .map(clean)
            .filter(|code| !code.is_empty())
        {
            Some(code) => {
                let short = step
                    .and_then(|step| step.short_name.as_deref())
                    .unwrap_or_default()
                    .to_lowercase();
                let why = format!("pipeline step → task type {code}");
                (code, short, why)
            }
            None => {
                let name = self.input.rules.default_task_type.clone();
                let why = format!("no pipeline step → default task type {name}");
                (name, String::new(), why)
            }
        }
    }

    /// Plans a row that AYON does not have.
    pub(super) fn create(&mut self, candidate: Candidate<'_>) -> Target {
        let Candidate {
            row,
            id,
            name,
            label,
            parent,
            mut trace,
            ..
        } = candidate;
        let task = row.key.kind == FlowType::Task;
        let kind = if task {
            let (kind, short, why) = self.task_type(row);
            trace.push(why);
            self.types.task(&mut self.draft, &kind, &short)
        } else {
            self.types.folder(&mut self.draft, row.key.kind.as_str())
        };
        let path = format!("{}/{name}", parent.path);
        let entity = NewEntity {
            id,
            parent: parent.id,
            name: name.clone(),
            label: label.clone(),
            kind: kind.name.clone(),
            shotgrid_id: row.key.id.to_string(),
            shotgrid_type: row.key.kind.as_str().to_owned(),
        };
        let operation = self.draft.operation(Wish {
            kind: Kind::Create,
            on: on(row.key),
            target: row_key(row.key),
            flow: Some(self.named(row)),
            ayon: Some(AyonNamed {
                id: Some(id),
                kind: kind.name.clone(),
                name: name.clone(),
                path: path.clone(),
                from: None,
            }),
            changes: label_change(label.as_deref()),
            needs: kind.needs.into_iter().chain(parent.operation).collect(),
            because: trace.clone(),
            write: if task {
                Write::CreateTask(entity)
            } else {
                Write::CreateFolder(entity)
            },
            back: Some(write_back(row, id)),
        });
        let node = Node {
            on: on(row.key),
            depth: 0,
            kind: kind.name,
            name,
            label,
            path: path.clone(),
            flow: Some(row.key),
            verdict: Verdict::Create,
            selected: self.is_selected(row),
            operation: Some(operation.clone()),
            offers: Vec::new(),
            trace,
        };
        let key = row_key(row.key);
        self.draft.node(key.clone(), Some(parent.key), node);
        Target {
            id: Some(id),
            path,
            operation: Some(operation),
            key,
        }
    }

    /// Plans a row that AYON has: its label, its link, and what Flow knows of it.
    pub(super) fn linked(&mut self, row: &FlowRow, partner: Partner<'_>, placed: &Placed) -> Target {
        let task = row.key.kind == FlowType::Task;
        let above = partner
            .parent
            .and_then(|id| self.paths.get(&id))
            .cloned()
            .unwrap_or_default();
        let path = format!("{above}/{}", partner.name);
        let mut trace = placed.trace.clone();
        trace.push(format!("AYON has it as {path}"));
        self.notice(row, &partner, placed, &path);

        let mut changes = Vec::new();
        let label = self.label_of(row, &partner, &path);
        if let Some(label) = &label {
            changes.push(Change {
                field: "label".to_owned(),
                from: json!(partner.label),
                to: json!(label),
            });
        }
        let own = row.key.id.to_string();
        let told = partner.link == Some((row.key.kind.as_str(), own.as_str()));
        let link = (!told).then(|| (own.clone(), row.key.kind.as_str().to_owned()));
        if link.is_some() {
            let (kind, id) = partner.link.unzip();
            changes.push(Change {
                field: "shotgridId".to_owned(),
                from: json!(id),
                to: json!(own),
            });
            changes.push(Change {
                field: "shotgridType".to_owned(),
                from: json!(kind),
                to: json!(row.key.kind.as_str()),
            });
        }
        let back = write_back(row, partner.id);
        for (field, value) in &back.values {
            let from = match field {
                FlowField::AyonId => json!(row.ayon_id),
                _ => json!(row.sync_status),
            };
            changes.push(Change {
                field: field.name().to_owned(),
                from,
                to: json!(value),
            });
        }
        let operation = (!changes.is_empty()).then(|| {
            let patch = EntityPatch {
                id: partner.id,
                label: label.clone(),
                link: link.clone(),
            };
            let write = match (label.is_some() || link.is_some(), task) {
                (false, _) => Write::Nothing,
                (true, true) => Write::UpdateTask(patch),
                (true, false) => Write::UpdateFolder(patch),
            };
            self.draft.operation(Wish {
                kind: Kind::Update,
                on: on(row.key),
                target: row_key(row.key),
                flow: Some(self.named(row)),
                ayon: Some(in_ayon(&partner, &path)),
                changes,
                needs: Vec::new(),
                because: trace.clone(),
                write,
                back: Some(back),
            })
        });
        self.linked_node(row, &partner, path.clone(), operation, trace);
        Target {
            id: Some(partner.id),
            path,
            operation: None,
            key: row_key(row.key),
        }
    }

    fn linked_node(
        &mut self,
        row: &FlowRow,
        partner: &Partner<'_>,
        path: String,
        operation: Option<OpId>,
        trace: Vec<String>,
    ) {
        let node = Node {
            on: on(row.key),
            depth: 0,
            kind: partner.kind.to_owned(),
            name: partner.name.to_owned(),
            label: Some(self.named(row).name).filter(|name| name != partner.name),
            path,
            flow: Some(row.key),
            verdict: if operation.is_some() {
                Verdict::Update
            } else {
                Verdict::Unchanged
            },
            selected: self.is_selected(row),
            operation,
            offers: Vec::new(),
            trace,
        };
        let above = self.above(partner.parent);
        self.draft.node(row_key(row.key), Some(above), node);
    }

    /// The label AYON should have, when it shows another text than Flow. AYON keeps none that equals the name.
    fn label_of(&mut self, row: &FlowRow, partner: &Partner<'_>, path: &str) -> Option<Option<String>> {
        let text = clean(row.name.as_deref().unwrap_or_default());
        if text.is_empty() || text == partner.label.unwrap_or(partner.name) {
            return None;
        }
        if !label_allowed(&text) {
            self.draft.problem(
                Severity::Warning,
                Code::LabelNotAllowed,
                Some(self.named(row)),
                Some(in_ayon(partner, path)),
                "AYON does not accept ' or ; in a label, so the label stays as it is.".to_owned(),
                "Rename the row in Flow without ' and ;.",
            );
            return None;
        }
        Some(Some(text).filter(|text| text != partner.name))
    }

    /// What somebody should know of a linked row that is left where and as it is.
    fn notice(&mut self, row: &FlowRow, partner: &Partner<'_>, placed: &Placed, path: &str) {
        let natural = match &placed.place {
            Place::Root => Some((None, "the project's root".to_owned())),
            Place::Row(key) => self.target_of(*key).map(|target| (target.id, target.path)),
            Place::Category(text) => {
                let name = slug(text, Pieces::DropEmpty).to_lowercase();
                let id = self.folders.named(None, &name).map(|folder| folder.id);
                Some((id, format!("/{name}"))).filter(|_| !name.is_empty())
            }
            Place::Nowhere(obstacle) => {
                let (code, message, remedy) = (obstacle.code, obstacle.message.clone(), obstacle.remedy);
                let flow = Some(self.named(row));
                self.draft.problem(
                    Severity::Warning,
                    code,
                    flow,
                    Some(in_ayon(partner, path)),
                    message,
                    remedy,
                );
                None
            }
        };
        if let Some((_, place)) = natural.filter(|(id, _)| *id != partner.parent) {
            self.draft.problem(
                Severity::Info,
                Code::SitsElsewhere,
                Some(self.named(row)),
                Some(in_ayon(partner, path)),
                format!("It is at {path} in AYON; by Flow it belongs below {place}. It stays where it is."),
                "Move it in AYON if Flow is right.",
            );
        }
        let expected = match row.key.kind {
            FlowType::Task => self.task_type(row).0,
            kind => kind.as_str().to_owned(),
        };
        if !partner.kind.eq_ignore_ascii_case(&expected) {
            self.draft.problem(
                Severity::Info,
                Code::TypeDiffers,
                Some(self.named(row)),
                Some(in_ayon(partner, path)),
                format!(
                    "Its type in AYON is {}; by Flow it is {expected}. It stays as it is.",
                    partner.kind
                ),
                "Change the type in AYON if Flow is right.",
            );
        }
    }
}
