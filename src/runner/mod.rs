//! Takes runs from post to report in the background.

use std::sync::Arc;
use std::time::Duration;

use crate::run::RunId;

/// The clock and the source of random ids, handed in so that tests can choose them.
#[derive(Clone)]
pub struct Services {
    /// Now, in milliseconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// 32 fresh random hexadecimal digits (128 bits).
    pub random_id: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The background side of amigo: plans and applies runs, and wakes those who watch them.
#[derive(Clone)]
pub struct Runner {}

impl Runner {
    /// Plans a queued run in the background.
    pub fn plan(&self, _run: RunId) {}

    /// Applies a run in the background; the caller has won `planned → applying`.
    pub fn apply(&self, _run: RunId) {}

    /// Asks a run that is being planned or applied to stop at the next safe point.
    pub fn cancel(&self, _run: &RunId) {}

    /// Waits until something may have happened in any run, at most `limit`.
    pub async fn changed(&self, _limit: Duration) {}
}
