//! What AYON refuses, or has changed while a sync of users is under way: each costs its own row, and locks nobody out.

use std::collections::{BTreeMap, BTreeSet};

use amigo::sandbox::controls::{Fault, FaultBody};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Stage, until};

/// An administrator makes or changes a user in AYON.
async fn set(stage: &Stage, method: Method, user: &str, body: Value) {
    let address = format!("{}/api/users/{user}", stage.ayon.url());
    let request = stage.http.request(method, address).header("x-api-key", API_KEY);
    assert_eq!(request.json(&body).send().await.unwrap().status(), 204);
}

/// AYON refuses the next change of a user.
fn refuse(stage: &Stage, path: &str) {
    stage.ayon.controls().add_fault(Fault {
        method: Some("PATCH".to_owned()),
        path: path.to_owned(),
        status: 403,
        ..Fault::default()
    });
}

/// Whom a user is linked with.
fn stored(stage: &Stage, user: &str) -> Value {
    stage.user(user).unwrap()["data"]["sg_user_id"].clone()
}

/// No licence, an e-mail that clashes, a name that differs in case only, no answer: each costs its own row.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_ayon_refuses_costs_itself_only() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    let controls = stage.ayon.controls();
    let fault = |method: &str, path: &str, status: u16, detail: &str| Fault {
        method: Some(method.to_owned()),
        path: path.to_owned(),
        status,
        detail: Some(detail.to_owned()),
        ..Fault::default()
    };
    controls.add_fault(fault(
        "PUT",
        "/api/users/nadia.ferro",
        403,
        "Maximum number of active users reached",
    ));
    controls.add_fault(fault(
        "PATCH",
        "/api/users/u67",
        409,
        "This email is already used by another user",
    ));
    // It is made all the same.
    controls.add_fault(Fault {
        applied: true,
        body: FaultBody::Reset,
        ..fault("PUT", "/api/users/sami", 200, "")
    });
    // While this one is under way, somebody makes the same name in another case.
    controls.add_fault(Fault {
        body: FaultBody::Hang,
        delay_ms: 700,
        ..fault("PUT", "/api/users/render.watch", 200, "")
    });
    let run = run.apply().await;
    until("the slow one is under way", async || {
        let requests = stage.ayon.controls().requests();
        requests
            .iter()
            .any(|one| one.path == "/api/users/rosa")
            .then_some(())
    })
    .await;
    let other = json!({"attrib": {"fullName": "Somebody else"}});
    set(&stage, Method::PUT, "RENDER.WATCH", other).await;
    let run = run.done().await;
    // Of users that were not made, nothing but the person's id is kept: 72 is Nadia, 78 the render watch.
    assert_eq!(run.outcome("#72"), "failed");
    assert!(run.message("#72").contains("free one"), "{}", run.message("#72"));
    assert_eq!(run.outcome("u67"), "failed");
    assert_eq!(run.outcome("sami"), "done");
    assert_eq!(stage.user("sami").unwrap()["data"]["sg_user_id"], 77);
    assert_eq!(run.outcome("#78"), "failed");
    assert!(
        run.message("#78").contains("already exists"),
        "{}",
        run.message("#78")
    );
    assert_eq!(run.outcome("rosa"), "done");
    assert_eq!(run.ended("failed"), 3, "{}", run.data["report"]);
    assert_eq!(run.ended("skipped"), 0);
    let html = run.html().await;
    assert!(html.contains("Not done"));
    assert!(!html.contains("nadia") && !run.data.to_string().contains("nadia"));
}

/// Access that AYON refuses after the rest was written is told as that.
#[tokio::test(flavor = "multi_thread")]
async fn access_that_is_refused_is_no_success() {
    let stage = Stage::open().await;
    // Linked by e-mail, and without the access that the permission group means.
    stage
        .flow
        .set_field("HumanUser", 62, "email", json!("dalia@other.example"));
    let run = stage.sync_users("HumanUser", &[62]).await.planned().await;
    assert_eq!(run.ticked_paths(), ["update dalia.nakamura"]);
    refuse(&stage, "/dalia.nakamura/accessGroups");
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("dalia.nakamura"), "failed");
    assert!(
        run.message("dalia.nakamura").contains("not their access"),
        "{}",
        run.message("dalia.nakamura")
    );
    assert_eq!(
        stage.user("dalia.nakamura").unwrap()["attrib"]["email"],
        "dalia@other.example"
    );
    let again = stage.sync_users("HumanUser", &[62]).await.planned().await;
    assert_eq!(again.ticked_paths(), ["update dalia.nakamura"]);
}

/// A user keeps the link as long as AYON does not give it to another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_taken_only_when_it_was_given() {
    let stage = Stage::open().await;
    set(&stage, Method::PUT, "zed", json!({})).await;
    let run = stage.sync_users("HumanUser", &[57]).await.planned().await;
    let run = run.replan(&[("person", "57"), ("user", "zed")]).await;
    assert_eq!(run.ticked_paths(), ["update zed"]);
    refuse(&stage, "/api/users/zed");
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("zed"), "failed");
    assert_eq!(
        (stored(&stage, "mira.kowalski"), stored(&stage, "zed")),
        (json!(57), Value::Null)
    );

    let run = run.replan(&[]).await;
    refuse(&stage, "/api/users/mira.kowalski");
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("zed"), "failed");
    let message = run.message("zed");
    assert!(message.contains("another user still has the link"), "{message}");
    assert_eq!(
        (stored(&stage, "mira.kowalski"), stored(&stage, "zed")),
        (json!(57), json!(57))
    );
    // The next one puts that right.
    let run = run.replan(&[]).await;
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("zed"), "done");
    assert_eq!(
        (stored(&stage, "mira.kowalski"), stored(&stage, "zed")),
        (Value::Null, json!(57))
    );
}

/// The link is one user's alone, also where the access that goes with it is refused.
#[tokio::test(flavor = "multi_thread")]
async fn access_that_is_refused_leaves_no_second_link() {
    let stage = Stage::open().await;
    set(&stage, Method::PUT, "zed", json!({})).await;
    let run = stage.sync_users("HumanUser", &[62]).await.planned().await;
    let run = run.replan(&[("person", "62"), ("user", "zed")]).await;
    refuse(&stage, "/zed/accessGroups");
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("zed"), "failed");
    assert!(
        run.message("zed").contains("not their access"),
        "{}",
        run.message("zed")
    );
    assert_eq!(
        (stored(&stage, "dalia.nakamura"), stored(&stage, "zed")),
        (Value::Null, json!(62))
    );
}

/// A new user takes the link first: else each further plan would make one more.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_is_made_when_the_link_is_free() {
    let stage = Stage::open().await;
    set(&stage, Method::PUT, "zed", json!({"data": {"sg_user_id": 62}})).await;
    let run = stage.sync_users("HumanUser", &[62]).await.planned().await;
    let run = run.replan(&[("person", "62"), ("user", "+")]).await;
    assert_eq!(run.ticked_paths(), ["create dalia.nakamura2"]);
    refuse(&stage, "/api/users/zed");
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("#62"), "failed");
    assert!(
        run.message("#62").contains("another user lost the link"),
        "{}",
        run.message("#62")
    );
    assert!(stage.user("dalia.nakamura2").is_none());
    let run = run.replan(&[]).await;
    // Who was said to be new is not the one that is left, either.
    assert_eq!(run.ticked_paths(), ["create dalia.nakamura2"]);
    let run = run.apply().await.done().await;
    assert_eq!(run.outcome("dalia.nakamura2"), "done");
    let holders = stage.ayon.users().into_iter();
    let holders = holders.filter(|user| user["data"]["sg_user_id"] == 62);
    assert_eq!(holders.count(), 1);
    // The choice stays, and makes nobody else.
    let run = run.replan(&[]).await;
    assert_eq!(run.planned_paths(), [""; 0]);
}

/// AYON did what it did not answer: seen again, that is no change by somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_demotion_without_an_answer_is_done_once() {
    let mut stage = Stage::open().await;
    let file = stage.folder().join("levels.toml");
    std::fs::write(&file, "[users.levels]\nothers = \"user\"\n").unwrap();
    let file = file.display().to_string();
    let _binary = stage.serve_with_the_binary_and(&["--config", &file], &[]).await;
    let manages = |stage: &Stage| stage.user("mira.kowalski").unwrap()["data"]["isManager"].clone();
    assert_eq!(manages(&stage), json!(true));
    let run = stage.sync_users("HumanUser", &[57]).await.planned().await;
    let ticked = run.operation("mira.kowalski")["id"].as_str().unwrap();
    stage.ayon.controls().add_fault(Fault {
        method: Some("PATCH".to_owned()),
        path: "/api/users/mira.kowalski".to_owned(),
        applied: true,
        ..Fault::default()
    });
    let form = [("ticks", "changed"), ("tick", ticked), ("confirm", "1")];
    stage.let_it_write();
    assert_eq!(run.press("apply", &form).await.status(), 303);
    let run = run.done().await;
    assert_eq!(
        run.outcome("mira.kowalski"),
        "done",
        "{}",
        run.message("mira.kowalski")
    );
    assert_ne!(manages(&stage), json!(true));
}

/// While one user takes its time, an administrator changes the others: nothing that was given is taken.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_users_are_written_stays() {
    let stage = Stage::set(|setting| {
        setting.amigo.insert("AMIGO_USERS_AT_ONCE", "1".to_owned());
    })
    .await;
    let run = stage
        .sync_users("HumanUser", &[63, 206, 75])
        .await
        .planned()
        .await;
    assert_eq!(
        run.planned_paths(),
        [
            "update emre.castell",
            "update gunnar.leaving",
            "update gunnar.leaving",
            "retire quentin.adeyemi"
        ]
    );
    // It is done at once, and answered late.
    stage.ayon.controls().add_fault(Fault {
        method: Some("PATCH".to_owned()),
        path: "/api/users/emre.castell".to_owned(),
        body: FaultBody::Hang,
        applied: true,
        delay_ms: 1_500,
        ..Fault::default()
    });
    let access = |user: &str| stage.user(user).unwrap()["data"]["accessGroups"]["harbor_lights"].clone();
    assert_eq!(stored(&stage, "emre.castell"), Value::Null);
    let ticked = run.operation("quentin.adeyemi")["id"].as_str().unwrap();
    let form = [("ticks", "changed"), ("tick", ticked), ("confirm", "1")];
    stage.let_it_write();
    assert_eq!(run.press("apply", &form).await.status(), 303);
    until("the slow one is under way", async || {
        stored(&stage, "emre.castell").is_number().then_some(())
    })
    .await;
    assert_eq!(access("gunnar.leaving"), Value::Null);
    set(
        &stage,
        Method::PATCH,
        "quentin.adeyemi",
        json!({"data": {"isAdmin": true}}),
    )
    .await;
    let supervises = json!({"data": {"accessGroups": {"harbor_lights": ["supervisor"]}}});
    set(&stage, Method::PATCH, "gunnar.leaving", supervises).await;
    let run = run.done().await;
    assert_eq!(run.outcome("quentin.adeyemi"), "failed");
    assert!(run.message("quentin.adeyemi").contains("administrator"));
    assert_eq!(stage.user("quentin.adeyemi").unwrap()["active"], true);
    assert_eq!(access("gunnar.leaving"), json!(["artist", "supervisor"]));
}

/// AYON goes away: whatever was sent may have been written, so none of that is told as not tried.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_without_an_answer_is_told_as_that() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    let names: BTreeMap<String, String> = run.data["plan"]["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| {
            let name = operation["ayon"]["name"].as_str().unwrap();
            (operation["id"].as_str().unwrap().to_owned(), name.to_owned())
        })
        .collect();
    for method in ["PATCH", "PUT"] {
        stage.ayon.controls().add_fault(Fault {
            method: Some(method.to_owned()),
            path: "/api/users/".to_owned(),
            body: FaultBody::Reset,
            times: 1_000,
            ..Fault::default()
        });
    }
    stage.forget_requests();
    let run = run.apply().await.done().await;
    let requests = stage.ayon.controls().requests();
    let sent: BTreeSet<&str> = requests
        .iter()
        .filter(|request| matches!(request.method.as_str(), "PATCH" | "PUT"))
        .filter_map(|request| request.path.strip_prefix("/api/users/")?.split('/').next())
        .collect();
    assert!(sent.len() >= 3, "{sent:?}");
    let rows = run.data["report"]["operations"].as_array().unwrap();
    let ended = |outcome: &str| -> BTreeSet<&str> {
        let rows = rows.iter().filter(|row| row["outcome"] == outcome);
        rows.map(|row| names[row["id"].as_str().unwrap()].as_str())
            .collect()
    };
    assert_eq!(ended("failed"), sent);
    assert!(!ended("skipped").is_empty());
}
