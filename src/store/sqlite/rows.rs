//! From rows to the words of the product. What cannot be read is an error, never a panic.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::plan::{OpId, Plan};
use crate::run::{Origin, Outcome, OutcomeRow, Report, Run, RunId, State, ViewId};
use crate::store::StoreError;

/// A value as a JSON column holds it.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Content(error.to_string()))
}

/// Reads a JSON text; `what` names it in errors.
pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    // The error itself may repeat what it stumbled over, and errors go to the log.
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        StoreError::Content(format!("{what}: {:?} ({place})", error.classify()))
    })
}

fn column<T: DeserializeOwned>(row: &SqliteRow, name: &str) -> Result<T, StoreError> {
    from_json(name, row.try_get(name)?)
}

fn optional<T: DeserializeOwned>(row: &SqliteRow, name: &str) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<&str>, _>(name)?
        .map(|text| from_json(name, text))
        .transpose()
}

pub(super) fn state(word: &str) -> Result<State, StoreError> {
    word.parse::<State>()
        .map_err(|error| StoreError::Content(error.to_string()))
}

fn origin(word: &str) -> Result<Origin, StoreError> {
    [Origin::Ami, Origin::Cli]
        .into_iter()
        .find(|origin| origin.as_str() == word)
        .ok_or_else(|| StoreError::Content(format!("{word:?} is not an origin of a run")))
}

/// A run without its report.
pub(super) fn run(row: &SqliteRow) -> Result<Run, StoreError> {
    Ok(Run {
        id: RunId(row.try_get("id")?),
        view: ViewId(row.try_get("view")?),
        action: row.try_get("action")?,
        state: state(row.try_get("state")?)?,
        origin: origin(row.try_get("origin")?)?,
        parent: row.try_get::<Option<String>, _>("parent")?.map(ViewId),
        options: column(row, "options")?,
        requested_by: column(row, "requested_by")?,
        site: row.try_get("site")?,
        session_uuid: row.try_get("session_uuid")?,
        selection: column(row, "selection")?,
        projects: column(row, "projects")?,
        plan: optional::<Plan>(row, "plan")?,
        ticks: column(row, "ticks")?,
        report: None,
        light: optional(row, "light")?,
        barred: optional(row, "barred")?,
        failure: optional(row, "failure")?,
        calls: column(row, "calls")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        finished_at: row.try_get("finished_at")?,
    })
}

/// The report as far as there is one: of a run that is done, or that got as far as an outcome.
pub(super) fn report(run: &Run, mut outcomes: Vec<OutcomeRow>) -> Option<Report> {
    if let Some(plan) = &run.plan {
        in_order(
            &mut outcomes,
            plan.operations.iter().map(|operation| &operation.id),
        );
    }
    (run.state == State::Done || !outcomes.is_empty()).then(|| Report::of(outcomes))
}

pub(super) fn outcome(row: &SqliteRow) -> Result<OutcomeRow, StoreError> {
    let word: &str = row.try_get("outcome")?;
    Ok(OutcomeRow {
        id: OpId(row.try_get("operation")?),
        outcome: Outcome::from_word(word)
            .ok_or_else(|| StoreError::Content(format!("{word:?} is not an outcome")))?,
        message: row.try_get("message")?,
    })
}

/// Sorts outcomes as the plan has their operations; what the plan does not know stays behind, as it came.
pub(super) fn in_order<'a>(outcomes: &mut [OutcomeRow], order: impl Iterator<Item = &'a OpId>) {
    let places: HashMap<&OpId, usize> = order.enumerate().map(|(place, id)| (id, place)).collect();
    outcomes.sort_by_key(|outcome| places.get(&outcome.id).copied().unwrap_or(usize::MAX));
}
