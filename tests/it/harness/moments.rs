//! Catching a moment in which amigo waits for an answer, to change the world behind its back.

use amigo::sandbox::controls::{Controls, Fault, FaultBody};

use super::{Stage, until};

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

    /// The same for Flow.
    pub fn hold_flow(&self, path: &str, after: u32) {
        self.flow.controls().add_fault(held(path, after));
    }

    /// Waits until AYON has a folder.
    pub async fn ayon_has(&self, project: &str, path: &str) {
        until(&format!("AYON has {path}"), async || {
            self.ayon.folder_by_path(project, path)
        })
        .await;
    }

    /// Waits until a system has answered so many requests since its log was emptied.
    pub async fn has_answered(&self, system: &Controls, count: usize) {
        until(&format!("{count} requests were answered"), async || {
            (system.requests().len() >= count).then_some(())
        })
        .await;
    }
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
