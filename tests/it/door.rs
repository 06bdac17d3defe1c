//! Which posts are heard, and how the others are refused: readably, each with a code and a request id.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{RunPage, SECRETS, Stage, sign};

type Form = Vec<(String, String)>;

pub fn set(form: &mut Form, field: &str, value: &str) {
    form.retain(|(name, _)| name != field);
    form.push((field.to_owned(), value.to_owned()));
    sign(form);
}

pub fn without(form: &mut Form, field: &str) {
    form.retain(|(name, _)| name != field);
    sign(form);
}

/// Asserts that an answer refuses with this status and code, on a page that people can use.
pub async fn refuses(answer: reqwest::Response, status: u16, code: &str) -> String {
    let request = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let kind = format!("{:?}", answer.headers().get("content-type"));
    let got = answer.status();
    let page = answer.text().await.unwrap();
    assert_eq!(got, status, "{code}: {page}");
    assert!(kind.contains("text/html"), "{code}: {kind}");
    assert!(page.contains(&format!("<code>{code}</code>")), "{code}: {page}");
    assert!(page.contains(&request), "{code}: the page tells its request id");
    for secret in SECRETS {
        assert!(!page.contains(secret), "{code}: {page}");
    }
    assert!(
        !page.contains("src/") && !page.contains("panicked"),
        "{code}: {page}"
    );
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_prove_nothing_are_refused() {
    let stage = Stage::open().await;
    let post = async |form: &Form| stage.post("/ami/sync", form).await;

    let mut unsigned = stage.form("Shot", &[1062]);
    unsigned.retain(|(name, _)| name != "signature");
    refuses(post(&unsigned).await, 401, "unsigned").await;

    let mut forged = stage.form("Shot", &[1062]);
    for (name, value) in &mut forged {
        if name == "selected_ids" {
            *value = "1063".to_owned();
        }
    }
    refuses(post(&forged).await, 401, "signature-wrong").await;

    let mut doubled = stage.form("Shot", &[1062]);
    let signature = doubled.last().unwrap().clone();
    doubled.push(signature);
    refuses(post(&doubled).await, 401, "signature-wrong").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_must_be_of_now() {
    let stage = Stage::open().await;
    let form = stage.form("Shot", &[1062]);
    stage.clock.ahead(Duration::from_secs(70));
    let page = refuses(stage.post("/ami/sync", &form).await, 401, "post-stale").await;
    assert!(page.contains("60"), "it says what is accepted: {page}");
    stage.clock.behind(Duration::from_secs(70));
    refuses(stage.post("/ami/sync", &form).await, 401, "post-in-the-future").await;
    stage.clock.ahead(Duration::from_secs(40));
    assert_eq!(stage.post("/ami/sync", &form).await.status(), 303);

    let mut timeless = stage.form("Shot", &[1062]);
    without(&mut timeless, "timestamp");
    refuses(stage.post("/ami/sync", &timeless).await, 400, "field-missing").await;
    let mut odd = stage.form("Shot", &[1062]);
    set(&mut odd, "timestamp", "yesterday");
    refuses(stage.post("/ami/sync", &odd).await, 400, "field-wrong").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_post_leads_to_the_same_run_whenever_it_comes() {
    let stage = Stage::open().await;
    let form = stage.form("Shot", &[1062]);
    let first = stage.post("/ami/sync", &form).await;
    assert_eq!(first.status(), 303);
    let run = RunPage::at(&stage, first.headers()["location"].to_str().unwrap())
        .planned()
        .await;
    stage.clock.ahead(Duration::from_secs(3 * 60 * 60));
    let replayed = stage.post("/ami/sync", &form).await;
    assert_eq!(replayed.status(), 303);
    assert_eq!(replayed.headers()["location"], run.path.as_str());
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_synced_is_refused() {
    let stage = Stage::open().await;
    let good = || stage.form("Shot", &[1062, 1063]);
    let cases: Vec<(&str, Form, u16, &str)> = vec![
        (
            "another site",
            changed(good(), "server_hostname", "evil.example"),
            403,
            "site-unknown",
        ),
        (
            "nothing",
            changed(good(), "selected_ids", ""),
            422,
            "nothing-selected",
        ),
        (
            "commas",
            changed(good(), "selected_ids", ",, ,"),
            422,
            "nothing-selected",
        ),
        (
            "junk",
            changed(good(), "selected_ids", "1062,robert'); drop"),
            400,
            "field-wrong",
        ),
        ("zero", changed(good(), "selected_ids", "0"), 400, "field-wrong"),
        (
            "negative",
            changed(good(), "selected_ids", "-5"),
            400,
            "field-wrong",
        ),
        (
            "huge",
            changed(good(), "selected_ids", "99999999999999999999"),
            400,
            "field-wrong",
        ),
        (
            "a note",
            changed(good(), "entity_type", "Note"),
            422,
            "type-not-synced",
        ),
        (
            "markup",
            changed(good(), "entity_type", "<script>"),
            422,
            "type-not-synced",
        ),
        ("no user", changed(good(), "user_id", "me"), 400, "field-wrong"),
        (
            "odd project",
            changed(good(), "project_id", "all"),
            400,
            "field-wrong",
        ),
    ];
    for (what, form, status, code) in cases {
        let page = refuses(stage.post("/ami/sync", &form).await, status, code).await;
        assert!(!page.contains("<script>"), "{what}: {page}");
    }
    for field in ["entity_type", "server_hostname", "user_id", "user_login"] {
        let mut form = good();
        without(&mut form, field);
        let page = refuses(stage.post("/ami/sync", &form).await, 400, "field-missing").await;
        assert!(page.contains(field), "it names {field}: {page}");
    }
    stage.nothing_else_was_sent().await;
}

pub fn changed(mut form: Form, field: &str, value: &str) -> Form {
    set(&mut form, field, value);
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused() {
    let stage = Stage::open().await;
    let ids: Vec<String> = (1..=20_001).map(|id: u32| id.to_string()).collect();
    let many = changed(stage.form("Shot", &[1062]), "selected_ids", &ids.join(","));
    let page = refuses(stage.post("/ami/sync", &many).await, 413, "too-many-rows").await;
    assert!(page.contains("20000"), "it says how many are accepted: {page}");
    let ids = &ids[..20_000];
    let just = changed(stage.form("Shot", &[1062]), "selected_ids", &ids.join(","));
    assert_eq!(stage.post("/ami/sync", &just).await.status(), 303);
    let large = changed(stage.form("Shot", &[1062]), "title", &"x".repeat(8 * 1024 * 1024));
    refuses(stage.post("/ami/sync", &large).await, 413, "post-too-large").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_options_are_checked() {
    let stage = Stage::open().await;
    let form = stage.form("Shot", &[1062]);
    for (query, said) in [
        ("?descendants=perhaps", "neither yes nor no"),
        ("?status=2", "neither yes nor no"),
        ("?tags=no&tags=no", "given twice"),
        ("?force=yes", "assignees, attributes, tasks, descendants"),
        ("?tasks=", "neither yes nor no"),
    ] {
        let page = refuses(
            stage.post(&format!("/ami/sync{query}"), &form).await,
            400,
            "option-wrong",
        )
        .await;
        assert!(page.contains(said), "{query}: {page}");
    }
    // The address is looked at before the signature.
    let page = refuses(
        stage.post("/ami/destroy", &Vec::new()).await,
        404,
        "action-unknown",
    )
    .await;
    assert!(page.contains("/ami/sync"), "{page}");
    refuses(stage.post("/ami/<script>", &form).await, 404, "action-unknown").await;

    let explained = stage.get("/ami/sync").await;
    assert_eq!(explained.status(), 200);
    let page = explained.text().await.unwrap();
    assert!(page.contains(&format!("{}/ami/sync", stage.url())), "{page}");
    assert_eq!(stage.get("/ami/destroy").await.status(), 404);
    refuses(stage.get("/nowhere").await, 404, "no-such-page").await;
    let put = stage
        .http
        .put(format!("{}/ami/sync", stage.url()))
        .send()
        .await
        .unwrap();
    refuses(put, 405, "method-wrong").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_forms_are_read() {
    let stage = Stage::open().await;
    let send = async |kind: Option<&str>, body: Vec<u8>| {
        let mut request = stage.http.post(format!("{}/ami/sync", stage.url())).body(body);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        request.send().await.unwrap()
    };
    let multipart =
        b"--x\r\nContent-Disposition: form-data; name=\"user_id\"\r\n\r\n57\r\n--x--\r\n".to_vec();
    let parts = Some("multipart/form-data; boundary=x");
    refuses(send(parts, multipart).await, 401, "unsigned").await;
    refuses(
        send(parts, b"--x\r\nnonsense".to_vec()).await,
        400,
        "malformed-post",
    )
    .await;
    refuses(
        send(Some("application/json"), b"{}".to_vec()).await,
        400,
        "malformed-post",
    )
    .await;
    refuses(
        send(Some("text/plain"), b"a=b".to_vec()).await,
        400,
        "malformed-post",
    )
    .await;
    refuses(send(None, b"a=b".to_vec()).await, 400, "malformed-post").await;
    let form = Some("application/x-www-form-urlencoded; charset=UTF-8");
    refuses(
        send(form, vec![0xff, 0xfe, b'=', 0x80]).await,
        400,
        "malformed-post",
    )
    .await;
    refuses(send(form, Vec::new()).await, 401, "unsigned").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_data_when_they_ask_for_it() {
    let stage = Stage::open().await;
    let post = async |form: &Form, accept: &str| {
        stage
            .http
            .post(format!("{}/ami/sync", stage.url()))
            .header("accept", accept)
            .form(form)
            .send()
            .await
            .unwrap()
    };
    let form = stage.form("Shot", &[1062]);
    let answer = post(&form, "application/json").await;
    assert_eq!(answer.status(), 202);
    let data: Value = answer.json().await.unwrap();
    let run = data["run"].as_str().unwrap();
    assert_eq!(data["url"], format!("{}/runs/{run}", stage.url()));
    assert!(run.len() >= 32, "128 random bits");
    let known = post(&form, "text/html, application/json").await;
    assert_eq!(
        (known.status().as_u16(), &known.headers()["location"]),
        (303, &format!("/runs/{run}").parse().unwrap())
    );

    let refused = post(&Vec::new(), "application/json").await;
    assert_eq!(refused.status(), 401);
    let request = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
    let data: Value = refused.json().await.unwrap();
    let error = data["error"].as_object().unwrap();
    let keys: Vec<&str> = error.keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "message", "remedy", "request_id"]);
    assert_eq!(
        (&error["code"], &error["request_id"]),
        (&"unsigned".into(), &request.into())
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_posts_are_believed_only_when_that_is_configured() {
    let stage = Stage::set(|setting| {
        setting
            .amigo
            .insert("AMIGO_AMI_ALLOW_UNSIGNED", "true".to_owned());
    })
    .await;
    let mut form = stage.form("Shot", &[1062]);
    form.retain(|(name, _)| name != "signature");
    assert_eq!(stage.post("/ami/sync", &form).await.status(), 303);
    form.push(("signature".to_owned(), "0".repeat(40)));
    refuses(stage.post("/ami/sync", &form).await, 401, "signature-wrong").await;

    let stage = Stage::set(|setting| {
        setting.amigo.insert("AMIGO_AMI_SECRET", String::new());
    })
    .await;
    let form = stage.form("Shot", &[1062]);
    refuses(stage.post("/ami/sync", &form).await, 401, "no-secret").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_browsers_safe() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    for path in [run.path.as_str(), "/", "/nowhere", "/ami/sync"] {
        let answer = stage.get(path).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.contains(&format!("frame-ancestors 'self' {};", stage.flow.url())),
            "{policy}"
        );
        assert!(policy.contains("default-src 'self'"), "{policy}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(!answer.headers().contains_key("set-cookie"), "{path}");
    }
    let page = run.html().await;
    assert!(
        !page.contains("<style") && !page.contains(" style="),
        "nothing inline: {page}"
    );
    assert!(!page.contains("<script>"), "nothing inline: {page}");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_plans_at_once_are_asked_to_wait() {
    let stage = Stage::open().await;
    stage.flow.controls().set_latency(Duration::from_secs(20));
    let mut accepted = 0;
    let refused = loop {
        let answer = stage.post("/ami/sync", &stage.form("Shot", &[1062])).await;
        if answer.status() != 303 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 100, "the door never closes");
    };
    assert!(refused.headers().contains_key("retry-after"));
    refuses(refused, 429, "too-many-plans").await;
    stage.close().await;
}
