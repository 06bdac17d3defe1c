//! Flow or AYON misbehaves while a plan is applied: what is done is known, and the next sync heals the rest.

use amigo::sandbox::controls::{Fault, FaultBody};

use crate::harness::{RunPage, SALT, Stage, always, once};

const SHOT: &str = "/ep01/hl_020/hl_020_0030";

async fn one_shot(stage: &Stage) -> RunPage<'_> {
    stage.right_click("Shot", &[1043]).await.planned().await
}

/// After the trouble: another sync brings both sides to what the plan had shown.
async fn heals(stage: Stage) {
    stage.flow.controls().clear_faults();
    stage.ayon.controls().clear_faults();
    let run = one_shot(&stage).await.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]
    );
    let folder = stage.ayon.folder_by_path("harbor_lights", SHOT).unwrap();
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_id"], folder["id"]);
    assert_eq!(stage.ayon.tasks("harbor_lights", SHOT).len(), 4);
    assert_eq!(one_shot(&stage).await.planned_paths(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_is_gone_at_the_second_look_leaves_everything_as_it_was() {
    let stage = Stage::open().await;
    for (controls, path, codes) in [
        (stage.ayon.controls(), "", "ayon-"),
        (stage.ayon.controls(), "/graphql", "ayon-"),
        (stage.flow.controls(), "/access_token", "flow-"),
        (stage.flow.controls(), "/_search", "flow-"),
    ] {
        let run = one_shot(&stage).await;
        // The plan's token is good for its apply, until it ends.
        stage.flow.expire_tokens();
        controls.add_fault(always(path, FaultBody::Html, 503));
        let run = run.apply().await.failed().await;
        controls.clear_faults();
        assert!(run.error().starts_with(codes), "{path}: {}", run.error());
        assert!(run.html().await.contains("Plan again"));
    }
    assert_eq!(stage.writes(), [""; 0]);
    heals(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ayon_goes_away_before_the_folders() {
    for body in [FaultBody::Reset, FaultBody::Html, FaultBody::Json] {
        let stage = Stage::open().await;
        let run = one_shot(&stage).await;
        let status = if body == FaultBody::Html { 200 } else { 503 };
        stage
            .ayon
            .controls()
            .add_fault(always("/operations", body, status));
        let run = run.apply().await.done().await;
        assert_eq!(run.outcome(SHOT), "failed", "{body:?}");
        assert_eq!(run.outcome(&format!("{SHOT}/layout")), "skipped", "{body:?}");
        assert!(
            run.message(SHOT).contains("AYON"),
            "{body:?}: {}",
            run.message(SHOT)
        );
        assert!(stage.row("Shot", 1043)["sg_ayon_id"].is_null(), "{body:?}");
        assert!(run.html().await.contains("Not done"), "{body:?}");
        heals(stage).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_ayon_that_is_lost_leaves_a_link_that_the_next_sync_completes() {
    let stage = Stage::open().await;
    let questions = |stage: &Stage| {
        let asked = stage.ayon.controls().requests();
        asked.iter().filter(|one| one.path == "/graphql").count()
    };
    // People are remembered for a while, so the first plan asks more than apply will.
    one_shot(&stage).await;
    stage.forget_requests();
    let run = one_shot(&stage).await;
    let controls = stage.ayon.controls();
    controls.add_fault(once("/operations", FaultBody::Truncated, 200));
    // Apply looks once more; then nobody can see any more what AYON did.
    controls.add_fault(Fault {
        after: u32::try_from(questions(&stage)).unwrap(),
        ..always("/graphql", FaultBody::Html, 502)
    });
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome(SHOT), "failed");
    assert!(run.message(SHOT).contains("next sync"), "{}", run.message(SHOT));
    assert!(
        stage.ayon.folder_by_path("harbor_lights", SHOT).is_some(),
        "AYON did it all the same"
    );
    stage.ayon.controls().clear_faults();
    let again = one_shot(&stage).await;
    assert_eq!(
        again.operation(SHOT)["kind"],
        "update",
        "{:?}",
        again.planned_paths()
    );
    heals(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_goes_away_before_it_is_told() {
    for (body, status) in [
        (FaultBody::Reset, 0),
        (FaultBody::Json, 503),
        (FaultBody::Html, 502),
    ] {
        let stage = Stage::open().await;
        let run = one_shot(&stage).await;
        stage.flow.controls().add_fault(always("/_batch", body, status));
        let run = run.apply().await.done().await;
        assert_eq!(run.ended("failed"), 5, "{body:?}: {}", run.data["report"]);
        let message = run.message(SHOT);
        assert!(
            message.starts_with("AYON has it; whether Flow was told shows the next sync")
                || message.starts_with("AYON has it, but Flow was not told"),
            "{body:?}: {message}"
        );
        heals(stage).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_instead_of_flows_answer_is_no_success() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    stage
        .flow
        .controls()
        .add_fault(always("/_batch", FaultBody::Html, 200));
    let run = run.apply().await.done().await;
    assert!(stage.row("Shot", 1043)["sg_ayon_id"].is_null());
    assert_eq!(run.ended("failed"), 5, "{}", run.data["report"]);
    heals(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_instead_of_a_new_project_is_no_success() {
    for path in ["/api/projects", "/api/projects/salt_road"] {
        let stage = Stage::open().await;
        let run = stage.right_click("Shot", &[2001]).await.planned().await;
        for method in ["POST", "PATCH"] {
            stage.ayon.controls().add_fault(amigo::sandbox::controls::Fault {
                method: Some(method.to_owned()),
                ..always(path, FaultBody::Html, 200)
            });
        }
        let run = run.apply().await.done().await;
        assert_eq!(
            run.outcome("salt_road"),
            "failed",
            "{path}: {}",
            run.data["report"]
        );
        assert_eq!(run.outcome("/pilot"), "skipped", "{path}");
        assert!(stage.row("Project", SALT)["sg_ayon_id"].is_null(), "{path}");
        stage.nothing_else_was_sent().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_renewed_while_applying() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    stage.hold_ayon("/operations", 1);
    let run = run.apply().await;
    stage.ayon_has("harbor_lights", SHOT).await;
    crate::harness::until("AYON has the tasks", async || {
        (!stage.ayon.tasks("harbor_lights", SHOT).is_empty()).then_some(())
    })
    .await;
    stage.flow.expire_tokens();
    let run = run.done().await;
    assert_eq!(run.ended("done"), 5, "{}", run.data["report"]);
    assert_eq!(stage.row("Shot", 1043)["sg_ayon_sync_status"], "Synced");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_ayon_no_longer_takes_stops_the_writing() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    stage
        .ayon
        .controls()
        .add_fault(always("/operations", FaultBody::Json, 401));
    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (1, 4),
        "{}",
        run.data["report"]
    );
    assert!(run.message(SHOT).contains("API key"), "{}", run.message(SHOT));
    heals(stage).await;
}
