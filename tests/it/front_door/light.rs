//! Light payloads: the post names an entry of Flow's event log. What Flow did not sign has to prove itself.

use amigo::sandbox::controls::{Fault, FaultBody};
use amigo::sandbox::studio::PRODUCTION_MANAGER;
use serde_json::{Value, json};

use crate::door::refuses;
use crate::harness::{Entry, RunPage, Stage, naming, sign, until};

use super::Form;

/// The script that amigo itself logs in as.
const SCRIPT: i64 = 101;

async fn post<'s>(stage: &'s Stage, form: &Form) -> RunPage<'s> {
    stage.begins(form).await
}

/// Asserts that a run acts on these Shots for this person.
fn is_about(run: &Value, ids: &[i64], person: i64, login: &str) {
    assert_eq!(run["selection"]["entity_type"], "Shot");
    assert_eq!(run["selection"]["ids"], json!(ids));
    assert_eq!(run["requested_by"]["id"], person);
    assert_eq!(run["requested_by"]["login"], login);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entry_tells_who_wants_what() {
    let stage = Stage::open().await;
    for secret in [true, false] {
        let item = stage.light_item(&stage.address(), secret);
        let form = stage.light_form(item, PRODUCTION_MANAGER, &[1062, 1063]);
        assert_eq!(
            form.iter().any(|(name, _)| name == "signature"),
            secret,
            "{form:?}"
        );
        let run = post(&stage, &form).await.planned().await;
        is_about(&run.data, &[1062, 1063], PRODUCTION_MANAGER, "mira.kowalski");
        assert_eq!(run.data["requested_by"]["name"], "Mira Kowalski");
    }
    // An admin's is an admin's, and it is applied as any other is.
    let item = stage.light_item(&format!("{}?tasks=no", stage.address()), false);
    let form = stage.light_form(item, 41, &[1062]);
    let run = stage.post("/ami/sync?tasks=no", &form).await;
    let run = RunPage::at(&stage, &super::leads_to(run).await);
    let run = run.planned().await;
    is_about(&run.data, &[1062], 41, "idris.vahl");
    let run = run.apply().await.done().await;
    assert!(run.ended("done") > 0);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_however_the_entry_holds_them() {
    let stage = Stage::open().await;
    for ids in [
        json!("1062,1063"),
        json!(" 1062 , 1063 "),
        json!([1062, 1063]),
        json!(["1062", "1063"]),
    ] {
        let mut entry = stage.entry(&[1062]);
        entry.payload["selected_ids"] = ids;
        entry.payload["user_id"] = PRODUCTION_MANAGER.into();
        entry.payload["cols"] = json!(["code", "sg_status_list"]);
        entry.payload["title"] = Value::Null;
        let run = post(&stage, &naming(stage.log(&entry))).await.planned().await;
        is_about(&run.data, &[1062, 1063], PRODUCTION_MANAGER, "mira.kowalski");
    }
    let mut entry = stage.entry(&[1062]);
    entry.payload["selected_ids"] = json!(1062);
    let run = post(&stage, &naming(stage.log(&entry))).await.planned().await;
    is_about(&run.data, &[1062], PRODUCTION_MANAGER, "mira.kowalski");
    stage.nothing_else_was_sent().await;
}

/// Posts an entry and asserts that nothing comes of it; answers what is said.
async fn is_refused(stage: &Stage, entry: i64) -> String {
    let run = post(stage, &naming(entry)).await.reaches(&["refused"]).await;
    assert_eq!(run.error(), "light-post");
    assert_eq!(
        (&run.data["selection"], &run.data["requested_by"]),
        (&Value::Null, &Value::Null),
        "nothing of the entry is told"
    );
    assert!(
        run.html()
            .await
            .contains("Choose the menu item in Flow once more")
    );
    run.data["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_proves_nothing_is_refused() {
    let stage = Stage::open().await;
    let spoilt = |spoil: &dyn Fn(&mut Entry)| {
        let mut entry = stage.entry(&[1062]);
        spoil(&mut entry);
        stage.log(&entry)
    };
    let elsewhere = stage.light_item("https://other.example/ami/sync", false);
    let longer = stage.light_item(
        &format!("{}/", stage.address().replace("/sync", "/synchrony")),
        false,
    );
    let hidden = stage.light_item(&format!("https://other.example/?x={}", stage.address()), false);
    let minutes = |minutes: i64| jiff::SignedDuration::from_mins(minutes);
    let cases: Vec<(&str, i64, &str)> = vec![
        (
            "an item that leads elsewhere",
            spoilt(&|entry| entry.item = elsewhere),
            "another address",
        ),
        (
            "an item whose address begins like ours",
            spoilt(&|entry| entry.item = longer),
            "another address",
        ),
        (
            "an item whose address holds ours",
            spoilt(&|entry| entry.item = hidden),
            "another address",
        ),
        (
            "an item that there is not",
            spoilt(&|entry| entry.item = 987_654),
            "another address",
        ),
        (
            "another happening",
            spoilt(&|entry| entry.event_type = "Shotgun_Shot_Change"),
            "not about a menu item",
        ),
        (
            "a script's",
            spoilt(&|entry| entry.author = ("ApiUser", SCRIPT)),
            "not made by a person",
        ),
        (
            "an old one",
            spoilt(&|entry| entry.made -= minutes(2)),
            "seconds away",
        ),
        (
            "one of the future",
            spoilt(&|entry| entry.made += minutes(2)),
            "seconds away",
        ),
        (
            "another site's",
            spoilt(&|entry| entry.payload["server_hostname"] = "evil.example".into()),
            "evil.example",
        ),
        (
            "somebody else's",
            spoilt(&|entry| entry.payload["user_id"] = "41".into()),
            "another person",
        ),
        (
            "made by somebody else",
            spoilt(&|entry| entry.author = ("HumanUser", 41)),
            "another person",
        ),
        (
            "an empty one",
            spoilt(&|entry| entry.payload = Value::Null),
            "no fields",
        ),
        (
            "one that names another entry",
            spoilt(&|entry| entry.payload = json!({"event_log_entry_id": "1"})),
            "no fields",
        ),
        (
            "a type that is not synced",
            spoilt(&|entry| entry.payload["entity_type"] = "Note".into()),
            "cannot be used",
        ),
        (
            "nothing selected",
            spoilt(&|entry| entry.payload["selected_ids"] = "".into()),
            "Nothing is selected",
        ),
    ];
    for (what, entry, said) in cases {
        let message = is_refused(&stage, entry).await;
        assert!(message.contains(said), "{what}: {message}");
    }
    let message = is_refused(&stage, 987_654).await;
    assert!(message.contains("no entry 987654"), "{message}");
    stage.nothing_else_was_sent().await;
}

/// The clock is amigo's: an entry is as old as the post that names it says, not as the machine would have it.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_fresh_for_as_long_as_a_post_is() {
    let stage = Stage::open().await;
    let entry = stage.entry(&[1062]);
    for (seconds, fresh) in [(60, true), (61, false), (0, true), (-1, false), (-61, false)] {
        let made = entry.made.round(jiff::Unit::Second).unwrap();
        let entry = Entry {
            made,
            payload: entry.payload.clone(),
            ..entry
        };
        stage.clock.at(made + jiff::SignedDuration::from_secs(seconds));
        let run = post(&stage, &naming(stage.log(&entry))).await;
        let run = run.reaches(&["planned", "refused"]).await;
        assert_eq!(run.data["state"] == "planned", fresh, "{seconds}");
    }
    stage.nothing_else_was_sent().await;
}

/// What Flow signed is true, however old the entry is; but a person speaks for nobody else there either.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_post_proves_the_entry_but_not_the_person() {
    let stage = Stage::open().await;
    let signed = |entry: i64| {
        let mut form = naming(entry);
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        form.push(("timestamp".to_owned(), now.to_string()));
        crate::harness::sign(&mut form);
        form
    };
    let mut entry = stage.entry(&[1062]);
    entry.made -= jiff::SignedDuration::from_mins(5);
    let run = post(&stage, &signed(stage.log(&entry))).await.planned().await;
    is_about(&run.data, &[1062], PRODUCTION_MANAGER, "mira.kowalski");

    entry.payload["user_id"] = "41".into();
    let run = post(&stage, &signed(stage.log(&entry))).await;
    let run = run.reaches(&["refused"]).await;
    assert_eq!(run.error(), "light-post");
    // Signed wrongly it is not believed for the entry's sake.
    let mut forged = signed(stage.log(&stage.entry(&[1062])));
    forged.retain(|(name, _)| name != "signature");
    forged.push(("signature".to_owned(), "0".repeat(40)));
    refuses(stage.post("/ami/sync", &forged).await, 401, "signature-wrong").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_begins_one_run() {
    let stage = Stage::open().await;
    let entry = stage.log(&stage.entry(&[1062]));
    let run = post(&stage, &naming(entry)).await.planned().await;
    for _ in 0..2 {
        let answer = stage.post("/ami/sync", &naming(entry)).await;
        assert!(!answer.headers().contains_key("location"));
        let page = refuses(answer, 401, "entry-used").await;
        assert!(!page.contains(run.id()), "the first run is its owner's: {page}");
    }
    // Planning again is no second use.
    let again = super::leads_to(run.press("replan", &[]).await).await;
    let again = RunPage::at(&stage, &again).planned().await;
    is_about(&again.data, &[1062], PRODUCTION_MANAGER, "mira.kowalski");
    stage.nothing_else_was_sent().await;
}

/// Whoever guesses the number of an entry to come must not keep those out whose posts Flow signs.
#[tokio::test(flavor = "multi_thread")]
async fn a_guess_does_not_use_up_what_flow_signed() {
    let stage = Stage::open().await;
    let item = stage.light_item(&stage.address(), true);
    let form = stage.light_form(item, PRODUCTION_MANAGER, &[1062]);
    let entry: i64 = form[0].1.parse().unwrap();
    let guessed = post(&stage, &naming(entry)).await;
    let run = post(&stage, &form).await.planned().await;
    assert_ne!(guessed.path, run.path);
    is_about(&run.data, &[1062], PRODUCTION_MANAGER, "mira.kowalski");
    refuses(stage.post("/ami/sync", &naming(entry)).await, 401, "entry-used").await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_may_come_a_moment_after_its_post() {
    let stage = Stage::open().await;
    let entry = stage.entry(&[1062]);
    let next = stage.log(&entry) + 1;
    // Time to look at the run while amigo has only the entry's number.
    stage.flow.controls().add_fault(Fault {
        path: "EventLogEntry".to_owned(),
        body: FaultBody::Hang,
        applied: true,
        delay_ms: 1_200,
        ..Fault::default()
    });
    let mut form = naming(next);
    form.push(("timestamp".to_owned(), this_second()));
    sign(&mut form);
    let run = post(&stage, &form).await;
    let early = run.json().await;
    assert!(
        ["queued", "planning"].contains(&early["state"].as_str().unwrap()),
        "{early}"
    );
    assert_eq!(
        (&early["selection"], &early["requested_by"], &early["plan"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(run.html().await.contains("data-state=\"planning\"") || early["state"] == "queued");
    assert_eq!(stage.log(&entry), next);
    let run = run.planned().await;
    is_about(&run.data, &[1062], PRODUCTION_MANAGER, "mira.kowalski");
    stage.nothing_else_was_sent().await;
}

/// The number of the next entry is no secret: whoever posts it before somebody clicks must not get their run.
#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_post_that_was_there_before_its_entry_is_refused() {
    let stage = Stage::open().await;
    let mut entry = stage.entry(&[1062]);
    let next = stage.log(&entry) + 1;
    stage.flow.controls().add_fault(Fault {
        path: "EventLogEntry".to_owned(),
        body: FaultBody::Hang,
        applied: true,
        delay_ms: 1_500,
        ..Fault::default()
    });
    let (guessed, second) = (post(&stage, &naming(next)).await, this_second());
    until("the clock shows another second", async || {
        (this_second() != second).then_some(())
    })
    .await;
    entry.made = jiff::Timestamp::now();
    assert_eq!(stage.log(&entry), next);
    let run = guessed.reaches(&["refused"]).await;
    assert_eq!(run.error(), "light-post");
    let message = run.data["error"]["message"].as_str().unwrap();
    assert!(message.contains("younger than the post"), "{message}");
    stage.nothing_else_was_sent().await;
}

/// Now, as Flow writes it.
fn this_second() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Light posts are no way around the table of who may do what.
#[tokio::test(flavor = "multi_thread")]
async fn the_entrys_person_is_judged_as_anybody_is() {
    let stage = Stage::open().await;
    let item = stage.light_item(&stage.address(), false);
    let run = post(&stage, &stage.light_form(item, 58, &[1062]))
        .await
        .planned()
        .await;
    is_about(&run.data, &[1062], 58, "ansel.okafor");
    assert_eq!(run.data["may_apply"], false);
    let vendor = post(&stage, &stage.light_form(item, 76, &[1062])).await;
    let vendor = vendor.reaches(&["refused"]).await;
    assert_eq!(vendor.error(), "not-your-project");
    stage.nothing_else_was_sent().await;
}

/// Where no secret is configured, nobody knows whether Flow would have signed.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_no_entry_is_believed() {
    let stage = Stage::set(|setting| {
        setting.amigo.insert("AMIGO_AMI_SECRET", String::new());
    })
    .await;
    let entry = stage.log(&stage.entry(&[1062]));
    refuses(stage.post("/ami/sync", &naming(entry)).await, 401, "no-secret").await;
    stage.nothing_else_was_sent().await;
}
