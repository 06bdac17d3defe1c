//! Folders, tasks, products, versions and workfiles over REST (`ayon-api.md §4`, §6.1).

use serde_json::{Value, json};

use super::call::{Answer, Call, Outcome};
use super::entities::{Id, Kind, Task};
use super::fields::{Fields, Object};
use super::refusal::Refusal;
use super::shapes;
use super::state::State;
use super::writing::checked_id;

/// `GET P/folders`: served from the server's cache, so without what a half-committed batch left (§5.3), without
/// `active`, with nulls, and with paths that lack their leading slash (§6.1).
pub(super) fn list_folders(state: &mut State, call: &Call) -> Outcome {
    let project = state.project(call.param("project"), &call.caller)?;
    let with_attrib = call.flag("attrib") == Some(true);
    let store = &project.store;
    let published = store.published_folders();
    let mut folders = Vec::with_capacity(store.folders.len());
    for id in store
        .folder_order
        .values()
        .filter(|id| !store.unlisted.contains(*id))
    {
        let Some(folder) = store.folders.get(id) else {
            continue;
        };
        let tasks: Vec<&str> = store.tasks_of(id).map(|task| task.name.as_str()).collect();
        let names = store.names_to(folder);
        let mut shown = json!({
            "id": id,
            "name": folder.name,
            "label": folder.label,
            "folderType": folder.folder_type,
            "parentId": folder.parent,
            "path": names.join("/"),
            "parents": &names[..names.len().saturating_sub(1)],
            "status": folder.record.status,
            "tags": folder.record.tags,
            "hasTasks": !tasks.is_empty(),
            "taskNames": tasks,
            "hasChildren": store.children(Some(id)).next().is_some(),
            "hasVersions": published.contains(id),
            "hasReviewables": false,
            "thumbnailHash": null,
            "createdAt": folder.record.created_at,
            "updatedAt": folder.record.updated_at,
        });
        if with_attrib {
            shown["attrib"] = Value::Object(project.leaked_attrib(&state.live, folder));
            shown["ownAttrib"] = shapes::own_names(&folder.record.attrib);
        }
        folders.push(shown);
    }
    Answer::ok(json!({"folders": folders}))
}

/// `POST P/folders`.
pub(super) fn create_folder(state: &mut State, call: &Call) -> Outcome {
    create(state, call, Kind::Folder)
}

/// `GET P/folders/{id}`.
pub(super) fn get_folder(state: &mut State, call: &Call) -> Outcome {
    let id = id_of(call)?;
    let project = state.project(call.param("project"), &call.caller)?;
    let folder = project.store.folders.get(&id).ok_or_else(|| unknown(&id))?;
    Answer::ok(shapes::folder(project, &state.live, folder))
}

/// `PATCH P/folders/{id}`.
pub(super) fn patch_folder(state: &mut State, call: &Call) -> Outcome {
    patch(state, call, Kind::Folder)
}

/// `DELETE P/folders/{id}?force=true`.
pub(super) fn delete_folder(state: &mut State, call: &Call) -> Outcome {
    delete(state, call, Kind::Folder)
}

/// `GET P/tasks` and `P/folders/{id}/tasks` do not exist: tasks are listed by GraphQL only (§4.1).
pub(super) fn no_task_list(_: &mut State, _: &Call) -> Outcome {
    Err(Refusal::NoSuchRoute)
}

/// `POST P/tasks`.
pub(super) fn create_task(state: &mut State, call: &Call) -> Outcome {
    create(state, call, Kind::Task)
}

/// `GET P/tasks/{id}`.
pub(super) fn get_task(state: &mut State, call: &Call) -> Outcome {
    let id = id_of(call)?;
    let project = state.project(call.param("project"), &call.caller)?;
    let task = project.store.tasks.get(&id).ok_or_else(|| unknown(&id))?;
    if project.store.unlisted.contains(&task.folder) {
        return Err(Refusal::crash("KeyError", "'parent_id'"));
    }
    Answer::ok(shapes::task(project, &state.live, task))
}

/// `PATCH P/tasks/{id}`.
pub(super) fn patch_task(state: &mut State, call: &Call) -> Outcome {
    patch(state, call, Kind::Task)
}

/// `DELETE P/tasks/{id}`.
pub(super) fn delete_task(state: &mut State, call: &Call) -> Outcome {
    delete(state, call, Kind::Task)
}

/// `POST P/tasks/{id}/assign` with `mode` add, remove or set (§4.4).
pub(super) fn assign_task(state: &mut State, call: &Call) -> Outcome {
    let id = id_of(call)?;
    let body = call.object()?;
    let fields = Fields(&body);
    let mode = fields.required_text("mode")?;
    let users = fields
        .texts("users")?
        .value()
        .ok_or_else(|| Refusal::missing("users"))?;
    let project = state.project(call.param("project"), &call.caller)?;
    let task: &Task = project.store.tasks.get(&id).ok_or_else(|| unknown(&id))?;
    let mut assignees = task.assignees.clone();
    match mode.as_str() {
        "add" => {
            let new = users.into_iter().filter(|user| !task.assignees.contains(user));
            assignees.extend(new);
        }
        "remove" => assignees.retain(|user| !users.contains(user)),
        "set" => assignees = users,
        _ => {
            return Err(Refusal::invalid(
                &["mode"],
                "unexpected value; permitted: 'add', 'remove', 'set'",
                "value_error.const",
            ));
        }
    }
    let mut patch = Object::new();
    patch.insert("assignees".into(), json!(assignees));
    state.write(call.param("project"), &call.caller, |writer| {
        writer.update_task(&id, &patch)
    })?;
    Ok(Answer::Nothing)
}

/// `POST P/products`.
pub(super) fn create_product(state: &mut State, call: &Call) -> Outcome {
    create(state, call, Kind::Product)
}

/// `GET P/products/{id}`.
pub(super) fn get_product(state: &mut State, call: &Call) -> Outcome {
    let id = id_of(call)?;
    let project = state.project(call.param("project"), &call.caller)?;
    let product = project.store.products.get(&id).ok_or_else(|| unknown(&id))?;
    Answer::ok(shapes::product(project, product))
}

/// `PATCH P/products/{id}`.
pub(super) fn patch_product(state: &mut State, call: &Call) -> Outcome {
    patch(state, call, Kind::Product)
}

/// `DELETE P/products/{id}`.
pub(super) fn delete_product(state: &mut State, call: &Call) -> Outcome {
    delete(state, call, Kind::Product)
}

/// `POST P/versions`.
pub(super) fn create_version(state: &mut State, call: &Call) -> Outcome {
    create(state, call, Kind::Version)
}

/// `GET P/versions/{id}`.
pub(super) fn get_version(state: &mut State, call: &Call) -> Outcome {
    let id = id_of(call)?;
    let project = state.project(call.param("project"), &call.caller)?;
    let version = project.store.versions.get(&id).ok_or_else(|| unknown(&id))?;
    Answer::ok(shapes::version(project, version))
}

/// `PATCH P/versions/{id}`.
pub(super) fn patch_version(state: &mut State, call: &Call) -> Outcome {
    patch(state, call, Kind::Version)
}

/// `DELETE P/versions/{id}`.
pub(super) fn delete_version(state: &mut State, call: &Call) -> Outcome {
    delete(state, call, Kind::Version)
}

/// `POST P/workfiles`.
pub(super) fn create_workfile(state: &mut State, call: &Call) -> Outcome {
    create(state, call, Kind::Workfile)
}

/// `GET P/workfiles/{id}`.
pub(super) fn get_workfile(state: &mut State, call: &Call) -> Outcome {
    let id = id_of(call)?;
    let project = state.project(call.param("project"), &call.caller)?;
    let workfile = project.store.workfiles.get(&id).ok_or_else(|| unknown(&id))?;
    Answer::ok(shapes::workfile(workfile))
}

/// `PATCH P/workfiles/{id}`.
pub(super) fn patch_workfile(state: &mut State, call: &Call) -> Outcome {
    patch(state, call, Kind::Workfile)
}

/// `DELETE P/workfiles/{id}`.
pub(super) fn delete_workfile(state: &mut State, call: &Call) -> Outcome {
    delete(state, call, Kind::Workfile)
}

fn create(state: &mut State, call: &Call, kind: Kind) -> Outcome {
    let body = call.object()?;
    check_structure(state, call, "Create")?;
    let effect = state.write(call.param("project"), &call.caller, |writer| {
        writer.create(kind, &body)
    })?;
    Ok(Answer::Json(201, json!({"id": effect.id})))
}

fn patch(state: &mut State, call: &Call, kind: Kind) -> Outcome {
    let (id, body) = (id_of(call)?, call.object()?);
    state.write(call.param("project"), &call.caller, |writer| {
        writer.update(kind, &id, &body, false)
    })?;
    Ok(Answer::Nothing)
}

fn delete(state: &mut State, call: &Call, kind: Kind) -> Outcome {
    let id = id_of(call)?;
    check_structure(state, call, "Delete")?;
    let force = call.flag("force") == Some(true);
    state.write(call.param("project"), &call.caller, |writer| {
        writer.delete(kind, &id, force)
    })?;
    Ok(Answer::Nothing)
}

fn check_structure(state: &State, call: &Call, deed: &str) -> Result<(), Refusal> {
    let project = state.project(call.param("project"), &call.caller)?;
    call.caller.check_structure(deed, &project.name)
}

fn id_of(call: &Call) -> Result<Id, Refusal> {
    checked_id("id", call.param("id"))
}

fn unknown(id: &str) -> Refusal {
    Refusal::not_found(format!("Entity {id} not found"))
}
