//! Who works on a run, and which run may write to a project.

use std::time::Duration;

use sqlx::Row;

use super::{Sqlite, sql};
use crate::run::{RunId, State};
use crate::store::StoreError;

impl Sqlite {
    pub async fn beat(&self, id: &RunId, owner: &str, now: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(sql!("beat"))
            .bind(&id.0)
            .bind(owner)
            .bind(now)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn claim(
        &self,
        id: &RunId,
        state: State,
        owner: &str,
        lease: Duration,
        now: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(sql!("claim"))
            .bind(&id.0)
            .bind(owner)
            .bind(before(now, lease))
            .bind(now)
            .bind(state.as_str())
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn abandoned(&self, state: State, lease: Duration, now: i64) -> Result<Vec<RunId>, StoreError> {
        sqlx::query(sql!("abandoned"))
            .bind(state.as_str())
            .bind(before(now, lease))
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(|row| Ok(RunId(row.try_get("id")?)))
            .collect()
    }

    pub async fn lease(&self, project: &str, id: &RunId, until: i64, now: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(sql!("lease"))
            .bind(project)
            .bind(&id.0)
            .bind(until)
            .bind(now)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn release(&self, project: &str, id: &RunId) -> Result<(), StoreError> {
        sqlx::query(sql!("release"))
            .bind(project)
            .bind(&id.0)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

/// The instant that lies this long before another, in milliseconds since 1970.
fn before(now: i64, span: Duration) -> i64 {
    now.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}
