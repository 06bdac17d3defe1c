//! Watching a run live: numbered events, resumed where they were left, ending with the run.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Stage, Told};

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_a_run_from_start_to_end() {
    let stage = Stage::open().await;
    let run = stage.right_click("Sequence", &[33]).await;
    stage.ayon.controls().set_latency(Duration::from_millis(60));
    let path = format!("{}/events", run.path);
    // Somebody listens from the first moment on; the stream ends by itself.
    let (heard, run) = tokio::join!(stage.listen(&path, None), async {
        run.planned().await.apply().await.done().await
    });

    let numbers: Vec<i64> = heard.iter().map(|told| told.number).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    let states: Vec<&str> = heard
        .iter()
        .filter(|told| told.name == "state")
        .map(|told| told.data["state"].as_str().unwrap())
        .collect();
    assert!(
        states.ends_with(&["planning", "planned", "applying", "done"]),
        "{states:?}"
    );
    assert_eq!(heard.last().unwrap().data, json!({"state": "done"}));
    let progress = heard.iter().filter(|told| told.name == "progress");
    assert!(progress.clone().all(|told| told.data["phase"].is_string()));
    assert!(progress.count() > 0);

    // The last word on every row is the report's.
    let mut outcomes = std::collections::BTreeMap::new();
    for told in heard.iter().filter(|told| told.name == "operations") {
        for row in told.data.as_array().unwrap() {
            outcomes.insert(row["id"].as_str().unwrap().to_owned(), row["outcome"].clone());
        }
    }
    for row in run.data["report"]["operations"].as_array().unwrap() {
        assert_eq!(outcomes.get(row["id"].as_str().unwrap()), Some(&row["outcome"]));
    }

    // A browser that lost the stream goes on where it was, by either address.
    let middle = heard[heard.len() / 2].number;
    // Of a phase only the newest progress is kept, so that is not compared.
    let lasting = |told: Vec<Told>, after: i64| -> Vec<Told> {
        let keep = |told: &Told| told.number > after && told.name != "progress";
        told.into_iter().filter(keep).collect()
    };
    let rest = lasting(heard.clone(), middle);
    for address in [path.clone(), format!("{}/events", run.view())] {
        let again = stage.listen(&address, Some(middle)).await;
        assert!(again.iter().all(|told| told.number > middle), "{again:?}");
        assert_eq!(lasting(again, middle), rest);
        assert_eq!(
            lasting(stage.listen(&address, None).await, 0),
            lasting(heard.clone(), 0)
        );
    }
    let last = heard.last().unwrap().number;
    assert_eq!(stage.listen(&path, Some(last)).await, []);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_while_they_happen() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let mut stream = stage.get(&format!("{}/events", run.path)).await;
    // The plan waits for somebody, and so does the stream: what it has to say so far comes at once.
    let mut heard = String::new();
    while !heard.contains("\"planned\"") {
        let chunk = tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await;
        let chunk = chunk
            .expect("the stream says what is known")
            .unwrap()
            .expect("and stays open");
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    while let Some(chunk) = stream.chunk().await.unwrap() {
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(heard.contains("\"cancelled\""), "{heard}");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_readable_at_every_stage_without_scripts() {
    let stage = Stage::open().await;
    stage.flow.controls().set_latency(Duration::from_millis(120));
    let run = stage
        .right_click("Shot", &[1062])
        .await
        .reaches(&["planning"])
        .await;
    let waiting = run.html().await;
    assert!(waiting.contains("http-equiv=\"refresh\""), "{waiting}");
    assert!(waiting.contains("Nothing is written"), "{waiting}");
    let run = run.planned().await;
    let plan = run.html().await;
    assert!(
        !plan.contains("http-equiv=\"refresh\""),
        "a plan is not torn from under its reader"
    );
    assert!(
        plan.contains("hl_040_0010") && plan.contains("id=\"apply\""),
        "{plan}"
    );
    stage.hold_ayon("/operations", 0);
    let run = run.apply().await.reaches(&["applying"]).await;
    let applying = run.html().await;
    assert!(applying.contains("http-equiv=\"refresh\""), "{applying}");
    let run = run.done().await;
    let report = run.html().await;
    assert!(!report.contains("http-equiv=\"refresh\""), "{report}");
    assert!(
        report.contains("/projects/harbor_lights"),
        "the report leads to AYON: {report}"
    );
    stage.nothing_else_was_sent().await;
}
