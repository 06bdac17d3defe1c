//! Rows of a bulk write (`ayon-api.md §5`). There is no `force` here, and there never will be.

use serde_json::{Map, Value, json};

use crate::plan::{EntityPatch, NewEntity, SYNCED};

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowResult {
    /// The id the row was sent with.
    pub id: String,
    /// The server's words where it failed.
    pub failure: Option<String>,
    /// The status that an answer of its own would have had; 0 when the server gives none.
    pub status: u16,
}

impl RowResult {
    /// Whether something has its id, or its name in its place, already (`ayon-api.md §4.1`).
    pub fn is_taken(&self) -> bool {
        self.says("already exists")
    }

    /// Whether it lost against another write, as often as the server tried (`ayon-api.md §5.6`). Nothing was kept.
    pub fn is_deadlock(&self) -> bool {
        self.says("deadlock")
    }

    fn says(&self, words: &str) -> bool {
        self.status == 409
            && self
                .failure
                .as_ref()
                .is_some_and(|detail| detail.to_lowercase().contains(words))
    }
}

fn create(operation: &str, entity_type: &str, entity: &NewEntity, parent_key: &str, type_key: &str) -> Value {
    let mut data = Map::new();
    data.insert("name".to_owned(), json!(entity.name));
    data.insert(type_key.to_owned(), json!(entity.kind));
    data.insert(parent_key.to_owned(), json!(entity.parent));
    if let Some(label) = &entity.label {
        data.insert("label".to_owned(), json!(label));
    }
    if let Some(status) = &entity.status {
        data.insert("status".to_owned(), json!(status));
    }
    if !entity.tags.is_empty() {
        data.insert("tags".to_owned(), json!(entity.tags));
    }
    if !entity.assignees.is_empty() {
        data.insert("assignees".to_owned(), json!(entity.assignees));
    }
    let mut attrib = Map::new();
    if let Some(id) = &entity.shotgrid_id {
        attrib.insert("shotgridId".to_owned(), json!(id));
    }
    attrib.insert("shotgridType".to_owned(), json!(entity.shotgrid_type));
    attrib.extend(entity.attributes.iter().cloned());
    data.insert("attrib".to_owned(), Value::Object(attrib));
    if entity.shotgrid_id.is_some() {
        data.insert("data".to_owned(), copy_of(entity));
    }
    json!({"id": operation, "type": "create", "entityType": entity_type, "entityId": entity.id, "data": data})
}

/// The copy of what links it, which the addon keeps in an entity's `data` (`ayon-shotgrid-behaviour.md §4`).
fn copy_of(entity: &NewEntity) -> Value {
    let mut copy = Map::new();
    copy.insert("sg_ayon_id".to_owned(), json!(entity.id));
    copy.insert("sg_ayon_sync_status".to_owned(), json!(SYNCED));
    if let Some((field, row)) = &entity.hangs_on {
        copy.insert(field.clone(), json!({"type": row.kind, "id": row.id}));
    }
    Value::Object(copy)
}

fn update(
    operation: &str,
    entity_type: &str,
    patch: &EntityPatch,
    parent_key: &str,
    type_key: &str,
) -> Value {
    let mut data = Map::new();
    if let Some(label) = &patch.label {
        data.insert("label".to_owned(), json!(label));
    }
    let mut attrib = Map::new();
    if let Some((id, kind)) = &patch.link {
        attrib.insert("shotgridId".to_owned(), json!(id));
        attrib.insert("shotgridType".to_owned(), json!(kind));
    }
    attrib.extend(patch.attributes.iter().cloned());
    if !attrib.is_empty() {
        data.insert("attrib".to_owned(), Value::Object(attrib));
    }
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            data.insert(key.to_owned(), value);
        }
    };
    set("status", patch.status.as_ref().map(|status| json!(status)));
    set("tags", patch.tags.as_ref().map(|tags| json!(tags)));
    set("assignees", patch.assignees.as_ref().map(|users| json!(users)));
    set("active", patch.active.map(Value::Bool));
    set("name", patch.name.as_ref().map(|name| json!(name)));
    set(type_key, patch.kind.as_ref().map(|kind| json!(kind)));
    set(parent_key, patch.parent.map(|parent| json!(parent)));
    json!({"id": operation, "type": "update", "entityType": entity_type, "entityId": patch.id, "data": data})
}

/// A new folder, carrying everything at once.
pub fn create_folder(operation: &str, entity: &NewEntity) -> Value {
    create(operation, "folder", entity, "parentId", "folderType")
}

/// A new task, carrying everything at once.
pub fn create_task(operation: &str, entity: &NewEntity) -> Value {
    create(operation, "task", entity, "folderId", "taskType")
}

pub fn update_folder(operation: &str, patch: &EntityPatch) -> Value {
    update(operation, "folder", patch, "parentId", "folderType")
}

pub fn update_task(operation: &str, patch: &EntityPatch) -> Value {
    update(operation, "task", patch, "folderId", "taskType")
}
