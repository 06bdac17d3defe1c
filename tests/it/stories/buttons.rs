//! The buttons of a run's page, and who may press them.

use std::time::Duration;

use futures_util::future::join_all;

use crate::harness::{RunPage, Stage};

async fn one_shot(stage: &Stage) -> RunPage<'_> {
    stage.right_click("Shot", &[1062]).await.planned().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_press_leads_to_the_same_run() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    stage.let_it_write();
    let answers = join_all((0..5).map(|_| run.press("apply", &[]))).await;
    for answer in answers {
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], run.path.as_str());
    }
    let run = run.done().await;
    let written = stage.writes();
    assert_eq!(run.press("apply", &[]).await.status(), 303);
    assert_eq!(stage.writes(), written, "a press on a report writes nothing");
    let operations = written.iter().filter(|one| one.ends_with("/operations")).count();
    assert_eq!(operations, 2, "folders once, tasks once: {written:?}");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_plans_seal_is_refused() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    let other = stage.right_click("Shot", &[1063]).await.planned().await;
    let origin = [("origin", stage.url())];
    for form in [
        vec![("seal", other.seal())],
        vec![("seal", run.data["plan"]["digest"].as_str().unwrap())],
        vec![("seal", run.seal()), ("seal", other.seal())],
        vec![],
    ] {
        for button in ["apply", "cancel", "replan"] {
            let answer = run.send(button, &form, &origin).await;
            assert_eq!(answer.status(), 409, "{button} {form:?}");
            assert!(answer.text().await.unwrap().contains("seal-wrong"));
        }
    }
    assert_eq!(run.json().await["state"], "planned");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_page_may_press() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    let form = [("seal", run.seal())];
    let evil = stage.flow.url();
    for headers in [
        vec![],
        vec![("origin", evil.as_str())],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site"), ("origin", stage.url())],
        vec![("sec-fetch-site", "same-origin"), ("origin", &evil)],
    ] {
        for button in ["apply", "cancel", "replan"] {
            let answer = run.send(button, &form, &headers).await;
            assert_eq!(answer.status(), 403, "{button} {headers:?}");
            let text = answer.text().await.unwrap();
            assert!(
                text.contains(stage.url()),
                "the remedy names the right address: {text}"
            );
            assert!(
                !text.contains(run.id()),
                "an answer to a stranger holds no capability"
            );
        }
    }
    assert_eq!(run.json().await["state"], "planned");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_to_share_is_for_looking_only() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    assert!(!run.view().contains(run.id()));
    let page = stage.get(&run.view()).await.text().await.unwrap();
    let data: serde_json::Value = stage
        .get(&format!("{}.json", run.view()))
        .await
        .json()
        .await
        .unwrap();
    for text in [&page, &data.to_string()] {
        assert!(text.contains("hl_040_0010"), "{text}");
        assert!(!text.contains(run.id()), "{text}");
        assert!(!text.contains(run.seal()), "{text}");
    }
    assert!(!page.contains("<form"), "{page}");
    assert!(!page.contains("<button"), "{page}");
    assert!(page.contains("Mira Kowalski"), "{page}");
    assert!(data["seal"].is_null() && data["run"].is_null() && data["plan"]["seal"].is_null());

    // The view's id is no capability anywhere.
    let view = data["view"].as_str().unwrap();
    for path in [
        format!("/runs/{view}"),
        format!("/runs/{view}.json"),
        format!("/runs/{view}/events"),
    ] {
        assert_eq!(stage.get(&path).await.status(), 404, "{path}");
    }
    let answer = stage
        .http
        .post(format!("{}/views/{view}/apply", stage.url()))
        .header("origin", stage.url())
        .form(&[("seal", run.seal())])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_again_makes_a_new_run() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await.apply().await.done().await;
    stage.flow.set_field("Shot", 1062, "code", "hl_040_0015".into());
    let again = run.replan(&[]).await;
    assert_ne!(again.path, run.path);
    assert_eq!(again.data["parent"], run.data["view"]);
    assert_eq!(again.data["selection"], run.data["selection"]);
    assert_eq!(again.data["requested_by"], run.data["requested_by"]);
    assert!(
        !again.html().await.contains(run.id()),
        "a new run does not give the old one away"
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_can_be_cancelled_and_then_not_applied() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;
    let answer = run.press("apply", &[]).await;
    assert_eq!(answer.status(), 409);
    assert!(answer.text().await.unwrap().contains("run-cancelled"));
    assert!(run.html().await.contains("Plan again"));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_can_be_cancelled_under_way() {
    let stage = Stage::open().await;
    stage.flow.controls().set_latency(Duration::from_millis(400));
    let run = stage
        .right_click("Shot", &[1062])
        .await
        .reaches(&["planning"])
        .await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;
    assert!(run.data["plan"].is_null());
    assert!(run.html().await.contains("ancelled"));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_can_be_stopped_at_a_safe_point() {
    let stage = Stage::open().await;
    let run = stage.right_click("Sequence", &[33]).await.planned().await;
    // Folders are under way when the button is pressed; tasks are not written any more.
    stage.hold_ayon("/operations", 0);
    let run = run.apply().await;
    stage.ayon_has("harbor_lights", "/ep01/hl_040").await;
    assert_eq!(run.press("cancel", &[]).await.status(), 303);
    let run = run.reaches(&["cancelled"]).await;
    assert_eq!(run.outcome("/ep01/hl_040/hl_040_0010"), "done");
    assert_eq!(run.outcome("/ep01/hl_040/hl_040_0010/layout"), "skipped");
    assert!(
        stage
            .ayon
            .tasks("harbor_lights", "/ep01/hl_040/hl_040_0010")
            .is_empty()
    );
    assert_eq!(
        stage.row("Shot", 1062)["sg_ayon_sync_status"],
        "Synced",
        "what AYON has, Flow knows"
    );
    let again = stage.right_click("Sequence", &[33]).await.planned().await;
    assert_eq!(again.count("create"), 40);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_expires_after_a_day() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    stage.clock.ahead(Duration::from_secs(25 * 60 * 60));
    let answer = run.press("apply", &[]).await;
    assert_eq!(answer.status(), 409);
    assert!(answer.text().await.unwrap().contains("plan-expired"));
    let run = run.reaches(&["expired"]).await;
    assert!(run.html().await.contains("Plan again"));
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_do_not_exist_are_answered_alike() {
    let stage = Stage::open().await;
    let unknown = "0".repeat(32);
    for path in [
        format!("/runs/{unknown}"),
        "/runs/x".to_owned(),
        format!("/runs/{}", "a".repeat(300)),
        format!("/views/{unknown}"),
        format!("/runs/{unknown}/events"),
    ] {
        let answer = stage.get(&path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.text().await.unwrap().contains("no-such-run"), "{path}");
    }
    let answer = stage.get(&format!("/runs/{unknown}.json")).await;
    assert_eq!(answer.status(), 404);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "no-such-run");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_write_to_a_project_one_after_the_other() {
    let stage = Stage::open().await;
    let one = stage.right_click("Sequence", &[33]).await.planned().await;
    let other = stage.right_click("Sequence", &[34]).await.planned().await;
    stage.hold_ayon("/operations", 0);
    let one = one.apply().await;
    stage.ayon_has("harbor_lights", "/ep01/hl_040").await;
    let other = other.apply().await.reaches(&["applying"]).await;
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/ep02/hl_050")
            .is_none()
    );
    let other = other.done().await;
    assert_eq!(
        one.json().await["state"],
        "done",
        "the first was through before the second began"
    );
    assert_eq!((one.done().await.ended("done"), other.ended("failed")), (51, 0));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_made_again_with_other_switches() {
    let stage = Stage::open().await;
    let run = one_shot(&stage).await;
    let tasks = |run: &RunPage<'_>| {
        let operations = run.data["plan"]["operations"].as_array().unwrap().iter();
        operations.filter(|operation| operation["on"] == "task").count()
    };
    assert_eq!(tasks(&run), 4);
    let without = [("options", "listed"), ("on", "descendants")];
    let answer = run.press("replan", &without).await;
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let again = RunPage::at(&stage, &location).planned().await;
    assert_eq!(again.data["options"]["tasks"], "no");
    assert_eq!(tasks(&again), 0);

    // Without the boxes it is what it was; with them all it is everything.
    for (form, expected) in [
        (&[][..], 0),
        (
            &[("options", "listed"), ("on", "descendants"), ("on", "tasks")][..],
            4,
        ),
    ] {
        let answer = again.press("replan", form).await;
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let third = RunPage::at(&stage, &location).planned().await;
        assert_eq!(tasks(&third), expected, "{form:?}");
    }
    for form in [
        &[("options", "listed"), ("on", "nobody")][..],
        &[("on", "tasks")][..],
        &[("options", "some")][..],
    ] {
        let answer = run.press("replan", form).await;
        assert_eq!(answer.status(), 422, "{form:?}");
    }
    stage.nothing_else_was_sent().await;
}
