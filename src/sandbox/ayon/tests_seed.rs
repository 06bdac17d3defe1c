//! What the server holds at its start: people, fields of linked rows, the nasty corner, the map of attributes.

use reqwest::Method;
use serde_json::{Value, json};

use super::AyonOptions;
use super::tests::Bench;
use crate::sandbox::studio::Studio;

fn demo() -> Bench {
    Bench::new(AyonOptions {
        studio: Studio::demo(),
        ..AyonOptions::default()
    })
}

/// A task of the folder at `path`.
fn task(bench: &Bench, path: &str, name: &str) -> Value {
    let tasks = bench.ayon.tasks("nasty_corner", path);
    tasks
        .into_iter()
        .find(|task| task["name"] == name)
        .expect("the task")
}

fn folder(bench: &Bench, path: &str) -> Value {
    bench
        .ayon
        .folder_by_path("nasty_corner", path)
        .expect("the folder")
}

#[tokio::test]
async fn people_are_linked_known_by_email_known_by_name_or_unknown() {
    let bench = demo();
    let user = async |name: &str| bench.get(&format!("/api/users/{name}")).await;
    assert_eq!(user("ansel.okafor").await.1["data"]["sg_user_id"], 58);
    assert_eq!(user("oskar.quill").await.1["data"]["sg_user_id"], "73");
    let by_email = user("u67").await.1;
    assert_eq!(by_email["attrib"]["email"], "ILYA.SOTO@DEMO-STUDIO.EXAMPLE");
    assert!(by_email["data"]["sg_user_id"].is_null());
    let by_login = user("emre.castell").await.1;
    assert!(by_login["attrib"]["email"].is_null() && by_login["data"]["sg_user_id"].is_null());
    assert_eq!(user("nadia.ferro").await.0, 404);
    assert_eq!(user("gunnar.leaving").await.1["active"], false);
    let access = user("bea.lindqvist").await.1["data"]["accessGroups"].clone();
    assert_eq!(
        access,
        json!({"harbor_lights": ["artist"], "nasty_corner": ["artist"]})
    );
    let addon = async |id: i64| {
        bench
            .get(&format!(
                "/api/addons/shotgrid/0.6.19/get_ayon_name_by_sg_id/{id}"
            ))
            .await
            .1
    };
    assert_eq!(addon(73).await, json!("oskar.quill"));
    assert_eq!(addon(67).await, Value::Null);
    bench.ayon.stop().await;
}

#[tokio::test]
async fn linked_rows_hold_what_flow_says_and_what_only_ayon_knows() {
    let bench = demo();
    let shot = bench
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0100")
        .expect("Shot 1040");
    assert_eq!(shot["status"], "Waiting to Start");
    assert_eq!(shot["tags"], json!(["hero", "for reel"]));
    assert_eq!(shot["attrib"]["clipIn"], 0);
    assert_eq!(shot["attrib"]["fps"], 24.0);
    let own = shot["ownAttrib"].as_array().expect("own attributes");
    assert!(own.contains(&json!("description")) && !own.contains(&json!("handleStart")));
    // What the project has anyway is not its own.
    let other = bench
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_010/hl_010_0020")
        .expect("Shot 1032");
    assert!(
        other["ownAttrib"]
            .as_array()
            .expect("own")
            .contains(&json!("fps"))
    );
    let same = folder(&bench, "/nc_ep/nc_100/nc_0600");
    assert!(!same["ownAttrib"].as_array().expect("own").contains(&json!("fps")));
    assert_eq!(same["status"], "In progress");

    let kept = task(&bench, "/nc_ep/nc_100/nc_0010", "lighting");
    assert_eq!(kept["assignees"], json!(["bea.lindqvist", "freelance.joe"]));
    assert_eq!(kept["tags"], json!(["hero", "for reel"]));
    let dated = bench.ayon.tasks("harbor_lights", "/ep01/hl_010/hl_010_0010");
    assert_eq!(dated[0]["attrib"]["startDate"], "2026-02-06T00:00:00+00:00");
    bench.ayon.stop().await;
}

#[tokio::test]
async fn the_nasty_corner_is_as_wrong_as_it_says() {
    let bench = demo();
    let at = |name: &str| folder(&bench, &format!("/nc_ep/nc_100/{name}"));
    let flow_id = |name: &str| at(name)["attrib"]["shotgridId"].clone();
    assert_eq!(flow_id("nc_0280"), Value::Null);
    assert_eq!(at("nc_0290")["folderType"], "Folder");
    assert_eq!(flow_id("nc_0310"), "3031");
    assert_eq!(flow_id("nc_0320"), Value::Null);
    assert_eq!(
        (flow_id("nc_0330"), flow_id("nc_0330_copy")),
        ("3033".into(), "3033".into())
    );
    assert_eq!(at("nc_0360")["active"], false);
    assert_eq!(flow_id("nc_0380_before"), "3038");
    assert_eq!(at("nc_0380_before")["hasVersions"], true);
    assert_eq!(at("nc_0400")["hasVersions"], true);
    assert_eq!(flow_id("nc_9990"), "3999");
    assert_eq!(folder(&bench, "/nc_600")["attrib"]["shotgridId"], "306");
    assert_eq!(folder(&bench, "/vehicle")["folderType"], "Folder");
    assert_eq!(flow_id("nc_0200"), "3020", "it is in another project by now");
    assert_eq!(
        task(&bench, "/nc_ep/nc_100/nc_0010", "paint")["taskType"],
        "Layout"
    );
    bench.ayon.stop().await;
}

#[tokio::test]
async fn the_map_is_filled_for_the_studio_and_inert_without() {
    let map = async |bench: &Bench| {
        let (_, settings) = bench.get("/api/settings?variant=production").await;
        let map = settings["addons"][0]["settings"]["compatibility_settings"]["custom_attribs_map"].clone();
        map.as_array().expect("a map").clone()
    };
    let filled = |rows: &[Value]| rows.iter().filter(|row| row["sg"] != "").count();
    let bench = demo();
    let rows = map(&bench).await;
    assert_eq!(filled(&rows), 11);
    let row = |name: &str| {
        rows.iter()
            .find(|row| row["ayon"] == name)
            .expect("the row")
            .clone()
    };
    assert_eq!(
        row("startDate"),
        json!({"ayon": "startDate", "type": "datetime", "sg": "start_date", "scope": ["Task"]})
    );
    assert_eq!(row("clipIn")["scope"], json!(["Shot"]));
    assert_eq!(row("handleStart")["sg"], "");
    bench.ayon.stop().await;

    let empty = Bench::harbor().await;
    let rows = map(&empty).await;
    assert_eq!(filled(&rows), 0);
    assert!(rows.len() > 10);
    empty.ayon.stop().await;
}

#[tokio::test]
async fn the_release_and_the_way_back_can_be_chosen() {
    let mut studio = Studio::demo();
    studio.projects[0].shotgrid_push = true;
    let bench = Bench::new(AyonOptions {
        studio,
        version: "1.14.3".into(),
        ..AyonOptions::default()
    });
    let stranger = bench.ask(Method::GET, "/api/info", &[], None).await.1;
    assert_eq!(stranger["version"], "1.14.3");
    assert!(stranger["attributes"].is_null());
    let known = bench.get("/api/info").await.1;
    let attributes = known["attributes"].as_array().expect("attributes");
    let scope = |name: &str| {
        attributes
            .iter()
            .find(|one| one["name"] == name)
            .expect("the attribute")["scope"]
            .clone()
    };
    assert_eq!(scope("shotgridPush"), json!(["project"]));
    assert_eq!(scope("keywords"), json!(["folder", "task"]));
    let pushes = async |name: &str| {
        bench.get(&format!("/api/projects/{name}")).await.1["attrib"]["shotgridPush"].clone()
    };
    assert_eq!(pushes("harbor_lights").await, true);
    assert_eq!(pushes("nasty_corner").await, Value::Null);
    bench.ayon.stop().await;
}
