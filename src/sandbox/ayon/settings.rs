//! The shotgrid addon's settings: the default tree, studio and project overrides (`ayon-api.md §8.3`,
//! `ayon-shotgrid-behaviour.md §2.1`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::attributes::{Attribute, Scope};
use super::fields::{Object, as_flag, as_integer, as_text};
use super::refusal::Refusal;

/// The one addon this stand-in has.
pub(super) const ADDON: &str = "shotgrid";

/// Flow types that are synced by default.
const ENABLED: [&str; 8] = [
    "Project", "Episode", "Sequence", "Shot", "Asset", "Task", "Version", "Note",
];

/// The overrides of the addon's settings, by variant and then by project.
#[derive(Clone, Debug, Default)]
pub(super) struct AddonSettings {
    studio: BTreeMap<String, Object>,
    projects: BTreeMap<(String, String), Object>,
}

impl AddonSettings {
    /// The override document of a studio variant, or of one project in it.
    pub(super) fn overrides(&self, variant: &str, project: Option<&str>) -> Object {
        let found = match project {
            None => self.studio.get(variant),
            Some(project) => self.projects.get(&(variant.to_owned(), project.to_owned())),
        };
        found.cloned().unwrap_or_default()
    }

    pub(super) fn set_overrides(&mut self, variant: &str, project: Option<&str>, overrides: Object) {
        match project {
            None => self.studio.insert(variant.to_owned(), overrides),
            Some(project) => self
                .projects
                .insert((variant.to_owned(), project.to_owned()), overrides),
        };
    }

    pub(super) fn forget_project(&mut self, project: &str) {
        self.projects.retain(|(_, name), _| name != project);
    }

    /// What the addon sees: defaults, studio overrides, project overrides, in this order.
    pub(super) fn effective(&self, defaults: &Value, variant: &str, project: Option<&str>) -> Value {
        let mut settings = defaults.clone();
        overlay(&mut settings, &Value::Object(self.overrides(variant, None)));
        if project.is_some() {
            overlay(&mut settings, &Value::Object(self.overrides(variant, project)));
        }
        settings
    }

    /// A full replace: keys that are missing fall back to their defaults and, where they were overridden before,
    /// become overrides pinned to the default (§8.3).
    pub(super) fn replace(
        &mut self,
        defaults: &Value,
        variant: &str,
        project: Option<&str>,
        posted: &Value,
    ) -> Result<(), Refusal> {
        // A project starts from what the studio has.
        let base = match project {
            None => defaults.clone(),
            Some(_) => self.effective(defaults, variant, None),
        };
        let full = fitted(&base, Some(posted));
        check_attribute_map(&full)?;
        let former = Value::Object(self.overrides(variant, project));
        let overrides = match differing(&base, &full, Some(&former)) {
            Some(Value::Object(overrides)) => overrides,
            _ => Object::new(),
        };
        self.set_overrides(variant, project, overrides);
        Ok(())
    }
}

/// The whole default tree. The attribute map has one row per folder attribute of the server, all inert.
pub(super) fn defaults(live: &[Attribute]) -> Value {
    let mapped = live.iter().filter(|a| {
        a.applies_to(Scope::Folder) && !matches!(a.name.as_str(), "shotgridId" | "shotgridType" | "tools")
    });
    let rows = mapped.map(|a| {
        let scope: Vec<_> = ENABLED
            .iter()
            .filter(|kind| a.name != "startDate" || **kind != "Project")
            .collect();
        json!({"ayon": a.name, "type": a.kind(), "sg": "", "scope": scope})
    });
    json!({
        "shotgrid_server": "",
        "shotgrid_no_ssl_validation": false,
        "shotgrid_project_code_field": "code",
        "enable_shotgrid_local_storage": true,
        "shotgrid_local_storage_key": "primary",
        "anatomy_preset": "_",
        "compatibility_settings": {
            "default_task_type": "Generic",
            "shotgrid_enabled_entities": ENABLED,
            "custom_attribs_map": rows.collect::<Vec<_>>(),
            "folder_parenting": {
                "root_relocate": {"enabled": false, "presets": []},
                "type_grouping": {"enabled": false, "presets": []},
            },
        },
        "service_settings": {"polling_frequency": 10, "script_key": "", "script_name": ""},
        "publish": {"IntegrateMoviePath": {"profiles": []}},
    })
}

/// Puts `over` on top: objects merge, everything else replaces.
pub(super) fn overlay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(key) {
                    Some(below) => overlay(below, value),
                    None => drop(base.insert(key.clone(), value.clone())),
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// The posted document in the form of `model`: unknown keys dropped, missing ones filled, simple types coerced.
fn fitted(model: &Value, posted: Option<&Value>) -> Value {
    let Some(posted) = posted else {
        return model.clone();
    };
    match model {
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(key, below)| (key.clone(), fitted(below, posted.get(key))))
                .collect()
        }
        Value::String(_) => as_text(posted).map_or_else(|| model.clone(), Value::String),
        Value::Bool(_) => as_flag(posted).map_or_else(|| model.clone(), Value::Bool),
        Value::Number(_) => as_integer(posted).map_or_else(|| model.clone(), Value::from),
        Value::Array(_) if posted.is_array() => posted.clone(),
        Value::Array(_) | Value::Null => model.clone(),
    }
}

/// The leaves in which `full` differs from `base`, and those that were overridden before.
fn differing(base: &Value, full: &Value, former: Option<&Value>) -> Option<Value> {
    let (Value::Object(base), Value::Object(full)) = (base, full) else {
        return (base != full || former.is_some()).then(|| full.clone());
    };
    let overrides: Object = full
        .iter()
        .filter_map(|(key, value)| {
            let below = base.get(key).unwrap_or(&Value::Null);
            let former = former.and_then(|former| former.get(key));
            Some((key.clone(), differing(below, value, former)?))
        })
        .collect();
    (!overrides.is_empty()).then_some(Value::Object(overrides))
}

/// No Flow field and no AYON attribute may be mapped twice (behaviour sheet §2.1).
fn check_attribute_map(settings: &Value) -> Result<(), Refusal> {
    let rows = settings
        .pointer("/compatibility_settings/custom_attribs_map")
        .and_then(Value::as_array);
    let rows: Vec<&Value> = rows.into_iter().flatten().collect();
    for key in ["ayon", "sg"] {
        let mut seen = BTreeSet::new();
        let names = rows.iter().filter_map(|row| row.get(key)?.as_str());
        for name in names.filter(|name| !name.is_empty()) {
            if !seen.insert(name) {
                return Err(Refusal::bad_request(format!(
                    "Attribute '{name}' is mapped more than once"
                )));
            }
        }
    }
    Ok(())
}
