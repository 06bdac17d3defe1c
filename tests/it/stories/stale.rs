//! The world goes on between plan and apply: what was seen is written, or nothing is.

use serde_json::json;

use crate::harness::{HARBOR, RunPage, Stage};

async fn is_stale(stage: Stage, change: impl AsyncFnOnce(&Stage)) {
    let run = stage.right_click("Shot", &[1062, 1063]).await.planned().await;
    change(&stage).await;
    let run = run.apply().await.reaches(&["stale"]).await;
    assert_eq!(run.error(), "stale");
    assert!(run.data["report"].is_null() || run.ended("done") == 0);
    let writes: Vec<String> = stage.writes();
    assert_eq!(writes, [""; 0]);
    let html = run.html().await;
    assert!(html.contains("Nothing was written"), "{html}");

    let answer = run.press("replan", &[]).await;
    let again = RunPage::at(&stage, answer.headers()["location"].to_str().unwrap());
    again.planned().await.apply().await.done().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_in_flow_makes_a_plan_stale() {
    is_stale(Stage::open().await, async |stage| {
        stage.flow.set_field("Shot", 1063, "code", json!("hl_040_0025"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_in_flow_makes_a_plan_stale() {
    is_stale(Stage::open().await, async |stage| {
        stage
            .flow
            .set_field("Shot", 1063, "sg_sequence", json!({"type": "Sequence", "id": 34}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_status_tag_or_frame_makes_a_plan_stale() {
    for (field, value) in [
        ("sg_status_list", json!("hld")),
        ("tags", json!([{"type": "Tag", "id": 2}])),
        ("sg_head_in", json!(991)),
    ] {
        is_stale(Stage::open().await, async |stage| {
            assert!(stage.flow.set_field("Shot", 1063, field, value));
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_went_to_the_trash_makes_a_plan_stale() {
    is_stale(Stage::open().await, async |stage| {
        assert!(stage.flow.retire("Shot", 1063));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_was_hidden_makes_a_plan_stale() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062, 1063]).await.planned().await;
    stage.flow.hide_type(HARBOR, "Shot");
    let run = run.apply().await.reaches(&["stale"]).await;
    assert_eq!(run.error(), "stale");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_appeared_in_ayon_makes_a_plan_stale() {
    is_stale(Stage::open().await, async |stage| {
        let above = stage.ayon.folder_by_path("harbor_lights", "/ep01").unwrap();
        stage
            .ayon_post(
                "/projects/harbor_lights/folders",
                json!({"name": "hl_040", "folderType": "Sequence", "parentId": above["id"],
                       "attrib": {"shotgridId": "33", "shotgridType": "Sequence"}}),
            )
            .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_ticked_may_change() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062, 1063]).await.planned().await;
    stage.flow.set_field("Shot", 1063, "code", json!("hl_040_0025"));
    let mut run = run.untick("/ep01/hl_040/hl_040_0020");
    for task in ["layout", "animation", "lighting", "compositing"] {
        run = run.untick(&format!("/ep01/hl_040/hl_040_0020/{task}"));
    }
    let run = run.apply().await.done().await;
    assert_eq!((run.ended("done"), run.ended("unchanged")), (6, 5));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_elsewhere_do_not_matter() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    stage.flow.set_field("Shot", 1090, "code", json!("renamed"));
    stage.flow.set_field("Shot", 1090, "sg_status_list", json!("hld"));
    let task = stage.tasks_of("Shot", 1062)[0];
    stage.flow.set_field("Task", task, "milestone", json!(true));
    run.apply().await.done().await;
    stage.nothing_else_was_sent().await;
}
