//! From `queued` to `planned`.

use tokio::sync::mpsc::unbounded_channel;

use crate::actions::{
    ActionError, LightRules, Looked, Memory, Progress, Question, Sessions, Stop, action_of, look, told_by,
};
use crate::model::ReparentOptions;
use crate::permission::Right;
use crate::plan::Planned;
use crate::run::{CallsOfBoth, Failure, LightPost, Origin, Run, RunId, State};
use crate::store::StoreError;

use super::heartbeat::beside;
use super::{LEASE, Runner};

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
            Ok(Looked {
                planned: Planned { plan, .. },
                memory,
                person,
                barred,
            }) => {
                run.requested_by = person;
                run.barred = barred.as_ref().map(Failure::from).or_else(|| tries_rules(&run));
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
                tracing::warn!(
                    view = %run.view.0, code = error.code(), cause = error.discreet(), "no plan could be made"
                );
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
    ) -> Result<Looked, ActionError> {
        progress.phase("Reading the rules from AYON");
        let sessions = self
            .inner
            .systems
            .heard_by(&progress)
            .sessions(run.session_uuid.clone(), calls)
            .await?;
        let made = self.plan_with(run, &sessions, &progress).await;
        *calls = sessions.calls();
        made
    }

    async fn plan_with(
        &self,
        run: &Run,
        sessions: &Sessions,
        progress: &Progress,
    ) -> Result<Looked, ActionError> {
        let told;
        let run = match &run.light {
            Some(light) if run.selection.is_none() => {
                progress.phase("Reading the selection from Flow's event log");
                told = self.told(run, light, sessions).await?;
                &told
            }
            _ => run,
        };
        plan_run(run, Right::Plan, sessions, None, progress).await
    }

    /// The run with what a light post's entry tells, which is kept at once: the page can say who asked for what.
    async fn told(&self, run: &Run, light: &LightPost, sessions: &Sessions) -> Result<Run, ActionError> {
        let settings = &sessions.settings;
        let rules = LightRules {
            address: &format!("{}/ami/{}", settings.public_url, run.action),
            max_age: settings.ami.max_age,
            action: action_of(&run.action).ok_or(ActionError::UnknownAction)?,
            site: &sessions.site(),
            flow: &settings.flow,
        };
        let told = told_by(&sessions.flow_reader(), light, &rules).await?;
        let run = Run {
            selection: Some(told.selection),
            requested_by: told.person,
            session_uuid: told.session_uuid,
            ..run.clone()
        };
        self.inner.store.chosen(&run).await?;
        Ok(run)
    }
}

/// Why nobody applies a plan that was made by rules which AYON does not have: the next sync would undo it.
pub fn tries_rules(run: &Run) -> Option<Failure> {
    run.options.contains_key(ReparentOptions::WHAT_IF).then(|| {
        Failure::new(
            "what-if",
            "This plan tries rules that AYON's settings do not have, so it is only to look at",
            "Paste the settings into AYON, then preview again and apply that.",
        )
    })
}

/// Gathers and plans a run for somebody who may; apply does the same once more.
pub(super) async fn plan_run(
    run: &Run,
    wants: Right,
    sessions: &Sessions,
    memory: Option<Memory>,
    progress: &Progress,
) -> Result<Looked, ActionError> {
    // What cannot be read must not count as everything: that could write more than was asked for.
    let action = action_of(&run.action).ok_or(ActionError::UnknownAction)?;
    let options = run.options_of(action.job)?;
    let question = Question {
        operator: run.origin == Origin::Cli,
        job: action.job,
        wants,
        selection: run.selection.as_ref().ok_or(ActionError::NothingThere)?,
        options: &options,
        person: &run.requested_by,
        memory,
    };
    look(sessions, &question, progress).await
}
