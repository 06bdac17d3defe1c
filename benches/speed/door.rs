//! The front door under load: posts that are refused, that came before, and that begin runs, beside a page that does
//! nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use amigo::ami::{Signed, sign};
use amigo::sandbox::ayon::{AyonOptions, AyonSandbox};
use amigo::sandbox::flow::{FlowOptions, FlowSandbox};
use jiff::Timestamp;
use reqwest::{Client, StatusCode, redirect};

use super::Outcome;
use super::amigo_process::Amigo;
use super::bare::Bare;
use super::load::{CONNECTIONS, Load, load};
use super::table::{above, below, figure, title};

const SECRET: &str = "the secret token of the benchmark";
/// How long each kind of load lasts.
const SECONDS: u32 = 6;
/// More posts than can be accepted in that time.
const POSTS: usize = 60_000;
/// A bound that no load reaches: what is measured is the door, not its limits.
const MANY: &str = "1000000";

pub async fn measure() -> Outcome<()> {
    title(&format!(
        "the front door, {CONNECTIONS} connections of a second process on the same cores, {SECONDS} s each"
    ));
    let client = Client::builder().redirect(redirect::Policy::none()).build()?;
    let flow = FlowSandbox::start(FlowOptions::default())?;
    let options = FlowOptions::default();
    let ayon = AyonSandbox::start(AyonOptions {
        flow_url: flow.url(),
        script_name: options.script_name,
        script_key: options.script_key,
        ..AyonOptions::default()
    })?;
    let amigo = Amigo::start(
        &client,
        ayon.url(),
        &AyonOptions::default().api_key,
        SECRET,
        &[
            ("AMIGO_AMI_MAX_AGE", "1h"),
            ("AMIGO_LIMITS_PLANS", MANY),
            ("AMIGO_LIMITS_PLANS_PER_PERSON", MANY),
            ("AMIGO_LIMITS_PLANS_PER_PROJECT", MANY),
        ],
    )
    .await?;
    // Plans wait for AYON meanwhile, so that they cost nothing.
    ayon.controls().set_latency(Duration::from_secs(600));
    let host = flow.url().trim_start_matches("http://").to_owned();
    let scripts = Scripts::write(&host)?;
    let bare = Bare::start()?;
    until_it_answers(&client, &bare.url).await?;
    let door = format!("{}/ami/sync", amigo.url);

    let floor = load(
        &format!("{}/ami/sync", bare.url),
        &scripts.refused,
        CONNECTIONS,
        SECONDS,
    )
    .await?;
    told("a page that does nothing", &floor);

    let health = format!("{}/healthz", amigo.url);
    let calm = load(&health, &scripts.nothing, 1, 2).await?;
    let (refused, alive) = tokio::try_join!(
        load(&door, &scripts.refused, CONNECTIONS, SECONDS),
        load(&health, &scripts.nothing, 1, SECONDS),
    )?;
    all(&refused, refused.answers, "refused")?;
    all(&alive, 0, "alive")?;
    figure("/healthz in a calm, 99 of 100", &format!("{:.1} ms", calm.p99_ms));
    below(
        "/healthz in a flood of refused posts, 99 of 100",
        alive.p99_ms,
        "ms",
        100.0,
    );

    let refused = load(&door, &scripts.refused, CONNECTIONS, SECONDS).await?;
    all(&refused, refused.answers, "refused")?;
    told("refused posts", &refused);
    above(
        "their part of the bare page",
        100.0 * refused.per_second / floor.per_second,
        "%",
        60.0,
    );

    let known = client
        .post(&door)
        .header("content-type", FORM)
        .body(post(&host, POSTS))
        .send()
        .await?;
    if known.status() != StatusCode::SEE_OTHER {
        return Err(format!("a good post was answered {}", known.status()).into());
    }
    let replayed = load(&door, &scripts.replayed, CONNECTIONS, SECONDS).await?;
    all(&replayed, 0, "replayed")?;
    told("replayed posts", &replayed);

    let accepted = load(&door, &scripts.accepted, CONNECTIONS, SECONDS).await?;
    all(&accepted, 0, "accepted")?;
    if accepted.answers as usize >= POSTS {
        return Err("the posts ran out; more are needed".into());
    }
    above(
        "accepted posts, each a durable record",
        accepted.per_second,
        "/s",
        2_000.0,
    );
    below("99 of 100 of them", accepted.p99_ms, "ms", 50.0);
    Ok(())
}

fn told(what: &str, load: &Load) {
    figure(what, &format!("{:.0} /s", load.per_second));
    figure("99 of 100 of them", &format!("{:.1} ms", load.p99_ms));
}

/// Holds a load to what it was meant to be: `refused` of its answers refused, and none else.
fn all(load: &Load, refused: u64, what: &str) -> Outcome<()> {
    match load.answers > 0 && load.refused == refused {
        true => Ok(()),
        false => Err(format!("{} of {} {what} posts were refused", load.refused, load.answers).into()),
    }
}

async fn until_it_answers(client: &Client, url: &str) -> Outcome<()> {
    for _ in 0..200 {
        if client.get(url).send().await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the bare page does not answer".into())
}

const FORM: &str = "application/x-www-form-urlencoded";

/// What `wrk` is to send, as files.
struct Scripts {
    nothing: PathBuf,
    refused: PathBuf,
    replayed: PathBuf,
    accepted: PathBuf,
    _folder: tempfile::TempDir,
}

impl Scripts {
    fn write(host: &str) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let file = |name: &str, text: &str| -> Outcome<PathBuf> {
            let path = folder.path().join(name);
            std::fs::write(&path, text)?;
            Ok(path)
        };
        let posts: Vec<String> = (0..POSTS).map(|n| post(host, n)).collect();
        let posts = file("posts", &posts.join("\n"))?;
        let forged = format!("{}&signature={}", form(host, 0), "0123456789".repeat(4));
        Ok(Self {
            nothing: file("nothing.lua", "")?,
            refused: file("refused.lua", &same(&forged))?,
            replayed: file("replayed.lua", &same(&post(host, POSTS)))?,
            accepted: file("accepted.lua", &each(&posts))?,
            _folder: folder,
        })
    }
}

/// A script that sends one body again and again.
fn same(body: &str) -> String {
    format!("wrk.method = 'POST'\nwrk.body = '{body}'\nwrk.headers['Content-Type'] = '{FORM}'\n")
}

/// A script that sends each line of a file once.
fn each(file: &Path) -> String {
    format!(
        "local bodies = {{}}\nlocal at = 0\n\
         for line in io.lines('{}') do bodies[#bodies + 1] = line end\n\
         local headers = {{ ['Content-Type'] = '{FORM}' }}\n\
         request = function()\n\
         at = at + 1\n\
         if at > #bodies then wrk.thread:stop() end\n\
         return wrk.format('POST', nil, headers, bodies[at] or '')\n\
         end\n",
        file.display()
    )
}

/// A post that Flow signed, from a browser window of its own.
fn post(host: &str, window: usize) -> String {
    let form = form(host, window);
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&form).unwrap_or_default();
    format!("{form}&signature={}", sign(&pairs, SECRET, Signed::AllFields))
}

/// As long as such a post usually is (`flow-api.md §1.3`).
fn form(host: &str, window: usize) -> String {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let window = format!("3f0b8a52-6c1d-4e77-9a41-{window:012x}");
    let pairs = [
        ("user_id", "57"),
        ("user_login", "mira.kowalski"),
        ("title", "Shots"),
        ("entity_type", "Shot"),
        ("server_hostname", host),
        ("referrer_path", "/page/1421"),
        ("page_id", "1421"),
        ("session_uuid", &window),
        ("project_name", "Harbor Lights"),
        ("project_id", "188"),
        ("ids", "1042,1043,1051"),
        ("selected_ids", "1043,1051"),
        ("cols", "code,sg_status_list,sg_sequence"),
        ("column_display_names", "Shot Code,Status,Sequence"),
        ("view", "Default"),
        ("sort_column", "code"),
        ("sort_direction", "asc"),
        ("timestamp", &now),
    ];
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}
