//! Every refusal explains itself: one sentence, a remedy, whom to ask, and the request id by which the log has the
//! cause; and it is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use scraper::{Html, Selector};
use serde_json::Value;

use crate::front_door::slow::all_but_the_end;
use crate::harness::{AMI_SECRET, Stage, sign, until};
use crate::problems;

type Form = Vec<(String, String)>;

const CONTACT: &str = "the pipeline team, pipeline@studio.example";
const OLD_SECRET: &str = "planted-old-secret-18cc";

/// A request that is refused.
struct Case {
    code: &'static str,
    status: u16,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn case(code: &'static str, status: u16, path: &str) -> Case {
    Case {
        code,
        status,
        method: "GET",
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

fn post(code: &'static str, status: u16, path: &str, form: &[(String, String)]) -> Case {
    Case {
        method: "POST",
        headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
        body: serde_urlencoded::to_string(form).unwrap().into_bytes(),
        ..case(code, status, path)
    }
}

impl Case {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    async fn send(&self, stage: &Stage, accept: &str) -> reqwest::Response {
        let address = format!("{}{}", stage.url(), self.path);
        let mut request = stage
            .http
            .request(self.method.parse().unwrap(), address)
            .header("accept", accept)
            .body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), self.status, "{}", self.code);
        answer
    }
}

fn text(html: &Html, selector: &str) -> String {
    let wanted = Selector::parse(selector).unwrap();
    let texts: Vec<String> = html
        .select(&wanted)
        .map(|one| one.text().collect::<String>())
        .collect();
    assert_eq!(texts.len(), 1, "{selector}: {texts:?}");
    texts[0].trim().to_owned()
}

/// One whole sentence.
fn is_a_sentence(text: &str) -> bool {
    let inner = text.trim_end_matches('.');
    text.ends_with('.') && inner.len() > 10 && !inner.contains(". ") && !inner.contains('\n')
}

/// Checks the page and the data of a refusal; both request ids.
async fn explains_itself(stage: &Stage, case: &Case) -> [String; 2] {
    let code = case.code;
    let answer = case.send(stage, "text/html,*/*").await;
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains(&format!("frame-ancestors 'self' {}", stage.flow.url())),
        "{code}: Flow's window may show it: {policy}"
    );
    let page = answer.text().await.unwrap();
    let html = Html::parse_document(&page);
    let (sentence, remedy) = (text(&html, "h1"), text(&html, "main .lede"));
    assert!(is_a_sentence(&sentence), "{code}: {sentence}");
    assert!(remedy.ends_with('.') && remedy.len() > 10, "{code}: {remedy}");
    assert!(
        text(&html, "main [data-contact]").contains(CONTACT),
        "{code}: {page}"
    );
    let facts = text(&html, "main .facts");
    assert!(
        facts.contains(&id) && facts.contains(code) && facts.contains(&case.status.to_string()),
        "{code}: {facts}"
    );

    let answer = case.send(stage, "application/json").await;
    let data_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let data: Value = answer.json().await.unwrap();
    let error = &data["error"];
    assert_eq!(error["code"], code);
    assert_eq!(error["request_id"], data_id.as_str());
    assert_eq!(error["remedy"], remedy.as_str(), "{code}");
    assert!(is_a_sentence(error["message"].as_str().unwrap()), "{error}");
    [id, data_id]
}

fn changed(stage: &Stage, field: &str, value: Option<&str>) -> Form {
    let mut form = stage.form("Shot", &[1062]);
    form.retain(|(name, _)| name != field);
    form.extend(value.map(|value| (field.to_owned(), value.to_owned())));
    sign(&mut form);
    form
}

fn signed_with(stage: &Stage, secret: &str) -> Form {
    let mut form = stage.form("Shot", &[1062]);
    form.retain(|(name, _)| name != "signature");
    let signature = amigo::sandbox::flow::sign(&form, secret);
    form.push(("signature".to_owned(), signature));
    form
}

/// What is refused at the door of an amigo that is well.
fn at_the_door(stage: &Stage) -> Vec<Case> {
    let door = "/ami/sync";
    let good = stage.form("Shot", &[1062]);
    let set = |field: &str, value: &str| changed(stage, field, Some(value));
    let mut unsigned = good.clone();
    unsigned.retain(|(name, _)| name != "signature");
    let mut fields = good.clone();
    fields.extend((0..500).map(|n| (format!("field{n}"), String::new())));
    let ids: Vec<String> = (1..=20_001).map(|id: u32| id.to_string()).collect();
    let entry = |timestamp: &str| {
        let mut form = vec![
            ("event_log_entry_id".to_owned(), "98765".to_owned()),
            ("timestamp".to_owned(), timestamp.to_owned()),
        ];
        sign(&mut form);
        form
    };
    let now = good
        .iter()
        .find(|(name, _)| name == "timestamp")
        .unwrap()
        .1
        .clone();
    let named = [("event_log_entry_id".to_owned(), "98765".to_owned())];
    vec![
        post("unsigned", 401, door, &unsigned),
        post("signature-wrong", 401, door, &signed_with(stage, "another")),
        post("secret-ended", 401, door, &signed_with(stage, OLD_SECRET)),
        post("post-stale", 401, door, &set("timestamp", "2020-01-01T00:00:00Z")),
        post(
            "post-in-the-future",
            401,
            door,
            &set("timestamp", "2120-01-01T00:00:00Z"),
        ),
        post("page-too-old", 401, "/ami/sync?heard=1.00", &good),
        post("field-missing", 400, door, &changed(stage, "user_login", None)),
        post("field-wrong", 400, door, &set("user_id", "me")),
        post("option-wrong", 400, "/ami/sync?tasks=perhaps", &good),
        post("malformed-post", 400, door, &good).with("content-type", "text/plain"),
        post("site-unknown", 403, door, &set("server_hostname", "evil.example")),
        post("action-unknown", 404, "/ami/destroy", &good),
        post(
            "post-too-large",
            413,
            door,
            &set("title", &"x".repeat(8 * 1024 * 1024)),
        ),
        post("too-many-rows", 413, door, &set("selected_ids", &ids.join(","))),
        post("too-many-fields", 413, door, &fields),
        post("nothing-selected", 422, door, &set("selected_ids", "")),
        post("type-not-synced", 422, door, &set("entity_type", "Note")),
        post(
            "type-not-for-action",
            422,
            "/ami/users",
            &set("entity_type", "Sequence"),
        ),
        // One entry begins one run, but for what Flow signed.
        post("", 303, door, &entry(&now)),
        post("entry-used", 401, door, &named),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_explains_itself_and_is_counted() {
    let mut stage = Stage::open().await;
    let file = stage.folder().join("refusals.toml");
    let secrets = format!(
        "contact = \"{CONTACT}\"\n[ami]\nsecrets = [\"{AMI_SECRET}\", \
         {{ secret = \"{OLD_SECRET}\", label = \"last year's\", until = 2020-01-01 }}]\n"
    );
    std::fs::write(&file, secrets).unwrap();
    let file = file.display().to_string();
    let binary = stage
        .serve_with_the_binary_and(&["--config", &file], &[("AMIGO_AMI_SECRET", "")])
        .await;
    let run = stage.right_click("Shot", &[1063]).await.planned().await;
    let button = format!("{}/apply", run.path);
    let own = stage.url().to_owned();
    let seal = |seal: &str| [("seal".to_owned(), seal.to_owned())];
    let mut cases = at_the_door(&stage);
    cases.extend([
        case("no-such-page", 404, "/nowhere"),
        case("no-such-run", 404, "/runs/0123456789abcdef0123456789abcdef"),
        case("no-such-run", 404, "/views/<script>"),
        case("method-wrong", 405, "/ami/sync").by("PUT"),
        case("method-wrong", 405, &button),
        post("origin-unproven", 403, &button, &seal(run.seal())),
        post("origin-foreign", 403, &button, &seal(run.seal())).with("origin", "http://evil.example"),
        post("seal-wrong", 409, &button, &seal("0")).with("origin", &own),
    ]);
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ids = Vec::new();
    for case in &cases {
        if case.code.is_empty() {
            case.send(&stage, "text/html").await;
            continue;
        }
        for id in explains_itself(&stage, case).await {
            ids.push((id, case.code));
            *counted.entry(case.code).or_default() += 1;
        }
    }
    let ready: Value = stage.get("/readyz").await.json().await.unwrap();
    assert_eq!(ready["refused"], serde_json::to_value(&counted).unwrap());

    let log = binary.terminate().await.err;
    for (id, code) in ids {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&id)).collect();
        assert!(
            lines.len() == 1 && lines[0].contains(code),
            "{code} {id}: {lines:?}"
        );
    }

    // What only an amigo that is not well, or busy, says.
    let mut seen: BTreeSet<&str> = counted.into_keys().collect();
    for (code, status, variables, busy) in [
        ("no-secret", 401, vec![("AMIGO_AMI_SECRET", "")], false),
        ("too-many-plans", 429, vec![("AMIGO_LIMITS_PLANS", "1")], true),
    ] {
        let stage = Stage::set(|setting| {
            setting.amigo.insert("AMIGO_CONTACT", CONTACT.to_owned());
            for (name, value) in variables {
                setting.amigo.insert(name, value.to_owned());
            }
        })
        .await;
        if busy {
            stage.flow.controls().set_latency(Duration::from_secs(20));
            stage.right_click("Shot", &[1062]).await;
        }
        let refused = post(code, status, "/ami/sync", &stage.form("Shot", &[1063]));
        explains_itself(&stage, &refused).await;
        seen.insert(code);
        stage.close().await;
    }
    let stage = not_ready().await;
    let refused = post("not-ready", 503, "/ami/sync", &stage.form("Shot", &[1063]));
    explains_itself(&stage, &refused).await;
    seen.insert("not-ready");
    stage.close().await;

    let stage = Stage::set(|setting| {
        setting.amigo.insert("AMIGO_CONTACT", CONTACT.to_owned());
        setting.amigo.insert("AMIGO_LIMITS_BODY_MEMORY", "8".to_owned());
    })
    .await;
    let large = [("title".to_owned(), "x".repeat(4 * 1024 * 1024))];
    let refused = post("too-much-at-once", 429, "/ami/sync", &large);
    let held = until("a held post keeps another out", async || {
        let held = all_but_the_end(&stage, 8 * 1024 * 1024).await;
        let answer = stage.post("/ami/sync", &large).await;
        (answer.status() == refused.status).then_some(held)
    })
    .await;
    explains_itself(&stage, &refused).await;
    seen.insert("too-much-at-once");
    drop(held);
    stage.close().await;

    let at_the_door: BTreeSet<&str> = problems::table("Refusals at the door")
        .iter()
        .map(|row| problems::code(row))
        .collect();
    assert_eq!(
        at_the_door.difference(&seen).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
}

/// An amigo that was told the Flow site, and whose AYON is out of order: its pages can be seen in Flow all the same.
pub async fn not_ready() -> Stage {
    let mut stage = Stage::set(|setting| {
        setting.amigo.insert("AMIGO_CONTACT", CONTACT.to_owned());
    })
    .await;
    stage.ayon.controls().add_fault(crate::harness::always(
        "/api",
        amigo::sandbox::controls::FaultBody::Html,
        500,
    ));
    let flow = stage.flow.url();
    stage.restart_amigo_with(&[("AMIGO_FLOW_URL", &flow)]).await;
    stage
}
