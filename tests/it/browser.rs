//! The whole way in a real browser: the desk, the right-click, the plan, the report, the tree in AYON.

use amigo::sandbox::studio::Studio;
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchMouseEventParams, DispatchMouseEventType, MouseButton,
};
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::harness::{AMI_SECRET, HARBOR, RunPage, Stage, until};

/// Held while clicking: the Control key, as the protocol counts it.
const CONTROL: i64 = 2;

/// A browser with a profile of its own.
struct Window {
    browser: Browser,
    listening: JoinHandle<()>,
    _profile: TempDir,
}

/// Where the browser is: the path that `tests/run` hands in, or the usual name on the search path.
#[expect(
    clippy::disallowed_methods,
    reason = "the test has no configuration but its environment"
)]
fn chromium() -> std::path::PathBuf {
    if let Some(path) = std::env::var_os("AMIGO_TEST_CHROMIUM") {
        return path.into();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .map(|folder| folder.join("chromium"))
        .find(|path| path.is_file())
        .expect("There is no Chromium for the browser tests: start them with tests/run, which installs it.")
}

impl Window {
    async fn open() -> Self {
        let profile = TempDir::new().unwrap();
        let config = BrowserConfig::builder()
            .chrome_executable(chromium())
            .user_data_dir(profile.path())
            .no_sandbox()
            .window_size(1280, 900)
            .viewport(None)
            .args([
                "disable-dev-shm-usage",
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
                "disable-gpu",
            ])
            .build()
            .unwrap();
        let (browser, mut handler) = Browser::launch(config).await.unwrap();
        // What the protocol's library does not understand is not for us either.
        let listening = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Self {
            browser,
            listening,
            _profile: profile,
        }
    }

    async fn tab(&self, address: &str) -> Tab {
        let page = self.browser.new_page(address).await.unwrap();
        page.wait_for_navigation().await.unwrap();
        Tab { page }
    }

    /// The tab that shows an address beginning like this.
    async fn tab_at(&self, address: &str) -> Tab {
        let page = until(&format!("a tab shows {address}"), async || {
            for page in self.browser.pages().await.unwrap() {
                let url = page.url().await.ok().flatten().unwrap_or_default();
                if url.starts_with(address) {
                    return Some(page);
                }
            }
            None
        })
        .await;
        Tab { page }
    }

    async fn close(mut self) {
        self.browser.close().await.unwrap();
        self.browser.wait().await.unwrap();
        self.listening.await.unwrap();
    }
}

struct Tab {
    page: Page,
}

impl Tab {
    /// The value of an expression; `None` while the page is not there yet.
    async fn value<T: DeserializeOwned>(&self, expression: &str) -> Option<T> {
        self.page.evaluate(expression).await.ok()?.into_value().ok()
    }

    /// Waits until an expression is true.
    async fn shows(&self, expression: &str) {
        until(&format!("the page says {expression}"), async || {
            self.value::<bool>(expression).await.filter(|yes| *yes)
        })
        .await;
    }

    async fn has(&self, selector: &str) {
        self.shows(&format!("!!document.querySelector({})", json!(selector)))
            .await;
    }

    /// Presses a mouse button in the middle of an element.
    async fn mouse(&self, selector: &str, button: MouseButton, modifiers: i64) {
        self.has(selector).await;
        // Rows get their height when they come into sight, so the page may shift until what was scrolled to is drawn.
        let place = format!(
            "(async () => {{ const it = document.querySelector({}); let before = ''; for (;;) {{ \
             it.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))); \
             const box = it.getBoundingClientRect(); \
             const place = [box.x + box.width / 2, box.y + box.height / 2]; \
             if (before === String(place)) return place; before = String(place); }} }})()",
            json!(selector)
        );
        let [x, y]: [f64; 2] = self.value(&place).await.unwrap();
        for kind in [
            DispatchMouseEventType::MousePressed,
            DispatchMouseEventType::MouseReleased,
        ] {
            let event = DispatchMouseEventParams::builder()
                .r#type(kind)
                .x(x)
                .y(y)
                .button(button.clone())
                .click_count(1)
                .modifiers(modifiers)
                .build()
                .unwrap();
            self.page.execute(event).await.unwrap();
        }
    }

    async fn click(&self, selector: &str) {
        self.mouse(selector, MouseButton::Left, 0).await;
    }

    /// Selects rows of the desk, right-clicks the last and chooses a menu item.
    async fn choose(&self, rows: &[i64], item: i64) {
        for (nth, row) in rows.iter().enumerate() {
            let cell = format!("tr[data-id='{row}'] td.name");
            self.mouse(&cell, MouseButton::Left, if nth == 0 { 0 } else { CONTROL })
                .await;
        }
        let count: String = self
            .value("document.getElementById('count').textContent")
            .await
            .unwrap();
        assert_eq!(count, format!("{} selected", rows.len()));
        let last = format!("tr[data-id='{}'] td.name", rows.last().unwrap());
        self.mouse(&last, MouseButton::Right, 0).await;
        self.shows("!document.getElementById('menu').hidden").await;
        self.click(&format!("#menu button[data-item='{item}']")).await;
    }

    /// The address of the frame that shows something of `base`, with its number for evaluating in it.
    async fn frame_at(&self, base: &str) -> (String, chromiumoxide::cdp::browser_protocol::page::FrameId) {
        until(&format!("a frame shows {base}"), async || {
            for frame in self.page.frames().await.unwrap() {
                let url = self
                    .page
                    .frame_url(frame.clone())
                    .await
                    .ok()
                    .flatten()
                    .unwrap_or_default();
                if url.starts_with(base) {
                    return Some((url, frame));
                }
            }
            None
        })
        .await
    }
}

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
    let in_frame = async |expression: &str| -> Option<bool> {
        let context = desk.page.frame_execution_context(frame.clone()).await.ok()??;
        let asked = EvaluateParams::builder()
            .expression(expression)
            .context_id(context)
            .build()
            .unwrap();
        desk.page.evaluate_expression(asked).await.ok()?.into_value().ok()
    };
    let framed = async |expression: &str| {
        until(&format!("the frame says {expression}"), async || {
            in_frame(expression).await.filter(|yes| *yes)
        })
        .await
    };
    framed("document.querySelector('main').dataset.state == 'planned' && document.body.textContent.includes('hl_020_0030')").await;
    stage.let_it_write();
    framed("(document.getElementById('apply').click(), true)").await;
    let run = run.done().await;
    assert_eq!(run.ended("done"), 5);
    framed("document.querySelector('main').dataset.state == 'done'").await;
    window.close().await;
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_may_frame_a_run() {
    let stage = Stage::open().await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let window = Window::open().await;
    // Any origin but Flow's will do; this one happens to be AYON's.
    let tab = window.tab(&format!("{}/", stage.ayon.url())).await;
    let address = format!("{}{}", stage.url(), run.path);
    let frame = format!(
        "new Promise((done) => {{ const frame = document.createElement('iframe'); frame.src = {}; \
         frame.onload = () => done(true); document.body.append(frame); }})",
        json!(address)
    );
    let asked = EvaluateParams::builder()
        .expression(frame)
        .await_promise(true)
        .build()
        .unwrap();
    tab.page.evaluate_expression(asked).await.unwrap();
    let mut shown = Vec::new();
    for frame in tab.page.frames().await.unwrap() {
        shown.extend(tab.page.frame_url(frame).await.ok().flatten());
    }
    assert!(shown.iter().all(|url| !url.starts_with(stage.url())), "{shown:?}");
    assert!(
        shown.iter().any(|url| url.starts_with("chrome-error:")),
        "{shown:?}"
    );
    window.close().await;
    stage.nothing_else_was_sent().await;
}
