//! The desk: pages like a production tracker's, whose right-click menu posts menu items as Flow's own pages do.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::ami::{self, Click};
use super::refusal::{Refusal, request_id};
use super::schema::{Kind, Type};
use super::site::{Row, Site};
use super::view::View;
use crate::sandbox::studio::PRODUCTION_MANAGER;

/// Segment, title and type of the pages a project has.
const PAGES: [(&str, &str, Kind); 5] = [
    ("shots", "Shots", "Shot"),
    ("assets", "Assets", "Asset"),
    ("tasks", "Tasks", "Task"),
    ("sequences", "Sequences", "Sequence"),
    ("episodes", "Episodes", "Episode"),
];

/// Adds the pages and what they load.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/desk/people", web::get().to(people))
        .route("/desk/menu", web::get().to(menu))
        .route("/desk/ami", web::post().to(choose))
        .route("/desk/changes", web::get().to(changes))
        .route("/desk/{project}", web::get().to(project))
        .route("/desk/{project}/{page}", web::get().to(grid))
        .route(
            "/static/desk.css",
            web::get().to(async || asset("text/css", include_str!("../../../static/sandbox/desk.css"))),
        )
        .route(
            "/static/desk.js",
            web::get().to(async || asset("text/javascript", include_str!("../../../static/sandbox/desk.js"))),
        );
}

/// The path of the page that shows a type.
pub(super) fn page_path(kind: Kind, project: Option<i64>) -> String {
    let page = PAGES
        .iter()
        .find(|(_, _, of)| *of == kind)
        .map(|(segment, ..)| *segment);
    match (project, page) {
        (Some(project), Some(page)) => format!("/desk/{project}/{page}"),
        (Some(project), None) => format!("/desk/{project}"),
        (None, _) if kind == "HumanUser" => "/desk/people".to_owned(),
        (None, _) => "/".to_owned(),
    }
}

#[derive(Deserialize)]
struct Who {
    /// Id of the person at the desk.
    person: Option<i64>,
}

impl Who {
    fn id(&self) -> i64 {
        self.person.unwrap_or(PRODUCTION_MANAGER)
    }
}

struct PersonChoice {
    id: i64,
    name: String,
}

struct ProjectCard {
    id: i64,
    name: String,
    code: String,
    archived: bool,
    counts: Vec<(&'static str, &'static str, usize)>,
}

struct GridRow {
    id: i64,
    name: String,
    status: String,
    parent: String,
    extra: String,
    sync: String,
}

#[derive(Template)]
#[template(path = "sandbox_flow_index.html")]
struct Index {
    person: i64,
    people: Vec<PersonChoice>,
    projects: Vec<ProjectCard>,
}

#[derive(Template)]
#[template(path = "sandbox_flow_desk.html")]
struct Grid {
    person: i64,
    people: Vec<PersonChoice>,
    /// Absent on pages over all projects.
    project: Option<ProjectCard>,
    title: &'static str,
    kind: Kind,
    parent_label: &'static str,
    extra_label: &'static str,
    rows: Vec<GridRow>,
}

async fn index(state: web::Data<State>, who: web::Query<Who>) -> HttpResponse {
    let live = state.lock();
    let projects = live.site.rows("Project").filter(|(_, row)| row.retired.is_none());
    let projects = projects.map(|(id, row)| card(&live.site, id, row)).collect();
    show(&Index {
        person: who.id(),
        people: choices(&live.site),
        projects,
    })
}

async fn project(path: web::Path<i64>, request: HttpRequest) -> HttpResponse {
    let query = match request.query_string() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let first = format!("/desk/{}/shots{query}", path.into_inner());
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, first))
        .finish()
}

async fn grid(state: web::Data<State>, path: web::Path<(i64, String)>, who: web::Query<Who>) -> HttpResponse {
    let (project, page) = path.into_inner();
    let live = state.lock();
    let found = PAGES
        .iter()
        .find(|(segment, ..)| *segment == page)
        .zip(live.site.live("Project", project));
    let Some((&(_, title, kind), row)) = found else {
        return Refusal::unrouted().answer(&request_id());
    };
    let parent_label = match kind {
        "Task" => "Link",
        "Asset" => "Type",
        "Shot" => "Sequence",
        "Sequence" => "Episode",
        _ => "",
    };
    show(&Grid {
        person: who.id(),
        people: choices(&live.site),
        project: Some(card(&live.site, project, row)),
        title,
        kind,
        parent_label,
        extra_label: if kind == "Task" { "Pipeline Step" } else { "" },
        rows: rows(&live.site, kind, Some(project)),
    })
}

async fn people(state: web::Data<State>, who: web::Query<Who>) -> HttpResponse {
    let live = state.lock();
    show(&Grid {
        person: who.id(),
        people: choices(&live.site),
        project: None,
        title: "People",
        kind: "HumanUser",
        parent_label: "Login",
        extra_label: "Role",
        rows: rows(&live.site, "HumanUser", None),
    })
}

#[derive(Deserialize)]
struct MenuQuery {
    r#type: String,
    project: Option<i64>,
    person: i64,
}

#[derive(Serialize)]
struct MenuEntry {
    item: i64,
    title: String,
    folder: String,
    selection_required: bool,
}

/// The menu as it is now: items may have been made since the page was loaded.
async fn menu(state: web::Data<State>, query: web::Query<MenuQuery>) -> HttpResponse {
    let live = state.lock();
    let kind = match live.site.schema.of(&query.r#type) {
        Ok(Type { kind, .. }) => kind,
        Err(refusal) => return refusal.answer(&request_id()),
    };
    let entries = ami::menu(&live.site, kind, query.project, query.person);
    let shown = entries.iter().map(|entry| MenuEntry {
        item: entry.id,
        title: entry.text("title").to_owned(),
        folder: entry.text("folder").to_owned(),
        selection_required: entry.flag("selection_required"),
    });
    HttpResponse::Ok().json(shown.collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct Choice {
    item: i64,
    r#type: String,
    project: Option<i64>,
    person: i64,
    selected: Vec<i64>,
    session_uuid: String,
}

/// What the browser has to post for a choice. Only JSON is taken, which no foreign page can send as a form.
async fn choose(state: web::Data<State>, request: HttpRequest, choice: web::Json<Choice>) -> HttpResponse {
    let choice = choice.into_inner();
    let mut live = state.lock();
    let posting = live
        .site
        .schema
        .of(&choice.r#type)
        .map(|of| of.kind)
        .and_then(|kind| {
            let click = Click {
                item: choice.item,
                kind,
                selected: choice.selected,
                person: choice.person,
                project: choice.project,
                host: request.connection_info().host().to_owned(),
                path: page_path(kind, choice.project),
                session_uuid: choice.session_uuid,
            };
            ami::trigger(&mut live.site, &click)
        });
    match posting {
        Err(refusal) => refusal.answer(&request_id()),
        Ok(posting) => HttpResponse::Ok().json(json!({
            "url": posting.url,
            "overlay": posting.overlay,
            "polls": posting.polls,
            "fields": posting.fields,
        })),
    }
}

#[derive(Deserialize)]
struct Window {
    session_uuid: String,
}

/// How many changes were made in a browser window's name: the page looks at it after a menu item that asks for it
/// (flow-api.md §1.5).
async fn changes(state: web::Data<State>, window: web::Query<Window>) -> HttpResponse {
    let live = state.lock();
    let made = |row: &Row| {
        let of_window = row.fields.get("session_uuid").and_then(Value::as_str) == Some(&window.session_uuid);
        of_window
            && row
                .fields
                .get("user")
                .is_some_and(|user| user["type"] == "ApiUser")
    };
    let count = live
        .site
        .rows("EventLogEntry")
        .filter(|(_, row)| made(row))
        .count();
    HttpResponse::Ok().json(json!({"changes": count}))
}

fn card(site: &Site, id: i64, row: &Row) -> ProjectCard {
    let text = |field: &str| {
        row.fields
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let count = |(segment, title, kind): &(&'static str, &'static str, Kind)| {
        (*segment, *title, ami::page_rows(site, kind, Some(id)).len())
    };
    ProjectCard {
        id,
        name: text("name"),
        code: text("code"),
        archived: row.fields.get("archived") == Some(&Value::Bool(true)),
        counts: PAGES.iter().map(count).collect(),
    }
}

fn choices(site: &Site) -> Vec<PersonChoice> {
    let active = |row: &Row| {
        row.retired.is_none() && row.fields.get("sg_status_list").and_then(Value::as_str) == Some("act")
    };
    let people = site.rows("HumanUser").filter(|(_, row)| active(row));
    let choice = |(id, row): (i64, &Row)| PersonChoice {
        id,
        name: row
            .fields
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    };
    people.map(choice).collect()
}

fn rows(site: &Site, kind: Kind, project: Option<i64>) -> Vec<GridRow> {
    let view = View::new(site);
    let shown = |id: i64| {
        let row = site.row(kind, id);
        let text = |field: &str| {
            row.and_then(|row| row.fields.get(field)?.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let linked = |field: &str| {
            let target = site
                .schema
                .field(kind, field)
                .and_then(|field| view.targets(kind, id, field).pop());
            let name = target.map(|(kind, id)| view.display_name(kind, id));
            name.as_ref()
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let name = view
            .display_name(kind, id)
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let (parent, extra) = match kind {
            "Task" => (linked("entity"), linked("step")),
            "Asset" => (text("sg_asset_type"), String::new()),
            "Shot" => (linked("sg_sequence"), String::new()),
            "Sequence" => (linked("episode"), String::new()),
            "HumanUser" => (text("login"), linked("permission_rule_set")),
            _ => (String::new(), String::new()),
        };
        GridRow {
            id,
            name,
            status: text("sg_status_list"),
            parent,
            extra,
            sync: text("sg_ayon_sync_status"),
        }
    };
    ami::page_rows(site, kind, project)
        .into_iter()
        .map(shown)
        .collect()
}

fn show(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn asset(media_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(format!("{media_type}; charset=utf-8"))
        .body(text)
}
