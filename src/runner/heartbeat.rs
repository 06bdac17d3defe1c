//! Signs of life while a run is under way, its hold on the project, and its progress for those who watch.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::actions::{Step, Stop};
use crate::run::RunId;
use crate::store::StoreError;

use super::{LEASE, Runner};

/// How often a run says that somebody works on it.
const BEAT: Duration = Duration::from_secs(2);
/// Progress is told at most this often.
const TELL: Duration = Duration::from_millis(200);

impl Runner {
    /// Beats until dropped, and keeps the lease on `project` where there is one.
    ///
    /// When the store says that somebody else took over, the run is told to stop writing.
    pub(super) async fn beat(&self, run: &RunId, project: Option<String>, stop: &Stop) {
        let mut missed = 0;
        loop {
            match self.still_ours(run, project.as_deref()).await {
                Ok(true) => missed = 0,
                Ok(false) => stop.lease_lost.cancel(),
                Err(error) => {
                    tracing::warn!(error = %error, "a sign of life could not be stored");
                    missed += 1;
                    // Before others may take the run for abandoned, it must have stopped writing.
                    if BEAT * (missed + 1) >= LEASE {
                        stop.lease_lost.cancel();
                    }
                }
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Renews what this process holds; false when somebody else took over.
    async fn still_ours(&self, run: &RunId, project: Option<&str>) -> Result<bool, StoreError> {
        let (store, now) = (&self.inner.store, self.now());
        let ours = store.beat(run, &self.inner.owner, now).await?;
        let leased = match project {
            Some(project) => store.lease(project, run, lease_until(now), now).await?,
            None => true,
        };
        Ok(ours && leased)
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

/// Until when a lease taken now holds.
pub(super) fn lease_until(now: i64) -> i64 {
    now.saturating_add(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX))
}
