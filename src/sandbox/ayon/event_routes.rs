//! Events over REST (`ayon-api.md §9`).

use serde_json::json;

use super::call::{Answer, Call, Outcome};
use super::refusal::Refusal;
use super::state::State;

/// `POST /api/events`.
pub(super) fn dispatch(state: &mut State, call: &Call) -> Outcome {
    let id = state.events.dispatch(&call.object()?, &call.caller)?;
    Answer::ok(json!({"id": id}))
}

/// `GET /api/events/{event}`.
pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    let id = call.param("event");
    let event = state
        .events
        .get(id)
        .ok_or_else(|| Refusal::not_found(format!("Event {id} not found")))?;
    Answer::ok(event.to_json())
}

/// `PATCH /api/events/{event}`.
pub(super) fn patch(state: &mut State, call: &Call) -> Outcome {
    state
        .events
        .patch(call.param("event"), &call.object()?, &call.caller)?;
    Ok(Answer::Nothing)
}
