//! Catching a moment in which amigo waits for an answer, to change the world behind its back.

use amigo::sandbox::controls::{Controls, Fault, FaultBody};

use std::time::Duration;

use super::{Setting, Stage, until};

/// How long a held answer is held: long enough to act, short enough to wait for.
const HELD_MS: u64 = 1200;

/// A request that is carried out at once, and whose right answer comes late.
fn held(path: &str, after: u32) -> Fault {
    Fault {
        path: path.to_owned(),
        body: FaultBody::Hang,
        applied: true,
        after,
        delay_ms: HELD_MS,
        ..Fault::default()
    }
}

impl Stage {
    /// AYON holds back its answer to the next such request but `after`.
    pub fn hold_ayon(&self, path: &str, after: u32) {
        self.ayon.controls().add_fault(held(path, after));
    }

    /// Waits until a system is through with what it keeps silent about.
    pub async fn silence_is_over(&self, system: &Controls, faults: u32) {
        until("nobody is silent any more", async || {
            let requests = system.requests();
            let silent = requests.iter().filter(|one| one.ms >= SILENCE_MS).count();
            (u32::try_from(silent).unwrap() >= faults).then_some(())
        })
        .await;
    }

    /// Waits until AYON has a folder.
    pub async fn ayon_has(&self, project: &str, path: &str) {
        until(&format!("AYON has {path}"), async || {
            self.ayon.folder_by_path(project, path)
        })
        .await;
    }
}

/// How long a system keeps silent; longer than an impatient amigo waits.
pub const SILENCE_MS: u64 = 900;

/// What an impatient amigo waits for an answer. Should a busy machine take longer, that is one trouble more to bear.
pub fn impatient(setting: &mut Setting) {
    setting.patience.limit = Duration::from_millis(400);
}

/// What a moment's trouble looks like to who asks; each happens once. Where it is said so, the request was carried
/// out all the same.
pub fn moments(path: &str) -> Vec<(&'static str, Fault)> {
    let later = |fault: Fault| Fault {
        retry_after: Some(1),
        ..fault
    };
    let done = |fault: Fault| Fault {
        applied: true,
        ..fault
    };
    let silent = |fault: Fault| Fault {
        delay_ms: SILENCE_MS,
        ..fault
    };
    vec![
        ("too many requests", once(path, FaultBody::Json, 429)),
        (
            "too many requests, come later",
            later(once(path, FaultBody::Json, 429)),
        ),
        ("a bad gateway", once(path, FaultBody::Html, 502)),
        ("a bad gateway, done", done(once(path, FaultBody::Html, 502))),
        ("unavailable", once(path, FaultBody::Json, 503)),
        ("unavailable, come later", later(once(path, FaultBody::Html, 503))),
        ("a gateway that waited", once(path, FaultBody::Html, 504)),
        (
            "a gateway that waited, done",
            done(once(path, FaultBody::Html, 504)),
        ),
        ("dropped", once(path, FaultBody::Reset, 0)),
        ("dropped, done", done(once(path, FaultBody::Reset, 0))),
        ("half an answer", once(path, FaultBody::Truncated, 200)),
        ("a spoilt answer", once(path, FaultBody::Malformed, 200)),
        ("silence", silent(once(path, FaultBody::Reset, 0))),
        ("silence, done", silent(done(once(path, FaultBody::Hang, 200)))),
        (
            "silence, done in the end",
            silent(once(path, FaultBody::Hang, 200)),
        ),
    ]
}

/// Every request to `path` meets this, until faults are cleared.
pub fn always(path: &str, body: FaultBody, status: u16) -> Fault {
    Fault {
        path: path.to_owned(),
        body,
        status,
        times: u32::MAX,
        ..Fault::default()
    }
}

/// The next request to `path` meets this.
pub fn once(path: &str, body: FaultBody, status: u16) -> Fault {
    Fault {
        times: 1,
        ..always(path, body, status)
    }
}
