//! Re-parenting: pure placement and comparison, and the preview of a whole project over real HTTP with its page.

use std::time::{Duration, Instant};

use amigo::model::{Parenting, SyncOptions, WhatIf};
use amigo::plan::{Input, Planned, Wanted, reparent};
use amigo::sandbox::studio::Studio;
use reqwest::{Client, redirect};
use serde_json::{Value, json};

use super::Outcome;
use super::amigo_process::Amigo;
use super::journey::{Systems, begin, follow, good};
use super::planning;
use super::table::{below, figure, title};

/// 100 000 rows are to be placed and compared within this time.
const GOAL_PURE: f64 = 500.0;
/// A project of 10 000 folders is to be previewed within this time, and its page to be smaller than this.
const GOAL_PREVIEW: f64 = 2.0;
const GOAL_PAGE: f64 = 1000.0;
const FOLDERS: usize = 10_000;
const RUNS: usize = 3;
const LIMIT: Duration = Duration::from_secs(120);
const RULES: &str = "type_grouping: Shot = all_shots[Folder]/cut[Folder]";

pub fn pure() -> Outcome<()> {
    title("Pure re-parenting, one project of Sequences and Shots");
    for rows in [1_000, 10_000, 30_000, 100_000] {
        let (flow, ayon) = planning::synced(rows)?;
        for (what, rules, moved) in [
            ("nothing moves", "none", false),
            ("every Shot moves", RULES, true),
        ] {
            let what_if: WhatIf = rules.parse()?;
            let rules = amigo::plan::Rules {
                parenting: Parenting::default().with(&what_if),
                options: SyncOptions {
                    tasks: false,
                    ..SyncOptions::default()
                },
                attributes: Vec::new(),
                ..planning::rules()
            };
            let input = Input {
                wanted: &Wanted::WholeProject,
                flow: &flow,
                ayon: &ayon,
                rules: &rules,
            };
            let (time, planned) = timed(&input);
            let counts = planned.plan.counts;
            let right = if moved {
                counts.moved > rows * 9 / 10
            } else {
                counts.unchanged >= rows
            };
            if !right || counts.blocked > 0 {
                return Err(format!("{rows} rows, {what}: planned as {counts:?}").into());
            }
            let label = format!("{rows} rows, {what}");
            let ms = time.as_secs_f64() * 1e3;
            if rows == 100_000 {
                below(&label, ms, "ms", GOAL_PURE);
            } else {
                figure(&label, &format!("{ms:.0} ms"));
            }
            figure(
                "  a row",
                &format!("{:.1} µs", time.as_secs_f64() * 1e6 / rows as f64),
            );
        }
    }
    Ok(())
}

fn timed(input: &Input<'_>) -> (Duration, Planned) {
    let once = || {
        let started = Instant::now();
        let planned = reparent(input);
        (started.elapsed(), planned)
    };
    let mut best = once();
    for _ in 1..RUNS {
        let (time, planned) = once();
        best = (time.min(best.0), planned);
    }
    best
}

pub async fn preview() -> Outcome<()> {
    tokio::time::timeout(LIMIT, whole_project()).await?
}

async fn whole_project() -> Outcome<()> {
    title(&format!(
        "Preview of a whole project of {FOLDERS} folders, no latency added"
    ));
    let mut studio = Studio::uniform(FOLDERS - 10, 0);
    for project in &mut studio.projects {
        project.ayon_name = Some("bench_show".to_owned());
    }
    for row in &mut studio.rows {
        row.in_ayon = true;
    }
    let client = Client::builder().redirect(redirect::Policy::none()).build()?;
    let systems = Systems::of(&studio)?;
    let amigo = Amigo::start(
        &client,
        systems.ayon.url(),
        &amigo::sandbox::ayon::AyonOptions::default().api_key,
        super::journey::SECRET,
        &[("AMIGO_LOG", "warn")],
    )
    .await?;
    let query = serde_urlencoded::to_string([("what-if", RULES)])?;
    let item = json!({
        "title": "Preview re-parenting",
        "url": format!("{}/ami/reparent?{query}", amigo.url),
        "entity_type": "Project",
        "selection_required": true,
        "secret_token": super::journey::SECRET,
    });
    let item = systems
        .flow
        .create("ActionMenuItem", item)
        .ok_or("no menu item is made")?;
    let project = systems.flow.ids("Project");
    for nth in 1..=RUNS {
        // Two posts of one second would be the same post.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let form = systems.form(item, "Project", &project);
        let started = Instant::now();
        let url = begin(&client, &amigo.url, &format!("reparent?{query}"), &form).await?;
        follow(&client, &url, "planned").await?;
        below(
            &format!("preview {nth}"),
            started.elapsed().as_secs_f64(),
            "s",
            GOAL_PREVIEW,
        );
        let started = Instant::now();
        let page = good(client.get(&url).send().await?)?.text().await?;
        let time = started.elapsed();
        below("  its page", page.len() as f64 / 1024.0, "kB", GOAL_PAGE);
        figure("  made in", &format!("{:.0} ms", time.as_secs_f64() * 1e3));
        let data: Value = good(client.get(format!("{url}.json?view=summary")).send().await?)?
            .json()
            .await?;
        let moved = data["plan"]["counts"]["move"].as_u64();
        if moved != Some(FOLDERS as u64 - 10) {
            return Err(format!("{moved:?} folders would move").into());
        }
        let calls = ["flow", "ayon"].map(|system| data["calls"][system]["requests"].to_string());
        figure("  requests to Flow, AYON", &calls.join(", "));
    }
    drop(amigo);
    systems.stop().await;
    Ok(())
}
