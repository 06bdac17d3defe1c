//! From `applying` to `done`: hold the project, gather and plan again, write.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::actions::{ActionError, Applied, Ledger, Memory, Progress, Sessions, Stop, apply};
use crate::model::Job;
use crate::permission::Right;
use crate::run::{CallsOfBoth, Failure, Run, RunId, State};
use crate::store::StoreError;

use super::heartbeat::{Held, beside, lease_until};
use super::planning::plan_run;
use super::{LEASE, Runner, interrupted};

/// How often a run that waits for a project looks whether it is free.
const LOOK: Duration = Duration::from_millis(500);

impl Runner {
    pub(super) async fn apply_run(&self, id: &RunId, stop: &Stop) -> Result<(), StoreError> {
        let inner = &self.inner;
        if !inner
            .store
            .claim(id, State::Applying, &inner.owner, LEASE, self.now())
            .await?
        {
            return Ok(());
        }
        let Some(mut run) = inner.store.run(id).await? else {
            return Ok(());
        };
        // Only the operations are compared and written; a big plan's nodes would be held twice in vain.
        if let Some(plan) = &mut run.plan {
            plan.nodes = Vec::new();
        }
        let (sender, steps) = unbounded_channel();
        let mut calls = run.calls;
        let work = self.hold_and_write(&run, Progress::to(sender), stop, &mut calls);
        // Only the heartbeat is broken off at the end: what is being written is always waited for.
        let ended = tokio::select! {
            ended = beside(work, self.tell(id, steps)) => ended?,
            () = self.beat(id, stop) => return Ok(()),
        };
        match ended {
            Some(ended) => self.close(&run, ended, &calls).await,
            None => Ok(()),
        }
    }

    /// Takes the projects for this run and writes; nothing when the run ended while it waited.
    ///
    /// All of them are held before anything is looked at, in one order for everybody, so that two runs of the same
    /// projects never wait for each other.
    async fn hold_and_write(
        &self,
        run: &Run,
        progress: Progress,
        stop: &Stop,
        calls: &mut CallsOfBoth,
    ) -> Result<Option<Result<Applied, ActionError>>, StoreError> {
        let ids = run.projects.iter().map(|project| project.flow_id.to_string());
        // Users belong to no project: they are a lane of their own.
        let users = (run.action == Job::Users.word()).then(|| run.action.clone());
        let lanes: BTreeSet<String> = ids.chain(users).collect();
        let held = Held::default();
        let ended = tokio::select! {
            ended = async {
                for lane in lanes {
                    let project = format!("{}/{lane}", run.site);
                    if !self.hold(run, &project, &progress, stop).await? {
                        return Ok(None);
                    }
                    held.add(&project);
                }
                Ok::<_, StoreError>(Some(self.write(run, progress, stop, calls).await))
            } => ended,
            () = self.keep(&run.id, &held, stop) => Ok(None),
        };
        for project in held.projects() {
            if let Err(error) = self.inner.store.release(&project, &run.id).await {
                // It runs out by itself.
                tracing::warn!(error = %error, "a project could not be given back");
            }
        }
        ended
    }

    /// Waits for the lease on the project: one writer at a time.
    async fn hold(
        &self,
        run: &Run,
        project: &str,
        progress: &Progress,
        stop: &Stop,
    ) -> Result<bool, StoreError> {
        let inner = &self.inner;
        loop {
            let now = self.now();
            if inner.store.lease(project, &run.id, lease_until(now), now).await? {
                return Ok(true);
            }
            progress.phase("Waiting for another run of this project");
            if stop.cancelled.is_cancelled() {
                inner
                    .store
                    .end(&run.id, State::Cancelled, None, None, now)
                    .await?;
                return Ok(false);
            }
            if stop.shutdown.is_cancelled() || !inner.store.beat(&run.id, &inner.owner, now).await? {
                self.end(&run.id, State::Failed, &interrupted(), None).await?;
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn write(
        &self,
        run: &Run,
        progress: Progress,
        stop: &Stop,
        calls: &mut CallsOfBoth,
    ) -> Result<Applied, ActionError> {
        let inner = &self.inner;
        progress.phase("Looking once more");
        let memory = inner.store.memory(&run.id).await?;
        let memory: Option<Memory> = memory.and_then(|value| serde_json::from_value(value).ok());
        let systems = inner.systems.heard_by(&progress).until(stop.lease_lost.clone());
        let sessions = systems.sessions(run.session_uuid.clone(), calls).await?;
        let ended = self.write_with(run, &sessions, memory, stop, &progress).await;
        calls.flow.add(sessions.calls().flow);
        calls.ayon.add(sessions.calls().ayon);
        ended
    }

    async fn write_with(
        &self,
        run: &Run,
        sessions: &Sessions,
        memory: Option<Memory>,
        stop: &Stop,
        progress: &Progress,
    ) -> Result<Applied, ActionError> {
        let mut fresh = plan_run(run, Right::Apply, sessions, memory, progress)
            .await?
            .planned;
        fresh.plan.nodes = Vec::new();
        let mut ledger = Ledger::new(&self.inner.store, &run.id, self.inner.services.now.clone());
        Ok(apply(sessions, run, &fresh, &mut ledger, stop, progress).await?)
    }

    async fn close(
        &self,
        run: &Run,
        ended: Result<Applied, ActionError>,
        calls: &CallsOfBoth,
    ) -> Result<(), StoreError> {
        let inner = &self.inner;
        let (id, now) = (&run.id, self.now());
        match ended {
            Ok(Applied::Done) => {
                inner.store.finish(id, calls, now).await?;
            }
            Ok(Applied::Cancelled) => {
                inner
                    .store
                    .end(id, State::Cancelled, None, Some(calls), now)
                    .await?;
            }
            Ok(Applied::Interrupted) => {
                inner
                    .store
                    .end(id, State::Failed, Some(&interrupted()), Some(calls), now)
                    .await?;
            }
            Ok(Applied::Stale(what)) => {
                inner
                    .store
                    .end(id, State::Stale, Some(&stale(&what)), Some(calls), now)
                    .await?;
            }
            Err(error) => {
                tracing::warn!(
                    view = %run.view.0, code = error.code(), cause = error.discreet(), "nothing could be applied"
                );
                // Refusals of Flow and AYON are as final here as while planning.
                inner
                    .store
                    .end(id, error.state(), Some(&error.failure()), Some(calls), now)
                    .await?;
            }
        }
        tracing::info!(
            view = %run.view.0,
            flow_requests = calls.flow.requests, ayon_requests = calls.ayon.requests,
            "apply ended"
        );
        inner.wake.all();
        Ok(())
    }
}

fn stale(what: &[String]) -> Failure {
    let named: Vec<&str> = what.iter().take(3).map(String::as_str).collect();
    let more = match what.len().saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Failure {
        code: "stale".to_owned(),
        message: format!(
            "Something changed in Flow or AYON since this plan was made ({}{more}). Nothing was written.",
            named.join(", ")
        ),
        remedy: "Plan again and look at what would change now.".to_owned(),
    }
}
