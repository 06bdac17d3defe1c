//! The operations of one folder or task: made anew, or brought up to date.

use serde_json::{Value, json};

use crate::model::{AyonId, FlowField, FlowRef, FlowType};
use crate::problem::{AyonNamed, Code, Severity};

use super::draft::{Tick, Wish, row_key};
use super::intent::{EntityPatch, NewEntity, SYNCED, Write, WriteBack};
use super::naming::{Pieces, clean, label_allowed, slug};
use super::offers::{Differing, update};
use super::operation::{Change, Kind, Node, On, Reasons, Verdict};
use super::partner::Partner;
use super::placement::ParentField;
use super::places::{Obstacle, Placed};
use super::settle::Candidate;
use super::snapshot::{FlowRow, ParentValue};
use super::sync::{Planner, Target};
use super::tree::NodeKey;

/// The change that a new label is.
pub(super) fn label_change(label: Option<&str>) -> Vec<Change> {
    label
        .map(|label| Change::new("label", Value::Null, json!(label)))
        .into_iter()
        .collect()
}

pub(super) fn on(row: FlowRef) -> On {
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
pub(super) fn in_ayon(partner: &Partner<'_>, path: &str) -> AyonNamed {
    AyonNamed {
        id: Some(partner.id),
        kind: partner.kind.to_owned(),
        name: partner.name.to_owned(),
        path: path.to_owned(),
        from: None,
    }
}

impl<'a> Planner<'a> {
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
        let label = Some(self.label_text(raw)).filter(|text| !text.is_empty() && *text != name);
        if label.as_deref().is_some_and(|label| !label_allowed(label)) {
            return Err(Obstacle {
                code: Code::LabelNotAllowed,
                message: "AYON does not accept ' or ; in a label.".to_owned(),
                remedy: "Rename the row in Flow without ' and ;, or set sync.label_replacement.",
            });
        }
        Ok((name, label))
    }

    /// Flow's text as a label: forbidden characters are replaced where the policy says by what.
    pub(super) fn label_text(&self, text: &str) -> String {
        let text = clean(text);
        match &self.input.rules.policy.label_replacement {
            Some(instead) => clean(&text.replace(['\'', ';'], instead)),
            None => text,
        }
    }

    /// Task type and its short name: the step's, else the default of the addon's settings.
    pub(super) fn task_type(&self, row: &FlowRow) -> (String, String, String) {
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
            placed,
            ..
        } = candidate;
        let mut trace = placed.trace;
        let task = row.key.kind == FlowType::Task;
        let kind = if task {
            let (kind, short, why) = self.task_type(row);
            trace.push(why);
            self.types.task(&mut self.draft, &kind, &short)
        } else {
            self.types.folder(&mut self.draft, row.key.kind.as_str())
        };
        let trace: Reasons = trace.into();
        let path = format!("{}/{name}", parent.path);
        let (carried, shows) = self.carried_by_new(row, &parent.shows);
        let mut changes = label_change(label.as_deref());
        changes.extend(carried.changes);
        let entity = NewEntity {
            id,
            parent: parent.id,
            name: name.clone(),
            label: label.clone(),
            kind: kind.name.clone(),
            shotgrid_id: Some(row.key.id.to_string()),
            shotgrid_type: row.key.kind.as_str().to_owned(),
            status: carried.status,
            tags: carried.tags.unwrap_or_default(),
            assignees: carried.assignees.unwrap_or_default(),
            attributes: carried.attributes,
            hangs_on: self.hangs_on(row),
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
            changes,
            needs: kind
                .needs
                .into_iter()
                .chain(carried.needs)
                .chain(parent.operation)
                .collect(),
            because: trace.clone(),
            tick: Tick::Wanted,
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
            placement: None,
            seat: None,
        };
        let key = NodeKey::Row(row.key);
        self.draft.node(key.clone(), Some(parent.key), node);
        if !task {
            self.planned_parents.insert(id, parent.id);
            self.remember_shown(id, &shows);
        }
        Target {
            id: Some(id),
            path: path.into(),
            operation: Some(operation),
            key,
            shows,
        }
    }

    /// The row that the parent field names, which the addon copies into an entity's `data`
    /// (`ayon-shotgrid-behaviour.md §4`).
    fn hangs_on(&self, row: &FlowRow) -> Option<(String, FlowRef)> {
        let field = ParentField::of(row.key.kind, &self.input.flow.project.chains);
        match &row.parent {
            ParentValue::Row { kind, id, .. } => {
                let kind = kind.parse().ok()?;
                Some((field.name()?.to_owned(), FlowRef { kind, id: *id }))
            }
            _ => None,
        }
    }

    fn remember_shown(&mut self, folder: AyonId, shows: &super::attributes::Effective) {
        if !shows.is_empty() {
            self.shows.insert(folder, shows.clone());
        }
    }

    /// Plans a row that AYON has: what changes on it, and what Flow knows of it.
    pub(super) fn linked(&mut self, row: &'a FlowRow, partner: Partner<'a>, placed: &Placed) -> Target {
        let task = row.key.kind == FlowType::Task;
        let above = self.path_of_parent(partner.parent);
        let path = format!("{above}/{}", partner.name);
        let mut trace = placed.trace.clone();
        trace.push(format!("AYON has it as {path}"));
        let trace: Reasons = trace.into();

        let (mut changes, mut patch) = self.kept_up(row, &partner, &path);
        let (carried, shows) = self.carried_by(row, &partner, &self.shown_by(partner.parent));
        changes.extend(carried.changes);
        patch.status = carried.status;
        patch.tags = carried.tags;
        patch.assignees = carried.assignees;
        patch.attributes = carried.attributes;
        let back = write_back(row, partner.id);
        for (field, value) in &back.values {
            let from = match field {
                FlowField::AyonId => json!(row.ayon_id),
                _ => json!(row.sync_status),
            };
            changes.push(Change::new(field.name(), from, json!(value)));
        }
        let operation = (!changes.is_empty()).then(|| {
            self.draft.operation(Wish {
                kind: Kind::Update,
                on: on(row.key),
                target: row_key(row.key),
                flow: Some(self.named(row)),
                ayon: Some(in_ayon(&partner, &path)),
                changes,
                needs: carried.needs,
                because: trace.clone(),
                tick: Tick::Wanted,
                write: if patch.is_empty() {
                    Write::Nothing
                } else {
                    update(row.key, patch)
                },
                back: Some(back),
            })
        });
        let verdict = match &operation {
            Some(_) => Verdict::Update,
            None => Verdict::Unchanged,
        };
        let node = Node {
            on: on(row.key),
            depth: 0,
            kind: partner.kind.to_owned(),
            name: partner.name.to_owned(),
            label: Some(self.named(row).name).filter(|name| name != partner.name),
            path: path.clone(),
            flow: Some(row.key),
            verdict,
            selected: self.is_selected(row),
            operation,
            offers: Vec::new(),
            trace,
            placement: None,
            seat: None,
        };
        let above = self.above(partner.parent);
        let node = self.draft.node(NodeKey::Row(row.key), Some(above), node);
        if self.differs(row, &partner, placed) {
            self.differing.push(Differing { row, partner, node });
        }
        if !task {
            self.remember_shown(partner.id, &shows);
        }
        Target {
            id: Some(partner.id),
            path: path.into(),
            operation: None,
            key: NodeKey::Row(row.key),
            shows,
        }
    }

    /// Label, link and the active flag: what is right on every linked entity whatever the switches say.
    fn kept_up(&mut self, row: &FlowRow, partner: &Partner<'_>, path: &str) -> (Vec<Change>, EntityPatch) {
        let mut changes = Vec::new();
        let mut patch = EntityPatch::of(partner.id);
        if let Some(label) = self.label_of(row, partner, path) {
            changes.push(Change::new("label", json!(partner.label), json!(label)));
            patch.label = Some(label);
        }
        let own = row.key.id.to_string();
        if partner.link != Some((row.key.kind.as_str(), own.as_str())) {
            let (kind, id) = partner.link.unzip();
            changes.push(Change::new("shotgridId", json!(id), json!(own)));
            changes.push(Change::new(
                "shotgridType",
                json!(kind),
                json!(row.key.kind.as_str()),
            ));
            patch.link = Some((own, row.key.kind.as_str().to_owned()));
        }
        if !partner.active {
            changes.push(Change::new("active", json!(false), json!(true)));
            patch.active = Some(true);
        }
        (changes, patch)
    }

    /// The label AYON should have, when it shows another text than Flow. AYON keeps none that equals the name.
    fn label_of(&mut self, row: &FlowRow, partner: &Partner<'_>, path: &str) -> Option<Option<String>> {
        if row.name.as_deref() == Some(partner.label.unwrap_or(partner.name)) {
            return None;
        }
        let text = self.label_text(row.name.as_deref().unwrap_or_default());
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
                "Rename the row in Flow without ' and ;, or set sync.label_replacement.",
            );
            return None;
        }
        Some(Some(text).filter(|text| text != partner.name))
    }
}
