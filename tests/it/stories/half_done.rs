//! A run that is stopped, or refused, in the middle: what was begun is finished, and nothing else is.

use amigo::sandbox::controls::{Fault, FaultBody};
use amigo::sandbox::studio::Studio;
use serde_json::Value;

use crate::harness::{Stage, once, until};

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
