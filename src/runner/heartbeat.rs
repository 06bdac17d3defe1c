//! Signs of life while a run is under way, its hold on the project, and its progress for those who watch.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::actions::{Step, Stop};
use crate::run::RunId;
use crate::store::StoreError;

use super::{LEASE, Runner};

/// How often a run says that somebody works on it.
const BEAT: Duration = Duration::from_secs(2);
/// Progress is told at most this often.
const TELL: Duration = Duration::from_millis(200);

/// The projects that a run holds so far.
#[derive(Default)]
pub(super) struct Held(Mutex<Vec<String>>);

impl Held {
    pub fn add(&self, project: &str) {
        let mut projects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        projects.push(project.to_owned());
    }

    pub fn projects(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Runner {
    /// Says again and again that the run is worked on, until dropped.
    pub(super) async fn beat(&self, run: &RunId, stop: &Stop) {
        self.renew(run, None, stop).await;
    }

    /// Keeps the leases on the projects that are held, until dropped.
    pub(super) async fn keep(&self, run: &RunId, held: &Held, stop: &Stop) {
        self.renew(run, Some(held), stop).await;
    }

    /// Renews a hold: on the run, or on its projects. When somebody else has it, or it could not be renewed in
    /// time, the run is told to stop writing, before others may take it for abandoned.
    async fn renew(&self, run: &RunId, held: Option<&Held>, stop: &Stop) {
        let mut held_at = Instant::now();
        loop {
            let asked = Instant::now();
            match tokio::time::timeout(BEAT, self.hold_on(run, held)).await {
                Ok(Ok(true)) => held_at = asked,
                Ok(Ok(false)) => stop.lease_lost.cancel(),
                Ok(Err(error)) => tracing::warn!(error = %error, "a sign of life could not be stored"),
                Err(_) => tracing::warn!("a sign of life could not be stored in time"),
            }
            if held_at.elapsed() + BEAT >= LEASE {
                stop.lease_lost.cancel();
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    async fn hold_on(&self, run: &RunId, held: Option<&Held>) -> Result<bool, StoreError> {
        let (store, now) = (&self.inner.store, self.now());
        let Some(held) = held else {
            return store.beat(run, &self.inner.owner, now).await;
        };
        for project in held.projects() {
            if !store.lease(&project, run, lease_until(now), now).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells progress as it comes, the latest only, until the sender is gone.
    pub(super) async fn tell(&self, run: &RunId, mut steps: UnboundedReceiver<Step>) {
        while let Some(mut step) = steps.recv().await {
            while let Ok(newer) = steps.try_recv() {
                step = newer;
            }
            let told = self
                .inner
                .store
                .progress(run, &step.phase, step.done, step.total, self.now())
                .await;
            if let Err(error) = told {
                tracing::warn!(error = %error, "progress could not be stored");
            }
            self.inner.wake.all();
            tokio::time::sleep(TELL).await;
        }
    }
}

/// Does `work` with `side` beside it; what `side` has not finished by then is dropped.
pub(super) async fn beside<T>(work: impl Future<Output = T>, side: impl Future<Output = ()>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = side => {}
    }
    work.await
}

/// Until when a lease taken now holds.
pub(super) fn lease_until(now: i64) -> i64 {
    now.saturating_add(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX))
}
