//! A real browser: its window, its tabs, and what a hand does in them.

use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
};
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType,
    InsertTextParams, MouseButton,
};
use chromiumoxide::cdp::browser_protocol::page::FrameId;
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::until;

/// Held while clicking: the Control key, as the protocol counts it.
const CONTROL: i64 = 2;

/// A browser with a profile of its own.
pub struct Window {
    pub browser: Browser,
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
    pub async fn open() -> Self {
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
                // All frames in one process, so that a test can look into each. What a page may do does not depend on it.
                "disable-site-isolation-trials",
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

    pub async fn tab(&self, address: &str) -> Tab {
        let page = self.browser.new_page(address).await.unwrap();
        page.wait_for_navigation().await.unwrap();
        Tab { page }
    }

    /// The tab that shows an address beginning like this.
    pub async fn tab_at(&self, address: &str) -> Tab {
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

    pub async fn close(mut self) {
        self.browser.close().await.unwrap();
        self.browser.wait().await.unwrap();
        self.listening.await.unwrap();
    }
}

/// One tab.
pub struct Tab {
    pub page: Page,
}

impl Tab {
    /// The value of an expression; `None` while the page is not there yet.
    pub async fn value<T: DeserializeOwned>(&self, expression: &str) -> Option<T> {
        self.page.evaluate(expression).await.ok()?.into_value().ok()
    }

    /// Waits until an expression is true.
    pub async fn shows(&self, expression: &str) {
        until(&format!("the page says {expression}"), async || {
            self.value::<bool>(expression).await.filter(|yes| *yes)
        })
        .await;
    }

    pub async fn has(&self, selector: &str) {
        self.shows(&format!("!!document.querySelector({})", json!(selector)))
            .await;
    }

    /// Presses a mouse button in the middle of an element.
    pub async fn mouse(&self, selector: &str, button: MouseButton, modifiers: i64) {
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

    /// Types a text where the cursor is.
    pub async fn write(&self, text: &str) {
        self.page.execute(InsertTextParams::new(text)).await.unwrap();
    }

    /// Presses Enter on what has the focus.
    pub async fn enter(&self) {
        for kind in [DispatchKeyEventType::KeyDown, DispatchKeyEventType::KeyUp] {
            let event = DispatchKeyEventParams::builder()
                .r#type(kind)
                .key("Enter")
                .code("Enter")
                .text("\r")
                .windows_virtual_key_code(13)
                .build()
                .unwrap();
            self.page.execute(event).await.unwrap();
        }
    }

    pub async fn click(&self, selector: &str) {
        self.mouse(selector, MouseButton::Left, 0).await;
    }

    /// Selects rows of the desk, right-clicks the last and chooses a menu item.
    pub async fn choose(&self, rows: &[i64], item: i64) {
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
    pub async fn frame_at(&self, base: &str) -> (String, FrameId) {
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

    /// The value of an expression in a frame; `None` while the frame is not there yet.
    pub async fn in_frame<T: DeserializeOwned>(&self, frame: &FrameId, expression: &str) -> Option<T> {
        let context = self.page.frame_execution_context(frame.clone()).await.ok()??;
        let asked = EvaluateParams::builder()
            .expression(expression)
            .context_id(context)
            .build()
            .unwrap();
        self.page.evaluate_expression(asked).await.ok()?.into_value().ok()
    }

    /// Waits until an expression is true in a frame.
    pub async fn frame_shows(&self, frame: &FrameId, expression: &str) {
        until(&format!("the frame says {expression}"), async || {
            self.in_frame::<bool>(frame, expression).await.filter(|yes| *yes)
        })
        .await;
    }

    /// The value of a promise, once it is settled; asked for by a hand, so that windows may be opened.
    pub async fn settled<T: DeserializeOwned>(&self, promise: &str) -> T {
        let asked = EvaluateParams::builder()
            .expression(promise)
            .await_promise(true)
            .user_gesture(true)
            .return_by_value(true)
            .build()
            .unwrap();
        let settled = self.page.evaluate_expression(asked).await;
        let settled = settled.unwrap_or_else(|error| panic!("{promise}: {error}"));
        settled.into_value().unwrap()
    }

    /// Runs a script as a click would: what needs a hand, such as opening a window, may be done.
    pub async fn gesture(&self, script: &str) {
        let asked = EvaluateParams::builder()
            .expression(format!("{{ {script} }} true"))
            .user_gesture(true)
            .return_by_value(true)
            .build()
            .unwrap();
        let done = self.page.evaluate_expression(asked).await;
        done.unwrap_or_else(|error| panic!("{script}: {error}"));
    }

    /// Gives the page this size, as the window over Flow's pages does, and the colours of day or night.
    pub async fn sized(&self, width: i64, height: i64, dark: bool) {
        let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
        self.page.execute(size).await.unwrap();
        let scheme = MediaFeature::new("prefers-color-scheme", if dark { "dark" } else { "light" });
        let media = SetEmulatedMediaParams::builder().feature(scheme).build();
        self.page.execute(media).await.unwrap();
    }

    /// Leaves the page with a form, as a menu item of Flow's does.
    pub async fn send(&self, address: &str, form: &[(String, String)]) {
        self.gesture(&format!(
            "const form = document.createElement('form'); form.method = 'post'; form.action = {}; \
             for (const [name, value] of {}) \
             form.append(Object.assign(document.createElement('input'), {{ type: 'hidden', name, value }})); \
             document.body.append(form); form.submit();",
            json!(address),
            json!(form)
        ))
        .await;
    }
}
