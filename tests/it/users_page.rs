//! The board of users in a real browser: narrow to wide, by hand and without scripts, few people and thousands.

use amigo::sandbox::studio::Studio;
use scraper::{Html, Selector};

use crate::harness::{Stage, Window};

const WIDTHS: [i64; 4] = [440, 768, 1280, 1920];

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_decides_ticks_types_the_count_and_applies() {
    let stage = Stage::open().await;
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    let window = Window::open().await;
    let tab = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    for width in WIDTHS {
        tab.sized(width, 900, false).await;
        // Nothing is cut off at the side, two hundred characters in a row included.
        tab.shows("document.documentElement.scrollWidth <= innerWidth")
            .await;
        for column in ["decide", "create", "link", "update", "matched", "leavers"] {
            tab.shows(&format!(
                "document.querySelector('.column.{column} .row').getBoundingClientRect().height > 0"
            ))
            .await;
        }
    }
    // Numbers and rows agree.
    for (verdict, count) in [
        ("create", run.count("create")),
        ("update", run.count("update")),
        ("blocked", run.count("blocked")),
        ("retire", run.count("retire")),
    ] {
        tab.shows(&format!(
            "document.querySelectorAll('#rows .row.{verdict}').length == {count}"
        ))
        .await;
    }
    tab.shows(
        "[...document.querySelectorAll('.column')].every((column) => \
         Number(column.querySelector('h2 .tag').textContent) == column.querySelectorAll('.row').length)",
    )
    .await;
    // A choice, by the list at the row; another by hand below. Both make a new plan.
    tab.value::<bool>(
        "(() => { const list = document.querySelector('select[name=\"pair.203\"]'); \
         list.value = 'pool'; return list.value == 'pool'; })()",
    )
    .await;
    tab.click(".column.decide button[form=pairs]").await;
    tab.has("main[data-state=planned] .column.link select[name='pair.203']")
        .await;
    tab.shows("document.querySelector('footer').textContent.includes('1 paired by hand')")
        .await;
    tab.click("input[name=person]").await;
    tab.write("pool.two").await;
    tab.click("input[name=user]").await;
    tab.write("+").await;
    tab.click("#pairs button").await;
    tab.has(".column.create select[name='pair.204']").await;
    // Who left is not ticked; ticking asks for the number.
    tab.shows("document.querySelector('.typed').hidden").await;
    tab.click(".column.leavers input.op").await;
    tab.shows("document.querySelector('[data-typed]').textContent == '1'")
        .await;
    tab.click("#apply").await;
    tab.shows("document.querySelector('input[name=confirm]:invalid') != null")
        .await;
    tab.click("input[name=confirm]").await;
    tab.write("1").await;
    stage.let_it_write();
    tab.click("#apply").await;
    tab.has("main[data-state=done]").await;
    tab.shows("document.querySelector('main').textContent.includes('new users have no password')")
        .await;
    assert_eq!(stage.user("pool").unwrap()["data"]["sg_user_id"], 203);
    assert_eq!(stage.user("pool.two").unwrap()["data"]["sg_user_id"], 204);
    assert_eq!(stage.user("quentin.adeyemi").unwrap()["active"], false);
    window.close().await;
    stage.close().await;
}

/// What the page's own forms hold is enough for a browser without scripts.
#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_forms_do_the_same() {
    let stage = Stage::open().await;
    let run = stage
        .sync_users("HumanUser", &[203, 204, 75])
        .await
        .planned()
        .await;
    let page = run.html().await;
    {
        let html = Html::parse_document(&page);
        let count = |selector: &str| html.select(&Selector::parse(selector).unwrap()).count();
        let form = format!("form#pairs[action='{}/replan'][method=post]", run.path);
        assert_eq!(count(&form), 1);
        assert_eq!(
            count(&format!("{form} input[name=seal][value='{}']", run.seal())),
            1
        );
        assert_eq!(count("select[form=pairs]"), 2);
        assert_eq!(count("select[name='pair.203'] option[value=pool]"), 1);
        assert_eq!(count("form form"), 0);
        assert_eq!(count("input[name=confirm]"), 1);
    }
    let again = run
        .replan(&[
            ("pair.203", "pool"),
            ("pair.204", "-"),
            ("person", ""),
            ("user", ""),
        ])
        .await;
    assert_eq!(again.ticked_paths(), ["update pool"]);
    // To look at only, nothing can be chosen.
    let view = stage.get(&again.view()).await.text().await.unwrap();
    assert!(!view.contains("form=\"pairs\"") && view.contains("pool"));
    stage.close().await;
}

/// Thousands of people: three reads of Flow, one question to AYON, and a page that is small.
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_people_are_few_reads_and_a_small_page() {
    let studio = Studio::crowded(5_000);
    let stage = Stage::set(|setting| {
        setting.flow.studio = studio.clone();
        setting.ayon.studio = studio;
    })
    .await;
    stage.forget_requests();
    let run = stage.sync_users("HumanUser", &[]).await.planned().await;
    let flow = stage.flow.controls().requests();
    let reads = flow
        .iter()
        .filter(|request| request.path.ends_with("/_search"))
        .count();
    assert!(reads <= 3, "Flow was read {reads} times");
    let ayon = stage.ayon.controls().requests();
    let asked = |part: &str| ayon.iter().filter(|request| request.path.contains(part)).count();
    assert_eq!(asked("/graphql"), 1);
    assert_eq!(
        asked("/api/users/"),
        stage.ayon.users().len() - 1,
        "each but the service once"
    );
    assert_eq!(run.count("create"), 1_000 + 12);
    let page = run.html().await;
    assert!(page.len() < 1_000_000, "the page has {} bytes", page.len());
    let window = Window::open().await;
    let tab = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    tab.has("main[data-state=planned] #apply:not(:disabled)").await;
    tab.click(".column.create .closed > details > summary").await;
    tab.has(".column.create .closed > details[open] .row").await;
    tab.value::<bool>("(document.getElementById('filter').focus(), true)")
        .await;
    tab.write("crowd.04321").await;
    tab.shows("[...document.querySelectorAll('#found .row')].length == 1")
        .await;
    window.close().await;
    stage.close().await;
}
