//! From `queued` to `planned`.

use tokio::sync::mpsc::unbounded_channel;

use crate::actions::{ActionError, Memory, Progress, Question, Sessions, Stop, gather, plan_of};
use crate::model::SyncOptions;
use crate::plan::Plan;
use crate::run::{CallsOfBoth, Run, RunId, State};
use crate::store::StoreError;

use super::heartbeat::beside;
use super::{LEASE, Runner};

/// A plan, what it cost, and what apply needs of it.
struct Made {
    plan: Plan,
    memory: Memory,
}

impl Runner {
    pub(super) async fn make_plan(&self, id: &RunId, stop: &Stop) -> Result<(), StoreError> {
        let inner = &self.inner;
        // A closed semaphore is the only error, and this one is never closed.
        let Ok(_permit) = inner.planners.acquire().await else {
            return Ok(());
        };
        if !inner
            .store
            .claim(id, State::Queued, &inner.owner, LEASE, self.now())
            .await?
            || !inner
                .store
                .step(id, State::Queued, State::Planning, self.now())
                .await?
        {
            return Ok(());
        }
        inner.wake.all();
        let Some(mut run) = inner.store.run(id).await? else {
            return Ok(());
        };
        let (sender, steps) = unbounded_channel();
        let mut calls = CallsOfBoth::default();
        let work = self.plan_in_memory(&run, Progress::to(sender), &mut calls);
        let made = tokio::select! {
            made = beside(work, self.tell(id, steps)) => made,
            () = self.beat(id, stop) => return Ok(()),
            () = stop.cancelled.cancelled() => return Ok(()),
            // Planning writes nothing, so it is simply begun again after the next start.
            () = stop.shutdown.cancelled() => {
                inner.store.step(id, State::Planning, State::Queued, self.now()).await?;
                return Ok(());
            }
        };
        run.calls = calls;
        match made {
            Ok(Made { plan, memory }) => {
                run.requested_by = memory.person.clone();
                let memory =
                    serde_json::to_value(&memory).map_err(|error| StoreError::Content(error.to_string()))?;
                let saved = inner.store.save_plan(&run, &plan, &memory, self.now()).await?;
                tracing::info!(
                    view = %run.view.0, saved,
                    operations = plan.operations.len(), problems = plan.problems.len(),
                    flow_requests = calls.flow.requests, ayon_requests = calls.ayon.requests,
                    "planned"
                );
            }
            Err(error) => {
                tracing::warn!(view = %run.view.0, error = %error, "no plan could be made");
                self.end(id, error.state(), &error.failure(), Some(&calls))
                    .await?;
            }
        }
        inner.wake.all();
        Ok(())
    }

    async fn plan_in_memory(
        &self,
        run: &Run,
        progress: Progress,
        calls: &mut CallsOfBoth,
    ) -> Result<Made, ActionError> {
        progress.phase("Reading the rules from AYON");
        let sessions = self
            .inner
            .systems
            .heard_by(&progress)
            .sessions(run.session_uuid.clone(), calls)
            .await?;
        let made = plan_run(run, &sessions, None, &progress).await;
        *calls = sessions.calls();
        made.map(|(planned, memory)| Made {
            plan: planned.plan,
            memory,
        })
    }
}

/// Gathers and plans a run; apply does the same once more.
pub(super) async fn plan_run(
    run: &Run,
    sessions: &Sessions,
    memory: Option<Memory>,
    progress: &Progress,
) -> Result<(crate::plan::Planned, Memory), ActionError> {
    // What cannot be read must not count as everything: that could write more than was asked for.
    let options = SyncOptions::parse(
        run.options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )?;
    let question = Question {
        selection: &run.selection,
        options,
        person: &run.requested_by,
        memory,
    };
    let gathered = gather(sessions, &question, progress).await?;
    progress.phase("Comparing");
    let planned = plan_of(&gathered);
    Ok((planned, gathered.memory))
}
