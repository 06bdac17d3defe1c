//! The AYON stand-in: a server over real HTTP that answers, and refuses, as AYON 1.16 was measured to (`ayon-api.md §13`).
//!
//! The path of a request: `routes` finds its endpoint, `call` identifies the caller and locks the `state`, the endpoint
//! (`*_routes`, `operations`, `graphql`) answers or gives a `refusal`. Entities change only through `writing` and its
//! neighbours `folders`, `tasks`, `publishing` and `workfiles`.

mod addon_routes;
mod anatomy;
mod attribute_table;
mod attributes;
mod background;
mod call;
mod caller;
mod connections;
mod entities;
mod entity_routes;
mod event_routes;
mod events;
mod fields;
mod folders;
mod graphql;
mod listing;
mod names;
mod nodes;
mod operations;
mod pace;
mod pages;
mod project;
mod project_routes;
mod projects;
mod publishing;
mod refusal;
mod resolve;
mod routes;
mod schema;
mod seed;
mod seed_fields;
mod seed_users;
mod server_routes;
mod settings;
mod shapes;
mod state;
mod tasks;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_graphql;
#[cfg(test)]
mod tests_seed;
#[cfg(test)]
mod tests_server;
#[cfg(test)]
mod tests_writes;
mod user_routes;
mod users;
mod workfiles;
mod writing;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use self::call::Desk;
use self::project::Project;
use super::controls::{self, Controls};
use super::studio::Studio;

/// Largest body that is read; a batch of some ten thousand operations fits.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How an AYON stand-in starts.
#[derive(Clone, Debug)]
pub struct AyonOptions {
    /// A loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// What the server holds at its start.
    pub studio: Studio,
    /// Key of the service user, sent as `x-api-key`.
    pub api_key: String,
    /// Name of the service user.
    pub service_user: String,
    /// The Flow site in the addon's settings; empty leaves them at their defaults.
    pub flow_url: String,
    /// Flow script name in the addon's settings.
    pub script_name: String,
    /// Flow script key, kept in a secret that the settings name.
    pub script_key: String,
    /// Release that the server calls itself, as `GET /api/info` answers.
    pub version: String,
    /// Version of the shotgrid addon in the production bundle.
    pub addon_version: String,
    /// Whether `_` in a project's name matches any character, as on the real server (`ayon-api.md §2.5`).
    pub wildcard_names: bool,
    /// Whether writes take the time they take on a real server (`ayon-api.md §5.5`).
    pub slow: bool,
}

impl Default for AyonOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            studio: Studio::default(),
            api_key: "sandbox-ayon-key".into(),
            service_user: "amigo".into(),
            flow_url: String::new(),
            script_name: "amigo".into(),
            script_key: String::new(),
            version: "1.16.0".into(),
            addon_version: "0.6.19".into(),
            wildcard_names: true,
            slow: false,
        }
    }
}

/// A running AYON stand-in.
pub struct AyonSandbox {
    url: String,
    desk: Desk,
    controls: Controls,
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
}

impl AyonSandbox {
    /// Starts the server on the current tokio runtime.
    pub fn start(options: AyonOptions) -> io::Result<Self> {
        if !options.listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("a stand-in listens on loopback only, not on {}", options.listen),
            ));
        }
        let state = seed::state(&options).map_err(|refusal| {
            io::Error::other(format!("the studio does not fit: {}", refusal.as_operation().2))
        })?;
        let listener = TcpListener::bind(options.listen)?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Desk::new(state);
        let controls = Controls::new();
        let (shared_desk, shared_controls) = (desk.clone(), controls.clone());
        let server = HttpServer::new(move || {
            let view_desk = shared_desk.clone();
            let view: controls::StateView = Arc::new(move || overview(&view_desk));
            App::new()
                .app_data(web::PayloadConfig::new(BODY_LIMIT))
                .app_data(web::Data::new(shared_desk.clone()))
                .configure(|config| controls::configure(config, &shared_controls, view))
                .configure(pages::mount)
                .service(
                    web::scope("/api")
                        .wrap(from_fn(controls::observe))
                        .configure(routes::api),
                )
                .service(
                    web::scope("/graphql")
                        .wrap(from_fn(controls::observe))
                        .configure(routes::graphql),
                )
        })
        .workers(2)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
        let handle = server.handle();
        Ok(Self {
            url,
            desk,
            controls,
            handle,
            server: tokio::spawn(server),
        })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Latency, faults and the request log.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Makes newly registered attributes live, as a restart of a real server does (`ayon-api.md §3.2`).
    pub fn restart(&self) {
        self.desk.lock().restart();
    }

    /// The folder at a path such as `/ep01/sq010`, as `GET P/folders/{id}` shows it but with every null kept.
    pub fn folder_by_path(&self, project: &str, path: &str) -> Option<Value> {
        let state = self.desk.lock();
        let project = named(&state.projects, project)?;
        let folder = project.store.folder_at(path)?;
        let mut shown = shapes::folder(project, &state.live, folder);
        for field in ["label", "parentId"] {
            if shown.get(field).is_none() {
                shown[field] = Value::Null;
            }
        }
        Some(shown)
    }

    /// The tasks of the folder at a path, oldest first.
    pub fn tasks(&self, project: &str, folder_path: &str) -> Vec<Value> {
        let state = self.desk.lock();
        let Some(project) = named(&state.projects, project) else {
            return Vec::new();
        };
        let Some(folder) = project.store.folder_at(folder_path) else {
            return Vec::new();
        };
        let tasks = project.store.tasks_of(&folder.record.id);
        tasks
            .map(|task| shapes::task(project, &state.live, task))
            .collect()
    }

    /// Adds a workfile to a task in the name of the service user and answers its id; `None` where there is no
    /// such task, or where a workfile has that path already.
    pub fn add_workfile(&self, project: &str, folder_path: &str, task: &str, path: &str) -> Option<String> {
        let mut state = self.desk.lock();
        let store = &named(&state.projects, project)?.store;
        let folder = store.folder_at(folder_path)?;
        let task = store
            .tasks_of(&folder.record.id)
            .find(|known| known.name == task)?;
        let mut body = fields::Object::new();
        body.insert("taskId".into(), json!(task.record.id));
        body.insert("path".into(), json!(path));
        let mut users = state.users.values();
        let service = users.find(|user| user.level() == caller::Level::Service)?;
        let caller = caller::Caller::of(service);
        let effect = state.write(project, &caller, |writer| writer.create_workfile(&body));
        Some(effect.ok()?.id)
    }

    /// Paths of all folders of a project, sorted.
    pub fn paths(&self, project: &str) -> Vec<String> {
        let state = self.desk.lock();
        named(&state.projects, project)
            .map(sorted_paths)
            .unwrap_or_default()
    }

    /// All projects as `GET P` shows them, in the order of creation.
    pub fn projects(&self) -> Vec<Value> {
        self.desk
            .lock()
            .projects
            .iter()
            .map(project_routes::shape)
            .collect()
    }

    /// All users with their data, sorted by name.
    pub fn users(&self) -> Vec<Value> {
        let state = self.desk.lock();
        let users = state.users.values();
        users
            .map(|user| user.to_json(&caller::Caller::of(user)))
            .collect()
    }

    /// The names of users that can log in with a password, sorted.
    pub fn with_password(&self) -> Vec<String> {
        let state = self.desk.lock();
        let users = state.users.values().filter(|user| user.password.is_some());
        users.map(|user| user.name.clone()).collect()
    }

    /// All stored events, oldest first, with the sender type of the request that caused each.
    pub fn events(&self) -> Vec<Value> {
        self.desk
            .lock()
            .events
            .events
            .iter()
            .map(events::Event::to_json)
            .collect()
    }

    /// Stops the server and waits until it has.
    pub async fn stop(self) {
        self.handle.stop(false).await;
        // An error of the accept loop matters to nobody any more.
        drop(self.server.await);
    }
}

fn named<'a>(projects: &'a [Project], name: &str) -> Option<&'a Project> {
    projects.iter().find(|project| project.name == name)
}

fn sorted_paths(project: &Project) -> Vec<String> {
    let mut paths: Vec<String> = project
        .store
        .folders
        .values()
        .map(|folder| project.store.path_of(folder))
        .collect();
    paths.sort();
    paths
}

/// What `/_sandbox/state` shows.
fn overview(desk: &Desk) -> Value {
    let state = desk.lock();
    let projects = state.projects.iter().map(|project| {
        json!({
            "name": project.name,
            "code": project.code,
            "active": project.active,
            "attrib": project.attrib,
            "folders": project.store.folders.len(),
            "tasks": project.store.tasks.len(),
            "products": project.store.products.len(),
            "versions": project.store.versions.len(),
            "workfiles": project.store.workfiles.len(),
            "paths": sorted_paths(project),
        })
    });
    json!({
        "projects": projects.collect::<Vec<_>>(),
        "users": state.users.keys().collect::<Vec<_>>(),
        "attributes": state.live.iter().map(|attribute| &attribute.name).collect::<Vec<_>>(),
        "events": state.events.events.len(),
    })
}
