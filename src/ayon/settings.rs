//! The shotgrid addon's settings: the studio's rules, which amigo holds no second copy of
//! (`ayon-shotgrid-behaviour.md §2.1`).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::model::{FlowType, System};
use crate::net::NetError;

use super::AyonError;

/// What amigo takes from the addon's effective settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddonSettings {
    /// Address of the Flow site, without a trailing slash; empty when not set.
    pub flow_url: String,
    pub script_name: String,
    /// Name of the AYON secret that holds the script key.
    pub script_key_secret: String,
    /// Flow field that holds a Project's code.
    pub code_field: String,
    /// Preset for new projects; `None` is the server's own choice.
    pub anatomy_preset: Option<String>,
    pub default_task_type: String,
    /// Types that amigo knows among `shotgrid_enabled_entities`.
    pub enabled: BTreeSet<FlowType>,
    /// Types that an enabled re-parenting preset speaks of.
    pub reparented: BTreeSet<FlowType>,
}

/// The addon's default of `shotgrid_enabled_entities`, as far as amigo knows the types.
const ENABLED: [&str; 6] = ["Project", "Episode", "Sequence", "Shot", "Asset", "Task"];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    shotgrid_server: String,
    shotgrid_project_code_field: String,
    anatomy_preset: String,
    compatibility_settings: Compatibility,
    service_settings: Service,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Compatibility {
    default_task_type: String,
    shotgrid_enabled_entities: Option<Vec<String>>,
    folder_parenting: Parenting,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Parenting {
    root_relocate: Mode,
    type_grouping: Mode,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Mode {
    enabled: bool,
    presets: Vec<Preset>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Preset {
    filter_by_sg_entity_type: String,
    parents: Vec<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Service {
    script_key: String,
    script_name: String,
}

impl AddonSettings {
    /// Reads a settings document; a key that is missing counts as the addon's default.
    pub(super) fn read(document: &Value) -> Result<Self, AyonError> {
        let wire = Wire::deserialize(document).map_err(|error| {
            AyonError::Net(NetError::Unexpected {
                system: System::Ayon,
                cause: format!("the settings of the shotgrid addon: {error}"),
            })
        })?;
        let parenting = &wire.compatibility_settings.folder_parenting;
        let reparented = [&parenting.root_relocate, &parenting.type_grouping]
            .into_iter()
            .filter(|mode| mode.enabled)
            .flat_map(|mode| &mode.presets)
            .filter(|preset| !preset.parents.is_empty())
            .filter_map(|preset| preset.filter_by_sg_entity_type.parse().ok())
            .collect();
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        Ok(Self {
            flow_url: wire.shotgrid_server.trim().trim_end_matches('/').to_owned(),
            script_name: wire.service_settings.script_name,
            script_key_secret: wire.service_settings.script_key,
            code_field: or(wire.shotgrid_project_code_field, "code"),
            anatomy_preset: Some(wire.anatomy_preset).filter(|name| !name.is_empty() && name != "_"),
            default_task_type: or(wire.compatibility_settings.default_task_type, "Generic"),
            enabled: wire
                .compatibility_settings
                .shotgrid_enabled_entities
                .unwrap_or_else(|| ENABLED.map(str::to_owned).to_vec())
                .iter()
                .filter_map(|name| name.parse().ok())
                .collect(),
            reparented,
        })
    }
}
