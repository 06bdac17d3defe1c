//! What the log says, and what it never says: no secret, signature, token, key, body or run capability.

use serde_json::Value;

use crate::harness::{SECRETS, Stage};

/// Everything a run does, good and bad, under a talkative log.
async fn log_of_a_story(format: &str) -> (String, Vec<String>) {
    let mut stage = Stage::open().await;
    let binary = stage
        .serve_with_the_binary(&[("AMIGO_LOG", "debug"), ("AMIGO_LOG_FORMAT", format)])
        .await;
    let form = stage.form("Shot", &[1043, 1051]);
    let mut forged = form.clone();
    forged.retain(|(name, _)| name != "signature");
    forged.push((
        "signature".to_owned(),
        "feedfacefeedfacefeedfacefeedfacefeedface".to_owned(),
    ));
    assert_eq!(stage.post("/ami/sync", &forged).await.status(), 401);
    let run = stage.right_click("Shot", &[1043, 1051]).await.planned().await;
    let foreign = run
        .send(
            "apply",
            &[("seal", run.seal())],
            &[("origin", "http://evil.example")],
        )
        .await;
    assert_eq!(foreign.status(), 403);
    stage.flow.expire_tokens();
    let run = run.apply().await.done().await;
    run.html().await;
    stage.listen(&format!("{}/events", run.path), None).await;
    stage.flow.controls().add_fault(crate::harness::always(
        "/_search",
        amigo::sandbox::controls::FaultBody::Html,
        502,
    ));
    stage.right_click("Shot", &[1043]).await.failed().await;

    let mut never: Vec<String> = SECRETS.map(str::to_owned).to_vec();
    never.extend(
        [
            "feedfacefeedface",
            "Bearer ey",
            "3f0b8a52-6c1d",
            "selected_ids",
            "client_secret",
        ]
        .map(str::to_owned),
    );
    never.extend([run.id(), run.seal()].map(str::to_owned));
    never.push(
        form.iter()
            .find(|(name, _)| name == "signature")
            .unwrap()
            .1
            .clone(),
    );
    let view = run.data["view"].as_str().unwrap().to_owned();
    let ended = binary.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.out, "", "standard output belongs to answers");
    assert!(
        ended.err.contains(&view),
        "a run is named by the address that may be shared"
    );
    stage.nothing_else_was_sent().await;
    (ended.err, never)
}

fn keeps_silent(log: &str, never: &[String]) {
    for secret in never {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret} is in the log");
    }
    for said in [
        "serving",
        "planned",
        "a plan is applied",
        "signature-wrong",
        "origin-foreign",
        "stopping",
    ] {
        assert!(log.contains(said), "{said:?} is missing from the log: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_people_holds_no_secret() {
    let (log, never) = log_of_a_story("text").await;
    keeps_silent(&log, &never);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_machines_is_one_object_a_line_and_holds_no_secret() {
    let (log, never) = log_of_a_story("json").await;
    keeps_silent(&log, &never);
    is_one_object_a_line(&log);
}

/// Asserts that machines can read a log.
pub fn is_one_object_a_line(log: &str) {
    assert!(!log.is_empty());
    for line in log.lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(
            object["level"].is_string() && object["timestamp"].is_string(),
            "{line}"
        );
    }
}
