//! What a run survives: a restart, an orderly stop, a power cut.

use std::time::Duration;

use crate::harness::{RunPage, Stage, until};

const SHOT: &str = "/ep01/hl_040/hl_040_0010";
/// Longer than a run may be silent before it counts as abandoned.
const LATER: Duration = Duration::from_secs(60);

async fn ayon_has_the_tasks(stage: &Stage) {
    until("AYON has the tasks", async || {
        (!stage.ayon.tasks("harbor_lights", SHOT).is_empty()).then_some(())
    })
    .await;
}

/// Plans and applies once more: afterwards both sides agree.
async fn heals(stage: Stage) {
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    assert!(
        run.planned_paths()
            .iter()
            .all(|one| !one.starts_with("create /ep01/hl_040/hl_040_0010"))
    );
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]["counts"]
    );
    let folder = stage.ayon.folder_by_path("harbor_lights", SHOT).unwrap();
    assert_eq!(stage.row("Shot", 1062)["sg_ayon_id"], folder["id"]);
    let again = stage.right_click("Sequence", &[33]).await.planned().await;
    assert_eq!(again.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_waits_through_a_restart() {
    let mut stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let (path, data, page) = (run.path.clone(), run.data.clone(), run.html().await);
    stage.restart_amigo().await;
    let run = RunPage::at(&stage, &path).planned().await;
    assert_eq!(run.data, data);
    assert_eq!(run.html().await, page);
    let run = run.apply().await.done().await;
    let report = run.html().await;

    let path = run.path.clone();
    stage.restart_amigo().await;
    let run = RunPage::at(&stage, &path).done().await;
    assert_eq!(run.html().await, report);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_seen_before_a_restart_is_known_after_it() {
    let mut stage = Stage::open().await;
    let form = stage.form("Shot", &[1062]);
    let first = stage.post("/ami/sync", &form).await.headers()["location"].clone();
    stage.restart_amigo().await;
    let second = stage.post("/ami/sync", &form).await.headers()["location"].clone();
    assert_eq!(first, second);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_begins_again_after_a_stop() {
    let mut stage = Stage::open().await;
    stage.flow.controls().set_latency(Duration::from_millis(500));
    let run = stage
        .right_click("Shot", &[1062])
        .await
        .reaches(&["planning"])
        .await;
    let path = run.path.clone();
    stage.stop_amigo().await;
    stage.flow.controls().set_latency(Duration::ZERO);
    stage.clock.ahead(LATER);
    stage.restart_amigo().await;
    let run = RunPage::at(&stage, &path).planned().await;
    assert_eq!(run.count("create"), 6);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_finishes_what_is_being_written() {
    let mut stage = Stage::open().await;
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    stage.hold_ayon("/operations", 0);
    let run = run.apply().await;
    stage.ayon_has("harbor_lights", SHOT).await;
    let path = run.path.clone();
    stage.stop_amigo().await;
    stage.restart_amigo().await;
    let run = RunPage::at(&stage, &path).failed().await;
    assert_eq!(run.error(), "interrupted");
    assert_eq!(run.outcome(SHOT), "done");
    assert_eq!(run.outcome(&format!("{SHOT}/layout")), "skipped");
    assert_eq!(
        stage.row("Shot", 1062)["sg_ayon_sync_status"],
        "Synced",
        "Flow was told what AYON has"
    );
    assert!(run.html().await.contains("Plan again"));
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    assert_eq!(run.count("create"), 40);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_while_applying_is_told_and_healed() {
    let mut stage = Stage::open().await;
    let binary = stage.serve_with_the_binary(&[]).await;
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    // The folders are through; the tasks are on their way when the light goes out.
    stage.hold_ayon("/operations", 1);
    let run = run.apply().await;
    ayon_has_the_tasks(&stage).await;
    let path = run.path.clone();
    binary.kill();

    stage.clock.ahead(LATER);
    stage.restart_amigo().await;
    let run = RunPage::at(&stage, &path).failed().await;
    assert_eq!(run.error(), "interrupted");
    assert_eq!(run.outcome(SHOT), "done");
    assert!(
        run.ended("done") >= 11,
        "the folders are known to be done: {}",
        run.data["report"]["counts"]
    );
    let page = run.html().await;
    assert!(
        page.contains("interrupted") && page.contains("Plan again"),
        "{page}"
    );
    heals(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_lives_is_not_taken_for_dead() {
    let stage = Stage::open().await;
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    stage.ayon.controls().add_fault(amigo::sandbox::controls::Fault {
        path: "/operations".to_owned(),
        body: amigo::sandbox::controls::FaultBody::Hang,
        delay_ms: 5000,
        ..Default::default()
    });
    // Sweeps go by while AYON takes its time.
    let run = run.apply().await.done().await;
    assert_eq!(run.ended("done"), 51);
    stage.nothing_else_was_sent().await;
}
