//! Forms in parts: they mean what urlencoded ones mean, and are held to the same bounds.

use serde_json::{Value, json};

use crate::door::{changed, refuses};
use crate::harness::{RunPage, Stage, sign};

use super::{Form, URLENCODED, in_parts, leads_to, send};

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

async fn send_parts(stage: &Stage, form: &Form) -> reqwest::Response {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    send(stage, &kind, in_parts(form, BOUNDARY)).await
}

/// Both ways of writing a form lead to one run; answers what it was made of.
async fn one_run_of_both(stage: &Stage, form: &Form) -> Value {
    let of_parts = leads_to(send_parts(stage, form).await).await;
    let urlencoded = leads_to(stage.post("/ami/sync", form).await).await;
    assert_eq!(of_parts, urlencoded, "{form:?}");
    RunPage::at(stage, &of_parts).planned().await.data
}

/// The form with its selection under other names.
fn selecting(mut form: Form, fields: &[(&str, &str)]) -> Form {
    form.retain(|(name, _)| name != "selected_ids");
    form.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    sign(&mut form);
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn however_a_form_is_written_it_is_the_same_post() {
    let stage = Stage::open().await;
    let good = || stage.form("Shot", &[1062, 1063]);
    let forms = [
        good(),
        selecting(good(), &[("selected_ids", "1062"), ("selected_ids", "1063")]),
        selecting(good(), &[("selected_ids[]", "1062"), ("selected_ids[]", "1063")]),
        selecting(good(), &[("selected_ids", "1062"), ("selected_ids[]", " 1063 ")]),
        selecting(good(), &[("selected_ids", " 1062, 1063 ,,1062, ")]),
        changed(
            good(),
            "title",
            "Pr\u{e9}vis \u{2013} 愛と海 \u{1f3ac} & <b> + 100 %",
        ),
        changed(good(), "title", "undefined"),
        changed(good(), "project_id", ""),
        changed(good(), "cols", ""),
        changed(good(), "a field of tomorrow", "kept for the signature"),
    ];
    for form in forms {
        let run = one_run_of_both(&stage, &form).await;
        assert_eq!(
            run["selection"],
            json!({"entity_type": "Shot", "ids": [1062, 1063], "project_id": run["selection"]["project_id"]}),
            "{form:?}"
        );
        assert_eq!(run["requested_by"]["login"], "mira.kowalski");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_parts_are_refused_where_urlencoded_ones_are() {
    let stage = Stage::open().await;
    let mut forged = stage.form("Shot", &[1062]);
    for (name, value) in &mut forged {
        if name == "user_id" {
            *value = "41".to_owned();
        }
    }
    refuses(send_parts(&stage, &forged).await, 401, "signature-wrong").await;
    let nothing = selecting(stage.form("Shot", &[1062]), &[("selected_ids", "")]);
    refuses(send_parts(&stage, &nothing).await, 422, "nothing-selected").await;
    let site = changed(stage.form("Shot", &[1062]), "server_hostname", "evil.example");
    refuses(send_parts(&stage, &site).await, 403, "site-unknown").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_of_texts_is_refused() {
    let stage = Stage::open().await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let good = in_parts(&stage.form("Shot", &[1062]), BOUNDARY);
    let text = String::from_utf8(good.clone()).unwrap();
    let with = |part: &str| format!("--{BOUNDARY}\r\n{part}\r\n{text}").into_bytes();
    let without_end = text.trim_end().trim_end_matches("--").to_owned();
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        (
            "a file",
            &kind,
            with("Content-Disposition: form-data; name=\"x\"; filename=\"a.txt\"\r\n\r\nhello"),
        ),
        (
            "a file without a name",
            &kind,
            with("Content-Disposition: form-data; name=\"x\"; filename=\"\"\r\n\r\nhello"),
        ),
        (
            "a part without a name",
            &kind,
            with("Content-Disposition: form-data\r\n\r\nhello"),
        ),
        (
            "a part with an empty name",
            &kind,
            with("Content-Disposition: form-data; name=\"\"\r\n\r\nhello"),
        ),
        ("a part without a head", &kind, with("\r\nhello")),
        (
            "no text",
            &kind,
            [
                b"--".to_vec(),
                BOUNDARY.into(),
                b"\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\xff\xfe\r\n".to_vec(),
                good.clone(),
            ]
            .concat(),
        ),
        (
            "another boundary",
            "multipart/form-data; boundary=other",
            good.clone(),
        ),
        ("no boundary", "multipart/form-data", good.clone()),
        (
            "an empty boundary",
            "multipart/form-data; boundary=",
            good.clone(),
        ),
        ("half of it", &kind, good[..good.len() / 2].to_vec()),
        ("without its end", &kind, without_end.into_bytes()),
        ("a mixture", "multipart/mixed; boundary=x", good.clone()),
        (
            "parts that say they are urlencoded",
            URLENCODED,
            b"%ff=\xff".to_vec(),
        ),
    ];
    for (what, kind, body) in cases {
        println!("{what}");
        let page = refuses(send(&stage, kind, body).await, 400, "malformed-post").await;
        assert!(!page.contains("multipart/"), "{what}: no library's words: {page}");
    }
    // Nothing but an end is a form without fields.
    let empty = format!("--{BOUNDARY}--\r\n");
    refuses(send(&stage, &kind, empty).await, 401, "unsigned").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_have_the_same_bounds() {
    let stage = Stage::open().await;
    let padded = |fields: usize| {
        let mut form = stage.form("Shot", &[1062]);
        while form.len() < fields {
            form.insert(0, (format!("more_{}", form.len()), "x".to_owned()));
        }
        sign(&mut form);
        assert_eq!(form.len(), fields);
        form
    };
    one_run_of_both(&stage, &padded(500)).await;
    let crowded = padded(501);
    for answer in [
        send_parts(&stage, &crowded).await,
        stage.post("/ami/sync", &crowded).await,
    ] {
        let page = refuses(answer, 413, "too-many-fields").await;
        assert!(page.contains("501") && page.contains("500"), "{page}");
    }

    // Eight mebibytes are read, one byte more is not; the room that names and separators take counts as well.
    const LIMIT: usize = 8 * 1024 * 1024;
    let of_length = |length: usize, written: &dyn Fn(&Form) -> Vec<u8>| {
        let empty = changed(stage.form("Shot", &[1062]), "title", "");
        let room = length - written(&empty).len();
        let body = written(&changed(empty, "title", &"x".repeat(room)));
        assert_eq!(body.len(), length);
        body
    };
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let parts = |form: &Form| in_parts(form, BOUNDARY);
    let urlencoded = |form: &Form| serde_urlencoded::to_string(form).unwrap().into_bytes();
    for (kind, written) in [
        (kind.as_str(), &parts as &dyn Fn(&Form) -> Vec<u8>),
        (URLENCODED, &urlencoded),
    ] {
        leads_to(send(&stage, kind, of_length(LIMIT, written)).await).await;
        let page = refuses(
            send(&stage, kind, of_length(LIMIT + 1, written)).await,
            413,
            "post-too-large",
        )
        .await;
        assert!(page.contains("Select fewer rows"), "{page}");
    }

    // As many ids as one post may have, and one more.
    let ids = |count: u32| {
        let ids: Vec<String> = (1..=count).map(|id| id.to_string()).collect();
        changed(stage.form("Shot", &[1062]), "selected_ids", &ids.join(","))
    };
    refuses(send_parts(&stage, &ids(20_001)).await, 413, "too-many-rows").await;
    stage.close().await;
}
