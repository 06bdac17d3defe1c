//! Who may enter, and how the server says no.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Ayon, hold, new_id, refused};
use crate::contract::statement::{Answer, Statement, own_name, statements};
use crate::harness::until;

const STATEMENTS: &[Statement<Ayon>] = statements![
    "ayon-api.md §13.1 without a credential, or with a wrong one, the answer is 401 and says which" => strangers_are_refused,
    "ayon-api.md §1.1 an API key goes into x-api-key or Authorization: ApiKey, never into Bearer" => keys_go_into_their_header,
    "ayon-api.md §1.1 /api/info tells strangers the version" => info_is_open,
    "ayon-api.md §13.3 a body of the wrong form is 400 with a list of what is wrong" => forms_are_checked,
    "ayon-api.md §1.5 an unknown entity is 404, an id of the wrong form 400, an unknown project 404" => lost_things,
    "ayon-api.md §1.5 GraphQL answers 200 with errors, and 401 to strangers" => graphql_errors,
    "ayon-api.md §13.30 a NUL in a text is a 500" => nul_is_a_crash,
    "ayon-api.md §1.2 x-sender-type becomes the sender type of the event" => sender_types_reach_events,
    "ayon-api.md §13.25 a secret is written with 204, read with its value, and 404 when it is not there" => secrets,
    "ayon-api.md §13.25 the settings of the production bundle hold the shotgrid addon, its version and its values" => addon_settings,
    "ayon-api.md §8.3 a project without settings of its own has the studio's; a version that is not installed is 404" => project_settings,
];

#[tokio::test]
async fn the_door_of_ayon() {
    hold(STATEMENTS).await;
}

async fn strangers_are_refused(on: &Ayon) {
    let bare = Answer::of(on.anonymous(Method::GET, "/api/projects")).await;
    refused(&bare, 401, "Access token is missing");
    let wrong = on
        .anonymous(Method::GET, "/api/projects")
        .header("x-api-key", own_name());
    refused(&Answer::of(wrong).await, 401, "Invalid API key");
}

async fn keys_go_into_their_header(on: &Ayon) {
    let with = async |scheme: &str| {
        let request = on
            .anonymous(Method::GET, "")
            .header("authorization", format!("{scheme} {}", on.key()));
        Answer::of(request).await.status
    };
    assert_eq!(with("ApiKey").await, 200);
    assert_eq!(with("Bearer").await, 401);
    on.get("").await.is(200);
}

async fn info_is_open(on: &Ayon) {
    let info = Answer::of(on.anonymous(Method::GET, "/api/info")).await.is(200);
    let version = info["version"].as_str().unwrap_or_default();
    let parts: Vec<&str> = version.split(['.', '+', '-']).take(3).collect();
    assert!(
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok()),
        "{version}"
    );
}

async fn forms_are_checked(on: &Ayon) {
    let wrong = on.post("folders", json!({"label": "no name"})).await;
    assert_eq!((wrong.status, &wrong.body["code"]), (400, &json!(400)));
    let detail = format!(
        "Request validation error in [POST] /api/projects/{}/folders",
        on.project
    );
    assert_eq!(wrong.body["detail"], json!(detail));
    let first = &wrong.body["errors"][0];
    assert_eq!(first["loc"], json!(["body", "name"]));
    assert_eq!(first["type"], json!("value_error.missing"));
    let broken = on
        .request(Method::POST, "folders")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(Answer::of(broken).await.status, 400);
}

async fn lost_things(on: &Ayon) {
    let id = new_id();
    refused(
        &on.get(&format!("folders/{id}")).await,
        404,
        &format!("Entity {id} not found"),
    );
    assert_eq!(on.get("folders/zz").await.status, 400);
    assert_eq!(on.change(&id, json!({"label": "x"})).await.status, 404);
    let nowhere = own_name();
    let answer = on.get(&format!("/api/projects/{nowhere}")).await;
    refused(&answer, 404, &format!("Project {nowhere} not found"));
}

async fn graphql_errors(on: &Ayon) {
    let query = format!("{{ project(name: \"{}\") {{ name }} }}", own_name());
    let lost = on.graphql(&query, json!({})).await;
    assert_eq!(lost["data"], Value::Null);
    let error = &lost["errors"][0];
    assert_eq!(error["message"], json!("Project not found"));
    assert_eq!(error["extensions"]["status"], json!(404));

    let typo = on.graphql("{ nothing }", json!({})).await;
    assert!(
        typo["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("Cannot query field 'nothing'"),
        "{typo}"
    );
    let stranger = on
        .anonymous(Method::POST, "/graphql")
        .json(&json!({"query": query}));
    assert_eq!(Answer::of(stranger).await.status, 401);
}

async fn nul_is_a_crash(on: &Ayon) {
    let nul = on
        .post("folders", json!({"name": "nul", "label": "a\u{0}b"}))
        .await;
    assert_eq!(nul.status, 500, "{}", nul.body);
}

async fn sender_types_reach_events(on: &Ayon) {
    let request = on
        .request(Method::POST, "folders")
        .header("x-sender-type", "shotgrid");
    let made = Answer::of(request.json(&json!({"name": "sent"}))).await.is(201);
    let query = "query($projects: [String!]) {
        events(topics: [\"entity.folder.created\"], projects: $projects, last: 100) { edges { node { id summary } } } }";
    // Events are written after the answer (`ayon-api.md §13.28`).
    let event = until("the event of the new folder is stored", async || {
        let answer = on.graphql(query, json!({"projects": [on.project]})).await;
        let edges = answer["data"]["events"]["edges"].as_array()?.clone();
        let summary = |edge: &Value| edge["node"]["summary"].as_str().unwrap_or_default().to_owned();
        let ours = edges
            .iter()
            .find(|edge| summary(edge).contains(made["id"].as_str().unwrap()))?;
        Some(ours["node"]["id"].as_str()?.to_owned())
    })
    .await;
    let event = on.get(&format!("/api/events/{event}")).await.is(200);
    assert_eq!(event["senderType"], json!("shotgrid"), "{event}");
}

async fn secrets(on: &Ayon) {
    let path = format!("/api/secrets/{}", own_name());
    assert_eq!(on.get(&path).await.status, 404);
    on.put(&path, json!({"value": "planted"})).await.is(204);
    assert_eq!(on.get(&path).await.is(200)["value"], json!("planted"));
}

async fn addon_settings(on: &Ayon) {
    let all = on.get("/api/settings?variant=production").await.is(200);
    let addons = all["addons"].as_array().unwrap();
    let addon = addons
        .iter()
        .find(|addon| addon["name"] == "shotgrid")
        .expect("the shotgrid addon is in the production bundle");
    assert!(addon["version"].is_string(), "{addon}");
    let settings = &addon["settings"];
    for (place, is_it) in [
        ("/shotgrid_server", Value::is_string as fn(&Value) -> bool),
        ("/shotgrid_project_code_field", Value::is_string),
        ("/anatomy_preset", Value::is_string),
        ("/service_settings/script_name", Value::is_string),
        ("/service_settings/script_key", Value::is_string),
        ("/compatibility_settings/default_task_type", Value::is_string),
        (
            "/compatibility_settings/shotgrid_enabled_entities",
            Value::is_array,
        ),
        ("/compatibility_settings/custom_attribs_map", Value::is_array),
        ("/compatibility_settings/folder_parenting", Value::is_object),
    ] {
        assert!(settings.pointer(place).is_some_and(is_it), "{place}: {settings}");
    }
}

async fn project_settings(on: &Ayon) {
    let bundle = on
        .get("/api/settings?variant=production&summary=true")
        .await
        .is(200);
    let addons = bundle["addons"].as_array().unwrap();
    let addon = addons
        .iter()
        .find(|addon| addon["name"] == "shotgrid")
        .expect("the shotgrid addon is in the production bundle");
    let version = addon["version"].as_str().unwrap();
    let settings = async |version: &str, project: &str| {
        on.get(&format!(
            "/api/addons/shotgrid/{version}/settings{project}?variant=production"
        ))
        .await
    };
    let own = format!("/{}", on.project);
    let of_project = settings(version, &own).await.is(200);
    let of_studio = settings(version, "").await.is(200);
    for part in [
        "shotgrid_project_code_field",
        "anatomy_preset",
        "compatibility_settings",
    ] {
        assert!(!of_project[part].is_null(), "{part}: {of_project}");
        assert_eq!(of_project[part], of_studio[part], "{part}");
    }
    refused(
        &settings("0.0.0", &own).await,
        404,
        "Addon shotgrid version 0.0.0 does not exist",
    );
}
