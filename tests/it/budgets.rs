//! How many requests a sync may cost. Counts only, never times: those belong to the benchmark.

use std::collections::BTreeMap;

use amigo::sandbox::studio::Studio;
use serde_json::Value;

use crate::harness::{RunPage, Stage};

const SHOTS: usize = 500;
const TASKS_PER_SHOT: usize = 9;
/// The most that a page of five thousand rows, or one branch of it, may hold.
const PAGE_BYTES: usize = 500_000;

/// What the run says it cost: Flow, AYON.
fn calls(run: &RunPage<'_>) -> (usize, usize) {
    let count = |system: &str| {
        let requests = run.data["calls"][system]["requests"].as_u64().unwrap();
        usize::try_from(requests).unwrap()
    };
    (count("flow"), count("ayon"))
}

fn bytes(run: &RunPage<'_>, system: &str, way: &str) -> u64 {
    run.data["calls"][system][way].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_entities_stay_within_their_budget() {
    let studio = Studio::uniform(SHOTS, TASKS_PER_SHOT);
    let selected: Vec<i64> = studio
        .rows
        .iter()
        .filter(|row| row.kind == "Shot")
        .map(|row| row.id)
        .collect();
    assert_eq!(selected.len(), SHOTS);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;

    // People are read once for all runs of some minutes, so that no run's budget holds them.
    stage.right_click("Shot", &selected).await.planned().await;
    stage.forget_requests();
    let run = stage.right_click("Shot", &selected).await.planned().await;
    let (flow, ayon) = stage.requests();
    assert!(
        flow <= 14,
        "planning asked Flow {flow} times: {:?}",
        stage.flow.controls().requests()
    );
    assert!(ayon <= 6, "planning asked AYON {ayon} times");
    assert_eq!(calls(&run), (flow, ayon), "amigo counts what was sent");
    let folders = SHOTS + 10;
    let tasks = SHOTS * TASKS_PER_SHOT;
    assert!(
        run.count("create") >= (folders + tasks) as u64,
        "{}",
        run.data["plan"]["counts"]
    );
    assert_eq!(run.blocked(), [""; 0]);
    let page = run.html().await;
    assert!(
        page.len() < PAGE_BYTES,
        "the plan's page has {} bytes",
        page.len()
    );

    let run = run.apply().await.done().await;
    assert_eq!(
        (run.ended("failed"), run.ended("skipped")),
        (0, 0),
        "{}",
        run.data["report"]["counts"]
    );
    let (flow_then, ayon_then) = stage.requests();
    assert_eq!(calls(&run), (flow_then, ayon_then), "amigo counts what was sent");
    let (flow, ayon) = ((flow_then - flow) as f64, (ayon_then - ayon) as f64);
    let most_ayon = folders as f64 / 100.0 + tasks as f64 / 1000.0 + 8.0;
    let most_flow = (folders + tasks) as f64 / 500.0 + 8.0;
    assert!(
        ayon <= most_ayon,
        "applying asked AYON {ayon} times, at most {most_ayon}"
    );
    assert!(
        flow <= most_flow,
        "applying asked Flow {flow} times, at most {most_flow}: {:?}",
        stage.flow.controls().requests()
    );
    let told: u64 = stage
        .ayon
        .controls()
        .requests()
        .iter()
        .map(|request| request.bytes_in as u64)
        .sum();
    assert_eq!(bytes(&run, "ayon", "bytes_out"), told);
    let page = run.html().await;
    assert!(
        page.len() < PAGE_BYTES,
        "the report's page has {} bytes",
        page.len()
    );

    stage.forget_requests();
    let written = stage.writes();
    let again = stage.right_click("Shot", &selected).await.planned().await;
    let (flow, ayon) = stage.requests();
    assert!(
        flow <= 14 && ayon <= 6,
        "planning again asked {flow} and {ayon} times"
    );
    assert_eq!(again.planned_paths(), [""; 0]);
    assert_eq!(stage.writes(), written, "a second sync writes nothing");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_five_thousand_rows_is_ready_to_read() {
    let studio = Studio::uniform(50, 100);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    let run = stage.right_click("Project", &[500]).await.planned().await;
    let summary: Value = stage
        .get(&format!("{}.json?view=summary", run.path))
        .await
        .json()
        .await
        .unwrap();
    assert!(summary["plan"]["operations"].is_null());
    assert_eq!(summary["plan"]["counts"], run.data["plan"]["counts"]);
    let nodes = run.data["plan"]["nodes"].as_array().unwrap();
    assert!(nodes.len() > 5000);
    // Whoever opens every branch sees every row, and none twice.
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    let mut waiting = vec![run.html().await];
    let mut opened = 0;
    while let Some(html) = waiting.pop() {
        assert!(html.len() < PAGE_BYTES, "{} bytes: {}", html.len(), &html[..200]);
        let (rows, branches) = rows_and_branches(&html);
        for row in rows {
            *shown.entry(row).or_default() += 1;
        }
        for branch in branches {
            assert!(branch.starts_with(&format!("{}/rows?", run.path)), "{branch}");
            waiting.push(text_of(&stage, &format!("{branch}&part=list")).await);
            opened += 1;
        }
    }
    assert!(opened >= 50, "{opened} branches");
    let twice: Vec<_> = shown.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let expected = nodes.iter().filter(|node| !node["flow"].is_null()).count();
    assert_eq!(shown.len(), expected, "every row is there");

    // Those who look have the same branches at their own address, without boxes and capability.
    let (_, branches) = rows_and_branches(&text_of(&stage, &run.view()).await);
    let branch = &branches[0];
    assert!(branch.starts_with(&format!("{}/rows?", run.view())), "{branch}");
    for address in [branch.clone(), format!("{branch}&part=list")] {
        let html = text_of(&stage, &address).await;
        assert!(!rows_and_branches(&html).0.is_empty());
        assert!(!html.contains("checkbox") && !html.contains(run.id()));
    }
    // Without scripts a branch is a page, which says where the boxes are.
    let (_, branches) = rows_and_branches(&run.html().await);
    let html = text_of(&stage, &branches[0]).await;
    assert!(html.contains("Back to the run") && !html.contains("checkbox"));

    let found = text_of(&stage, &format!("{}/rows?find=bs_010_0050", run.path)).await;
    let (rows, _) = rows_and_branches(&found);
    assert_eq!(rows.len(), 1, "{rows:?}");
    stage.nothing_else_was_sent().await;
}

async fn text_of(stage: &Stage, path: &str) -> String {
    let answer = stage.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// Addresses of the Flow rows that a page shows, and of its closed branches.
fn rows_and_branches(html: &str) -> (Vec<String>, Vec<String>) {
    let page = scraper::Html::parse_document(html);
    let addresses = |selector: &str| -> Vec<String> {
        page.select(&scraper::Selector::parse(selector).unwrap())
            .map(|link| link.attr("href").unwrap().to_owned())
            .collect()
    };
    (addresses(".row a.flow[href*='/detail/']"), addresses(".closed a"))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shot_of_a_large_project_reads_little() {
    let mut studio = Studio::uniform(10_000, 0);
    studio.projects[0].ayon_name = Some("bench_show".to_owned());
    for row in &mut studio.rows {
        row.in_ayon = true;
    }
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    let run = stage.right_click("Shot", &[10_001]).await.planned().await;
    assert_eq!(run.blocked(), [""; 0]);
    let (requests, read) = (calls(&run).1, bytes(&run, "ayon", "bytes_in"));
    assert!(requests <= 12, "AYON was asked {requests} times");
    assert!(read < 200_000, "{read} bytes came from AYON for one Shot");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_ids_of_which_most_are_gone() {
    let studio = Studio::uniform(2_000, 0);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    let selected: Vec<i64> = (10_001..30_001).collect();
    stage.forget_requests();
    let run = stage.right_click("Shot", &selected).await.planned().await;
    let (flow, ayon) = stage.requests();
    // Where they are, what they are, and for those that are gone whether they are in the trash: a thousand each.
    assert!(flow <= 20 + 20 + 18 + 14, "planning asked Flow {flow} times");
    assert!(ayon <= 6, "planning asked AYON {ayon} times");
    let problems = run.data["plan"]["problems"].as_array().unwrap();
    let gone: std::collections::BTreeSet<i64> = problems
        .iter()
        .filter(|problem| problem["code"] == "not-in-flow")
        .filter_map(|problem| problem["flow"]["id"].as_i64())
        .collect();
    assert_eq!(gone, (12_001..30_001).collect());
    let operations = run.data["plan"]["operations"].as_array().unwrap();
    let folders = operations.iter().filter(|operation| operation["on"] == "folder");
    assert_eq!(folders.count(), 2_000 + 10, "the others are planned");
    let page = run.html().await;
    assert!(page.len() < 1_000_000, "the plan's page has {} bytes", page.len());
    stage.nothing_else_was_sent().await;
}

/// Flow gives at most 5000 rows a page, and says nothing of the last one but that it is short.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_page_is_followed_by_the_next() {
    let studio = Studio::uniform(2, 2_550);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    let run = stage.right_click("Project", &[500]).await.planned().await;
    let tasks = run.data["plan"]["nodes"].as_array().unwrap().iter();
    let tasks = tasks.filter(|node| node["flow"]["type"] == "Task").count();
    assert_eq!(tasks, 5_100);
    let asked = stage.flow.controls().requests();
    let pages = asked
        .iter()
        .filter(|request| request.path.ends_with("/entity/Task/_search"))
        .count();
    assert_eq!(pages, 2);
    stage.nothing_else_was_sent().await;
}
