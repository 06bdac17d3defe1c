//! Takes runs from post to report in the background, one writer a project, and survives its own end.

mod applying;
mod heartbeat;
mod planning;
mod room;
mod sweep;
mod wake;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::{ActionError, Stop, Systems};
use crate::net::Patience;
use crate::run::{Asked, CallsOfBoth, Failure, Origin, Run, RunId, State, ViewId};
use crate::store::{Store, StoreError};

pub use planning::tries_rules;
pub use room::{For, Full, Place, Room};
use wake::Wake;

/// A run whose owner is silent for this long is taken for abandoned.
const LEASE: Duration = Duration::from_secs(10);

/// The clock, the source of random ids and the patience with others, handed in so that tests can choose them.
#[derive(Clone)]
pub struct Services {
    /// Now, in milliseconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// 32 fresh random hexadecimal digits (128 bits).
    pub random_id: Arc<dyn Fn() -> String + Send + Sync>,
    /// How long trouble with Flow and AYON is borne with.
    pub patience: Patience,
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
            patience: Patience::default(),
        }
    }

    /// A run at its beginning, with addresses that nobody can guess.
    pub fn new_run(&self, origin: Origin, asked: Asked) -> Run {
        let (id, view) = (RunId((self.random_id)()), ViewId((self.random_id)()));
        Run::queued(id, view, origin, asked, (self.now)())
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
    room: Room,
    /// Runs under way here, and how to stop them.
    stops: Mutex<HashMap<RunId, Arc<Stop>>>,
    wake: Wake,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Runner {
    /// A runner on the current runtime; `shutdown` ends it.
    pub fn new(services: Services, store: Store, systems: Systems, shutdown: CancellationToken) -> Self {
        let owner = (services.random_id)();
        let planners = systems.settings().limits.planners;
        Self {
            inner: Arc::new(Inner {
                services,
                store,
                systems,
                runtime: Handle::current(),
                owner,
                planners: Semaphore::new(planners),
                room: Room::default(),
                stops: Mutex::default(),
                wake: Wake::default(),
                tasks: TaskTracker::new(),
                shutdown,
            }),
        }
    }

    /// Takes a place for a plan, before its run is made.
    pub fn enter(&self, of: For, post: Option<&str>) -> Result<Arc<Place>, Full> {
        self.inner
            .room
            .enter(of, post, &self.inner.systems.settings().limits)
    }

    /// Plans a queued run in the background; its place is given back when it is planned. A run that waits or works
    /// here already is left alone.
    pub fn plan(&self, run: RunId, place: Option<Arc<Place>>) {
        if self.stops().contains_key(&run) {
            return;
        }
        let (runner, stop) = (self.clone(), self.stop_for(&run));
        let work = stop.clone();
        self.spawn(run.clone(), stop, async move {
            let planned = runner.make_plan(&run, &work).await;
            drop(place);
            planned
        });
    }

    /// Applies a run in the background; the caller has won `planned → applying`.
    pub fn apply(&self, run: RunId) {
        let (runner, stop) = (self.clone(), self.stop_for(&run));
        let work = stop.clone();
        self.spawn(
            run.clone(),
            stop,
            async move { runner.apply_run(&run, &work).await },
        );
    }

    /// Asks a run that is being planned or applied to stop at the next safe point.
    pub fn cancel(&self, run: &RunId) {
        if let Some(stop) = self.stops().get(run) {
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

    fn stops(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Stop>>> {
        self.inner.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh way to stop a run that is about to be worked on.
    fn stop_for(&self, run: &RunId) -> Arc<Stop> {
        let stop = Arc::new(Stop {
            shutdown: self.inner.shutdown.clone(),
            ..Stop::default()
        });
        self.stops().insert(run.clone(), stop.clone());
        stop
    }

    /// Runs work in the background; whatever happens, the run does not stay under way for ever.
    fn spawn(
        &self,
        run: RunId,
        stop: Arc<Stop>,
        work: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    ) {
        let runner = self.clone();
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
                runner.forget(&run, &stop);
                if let Some(failure) = failure {
                    // The store may be what failed; the sweep finds the run later.
                    let _swept = runner.end(&run, State::Failed, &failure, None).await;
                }
                runner.inner.wake.all();
            },
            &self.inner.runtime,
        );
    }

    /// A step of a run is over. A later step of the same run may have begun: its way to stop stays.
    fn forget(&self, run: &RunId, stop: &Arc<Stop>) {
        let mut stops = self.stops();
        if stops.get(run).is_some_and(|held| Arc::ptr_eq(held, stop)) {
            stops.remove(run);
        }
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
        message: "The run was interrupted while it was applied. What is marked done was written. Of the rest, what was being sent may have been written too."
            .to_owned(),
        remedy: "Plan again: what is left to do shows there.".to_owned(),
    }
}
