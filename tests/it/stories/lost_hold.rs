//! A run that loses its hold on the project writes no more, and says so.

use std::time::Duration;

use amigo::net::Patience;
use amigo::run::{Asked, Origin, Run, RunId, ViewId};
use amigo::sandbox::controls::Fault;
use amigo::store::Store;

use crate::harness::{HARBOR, Stage, until};

/// How often a request is sent at most.
const ATTEMPTS: u32 = 30;

/// Takes the project away, as another amigo does when this one was silent for too long.
async fn take_the_project(stage: &Stage, from: &str) {
    let store = Store::open(&stage.variables()["AMIGO_DATABASE_URL"])
        .await
        .unwrap();
    let now = (stage.clock.services().now)();
    let asked = Asked {
        action: "sync".to_owned(),
        options: Default::default(),
        requested_by: Default::default(),
        site: "127.0.0.1".to_owned(),
        selection: None,
    };
    let (id, view) = (RunId("a".repeat(32)), ViewId("b".repeat(32)));
    let other = Run::queued(id.clone(), view, Origin::Cli, asked, now);
    store.create(&other, None).await.unwrap();
    let project = format!("127.0.0.1/{HARBOR}");
    store.release(&project, &RunId(from.to_owned())).await.unwrap();
    assert!(store.lease(&project, &id, now + 3_600_000, now).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_for_its_next_attempt_is_given_up() {
    let stage = Stage::set(|setting| {
        setting.patience = Patience {
            attempts: ATTEMPTS,
            pause: Duration::from_millis(400),
            longest: Duration::from_millis(400),
            ..Patience::default()
        };
    })
    .await;
    let run = stage.right_click("Shot", &[1043]).await.planned().await;
    stage.flow.controls().add_fault(Fault {
        path: "/_batch".to_owned(),
        status: 429,
        times: 10 * ATTEMPTS,
        ..Fault::default()
    });
    let tries = || {
        let requests = stage.flow.controls().requests();
        requests
            .iter()
            .filter(|request| request.path.ends_with("/_batch"))
            .count()
    };
    let run = run.apply().await;
    until("Flow is told", async || (tries() > 0).then_some(())).await;
    take_the_project(&stage, run.id()).await;
    let run = run.failed().await;
    assert_eq!(run.data["error"]["code"], "interrupted");
    assert!(tries() < ATTEMPTS as usize, "{} tries", tries());
    let rows = run.data["report"]["operations"].as_array().unwrap();
    let told = |row: &serde_json::Value| row["message"] == "AYON has it; Flow is not told yet";
    assert!(!rows.is_empty() && rows.iter().all(told), "{rows:?}");
    stage.close().await;
}
