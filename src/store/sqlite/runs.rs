//! Making runs, and reading them.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::{Sqlite, rows, sql};
use crate::run::{OutcomeRow, Run, RunId, State, ViewId};
use crate::store::{Created, StoreError};

impl Sqlite {
    pub async fn create(&self, run: &Run, signature: Option<&str>) -> Result<Created, StoreError> {
        self.maker.make(run.clone(), signature.map(str::to_owned)).await
    }

    pub async fn run_of_signature(&self, action: &str, signature: &str) -> Result<Option<RunId>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        run_of(&mut connection, action, signature).await
    }

    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        self.read(sql!("run_by_id"), &id.0).await
    }

    pub async fn run_of_view(&self, view: &ViewId) -> Result<Option<Run>, StoreError> {
        self.read(sql!("run_by_view"), &view.0).await
    }

    /// The run and its outcomes as of one moment.
    async fn read(&self, statement: &'static str, key: &str) -> Result<Option<Run>, StoreError> {
        let mut transaction = self.readers.begin().await?;
        let row = sqlx::query(statement)
            .bind(key)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut run = rows::run(&row)?;
        let outcomes = outcomes_of(&mut transaction, &run.id).await?;
        run.report = rows::report(&run, outcomes);
        Ok(Some(run))
    }

    pub async fn state(&self, id: &RunId) -> Result<Option<State>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        state_of(&mut connection, id).await
    }

    pub async fn memory(&self, id: &RunId) -> Result<Option<serde_json::Value>, StoreError> {
        sqlx::query(sql!("memory"))
            .bind(&id.0)
            .fetch_optional(&self.readers)
            .await?
            .map(|row| rows::from_json("memory", row.try_get("memory")?))
            .transpose()
    }

    pub async fn outcomes(&self, id: &RunId) -> Result<Vec<OutcomeRow>, StoreError> {
        let mut transaction = self.readers.begin().await?;
        let mut outcomes = outcomes_of(&mut transaction, id).await?;
        let order = sqlx::query(sql!("plan_order"))
            .bind(&id.0)
            .fetch_all(&mut *transaction)
            .await?
            .iter()
            .map(|row| row.try_get("operation").map(crate::plan::OpId))
            .collect::<Result<Vec<_>, _>>()?;
        rows::in_order(&mut outcomes, order.iter());
        Ok(outcomes)
    }

    pub async fn chosen(&self, run: &Run) -> Result<(), StoreError> {
        sqlx::query(sql!("chosen"))
            .bind(&run.id.0)
            .bind(rows::to_json(&run.selection)?)
            .bind(rows::to_json(&run.requested_by)?)
            .bind(&run.session_uuid)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

/// Where a run stands, seen from inside a transaction or outside.
pub(super) async fn state_of(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Option<State>, StoreError> {
    sqlx::query(sql!("state"))
        .bind(&id.0)
        .fetch_optional(connection)
        .await?
        .map(|row| rows::state(row.try_get("state")?))
        .transpose()
}

pub(super) async fn run_of(
    connection: &mut SqliteConnection,
    action: &str,
    signature: &str,
) -> Result<Option<RunId>, StoreError> {
    let row: Option<SqliteRow> = sqlx::query(sql!("signature_run"))
        .bind(action)
        .bind(signature)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("run").map(RunId)).transpose()?)
}

pub(super) async fn outcomes_of(
    connection: &mut SqliteConnection,
    id: &RunId,
) -> Result<Vec<OutcomeRow>, StoreError> {
    sqlx::query(sql!("outcomes"))
        .bind(&id.0)
        .fetch_all(connection)
        .await?
        .iter()
        .map(rows::outcome)
        .collect()
}
