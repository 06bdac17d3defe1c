//! `amigo verify`, `capture` and `replay`: posts that are judged, recorded without whose they are, and posted again.

mod replaying;
mod verifying;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use amigo::ami::{BOUNDARY, Fixture, Signed, sign};
use amigo::sandbox::studio::PRODUCTION_MANAGER;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{AMI_SECRET, Ended, HARBOR, Program, SECRETS, Stage};

type Form = Vec<(String, String)>;

const URLENCODED: &str = "application/x-www-form-urlencoded";
/// Posts of the stand-in's desk, as `amigo capture` wrote them.
const CAPTURED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/captured");

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn form(fields: &[(&str, &str)]) -> Form {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Signs a form of now, as Flow does.
fn signed(mut form: Form, written: Signed) -> Form {
    form.retain(|(name, _)| name != "signature" && name != "timestamp");
    let now = jiff::Timestamp::now().as_second();
    let now = jiff::Timestamp::from_second(now).unwrap().to_string();
    form.push(("timestamp".to_owned(), now));
    let signature = sign(&form, AMI_SECRET, written);
    form.push(("signature".to_owned(), signature));
    form
}

fn urlencoded(form: &Form) -> String {
    serde_urlencoded::to_string(form).unwrap()
}

fn multipart(form: &Form, boundary: &str) -> String {
    let part = |(name, value): &(String, String)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    form.iter().map(part).collect::<String>() + &format!("--{boundary}--\r\n")
}

/// Nothing of these may stand in what was said or written.
fn holds_none_of(text: &str, planted: &[&str]) {
    let lower = text.to_lowercase();
    for planted in planted {
        assert!(
            !lower.contains(&planted.to_lowercase()),
            "{planted:?} is in {text}"
        );
    }
}

/// `amigo capture` while it waits.
struct Capture {
    program: Program,
    url: String,
    out: PathBuf,
    http: reqwest::Client,
}

impl Capture {
    async fn start(folder: &Path, count: usize, variables: &BTreeMap<String, String>) -> Self {
        let count = count.to_string();
        let arguments = [
            "capture",
            "--count",
            &count,
            "--out",
            "captured",
            "--listen",
            "127.0.0.1:0",
        ];
        let mut program = Program::start(folder, &arguments, variables);
        let line = program.says("Waiting for").await;
        let address = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap();
        Self {
            program,
            url: address.trim_end_matches("/ami/sync").to_owned(),
            out: folder.join("captured"),
            http: reqwest::Client::new(),
        }
    }

    /// Posts a body, and sees that whoever posted gets the page that says so.
    async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) {
        let request = self.http.post(format!("{}{path}", self.url));
        let answer = request
            .header("content-type", content_type)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            !policy.contains("frame-ancestors"),
            "Flow shows it in a frame: {policy}"
        );
        let page = answer.text().await.unwrap();
        assert!(
            page.contains("Captured") && page.contains("Nothing is planned"),
            "{page}"
        );
    }

    async fn end(self) -> (Ended, BTreeMap<String, String>) {
        let ended = self.program.ended().await;
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.out).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read_to_string(file).unwrap());
        }
        (ended, files)
    }
}

fn fixture(text: &str) -> Fixture {
    serde_json::from_str(text).unwrap()
}

/// A value of a recorded post.
fn value<'a>(fixture: &'a Fixture, key: &str) -> &'a str {
    let found = fixture.pairs.iter().find(|(name, _)| name == key);
    &found.unwrap_or_else(|| panic!("{key} is gone: {fixture:?}")).1
}

/// Recognisable data of a studio and its people, one piece for each field that there is.
const PLANTED: [(&str, &str); 22] = [
    ("user_id", "7654321"),
    ("user_login", "planted.löuisa@planted-studio.test"),
    ("title", "Planted Louisa's Shots"),
    ("entity_type", "PlantedType"),
    ("server_hostname", "planted-studio.shotgrid.autodesk.com"),
    (
        "referrer_path",
        "/detail/HumanUser/7654321/planted?token=planted7",
    ),
    ("page_id", "7654322"),
    ("session_uuid", "fade0ded-babe-4dad-8bad-0decade0face"),
    ("project_name", "Plantéd Épisode 愛と海"),
    ("project_id", "7654323"),
    ("ids", "7654324, 7654325,7654321,7654326"),
    ("selected_ids", "7654325,7654326"),
    ("cols", "code,sg_planted_show,entity.Shot.sg_planted_client"),
    ("column_display_names", "Planted Code,Étape Planted,Client"),
    ("view", "Planted View"),
    ("sort_column", "sg_planted_show"),
    ("sort_direction", "asc"),
    ("grouping_method", "planted_method"),
    ("target_column", "planted_column"),
    (
        "colour",
        "planted-secret-7f 愛と海 {\"mail\":\"louisa@planted.test\"}",
    ),
    ("render_number", "7654327"),
    ("planted@planted-studio.test", "planted"),
];

/// What gives any of it away.
const GIVES_AWAY: [&str; 10] = [
    "planted",
    "plant%C3",
    "plantéd",
    "louisa",
    "löuisa",
    "愛と海",
    "765432",
    "fade0ded",
    "babe",
    "client,",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_whose_a_post_is_is_told_or_written() {
    let folder = TempDir::new().unwrap();
    let variables = variables(&[("AMIGO_AMI_SECRET", AMI_SECRET), ("AMIGO_LOG", "debug")]);
    let capture = Capture::start(folder.path(), 5, &variables).await;
    let post = signed(form(&PLANTED), Signed::AllFields);
    let signature = post.last().unwrap().1.clone();
    let path = "/ami/sync?planted-token&note=planted&tasks=no";
    capture.post(path, URLENCODED, urlencoded(&post)).await;
    let parts = "multipart/form-data; boundary=planted-boundary";
    capture
        .post("/ami/sync", parts, multipart(&post, "planted-boundary"))
        .await;
    let mut forged = post.clone();
    forged[0].1 = "7654328".to_owned();
    capture
        .post(
            "/ami/sync",
            "application/x-www-form-urlencoded; charset=UTF-8; x=planted",
            urlencoded(&forged),
        )
        .await;
    // Neither of them is a form; the second is named after what no file may be named after.
    capture
        .post("/ami/sync", "planted/louisa", "planted=louisa")
        .await;
    capture
        .post("/ami/..%2F..%2Fplanted", URLENCODED, "{\"planted\":\"louisa\"}")
        .await;
    let (ended, files) = capture.end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["other-5.json", "sync-1.json", "sync-2.json", "sync-3.json"]
    );
    let told = format!("{}{}", ended.out, ended.err);
    for text in files.values().chain([&told]) {
        holds_none_of(text, &GIVES_AWAY);
        holds_none_of(text, &SECRETS);
        holds_none_of(text, &[&signature]);
    }

    let recorded = fixture(&files["sync-1.json"]);
    let kept: Vec<&str> = recorded.pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        kept[..21],
        PLANTED.map(|(name, _)| name)[..21],
        "names and order stay"
    );
    assert_eq!(value(&recorded, "sort_direction"), "asc");
    assert!(
        !value(&recorded, "colour").is_ascii(),
        "what was beyond ASCII stays there"
    );
    assert!(
        value(&recorded, "render_number").parse::<u64>().is_ok(),
        "numeric stays numeric"
    );
    let ids: Vec<&str> = value(&recorded, "ids").split(',').map(str::trim).collect();
    assert!(value(&recorded, "selected_ids").split(',').eq([ids[1], ids[3]]));
    assert_eq!(
        ids[2],
        value(&recorded, "user_id"),
        "the same id has the same stand-in in every field"
    );
    let found = recorded.signature.as_ref().unwrap();
    assert_eq!(
        (found.place, found.length, found.matched),
        (23, 40, Some(Signed::AllFields))
    );
    assert_eq!(found.written, "lower-case hexadecimal");
    assert!(recorded.query.contains(&("tasks".to_owned(), "no".to_owned())));
    // The same studio has the same stand-ins in every post of a capture, however it was sent.
    let in_parts = fixture(&files["sync-2.json"]);
    assert_eq!(in_parts.pairs, recorded.pairs);
    assert_eq!(
        in_parts.content_type,
        format!("multipart/form-data; boundary={BOUNDARY}")
    );
    let forged = fixture(&files["sync-3.json"]);
    assert_ne!(value(&forged, "user_id"), value(&recorded, "user_id"));
    assert_eq!(forged.expect.as_deref(), Some("signature-wrong"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_post_looks_like_is_told() {
    let folder = TempDir::new().unwrap();
    let capture = Capture::start(folder.path(), 2, &variables(&[("AMIGO_AMI_SECRET", AMI_SECRET)])).await;
    for path in ["/ami/sync", "/ami/anything"] {
        let answer = reqwest::get(format!("{}{path}", capture.url)).await.unwrap();
        assert_eq!(answer.status(), 200);
        let line = answer.text().await.unwrap();
        assert!(line.contains("waits for the next 2 posts"), "{line}");
    }
    assert_eq!(
        reqwest::get(format!("{}/runs/1", capture.url))
            .await
            .unwrap()
            .status(),
        404
    );

    let fields = form(&[
        ("user_id", "57"),
        ("title", ""),
        ("cols", "code"),
        ("cols", "image"),
        ("selected_ids[]", "1043"),
        ("entity_type", "Shot"),
    ]);
    let post = signed(fields, Signed::NonEmptyFields);
    let body = urlencoded(&post);
    let bytes = body.len();
    capture.post("/ami/sync", URLENCODED, body).await;
    let unsigned = form(&[("user_id", "57"), ("user_login", "mira")]);
    capture
        .post(
            "/ami/sync",
            "multipart/form-data; boundary=x",
            multipart(&unsigned, "x"),
        )
        .await;
    let (ended, files) = capture.end().await;
    assert_eq!(ended.code, Some(0), "it ends by itself: {ended:?}");
    let lines: Vec<String> = ended
        .out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for expected in [
        "Content-Type application/x-www-form-urlencoded",
        &format!("bytes {bytes}"),
        "fields 8",
        "repeated names cols (2 times)",
        "names with [] selected_ids[]",
        "blank fields title",
        "signature there, 40 characters, lower-case hexadecimal",
        "form matched non-empty-fields, by the secret \"AMIGO_AMI_SECRET\"",
        "light payload no",
        "cols = code",
        "cols = image",
        "entity_type = Shot",
        "signature = (40 characters, lower-case hexadecimal)",
        "title = (blank)",
        "timestamp absent",
        "signature absent",
        "form matched none (unsigned)",
        "1. Flow leaves blank fields out of what it signs.",
        "2. What a light payload posts is not answered: no post named an entry of the event log.",
        "3. The Content-Type is exactly \"application/x-www-form-urlencoded\".",
        "3. A post that tells no rows, as one of the user menu may, has: user_id, user_login.",
    ] {
        assert!(
            lines.iter().any(|line| line == expected),
            "{expected}: {}",
            ended.out
        );
    }
    assert!(
        lines.iter().any(|line| line.starts_with("timestamp there, ")),
        "{}",
        ended.out
    );
    assert_eq!(fixture(&files["sync-2.json"]).expect.as_deref(), Some("unsigned"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_to_stop_ends_and_what_was_written_before_stays() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("captured")).unwrap();
    fs::write(folder.path().join("captured/sync-1.json"), "kept").unwrap();
    let mut capture = Capture::start(folder.path(), 3, &variables(&[])).await;
    capture.post("/ami/sync", URLENCODED, "user_id=57").await;
    capture.program.says("sync-2.json").await;
    assert_eq!(
        fs::read_to_string(folder.path().join("captured/sync-1.json")).unwrap(),
        "kept"
    );
    let ended = capture.program.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("open questions"), "{}", ended.out);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Program::run(folder.path(), &["capture", "--listen", &address], &variables(&[])).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("if amigo serves there"), "{}", ended.err);
}

/// What the stand-in's desk has a browser post for a choice.
async fn desk(stage: &Stage, item: i64, kind: &str, selected: &[i64]) -> Form {
    let choice = json!({
        "item": item,
        "type": kind,
        "project": HARBOR,
        "person": PRODUCTION_MANAGER,
        "selected": selected,
        "session_uuid": "3f0b8a52-6c1d-4e77-9a41-0242ac110005",
    });
    let answer = stage
        .http
        .post(format!("{}/desk/ami", stage.flow.url()))
        .json(&choice)
        .send()
        .await
        .unwrap();
    let posting: Value = answer.json().await.unwrap();
    serde_json::from_value(posting["fields"].clone()).unwrap()
}

fn item(stage: &Stage, kind: &str, more: Value) -> i64 {
    let mut item = json!({
        "title": "Sync to AYON",
        "url": format!("{}/ami/sync", stage.url()),
        "entity_type": kind,
        "secret_token": AMI_SECRET,
    });
    item.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    stage.flow.create("ActionMenuItem", item).unwrap()
}

/// The recorded posts that the suite posts again are what `amigo capture` makes of the stand-in's posts today.
#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_recorded_as_the_files_have_it() {
    let stage = Stage::open().await;
    let usual = item(&stage, "Shot", json!({"selection_required": true}));
    let light = item(
        &stage,
        "Shot",
        json!({"selection_required": true, "light_payload": true}),
    );
    let loose = item(&stage, "Episode", json!({}));
    let capture = Capture::start(stage.folder(), 4, stage.variables()).await;
    let rows = desk(&stage, usual, "Shot", &[1043, 1062]).await;
    capture.post("/ami/sync", URLENCODED, urlencoded(&rows)).await;
    let mut untitled = rows;
    untitled
        .iter_mut()
        .filter(|(name, _)| name == "title")
        .for_each(|(_, title)| title.clear());
    let untitled = signed(untitled, Signed::NonEmptyFields);
    let parts = "multipart/form-data; boundary=----WebKitFormBoundaryPlanted";
    capture
        .post(
            "/ami/sync?tasks=no",
            parts,
            multipart(&untitled, "----WebKitFormBoundaryPlanted"),
        )
        .await;
    let entry = desk(&stage, light, "Shot", &[1043]).await;
    capture.post("/ami/sync", URLENCODED, urlencoded(&entry)).await;
    let nothing = desk(&stage, loose, "Episode", &[]).await;
    capture.post("/ami/sync", URLENCODED, urlencoded(&nothing)).await;
    let (ended, files) = capture.end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for secret in SECRETS {
        holds_none_of(&format!("{ended:?}{files:?}"), &[secret]);
    }
    // The address that is waited at may hold any number.
    let told: String = ended.out.lines().skip(1).collect();
    holds_none_of(
        &format!("{told}{files:?}"),
        &["kowalski", "harbor", "1043", "1062", "127.0.0.1"],
    );
    for said in [
        "    ids: text that is",
        "    user_login: text",
        "meta.ami_payload holds no signature; its fields are cols (text), ",
        "2. A light payload posts only: event_log_entry_id, timestamp, signature.",
        "1. Flow signed blank fields in one post and left them out in another.",
    ] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    assert_eq!(files.len(), 4);
    for (name, text) in &files {
        let kept = fs::read_to_string(Path::new(CAPTURED).join(name)).unwrap_or_default();
        assert_eq!(&kept, text, "{name}");
    }
    stage.nothing_else_was_sent().await;
}
