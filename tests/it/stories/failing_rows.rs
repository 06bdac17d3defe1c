//! A row that cannot be written costs itself and what hangs on it, and nothing else.

use amigo::sandbox::controls::{Fault, FaultBody};
use serde_json::json;

use crate::harness::{Stage, once, until};

/// Shots of a Sequence that AYON has, which AYON does not have.
const SHOTS: [i64; 2] = [1043, 1045];
const FIRST: &str = "/ep01/hl_020/hl_020_0030";
const SECOND: &str = "/ep01/hl_020/hl_020_0050";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_ayon_refuses_fails_alone() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &SHOTS).await.planned().await;
    // Apply has looked once more; before AYON comes to its folders, an artist makes one of the same name.
    let controls = stage.ayon.controls();
    controls.add_fault(Fault {
        path: "/operations".to_owned(),
        body: FaultBody::Hang,
        delay_ms: 1500,
        ..Fault::default()
    });
    let run = run.apply().await;
    until("AYON holds the folders", async || {
        (controls.struck() == 1).then_some(())
    })
    .await;
    let above = stage
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_020")
        .unwrap();
    stage
        .ayon_post(
            "/projects/harbor_lights/folders",
            json!({"name": "hl_020_0030", "folderType": "Shot", "parentId": above["id"]}),
        )
        .await;

    let run = run.done().await;
    assert_eq!(run.outcome(FIRST), "failed");
    assert!(
        run.message(FIRST).starts_with("AYON refused"),
        "{}",
        run.message(FIRST)
    );
    let task = format!("{FIRST}/animation");
    assert_eq!(run.outcome(&task), "skipped");
    assert!(run.message(&task).contains(FIRST), "{}", run.message(&task));
    assert_eq!(run.outcome(SECOND), "done");
    assert_eq!(run.outcome(&format!("{SECOND}/animation")), "done");
    assert_eq!(run.ended("failed"), 1);
    assert!(stage.row("Shot", 1043)["sg_ayon_id"].is_null());
    assert_eq!(stage.row("Shot", 1045)["sg_ayon_sync_status"], "Synced");
    let html = run.html().await;
    assert!(html.contains("Not done") && html.contains("Plan again"), "{html}");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_ayon_refuses_fails_alone() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &SHOTS).await.planned().await;
    // Folders are made; before the tasks are, somebody else makes one of them.
    stage.hold_ayon("/operations", 0);
    let run = run.apply().await;
    stage.ayon_has("harbor_lights", FIRST).await;
    let folder = stage.ayon.folder_by_path("harbor_lights", FIRST).unwrap();
    stage
        .ayon_post(
            "/projects/harbor_lights/tasks",
            json!({"name": "animation", "taskType": "Animation", "folderId": folder["id"]}),
        )
        .await;

    let run = run.done().await;
    assert_eq!(run.outcome(&format!("{FIRST}/animation")), "failed");
    assert_eq!((run.ended("failed"), run.ended("skipped")), (1, 0));
    assert_eq!(run.outcome(&format!("{FIRST}/layout")), "done");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_flow_refuses_is_the_only_one_named() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &SHOTS).await.planned().await;
    let tasks = stage.tasks_of("Shot", 1043);
    // AYON makes the tasks; before Flow hears of them, one goes to the trash.
    stage.hold_ayon("/operations", 1);
    let run = run.apply().await;
    stage.ayon_has("harbor_lights", SECOND).await;
    until("AYON has the tasks", async || {
        (!stage.ayon.tasks("harbor_lights", SECOND).is_empty()).then_some(())
    })
    .await;
    assert!(stage.flow.retire("Task", tasks[1]));

    let run = run.done().await;
    let bad = format!("{FIRST}/animation");
    assert_eq!(run.outcome(&bad), "failed");
    let message = run.message(&bad);
    assert!(
        message.starts_with("AYON has it, but Flow was not told"),
        "{message}"
    );
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (1, 0),
        "{}",
        run.data["report"]
    );
    let batches = stage
        .writes()
        .iter()
        .filter(|one| one.ends_with("/_batch"))
        .count();
    assert!(
        (3..=9).contains(&batches),
        "10 rows are halved to one in {batches} batches"
    );
    for (nth, task) in tasks.iter().enumerate().filter(|(nth, _)| *nth != 1) {
        assert_eq!(
            stage.row("Task", *task)["sg_ayon_sync_status"],
            "Synced",
            "task {nth}"
        );
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_ayon_refuses_whole_is_halved() {
    let stage = Stage::open().await;
    stage
        .ayon
        .controls()
        .add_fault(once("/operations", FaultBody::Json, 400));
    let run = stage.right_click("Shot", &SHOTS).await.planned().await;
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]
    );
    assert!(stage.ayon.folder_by_path("harbor_lights", FIRST).is_some());
    stage.nothing_else_was_sent().await;
}
