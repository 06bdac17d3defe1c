//! `amigo replay`: the recorded posts of the desk, posted to a studio that runs.

use std::fs;

use amigo::sandbox::studio::PRODUCTION_MANAGER;
use serde_json::{Value, json};

use super::{CAPTURED, Capture, Form, fixture, holds_none_of};
use crate::harness::{Ended, HARBOR, Program, RunPage, SECRETS, Stage};

async fn replay(stage: &Stage, arguments: &[&str], more: &[(&str, &str)]) -> Ended {
    let mut variables = stage.variables().clone();
    variables.insert("AMIGO_PUBLIC_URL".to_owned(), stage.url().to_owned());
    variables.extend(super::variables(more));
    let ended = Program::run(stage.folder(), &[&["replay"], arguments].concat(), &variables).await;
    for secret in SECRETS {
        holds_none_of(&format!("{ended:?}"), &[secret]);
    }
    ended
}

fn captured(number: usize) -> String {
    format!("{CAPTURED}/sync-{number}.json")
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_posts_are_posted_again() {
    let stage = Stage::open().await;
    let files: Vec<String> = (1..=4).map(captured).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let here = ["--set", "server_hostname=127.0.0.1"];
    let ended = replay(&stage, &[&files[..], &here, &["--json"]].concat(), &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answers: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
    let told = |answer: &Value| {
        (
            answer["status"].as_u64().unwrap(),
            answer["code"].as_str().map(str::to_owned),
        )
    };
    assert_eq!(
        answers.iter().map(told).collect::<Vec<_>>(),
        [
            (202, None),
            (202, None),
            (202, None),
            (422, Some("nothing-selected".to_owned()))
        ]
    );
    for answer in &answers[..3] {
        let run = answer["run"].as_str().unwrap();
        assert_eq!(answer["url"], format!("{}/runs/{run}", stage.url()));
    }
    // Without a word of the site, nobody can act for it.
    let strange = replay(&stage, &files[..1], &[]).await;
    assert_eq!(strange.code, Some(1), "{strange:?}");
    assert!(
        strange.out.contains(" 403 refused: ") && strange.out.contains("[site-unknown]"),
        "{}",
        strange.out
    );
    let other = replay(
        &stage,
        &[&files[..1], &here].concat(),
        &[("AMIGO_AMI_SECRET", "another")],
    )
    .await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(
        other.out.contains("401") && other.out.contains("[signature-wrong]"),
        "{}",
        other.out
    );
    // Whatever else says yes is not taken for amigo. What it was sent is what was recorded, up to the stand-ins.
    let capture = Capture::start(stage.folder(), 2, stage.variables()).await;
    let yes = replay(&stage, &[files[0], files[1], "--to", &capture.url], &[]).await;
    assert_eq!(yes.code, Some(1), "{yes:?}");
    assert!(yes.out.contains(" 200 not what amigo answers"), "{}", yes.out);
    let (_, again) = capture.end().await;
    for (file, name) in files.iter().zip(["sync-1.json", "sync-2.json"]) {
        let (before, after) = (fixture(&fs::read_to_string(file).unwrap()), fixture(&again[name]));
        assert_eq!(before.signature, after.signature);
        assert_eq!(
            (before.content_type, before.query),
            (after.content_type, after.query)
        );
        let names = |pairs: &Form| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&before.pairs), names(&after.pairs));
    }
    let none = replay(&stage, &files[..1], &[("AMIGO_AMI_SECRET", "")]).await;
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.err.contains("AMIGO_AMI_SECRET"), "{}", none.err);
    let forged = replay(&stage, &[&files[..1], &["--set", "signature=0"]].concat(), &[]).await;
    assert_eq!(forged.code, Some(1), "{forged:?}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_post_can_be_pointed_at_real_rows() {
    let stage = Stage::open().await;
    let login = stage.row("HumanUser", PRODUCTION_MANAGER)["login"]
        .as_str()
        .unwrap()
        .to_owned();
    let set = [
        "server_hostname=127.0.0.1".to_owned(),
        format!("user_id={PRODUCTION_MANAGER}"),
        format!("user_login={login}"),
        format!("project_id={HARBOR}"),
        "selected_ids=1062".to_owned(),
    ];
    let mut arguments = vec!["--json"];
    set.iter().for_each(|one| arguments.extend(["--set", one]));
    // Urlencoded with every field signed, and in parts with blank fields left out.
    for number in [1, 2] {
        let file = captured(number);
        let ended = replay(&stage, &[&[file.as_str()], arguments.as_slice()].concat(), &[]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let answers: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
        let place = format!("/runs/{}", answers[0]["run"].as_str().unwrap());
        let run = RunPage::at(&stage, &place).planned().await;
        assert_eq!(run.data["selection"]["ids"], json!([1062]));
        assert_eq!(run.data["requested_by"]["login"], login.as_str());
        let expected = if number == 2 {
            json!({"tasks": "no"})
        } else {
            json!({})
        };
        assert_eq!(
            run.data["options"], expected,
            "the options of the address are posted too"
        );
    }
    stage.nothing_else_was_sent().await;
}

/// Whoever records that a post is refused wants to hear when it no longer is.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_to_be_refused_and_is_not_is_told() {
    let stage = Stage::open().await;
    let nothing = captured(4);
    let arguments = [
        nothing.as_str(),
        "--set",
        "server_hostname=127.0.0.1",
        "--set",
        "selected_ids=1062",
    ];
    let ended = replay(&stage, &arguments, &[]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.out.contains("accepted: ") && ended.out.contains("but nothing-selected was expected"),
        "{}",
        ended.out
    );

    // An unsigned post stays unsigned, a forged one stays forged.
    for (signature, code) in [
        (Value::Null, "unsigned"),
        (
            json!({"place": 3, "length": 40, "written": "lower-case hexadecimal", "matched": null}),
            "signature-wrong",
        ),
    ] {
        let mut fixture: Value = serde_json::from_str(&fs::read_to_string(captured(1)).unwrap()).unwrap();
        fixture["signature"] = signature;
        fixture["answered"]["verdict"] = code.into();
        fixture["expect"] = code.into();
        let file = stage.folder().join("changed.json");
        fs::write(&file, fixture.to_string()).unwrap();
        let ended = replay(&stage, &[file.to_str().unwrap()], &[]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            ended.out.contains(&format!("[{code}], as expected")),
            "{}",
            ended.out
        );
    }
    stage.nothing_else_was_sent().await;
}
