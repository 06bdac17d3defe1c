//! Syncing what AYON has never heard of: a project that only Flow has, fields and attributes that are missing.

use serde_json::json;

use crate::harness::{API_KEY, SALT, Stage, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_only_flow_has_is_made_in_ayon() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[2001]).await.planned().await;
    let project = run.operation("salt_road");
    assert_eq!(
        (&project["kind"], &project["on"]),
        (&json!("create"), &json!("project"))
    );
    assert_eq!(
        run.data["projects"],
        json!([{"flow_id": SALT, "name": "salt_road", "ayon": "salt_road"}])
    );
    assert!(
        run.planned_paths()
            .contains(&"create /pilot/sr_010/sr_010_0010/layout".to_owned())
    );
    assert_eq!(stage.ayon.projects().len(), 2, "planning makes nothing");

    let run = run.apply().await.done().await;
    assert_eq!(
        run.ended("failed") + run.ended("skipped"),
        0,
        "{}",
        run.data["report"]
    );
    let projects = stage.ayon.projects();
    let made = projects
        .iter()
        .find(|project| project["name"] == "salt_road")
        .unwrap();
    assert_eq!(made["code"], "salt");
    assert_eq!(made["attrib"]["shotgridId"], SALT.to_string());
    assert_eq!(made["attrib"]["shotgridType"], "Project");
    let row = stage.row("Project", SALT);
    assert_eq!(row["sg_ayon_id"], "salt_road");
    assert_eq!(row["sg_ayon_project_code"], "salt");
    assert_eq!(row["sg_ayon_server_url"], stage.ayon.url());
    assert_eq!(row["sg_ayon_sync_status"], "Synced");
    for user in stage.ayon.users() {
        let groups = user["data"]["accessGroups"].to_string();
        assert!(!groups.contains("salt_road"), "nobody was to get access: {user}");
    }
    let again = stage.right_click("Shot", &[2001]).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_project_gets_the_anatomy_that_the_addon_names() {
    let stage = Stage::open().await;
    let client = &stage.http;
    let base = format!("{}/api", stage.ayon.url());
    let mut preset: serde_json::Value = client
        .get(format!("{base}/anatomy/presets/_"))
        .header("x-api-key", API_KEY)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    preset["folder_types"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "Reel", "icon": "folder", "shortName": "rl"}));
    let put = |path: String, body: serde_json::Value| {
        client
            .put(format!("{base}{path}"))
            .header("x-api-key", API_KEY)
            .json(&body)
            .send()
    };
    let answer = put("/anatomy/presets/feature".to_owned(), preset).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let overrides: serde_json::Value = client
        .get(format!("{base}/addons/shotgrid/0.6.19/rawOverrides"))
        .header("x-api-key", API_KEY)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut overrides = overrides;
    overrides["anatomy_preset"] = json!("feature");
    let answer = put("/addons/shotgrid/0.6.19/rawOverrides".to_owned(), overrides)
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());

    let run = stage.right_click("Project", &[SALT]).await.planned().await;
    run.apply().await.done().await;
    let projects = stage.ayon.projects();
    let made = projects
        .iter()
        .find(|project| project["name"] == "salt_road")
        .unwrap();
    let types = made["folderTypes"].to_string();
    assert!(types.contains("Reel"), "{types}");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_flow_fields_are_made_first() {
    let stage = Stage::set(|setting| setting.flow.ayon_fields = false).await;
    assert!(stage.row("Shot", 1062).get("sg_ayon_id").is_none());
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let field = run.operation("Shot.sg_ayon_id");
    assert_eq!(
        (&field["kind"], &field["on"], &field["system"]),
        (&json!("create"), &json!("field"), &json!("flow"))
    );
    let run = run.apply().await.done().await;
    assert_eq!(
        run.ended("failed") + run.ended("skipped"),
        0,
        "{}",
        run.data["report"]
    );
    let folder = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_040/hl_040_0010")
        .unwrap();
    assert_eq!(stage.row("Shot", 1062)["sg_ayon_id"], folder["id"]);
    assert_eq!(stage.row("Project", 188)["sg_ayon_id"], "harbor_lights");

    let again = stage.right_click("Shot", &[1062]).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_may_not_make_fields_blocks_the_plan() {
    let stage = Stage::set(|setting| {
        setting.flow.ayon_fields = false;
        setting.flow.script_role = "api_limited".to_owned();
    })
    .await;
    let run = stage.right_click("Shot", &[1062, 1063]).await.planned().await;
    assert_eq!(
        run.blocked(),
        [
            "fields-missing Project 188",
            "parent-blocked Shot 1062",
            "parent-blocked Shot 1063"
        ]
    );
    assert_eq!(run.planned_paths(), [""; 0]);
    assert_eq!(run.count("blocked"), 2, "every selected row says so");
    let html = run.html().await;
    assert!(html.contains("API Admin"), "{html}");
    assert!(!html.contains("id=\"apply\""), "there is nothing to apply");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_that_ayon_would_drop_block_the_plan() {
    let stage = Stage::open().await;
    for name in ["shotgridId", "shotgridType"] {
        let answer = stage
            .http
            .delete(format!("{}/api/attributes/{name}", stage.ayon.url()))
            .header("x-api-key", API_KEY)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
    stage.ayon.restart();
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    assert_eq!(run.blocked(), ["attributes-not-live", "parent-blocked Shot 1062"]);
    assert_eq!(run.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_before_ayon_was_ever_reached_is_asked_to_wait() {
    let stage = Stage::open().await;
    let mut stage = stage;
    stage.ayon.controls().add_fault(amigo::sandbox::controls::Fault {
        times: u32::MAX,
        ..Default::default()
    });
    stage.restart_amigo().await;
    let form = stage.form("Shot", &[1062]);
    let address = format!("{}/ami/sync", stage.url());
    let answer = stage.http.post(&address).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(
        stage.get("/readyz").await.status(),
        200,
        "the upstreams' state does not fail it"
    );

    // It finds AYON by itself when AYON is back.
    stage.ayon.controls().clear_faults();
    until("amigo knows the Flow site", async || {
        let answer = stage.http.post(&address).form(&form).send().await.unwrap();
        (answer.status() == 303).then_some(())
    })
    .await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_in_the_report_when_a_field_is_unwanted() {
    let stage = Stage::set(|setting| setting.flow.ayon_fields = false).await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let run = run
        .untick("Project.sg_ayon_id")
        .untick("Shot.sg_ayon_sync_status")
        .apply()
        .await
        .done()
        .await;
    let planned = run.data["plan"]["operations"].as_array().unwrap().len() as u64;
    let told: u64 = ["done", "failed", "skipped", "unchanged"]
        .into_iter()
        .map(|outcome| run.ended(outcome))
        .sum();
    assert_eq!(told, planned, "no operation is left out: {}", run.data["report"]);
    assert_eq!(run.outcome("/"), "skipped");
    assert_eq!(run.outcome("/ep01/hl_040/hl_040_0010"), "skipped");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwanted_project_keeps_everything_out() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[2001]).await.planned().await;
    let planned = run.data["plan"]["operations"].as_array().unwrap().len() as u64;
    let run = run.untick("salt_road").apply().await.done().await;
    assert_eq!(
        (run.ended("done"), run.ended("unchanged"), run.ended("skipped")),
        (0, 1, planned - 1)
    );
    assert_eq!(stage.writes(), [""; 0]);
    stage.nothing_else_was_sent().await;
}
