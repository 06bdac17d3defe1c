//! The steps of a run's life. Each is a compare-and-swap with its event, in one transaction.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::{Sqlite, events, rows, runs, sql};
use crate::plan::Plan;
use crate::run::{CallsOfBoth, EventBody, Failure, Run, RunId, State, Ticks};
use crate::store::StoreError;

impl Sqlite {
    pub async fn step(&self, id: &RunId, from: State, to: State, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let won = swap(&mut transaction, id, from, to, now).await?;
        transaction.commit().await?;
        Ok(won)
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
        let mut transaction = self.begin().await?;
        if !swap(&mut transaction, &run.id, State::Planning, State::Planned, now).await? {
            return Ok(false);
        }
        sqlx::query(sql!("plan_insert"))
            .bind(&run.id.0)
            .bind(plan_text)
            .bind(memory_text)
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
        if !swap(&mut transaction, id, State::Planned, State::Applying, now).await? {
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
        if !to.is_final() || !swap(&mut transaction, id, from, to, now).await? {
            return Ok(false);
        }
        sqlx::query(sql!("ended"))
            .bind(&id.0)
            .bind(failure.map(rows::to_json).transpose()?)
            .bind(calls.map(rows::to_json).transpose()?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub async fn finish(&self, id: &RunId, calls: &CallsOfBoth, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        if !swap(&mut transaction, id, State::Applying, State::Done, now).await? {
            return Ok(false);
        }
        sqlx::query(sql!("ended"))
            .bind(&id.0)
            .bind(None::<String>)
            .bind(rows::to_json(calls)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let overdue = sqlx::query(sql!("overdue"))
            .bind(now)
            .fetch_all(&mut *transaction)
            .await?;
        let mut expired = 0;
        for row in overdue {
            let id = RunId(row.try_get("id")?);
            expired += u64::from(swap(&mut transaction, &id, State::Planned, State::Expired, now).await?);
        }
        transaction.commit().await?;
        Ok(expired)
    }
}

/// The only place where a state changes: when the machine allows it and the run is still in `from`.
async fn swap(
    connection: &mut SqliteConnection,
    id: &RunId,
    from: State,
    to: State,
    now: i64,
) -> Result<bool, StoreError> {
    if !from.may_become(to) {
        return Ok(false);
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
        return Ok(false);
    }
    events::append(connection, id, now, &EventBody::State { state: to }).await?;
    Ok(true)
}
