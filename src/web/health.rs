//! Probes for those who run amigo.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::App;

/// `GET /healthz`: the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: the database is usable. The Flow site, and why AYON could not be asked
/// for it the last time, are told and fail nothing: a post that cannot be served says so itself. So are the refusals
/// since the start, by their codes.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let site = app.connections.site().ok().map(|site| site.host);
    let upstreams = json!({ "flow_site": site, "trouble": app.connections.trouble() });
    let (mut response, status, database) = match app.store.check().await {
        Ok(()) => (HttpResponse::Ok(), "ready", "ok"),
        Err(error) => {
            tracing::error!(%error, "the database is not usable");
            (HttpResponse::ServiceUnavailable(), "not-ready", "unusable")
        }
    };
    response.json(json!({
        "status": status,
        "database": database,
        "upstreams": upstreams,
        "refused": app.counters.all(),
    }))
}
