//! A stand-in for a Flow site: the REST API as measured (flow-api.md §4, §9) over state that behaves, and a desk for people.
//!
//! | path | what |
//! | --- | --- |
//! | `/api/v1`, `/api/v1.1` | the REST API |
//! | `/`, `/desk/…` | pages with a grid and a right-click menu, which post menu items as Flow's own pages do |
//! | `/_sandbox` | latency, faults, request log, state |

mod ami;
mod api;
mod auth;
mod calendar;
mod desk;
mod events;
mod filter;
mod legal;
mod query;
mod record;
mod refusal;
mod schema;
mod schema_api;
mod search;
mod seed;
mod site;
mod stock;
#[cfg(test)]
mod test_client;
#[cfg(test)]
mod test_desk;
#[cfg(test)]
mod test_reading;
#[cfg(test)]
mod test_robustness;
#[cfg(test)]
mod test_writing;
mod view;
mod write;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use serde_json::Value;

pub use ami::sign;
use auth::Door;
use refusal::{Refusal, request_id};
use site::{Actor, Site};

use super::controls::{self, Controls, StateView};
use super::studio::Studio;

/// Bodies up to this size are read: a batch of thousands of rows fits.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How a Flow stand-in starts.
#[derive(Clone, Debug)]
pub struct FlowOptions {
    /// A loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    pub studio: Studio,
    /// The script that may log in, and its key.
    pub script_name: String,
    pub script_key: String,
    /// Code of the script's permission role; only `api_admin` may change schema, people, projects and menu items.
    pub script_role: String,
    /// The projects the script sees; empty = all.
    pub script_projects: Vec<i64>,
    /// Whether the script's writes are logged as events (`generate_event_log_entries`).
    pub log_script_writes: bool,
    /// Whether the `sg_ayon_*` fields exist.
    pub ayon_fields: bool,
    /// How long an access token is good for.
    pub token_lifetime: Duration,
}

impl Default for FlowOptions {
    fn default() -> Self {
        FlowOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            studio: Studio::demo(),
            script_name: "ayon_connector".to_owned(),
            script_key: "sandbox-script-key".to_owned(),
            script_role: "api_admin".to_owned(),
            script_projects: Vec::new(),
            log_script_writes: true,
            ayon_fields: true,
            token_lifetime: Duration::from_secs(600),
        }
    }
}

/// What all requests share.
struct State {
    live: Mutex<Live>,
}

/// The site and who may enter.
struct Live {
    site: Site,
    door: Door,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running stand-in. The accessors go past the API's rules and leave no events, as somebody else's work would seem.
pub struct FlowSandbox {
    address: SocketAddr,
    state: Arc<State>,
    controls: Controls,
    server: ServerHandle,
}

/// Who changes rows past the API.
fn nobody() -> Actor {
    Actor {
        kind: "ApiUser",
        id: 0,
        role: "api_admin".to_owned(),
        projects: None,
        session_uuid: None,
        logged: false,
    }
}

impl FlowSandbox {
    /// Starts on the current Tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be bound, or is not a loopback address.
    pub fn start(options: FlowOptions) -> io::Result<Self> {
        if !options.listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the sandbox listens on loopback only",
            ));
        }
        let listener = TcpListener::bind(options.listen)?;
        let address = listener.local_addr()?;
        let site = seed::site(&options);
        let door = Door::new(options.script_name, options.script_key, options.token_lifetime);
        let state = Arc::new(State {
            live: Mutex::new(Live { site, door }),
        });
        let controls = Controls::with_error_body(refusal::fault_body);
        let shown: StateView = {
            let state = Arc::clone(&state);
            Arc::new(move || state.lock().site.state())
        };
        let app = {
            let (state, controls) = (Arc::clone(&state), controls.clone());
            move || {
                App::new()
                    .app_data(web::Data::from(Arc::clone(&state)))
                    .app_data(web::PayloadConfig::new(BODY_LIMIT))
                    .app_data(web::JsonConfig::default().limit(BODY_LIMIT))
                    .wrap(from_fn(controls::observe))
                    .configure(|config| controls::configure(config, &controls, Arc::clone(&shown)))
                    .configure(desk::configure)
                    .route("/api/{path:.*}", web::to(api::handle))
                    .default_service(web::to(async || Refusal::unrouted().answer(&request_id())))
            }
        };
        let server = HttpServer::new(app)
            .workers(2)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)?
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(FlowSandbox {
            address,
            state,
            controls,
            server: handle,
        })
    }

    /// Where it answers, such as `http://127.0.0.1:8801`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Latency, faults and the request log.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Stops without waiting for requests under way.
    pub async fn stop(self) {
        self.server.stop(false).await;
    }

    /// A row as it is stored, with `id` and `retired`; links are `{type,id}`. Retired rows are answered too.
    pub fn row(&self, kind: &str, id: i64) -> Option<Value> {
        self.state.lock().site.shown(kind, id)
    }

    /// The ids of the rows of a type that are not retired.
    pub fn ids(&self, kind: &str) -> Vec<i64> {
        let live = self.state.lock();
        let kind = live.site.schema.of(kind).map(|of| of.kind).ok();
        kind.map_or(Vec::new(), |kind| ami::page_rows(&live.site, kind, None))
    }

    /// Sets a field to a value in stored form; `false` when there is no such row.
    pub fn set_field(&self, kind: &str, id: i64, field: &str, value: Value) -> bool {
        let mut live = self.state.lock();
        let Ok(kind) = live.site.schema.of(kind).map(|of| of.kind) else {
            return false;
        };
        let Some(mut row) = live.site.row(kind, id).cloned() else {
            return false;
        };
        row.fields.insert(field.to_owned(), value);
        live.site.put(kind, id, row);
        true
    }

    /// Adds a row with fields in stored form; answers its id, or `None` when there is no such type.
    pub fn create(&self, kind: &str, fields: Value) -> Option<i64> {
        let mut live = self.state.lock();
        let kind = live.site.schema.of(kind).ok()?.kind;
        let id = live.site.take_id(kind);
        seed::add(&mut live.site, kind, id, fields, false);
        Some(id)
    }

    /// Puts a row into the trash with what hangs on it; `false` when there is no such row.
    pub fn retire(&self, kind: &str, id: i64) -> bool {
        let mut live = self.state.lock();
        let kind = live.site.schema.of(kind).map(|of| of.kind);
        kind.is_ok_and(|kind| live.site.retire(&nobody(), kind, id).is_ok())
    }

    /// Takes a row out of the trash; `false` when there is no such row.
    pub fn revive(&self, kind: &str, id: i64) -> bool {
        let mut live = self.state.lock();
        let kind = live.site.schema.of(kind).map(|of| of.kind);
        kind.is_ok_and(|kind| live.site.revive(&nobody(), kind, id).is_ok())
    }

    /// Hides a type in a project, as the project's tracking settings do.
    pub fn hide_type(&self, project: i64, kind: &str) {
        self.state.lock().site.schema.hide(project, kind);
    }

    /// Hides values of a field in a project, as the project's settings do; rows may still hold them.
    pub fn hide_values(&self, project: i64, kind: &str, field: &str, values: &[&str]) {
        let mut live = self.state.lock();
        live.site.schema.hide_values(project, kind, field, values);
    }

    /// Ends every access token now.
    pub fn expire_tokens(&self) {
        self.state.lock().door.expire_all();
    }

    /// The form that choosing a menu item posts, for a selection on a page of one project (`None` = of all).
    ///
    /// Triggering is logged as an event, as the desk does it. Empty when item, type, person or project do not exist.
    pub fn ami_form(
        &self,
        item: i64,
        entity_type: &str,
        selected: &[i64],
        person: i64,
        project: impl Into<Option<i64>>,
    ) -> Vec<(String, String)> {
        let project = project.into();
        let mut live = self.state.lock();
        let Ok(kind) = live.site.schema.of(entity_type).map(|of| of.kind) else {
            return Vec::new();
        };
        let click = ami::Click {
            item,
            kind,
            selected: selected.to_vec(),
            person,
            project,
            host: self.address.to_string(),
            path: desk::page_path(kind, project),
            session_uuid: "3f0b8a52-6c1d-4e77-9a41-0242ac110005".to_owned(),
        };
        ami::trigger(&mut live.site, &click)
            .map(|posting| posting.fields)
            .unwrap_or_default()
    }

    /// The whole state, as `/_sandbox/state` shows it.
    pub fn state(&self) -> Value {
        self.state.lock().site.state()
    }
}
