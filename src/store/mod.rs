//! Where runs live: one small set of methods over one SQL database.
//!
//! The database is chosen by its address. [`Store`] only passes on; each database has a folder of its own, with
//! its statements in `sql/`, so that another one can stand beside SQLite.

mod sqlite;

use std::time::Duration;

use crate::plan::Plan;
use crate::run::{CallsOfBoth, Event, Failure, OutcomeRow, Run, RunId, State, Ticks, ViewId};
use sqlite::Sqlite;

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
    /// Another run began with the same entry of Flow's event log, and Flow did not sign this post.
    EntryUsed,
}

/// Runs, their events and outcomes, seen signatures, and the leases on projects.
///
/// Instants (`now`, `until`) are milliseconds since 1970, by the caller's clock. A run id is a capability: it never
/// stands in an error.
#[derive(Clone)]
pub struct Store {
    sqlite: Sqlite,
}

impl Store {
    /// Opens the database, making it and bringing it up to date when needed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Err(StoreError::Open(
                "this amigo keeps runs in SQLite only; PostgreSQL comes with a later version. Use an address such as \
                 sqlite://amigo.db"
                    .to_owned(),
            ));
        }
        let sqlite = Sqlite::open(url).await?;
        Ok(Self { sqlite })
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.sqlite.check().await
    }

    /// Stores a queued run; with a signature that was seen for its action, tells the earlier run instead, and an entry
    /// of the event log begins one run only. Atomic.
    pub async fn create(&self, run: &Run, signature: Option<&str>) -> Result<Created, StoreError> {
        self.sqlite.create(run, signature).await
    }

    /// The run that this signature made for this action.
    pub async fn run_of_signature(&self, action: &str, signature: &str) -> Result<Option<RunId>, StoreError> {
        self.sqlite.run_of_signature(action, signature).await
    }

    /// Keeps what a light post's entry told: selection, person and browser window.
    pub async fn chosen(&self, run: &Run) -> Result<(), StoreError> {
        self.sqlite.chosen(run).await
    }

    /// A run, whole.
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        self.sqlite.run(id).await
    }

    /// A run by its viewing address, whole.
    pub async fn run_of_view(&self, view: &ViewId) -> Result<Option<Run>, StoreError> {
        self.sqlite.run_of_view(view).await
    }

    /// Where a run stands, without reading its plan.
    pub async fn state(&self, id: &RunId) -> Result<Option<State>, StoreError> {
        self.sqlite.state(id).await
    }

    /// Compare-and-swap of the state, with its event; false when the run was not in `from`.
    pub async fn step(&self, id: &RunId, from: State, to: State, now: i64) -> Result<bool, StoreError> {
        self.sqlite.step(id, from, to, now).await
    }

    /// `planning → planned`: keeps the plan, who asked (now with a name), whether they may apply it, what it cost, and
    /// `memory`, which the gather of apply gets back. `memory` is opaque here. Run's projects come from the plan.
    pub async fn save_plan(
        &self,
        run: &Run,
        plan: &Plan,
        memory: &serde_json::Value,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.sqlite.save_plan(run, plan, memory, now).await
    }

    /// What the gather of the plan left for the gather of apply.
    pub async fn memory(&self, id: &RunId) -> Result<Option<serde_json::Value>, StoreError> {
        self.sqlite.memory(id).await
    }

    /// `planned → applying` with the wanted ticks; false when somebody else was first.
    pub async fn begin_apply(&self, id: &RunId, ticks: &Ticks, now: i64) -> Result<bool, StoreError> {
        self.sqlite.begin_apply(id, ticks, now).await
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
        self.sqlite.end(id, to, failure, calls, now).await
    }

    /// Keeps outcomes (the last of an operation wins) and tells them as one event. One transaction.
    pub async fn record(&self, id: &RunId, rows: &[OutcomeRow], now: i64) -> Result<(), StoreError> {
        self.sqlite.record(id, rows, now).await
    }

    /// Outcomes of operations so far, in the plan's order where possible.
    pub async fn outcomes(&self, id: &RunId) -> Result<Vec<OutcomeRow>, StoreError> {
        self.sqlite.outcomes(id).await
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
        self.sqlite.progress(id, phase, done, total, now).await
    }

    /// `applying → done`.
    pub async fn finish(&self, id: &RunId, calls: &CallsOfBoth, now: i64) -> Result<bool, StoreError> {
        self.sqlite.finish(id, calls, now).await
    }

    /// Events after a number, oldest first, at most `limit`.
    pub async fn events_after(
        &self,
        id: &RunId,
        number: i64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.sqlite.events_after(id, number, limit).await
    }

    /// Says that `owner` still works on the run. False when the run has another owner or has ended.
    pub async fn beat(&self, id: &RunId, owner: &str, now: i64) -> Result<bool, StoreError> {
        self.sqlite.beat(id, owner, now).await
    }

    /// Makes `owner` the one who works on a run in this state that nobody works on (no beat for `lease`).
    pub async fn claim(
        &self,
        id: &RunId,
        state: State,
        owner: &str,
        lease: Duration,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.sqlite.claim(id, state, owner, lease, now).await
    }

    /// Runs in a state whose owner has been silent for `lease` (or that never had one and are that old).
    pub async fn abandoned(&self, state: State, lease: Duration, now: i64) -> Result<Vec<RunId>, StoreError> {
        self.sqlite.abandoned(state, lease, now).await
    }

    /// Planned runs whose time is over become `expired`; tells how many.
    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        self.sqlite.expire(now).await
    }

    /// Takes or renews the lease on a project (`site/flow project id`) for a run; false while another run holds it.
    pub async fn lease(&self, project: &str, id: &RunId, until: i64, now: i64) -> Result<bool, StoreError> {
        self.sqlite.lease(project, id, until, now).await
    }

    /// Gives a project's lease back.
    pub async fn release(&self, project: &str, id: &RunId) -> Result<(), StoreError> {
        self.sqlite.release(project, id).await
    }
}
