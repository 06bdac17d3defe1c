//! A run that is stopped, or refused, in the middle: what was begun is finished, and nothing else is.

use amigo::sandbox::controls::{Fault, FaultBody};
use amigo::sandbox::studio::Studio;
use serde_json::{Value, json};

use crate::harness::{HARBOR, RunPage, SALT, Stage, once, until};

const KNOWN: i64 = 1031;
const KNOWN_PATH: &str = "/ep01/hl_010/hl_010_0010";
const NEW: i64 = 1043;
const NEW_PATH: &str = "/ep01/hl_020/hl_020_0030";

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_keeps_flow_from_hearing_more_than_what_ayon_wrote() {
    let stage = Stage::open().await;
    // AYON is right already; only Flow lacks something.
    assert!(
        stage
            .flow
            .set_field("Shot", KNOWN, "sg_ayon_sync_status", Value::Null)
    );
    let run = stage.right_click("Shot", &[KNOWN, NEW]).await.planned().await;
    assert_eq!(run.operation(KNOWN_PATH)["kind"], "update");
    stage.hold_ayon("/operations", 0);
    let run = run.apply().await;
    stage.ayon_has("harbor_lights", NEW_PATH).await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;

    assert_eq!(
        (run.outcome(NEW_PATH), run.outcome(KNOWN_PATH)),
        ("done", "skipped")
    );
    let message = run.message(KNOWN_PATH);
    assert!(message.contains("cancelled"), "{message}");
    assert_eq!(stage.row("Shot", NEW)["sg_ayon_sync_status"], "Synced");
    assert_eq!(stage.row("Shot", KNOWN)["sg_ayon_sync_status"], Value::Null);

    let run = stage.right_click("Shot", &[KNOWN]).await.planned().await;
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome(KNOWN_PATH), "done");
    assert_eq!(stage.row("Shot", KNOWN)["sg_ayon_sync_status"], "Synced");
    stage.nothing_else_was_sent().await;
}

/// A Flow Project whose name AYON does not take as it is: nothing but the link tells whose the AYON project is.
fn new_project(stage: &Stage) -> (i64, i64) {
    let fields = json!({"name": "night ferry", "code": "nf", "sg_status": "Active", "archived": false,
        "is_template": false, "is_demo": false,
        "tracking_settings": stage.row("Project", HARBOR)["tracking_settings"]});
    let project = stage.flow.create("Project", fields).unwrap();
    let shot = json!({"code": "sh010", "project": {"type": "Project", "id": project}});
    (project, stage.flow.create("Shot", shot).unwrap())
}

fn made(stage: &Stage, name: &str) -> Value {
    let projects = stage.ayon.projects();
    let made = projects.into_iter().find(|project| project["name"] == name);
    made.unwrap_or_else(|| panic!("AYON has no {name}"))
}

/// Applies the plan for a new project, and waits until AYON has made it but not answered yet.
async fn making<'s>(stage: &'s Stage, shot: i64) -> RunPage<'s> {
    let run = stage.right_click("Shot", &[shot]).await.planned().await;
    stage.ayon.controls().add_fault(Fault {
        method: Some("POST".to_owned()),
        applied: true,
        delay_ms: 1200,
        ..once("/api/projects", FaultBody::Hang, 200)
    });
    let run = run.apply().await;
    until("AYON has the project", async || {
        let projects = stage.ayon.projects();
        projects
            .iter()
            .any(|project| project["name"] == "night_ferry")
            .then_some(())
    })
    .await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_is_being_made_is_linked_even_when_the_run_is_cancelled() {
    let stage = Stage::open().await;
    let (project, shot) = new_project(&stage);
    let run = making(&stage, shot).await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;

    assert_eq!(run.outcome("night_ferry"), "done", "{}", run.data["report"]);
    assert_eq!(run.outcome("/sh010"), "skipped");
    let linked = json!([project.to_string(), "Project"]);
    let attributes = made(&stage, "night_ferry")["attrib"].clone();
    assert_eq!(
        json!([attributes["shotgridId"], attributes["shotgridType"]]),
        linked
    );
    assert_eq!(stage.row("Project", project)["sg_ayon_id"], "night_ferry");
    assert_eq!(stage.ayon.paths("night_ferry"), [""; 0]);
    let patches = stage
        .writes()
        .iter()
        .filter(|one| one.starts_with("AYON PATCH"))
        .count();
    assert_eq!(patches, 1, "only the link");

    let run = stage.right_click("Shot", &[shot]).await.planned().await;
    assert_eq!(run.blocked(), [""; 0]);
    let run = run.apply().await.done().await;
    assert_eq!(
        run.ended("failed") + run.ended("skipped"),
        0,
        "{}",
        run.data["report"]
    );
    assert_eq!(stage.ayon.paths("night_ferry"), ["/sh010"]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_never_goes_to_a_project_that_ayon_confuses_with_the_new_one() {
    let stage = Stage::open().await;
    let (project, shot) = new_project(&stage);
    let run = making(&stage, shot).await;
    // From here on AYON answers with the newer one when it is asked for `night_ferry`.
    let other = json!({"name": "nightxferry", "code": "nxf"});
    stage.ayon_post("/projects", other).await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;

    assert_eq!(run.outcome("night_ferry"), "failed", "{}", run.data["report"]);
    let message = run.message("night_ferry");
    assert!(message.contains("not linked yet"), "{message}");
    for name in ["night_ferry", "nightxferry"] {
        assert!(made(&stage, name)["attrib"]["shotgridId"].is_null(), "{name}");
    }
    assert!(stage.row("Project", project)["sg_ayon_id"].is_null());
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_that_ayon_refuses_cost_neither_the_link_nor_the_rows() {
    let stage = Stage::open().await;
    let text = json!("Salt, and the road to it");
    assert!(stage.flow.set_field("Project", SALT, "sg_description", text));
    let run = stage.right_click("Shot", &[2001]).await.planned().await;
    let needed = run.operation("salt_road")["changes"].as_array().unwrap();
    assert!(
        needed.iter().any(|change| change["field"] == "description"),
        "{needed:?}"
    );
    // Everything together, and then what comes behind the link.
    for after in [0, 1] {
        stage.ayon.controls().add_fault(Fault {
            method: Some("PATCH".to_owned()),
            after,
            ..once("/api/projects/salt_road", FaultBody::Json, 400)
        });
    }
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("salt_road"), "failed", "{}", run.data["report"]);
    let message = run.message("salt_road");
    assert!(message.contains("attributes are not set"), "{message}");
    assert_eq!(
        run.ended("failed") + run.ended("skipped"),
        1,
        "{}",
        run.data["report"]
    );
    assert_eq!(
        made(&stage, "salt_road")["attrib"]["shotgridId"],
        SALT.to_string()
    );

    let run = stage.right_click("Shot", &[2001]).await.planned().await;
    assert_eq!(run.planned_paths(), ["update /"]);
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("salt_road"), "done");
    assert_eq!(stage.row("Project", SALT)["sg_ayon_id"], "salt_road");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_between_two_batches_keeps_the_second_from_being_sent() {
    let studio = Studio::uniform(600, 0);
    let shots: Vec<i64> = (10_001..10_601).collect();
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    let run = stage.right_click("Shot", &shots).await.planned().await;
    run.apply().await.done().await;
    for shot in &shots {
        assert!(
            stage
                .flow
                .set_field("Shot", *shot, "sg_ayon_sync_status", Value::Null)
        );
    }
    let run = stage.right_click("Shot", &shots).await.planned().await;
    assert_eq!(run.ticked_paths().len(), 600);
    stage.flow.controls().add_fault(Fault {
        applied: true,
        delay_ms: 1200,
        ..once("/_batch", FaultBody::Hang, 200)
    });
    let told = || {
        let is_told = |shot: &&i64| stage.row("Shot", **shot)["sg_ayon_sync_status"] == "Synced";
        shots.iter().filter(is_told).count()
    };
    let run = run.apply().await;
    until("Flow has the first batch", async || (told() > 0).then_some(())).await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;
    assert_eq!((run.ended("done"), run.ended("skipped")), (500, 100));
    assert_eq!(told(), 500);
    stage.nothing_else_was_sent().await;
}
