//! The page of a re-parenting in a real browser: narrow to wide, by hand and by keyboard, few rows and many.

use amigo::sandbox::studio::Studio;
use serde_json::json;

use crate::harness::{HARBOR, Stage, Window};
use crate::stories::reparent::{rule, synced};

/// From the smallest window over Flow to a wide screen.
const WIDTHS: [i64; 4] = [440, 899, 900, 1920];

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_reads_narrows_down_types_the_count_and_applies() {
    let stage = synced().await;
    stage
        .set_parenting(rule(
            "root_relocate",
            &[("Sequence", &["sequences"]), ("Asset", &["build"])],
        ))
        .await;
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    let window = Window::open().await;
    let tab = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    for width in WIDTHS {
        tab.sized(width, 900, false).await;
        // Nothing is cut off at the side.
        tab.shows("document.documentElement.scrollWidth <= innerWidth")
            .await;
        let two = width >= 900;
        tab.shows(&format!(
            "(getComputedStyle(document.getElementById('heads')).display != 'none') == {two}"
        ))
        .await;
        tab.shows(&format!(
            "(getComputedStyle(document.querySelector('#rows .row.stays > .now')).display != 'none') == {two}"
        ))
        .await;
        // What leaves is seen in its place, whatever the width.
        tab.shows(
            "document.querySelector('#rows .row.leaves.move > .now').textContent.includes('moves away')",
        )
        .await;
    }
    // Counts agree with rows: ticked ones, and those that are only offered.
    for (verdict, count) in [
        ("move", run.count("move")),
        ("create", run.count("create")),
        ("blocked", run.count("blocked")),
    ] {
        tab.shows(&format!(
            "document.querySelectorAll('#rows .row.{verdict}:not(.leaves)').length == {count}"
        ))
        .await;
    }
    // By rule, by problem, by text.
    tab.value::<bool>(
        "(() => { const list = document.querySelector('select[name=rule]'); \
         list.value = 'root_relocate for Assets'; list.dispatchEvent(new Event('change')); return true; })()",
    )
    .await;
    tab.shows("[...document.querySelectorAll('#rows .row:not([hidden])')].every((row) => row.dataset.rule == 'root_relocate for Assets')").await;
    tab.value::<bool>(
        "(() => { const rule = document.querySelector('select[name=rule]'); rule.value = ''; \
         const list = document.querySelector('select[name=problem]'); list.value = 'move-published'; \
         list.dispatchEvent(new Event('change')); return true; })()",
    )
    .await;
    tab.shows("document.querySelectorAll('#rows .row:not([hidden])').length == 2")
        .await;
    tab.value::<bool>(
        "(() => { const list = document.querySelector('select[name=problem]'); list.value = ''; \
         list.dispatchEvent(new Event('change')); return true; })()",
    )
    .await;
    // "Why here?" opens from the keyboard.
    let moved = run.operation("/sequences/hl_030")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let row = format!("li[data-op='{moved}']");
    tab.value::<bool>(&format!(
        "(document.querySelector({}).focus(), true)",
        json!(format!("{row} .why summary"))
    ))
    .await;
    tab.enter().await;
    tab.shows(&format!(
        "document.querySelector({}).textContent.includes('preset: the first for Sequences → sequences')",
        json!(format!("{row} .why[open]"))
    ))
    .await;
    tab.shows(&format!(
        "document.querySelector({}).textContent.includes('/sequences/hl_030/work/')",
        json!(format!("{row} .why[open]"))
    ))
    .await;
    // One is unticked: the number to type follows.
    let moves = run.count("move");
    tab.click(&format!("{row} > .line input.op")).await;
    tab.shows(&format!(
        "document.querySelector('[data-typed]').textContent == '{}'",
        moves - 1
    ))
    .await;
    tab.click("#apply").await;
    tab.shows("document.querySelector('input[name=confirm]:invalid') != null")
        .await;
    tab.click("input[name=confirm]").await;
    tab.write(&(moves - 1).to_string()).await;
    stage.let_it_write();
    tab.click("#apply").await;
    tab.has("main[data-state=done]").await;
    let run = run.done().await;
    assert_eq!(run.outcome("/sequences/hl_030"), "unchanged");
    assert_eq!(run.ended("failed"), 0, "{}", run.data["report"]);
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/ep01/hl_030")
            .is_some()
    );
    assert!(
        stage
            .ayon
            .folder_by_path("harbor_lights", "/sequences/hl_040")
            .is_some()
    );
    window.close().await;
    stage.nothing_else_was_sent().await;
}

/// Rules are tried from the page, without scripts as well: the form is a plain one.
#[tokio::test(flavor = "multi_thread")]
async fn other_rules_are_tried_from_the_page() {
    let stage = synced().await;
    let run = stage.preview("Project", &[HARBOR]).await.planned().await;
    let window = Window::open().await;
    let tab = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    tab.click(".try > summary").await;
    tab.click(".try input[value=type_grouping]").await;
    tab.click(".try input[name='chain.Shot']").await;
    tab.write("all_shots").await;
    tab.click(".try button").await;
    tab.has("main[data-state=planned] .rules .banner").await;
    tab.shows("document.querySelector('h1').textContent.includes('will be moved')")
        .await;
    tab.shows("document.querySelector('.rules pre').textContent.includes('\"folder_name\": \"all_shots\"')")
        .await;
    tab.shows("document.getElementById('apply') == null").await;
    window.close().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_folders_are_a_small_page_that_opens_where_somebody_looks() {
    let mut studio = Studio::uniform(9_990, 0);
    studio.projects[0].ayon_name = Some("bench_show".to_owned());
    for row in &mut studio.rows {
        row.in_ayon = true;
    }
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    stage
        .set_parenting(rule("type_grouping", &[("Shot", &["all_shots"])]))
        .await;
    stage.forget_requests();
    let run = stage.preview("Project", &[500]).await.planned().await;
    assert_eq!(run.count("move"), 9_990);
    let (flow, ayon) = stage.requests();
    assert!(
        flow <= 14 && ayon <= 8,
        "asked Flow {flow} times, AYON {ayon} times"
    );
    let page = run.html().await;
    assert!(page.len() < 1_000_000, "the page has {} bytes", page.len());
    let window = Window::open().await;
    let tab = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    tab.has("main[data-state=planned] #apply:not(:disabled)").await;
    tab.click("#rows .closed > details > summary").await;
    tab.has("#rows .closed > details[open] .row, #rows .closed > details[open] .closed")
        .await;
    // What is found is found in all of them, by rule as well.
    tab.value::<bool>("(document.getElementById('filter').focus(), true)")
        .await;
    tab.write("bs_050_0770").await;
    tab.shows("[...document.querySelectorAll('#found .row')].filter((row) => row.textContent.includes('bs_050_0770')).length == 1")
        .await;
    let found = stage
        .get(&format!(
            "{}/rows?find=bs_050&rule=type_grouping+for+Shots",
            run.path
        ))
        .await;
    let found = found.text().await.unwrap();
    assert!(
        found.contains("bs_050_0010") && found.contains("more: look for something"),
        "{found}"
    );
    let none = stage
        .get(&format!("{}/rows?problem=move-taken", run.path))
        .await
        .text()
        .await
        .unwrap();
    assert!(none.contains("There are none."));
    window.close().await;
    stage.nothing_else_was_sent().await;
}
