//! Probes for those who run amigo.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::App;

/// `GET /healthz`: the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: the database is usable. What amigo knows of Flow is told, and fails nothing: a plan that
/// cannot be made says so itself.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let flow = match app.connections.site() {
        Ok(site) => json!({ "state": "known", "site": site.host }),
        Err(why) => json!({ "state": "unknown", "why": why }),
    };
    let (mut response, status, database) = match app.store.check().await {
        Ok(()) => (HttpResponse::Ok(), "ready", "ok"),
        Err(error) => {
            tracing::error!(%error, "the database is not usable");
            (HttpResponse::ServiceUnavailable(), "not-ready", "unusable")
        }
    };
    response.json(json!({ "status": status, "database": database, "flow": flow }))
}
