//! A page of another site, in a real browser, that knows a run's addresses, the acting one and its seal included: it
//! cannot make amigo write, cannot frame it, and cannot read a run.

mod site;

use chromiumoxide::cdp::browser_protocol::target::GetTargetsParams;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Row, SqliteConnection};

use crate::harness::{RunPage, Stage, Tab, Window, until};
use site::{HostileSite, fields, lure};

const VERBS: [&str; 3] = ["apply", "cancel", "replan"];

/// How often each code was refused so far.
async fn refused(stage: &Stage) -> Value {
    let ready: Value = stage.get("/readyz").await.json().await.unwrap();
    ready["refused"].clone()
}

/// Waits until so many requests were refused with this code.
async fn until_refused(stage: &Stage, code: &str, count: u64) {
    until(&format!("{code} is counted {count} times"), async || {
        let so_far = refused(stage).await[code].as_u64().unwrap_or(0);
        assert!(so_far <= count, "{code}: {so_far} of {count}");
        (so_far == count).then_some(())
    })
    .await;
}

async fn count_of_runs(stage: &Stage) -> i64 {
    let mut database: SqliteConnection = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(stage.folder().join("amigo.db"))
        .connect()
        .await
        .unwrap();
    let row = sqlx::query("SELECT count(*) FROM runs").fetch_one(&mut database);
    row.await.unwrap().get(0)
}

/// Asserts that a run is as it was when it was looked at, and the only one.
async fn is_untouched(stage: &Stage, run: &RunPage<'_>) {
    assert_eq!(run.json().await, run.data);
    assert_eq!(count_of_runs(stage).await, 1);
    assert_eq!(stage.writes(), Vec::<String>::new());
}

/// What every frame of every tab shows, whichever process draws it.
async fn everything_shown(window: &Window, tab: &Tab) -> Vec<String> {
    let targets = window.browser.execute(GetTargetsParams::default()).await.unwrap();
    let mut shown: Vec<String> = targets
        .result
        .target_infos
        .into_iter()
        .map(|target| target.url)
        .collect();
    for frame in tab.page.frames().await.unwrap() {
        shown.extend(tab.page.frame_url(frame).await.ok().flatten());
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn it_cannot_press_a_button() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let (window, hostile) = (Window::open().await, HostileSite::open());
    let form = fields(&[("seal".to_owned(), run.seal().to_owned())]);
    let (mut foreign, mut looked) = (0, 0);
    for origin in hostile.origins() {
        let tab = lure(&window, &origin).await;
        for verb in VERBS {
            let address = json!(format!("{}{}/{verb}", stage.url(), run.path));
            let ways: u64 = tab.settled(&format!("all(writes, {address}, {form})")).await;
            // One of them asks first whether it may, and goes no further.
            foreign += ways - 1;
            looked += 1;
            until_refused(&stage, "origin-foreign", foreign).await;

            let address = json!(format!("{}{}/{verb}?seal={}", stage.url(), run.path, run.seal()));
            looked += tab.settled::<u64>(&format!("all(looks, {address})")).await;
            until_refused(&stage, "method-wrong", looked).await;
        }
        // A form that takes the whole page along, and a link.
        for verb in VERBS {
            let address = json!(format!("{}{}/{verb}", stage.url(), run.path));
            let tab = lure(&window, &origin).await;
            tab.settled::<bool>(&format!("leave({address}, {form})")).await;
            tab.shows("document.querySelector('.facts code')?.textContent == 'origin-foreign'")
                .await;
            foreign += 1;

            let tab = lure(&window, &origin).await;
            tab.settled::<bool>(&format!("(location.href = {address}, true)"))
                .await;
            tab.shows("document.querySelector('.facts code')?.textContent == 'method-wrong'")
                .await;
            looked += 1;
        }
        is_untouched(&stage, &run).await;
    }
    assert_eq!(
        refused(&stage).await,
        json!({"origin-foreign": foreign, "method-wrong": looked})
    );
    // The same form from amigo's own page is heard: what stood in the way was where it came from.
    let own = window.tab(&format!("{}{}", stage.url(), run.path)).await;
    own.click("form#cancel, .bar button[form=cancel]").await;
    own.has("main[data-state=cancelled]").await;
    window.close().await;
    hostile.close().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_cannot_frame_anything() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let (window, hostile) = (Window::open().await, HostileSite::open());
    let pages = [
        run.path.clone(),
        run.view(),
        "/nowhere".to_owned(),
        "/".to_owned(),
    ];
    let mut forged = stage.form("Shot", &[1063]);
    forged.last_mut().unwrap().1 = "0".repeat(40);
    for origin in hostile.origins() {
        let tab = lure(&window, &origin).await;
        for (nth, page) in pages.iter().enumerate() {
            let address = json!(format!("{}{page}", stage.url()));
            tab.settled::<bool>(&format!("seen(frameNamed({{ src: {address} }}))"))
                .await;
            for (tag, names) in [("object", "data"), ("embed", "src")] {
                tab.settled::<bool>(&format!(
                    "(document.body.append(Object.assign(document.createElement('{tag}'), {{ {names}: {address}, id: '{tag}{nth}' }})), true)"
                ))
                .await;
            }
        }
        let door = json!(format!("{}/ami/sync", stage.url()));
        tab.settled::<u64>(&format!(
            "all({{ form: writes.formInFrame }}, {door}, {})",
            fields(&forged)
        ))
        .await;
        // What can be framed is drawn after all that cannot.
        let harmless = format!("{}/", stage.flow.url());
        tab.settled::<bool>(&format!("seen(frameNamed({{ src: {} }}))", json!(harmless)))
            .await;
        let shown = until("the harmless page is shown", async || {
            let shown = everything_shown(&window, &tab).await;
            shown.contains(&harmless).then_some(shown)
        })
        .await;
        assert!(
            shown.iter().all(|url| !url.starts_with(stage.url())),
            "{origin}: {shown:?}"
        );
    }
    until_refused(&stage, "signature-wrong", 2).await;
    // Flow's own page shows all of them.
    let flow = window.tab(&format!("{}/", stage.flow.url())).await;
    for page in &pages {
        let address = format!("{}{page}", stage.url());
        flow.settled::<bool>(&format!(
            "(document.body.append(Object.assign(document.createElement('iframe'), {{ src: {} }})), true)",
            json!(address)
        ))
        .await;
        let (_, frame) = flow.frame_at(&address).await;
        flow.frame_shows(&frame, "document.querySelector('h1')?.textContent.length > 5")
            .await;
    }
    window.close().await;
    hostile.close().await;
    is_untouched(&stage, &run).await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_cannot_read_a_run() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let (window, hostile) = (Window::open().await, HostileSite::open());
    let mut pages = vec!["/readyz".to_owned(), "/static/app.js".to_owned()];
    for base in [run.path.clone(), run.view()] {
        for part in ["", ".json", "/events", "/rows?find=hl"] {
            pages.push(format!("{base}{part}"));
        }
    }
    pages.push(format!("{}/ticks", run.path));
    for origin in hostile.origins() {
        let tab = lure(&window, &origin).await;
        for page in &pages {
            let address = json!(format!("{}{page}", stage.url()));
            let learned: Vec<String> = tab.settled(&format!("learn({address})")).await;
            assert_eq!(learned, Vec::<String>::new(), "{page} from {origin}");
        }
        // The same hands find out everything that is not kept from them.
        let open: Vec<String> = tab.settled(&format!("learn('{origin}/open')")).await;
        let ways: Vec<&str> = open.iter().filter_map(|said| said.split(':').next()).collect();
        for way in [
            "fetch",
            "fetch with credentials",
            "fetch unread",
            "old request",
            "script",
            "module",
            "size",
        ] {
            assert!(ways.contains(&way), "{way}: {open:?}");
        }
        let open: Vec<String> = tab.settled(&format!("learn('{origin}/open-events')")).await;
        assert!(open.iter().any(|said| said.starts_with("events")), "{open:?}");
        it_cannot_hold_a_window(&window, &stage, &run, &tab).await;
    }
    window.close().await;
    hostile.close().await;
    is_untouched(&stage, &run).await;
    stage.nothing_else_was_sent().await;
}

/// Whoever opens a run's page in a window of its own loses hold of it, by the window and by its name.
async fn it_cannot_hold_a_window(window: &Window, stage: &Stage, run: &RunPage<'_>, tab: &Tab) {
    let address = format!("{}{}", stage.url(), run.path);
    tab.gesture(&format!(
        "self.told = []; addEventListener('message', (event) => told.push(event.data)); \
         self.held = window.open({}, 'amigo')",
        json!(address)
    ))
    .await;
    tab.shows("held.closed").await;
    let opened = window.tab_at(&address).await;
    opened.has("main[data-state=planned]").await;
    opened.shows("opener === null && name === ''").await;
    tab.gesture("held.postMessage('who are you?', '*'); self.named = window.open('', 'amigo')")
        .await;
    tab.shows("named.location.href == 'about:blank' && named.document.body.innerText == ''")
        .await;
    assert_eq!(tab.value::<Vec<Value>>("told").await, Some(Vec::new()));
    tab.gesture("named.close()").await;
    opened.page.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_replay_a_post_but_not_make_one() {
    let stage = Stage::open().await;
    let post = stage.form("Shot", &[1062]);
    let answer = stage.post("/ami/sync", &post).await;
    let run = RunPage::at(&stage, answer.headers()["location"].to_str().unwrap())
        .planned()
        .await;
    let mut forged = stage.form("Shot", &[1063]);
    forged.last_mut().unwrap().1 = "0".repeat(40);
    let mut unsigned = forged.clone();
    unsigned.pop();
    let mut widened = post.clone();
    for (name, value) in &mut widened {
        if name == "selected_ids" {
            value.push_str(",1063");
        }
    }
    let (window, hostile) = (Window::open().await, HostileSite::open());
    let door = json!(format!("{}/ami/sync", stage.url()));
    for origin in hostile.origins() {
        for (form, code) in [
            (&forged, "signature-wrong"),
            (&widened, "signature-wrong"),
            (&unsigned, "unsigned"),
        ] {
            let tab = lure(&window, &origin).await;
            tab.settled::<bool>(&format!("leave({door}, {})", fields(form)))
                .await;
            tab.shows(&format!(
                "document.querySelector('.facts code')?.textContent == '{code}'"
            ))
            .await;
        }
        // Whoever replays a post shows its signer's own run, which waits for a hand on its own page.
        let tab = lure(&window, &origin).await;
        tab.settled::<bool>(&format!("leave({door}, {})", fields(&post)))
            .await;
        tab.has("main[data-state=planned] #apply").await;
        assert_eq!(
            tab.page.url().await.unwrap().unwrap(),
            format!("{}{}", stage.url(), run.path)
        );
        let tab = lure(&window, &origin).await;
        tab.settled::<u64>(&format!("all(writes, {door}, {})", fields(&post)))
            .await;
        is_untouched(&stage, &run).await;
    }
    window.close().await;
    hostile.close().await;
    is_untouched(&stage, &run).await;
    stage.nothing_else_was_sent().await;
}
