//! Writes exactly what was ticked: Flow fields, project, anatomy, folders top-down, tasks; then what Flow
//! has to hear of each row that AYON confirmed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::ayon::{AyonError, AyonWriter, Witness, create_folder, create_task, update_folder, update_task};
use crate::model::AyonId;
use crate::net::Patience;
use crate::plan::{Intent, On, OpId, Operation, Planned, Write};
use crate::run::{Outcome, Run};
use crate::store::StoreError;

use super::attribution::sender;
use super::chunks::ChunkSize;
use super::instead::{Instead, told_of};
use super::ledger::Ledger;
use super::progress::Progress;
use super::sending::Sent;
use super::setup::Setup;
use super::systems::Sessions;
use super::write_back::{Waiting, WriteBacks};

/// Why applying should stop before its end. Asked before every remote write.
#[derive(Clone, Default)]
pub struct Stop {
    /// Somebody cancelled the run.
    pub cancelled: CancellationToken,
    /// The lease on the project was lost: somebody else may be writing.
    pub lease_lost: CancellationToken,
    /// amigo itself is being stopped.
    pub shutdown: CancellationToken,
}

impl Stop {
    /// Why nothing may be written any more.
    pub(super) fn reason(&self) -> Option<&'static str> {
        if self.lease_lost.is_cancelled() {
            Some("the run lost its hold on the project")
        } else if self.cancelled.is_cancelled() {
            Some("the run was cancelled")
        } else if self.shutdown.is_cancelled() {
            Some("amigo was stopped")
        } else {
            None
        }
    }
}

/// How applying ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Everything that was wanted was tried.
    Done,
    /// These operations are not what was ticked any more; nothing was written.
    Stale(Vec<String>),
    /// Somebody cancelled it; what was done until then stays done.
    Cancelled,
    /// amigo was stopped, or lost its hold on the project.
    Interrupted,
}

/// Applies the ticked operations of a run. `fresh` was planned just now.
pub async fn apply(
    sessions: &Sessions,
    run: &Run,
    fresh: &Planned,
    ledger: &mut Ledger<'_>,
    stop: &Stop,
    progress: &Progress,
) -> Result<Applied, StoreError> {
    let seen: &[Operation] = run.plan.as_ref().map_or(&[], |plan| &plan.operations);
    let stale = stale(run, seen, fresh);
    if !stale.is_empty() {
        return Ok(Applied::Stale(stale));
    }
    let wanted: BTreeSet<&OpId> = seen
        .iter()
        .filter(|operation| run.ticks.wants(&operation.id, operation.ticked))
        .map(|operation| &operation.id)
        .collect();
    for operation in seen.iter().filter(|operation| !wanted.contains(&operation.id)) {
        ledger.note(&operation.id, Outcome::Unchanged, Some("not ticked".to_owned()));
    }
    let rows: Vec<Row<'_>> = fresh
        .plan
        .operations
        .iter()
        .zip(&fresh.intents)
        .filter(|(operation, _)| wanted.contains(&operation.id))
        .map(|(operation, intent)| Row { operation, intent })
        .collect();
    let mut applying = Applying {
        names: seen
            .iter()
            .map(|operation| (&operation.id, name_of(operation)))
            .collect(),
        total: seen.len(),
        ayon: sessions.ayon_writer(sender(sessions, run).await),
        witness: sessions.witness(),
        patience: sessions.patience.clone(),
        instead: Instead::default(),
        backs: WriteBacks::new(sessions),
        ledger,
        stop,
        progress,
        made: BTreeSet::new(),
        halted: None,
        silent: 0,
    };
    // One project after the other: what is sent goes to one project at a time.
    for rows in rows.chunk_by(|a, b| a.operation.project == b.operation.project) {
        applying.setup(sessions, rows).await?;
        applying
            .lane(rows, On::Folder, ChunkSize::folders(), "Folders")
            .await?;
        applying.lane(rows, On::Task, ChunkSize::tasks(), "Tasks").await?;
        applying.users(sessions, rows).await?;
        applying.tell_flow(0).await?;
    }
    let complete = applying.leave_the_rest(&rows).await? && applying.backs.is_settled();
    Ok(if complete {
        Applied::Done
    } else if stop.lease_lost.is_cancelled() || stop.shutdown.is_cancelled() {
        Applied::Interrupted
    } else if stop.cancelled.is_cancelled() {
        Applied::Cancelled
    } else {
        Applied::Done
    })
}

/// The ticked operations that a plan made just now does not contain in the same form.
fn stale(run: &Run, seen: &[Operation], fresh: &Planned) -> Vec<String> {
    let now: BTreeMap<&OpId, &str> = fresh
        .plan
        .operations
        .iter()
        .map(|operation| (&operation.id, operation.facts.as_str()))
        .collect();
    seen.iter()
        .filter(|operation| run.ticks.wants(&operation.id, operation.ticked))
        .filter(|operation| now.get(&operation.id) != Some(&operation.facts.as_str()))
        .map(name_of)
        .collect()
}

/// What people know an operation's target by. Of people only the id: it is kept longer than the plan.
fn name_of(operation: &Operation) -> String {
    if let (On::User, Some(flow)) = (operation.on, &operation.flow) {
        return format!("person #{}", flow.key.id);
    }
    operation
        .ayon
        .as_ref()
        .map(|ayon| {
            if ayon.path.len() > 1 {
                ayon.path.clone()
            } else {
                ayon.name.clone()
            }
        })
        .or_else(|| operation.flow.as_ref().map(|flow| flow.name.clone()))
        .or_else(|| {
            operation
                .changes
                .first()
                .and_then(|change| change.to.as_str().map(str::to_owned))
        })
        .unwrap_or_else(|| operation.on.as_str().to_owned())
}

/// A wanted operation and what it sends.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub operation: &'a Operation,
    pub intent: &'a Intent,
}

pub(super) struct Applying<'a, 'l> {
    names: BTreeMap<&'a OpId, String>,
    total: usize,
    pub(super) ayon: AyonWriter,
    pub(super) witness: Witness,
    pub(super) patience: Patience,
    pub(super) instead: Instead,
    backs: WriteBacks,
    pub ledger: &'a mut Ledger<'l>,
    pub(super) stop: &'a Stop,
    progress: &'a Progress,
    /// What AYON has, whatever Flow could be told of it: others may hang on it.
    made: BTreeSet<OpId>,
    /// A system went away: the rest is not tried.
    halted: Option<String>,
    /// Users in a row that AYON did not answer about.
    pub(super) silent: usize,
}

impl Applying<'_, '_> {
    /// Why nothing may be written any more.
    pub fn stopped(&self) -> Option<String> {
        self.halted
            .clone()
            .or_else(|| self.stop.reason().map(str::to_owned))
    }

    pub fn told(&self, phase: &str) {
        self.progress.step(phase, self.ledger.noted(), self.total);
    }

    /// AYON confirmed a row, or needed nothing: Flow is told with the next batch.
    pub fn confirmed(&mut self, row: &Row<'_>) {
        let id = &row.operation.id;
        self.made.insert(id.clone());
        let theirs = created(row.intent).and_then(|ours| self.instead.of(ours));
        let remark = theirs.map(|_| {
            "somebody else made it in the meantime; the next sync compares what it holds".to_owned()
        });
        let back = row.intent.back.clone().map(|back| match theirs {
            Some(theirs) => told_of(back, theirs),
            None => back,
        });
        match back {
            Some(back) if !back.values.is_empty() => {
                // What only Flow has to hear is not done before Flow has heard it.
                if row.intent.write != Write::Nothing {
                    self.ledger.note(
                        id,
                        Outcome::Done,
                        Some("AYON has it; Flow is not told yet".to_owned()),
                    );
                }
                self.backs.add(Waiting {
                    operation: id.clone(),
                    back,
                    remark,
                    ayon_wrote: row.intent.write != Write::Nothing,
                });
            }
            _ => self.ledger.note(id, Outcome::Done, remark),
        }
    }

    pub fn failed(&mut self, row: &Row<'_>, message: String) {
        self.ledger
            .note(&row.operation.id, Outcome::Failed, Some(message));
    }

    /// AYON has it, but not all of it: others may hang on it, and Flow is not told.
    pub fn done_in_part(&mut self, row: &Row<'_>, message: String) {
        self.made.insert(row.operation.id.clone());
        self.failed(row, message);
    }

    /// Remembers that a system went away, so that what follows is skipped instead of tried in vain.
    pub fn halt(&mut self, cause: String) {
        self.halted.get_or_insert(cause);
    }

    /// Why an operation cannot be tried: something it needs is not done.
    pub fn hindrance(&self, operation: &Operation, with: &BTreeSet<&OpId>) -> Option<String> {
        let missing = operation
            .needs
            .iter()
            .find(|need| !with.contains(need) && !self.made.contains(*need))?;
        let name = self.names.get(missing).map_or("an earlier step", String::as_str);
        Some(match self.ledger.outcome(missing) {
            Some(Outcome::Unchanged) => format!("it needs {name}, which was not ticked"),
            _ => format!("it needs {name}, which was not made"),
        })
    }

    pub fn skip(&mut self, row: &Row<'_>, why: String) {
        self.ledger.note(&row.operation.id, Outcome::Skipped, Some(why));
    }

    /// Flow fields, the project, and its types.
    async fn setup(&mut self, sessions: &Sessions, rows: &[Row<'_>]) -> Result<(), StoreError> {
        let setup: Vec<Row<'_>> = rows
            .iter()
            .copied()
            .filter(|row| matches!(row.operation.on, On::Field | On::Project | On::Anatomy))
            .collect();
        if !setup.is_empty() {
            self.told("Setting up");
            let ayon = self.ayon.clone();
            Setup::new(sessions, ayon, self.stop.clone())
                .run(self, &setup)
                .await;
            self.ledger.save().await?;
        }
        Ok(())
    }

    /// One kind of rows, in chunks. What has nothing to say to AYON needs no chunk.
    async fn lane(
        &mut self,
        rows: &[Row<'_>],
        on: On,
        mut size: ChunkSize,
        phase: &str,
    ) -> Result<(), StoreError> {
        let mut waiting: VecDeque<Row<'_>> = rows
            .iter()
            .copied()
            .filter(|row| row.operation.on == on)
            .collect();
        while !waiting.is_empty() && self.stopped().is_none() {
            self.told(phase);
            let mut chunk: Vec<Sent<'_>> = Vec::new();
            let mut ids: BTreeSet<&OpId> = BTreeSet::new();
            let mut entities: BTreeSet<AyonId> = BTreeSet::new();
            while chunk.len() < size.rows() && self.stopped().is_none() {
                // AYON refuses a whole request that changes one entity twice (`ayon-api.md §5.2`).
                let twice = |row: &Row<'_>| changed(row.intent).is_some_and(|id| entities.contains(&id));
                if waiting.front().is_some_and(twice) {
                    break;
                }
                let Some(row) = waiting.pop_front() else { break };
                entities.extend(changed(row.intent));
                if let Some(why) = self.hindrance(row.operation, &ids) {
                    self.skip(&row, why);
                } else if let Some(body) = body_of(row.intent) {
                    ids.insert(&row.operation.id);
                    chunk.push((row, body));
                } else {
                    self.confirmed(&row);
                }
            }
            if let Some((first, _)) = chunk.first() {
                let project = first.operation.project.clone();
                let started = Instant::now();
                self.send(&project, chunk.as_slice()).await;
                size.learn(chunk.len(), started.elapsed());
            }
            self.ledger.save().await?;
            self.tell_flow(crate::flow::BATCH).await?;
        }
        Ok(())
    }

    /// Tells Flow what AYON confirmed, once at least `at_least` rows wait.
    async fn tell_flow(&mut self, at_least: usize) -> Result<(), StoreError> {
        if self.backs.waiting() > 0
            && self.backs.waiting() >= at_least
            && !self.stop.lease_lost.is_cancelled()
        {
            self.told("Telling Flow");
            self.backs.send(self.ledger, at_least, self.stop).await;
            self.ledger.save().await?;
        }
        Ok(())
    }

    /// What was never tried, says so: no wanted row is without an outcome. True when everything was tried.
    async fn leave_the_rest(&mut self, rows: &[Row<'_>]) -> Result<bool, StoreError> {
        let why = self.stopped().unwrap_or_else(|| "it was not tried".to_owned());
        let mut complete = true;
        for row in rows {
            if self.ledger.outcome(&row.operation.id).is_none() {
                self.skip(row, why.clone());
                complete = false;
            }
        }
        self.ledger.save().await?;
        Ok(complete)
    }
}

/// What a row says to AYON's bulk write; nothing when AYON is right already.
fn body_of(intent: &Intent) -> Option<Value> {
    let id = &intent.operation.0;
    match &intent.write {
        Write::CreateFolder(entity) => Some(create_folder(id, entity)),
        Write::CreateTask(entity) => Some(create_task(id, entity)),
        Write::UpdateFolder(patch) => Some(update_folder(id, patch)),
        Write::UpdateTask(patch) => Some(update_task(id, patch)),
        Write::Nothing
        | Write::CreateUser(_)
        | Write::UpdateUser(_)
        | Write::CreateField { .. }
        | Write::CreateProject { .. }
        | Write::UpdateProject { .. }
        | Write::AddFolderType { .. }
        | Write::AddTaskType { .. }
        | Write::AddStatus { .. }
        | Write::AddTag { .. } => None,
    }
}

/// The entity that a create makes.
fn created(intent: &Intent) -> Option<AyonId> {
    match &intent.write {
        Write::CreateFolder(entity) | Write::CreateTask(entity) => Some(entity.id),
        _ => None,
    }
}

/// The entity that an update changes.
fn changed(intent: &Intent) -> Option<AyonId> {
    match &intent.write {
        Write::UpdateFolder(patch) | Write::UpdateTask(patch) => Some(patch.id),
        _ => None,
    }
}

/// What was not answered was looked for in vain, but may still be written; the next sync finds out by our own ids.
pub(super) fn unanswered(error: &AyonError) -> String {
    match error {
        AyonError::Net(trouble) if trouble.is_unclear() => {
            format!("{error}; whether it was written shows the next sync")
        }
        _ => error.to_string(),
    }
}
