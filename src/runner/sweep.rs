//! Finds runs that nobody works on any more: after a restart, a crash, or a process that was killed.

use std::time::Duration;

use crate::run::State;
use crate::store::StoreError;

use super::{LEASE, Runner, interrupted};

/// How often runs are looked through.
const EVERY: Duration = Duration::from_secs(2);

impl Runner {
    /// Looks through the runs until amigo is stopped.
    pub async fn sweep(&self) {
        loop {
            if let Err(error) = self.sweep_once().await {
                tracing::warn!(error = %error, "abandoned runs could not be looked for");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.inner.shutdown.cancelled() => return,
            }
        }
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        let store = &self.inner.store;
        for id in store.abandoned(State::Planning, LEASE, self.now()).await? {
            store
                .step(&id, State::Planning, State::Queued, self.now())
                .await?;
        }
        // Who is quicker plans it: a claim has one winner.
        for id in store.abandoned(State::Queued, Duration::ZERO, self.now()).await? {
            self.plan(id, None);
        }
        for id in store.abandoned(State::Applying, LEASE, self.now()).await? {
            self.end(&id, State::Failed, &interrupted(), None).await?;
        }
        if store.expire(self.now()).await? > 0 {
            self.inner.wake.all();
        }
        Ok(())
    }
}
