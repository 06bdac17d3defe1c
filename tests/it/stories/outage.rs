//! Flow or AYON misbehaves while a plan is made: the run ends, and says readably why.

use std::time::Duration;

use amigo::sandbox::controls::{Controls, Fault, FaultBody};

use crate::harness::{SECRETS, Stage, always};

/// Every way of misbehaving, with its name.
fn troubles(path: &str) -> Vec<(&'static str, Fault)> {
    vec![
        ("down", always(path, FaultBody::Json, 503)),
        ("a proxy's page", always(path, FaultBody::Html, 502)),
        ("a login page", always(path, FaultBody::Html, 200)),
        ("half an answer", always(path, FaultBody::Truncated, 200)),
        ("a dropped connection", always(path, FaultBody::Reset, 0)),
        ("another key", always(path, FaultBody::Json, 401)),
        ("a refusal", always(path, FaultBody::Json, 403)),
    ]
}

async fn ends_readably(stage: &Stage, system: &Controls, name: &str, path: &str, codes: &str) {
    for (trouble, fault) in troubles(path) {
        system.add_fault(fault);
        let run = stage.right_click("Shot", &[1062]).await.failed().await;
        system.clear_faults();
        let what = format!("{name}, {path}: {trouble}");
        let code = run.error();
        assert!(code.starts_with(codes), "{what}: {code}");
        let message = run.data["error"]["message"].as_str().unwrap();
        assert!(message.contains(name), "{what}: {message}");
        let html = run.html().await;
        assert!(html.contains("Plan again"), "{what}: {html}");
        for secret in SECRETS.into_iter().chain([stage.flow.url().as_str(), "Bearer"]) {
            assert!(!message.contains(secret), "{what}: {message}");
        }
        assert!(
            !html.contains("panicked") && !html.contains("src/"),
            "{what}: {html}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ayon_misbehaves_from_the_start() {
    let stage = Stage::open().await;
    ends_readably(&stage, stage.ayon.controls(), "AYON", "", "ayon-").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ayon_misbehaves_in_the_middle() {
    let stage = Stage::open().await;
    ends_readably(&stage, stage.ayon.controls(), "AYON", "/graphql", "ayon-").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_misbehaves_from_the_start() {
    let stage = Stage::open().await;
    ends_readably(&stage, stage.flow.controls(), "Flow", "", "flow-").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_misbehaves_in_the_middle() {
    let stage = Stage::open().await;
    ends_readably(&stage, stage.flow.controls(), "Flow", "/_search", "flow-").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_renewed_once() {
    let stage = Stage::open().await;
    stage.flow.controls().add_fault(Fault {
        after: 2,
        ..crate::harness::once("/_search", FaultBody::Json, 401)
    });
    stage.forget_requests();
    stage.right_click("Shot", &[1062]).await.planned().await;
    let requests = stage.flow.controls().requests();
    let refused = requests.iter().filter(|one| one.status == Some(401)).count();
    let tokens = requests
        .iter()
        .filter(|one| one.path.ends_with("/access_token"))
        .count();
    assert_eq!((refused, tokens), (1, 2));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_systems_are_waited_for() {
    let stage = Stage::open().await;
    stage.flow.controls().set_latency(Duration::from_millis(150));
    stage.ayon.controls().set_latency(Duration::from_millis(150));
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    run.apply().await.done().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_says_no_to_what_cannot_be_synced() {
    let stage = Stage::open().await;
    let click =
        async |kind: &str, ids: &[i64]| stage.right_click(kind, ids).await.reaches(&["refused"]).await;
    stage.flow.set_field("Project", 204, "archived", true.into());
    let run = click("Shot", &[2001]).await;
    assert_eq!(run.error(), "project-archived");
    assert!(run.html().await.contains("archive"));

    // A page over all projects posts no project, so the rows tell.
    let run = stage.right_click_on_my_page("Shot", &[999_999]).await;
    assert_eq!(run.reaches(&["refused"]).await.error(), "rows-not-in-flow");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_early_still_says_what_it_cost() {
    let stage = Stage::open().await;
    for (controls, path) in [
        (stage.ayon.controls(), "/graphql"),
        (stage.flow.controls(), "/_search"),
    ] {
        controls.add_fault(always(path, FaultBody::Json, 503));
        stage.forget_requests();
        let run = stage.right_click("Shot", &[1062]).await.failed().await;
        controls.clear_faults();
        let said = |system: &str| run.data["calls"][system]["requests"].as_u64().unwrap();
        // Calls that were under way when another one failed count as well.
        let (flow, ayon) = stage.requests();
        assert!(said("flow") >= flow as u64, "{path}: {} of {flow}", said("flow"));
        assert!(said("ayon") >= ayon as u64, "{path}: {} of {ayon}", said("ayon"));
    }
    stage.nothing_else_was_sent().await;
}
