//! The URL table.

use actix_web::guard::{Any, Get, Head};
use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route};

use super::refused::Refused;
use super::{ami, assets, buttons, events, health, rows, runs};

/// Every address amigo answers.
pub fn table(config: &mut ServiceConfig) {
    config
        .service(at("/").route(get().to(runs::home)))
        .service(
            at("/ami/{action}")
                .route(web::post().to(ami::post))
                .route(get().to(ami::explain)),
        )
        .service(at("/runs/{run}.json").route(get().to(runs::run_data)))
        .service(at("/runs/{run}/events").route(get().to(events::of_run)))
        .service(at("/runs/{run}/apply").route(web::post().to(buttons::apply)))
        .service(at("/runs/{run}/cancel").route(web::post().to(buttons::cancel)))
        .service(at("/runs/{run}/replan").route(web::post().to(buttons::replan)))
        .service(at("/runs/{run}/follow").route(web::post().to(buttons::follow)))
        .service(at("/runs/{run}/rows").route(get().to(rows::of_run)))
        .service(at("/runs/{run}/ticks").route(get().to(rows::ticks)))
        .service(at("/runs/{run}").route(get().to(runs::run_page)))
        .service(at("/views/{view}.json").route(get().to(runs::view_data)))
        .service(at("/views/{view}/events").route(get().to(events::of_view)))
        .service(at("/views/{view}/rows").route(get().to(rows::of_view)))
        .service(at("/views/{view}").route(get().to(runs::view_page)))
        .service(at("/healthz").route(get().to(health::alive)))
        .service(at("/readyz").route(get().to(health::ready)))
        .service(at("/static/{file:.*}").route(get().to(assets::file)))
        .default_service(web::to(nowhere));
}

/// A resource whose other methods are refused readably.
fn at(path: &str) -> Resource {
    web::resource(path).default_service(web::to(wrong_method))
}

/// `GET`, and `HEAD`, which actix would not answer by itself.
fn get() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

async fn nowhere() -> Result<&'static str, Refused> {
    Err(Refused::no_page())
}

async fn wrong_method() -> Result<&'static str, Refused> {
    Err(Refused::wrong_method())
}
