//! Ticking and unticking: exactly what is ticked is written.

use crate::harness::{RunPage, Stage};

const SHOTS: [i64; 3] = [1062, 1063, 1064];

fn shot(number: u32) -> String {
    format!("/ep01/hl_040/hl_040_{:04}", number * 10)
}

async fn three_shots(stage: &Stage) -> RunPage<'_> {
    stage.right_click("Shot", &SHOTS).await.planned().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unticked_shot_stays_out_and_its_tasks_say_why() {
    let stage = Stage::open().await;
    let run = three_shots(&stage)
        .await
        .untick(&shot(2))
        .apply()
        .await
        .done()
        .await;
    assert_eq!(run.outcome(&shot(2)), "unchanged");
    let task = format!("{}/animation", shot(2));
    assert_eq!(run.outcome(&task), "skipped");
    assert!(run.message(&task).contains(&shot(2)), "{}", run.message(&task));
    assert!(
        run.message(&task).contains("not ticked"),
        "{}",
        run.message(&task)
    );
    assert_eq!(
        (run.ended("done"), run.ended("skipped"), run.ended("unchanged")),
        (11, 4, 1)
    );
    assert!(stage.ayon.folder_by_path("harbor_lights", &shot(1)).is_some());
    assert!(stage.ayon.folder_by_path("harbor_lights", &shot(2)).is_none());
    assert!(stage.row("Shot", 1063)["sg_ayon_id"].is_null());
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unticked_parent_keeps_everything_below_it_out() {
    let stage = Stage::open().await;
    let run = three_shots(&stage)
        .await
        .untick("/ep01/hl_040")
        .apply()
        .await
        .done()
        .await;
    assert_eq!(
        (run.ended("done"), run.ended("skipped"), run.ended("unchanged")),
        (0, 15, 1)
    );
    assert_eq!(run.outcome(&shot(3)), "skipped");
    assert_eq!(stage.writes(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_may_list_what_is_wanted() {
    let stage = Stage::open().await;
    let run = three_shots(&stage).await;
    let answer = run.press("apply", &[("ticks", "listed")]).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("nothing-ticked"));
    let answer = run
        .press("apply", &[("ticks", "listed"), ("op", "0123456789abcdef")])
        .await;
    assert_eq!(answer.status(), 422);
    assert_eq!(
        run.json().await["state"],
        "planned",
        "a refused form leaves the plan as it was"
    );

    let listed: Vec<String> = ["/ep01/hl_040", &shot(1)]
        .into_iter()
        .map(|path| run.operation(path)["id"].as_str().unwrap().to_owned())
        .collect();
    stage.let_it_write();
    let answer = run
        .press(
            "apply",
            &[("ticks", "listed"), ("op", &listed[0]), ("op", &listed[1])],
        )
        .await;
    assert_eq!(answer.status(), 303);
    let run = run.done().await;
    assert_eq!((run.ended("done"), run.ended("unchanged")), (2, 14));
    assert!(stage.ayon.tasks("harbor_lights", &shot(1)).is_empty());
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_that_say_two_things_are_refused() {
    let stage = Stage::open().await;
    let run = three_shots(&stage).await;
    let op = run.operation("/ep01/hl_040")["id"].as_str().unwrap().to_owned();
    for (form, status) in [
        (vec![("op", op.as_str())], 422),
        (vec![("ticks", "listed"), ("op", &op), ("untick", &op)], 422),
        (vec![("ticks", "changed"), ("op", &op)], 422),
        (vec![("ticks", "changed"), ("untick", "nobody")], 422),
        (vec![("ticks", "all")], 400),
    ] {
        assert_eq!(run.press("apply", &form).await.status(), status, "{form:?}");
    }
    assert_eq!(run.json().await["state"], "planned");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ticking_back_what_was_unticked_changes_nothing() {
    let stage = Stage::open().await;
    let run = three_shots(&stage).await.untick(&shot(1)).untick(&shot(2));
    let tick = run.operation(&shot(3))["id"].as_str().unwrap().to_owned();
    let run = run.tick(&shot(3)).apply().await.done().await;
    assert_eq!(run.outcome(&shot(3)), "done", "{tick} was ticked all along");
    assert_eq!(run.ended("unchanged"), 2);
    stage.nothing_else_was_sent().await;
}
