//! A moment's trouble at each read of a run: it is read again, and the run does not even notice. Reads that only some
//! selections need are in `faults_at_times`.

use std::time::Duration;

use amigo::sandbox::controls::{Controls, Fault, FaultBody};

use crate::harness::{Stage, impatient, moments, once};

/// What a run reads first, or over and over: the system, and what its address holds. Each meets every trouble.
const READS: [(&str, &str); 7] = [
    ("ayon", "/api/settings"),
    ("ayon", "/api/secrets"),
    ("ayon", "/graphql"),
    ("flow", "/access_token"),
    ("flow", "/schema"),
    ("flow", "/entity/Project/_search"),
    ("flow", "/entity/Shot/_search"),
];

/// What else every run reads. Each meets two troubles.
const MORE_READS: [(&str, &str); 4] = [
    ("ayon", "/api/info"),
    ("ayon", "/api/projects/harbor_lights/stats"),
    ("ayon", "/settings/harbor_lights"),
    ("flow", "/entity/Task/_search"),
];

/// What can happen to a read, each with its name.
type Troubles = Vec<(&'static str, Fault)>;

/// Both, each with its troubles.
fn reads() -> Vec<(&'static str, &'static str, Troubles)> {
    let every = READS.map(|(system, path)| (system, path, troubles(system, path)));
    let more = MORE_READS.map(|(system, path)| (system, path, a_few(system, path)));
    every.into_iter().chain(more).collect()
}

pub(super) fn controls<'s>(stage: &'s Stage, system: &str) -> &'s Controls {
    match system {
        "flow" => stage.flow.controls(),
        _ => stage.ayon.controls(),
    }
}

fn troubles(system: &str, path: &str) -> Troubles {
    let mut troubles = moments(path);
    // Whether a read was carried out makes no difference.
    troubles.retain(|(name, _)| !name.contains(", done"));
    if system == "flow" && path != "/access_token" {
        troubles.push(("an ended token", once(path, FaultBody::Json, 401)));
    }
    troubles
}

/// Two troubles of different sorts: an answer that breaks off, and one that the system or a gateway gives instead.
pub(super) fn a_few(system: &str, path: &str) -> Vec<(&'static str, Fault)> {
    let instead = match system {
        "flow" => "an ended token",
        _ => "a bad gateway",
    };
    let mut troubles = troubles(system, path);
    troubles.retain(|(name, _)| ["half an answer", instead].contains(name));
    assert_eq!(troubles.len(), 2, "{path}");
    troubles
}

/// Plans a Shot that AYON has, with one trouble after the other at the reads of one system.
async fn is_planned_all_the_same(system: &str) {
    let stage = Stage::set(impatient).await;
    for (of, path, troubles) in reads() {
        if of != system {
            continue;
        }
        for (name, fault) in troubles {
            let controls = controls(&stage, system);
            controls.add_fault(fault);
            stage.forget_requests();
            let run = stage.right_click("Shot", &[1031]).await.planned().await;
            assert_eq!(controls.struck(), 1, "{path}: {name}");
            assert_eq!(run.planned_paths(), [""; 0], "{path}: {name}");
            controls.clear_faults();
        }
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_bears_with_ayon() {
    is_planned_all_the_same("ayon").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_bears_with_flow() {
    is_planned_all_the_same("flow").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_counted() {
    let stage = Stage::open().await;
    // People are remembered for a while, so the first plan asks more.
    stage.right_click("Shot", &[1031]).await.planned().await;
    let plain = stage.right_click("Shot", &[1031]).await.planned().await;
    let asked = |run: &crate::harness::RunPage<'_>| run.data["calls"]["ayon"]["requests"].as_u64().unwrap();
    let fault = Fault {
        times: 3,
        ..once("/graphql", FaultBody::Html, 502)
    };
    stage.ayon.controls().add_fault(fault);
    let run = stage.right_click("Shot", &[1031]).await.planned().await;
    assert_eq!(stage.ayon.controls().struck(), 3);
    assert_eq!(asked(&run), asked(&plain) + 3);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_once_more_bears_with_both() {
    let stage = Stage::open().await;
    // The schema is remembered from planning.
    for (system, path, troubles) in reads().into_iter().filter(|(_, path, _)| *path != "/schema") {
        for (name, fault) in troubles {
            if name.starts_with("silence") {
                continue;
            }
            let what = format!("{path}: {name}");
            let label = format!("Shot of {what}").replace('/', " ");
            assert!(stage.flow.set_field("Shot", 1031, "code", label.into()));
            let run = stage.right_click("Shot", &[1031]).await.planned().await;
            if path == "/access_token" {
                // The plan's token would do.
                stage.flow.expire_tokens();
            }
            let controls = controls(&stage, system);
            controls.add_fault(fault);
            let run = run.apply().await.done().await;
            assert_eq!(controls.struck(), 1, "{what}");
            assert_eq!(run.ended("failed") + run.ended("skipped"), 0, "{what}");
            assert!(run.ended("done") > 0, "{what}");
            controls.clear_faults();
        }
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_hears_who_is_busy() {
    // Long enough to be told: progress is told five times a second at most.
    let stage = Stage::set(|setting| {
        setting.patience.pause = Duration::from_secs(1);
        setting.patience.longest = Duration::from_secs(1);
    })
    .await;
    stage
        .ayon
        .controls()
        .add_fault(once("/graphql", FaultBody::Html, 503));
    let run = stage.right_click("Shot", &[1031]).await;
    let path = format!("{}/events", run.path);
    let (heard, _) = tokio::join!(stage.listen(&path, None), async {
        let run = run.planned().await;
        run.press("cancel", &[]).await
    });
    let phases: Vec<&str> = heard
        .iter()
        .filter_map(|told| told.data["phase"].as_str())
        .collect();
    assert!(phases.contains(&"AYON is busy, trying again"), "{phases:?}");
    stage.nothing_else_was_sent().await;
}
