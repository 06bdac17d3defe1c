//! A run applied to a project so large that AYON gets slow: it writes in smaller bites, others read in between, and
//! whoever watches hears of each.

use std::cell::Cell;

use amigo::sandbox::studio::Studio;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Stage, Told, until};

/// Shots that AYON has. At so many folders a hundred more take it longer than a bite should.
const THERE: usize = 3_000;
/// Shots that it does not have.
const NEW: usize = 240;

/// A studio of one project, with the ids and names of the Shots that AYON does not have.
fn studio() -> (Studio, Vec<i64>, Vec<String>) {
    let mut studio = Studio::uniform(THERE + NEW, 0);
    studio.projects[0].ayon_name = Some("bench_show".to_owned());
    let mut shots = 0;
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for row in &mut studio.rows {
        row.in_ayon = true;
        if row.kind == "Shot" {
            shots += 1;
            row.in_ayon = shots <= THERE;
        }
        if !row.in_ayon {
            ids.push(row.id);
            names.push(row.name.clone().unwrap());
        }
    }
    (studio, ids, names)
}

/// How many folders of these names an artist sees, who has to wait while AYON writes.
async fn seen(stage: &Stage, names: &[String]) -> usize {
    let query = "query($names: [String!]) { project(name: \"bench_show\") {
        folders(first: 5000, names: $names) { edges { node { name } } } } }";
    let answer = stage
        .http
        .post(format!("{}/graphql", stage.ayon.url()))
        .header("x-api-key", API_KEY)
        .json(&json!({"query": query, "variables": {"names": names}}))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let edges = answer["data"]["project"]["folders"]["edges"].as_array();
    edges.unwrap_or_else(|| panic!("{answer}")).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_shrink_where_ayon_is_slow_and_nobody_starves() {
    let (studio, ids, names) = studio();
    assert_eq!(ids.len(), NEW);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
        setting.ayon.slow = true;
    })
    .await;
    let run = stage.right_click("Shot", &ids).await.planned().await;
    let operations = run.data["plan"]["operations"].as_array().unwrap();
    let is_new = |operation: &&Value| operation["on"] == "folder" && operation["kind"] == "create";
    assert_eq!(operations.iter().filter(is_new).count(), NEW);
    let events = format!("{}/events", run.path);
    stage.forget_requests();

    let is_over = Cell::new(false);
    let (heard, run, readings, lives) = tokio::join!(
        stage.listen(&events, None),
        async {
            let run = run.apply().await.done().await;
            is_over.set(true);
            run
        },
        async {
            let mut readings = Vec::new();
            until("the artist has read until the end", async || {
                readings.push(seen(&stage, &names).await);
                is_over.get().then_some(())
            })
            .await;
            readings
        },
        async {
            let mut lives = 0;
            until("amigo has answered until the end", async || {
                assert_eq!(stage.get("/healthz").await.status(), 200);
                lives += 1;
                is_over.get().then_some(())
            })
            .await;
            lives
        },
    );
    assert_eq!(
        run.ended("failed") + run.ended("skipped"),
        0,
        "{}",
        run.data["report"]
    );
    assert_eq!(stage.ayon.paths("bench_show").len(), 10 + THERE + NEW);

    // Each row of a request is as long as the next one.
    let requests = stage.ayon.controls().requests();
    let bytes: Vec<usize> = requests
        .iter()
        .filter(|request| request.path.ends_with("/operations"))
        .map(|request| request.bytes_in)
        .collect();
    let total: usize = bytes.iter().sum();
    let rows: Vec<usize> = bytes.iter().map(|bytes| bytes * NEW / total).collect();
    assert!(rows.len() >= 3, "{rows:?}");
    // The last one holds what is left.
    let (first, later) = (rows[0], &rows[1..rows.len() - 1]);
    assert!(later.iter().all(|rows| rows * 10 < first * 9), "{rows:?}");

    let in_between = |count: &&usize| **count > 0 && **count < NEW;
    assert!(readings.iter().any(|count| in_between(&count)), "{readings:?}");
    assert_eq!(readings.last(), Some(&NEW));
    let of_folders = |told: &&Told| told.name == "progress" && told.data["phase"] == "Folders";
    let told: Vec<&Told> = heard.iter().filter(of_folders).collect();
    assert!(told.len() >= rows.len(), "{rows:?}: {told:?}");
    assert!(lives > rows.len(), "{lives} answers in {rows:?}");
    stage.nothing_else_was_sent().await;
}
