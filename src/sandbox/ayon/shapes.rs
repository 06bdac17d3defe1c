//! Entities as REST answers them: keys whose value is null are left out (`ayon-api.md §1.4`, §4.1).

use serde_json::{Value, json};

use super::attributes::{Attribute, Scope};
use super::entities::{Folder, Product, Record, Task, Version, Workfile};
use super::fields::Object;
use super::project::Project;

/// `GET P/folders/{id}`.
pub(super) fn folder(project: &Project, live: &[Attribute], folder: &Folder) -> Value {
    let above = project.parent_of(folder);
    let attrib = project.shown_attrib(live, Scope::Folder, &folder.record, above);
    let mut shown = common(&folder.record, attrib);
    insert(&mut shown, "name", json!(folder.name));
    insert(&mut shown, "label", json!(folder.label));
    insert(&mut shown, "folderType", json!(folder.folder_type));
    insert(&mut shown, "parentId", json!(folder.parent));
    insert(&mut shown, "path", json!(project.store.path_of(folder)));
    insert(
        &mut shown,
        "hasVersions",
        json!(project.store.has_versions(&folder.record.id)),
    );
    insert(&mut shown, "createdBy", json!(folder.record.created_by));
    insert(&mut shown, "updatedBy", json!(folder.record.updated_by));
    Value::Object(shown)
}

/// `GET P/tasks/{id}`; it omits who created and changed the task (§4.1).
pub(super) fn task(project: &Project, live: &[Attribute], task: &Task) -> Value {
    let above = project.store.folders.get(&task.folder).map(AsRef::as_ref);
    let mut shown = common(
        &task.record,
        project.shown_attrib(live, Scope::Task, &task.record, above),
    );
    insert(&mut shown, "name", json!(task.name));
    insert(&mut shown, "label", json!(task.label));
    insert(&mut shown, "taskType", json!(task.task_type));
    insert(&mut shown, "folderId", json!(task.folder));
    insert(&mut shown, "assignees", json!(task.assignees));
    if let Some(folder) = above {
        insert(
            &mut shown,
            "path",
            json!(format!("{}/{}", project.store.path_of(folder), task.name)),
        );
    }
    Value::Object(shown)
}

/// `GET P/products/{id}`.
pub(super) fn product(project: &Project, product: &Product) -> Value {
    let mut shown = common(&product.record, product.record.attrib.clone());
    insert(&mut shown, "name", json!(product.name));
    insert(&mut shown, "folderId", json!(product.folder));
    insert(&mut shown, "productType", json!(product.product_type));
    insert(&mut shown, "path", json!(product_path(project, product)));
    insert(&mut shown, "createdBy", json!(product.record.created_by));
    insert(&mut shown, "updatedBy", json!(product.record.updated_by));
    Value::Object(shown)
}

/// `GET P/versions/{id}`.
pub(super) fn version(project: &Project, version: &Version) -> Value {
    let mut shown = common(&version.record, version.record.attrib.clone());
    insert(&mut shown, "version", json!(version.version));
    insert(&mut shown, "productId", json!(version.product));
    insert(&mut shown, "taskId", json!(version.task));
    insert(&mut shown, "author", json!(version.author));
    let product = project.store.products.get(&version.product);
    let path = product.and_then(|product| product_path(project, product));
    insert(
        &mut shown,
        "path",
        json!(path.map(|path| format!("{path}/{}", version_name(version.version)))),
    );
    insert(&mut shown, "createdBy", json!(version.record.created_by));
    insert(&mut shown, "updatedBy", json!(version.record.updated_by));
    Value::Object(shown)
}

/// `GET P/workfiles/{id}`; it has no name of its own.
pub(super) fn workfile(workfile: &Workfile) -> Value {
    let mut shown = common(&workfile.record, workfile.record.attrib.clone());
    insert(&mut shown, "path", json!(workfile.path));
    insert(&mut shown, "taskId", json!(workfile.task));
    insert(&mut shown, "createdBy", json!(workfile.record.created_by));
    insert(&mut shown, "updatedBy", json!(workfile.record.updated_by));
    Value::Object(shown)
}

/// `v007`, or `HERO` for a negative number.
pub(super) fn version_name(number: i64) -> String {
    if number < 0 {
        "HERO".into()
    } else {
        format!("v{number:03}")
    }
}

pub(super) fn product_path(project: &Project, product: &Product) -> Option<String> {
    let folder = project.store.folders.get(&product.folder)?;
    Some(format!("{}/{}", project.store.path_of(folder), product.name))
}

fn common(record: &Record, attrib: Object) -> Object {
    let mut shown = Object::new();
    insert(&mut shown, "id", json!(record.id));
    insert(&mut shown, "active", json!(record.active));
    insert(&mut shown, "status", json!(record.status));
    insert(&mut shown, "tags", json!(record.tags));
    insert(&mut shown, "attrib", Value::Object(attrib));
    insert(&mut shown, "ownAttrib", own_names(&record.attrib));
    insert(&mut shown, "data", Value::Object(record.data.clone()));
    insert(&mut shown, "createdAt", json!(record.created_at));
    insert(&mut shown, "updatedAt", json!(record.updated_at));
    shown
}

/// Names of the own values.
pub(super) fn own_names(attrib: &Object) -> Value {
    attrib.keys().cloned().collect()
}

fn insert(shown: &mut Object, key: &str, value: Value) {
    if !value.is_null() {
        shown.insert(key.to_owned(), value);
    }
}
