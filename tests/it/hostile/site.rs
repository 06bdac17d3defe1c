//! A site that wishes us no good: one server on loopback under two names, of which one is another site than amigo's in
//! a browser's eyes, and the other the same site with another origin.

use std::net::TcpListener;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Query};
use actix_web::{App, HttpResponse, HttpServer};
use serde::Deserialize;
use serde_json::Value;

use crate::harness::{Tab, Window};

pub struct HostileSite {
    port: u16,
    handle: actix_web::dev::ServerHandle,
}

#[derive(Deserialize)]
struct Detour {
    status: u16,
    to: String,
}

async fn detour(query: Query<Detour>) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(query.status).unwrap())
        .insert_header((LOCATION, query.to.clone()))
        .finish()
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html")
        .body("<!doctype html><title>A nice page</title><body><script src=\"/hands.js\"></script>")
}

async fn hands() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript")
        .body(include_str!("hands.js"))
}

/// Something that hides nothing from this site's own pages: what a script may load.
async fn open() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript")
        .body("export const told = 1;")
}

async fn open_events() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .body("event: state\ndata: {\"state\":\"planned\"}\n\n")
}

impl HostileSite {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = HttpServer::new(|| {
            App::new()
                .route("/", web::get().to(page))
                .route("/hands.js", web::get().to(hands))
                .route("/open", web::get().to(open))
                .route("/open-events", web::get().to(open_events))
                .route("/detour", web::to(detour))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { port, handle }
    }

    /// Its two origins: another site than `127.0.0.1`, and only another origin.
    pub fn origins(&self) -> [String; 2] {
        ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{}", self.port))
    }

    pub async fn close(self) {
        self.handle.stop(false).await;
    }
}

/// Opens a page of a hostile origin.
pub async fn lure(window: &Window, origin: &str) -> Tab {
    let tab = window.tab(&format!("{origin}/")).await;
    tab.shows("typeof learn == 'function'").await;
    tab
}

/// Fields as the page's script takes them.
pub fn fields(form: &[(String, String)]) -> Value {
    serde_json::to_value(form).unwrap()
}
