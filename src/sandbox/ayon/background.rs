//! Background batches: carried out at once here, and read by the same two calls (`ayon-api.md §5.8`).

use serde_json::json;

use super::call::{Answer, Call, Outcome};
use super::operations;
use super::refusal::Refusal;
use super::state::State;
use super::writing::fresh_id;

/// `POST P/operations/background`.
pub(super) fn start(state: &mut State, call: &Call) -> Outcome {
    let id = fresh_id()?;
    let result = operations::answer(state, call)?;
    state.background.insert(id.clone(), result);
    Answer::ok(json!({"id": id, "status": "pending", "progress": null, "result": null}))
}

/// `GET P/operations/background/{task}`.
pub(super) fn poll(state: &mut State, call: &Call) -> Outcome {
    state.visible_project(call.param("project"), &call.caller)?;
    let id = call.param("task");
    let Some(result) = state.background.get(id) else {
        return Err(Refusal::not_found(format!(
            "Background operations task '{id}' not found"
        )));
    };
    Answer::ok(json!({"id": id, "status": "completed", "progress": 100.0, "result": result}))
}
