//! Whether a plan says what was written: every value before and after, and nothing besides.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::stage::Stage;
use crate::model::{AyonId, FlowRef};
use crate::plan::{Intent, Kind, On, OpId, Operation, Planned, Write};

/// Everything of a folder or task that a plan can change, own values only, and its parent as `path`.
type Seen = Map<String, Value>;

fn seen(stage: &Stage) -> BTreeMap<AyonId, Seen> {
    let project = stage.ayon.project.as_ref().unwrap();
    let own = |held: &[crate::plan::Held], seen: &mut Seen| {
        for (attribute, held) in stage.rules.attributes.iter().zip(held) {
            let value = if held.own { held.value.clone() } else { Value::Null };
            seen.insert(attribute.ayon.clone(), value);
        }
    };
    let folders = project.folders.values().map(|folder| {
        let mut all = fields(json!({
            "name": folder.name, "label": folder.label, "type": folder.folder_type, "active": folder.active,
            "shotgridId": folder.shotgrid_id, "shotgridType": folder.shotgrid_type,
            "status": *folder.status, "tags": strings(&folder.tags), "path": folder.parent,
        }));
        own(&folder.attributes, &mut all);
        (folder.id, all)
    });
    let tasks = project.tasks.values().map(|task| {
        let mut all = fields(json!({
            "name": task.name, "label": task.label, "type": task.task_type, "active": task.active,
            "shotgridId": task.shotgrid_id, "shotgridType": task.shotgrid_type,
            "status": *task.status, "tags": strings(&task.tags), "assignees": strings(&task.assignees),
            "path": task.folder,
        }));
        own(&task.attributes, &mut all);
        (task.id, all)
    });
    folders.chain(tasks).collect()
}

fn fields(value: Value) -> Seen {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn strings(texts: &[std::sync::Arc<str>]) -> Vec<&str> {
    texts.iter().map(|text| &**text).collect()
}

fn in_flow(stage: &Stage) -> BTreeMap<FlowRef, [(&'static str, Value); 2]> {
    let row = |(key, row): (&FlowRef, &crate::plan::FlowRow)| {
        (
            *key,
            [
                ("sg_ayon_id", json!(row.ayon_id)),
                ("sg_ayon_sync_status", json!(row.sync_status)),
            ],
        )
    };
    stage.flow.rows.iter().map(row).collect()
}

fn target(operation: &Operation, intent: &Intent) -> Option<AyonId> {
    match &intent.write {
        Write::CreateFolder(entity) | Write::CreateTask(entity) => Some(entity.id),
        Write::UpdateFolder(patch) | Write::UpdateTask(patch) => Some(patch.id),
        _ => operation.ayon.as_ref().and_then(|ayon| ayon.id),
    }
}

/// Finds what the wanted operations of a plan said wrongly about the way from one stage to the next, in words;
/// empty when it was exactly that.
pub fn untrue(planned: &Planned, wanted: &BTreeSet<OpId>, before: &Stage, after: &Stage) -> Vec<String> {
    let (old, new) = (seen(before), seen(after));
    let (told_before, told_after) = (in_flow(before), in_flow(after));
    let mut wrong = Vec::new();
    let mut said: BTreeMap<AyonId, BTreeSet<&str>> = BTreeMap::new();
    let rows = planned.plan.operations.iter().zip(&planned.intents);
    for (operation, intent) in rows.filter(|(operation, _)| wanted.contains(&operation.id)) {
        if !matches!(operation.on, On::Folder | On::Task) {
            continue;
        }
        let Some(id) = target(operation, intent) else {
            wrong.push(format!("{operation:?} is about nothing"));
            continue;
        };
        let Some(now) = new.get(&id) else {
            wrong.push(format!("{operation:?} was not done"));
            continue;
        };
        let create = operation.kind == Kind::Create;
        if create == old.contains_key(&id) {
            wrong.push(format!(
                "{operation:?} creates what there is, or updates what there is not"
            ));
        }
        for change in &operation.changes {
            let field = change.field.as_str();
            if change.from == change.to {
                wrong.push(format!("{field} of {operation:?} does not change"));
            }
            said.entry(id).or_default().insert(field);
            if field == "path" {
                continue;
            }
            let flow = operation.flow.as_ref().map(|flow| flow.key);
            let told = |of: &BTreeMap<FlowRef, [(&'static str, Value); 2]>| {
                let row = flow.and_then(|key| of.get(&key))?;
                row.iter()
                    .find(|(name, _)| *name == field)
                    .map(|(_, value)| value.clone())
            };
            let was = told(&told_before).or_else(|| old.get(&id).map(|seen| seen[field].clone()));
            let is = told(&told_after).or_else(|| now.get(field).cloned());
            // What is new held nothing: null, or an empty list.
            let nothing = create && change.from == json!([]);
            if !nothing && was.unwrap_or_default() != change.from {
                wrong.push(format!("{field} was not {} in {operation:?}", change.from));
            }
            if is.as_ref() != Some(&change.to) {
                wrong.push(format!(
                    "{field} is {is:?} and not {} in {operation:?}",
                    change.to
                ));
            }
        }
    }
    for (id, now) in &new {
        let said = said.get(id);
        let silent = |field: &&String| !said.is_some_and(|said| said.contains(field.as_str()));
        match old.get(id) {
            Some(was) => {
                for field in now
                    .keys()
                    .filter(|field| now[*field] != was[*field])
                    .filter(silent)
                {
                    wrong.push(format!(
                        "{field} of {id} changed in silence: {} {}",
                        was[field], now[field]
                    ));
                }
            }
            None => {
                let carried = ["label", "tags", "assignees", "frameStart", "description"].map(str::to_owned);
                let empty = [Value::Null, json!([])];
                let full = |field: &&String| now.get(*field).is_some_and(|value| !empty.contains(value));
                for field in carried.iter().filter(full).filter(silent) {
                    wrong.push(format!(
                        "{field} of the new {id} is set in silence: {}",
                        now[field]
                    ));
                }
            }
        }
    }
    for id in old.keys().filter(|id| !new.contains_key(id)) {
        wrong.push(format!("{id} is lost"));
    }
    wrong
}
