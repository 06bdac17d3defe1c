//! The whole way of one click over real HTTP: post, plan, page, apply, and all of it once more.

use std::time::{Duration, Instant};

use amigo::sandbox::ayon::{AyonOptions, AyonSandbox};
use amigo::sandbox::flow::{FlowOptions, FlowSandbox};
use amigo::sandbox::studio::{PRODUCTION_MANAGER, Studio};
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::{Value, json};

use super::Outcome;
use super::amigo_process::Amigo;
use super::memory;
use super::table::{below, figure, title};

const SHOTS: usize = 500;
const TASKS_PER_SHOT: usize = 9;
/// Folders of the whole plan: the Shots and their 10 Sequences.
const FOLDERS: usize = SHOTS + 10;
const TASKS: usize = SHOTS * TASKS_PER_SHOT;
/// Added to every request of both systems.
const LATENCY: Duration = Duration::from_millis(50);
/// Everything together may take so long before it counts as broken.
const LIMIT: Duration = Duration::from_secs(300);
pub const SECRET: &str = "the secret token of the benchmark";

pub async fn measure() -> Outcome<()> {
    tokio::time::timeout(LIMIT, walk()).await?
}

/// The two stand-ins, and the menu item in the Flow site.
pub struct Systems {
    pub flow: FlowSandbox,
    pub ayon: AyonSandbox,
    item: i64,
    shots: Vec<i64>,
    project: Option<i64>,
}

/// A run from its post to its plan.
pub struct Planned {
    pub url: String,
    pub data: Value,
    pub time: Duration,
    /// Requests by which single people were looked up.
    pub people: usize,
}

async fn walk() -> Outcome<()> {
    title(&format!(
        "{SHOTS} Shots with {TASKS_PER_SHOT} Tasks each, {} ms added to every request",
        LATENCY.as_millis()
    ));
    let client = Client::builder().redirect(redirect::Policy::none()).build()?;
    let mut systems = Systems::start()?;
    let amigo = Amigo::start(
        &client,
        systems.ayon.url(),
        &AyonOptions::default().api_key,
        SECRET,
        &[("AMIGO_LOG", "warn")],
    )
    .await?;
    systems.slow_down(&amigo.url)?;
    let idle = memory::of(amigo.pid());

    let (one, other) = (&systems.shots[..1], &systems.shots[1..2]);
    let cold = systems.plan(&client, &amigo, one).await?;
    figure(
        "one Shot with its Tasks, people not known yet",
        &format!("{:.2} s", cold.time.as_secs_f64()),
    );
    let warm = systems.plan(&client, &amigo, other).await?;
    below("one Shot with its Tasks", warm.time.as_secs_f64(), "s", 0.6);
    requests("  requests", &warm.data, None, warm.people, (14, 6))?;

    let first = systems.plan(&client, &amigo, &systems.shots).await?;
    let created = &first.data["plan"]["counts"]["create"];
    if created.as_u64() < Some((FOLDERS + TASKS) as u64) {
        return Err(format!("{created} rows would be made, {} were expected", FOLDERS + TASKS).into());
    }
    below("first plan", first.time.as_secs_f64(), "s", 3.0);
    requests("  requests", &first.data, None, first.people, (14, 6))?;
    figure("  and people looked up", &first.people.to_string());
    systems.counted(&first.data)?;

    let started = Instant::now();
    let page = good(client.get(&first.url).send().await?)?.text().await?;
    figure(
        "the plan's page",
        &format!(
            "{:.0} ms, {} kB",
            started.elapsed().as_secs_f64() * 1e3,
            page.len() / 1024
        ),
    );

    let (report, time) = apply(&client, &amigo, &first).await?;
    let counts = &report["report"]["counts"];
    if report["state"] != "done" || counts["failed"] != 0 || counts["skipped"] != 0 {
        return Err(format!("the run ended as {} with {counts}", report["state"]).into());
    }
    figure("applied", &format!("{:.2} s", time.as_secs_f64()));
    let flow = (FOLDERS + TASKS) / 500 + 8;
    let ayon = (10 * FOLDERS + TASKS) / 1000 + 8;
    requests("  requests", &report, Some(&first.data), 0, (flow, ayon))?;
    systems.counted(&report)?;
    let made = systems.ayon.paths("bench_show").len();
    if made != FOLDERS {
        return Err(format!("AYON has {made} folders, {FOLDERS} were expected").into());
    }
    let after = memory::of(amigo.pid());

    let second = systems.plan(&client, &amigo, &systems.shots).await?;
    below("second plan", second.time.as_secs_f64(), "s", 3.0);
    requests("  requests", &second.data, None, second.people, (14, 6))?;
    let writes = second.data["plan"]["operations"]
        .as_array()
        .map_or(usize::MAX, Vec::len);
    if writes > 0 {
        return Err(format!("the second plan would write {writes} rows").into());
    }
    figure("  operations", "0");

    title("Memory of the amigo process");
    if let Some(idle) = idle {
        figure("before the first post", &format!("{:.0} MB", idle.now));
    }
    if let (Some(after), Some(end)) = (after, memory::of(amigo.pid())) {
        figure(
            "peak until the first sync was applied",
            &format!("{:.0} MB", after.peak),
        );
        below("peak", end.peak, "MB", 120.0);
        figure("at the end", &format!("{:.0} MB", end.now));
    }
    drop(amigo);
    systems.stop().await;
    Ok(())
}

impl Systems {
    fn start() -> Outcome<Self> {
        Self::of(&Studio::uniform(SHOTS, TASKS_PER_SHOT))
    }

    /// Both systems with what a studio has.
    pub fn of(studio: &Studio) -> Outcome<Self> {
        let options = FlowOptions {
            studio: studio.clone(),
            ..FlowOptions::default()
        };
        let (script_name, script_key) = (options.script_name.clone(), options.script_key.clone());
        let flow = FlowSandbox::start(options)?;
        let ayon = AyonSandbox::start(AyonOptions {
            studio: studio.clone(),
            flow_url: flow.url(),
            script_name,
            script_key,
            ..AyonOptions::default()
        })?;
        Ok(Self {
            shots: flow.ids("Shot"),
            project: flow.ids("Project").first().copied(),
            flow,
            ayon,
            item: 0,
        })
    }

    /// The form that choosing a menu item on these rows posts.
    pub fn form(&self, item: i64, kind: &str, ids: &[i64]) -> Vec<(String, String)> {
        self.flow
            .ami_form(item, kind, ids, PRODUCTION_MANAGER, self.project)
    }

    pub async fn stop(self) {
        self.flow.stop().await;
        self.ayon.stop().await;
    }

    /// Makes the menu item, and both systems as far away as they are in life.
    fn slow_down(&mut self, amigo: &str) -> Outcome<()> {
        let item = json!({
            "title": "Sync to AYON",
            "url": format!("{amigo}/ami/sync"),
            "entity_type": "Shot",
            "selection_required": true,
            "secret_token": SECRET,
        });
        self.item = self
            .flow
            .create("ActionMenuItem", item)
            .ok_or("the Flow site makes no menu items")?;
        for controls in [self.flow.controls(), self.ayon.controls()] {
            controls.set_latency(LATENCY);
        }
        Ok(())
    }

    /// Chooses the menu item for these Shots, and follows the run to its plan as the page does.
    async fn plan(&self, client: &Client, amigo: &Amigo, shots: &[i64]) -> Outcome<Planned> {
        let form = self.form(self.item, "Shot", shots);
        if form.is_empty() {
            return Err("the Flow site posts no form".into());
        }
        for controls in [self.flow.controls(), self.ayon.controls()] {
            controls.clear_requests();
        }
        let started = Instant::now();
        let url = begin(client, &amigo.url, "sync", &form).await?;
        follow(client, &url, "planned").await?;
        let time = started.elapsed();
        let heard = self.ayon.controls().requests();
        let of_people = |path: &str| path.contains("/users/") || path.contains("/get_ayon_name_by_sg_id/");
        Ok(Planned {
            time,
            people: heard.iter().filter(|request| of_people(&request.path)).count(),
            data: data(client, &url).await?,
            url,
        })
    }

    /// What amigo says it asked for has to be what the stand-ins heard since the run began.
    fn counted(&self, run: &Value) -> Outcome<()> {
        let heard = self.flow.controls().requests().len();
        let told = &run["calls"]["flow"]["requests"];
        if told.as_u64() == Some(heard as u64) {
            Ok(())
        } else {
            Err(format!("amigo counts {told} requests to Flow, which heard {heard}").into())
        }
    }
}

/// Posts the form of a menu item; answers the address of its run.
pub async fn begin(client: &Client, amigo: &str, action: &str, form: &[(String, String)]) -> Outcome<String> {
    let address = format!("{amigo}/ami/{action}");
    let answer = client.post(address).form(form).send().await?;
    if answer.status() != StatusCode::SEE_OTHER {
        return Err(format!("the post was answered with {}", answer.status()).into());
    }
    let place = answer
        .headers()
        .get("location")
        .and_then(|value| value.to_str().ok())
        .ok_or("the answer leads nowhere")?;
    Ok(reqwest::Url::parse(amigo)?.join(place)?.to_string())
}

/// Presses Apply and waits for the end of the run.
pub async fn apply(client: &Client, amigo: &Amigo, planned: &Planned) -> Outcome<(Value, Duration)> {
    let seal = planned.data["plan"]["seal"].as_str().unwrap_or_default();
    let started = Instant::now();
    let pressed = client
        .post(format!("{}/apply", planned.url))
        .header("origin", &amigo.url)
        .form(&[("seal", seal)])
        .send()
        .await?;
    if pressed.status() != StatusCode::SEE_OTHER {
        return Err(format!("Apply was answered with {}", pressed.status()).into());
    }
    follow(client, &planned.url, "done").await?;
    let time = started.elapsed();
    Ok((data(client, &planned.url).await?, time))
}

/// Reads the run's events until it is in this state, or at its end.
pub async fn follow(client: &Client, url: &str, state: &str) -> Outcome<()> {
    let wanted = format!("\"state\":\"{state}\"");
    let mut events = good(client.get(format!("{url}/events")).send().await?)?;
    let mut heard = String::new();
    while let Some(bytes) = events.chunk().await? {
        heard.push_str(&String::from_utf8_lossy(&bytes));
        if heard.contains(&wanted) {
            return Ok(());
        }
    }
    let run = data(client, url).await?;
    Err(format!(
        "the run ended as {} instead of {state}: {}",
        run["state"], run["error"]
    )
    .into())
}

/// The run as data.
pub async fn data(client: &Client, url: &str) -> Outcome<Value> {
    Ok(good(client.get(format!("{url}.json")).send().await?)?
        .json()
        .await?)
}

pub fn good(answer: Response) -> Outcome<Response> {
    Ok(answer.error_for_status()?)
}

/// How many requests a run cost, less what it had cost `before`, and less those by which single people were looked
/// up: they are remembered for ten minutes.
fn requests(
    what: &str,
    run: &Value,
    before: Option<&Value>,
    people: usize,
    goals: (usize, usize),
) -> Outcome<()> {
    for (name, system, goal) in [("Flow", "flow", goals.0), ("AYON", "ayon", goals.1)] {
        let count = |run: &Value| run["calls"][system]["requests"].as_u64();
        let all = count(run).ok_or("the run does not tell what it cost")?;
        let earlier = before.and_then(count).unwrap_or(0);
        let besides = if system == "ayon" { people as u64 } else { 0 };
        below(
            &format!("{what} to {name}"),
            (all - earlier - besides) as f64,
            "",
            goal as f64,
        );
    }
    Ok(())
}
