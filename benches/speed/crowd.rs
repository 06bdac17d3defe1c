//! Users: pure matching of thousands, and the board, apply and second plan of everybody over real HTTP.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use amigo::model::{FlowId, Pairs, UserPolicy};
use amigo::permission::Group;
use amigo::plan::{Account, Accounts, FlowPeople, Individual, StoredId, UsersInput, Whom, users};
use amigo::sandbox::ayon::AyonOptions;
use amigo::sandbox::studio::Studio;
use reqwest::{Client, redirect};
use serde_json::json;

use super::Outcome;
use super::amigo_process::Amigo;
use super::journey::{Planned, SECRET, Systems, apply, begin, data, follow, good};
use super::table::{below, figure, title};

const PEOPLE: usize = 5_000;
/// So many people and users are to be matched within this time, in milliseconds.
const GOAL_PURE: f64 = 100.0;
/// Flow reads, and questions to AYON's GraphQL, of a plan of everybody.
const GOAL_READS: f64 = 3.0;
const GOAL_QUESTIONS: f64 = 1.0;
const RUNS: usize = 5;
/// Idris Vahl, an administrator of the demonstration.
const ADMIN: i64 = 41;
const LIMIT: Duration = Duration::from_secs(300);

pub fn pure() -> Outcome<()> {
    title("Pure planning of users");
    for people in [1_000, PEOPLE, 20_000] {
        let studio = Studio::crowded(people);
        let (flow, ayon) = sides(&studio);
        let policy = UserPolicy::default();
        let input = UsersInput {
            site: "bench.example",
            wanted: &Whom::Everyone,
            flow: &flow,
            ayon: &ayon,
            policy: &policy,
            pairs: &Pairs::default(),
            asked_by: None,
        };
        let mut best = Duration::MAX;
        let mut created = 0;
        for _ in 0..RUNS {
            let started = Instant::now();
            created = users(&input).plan.counts.create;
            best = best.min(started.elapsed());
        }
        if created < people / 5 {
            return Err(format!("{created} users would be made").into());
        }
        let label = format!("{} people, {} users", flow.people.len(), ayon.users.len());
        let ms = best.as_secs_f64() * 1e3;
        if people == PEOPLE {
            below(&label, ms, "ms", GOAL_PURE);
        } else {
            figure(&label, &format!("{ms:.0} ms"));
        }
    }
    Ok(())
}

/// What both systems would tell of a studio.
fn sides(studio: &Studio) -> (FlowPeople, Accounts) {
    let people = studio.people.iter().map(|person| Individual {
        id: FlowId(person.id),
        login: person.login.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        active: person.status == "act",
        permission: Some(Group {
            code: person.group.to_owned(),
            name: person.group.to_owned(),
        }),
        groups: [].into(),
        projects: [].into(),
    });
    let users = studio.users.iter().map(|user| Account {
        name: user.name.clone(),
        full_name: Some(user.full_name.clone()),
        email: user.email.clone(),
        active: user.active,
        stored: match user.flow_id.as_ref().and_then(serde_json::Value::as_i64) {
            Some(id) => StoredId::Person(FlowId(id)),
            None => StoredId::Nothing,
        },
        ..Account::default()
    });
    let flow = FlowPeople {
        people: people.map(|person| (person.id, person)).collect(),
        ..FlowPeople::default()
    };
    let ayon = Accounts {
        users: users
            .map(|user| (user.name.clone(), user))
            .collect::<BTreeMap<_, _>>(),
        ..Accounts::default()
    };
    (flow, ayon)
}

pub async fn everybody() -> Outcome<()> {
    tokio::time::timeout(LIMIT, walk()).await?
}

async fn walk() -> Outcome<()> {
    title(&format!(
        "Sync of all users of {PEOPLE} people and more, no latency added"
    ));
    let client = Client::builder().redirect(redirect::Policy::none()).build()?;
    let systems = Systems::of(&Studio::crowded(PEOPLE))?;
    let amigo = Amigo::start(
        &client,
        systems.ayon.url(),
        &AyonOptions::default().api_key,
        SECRET,
        &[("AMIGO_LOG", "warn")],
    )
    .await?;
    let item = json!({
        "title": "Sync users",
        "url": format!("{}/ami/users", amigo.url),
        "entity_type": "HumanUser",
        "selection_required": false,
        "secret_token": SECRET,
    });
    let item = systems
        .flow
        .create("ActionMenuItem", item)
        .ok_or("no menu item is made")?;
    let first = plan(&systems, &client, &amigo, item, "first plan").await?;
    let started = Instant::now();
    let page = good(client.get(&first.url).send().await?)?.text().await?;
    let time = started.elapsed().as_secs_f64() * 1e3;
    figure("  its page", &format!("{time:.0} ms, {} kB", page.len() / 1024));
    let ticked = first.data["plan"]["operations"].as_array().map_or(0, |all| {
        all.iter().filter(|operation| operation["ticked"] == true).count()
    });
    let (report, time) = apply(&client, &amigo, &first).await?;
    let counts = &report["report"]["counts"];
    if report["state"] != "done" || counts["failed"] != 0 {
        return Err(format!("the run ended as {} with {counts}", report["state"]).into());
    }
    figure(
        &format!("{ticked} users written"),
        &format!("{:.2} s", time.as_secs_f64()),
    );
    let second = plan(&systems, &client, &amigo, item, "second plan").await?;
    let operations = second.data["plan"]["operations"].as_array();
    let left = operations.map_or(usize::MAX, |all| {
        all.iter().filter(|operation| operation["ticked"] == true).count()
    });
    if left > 0 {
        return Err(format!("the second plan would write {left} users").into());
    }
    figure("  ticked operations", "0");
    drop(amigo);
    systems.stop().await;
    Ok(())
}

async fn plan(systems: &Systems, client: &Client, amigo: &Amigo, item: i64, what: &str) -> Outcome<Planned> {
    // Two posts of one second would be the same post.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for controls in [systems.flow.controls(), systems.ayon.controls()] {
        controls.clear_requests();
    }
    let form = systems.flow.ami_form(item, "HumanUser", &[], ADMIN, None);
    let started = Instant::now();
    let url = begin(client, &amigo.url, "users", &form).await?;
    follow(client, &url, "planned").await?;
    let time = started.elapsed();
    figure(what, &format!("{:.2} s", time.as_secs_f64()));
    let (flow, ayon) = (
        systems.flow.controls().requests(),
        systems.ayon.controls().requests(),
    );
    let searches = flow
        .iter()
        .filter(|request| request.path.ends_with("/_search"))
        .count();
    below("  reads of Flow", searches as f64, "", GOAL_READS);
    let questions = ayon.iter().filter(|request| request.path == "/graphql").count();
    below(
        "  questions to AYON's GraphQL",
        questions as f64,
        "",
        GOAL_QUESTIONS,
    );
    let single = ayon
        .iter()
        .filter(|request| request.path.contains("/users/"))
        .count();
    figure("  users asked for their stored id", &single.to_string());
    Ok(Planned {
        data: data(client, &url).await?,
        url,
        time,
        people: single,
    })
}
