//! The steps of a run's life. Each is a compare-and-swap with its event, in one transaction.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::{Sqlite, events, rows, runs, sql};
use crate::plan::{Plan, without_unmade};
use crate::run::{CallsOfBoth, EventBody, Failure, Outcome, Run, RunId, State, Ticks};
use crate::store::StoreError;

impl Sqlite {
    pub async fn step(&self, id: &RunId, from: State, to: State, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let swapped = swap(&mut transaction, id, from, to, now).await?;
        transaction.commit().await?;
        self.empty_log(swapped).await;
        Ok(swapped.is_some())
    }

    pub async fn save_plan(
        &self,
        run: &Run,
        plan: &Plan,
        memory: &serde_json::Value,
        now: i64,
    ) -> Result<bool, StoreError> {
        // Before the transaction: a large plan takes its time, and nobody else may write meanwhile.
        let plan_text = rows::to_json(plan)?;
        let memory_text = rows::to_json(memory)?;
        let kept_text = plan.kept().as_ref().map(rows::to_json).transpose()?;
        let mut transaction = self.begin().await?;
        let swapped = swap(&mut transaction, &run.id, State::Planning, State::Planned, now).await?;
        if swapped.is_none() {
            return Ok(false);
        }
        sqlx::query(sql!("plan_insert"))
            .bind(&run.id.0)
            .bind(plan_text)
            .bind(memory_text)
            .bind(kept_text)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(sql!("planned"))
            .bind(&run.id.0)
            .bind(rows::to_json(&run.requested_by)?)
            .bind(rows::to_json(&plan.projects)?)
            .bind(rows::to_json(&run.calls)?)
            .bind(run.barred.as_ref().map(rows::to_json).transpose()?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub async fn begin_apply(&self, id: &RunId, ticks: &Ticks, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let swapped = swap(&mut transaction, id, State::Planned, State::Applying, now).await?;
        if swapped.is_none() {
            return Ok(false);
        }
        sqlx::query(sql!("ticks"))
            .bind(&id.0)
            .bind(rows::to_json(ticks)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub async fn end(
        &self,
        id: &RunId,
        to: State,
        failure: Option<&Failure>,
        calls: Option<&CallsOfBoth>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(from) = runs::state_of(&mut transaction, id).await? else {
            return Ok(false);
        };
        if !to.is_final() {
            return Ok(false);
        }
        let swapped = swap(&mut transaction, id, from, to, now).await?;
        if swapped.is_none() {
            return Ok(false);
        }
        sqlx::query(sql!("ended"))
            .bind(&id.0)
            .bind(failure.map(rows::to_json).transpose()?)
            .bind(calls.map(rows::to_json).transpose()?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        self.empty_log(swapped).await;
        Ok(true)
    }

    pub async fn finish(&self, id: &RunId, calls: &CallsOfBoth, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let swapped = swap(&mut transaction, id, State::Applying, State::Done, now).await?;
        if swapped.is_none() {
            return Ok(false);
        }
        sqlx::query(sql!("ended"))
            .bind(&id.0)
            .bind(None::<String>)
            .bind(rows::to_json(calls)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        self.empty_log(swapped).await;
        Ok(true)
    }

    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let overdue = sqlx::query(sql!("overdue"))
            .bind(now)
            .fetch_all(&mut *transaction)
            .await?;
        let (mut expired, mut last) = (0, None);
        for row in overdue {
            let id = RunId(row.try_get("id")?);
            let swapped = swap(&mut transaction, &id, State::Planned, State::Expired, now).await?;
            expired += u64::from(swapped.is_some());
            last = swapped.max(last);
        }
        transaction.commit().await?;
        self.empty_log(last).await;
        Ok(expired)
    }

    /// Where a plan was pruned, its whole text still stands in the write-ahead log until that is begun anew. When a
    /// reader keeps it busy, the next time has to do.
    async fn empty_log(&self, swapped: Option<Swapped>) {
        if swapped == Some(Swapped::Pruned) {
            let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&self.writer)
                .await;
            if let Err(error) = emptied {
                tracing::debug!(error = %error, "the write-ahead log could not be emptied");
            }
        }
    }
}

/// How a state changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Swapped {
    Plainly,
    /// The run ended, and only a part of its plan is kept.
    Pruned,
}

/// The only place where a state changes: when the machine allows it and the run is still in `from`; nothing otherwise.
async fn swap(
    connection: &mut SqliteConnection,
    id: &RunId,
    from: State,
    to: State,
    now: i64,
) -> Result<Option<Swapped>, StoreError> {
    if !from.may_become(to) {
        return Ok(None);
    }
    let changed = sqlx::query(sql!("step"))
        .bind(&id.0)
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(now)
        .bind(to.is_final())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if changed == 0 {
        return Ok(None);
    }
    let mut swapped = Swapped::Plainly;
    if to.is_final() {
        // Of a plan that is about people only what is about nobody outlives its run.
        if prune(connection, id).await? {
            swapped = Swapped::Pruned;
        }
    }
    events::append(connection, id, now, &EventBody::State { state: to }).await?;
    Ok(Some(swapped))
}

/// Puts what is kept of a plan in its place; false where all of it is.
async fn prune(connection: &mut SqliteConnection, id: &RunId) -> Result<bool, StoreError> {
    let row = sqlx::query(sql!("plan_kept"))
        .bind(&id.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let kept: String = row.try_get("kept")?;
    // What another release of amigo kept and this one cannot read still takes the plan's place: no run is held up by it.
    let kept = match rows::from_json::<Plan>("kept", &kept) {
        Ok(plan) => {
            let outcomes = runs::outcomes_of(connection, id).await?;
            let done = outcomes.into_iter().filter(|row| row.outcome == Outcome::Done);
            rows::to_json(&without_unmade(plan, &done.map(|row| row.id).collect()))?
        }
        Err(_) => kept,
    };
    sqlx::query(sql!("plan_prune"))
        .bind(&id.0)
        .bind(kept)
        .execute(connection)
        .await?;
    Ok(true)
}
