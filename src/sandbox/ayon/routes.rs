//! The address table of the API, on one screen, and what is answered outside of it.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use bytes::Bytes;

use super::call::{Desk, Door, Endpoint};
use super::refusal::Refusal;
use super::{
    addon_routes, background, entity_routes, event_routes, graphql, operations, project_routes,
    server_routes, user_routes,
};

/// One verb at one address.
struct Row {
    path: &'static str,
    method: Method,
    door: Door,
    endpoint: Endpoint,
}

const fn row(method: Method, path: &'static str, endpoint: Endpoint) -> Row {
    let door = Door::Locked;
    Row {
        path,
        method,
        door,
        endpoint,
    }
}

const fn get(path: &'static str, endpoint: Endpoint) -> Row {
    row(Method::GET, path, endpoint)
}

const fn post(path: &'static str, endpoint: Endpoint) -> Row {
    row(Method::POST, path, endpoint)
}

const fn put(path: &'static str, endpoint: Endpoint) -> Row {
    row(Method::PUT, path, endpoint)
}

const fn patch(path: &'static str, endpoint: Endpoint) -> Row {
    row(Method::PATCH, path, endpoint)
}

const fn delete(path: &'static str, endpoint: Endpoint) -> Row {
    row(Method::DELETE, path, endpoint)
}

/// An address that strangers may ask.
const fn open(method: Method, path: &'static str, endpoint: Endpoint) -> Row {
    let door = Door::Open;
    Row {
        path,
        method,
        door,
        endpoint,
    }
}

const GRAPHQL: &[Row] = &[post("", graphql::run)];

/// Every address below `/api`, with its verb and its endpoint. Rows of one address stand together.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    open(Method::GET, "/info", server_routes::info),
    open(Method::POST, "/auth/login", user_routes::login),
    post("/system/restart", server_routes::restart),
    get("/attributes", server_routes::list_attributes),
    put("/attributes", server_routes::put_attributes),
    get("/attributes/{name}", server_routes::get_attribute),
    put("/attributes/{name}", server_routes::put_attribute),
    patch("/attributes/{name}", server_routes::patch_attribute),
    delete("/attributes/{name}", server_routes::delete_attribute),
    get("/secrets", server_routes::list_secrets),
    get("/secrets/{name}", server_routes::get_secret),
    put("/secrets/{name}", server_routes::put_secret),
    delete("/secrets/{name}", server_routes::delete_secret),
    get("/anatomy/presets", server_routes::list_presets),
    get("/anatomy/presets/{preset}", server_routes::get_preset),
    put("/anatomy/presets/{preset}", server_routes::put_preset),
    delete("/anatomy/presets/{preset}", server_routes::delete_preset),
    post("/anatomy/presets/{preset}/primary", server_routes::set_primary_preset),
    get("/bundles", addon_routes::list_bundles),
    post("/bundles", addon_routes::create_bundle),
    patch("/bundles/{bundle}", addon_routes::patch_bundle),
    get("/settings", addon_routes::all_settings),
    get("/settings/addons", addon_routes::addon_settings),
    get("/addons/{addon}/{version}/settings", addon_routes::get_settings),
    post("/addons/{addon}/{version}/settings", addon_routes::post_settings),
    get("/addons/{addon}/{version}/settings/{project}", addon_routes::get_settings),
    post("/addons/{addon}/{version}/settings/{project}", addon_routes::post_settings),
    get("/addons/{addon}/{version}/rawOverrides", addon_routes::get_overrides),
    put("/addons/{addon}/{version}/rawOverrides", addon_routes::put_overrides),
    get("/addons/{addon}/{version}/rawOverrides/{project}", addon_routes::get_overrides),
    put("/addons/{addon}/{version}/rawOverrides/{project}", addon_routes::put_overrides),
    open(Method::GET, "/addons/{addon}/{version}/get_ayon_name_by_sg_id/{flow_id}", addon_routes::user_by_flow_id),
    get("/users/me", user_routes::me),
    get("/users/{user}", user_routes::get),
    put("/users/{user}", user_routes::put),
    patch("/users/{user}", user_routes::patch),
    delete("/users/{user}", user_routes::delete),
    patch("/users/{user}/accessGroups", user_routes::patch_access_groups),
    get("/accessGroups/{project}", user_routes::access_groups),
    post("/events", event_routes::dispatch),
    get("/events/{event}", event_routes::get),
    patch("/events/{event}", event_routes::patch),
    get("/projects", project_routes::list),
    post("/projects", project_routes::create),
    get("/projects/{project}", project_routes::get),
    patch("/projects/{project}", project_routes::patch),
    delete("/projects/{project}", project_routes::delete),
    get("/projects/{project}/anatomy", project_routes::get_anatomy),
    post("/projects/{project}/anatomy", project_routes::set_anatomy),
    get("/projects/{project}/stats", project_routes::stats),
    get("/projects/{project}/users", project_routes::users),
    get("/projects/{project}/hierarchy", project_routes::hierarchy),
    post("/projects/{project}/operations", operations::run),
    post("/projects/{project}/operations/background", background::start),
    get("/projects/{project}/operations/background/{task}", background::poll),
    get("/projects/{project}/folders", entity_routes::list_folders),
    post("/projects/{project}/folders", entity_routes::create_folder),
    get("/projects/{project}/folders/{id}", entity_routes::get_folder),
    patch("/projects/{project}/folders/{id}", entity_routes::patch_folder),
    delete("/projects/{project}/folders/{id}", entity_routes::delete_folder),
    get("/projects/{project}/tasks", entity_routes::no_task_list),
    post("/projects/{project}/tasks", entity_routes::create_task),
    get("/projects/{project}/tasks/{id}", entity_routes::get_task),
    patch("/projects/{project}/tasks/{id}", entity_routes::patch_task),
    delete("/projects/{project}/tasks/{id}", entity_routes::delete_task),
    post("/projects/{project}/tasks/{id}/assign", entity_routes::assign_task),
    post("/projects/{project}/products", entity_routes::create_product),
    get("/projects/{project}/products/{id}", entity_routes::get_product),
    patch("/projects/{project}/products/{id}", entity_routes::patch_product),
    delete("/projects/{project}/products/{id}", entity_routes::delete_product),
    post("/projects/{project}/versions", entity_routes::create_version),
    get("/projects/{project}/versions/{id}", entity_routes::get_version),
    patch("/projects/{project}/versions/{id}", entity_routes::patch_version),
    delete("/projects/{project}/versions/{id}", entity_routes::delete_version),
    post("/projects/{project}/workfiles", entity_routes::create_workfile),
    get("/projects/{project}/workfiles/{id}", entity_routes::get_workfile),
    patch("/projects/{project}/workfiles/{id}", entity_routes::patch_workfile),
    delete("/projects/{project}/workfiles/{id}", entity_routes::delete_workfile),
];

/// Mounts everything below `/api`.
pub(super) fn api(config: &mut web::ServiceConfig) {
    for rows in TABLE.chunk_by(|one, other| one.path == other.path) {
        config.service(resource(rows[0].path, rows));
    }
    config.default_service(web::to(no_such_route));
}

/// Mounts the GraphQL endpoint, which stands beside the API.
pub(super) fn graphql(config: &mut web::ServiceConfig) {
    config.service(resource("", GRAPHQL));
}

fn resource(path: &str, rows: &'static [Row]) -> Resource {
    let resource = web::resource(path).default_service(web::to(wrong_verb));
    rows.iter().fold(resource, |resource, row| {
        let serve = move |desk: web::Data<Desk>, request: HttpRequest, body: Bytes| async move {
            desk.serve(row.endpoint, row.door, request, body).await
        };
        resource.route(web::method(row.method.clone()).to(serve))
    })
}

async fn no_such_route(request: HttpRequest) -> HttpResponse {
    Refusal::NoSuchRoute.answer(request.method().as_str(), request.path())
}

async fn wrong_verb(request: HttpRequest) -> HttpResponse {
    Refusal::WrongVerb.answer(request.method().as_str(), request.path())
}
