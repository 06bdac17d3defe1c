//! `amigo apply`: a run of its own that applies a saved plan.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::actions::{Systems, action_of};
use crate::config::Settings;
use crate::model::{Options, Selection};
use crate::plan::{OpId, Plan, PlannedProject};
use crate::run::{Asked, Origin, Outcome, Run, State, Ticks};
use crate::runner::{Runner, Services, tries_rules};
use crate::store::Store;

use super::output::{complain, say};
use super::plan::{operator, visible};
use super::signals::asked_to_stop;

const DONE: u8 = 0;
const ERROR: u8 = 1;
const STALE: u8 = 4;
const IN_PART: u8 = 5;
/// How long a cancelled run gets to stop at a safe point.
const GRACE: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(super) struct ApplyCommand {
    /// What `amigo plan --out` saved.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// Operations to apply besides those that are ticked at first, by the ids that `amigo plan --json` tells.
    #[arg(long, value_name = "OPERATION", value_delimiter = ',')]
    tick: Vec<String>,
    /// Operations to leave out.
    #[arg(long, value_name = "OPERATION", value_delimiter = ',')]
    untick: Vec<String>,
    /// How many folders of a whole project move, or how many users are switched off or demoted: such a plan is applied
    /// only when the number is right.
    #[arg(long, value_name = "COUNT")]
    confirm: Option<String>,
    /// Print the run as data when it has ended.
    #[arg(long)]
    json: bool,
}

/// The parts of a saved run that applying needs.
#[derive(Deserialize)]
struct Saved {
    action: String,
    site: String,
    options: std::collections::BTreeMap<String, String>,
    selection: Selection,
    projects: Vec<PlannedProject>,
    plan: SavedPlan,
}

#[derive(Deserialize)]
struct SavedPlan {
    digest: String,
    operations: Vec<crate::plan::Operation>,
    problems: Vec<crate::problem::Problem>,
    nodes: Vec<crate::plan::Node>,
    counts: crate::plan::Counts,
}

impl ApplyCommand {
    pub async fn run(self, settings: Arc<Settings>) -> anyhow::Result<u8> {
        let name = self.plan.display().to_string();
        let text = std::fs::read_to_string(&self.plan).with_context(|| format!("{name} cannot be read"))?;
        let saved: Saved =
            serde_json::from_str(&text).with_context(|| format!("{name} holds no plan that amigo saved"))?;
        let action = action_of(&saved.action).with_context(|| {
            format!(
                "{name} is for the action {:?}, which this amigo does not know",
                saved.action
            )
        })?;
        let plan = plan_of(saved.plan, saved.projects)
            .with_context(|| format!("{name} was changed since it was saved; plan again"))?;
        let options = Options::parse(
            action.job,
            saved
                .options
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )?;

        let services = Services::of_the_system();
        let store = Store::open(&settings.database_url).await?;
        let stop = CancellationToken::new();
        let runner = Runner::new(
            services.clone(),
            store.clone(),
            Systems::new(settings, services.patience.clone())?,
            stop.clone(),
        );
        let asked = Asked {
            action: saved.action,
            options: options.as_map(),
            requested_by: operator(),
            site: saved.site,
            selection: Some(saved.selection),
        };
        let mut run = services.new_run(Origin::Cli, asked);
        run.projects.clone_from(&plan.projects);
        run.plan = Some(plan);
        if let Some(barred) = tries_rules(&run) {
            anyhow::bail!("{} {}", barred.message, barred.remedy);
        }
        let ticks = self.ticks(run.plan.as_ref().context("the plan was just there")?)?;
        run.is_confirmed(&ticks, self.confirm.as_deref())
            .map_err(|wrong| anyhow::anyhow!("{wrong}: give it as --confirm {}", wrong.count))?;
        let plan = run.plan.take().context("the plan was just there")?;
        store.create(&run, None).await?;
        let now = run.created_at;
        store.step(&run.id, State::Queued, State::Planning, now).await?;
        store
            .save_plan(&run, &plan, &serde_json::Value::Null, now)
            .await?;
        store.begin_apply(&run.id, &ticks, now).await?;
        runner.apply(run.id.clone());

        let mut asked = std::pin::pin!(asked_to_stop());
        let mut cancelled = false;
        let ended = loop {
            let state = store
                .state(&run.id)
                .await?
                .context("the run is gone from the store")?;
            if state.is_final() {
                break state;
            }
            tokio::select! {
                () = runner.changed(Duration::from_millis(500)) => {}
                stopped = &mut asked, if !cancelled => {
                    stopped?;
                    complain("stopping at the next safe point");
                    cancelled = true;
                    runner.cancel(&run.id);
                }
            }
        };
        stop.cancel();
        runner.finish(GRACE).await;
        let run = store
            .run(&run.id)
            .await?
            .context("the run is gone from the store")?;
        self.print(&run)?;
        Ok(exit_code(ended, &run))
    }

    /// What is wanted, as differences to what the plan has ticked at first.
    fn ticks(&self, plan: &Plan) -> anyhow::Result<Ticks> {
        let ticked = self.tick.iter().map(|word| (word.as_str(), true));
        let unticked = self.untick.iter().map(|word| (word.as_str(), false));
        Ticks::of(plan, ticked.chain(unticked))
            .map_err(|word| anyhow::anyhow!("the plan has no operation {word}"))
    }

    fn print(&self, run: &Run) -> anyhow::Result<()> {
        if self.json {
            let document = crate::run::document(run, crate::run::Reader::Viewing, false);
            say(&serde_json::to_string_pretty(&document)?);
            return Ok(());
        }
        if let Some(failure) = &run.failure {
            say(&format!("{}: {} {}", run.state, failure.message, failure.remedy));
        }
        if let Some(report) = &run.report {
            let operations = run.plan.iter().flat_map(|plan| &plan.operations);
            let paths: HashMap<&OpId, &str> = operations
                .filter_map(|operation| {
                    let ayon = operation.ayon.as_ref()?;
                    // Users have no path.
                    let target = if ayon.path.is_empty() {
                        &ayon.name
                    } else {
                        &ayon.path
                    };
                    Some((&operation.id, target.as_str()))
                })
                .collect();
            for row in report
                .operations
                .iter()
                .filter(|row| row.outcome == Outcome::Failed)
            {
                let path = visible(paths.get(&row.id).copied().unwrap_or("-"));
                say(&format!(
                    "failed   {path}: {}",
                    row.message.as_deref().unwrap_or_default()
                ));
            }
            let counts = &report.counts;
            say(&format!(
                "{} done, {} failed, {} skipped",
                counts.done, counts.failed, counts.skipped
            ));
        }
        Ok(())
    }
}

/// The plan, when it still has the digest it was saved with.
fn plan_of(saved: SavedPlan, projects: Vec<PlannedProject>) -> Option<Plan> {
    let SavedPlan {
        digest,
        operations,
        problems,
        nodes,
        counts,
    } = saved;
    let plan = Plan {
        projects,
        operations,
        problems,
        nodes,
        counts,
        digest,
    };
    plan.is_intact().then_some(plan)
}

fn exit_code(state: State, run: &Run) -> u8 {
    let counts = run
        .report
        .as_ref()
        .map(|report| report.counts)
        .unwrap_or_default();
    match state {
        State::Done if counts.failed + counts.skipped == 0 => DONE,
        State::Stale => STALE,
        State::Done | State::Cancelled if counts.done > 0 || counts.failed > 0 => IN_PART,
        State::Failed if counts.done > 0 => IN_PART,
        _ => ERROR,
    }
}
