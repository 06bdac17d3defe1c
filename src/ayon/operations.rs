//! Rows of a bulk write (`ayon-api.md §5`). There is no `force` here, and there never will be.

use serde_json::{Map, Value, json};

use crate::plan::{EntityPatch, NewEntity};

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
    data.insert(
        "attrib".to_owned(),
        json!({"shotgridId": entity.shotgrid_id, "shotgridType": entity.shotgrid_type}),
    );
    json!({"id": operation, "type": "create", "entityType": entity_type, "entityId": entity.id, "data": data})
}

fn update(operation: &str, entity_type: &str, patch: &EntityPatch) -> Value {
    let mut data = Map::new();
    if let Some(label) = &patch.label {
        data.insert("label".to_owned(), json!(label));
    }
    if let Some((id, kind)) = &patch.link {
        data.insert(
            "attrib".to_owned(),
            json!({"shotgridId": id, "shotgridType": kind}),
        );
    }
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
    update(operation, "folder", patch)
}

pub fn update_task(operation: &str, patch: &EntityPatch) -> Value {
    update(operation, "task", patch)
}
