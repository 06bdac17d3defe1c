//! Pages for people: what the server holds, readable without a credential and not in the request log.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::anatomy::name_of;
use super::call::Desk;
use super::caller::Level;
use super::entities::{Folder, Id};
use super::project::Project;
use super::users::User;

const STYLE: &str = include_str!("../../../static/sandbox/ayon.css");

/// Adds the pages and their style.
pub(super) fn mount(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(projects))
        .route("/projects/{project}", web::get().to(project))
        .route("/settings/users", web::get().to(users))
        .route("/static/ayon.css", web::get().to(style));
}

#[derive(Template)]
#[template(path = "sandbox_ayon_users.html")]
struct UsersPage {
    users: Vec<Face>,
}

/// A user.
struct Face {
    name: String,
    full_name: String,
    email: String,
    level: &'static str,
    active: bool,
    flow: Option<String>,
    access: String,
}

/// The users whose names the address has; all of them without.
async fn users(desk: web::Data<Desk>, asked: web::Query<Vec<(String, String)>>) -> HttpResponse {
    let names: Vec<&String> = asked
        .iter()
        .filter(|(key, _)| key == "name")
        .map(|(_, name)| name)
        .collect();
    let users = desk
        .lock()
        .users
        .values()
        .filter(|user| names.is_empty() || names.contains(&&user.name))
        .map(face)
        .collect();
    page(&UsersPage { users })
}

fn face(user: &User) -> Face {
    let text = |field: &str| {
        user.attrib
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let flow = match user.data.get("sg_user_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let access = user
        .groups()
        .into_iter()
        .map(|(project, groups)| format!("{project}: {}", groups.join(", ")));
    Face {
        name: user.name.clone(),
        full_name: text("fullName"),
        email: text("email"),
        level: match user.level() {
            Level::Service => "service",
            Level::Admin => "administrator",
            Level::Manager => "manager",
            Level::User => "user",
        },
        active: user.active,
        flow,
        access: access.collect::<Vec<_>>().join("; "),
    }
}

#[derive(Template)]
#[template(path = "sandbox_ayon_projects.html")]
struct ProjectsPage {
    projects: Vec<Card>,
}

struct Card {
    name: String,
    code: String,
    active: bool,
    folders: usize,
    tasks: usize,
    flow_id: Option<String>,
}

#[derive(Template)]
#[template(path = "sandbox_ayon_project.html")]
struct ProjectPage {
    project: Card,
    branches: Vec<Branch>,
}

/// A folder with everything below it.
#[derive(Template)]
#[template(path = "sandbox_ayon_branch.html")]
struct Branch {
    path: String,
    name: String,
    label: Option<String>,
    kind: String,
    status: String,
    /// State of the status, such as `in_progress`; the style colours by it.
    state: String,
    flow: Option<String>,
    active: bool,
    published: bool,
    tasks: Vec<Chip>,
    children: Vec<Branch>,
}

/// A task.
struct Chip {
    name: String,
    kind: String,
    status: String,
    state: String,
    active: bool,
    assignees: String,
}

async fn projects(desk: web::Data<Desk>) -> HttpResponse {
    let projects = desk.lock().projects.iter().map(card).collect();
    page(&ProjectsPage { projects })
}

async fn project(desk: web::Data<Desk>, name: web::Path<String>) -> HttpResponse {
    let found = {
        let state = desk.lock();
        let project = state.projects.iter().find(|project| project.name == *name);
        project.map(|project| ProjectPage {
            project: card(project),
            branches: branches(project, None),
        })
    };
    match found {
        Some(found) => page(&found),
        None => HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body("There is no such project."),
    }
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(STYLE)
}

fn page(template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn card(project: &Project) -> Card {
    Card {
        name: project.name.clone(),
        code: project.code.clone(),
        active: project.active,
        folders: project.store.folders.len(),
        tasks: project.store.tasks.len(),
        flow_id: text(project.attrib.get("shotgridId")),
    }
}

fn branches(project: &Project, parent: Option<&Id>) -> Vec<Branch> {
    let published = project.store.published_folders();
    below(project, parent, &published)
}

fn below(project: &Project, parent: Option<&Id>, published: &std::collections::HashSet<Id>) -> Vec<Branch> {
    let mut folders: Vec<&Folder> = project.store.children(parent).map(AsRef::as_ref).collect();
    folders.sort_by(|one, other| one.name.cmp(&other.name));
    let branch = |folder: &Folder| {
        let id = &folder.record.id;
        let tasks = project.store.tasks_of(id).map(|task| Chip {
            name: task.label.clone().unwrap_or_else(|| task.name.clone()),
            kind: task.task_type.clone(),
            state: state_of(project, &task.record.status),
            status: task.record.status.clone(),
            active: task.record.active,
            assignees: task.assignees.join(", "),
        });
        Branch {
            path: project.store.path_of(folder),
            name: folder.name.clone(),
            label: folder.label.clone(),
            kind: folder.folder_type.clone(),
            state: state_of(project, &folder.record.status),
            status: folder.record.status.clone(),
            flow: flow_id(folder),
            active: folder.record.active,
            published: published.contains(id),
            tasks: tasks.collect(),
            children: below(project, Some(id), published),
        }
    };
    folders.into_iter().map(branch).collect()
}

fn state_of(project: &Project, status: &str) -> String {
    let found = project.statuses.iter().find(|known| name_of(known) == status);
    found
        .and_then(|status| text(status.get("state")))
        .unwrap_or_else(|| "not_started".into())
}

/// The Flow id of a folder; categories carry their own name there, which is no id.
fn flow_id(folder: &Folder) -> Option<String> {
    let attrib = &folder.record.attrib;
    text(attrib.get("shotgridId")).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
}

fn text(value: Option<&serde_json::Value>) -> Option<String> {
    value.and_then(serde_json::Value::as_str).map(str::to_owned)
}
