//! Takes runs from post to report in the background, one writer a project, and survives its own end.

mod applying;
mod heartbeat;
mod planning;
mod sweep;
mod wake;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::{ActionError, Stop, Systems};
use crate::run::{CallsOfBoth, Failure, RunId, State};
use crate::store::{Store, StoreError};

use wake::Wake;

/// How many plans are made at once.
const PLANNERS: usize = 4;
/// A run whose owner is silent for this long is taken for abandoned.
const LEASE: Duration = Duration::from_secs(10);

/// The clock and the source of random ids, handed in so that tests can choose them.
#[derive(Clone)]
pub struct Services {
    /// Now, in milliseconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// 32 fresh random hexadecimal digits (128 bits).
    pub random_id: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Services {
    /// The system's clock and random source.
    pub fn of_the_system() -> Self {
        Self {
            now: Arc::new(|| jiff::Timestamp::now().as_millisecond()),
            random_id: Arc::new(|| {
                let mut bytes = [0; 16];
                if getrandom::fill(&mut bytes).is_err() {
                    // Addresses of runs must not be guessable: without randomness there is no safe way on.
                    std::process::abort();
                }
                hex::encode(bytes)
            }),
        }
    }
}

/// The background side of amigo: plans and applies runs, and wakes those who watch them.
#[derive(Clone)]
pub struct Runner {
    inner: Arc<Inner>,
}

struct Inner {
    services: Services,
    store: Store,
    systems: Systems,
    /// Runs are spawned here, not on the web server's single-threaded workers.
    runtime: Handle,
    /// Who this process is among those that share the store.
    owner: String,
    planners: Semaphore,
    /// Runs under way here, and how to stop them.
    stops: Mutex<HashMap<RunId, Stop>>,
    wake: Wake,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Runner {
    /// A runner on the current runtime; `shutdown` ends it.
    pub fn new(services: Services, store: Store, systems: Systems, shutdown: CancellationToken) -> Self {
        let owner = (services.random_id)();
        Self {
            inner: Arc::new(Inner {
                services,
                store,
                systems,
                runtime: Handle::current(),
                owner,
                planners: Semaphore::new(PLANNERS),
                stops: Mutex::default(),
                wake: Wake::default(),
                tasks: TaskTracker::new(),
                shutdown,
            }),
        }
    }

    /// Plans a queued run in the background.
    pub fn plan(&self, run: RunId) {
        let runner = self.clone();
        self.spawn(run.clone(), async move { runner.make_plan(&run).await });
    }

    /// Applies a run in the background; the caller has won `planned → applying`.
    pub fn apply(&self, run: RunId) {
        let runner = self.clone();
        self.spawn(run.clone(), async move { runner.apply_run(&run).await });
    }

    /// Asks a run that is being planned or applied to stop at the next safe point.
    pub fn cancel(&self, run: &RunId) {
        if let Some(stop) = self
            .inner
            .stops
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(run)
        {
            stop.cancelled.cancel();
        }
        self.inner.wake.all();
    }

    /// Waits until something may have happened in any run, at most `limit`.
    pub async fn changed(&self, limit: Duration) {
        self.inner.wake.wait(limit).await;
    }

    /// Waits until everything under way has stopped at a safe point, at most `limit`. Call after shutdown.
    pub async fn finish(&self, limit: Duration) {
        self.inner.tasks.close();
        if tokio::time::timeout(limit, self.inner.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some runs did not stop in time; they will be shown as interrupted");
        }
    }

    fn now(&self) -> i64 {
        (self.inner.services.now)()
    }

    /// Runs work in the background; whatever happens, the run does not stay under way for ever.
    fn spawn(&self, run: RunId, work: impl Future<Output = Result<(), StoreError>> + Send + 'static) {
        let runner = self.clone();
        let stop = Stop {
            shutdown: self.inner.shutdown.clone(),
            ..Stop::default()
        };
        self.inner
            .stops
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(run.clone(), stop);
        let outcome = self.inner.runtime.spawn(work);
        self.inner.tasks.spawn_on(
            async move {
                let failure = match outcome.await {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => {
                        tracing::error!(error = %error, "the store failed under a run");
                        Some(ActionError::from(error).failure())
                    }
                    Err(error) => {
                        tracing::error!(panicked = error.is_panic(), "a run broke off");
                        Some(Failure {
                            code: "internal".to_owned(),
                            message: "amigo made a mistake and stopped this run.".to_owned(),
                            remedy: "Tell whoever looks after amigo; the log has the cause.".to_owned(),
                        })
                    }
                };
                runner
                    .inner
                    .stops
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&run);
                if let Some(failure) = failure {
                    // The store may be what failed; the sweep finds the run later.
                    let _swept = runner.end(&run, State::Failed, &failure, None).await;
                }
                runner.inner.wake.all();
            },
            &self.inner.runtime,
        );
    }

    fn stop_of(&self, run: &RunId) -> Stop {
        let stops = self.inner.stops.lock().unwrap_or_else(PoisonError::into_inner);
        stops.get(run).cloned().unwrap_or_default()
    }

    async fn end(
        &self,
        run: &RunId,
        state: State,
        failure: &Failure,
        calls: Option<&CallsOfBoth>,
    ) -> Result<(), StoreError> {
        self.inner
            .store
            .end(run, state, Some(failure), calls, self.now())
            .await?;
        self.inner.wake.all();
        Ok(())
    }
}

/// What a run that broke off says.
fn interrupted() -> Failure {
    Failure {
        code: "interrupted".to_owned(),
        message: "The run was interrupted while it was applied. What is marked done was written; the rest was not tried."
            .to_owned(),
        remedy: "Plan again: what is left to do shows there.".to_owned(),
    }
}
