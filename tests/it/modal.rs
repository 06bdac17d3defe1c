//! Pages as they look in the window over Flow's own: nothing sticks out, and what is to be pressed is in sight.

use std::time::Duration;

use crate::harness::{Stage, Tab, Window, sign};
use crate::refusals::not_ready;

type Form = Vec<(String, String)>;

/// Width and height of the window over Flow, and of a tab of its own.
const SIZES: [(i64, i64); 2] = [(440, 700), (1280, 900)];

/// A tab with nothing in it, from which a form can be sent as from Flow's page.
async fn blank(window: &Window) -> Tab {
    window.tab("about:blank").await
}

fn with(stage: &Stage, fields: &[(&str, &str)]) -> Form {
    let mut form = stage.form("Shot", &[1043]);
    for (field, value) in fields {
        form.retain(|(name, _)| name != field);
        form.push(((*field).to_owned(), (*value).to_owned()));
    }
    sign(&mut form);
    form
}

async fn with_contact(variables: &[(&'static str, &str)]) -> Stage {
    Stage::set(|setting| {
        let contact = "the pipeline team, pipeline@studio.example, extension 4711";
        setting.amigo.insert("AMIGO_CONTACT", contact.to_owned());
        for (name, value) in variables {
            setting.amigo.insert(name, (*value).to_owned());
        }
    })
    .await
}

/// Sends a post from a tab, and waits until a page shows something.
async fn chosen(window: &Window, stage: &Stage, form: &[(String, String)], shows: &str) -> Tab {
    let tab = blank(window).await;
    tab.send(&format!("{}/ami/sync", stage.url()), form).await;
    tab.has(shows).await;
    tab
}

/// Asserts that nothing sticks out sideways at either size, and that this is in sight without scrolling.
async fn fits(tab: &Tab, in_sight: &str) {
    for (width, height) in SIZES {
        tab.sized(width, height, false).await;
        tab.shows(&format!("innerWidth == {width}")).await;
        let out: Vec<String> = tab
            .value(
                "[...document.querySelectorAll('body *')].filter((it) => it.checkVisibility() \
                 && it.getBoundingClientRect().right > innerWidth + 0.5).map((it) => it.outerHTML.slice(0, 80))",
            )
            .await
            .unwrap();
        assert_eq!(out, Vec::<String>::new(), "{width}: these stick out");
        let [top, bottom]: [f64; 2] = tab
            .value(&format!(
                "(({{ top, bottom }}) => [top, bottom])(document.querySelector('{in_sight}').getBoundingClientRect())"
            ))
            .await
            .unwrap();
        assert!(
            top >= 0.0 && bottom <= height as f64,
            "{width}: {in_sight} is from {top} to {bottom} of {height}"
        );
    }
}

/// A plan that a full house keeps waiting: the page posts again by itself, and ends on the run's.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_has_to_wait_posts_again_by_itself() {
    let stage = with_contact(&[("AMIGO_LIMITS_PLANS", "1")]).await;
    let window = Window::open().await;
    stage.flow.controls().set_latency(Duration::from_millis(1500));
    let first = stage.right_click("Shot", &[1062]).await;
    let tab = chosen(
        &window,
        &stage,
        &with(&stage, &[]),
        "form[data-again] button.main",
    )
    .await;
    tab.shows("/by itself in \\d+ s/.test(document.querySelector('[data-again-said]').textContent)")
        .await;
    fits(&tab, "main .facts").await;
    first.reaches(&["planned"]).await;
    stage.flow.controls().set_latency(Duration::ZERO);
    tab.has("main[data-state=planned]").await;
    let text: String = tab
        .value("document.querySelector('main').innerText")
        .await
        .unwrap();
    assert!(text.contains("hl_020_0030"), "{text}");
    window.close().await;
    stage.nothing_else_was_sent().await;
}

/// Nothing was selected: all rows of the page are planned only when somebody says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_the_page_are_planned_at_a_press() {
    let stage = with_contact(&[]).await;
    let window = Window::open().await;
    let form = with(&stage, &[("selected_ids", ""), ("ids", "1043,1051,1062")]);
    let tab = chosen(&window, &stage, &form, "form button.main").await;
    tab.shows("document.querySelector('form button.main').textContent == 'Plan all 3 rows of the page'")
        .await;
    fits(&tab, "main .facts").await;
    tab.click("form button.main").await;
    tab.has("main[data-state=planned]").await;
    tab.shows("document.querySelector('.about').textContent.includes('3 Shots')")
        .await;
    window.close().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_fit() {
    let stage = with_contact(&[]).await;
    let window = Window::open().await;
    let mut forged = with(&stage, &[]);
    forged.last_mut().unwrap().1 = "0".repeat(40);
    let tab = chosen(&window, &stage, &forged, "main.letter").await;
    fits(&tab, "main .facts").await;
    // What somebody sent may be long, and without a place to break.
    let host = with(&stage, &[("server_hostname", &"x".repeat(300))]);
    let tab = chosen(&window, &stage, &host, "main.letter").await;
    fits(&tab, "main .facts").await;
    stage.close().await;

    let stage = not_ready().await;
    let tab = chosen(&window, &stage, &with(&stage, &[]), "form[data-again]").await;
    fits(&tab, "main .facts").await;
    window.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_fit() {
    let stage = with_contact(&[]).await;
    let window = Window::open().await;
    let tab = chosen(
        &window,
        &stage,
        &with(&stage, &[]),
        "main[data-state=planned] #apply",
    )
    .await;
    fits(&tab, "#apply").await;
    fits(&tab, "main h1").await;

    let artist = with(&stage, &[("user_id", "58"), ("user_login", "ansel.okafor")]);
    let tab = chosen(&window, &stage, &artist, "main[data-state=planned] .banner").await;
    tab.shows("document.querySelector('.banner').textContent.includes('policy.sync.artist')")
        .await;
    tab.shows("!document.getElementById('apply')").await;
    fits(&tab, "main [data-contact]").await;

    let vendor = with(
        &stage,
        &[
            ("user_id", "76"),
            ("user_login", "rosa@tidewater-vfx.example"),
            ("project_id", "204"),
        ],
    );
    let tab = chosen(&window, &stage, &vendor, "main[data-state=refused] .lede").await;
    tab.shows("document.querySelector('[data-contact]').textContent.includes('extension 4711')")
        .await;
    fits(&tab, "main .share").await;

    stage.flow.controls().set_latency(Duration::from_secs(3));
    let mut light = vec![
        ("event_log_entry_id".to_owned(), "98765".to_owned()),
        (
            "timestamp".to_owned(),
            with(&stage, &[])
                .into_iter()
                .find(|(name, _)| name == "timestamp")
                .unwrap()
                .1,
        ),
    ];
    sign(&mut light);
    let tab = chosen(&window, &stage, &light, "main #phase").await;
    tab.shows("document.getElementById('phase').textContent.includes('event log')")
        .await;
    fits(&tab, "main form .button").await;
    window.close().await;
    stage.close().await;
}
