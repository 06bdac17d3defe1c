//! Health, restart, attributes, secrets and anatomy presets over REST (`ayon-api.md §1.1`, §2.4, §3.2, §8.1).

use serde_json::{Value, json};

use super::anatomy;
use super::attributes::Attribute;
use super::call::{Answer, Call, Outcome};
use super::caller::Level;
use super::fields::{Fields, Object, merge_one_level};
use super::names;
use super::refusal::Refusal;
use super::state::State;

/// `GET /api/info`, open to strangers.
pub(super) fn info(state: &mut State, call: &Call) -> Outcome {
    let mut info = json!({
        "version": state.version,
        "uptime": state.started.elapsed().as_secs_f64(),
        "disableFeedback": true,
        "offlineMode": true,
    });
    if let Some(user) = state.users.get(&call.caller.user).filter(|_| call.caller.known) {
        info["user"] = user.to_json(&call.caller);
        info["attributes"] = shown_attributes(&state.live);
        info["sites"] = json!([]);
        info["ssoOptions"] = json!([]);
        info["frontendFlags"] = json!([]);
        info["extras"] = json!("");
        info["disableChangelog"] = json!(true);
    }
    Answer::ok(info)
}

/// `POST /api/system/restart`: makes new attributes live, at once instead of after eight seconds.
pub(super) fn restart(state: &mut State, call: &Call) -> Outcome {
    call.caller
        .check_level(Level::Admin, "Only admins can restart the server")?;
    state.restart();
    Ok(Answer::Nothing)
}

fn shown_attributes(attributes: &[Attribute]) -> Value {
    attributes.iter().map(Attribute::to_json).collect()
}

/// `GET /api/attributes`: the table, also what is not live yet.
pub(super) fn list_attributes(state: &mut State, _: &Call) -> Outcome {
    Answer::ok(json!({"attributes": shown_attributes(&state.table)}))
}

/// `PUT /api/attributes`.
pub(super) fn put_attributes(state: &mut State, call: &Call) -> Outcome {
    check_attribute_rights(call)?;
    let body = call.object()?;
    let body = Fields(&body);
    let list = body
        .list("attributes")?
        .value()
        .ok_or_else(|| Refusal::missing("attributes"))?;
    let mut given = Vec::with_capacity(list.len());
    for element in list {
        let Some(element) = element.as_object() else {
            return Err(Refusal::invalid(
                &["attributes"],
                "value is not a valid dict",
                "type_error.dict",
            ));
        };
        let name = Fields(element).required_text("name")?;
        given.push(Attribute::from_json(&name, Fields(element))?);
    }
    if body.flag("deleteMissing")?.value().unwrap_or(false) {
        state
            .table
            .retain(|known| known.builtin || given.iter().any(|new| new.name == known.name));
    }
    given
        .into_iter()
        .for_each(|attribute| put(&mut state.table, attribute));
    Ok(Answer::Nothing)
}

/// `GET /api/attributes/{name}`.
pub(super) fn get_attribute(state: &mut State, call: &Call) -> Outcome {
    let attribute = state
        .table
        .iter()
        .find(|attribute| attribute.name == call.param("name"));
    Answer::ok(attribute.ok_or_else(|| unknown_attribute(call))?.to_json())
}

/// `PUT /api/attributes/{name}`: makes or replaces, built-ins too.
pub(super) fn put_attribute(state: &mut State, call: &Call) -> Outcome {
    check_attribute_rights(call)?;
    let attribute = Attribute::from_json(call.param("name"), Fields(&call.object()?))?;
    put(&mut state.table, attribute);
    Ok(Answer::Nothing)
}

/// `PATCH /api/attributes/{name}`: changes single keys.
pub(super) fn patch_attribute(state: &mut State, call: &Call) -> Outcome {
    check_attribute_rights(call)?;
    let body = call.object()?;
    let body = Fields(&body);
    let place = state
        .table
        .iter_mut()
        .find(|attribute| attribute.name == call.param("name"));
    let attribute = place.ok_or_else(|| unknown_attribute(call))?;
    if let Some(scope) = body.texts("scope")?.value() {
        attribute.scope = scope;
    }
    if let Some(position) = body.integer("position")?.value() {
        attribute.position = position;
    }
    if let Some(data) = body.object("data")?.value() {
        merge_one_level(&mut attribute.data, data);
    }
    Ok(Answer::Nothing)
}

/// `DELETE /api/attributes/{name}`, which works even for built-ins.
pub(super) fn delete_attribute(state: &mut State, call: &Call) -> Outcome {
    check_attribute_rights(call)?;
    let before = state.table.len();
    state
        .table
        .retain(|attribute| attribute.name != call.param("name"));
    if state.table.len() == before {
        Err(unknown_attribute(call))
    } else {
        Ok(Answer::Nothing)
    }
}

fn put(table: &mut Vec<Attribute>, attribute: Attribute) {
    match table.iter_mut().find(|known| known.name == attribute.name) {
        Some(known) => *known = attribute,
        None => table.push(attribute),
    }
}

fn check_attribute_rights(call: &Call) -> Result<(), Refusal> {
    call.caller.check_level(
        Level::Admin,
        "Only administrators are allowed to modify attributes",
    )
}

fn unknown_attribute(call: &Call) -> Refusal {
    Refusal::not_found(format!("Attribute {} not found", call.param("name")))
}

/// `GET /api/secrets`: values for admins and services, names only for managers.
pub(super) fn list_secrets(state: &mut State, call: &Call) -> Outcome {
    call.caller
        .check_level(Level::Manager, "You are not allowed to list secrets")?;
    let with_value = call.caller.level >= Level::Admin;
    let secrets = state.secrets.iter().map(|(name, value)| {
        if with_value {
            json!({"name": name, "value": value})
        } else {
            json!({"name": name})
        }
    });
    Answer::ok(secrets.collect())
}

/// `GET /api/secrets/{name}`.
pub(super) fn get_secret(state: &mut State, call: &Call) -> Outcome {
    check_secret_rights(call)?;
    let name = call.param("name");
    let value = state.secrets.get(name).ok_or_else(|| unknown_secret(name))?;
    Answer::ok(json!({"name": name, "value": value}))
}

/// `PUT /api/secrets/{name}`.
pub(super) fn put_secret(state: &mut State, call: &Call) -> Outcome {
    check_secret_rights(call)?;
    let name = call.param("name");
    if !names::is_entity_name(name) {
        return Err(Refusal::pattern("name", names::ENTITY_NAME));
    }
    let value = Fields(&call.object()?).required_text("value")?;
    state.secrets.insert(name.to_owned(), value);
    Ok(Answer::Nothing)
}

/// `DELETE /api/secrets/{name}`.
pub(super) fn delete_secret(state: &mut State, call: &Call) -> Outcome {
    check_secret_rights(call)?;
    state.secrets.remove(call.param("name"));
    Ok(Answer::Nothing)
}

fn check_secret_rights(call: &Call) -> Result<(), Refusal> {
    call.caller
        .check_level(Level::Admin, "You are not allowed to access secrets")
}

fn unknown_secret(name: &str) -> Refusal {
    Refusal::not_found(format!("Secret {name} not found"))
}

/// `GET /api/anatomy/presets`.
pub(super) fn list_presets(state: &mut State, _: &Call) -> Outcome {
    let presets = state.presets.keys().map(|name| {
        json!({"name": name, "primary": state.primary_preset.as_ref() == Some(name), "version": "1.0.0"})
    });
    Answer::ok(json!({"version": "1.0.0", "presets": presets.collect::<Vec<_>>()}))
}

/// `GET /api/anatomy/presets/{preset}`, also for `_` and `__primary__`.
pub(super) fn get_preset(state: &mut State, call: &Call) -> Outcome {
    Answer::ok(Value::Object(state.preset(call.param("preset"))?))
}

/// `PUT /api/anatomy/presets/{preset}`.
pub(super) fn put_preset(state: &mut State, call: &Call) -> Outcome {
    call.caller
        .check_level(Level::Manager, "You are not allowed to modify anatomy presets")?;
    let given = call.object()?;
    for key in ["folder_types", "task_types", "statuses", "tags"] {
        let mut seen = std::collections::HashSet::new();
        let elements = given.get(key).and_then(Value::as_array).into_iter().flatten();
        let names = elements.filter_map(Value::as_object).map(anatomy::name_of);
        for name in names {
            if !seen.insert(name) {
                return Err(Refusal::bad_request(format!("Duplicate name '{name}' in {key}")));
            }
        }
    }
    let mut preset: Object = anatomy::built_in(&state.live);
    preset.extend(given);
    state.presets.insert(call.param("preset").to_owned(), preset);
    Ok(Answer::Nothing)
}

/// `DELETE /api/anatomy/presets/{preset}`.
pub(super) fn delete_preset(state: &mut State, call: &Call) -> Outcome {
    call.caller
        .check_level(Level::Manager, "You are not allowed to modify anatomy presets")?;
    let name = call.param("preset");
    if state.presets.remove(name).is_none() {
        return Err(Refusal::not_found(format!("Anatomy preset {name} not found")));
    }
    state.primary_preset = state.primary_preset.take().filter(|primary| primary != name);
    Ok(Answer::Nothing)
}

/// `POST /api/anatomy/presets/{preset}/primary`.
pub(super) fn set_primary_preset(state: &mut State, call: &Call) -> Outcome {
    call.caller
        .check_level(Level::Manager, "You are not allowed to modify anatomy presets")?;
    let name = call.param("preset");
    if !state.presets.contains_key(name) {
        return Err(Refusal::not_found(format!("Anatomy preset {name} not found")));
    }
    state.primary_preset = Some(name.to_owned());
    Ok(Answer::Nothing)
}
