//! Secrets and personal data, planted in posts, in the configuration and in what Flow and AYON answer: no log line, no
//! refusal, no probe and no process list repeats them.

use std::collections::BTreeMap;
use std::time::Duration;

use amigo::sandbox::controls::{Fault, FaultBody};
use scraper::{Html, Selector};
use serde_json::json;

use crate::harness::{
    AMI_SECRET, API_KEY, HARBOR, Program, RunPage, SCRIPT_KEY, Stage, always, once, sign, until,
};
use crate::logs;

/// In the configuration, beside those of the harness.
const OLD_SECRET: &str = "planted-old-secret-18cc";
const PROXY: &str = "http://planted-proxy-name:planted-proxy-password@127.0.0.1:9";
const DATABASE: &str = "postgres://planted-db-name:planted-db-password@127.0.0.1:9/amigo";
const CREDENTIALS: [&str; 6] = [
    AMI_SECRET,
    SCRIPT_KEY,
    API_KEY,
    OLD_SECRET,
    "planted-proxy-",
    "planted-db-",
];

/// In posts and in Flow; nothing of the kind is to be said of anybody but on the pages of their own runs.
const PERSONAL: [&str; 12] = [
    "planted.login",
    "Planted Personname",
    "planted.mail",
    "Planted Projectname",
    "planted_projectname",
    "planted-unknown-field",
    "planted-page-title",
    "planted-odd-value",
    "mira.kowalski",
    "Mira Kowalski",
    "Harbor Lights",
    "hl_020_0030",
];

/// Of every post, and of every run.
const OF_POSTS: [&str; 4] = ["3f0b8a52-6c1d", "client_secret", "Bearer ", "feedfacefeedface"];

fn file() -> String {
    format!(
        "contact = \"the pipeline team\"\n\
         [ami]\n\
         secrets = [{{ secret = \"{AMI_SECRET}\", label = \"label-of-today\" }}, \
         {{ secret = \"{OLD_SECRET}\", label = \"label-of-old\", until = 2020-01-01 }}]\n\
         [flow]\n\
         script_key = \"{SCRIPT_KEY}\"\n\
         [network]\n\
         proxy = \"{PROXY}\"\n\
         no_proxy = [\"127.0.0.1\"]\n"
    )
}

/// Writes the configuration, and tells how the binary finds it.
fn configured(stage: &Stage) -> String {
    let path = stage.folder().join("leaks.toml");
    std::fs::write(&path, file()).unwrap();
    path.display().to_string()
}

/// An artist of whom everything is planted, who is a member of no project.
fn person(stage: &Stage, status: &str) -> i64 {
    let person = json!({
        "permission_rule_set": stage.row("HumanUser", 62)["permission_rule_set"],
        "name": "Planted Personname", "firstname": "Planted", "lastname": "Personname",
        "login": "planted.login@studio.example", "email": "planted.mail@studio.example",
        "sg_status_list": status,
    });
    stage.flow.create("HumanUser", person).unwrap()
}

/// A form with more in it than amigo knows, signed.
fn personal(stage: &Stage, ids: &[i64], fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = stage.form("Shot", ids);
    let more = [
        ("x_private", "planted-unknown-field"),
        ("title", "planted-page-title"),
        ("project_name", "Planted Projectname"),
    ];
    for (name, value) in more.iter().chain(fields) {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    sign(&mut form);
    form
}

fn without_any(what: &str, text: &str, planted: &[&str]) {
    for secret in planted {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} says {secret:?}");
    }
}

/// What a page says, and all that its tags hold but the fields with which its button sends the same post again.
fn said(page: &str) -> String {
    let html = Html::parse_document(page);
    let hidden = Selector::parse("input[type=hidden]").unwrap();
    let mut page = html.html();
    for field in html.select(&hidden) {
        page = page.replace(&field.html(), "");
    }
    page
}

/// A refusal: its request id, after checking what its page says.
async fn refused(answer: reqwest::Response, status: u16) -> String {
    let request = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(answer.status(), status);
    let page = said(&answer.text().await.unwrap());
    assert!(page.contains(&request), "{page}");
    for planted in [&CREDENTIALS[..], &PERSONAL[..], &OF_POSTS[..]] {
        without_any("a refusal", &page, planted);
    }
    request
}

/// What a run's pages and its data tell after something went wrong: never a credential.
async fn ended(stage: &Stage, run: RunPage<'_>, states: &[&str]) -> String {
    let run = run.reaches(states).await;
    for path in [run.path.clone(), run.view()] {
        for path in [path.clone(), format!("{path}.json")] {
            let page = stage.get(&path).await.text().await.unwrap();
            without_any(&path, &page, &CREDENTIALS);
            without_any(&path, &page, &["Bearer ey"]);
        }
    }
    run.data["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn echo(path: &str, status: u16) -> Fault {
    Fault {
        method: None,
        ..always(path, FaultBody::Echo, status)
    }
}

async fn choose<'s>(stage: &'s Stage, form: &[(String, String)]) -> RunPage<'s> {
    let answer = stage.post("/ami/sync", form).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    RunPage::at(stage, answer.headers()["location"].to_str().unwrap())
}

/// Refusals at the door: the ids that their log lines must have.
async fn refusals(stage: &Stage) -> Vec<String> {
    let signed = |fields: &[(&str, &str)]| personal(stage, &[1043], fields);
    let mut forged = signed(&[]);
    forged.last_mut().unwrap().1 = "feedfacefeedfacefeedfacefeedfacefeedface".to_owned();
    let mut unsigned = forged.clone();
    unsigned.pop();
    let ended = {
        let mut form = signed(&[]);
        form.pop();
        let signature = amigo::sandbox::flow::sign(&form, OLD_SECRET);
        form.push(("signature".to_owned(), signature));
        form
    };
    let mut requests = Vec::new();
    for (path, form, status) in [
        ("/ami/sync", forged, 401),
        ("/ami/sync", unsigned, 401),
        ("/ami/sync", ended, 401),
        ("/ami/sync", signed(&[("timestamp", "2020-01-01T00:00:00Z")]), 401),
        ("/ami/sync", signed(&[("timestamp", "planted-odd-value")]), 400),
        ("/ami/sync", signed(&[("user_id", "planted-odd-value")]), 400),
        (
            "/ami/sync",
            signed(&[("selected_ids", "1043,planted-odd-value")]),
            400,
        ),
        ("/ami/sync", signed(&[("server_hostname", "evil.example")]), 403),
        (
            "/ami/sync",
            signed(&[("selected_ids", ""), ("ids", "1043,1051")]),
            422,
        ),
        ("/ami/sync?tasks=maybe", signed(&[]), 400),
    ] {
        requests.push(refused(stage.post(path, &form).await, status).await);
    }
    requests
}

/// Everything that can go wrong, with a talkative log; the log, and the ids of the refusals.
async fn story(format: &str) -> (String, Vec<String>) {
    let mut stage = Stage::open().await;
    let file = configured(&stage);
    let variables = [
        ("AMIGO_LOG", "debug,amigo=trace"),
        ("AMIGO_LOG_FORMAT", format),
        ("AMIGO_AMI_SECRET", ""),
        ("AMIGO_AYON_ACT_AS_PERSON", "true"),
    ];
    let binary = stage
        .serve_with_the_binary_and(&["--config", &file], &variables)
        .await;
    let (active, disabled) = (person(&stage, "act"), person(&stage, "dis"));
    let pid = binary.pid();
    let requests = refusals(&stage).await;

    // People whom the policy refuses, each with a reason that has a name in it.
    let (active, disabled) = (active.to_string(), disabled.to_string());
    for (id, code) in [
        ("57", "person-foreign"),
        (&*disabled, "person-disabled"),
        ("999999", "person-unknown"),
        (&*active, "not-your-project"),
    ] {
        let person = [("user_id", id), ("user_login", "planted.login@studio.example")];
        let run = choose(&stage, &personal(&stage, &[1043], &person)).await;
        assert_eq!(ended(&stage, run, &["refused"]).await, code);
    }

    // Errors that repeat what was sent.
    for (flow, path, status, code) in [
        (true, "/access_token", 400, "flow-credentials"),
        (true, "/_search", 400, "flow-refused"),
        (true, "/_search", 401, "flow-refused"),
        (false, "/settings", 500, "ayon-refused"),
        (false, "/settings", 401, "ayon-credentials"),
        (false, "/graphql", 400, "ayon-refused"),
    ] {
        let controls = if flow {
            stage.flow.controls()
        } else {
            stage.ayon.controls()
        };
        controls.add_fault(echo(path, status));
        let run = choose(&stage, &personal(&stage, &[1043], &[])).await;
        assert_eq!(ended(&stage, run, &["failed"]).await, code, "{path} {status}");
        assert!(controls.struck() > 0, "{path} was asked for");
        controls.clear_faults();
    }
    // A write that is refused, and a row of one.
    let mut row = once("/operations", FaultBody::Row, 400);
    row.detail = Some(format!("x-api-key: {API_KEY} is not enough for this"));
    for fault in [
        row,
        echo("/operations", 400),
        echo("/_batch", 400),
        echo("/api/users/", 400),
    ] {
        let run = stage
            .right_click("Shot", &[1062 + i64::from(fault.body == FaultBody::Echo)])
            .await
            .planned()
            .await;
        stage.ayon.controls().add_fault(fault.clone());
        stage.flow.controls().add_fault(fault);
        let run = run.apply().await.reaches(&["done", "failed"]).await;
        ended(&stage, run, &["done", "failed"]).await;
        assert!(stage.ayon.controls().struck() + stage.flow.controls().struck() > 0);
        stage.ayon.controls().clear_faults();
        stage.flow.controls().clear_faults();
    }
    let foreign = stage.right_click("Shot", &[1043]).await.planned().await;
    let hostile = [("origin", "http://evil.example")];
    let answer = foreign.send("apply", &[("seal", foreign.seal())], &hostile).await;
    let mut requests = requests;
    requests.push(refused(answer, 403).await);

    let probed = stage.get("/readyz").await.text().await.unwrap();
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    let command = String::from_utf8(command).unwrap();
    assert!(command.contains("serve"), "{command}");
    for planted in [&CREDENTIALS[..], &PERSONAL[..], &OF_POSTS[..]] {
        without_any("/readyz", &probed, planted);
        without_any("the process list", &command, planted);
    }
    let (run, seal) = (foreign.id().to_owned(), foreign.seal().to_owned());
    let ended = binary.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    without_any("the log", &ended.err, &[&run, &seal]);
    stage.close().await;
    (ended.err, requests)
}

fn is_discreet(log: &str, requests: &[String]) {
    for planted in [&CREDENTIALS[..], &PERSONAL[..], &OF_POSTS[..]] {
        without_any("the log", log, planted);
    }
    without_any("the log", log, &["panic"]);
    // Each refusal has one line, with its cause.
    for request in requests {
        let lines: Vec<&str> = log
            .lines()
            .filter(|line| line.contains(request) && line.contains("a request was refused"))
            .collect();
        assert!(lines.len() == 1, "{request}: {lines:?}");
        assert!(lines[0].contains("cause"), "{lines:?}");
    }
    for said in [
        "label-of-today",
        "label-of-old",
        "The field user_id",
        "policy.sync.artist",
        "Project 188",
        "HumanUser 999999",
        "status 500",
        "the person could not be looked up in AYON",
        "AYON does not accept the API key",
        "Flow does not accept the script name and key",
    ] {
        assert!(log.contains(said), "the log does not say {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_people_names_nobody() {
    let (log, requests) = story("text").await;
    is_discreet(&log, &requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_for_machines_names_nobody() {
    let (log, requests) = story("json").await;
    is_discreet(&log, &requests);
    logs::is_one_object_a_line(&log);
}

/// Before the Flow site is known, everybody may read why it is not.
#[tokio::test(flavor = "multi_thread")]
async fn an_amigo_that_is_not_ready_says_why_in_its_own_words() {
    let mut stage = Stage::open().await;
    let file = configured(&stage);
    stage.ayon.controls().add_fault(echo("/api", 500));
    let variables = [("AMIGO_AMI_SECRET", ""), ("AMIGO_LOG", "debug,amigo=trace")];
    let binary = stage
        .serve_with_the_binary_and(&["--config", &file], &variables)
        .await;
    let post = async |accept: &str| {
        stage
            .http
            .post(format!("{}/ami/sync", stage.url()))
            .header("accept", accept)
            .form(&personal(&stage, &[1043], &[]))
            .send()
            .await
            .unwrap()
    };
    refused(post("text/html").await, 503).await;
    let data = post("application/json").await.text().await.unwrap();
    assert!(data.contains("status 500"), "{data}");
    let probed = stage.get("/readyz").await.text().await.unwrap();
    assert!(probed.contains("status 500"), "{probed}");
    let log = binary.terminate().await.err;
    for planted in [&CREDENTIALS[..], &PERSONAL[..], &OF_POSTS[..]] {
        without_any("a refusal as data", &data, planted);
        without_any("/readyz", &probed, planted);
        without_any("the log", &log, planted);
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_keep_secrets_too() {
    let stage = Stage::open().await;
    let file = configured(&stage);
    let mut variables = stage.variables().clone();
    variables.insert("AMIGO_AMI_SECRET".to_owned(), String::new());
    variables.insert("AMIGO_LOG".to_owned(), "debug,amigo=trace".to_owned());
    let project = HARBOR.to_string();
    let plan = ["plan", "--config", &file, "--project", &project];

    // While it asks, its line in the process list can be read.
    stage.flow.controls().set_latency(Duration::from_millis(300));
    let running = Program::start(stage.folder(), &plan, &variables);
    let command = until("the process is listed", async || {
        let command = std::fs::read(format!("/proc/{}/cmdline", running.pid())).ok()?;
        let command = String::from_utf8(command).ok()?;
        command.contains("plan").then_some(command)
    })
    .await;
    without_any("the process list", &command, &CREDENTIALS);
    let ended = running.ended().await;
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    without_any("the log of plan", &ended.err, &CREDENTIALS);
    without_any("the log of plan", &ended.err, &PERSONAL);
    without_any("a plan", &ended.out, &CREDENTIALS);
    stage.flow.controls().set_latency(Duration::ZERO);

    for (flow, path, status) in [(true, "/access_token", 400), (false, "/settings", 401)] {
        let controls = if flow {
            stage.flow.controls()
        } else {
            stage.ayon.controls()
        };
        controls.add_fault(echo(path, status));
        let ended = Program::run(stage.folder(), &plan, &variables).await;
        assert_eq!(ended.code, Some(1), "{}", ended.out);
        without_any("the error of plan", &ended.err, &CREDENTIALS);
        controls.clear_faults();
    }
    stage.close().await;
}

/// What cannot be used is refused without being repeated.
#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_refused_is_not_repeated() {
    let folder = tempfile::TempDir::new().unwrap();
    let usual: BTreeMap<String, String> = [
        ("AMIGO_LISTEN", "127.0.0.1:0"),
        ("AMIGO_AYON_URL", "http://127.0.0.1:9"),
        ("AMIGO_AYON_API_KEY", API_KEY),
        ("AMIGO_AMI_SECRET", AMI_SECRET),
        ("AMIGO_FLOW_SCRIPT_KEY", SCRIPT_KEY),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (name, value) in [
        ("AMIGO_DATABASE_URL", DATABASE),
        (
            "AMIGO_DATABASE_URL",
            "mysql://planted-db-name:planted-db-password@db.example/amigo",
        ),
        (
            "AMIGO_NETWORK_PROXY",
            "planted-proxy-name:planted-proxy-password@proxy.example:3128",
        ),
        (
            "AMIGO_NETWORK_PROXY",
            "ftp://planted-proxy-name:planted-proxy-password@proxy.example",
        ),
        (
            "AMIGO_AYON_URL",
            "https://planted-proxy-name:planted-proxy-password@ayon.example",
        ),
        ("AMIGO_FLOW_URL", "https://planted-db-name@flow.example"),
    ] {
        let mut variables = usual.clone();
        variables.insert(name.to_owned(), value.to_owned());
        let ended = Program::run(folder.path(), &["serve"], &variables).await;
        assert_eq!(ended.code, Some(1), "{name}={value}: {ended:?}");
        assert!(ended.err.len() > 20, "{name}: {}", ended.err);
        without_any(name, &ended.err, &CREDENTIALS);
        assert_eq!(ended.out, "");
    }
}
