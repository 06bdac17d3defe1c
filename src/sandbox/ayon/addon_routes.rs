//! Bundles and the settings of the shotgrid addon over REST (`ayon-api.md §8.2`, §8.3).

use serde_json::{Value, json};

use super::call::{Answer, Call, Outcome};
use super::caller::Level;
use super::fields::{Fields, Object};
use super::names;
use super::refusal::Refusal;
use super::settings::{self, ADDON};
use super::state::{State, now};

/// `GET /api/bundles`.
pub(super) fn list_bundles(state: &mut State, _: &Call) -> Outcome {
    Answer::ok(json!({
        "bundles": state.bundles,
        "productionBundle": bundle(state, "production").map(name_of),
        "stagingBundle": bundle(state, "staging").map(name_of),
        "devBundles": [],
    }))
}

/// `POST /api/bundles`.
pub(super) fn create_bundle(state: &mut State, call: &Call) -> Outcome {
    check_rights(call)?;
    let body = call.object()?;
    let name = Fields(&body).required_text("name")?;
    if state
        .bundles
        .iter()
        .any(|bundle| name_of(bundle).eq_ignore_ascii_case(&name))
    {
        return Err(Refusal::Constraint {
            detail: format!("Bundle with name '{name}' already exists."),
        });
    }
    add_bundle(state, &name, body);
    Ok(Answer::Json(201, Value::Null))
}

/// `PATCH /api/bundles/{bundle}`.
pub(super) fn patch_bundle(state: &mut State, call: &Call) -> Outcome {
    check_rights(call)?;
    let name = call.param("bundle").to_owned();
    let patch = call.object()?;
    let place = state.bundles.iter().position(|bundle| name_of(bundle) == name);
    let place = place.ok_or_else(|| Refusal::not_found(format!("Bundle {name} not found")))?;
    let mut changed = state.bundles.remove(place);
    changed.extend(patch);
    add_bundle(state, &name, changed);
    Ok(Answer::Nothing)
}

/// Adds a bundle; where it is the one of its variant, the former one steps down.
pub(super) fn add_bundle(state: &mut State, name: &str, given: Object) {
    let mut bundle = Object::new();
    for (key, value) in [
        ("createdAt", json!(now())),
        ("addons", json!({})),
        ("dependencyPackages", json!({})),
        ("addonDevelopment", json!({})),
        ("isProduction", json!(false)),
        ("isStaging", json!(false)),
        ("isArchived", json!(false)),
        ("isDev", json!(false)),
        ("isProject", json!(false)),
    ] {
        bundle.insert(key.into(), value);
    }
    bundle.extend(given);
    bundle.insert("name".into(), json!(name));
    for flag in ["isProduction", "isStaging"] {
        if bundle.get(flag) == Some(&json!(true)) {
            state
                .bundles
                .iter_mut()
                .for_each(|other| drop(other.insert(flag.into(), json!(false))));
        }
    }
    state.bundles.push(bundle);
}

/// `GET /api/settings`: every addon of the variant's bundle, with its version and, unless `summary`, its settings.
pub(super) fn all_settings(state: &mut State, call: &Call) -> Outcome {
    let project = call.query("project_name");
    let project = project
        .map(|name| Ok(state.project(name, &call.caller)?.name.clone()))
        .transpose()?;
    let variant = call.query("variant").unwrap_or("production").to_owned();
    let bundle = match call.query("bundle_name") {
        Some(name) => state.bundles.iter().find(|bundle| name_of(bundle) == name),
        None => bundle(state, &variant),
    };
    let bundle = bundle.ok_or_else(|| Refusal::not_found("Bundle not found"))?;
    let summary = call.flag("summary") == Some(true);
    let addons = bundle
        .get("addons")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let addons = addons.map(|(name, version)| {
        let is_ours = name == ADDON;
        let overridden = |project| is_ours && !state.settings.overrides(&variant, project).is_empty();
        let mut item = json!({
            "name": name,
            "version": version,
            "title": if is_ours { "Flow (ShotGrid)" } else { name },
            "hasSettings": is_ours,
            "hasProjectSettings": is_ours,
            "hasProjectSiteSettings": false,
            "hasSiteSettings": false,
            "hasStudioOverrides": overridden(None),
            "hasProjectOverrides": project.as_deref().is_some_and(|project| overridden(Some(project))),
            "isBroken": false,
            "isProjectBundle": false,
        });
        if !summary {
            item["settings"] = if is_ours {
                effective(state, &variant, project.as_deref())
            } else {
                json!({})
            };
        }
        item
    });
    let mut answer = json!({
        "bundleName": name_of(bundle),
        "addons": addons.collect::<Vec<_>>(),
        "inheritedAddons": [],
    });
    if let Some(project) = project {
        answer["projectName"] = json!(project);
    }
    Answer::ok(answer)
}

/// `GET /api/settings/addons`.
pub(super) fn addon_settings(state: &mut State, call: &Call) -> Outcome {
    let project = call.query("project");
    let project = project
        .map(|name| Ok(state.project(name, &call.caller)?.name.clone()))
        .transpose()?;
    let variant = call.query("variant").unwrap_or("production");
    let bundle = bundle(state, variant).ok_or_else(|| Refusal::not_found("Bundle not found"))?;
    let versions = bundle.get("addons").cloned().unwrap_or_default();
    let mut settings = Object::new();
    for name in versions.as_object().into_iter().flatten().map(|(name, _)| name) {
        let value = if name == ADDON {
            effective(state, variant, project.as_deref())
        } else {
            json!({})
        };
        settings.insert(name.clone(), value);
    }
    Answer::ok(json!({"settings": settings, "versions": versions}))
}

/// `GET /api/addons/shotgrid/{version}/settings` and the same for a project.
pub(super) fn get_settings(state: &mut State, call: &Call) -> Outcome {
    let (variant, project) = place(state, call)?;
    Answer::ok(effective(state, &variant, project.as_deref()))
}

/// `POST /api/addons/shotgrid/{version}/settings`: a full replace (§8.3).
pub(super) fn post_settings(state: &mut State, call: &Call) -> Outcome {
    let (variant, project) = place(state, call)?;
    check_rights(call)?;
    let posted = Value::Object(call.object()?);
    let before = effective(state, &variant, project.as_deref());
    let defaults = settings::defaults(&state.live);
    state
        .settings
        .replace(&defaults, &variant, project.as_deref(), &posted)?;
    announce(state, call, &variant, project.as_deref(), &before);
    Ok(Answer::Nothing)
}

/// `GET ../rawOverrides`: the exact override document.
pub(super) fn get_overrides(state: &mut State, call: &Call) -> Outcome {
    let (variant, project) = place(state, call)?;
    Answer::ok(Value::Object(
        state.settings.overrides(&variant, project.as_deref()),
    ))
}

/// `PUT ../rawOverrides`.
pub(super) fn put_overrides(state: &mut State, call: &Call) -> Outcome {
    let (variant, project) = place(state, call)?;
    check_rights(call)?;
    let before = effective(state, &variant, project.as_deref());
    state
        .settings
        .set_overrides(&variant, project.as_deref(), call.object()?);
    announce(state, call, &variant, project.as_deref(), &before);
    Ok(Answer::Nothing)
}

/// `GET /api/addons/shotgrid/{version}/get_ayon_name_by_sg_id/{flow_id}`; the real one asks for no credential either.
pub(super) fn user_by_flow_id(state: &mut State, call: &Call) -> Outcome {
    check_version(state, call)?;
    Answer::ok(json!(state.user_by_flow_id(call.param("flow_id"))))
}

/// Variant and project that the address means.
fn place(state: &State, call: &Call) -> Result<(String, Option<String>), Refusal> {
    check_version(state, call)?;
    let project = match call.param("project") {
        "" => None,
        name => Some(state.project(name, &call.caller)?.name.clone()),
    };
    Ok((call.query("variant").unwrap_or("production").to_owned(), project))
}

fn check_version(state: &State, call: &Call) -> Result<(), Refusal> {
    let (addon, version) = (call.param("addon"), call.param("version"));
    if !names::is_entity_name(addon) || addon != ADDON {
        return Err(Refusal::not_found(format!("Addon {addon} does not exist")));
    }
    if version != state.addon_version {
        return Err(Refusal::not_found(format!(
            "Addon {addon} version {version} does not exist"
        )));
    }
    Ok(())
}

fn check_rights(call: &Call) -> Result<(), Refusal> {
    call.caller
        .check_level(Level::Admin, "Only admins can change addon settings and bundles")
}

fn effective(state: &State, variant: &str, project: Option<&str>) -> Value {
    state
        .settings
        .effective(&settings::defaults(&state.live), variant, project)
}

fn announce(state: &mut State, call: &Call, variant: &str, project: Option<&str>, before: &Value) {
    let after = effective(state, variant, project);
    let summary = json!({"addon_name": ADDON, "addon_version": state.addon_version, "variant": variant});
    let payload = json!({"originalValue": before, "newValue": after});
    state
        .events
        .announce("settings.changed", project, summary, payload, &call.caller);
}

fn bundle<'a>(state: &'a State, variant: &str) -> Option<&'a Object> {
    let flag = if variant == "staging" {
        "isStaging"
    } else {
        "isProduction"
    };
    state
        .bundles
        .iter()
        .find(|bundle| bundle.get(flag) == Some(&json!(true)))
}

fn name_of(bundle: &Object) -> &str {
    super::anatomy::name_of(bundle)
}
