//! Projects over REST (`ayon-api.md §2`, §6.1).

use serde_json::{Value, json};

use super::anatomy;
use super::call::{Answer, Call, Outcome};
use super::entities::Id;
use super::project::Project;
use super::state::State;

/// `GET /api/projects`.
pub(super) fn list(state: &mut State, call: &Call) -> Outcome {
    let total = state.projects.len();
    let mut shown: Vec<&Project> = state
        .projects
        .iter()
        .filter(|project| call.caller.may_enter(&project.name))
        .filter(|project| call.flag("active").is_none_or(|wanted| project.active == wanted))
        .filter(|project| {
            call.flag("library")
                .is_none_or(|wanted| project.library == wanted)
        })
        .filter(|project| {
            call.query("name")
                .is_none_or(|name| project.name.eq_ignore_ascii_case(name))
        })
        .collect();
    if call.query("order") == Some("name") {
        shown.sort_by(|one, other| one.name.cmp(&other.name));
    }
    if call.flag("desc") == Some(true) {
        shown.reverse();
    }
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    if let Some(length) = number("length") {
        let page = number("page").unwrap_or(1).max(1);
        shown = shown.into_iter().skip((page - 1) * length).take(length).collect();
    }
    let detail = match shown.len() {
        0 => "No projects".to_owned(),
        count => format!("Showing {count} of {total} projects"),
    };
    let projects: Vec<Value> = shown
        .iter()
        .map(|project| {
            json!({
                "name": project.name,
                "code": project.code,
                "label": project.label,
                "color": null,
                "active": project.active,
                "library": project.library,
                "skeleton": false,
                "pinned": false,
                "projectFolder": null,
                "createdAt": project.created_at,
                "updatedAt": project.updated_at,
            })
        })
        .collect();
    // The count is the total even for somebody who sees nothing (§1.3).
    Answer::ok(json!({"detail": detail, "count": total, "projects": projects}))
}

/// `POST /api/projects`.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    state.create_project(&call.object()?, &call.caller)?;
    Ok(Answer::Json(201, Value::Null))
}

/// `GET P`.
pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    let project = state.project(call.param("project"), &call.caller)?;
    Answer::ok(shape(project))
}

/// A project as `GET P` answers it.
pub(super) fn shape(project: &Project) -> Value {
    let mut shown = json!({
        "name": project.name,
        "code": project.code,
        "library": project.library,
        "folderTypes": project.folder_types,
        "taskTypes": project.task_types,
        "linkTypes": project.link_types,
        "statuses": project.statuses,
        "tags": project.tags,
        "config": project.config,
        "attrib": project.attrib,
        "data": project.data,
        "active": project.active,
        "ownAttrib": project.attrib.keys().collect::<Vec<_>>(),
        "createdAt": project.created_at,
        "updatedAt": project.updated_at,
    });
    if let Some(label) = &project.label {
        shown["label"] = json!(label);
    }
    shown
}

/// `PATCH P`.
pub(super) fn patch(state: &mut State, call: &Call) -> Outcome {
    state.patch_project(call.param("project"), &call.object()?, &call.caller)?;
    Ok(Answer::Nothing)
}

/// `DELETE P`.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    state.delete_project(call.param("project"), &call.caller)?;
    Ok(Answer::Nothing)
}

/// `GET P/anatomy`.
pub(super) fn get_anatomy(state: &mut State, call: &Call) -> Outcome {
    let project = state.project(call.param("project"), &call.caller)?;
    let folder_type = json!({"shortName": "", "color": "#cccccc", "icon": "folder"});
    let task_type = json!({"shortName": "", "color": "#cccccc", "icon": "task_alt"});
    let status = json!({"shortName": "", "state": "not_started", "icon": "", "color": "#cacaca",
        "scope": ["folder", "product", "version", "representation", "task", "workfile"]});
    let link_types = project.link_types.iter().map(|link| {
        let data = |key: &str| link.get("data").and_then(|data| data.get(key)).cloned();
        json!({"link_type": link.get("linkType"), "input_type": link.get("inputType"),
            "output_type": link.get("outputType"), "color": data("color"), "style": data("style")})
    });
    let config = |key: &str| project.config.get(key).and_then(Value::as_object);
    Answer::ok(json!({
        "entity_naming": project.config.get("entityNaming"),
        "roots": config("roots").map(anatomy::listed).unwrap_or_default(),
        "templates": config("templates").map(anatomy::shown_templates),
        "attributes": project.attrib,
        "folder_types": anatomy::shown_list(&project.folder_types, &folder_type),
        "task_types": anatomy::shown_list(&project.task_types, &task_type),
        "link_types": link_types.collect::<Vec<_>>(),
        "statuses": anatomy::shown_list(&project.statuses, &status),
        "tags": anatomy::shown_list(&project.tags, &json!({"color": "#cacaca"})),
        "product_base_types": project.config.get("productBaseTypes"),
    }))
}

/// `POST P/anatomy`.
pub(super) fn set_anatomy(state: &mut State, call: &Call) -> Outcome {
    state.set_anatomy(call.param("project"), &call.object()?, &call.caller)?;
    Ok(Answer::Nothing)
}

/// `GET P/stats`.
pub(super) fn stats(state: &mut State, call: &Call) -> Outcome {
    let store = &state.project(call.param("project"), &call.caller)?.store;
    Answer::ok(json!({"counts": {
        "folders": store.folders.len(),
        "products": store.products.len(),
        "versions": store.versions.len(),
        "representations": 0,
        "tasks": store.tasks.len(),
    }}))
}

/// `GET P/users`: plain users with access, and their groups (§7.1).
pub(super) fn users(state: &mut State, call: &Call) -> Outcome {
    let name = state.project(call.param("project"), &call.caller)?.name.clone();
    let groups = state.users.values().filter_map(|user| {
        let (_, groups) = user.groups().into_iter().find(|(project, _)| *project == name)?;
        Some((user.name.clone(), json!(groups)))
    });
    Answer::ok(Value::Object(groups.collect()))
}

/// `GET P/hierarchy?types=Shot,Sequence`.
pub(super) fn hierarchy(state: &mut State, call: &Call) -> Outcome {
    let project = state.project(call.param("project"), &call.caller)?;
    let types: Option<Vec<&str>> = call.query("types").map(|types| types.split(',').collect());
    let tree = branch(project, None, &mut Vec::new(), types.as_deref());
    Answer::ok(
        json!({"detail": "Hierarchy loaded in 0.0013s", "projectName": project.name, "hierarchy": tree}),
    )
}

fn branch(
    project: &Project,
    parent: Option<&Id>,
    above: &mut Vec<String>,
    types: Option<&[&str]>,
) -> Vec<Value> {
    let mut shown = Vec::new();
    for folder in project.store.children(parent) {
        let tasks: Vec<&str> = project
            .store
            .tasks_of(&folder.record.id)
            .map(|task| task.name.as_str())
            .collect();
        let parents = above.clone();
        above.push(folder.name.clone());
        let children = branch(project, Some(&folder.record.id), above, types);
        above.pop();
        // A folder of another type stays when something below it is wanted.
        if types.is_some_and(|types| !types.contains(&folder.folder_type.as_str())) && children.is_empty() {
            continue;
        }
        shown.push(json!({
            "id": folder.record.id,
            "name": folder.name,
            "label": folder.label.as_ref().unwrap_or(&folder.name),
            "status": folder.record.status,
            "folderType": folder.folder_type,
            "hasTasks": !tasks.is_empty(),
            "taskNames": tasks,
            "parents": parents,
            "parentId": folder.parent,
            "children": children,
        }));
    }
    shown
}
