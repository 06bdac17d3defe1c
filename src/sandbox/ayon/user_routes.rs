//! Users and logging in over REST (`ayon-api.md §1.1`, §7).

use serde_json::json;

use super::call::{Answer, Call, Outcome};
use super::fields::Fields;
use super::refusal::Refusal;
use super::state::State;
use super::users::ACCESS_GROUPS;
use super::writing::fresh_id;

/// `POST /api/auth/login`.
pub(super) fn login(state: &mut State, call: &Call) -> Outcome {
    let body = call.object()?;
    let fields = Fields(&body);
    let (name, password) = (fields.required_text("name")?, fields.required_text("password")?);
    let wrong = || Refusal::forbidden("Invalid login/password combination");
    let user = state.users.get(&name).ok_or_else(wrong)?;
    if user.is("isService") {
        return Err(Refusal::forbidden("Service users cannot log in"));
    }
    if user.password.as_deref() != Some(password.as_str()) {
        return Err(wrong());
    }
    let token = format!("{}{}", fresh_id()?, fresh_id()?);
    let shown = user.to_json(&super::caller::Caller::of(user));
    state.sessions.insert(token.clone(), name.clone());
    Answer::ok(json!({
        "detail": format!("Logged in as {name}"),
        "error": null,
        "token": token,
        "user": shown,
        "redirectUrl": null,
    }))
}

/// `GET /api/users/me`.
pub(super) fn me(state: &mut State, call: &Call) -> Outcome {
    show(state, call, &call.caller.user)
}

/// `GET /api/users/{user}`. A list of users does not exist over REST.
pub(super) fn get(state: &mut State, call: &Call) -> Outcome {
    show(state, call, call.param("user"))
}

/// `PUT /api/users/{user}`.
pub(super) fn put(state: &mut State, call: &Call) -> Outcome {
    state.create_user(call.param("user"), &call.object()?, &call.caller)?;
    Ok(Answer::Nothing)
}

/// `PATCH /api/users/{user}`.
pub(super) fn patch(state: &mut State, call: &Call) -> Outcome {
    state.patch_user(call.param("user"), &call.object()?, &call.caller)?;
    Ok(Answer::Nothing)
}

/// `DELETE /api/users/{user}`.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    state.delete_user(call.param("user"), &call.caller)?;
    Ok(Answer::Nothing)
}

/// `PATCH /api/users/{user}/accessGroups`.
pub(super) fn patch_access_groups(state: &mut State, call: &Call) -> Outcome {
    state.patch_access_groups(call.param("user"), &call.object()?, &call.caller)?;
    Ok(Answer::Nothing)
}

/// `GET /api/accessGroups/{project}`; `_` is the whole studio (§1.3).
pub(super) fn access_groups(_: &mut State, _: &Call) -> Outcome {
    let groups = ACCESS_GROUPS.map(|name| json!({"name": name, "isProjectLevel": false}));
    Answer::ok(json!(groups))
}

fn show(state: &State, call: &Call, name: &str) -> Outcome {
    let user = state
        .users
        .get(name)
        .ok_or_else(|| Refusal::not_found(format!("User {name} not found")))?;
    Answer::ok(user.to_json(&call.caller))
}
