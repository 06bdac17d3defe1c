//! Where runs live: one small set of methods over one SQL database.

use std::time::Duration;

use crate::plan::{OpId, Plan};
use crate::run::{CallsOfBoth, Event, Failure, OutcomeRow, Run, RunId, State, Ticks, ViewId};

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database could not be opened: {0}")]
    Open(String),
    #[error("the database did not answer: {0}")]
    Query(String),
    #[error("the database holds something amigo cannot read: {0}")]
    Content(String),
}

/// What became of a run that was to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    New,
    /// The same signature for the same action made this run earlier.
    Known(RunId),
}

/// Runs, their events and outcomes, seen signatures, and the leases on projects.
#[derive(Clone)]
pub struct Store {}

#[expect(unused_variables, reason = "signatures first")]
impl Store {
    /// Opens the database, making it and bringing it up to date when needed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self {})
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Stores a queued run; with a signature that was seen for its action, tells the earlier run instead. Atomic.
    pub async fn create(&self, run: &Run, signature: Option<&str>) -> Result<Created, StoreError> {
        Ok(Created::New)
    }

    /// The run that this signature made for this action.
    pub async fn run_of_signature(&self, action: &str, signature: &str) -> Result<Option<RunId>, StoreError> {
        Ok(None)
    }

    /// A run, whole.
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        Ok(None)
    }

    /// A run by its viewing address, whole.
    pub async fn run_of_view(&self, view: &ViewId) -> Result<Option<Run>, StoreError> {
        Ok(None)
    }

    /// Where a run stands, without reading its plan.
    pub async fn state(&self, id: &RunId) -> Result<Option<State>, StoreError> {
        Ok(None)
    }

    /// Compare-and-swap of the state, with its event; false when the run was not in `from`.
    pub async fn step(&self, id: &RunId, from: State, to: State, now: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// `planning → planned`: keeps the plan, who asked (now with a name), what it cost, and `memory`, which
    /// the gather of apply gets back. `memory` is opaque here. Run's projects come from the plan.
    pub async fn save_plan(
        &self,
        run: &Run,
        plan: &Plan,
        memory: &serde_json::Value,
        now: i64,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// What the gather of the plan left for the gather of apply.
    pub async fn memory(&self, id: &RunId) -> Result<Option<serde_json::Value>, StoreError> {
        Ok(None)
    }

    /// `planned → applying` with the wanted ticks; false when somebody else was first.
    pub async fn begin_apply(&self, id: &RunId, ticks: &Ticks, now: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Ends a run early from any state that allows it; false when it had ended already.
    pub async fn end(
        &self,
        id: &RunId,
        to: State,
        failure: Option<&Failure>,
        calls: Option<&CallsOfBoth>,
        now: i64,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Keeps outcomes (the last of an operation wins) and tells them as one event. One transaction.
    pub async fn record(&self, id: &RunId, rows: &[OutcomeRow], now: i64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Outcomes of operations so far, in the plan's order where possible.
    pub async fn outcomes(&self, id: &RunId) -> Result<Vec<OutcomeRow>, StoreError> {
        Ok(Vec::new())
    }

    /// Tells how far a phase is, for those who watch.
    pub async fn progress(
        &self,
        id: &RunId,
        phase: &str,
        done: usize,
        total: usize,
        now: i64,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    /// `applying → done`.
    pub async fn finish(&self, id: &RunId, calls: &CallsOfBoth, now: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Events after a number, oldest first, at most `limit`.
    pub async fn events_after(
        &self,
        id: &RunId,
        number: i64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }

    /// Says that `owner` still works on the run. False when the run has another owner or has ended.
    pub async fn beat(&self, id: &RunId, owner: &str, now: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Makes `owner` the one who works on a queued or applying run that nobody works on (no beat for `lease`).
    pub async fn claim(
        &self,
        id: &RunId,
        owner: &str,
        lease: Duration,
        now: i64,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Runs in a state whose owner has been silent for `lease` (or that never had one and are that old).
    pub async fn abandoned(&self, state: State, lease: Duration, now: i64) -> Result<Vec<RunId>, StoreError> {
        Ok(Vec::new())
    }

    /// Planned runs whose time is over become `expired`; tells how many.
    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        Ok(0)
    }

    /// Takes or renews the lease on a project (`site/flow project id`) for a run; false while another run holds it.
    pub async fn lease(&self, project: &str, id: &RunId, until: i64, now: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Gives a project's lease back.
    pub async fn release(&self, project: &str, id: &RunId) -> Result<(), StoreError> {
        Ok(())
    }

    /// How many runs are queued or being planned.
    pub async fn planning(&self) -> Result<u64, StoreError> {
        let _unused: Option<OpId> = None;
        Ok(0)
    }
}
