//! The whole way in a real browser: the desk, the right-click, the plan, the report, the tree in AYON.

use amigo::sandbox::studio::Studio;
use serde_json::json;

use crate::harness::{AMI_SECRET, HARBOR, RunPage, Stage, Window};

fn shot(number: u32) -> String {
    format!("/ep01/hl_040/hl_040_{:04}", number * 10)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_syncs_two_of_three_shots() {
    let stage = Stage::open().await;
    let window = Window::open().await;
    let desk = window
        .tab(&format!("{}/desk/{HARBOR}/shots", stage.flow.url()))
        .await;
    desk.choose(&[1062, 1063, 1064], stage.item("Shot", "")).await;

    // The item opens a tab of its own.
    let tab = window.tab_at(&format!("{}/runs/", stage.url())).await;
    tab.has("main[data-state=planned] #apply:not(:disabled)").await;
    let address = tab.page.url().await.unwrap().unwrap();
    let run = RunPage::at(&stage, &address).planned().await;
    tab.shows("document.getElementById('apply').textContent == 'Apply 16 changes'")
        .await;
    let unwanted = run.operation(&shot(2))["id"].as_str().unwrap().to_owned();
    tab.click(&format!("li[data-op='{unwanted}'] input[name=op]"))
        .await;
    // Its four Tasks go with it.
    tab.shows("document.getElementById('apply').textContent == 'Apply 11 changes'")
        .await;
    stage.let_it_write();
    tab.click("#apply").await;
    tab.has("main[data-state=done]").await;
    let run = run.done().await;
    assert_eq!(
        (run.ended("done"), run.ended("unchanged"), run.ended("skipped")),
        (11, 5, 0)
    );
    let text: String = tab
        .value("document.querySelector('main').innerText")
        .await
        .unwrap();
    assert!(
        text.contains("hl_040_0010") && text.contains("Flow and AYON have what the plan showed"),
        "{text}"
    );

    let tree = window
        .tab(&format!("{}/projects/harbor_lights", stage.ayon.url()))
        .await;
    for (number, there) in [(1, true), (2, false), (3, true)] {
        let found: bool = tree
            .value(&format!(
                "!!document.querySelector({})",
                json!(format!("[data-path='{}']", shot(number)))
            ))
            .await
            .unwrap();
        assert_eq!(found, there, "{}", shot(number));
    }
    let tasks: usize = tree
        .value(&format!(
            "document.querySelectorAll(\"[data-path='{}'] [data-task]\").length",
            shot(1)
        ))
        .await
        .unwrap();
    assert_eq!(tasks, 4);

    // A reload posts nothing again.
    tab.page.reload().await.unwrap();
    tab.has("main[data-state=done]").await;
    assert_eq!(tab.page.url().await.unwrap().unwrap(), address);
    window.close().await;
    stage.nothing_else_was_sent().await;
}

/// A plan whose page holds only the top of its tree: what was never opened keeps its ticks.
#[tokio::test(flavor = "multi_thread")]
async fn one_row_of_a_big_plan_is_left_out() {
    let studio = Studio::uniform(100, 4);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    let run = stage.right_click("Project", &[500]).await.planned().await;
    let all = run.data["plan"]["operations"].as_array().unwrap().len();
    assert!(all > 500);
    let path = "/bs_100/bs_100_0100/layout";
    let unwanted = run.operation(path)["id"].as_str().unwrap().to_owned();
    let window = Window::open().await;
    let tab = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    tab.shows(&format!(
        "document.getElementById('apply').textContent == 'Apply {all} changes'"
    ))
    .await;
    let of_row = format!("[data-op='{unwanted}'] input.op");
    let absent: bool = tab
        .value(&format!("!document.querySelector({})", json!(of_row)))
        .await
        .unwrap();
    assert!(absent, "the row is in a closed branch");

    // All but the last of the closed branches are of no interest.
    tab.shows("document.querySelectorAll('#rows > .closed > details').length > 1")
        .await;
    tab.value::<bool>("[...document.querySelectorAll('#rows > .closed > details')].at(-1).id = 'last', true")
        .await;
    tab.click("#last > summary").await;
    tab.has(&of_row).await;
    tab.click(&of_row).await;
    tab.shows(&format!(
        "document.getElementById('apply').textContent == 'Apply {} changes'",
        all - 1
    ))
    .await;
    // A whole branch that nobody opened goes and comes back.
    tab.click("#rows > .closed .both button:last-of-type").await;
    tab.shows(&format!(
        "parseInt(document.getElementById('apply').textContent.slice(6)) < {}",
        all - 2
    ))
    .await;
    tab.shows("document.querySelector('#rows > .closed .told').textContent == '0 of 4 ticked'")
        .await;
    tab.click("#rows > .closed .both button:first-of-type").await;
    tab.shows(&format!(
        "document.getElementById('apply').textContent == 'Apply {} changes'",
        all - 1
    ))
    .await;
    stage.let_it_write();
    tab.click("#apply").await;
    tab.has("main[data-state=done]").await;
    let run = run.done().await;
    assert_eq!(run.outcome(path), "unchanged");
    let counts = &run.data["report"]["counts"];
    assert_eq!(
        (run.ended("done") as usize, run.ended("unchanged")),
        (all - 1, 1),
        "{counts}"
    );
    window.close().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_over_the_desk_holds_the_whole_job() {
    let stage = Stage::open().await;
    let item = json!({
        "title": "Sync to AYON (in a window here)",
        "url": format!("{}/ami/sync", stage.url()),
        "entity_type": "Shot",
        "selection_required": true,
        "open_in_overlay": true,
        "secret_token": AMI_SECRET,
    });
    let item = stage.flow.create("ActionMenuItem", item).unwrap();
    let window = Window::open().await;
    let desk = window
        .tab(&format!("{}/desk/{HARBOR}/shots", stage.flow.url()))
        .await;
    desk.choose(&[1043], item).await;
    let (address, frame) = desk.frame_at(&format!("{}/runs/", stage.url())).await;
    let run = RunPage::at(&stage, &address).planned().await;

    // The plan is in the frame, and its button works there.
    let framed = async |expression: &str| desk.frame_shows(&frame, expression).await;
    framed("document.querySelector('main').dataset.state == 'planned' && document.body.textContent.includes('hl_020_0030')").await;
    stage.let_it_write();
    framed("(document.getElementById('apply').click(), true)").await;
    let run = run.done().await;
    assert_eq!(run.ended("done"), 5);
    framed("document.querySelector('main').dataset.state == 'done'").await;
    window.close().await;
    stage.nothing_else_was_sent().await;
}
