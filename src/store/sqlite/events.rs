//! What is told to those who watch a run, and the outcomes of its operations.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::{Sqlite, rows, runs, sql};
use crate::run::{Event, EventBody, OutcomeRow, RunId};
use crate::store::StoreError;

impl Sqlite {
    pub async fn record(&self, id: &RunId, rows: &[OutcomeRow], now: i64) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        sqlx::query(sql!("outcomes_upsert"))
            .bind(&id.0)
            .bind(rows::to_json(&rows)?)
            .execute(&mut *transaction)
            .await?;
        append(&mut transaction, id, now, &EventBody::Operations(rows.to_vec())).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The newest event of a phase replaces the earlier ones; numbers go on growing. Nothing is told of a run that
    /// has ended, because its `state` event is the last that watchers wait for.
    pub async fn progress(
        &self,
        id: &RunId,
        phase: &str,
        done: usize,
        total: usize,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let state = runs::state_of(&mut transaction, id).await?;
        if state.is_none_or(crate::run::State::is_final) {
            return Ok(());
        }
        sqlx::query(sql!("progress_forget"))
            .bind(&id.0)
            .bind(phase)
            .execute(&mut *transaction)
            .await?;
        let body = EventBody::Progress {
            phase: phase.to_owned(),
            done,
            total,
        };
        append(&mut transaction, id, now, &body).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub async fn events_after(
        &self,
        id: &RunId,
        number: i64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        sqlx::query(sql!("events_after"))
            .bind(&id.0)
            .bind(number)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(|row| {
                Ok(Event {
                    number: row.try_get("number")?,
                    body: rows::from_json("event", row.try_get("body")?)?,
                })
            })
            .collect()
    }
}

/// Appends an event under the run's next number.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    id: &RunId,
    now: i64,
    body: &EventBody,
) -> Result<(), StoreError> {
    let number: i64 = sqlx::query_scalar(sql!("next_event"))
        .bind(&id.0)
        .fetch_one(&mut *connection)
        .await?;
    insert(connection, id, number, now, body).await
}

/// Stores an event under a number that the run counts already.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    id: &RunId,
    number: i64,
    now: i64,
    body: &EventBody,
) -> Result<(), StoreError> {
    let phase = match body {
        EventBody::Progress { phase, .. } => Some(phase),
        EventBody::State { .. } | EventBody::Operations(_) => None,
    };
    sqlx::query(sql!("event_insert"))
        .bind(&id.0)
        .bind(number)
        .bind(now)
        .bind(phase)
        .bind(rows::to_json(body)?)
        .execute(connection)
        .await?;
    Ok(())
}
