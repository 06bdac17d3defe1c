//! The shotgrid addon's settings: the studio's rules, which amigo holds no second copy of
//! (`ayon-shotgrid-behaviour.md §2.1`).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::model::{ChainFolder, FlowType, Parenting, ParentingMode, ParentingPreset, System};
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
    /// Where rows go instead of below their Flow parent.
    pub parenting: Parenting,
    /// The rows of `custom_attribs_map` that name a Flow field.
    pub attributes: Vec<AttributeRow>,
}

/// One row of `custom_attribs_map`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeRow {
    /// Attribute in AYON.
    pub ayon: String,
    /// Field in Flow, with or without `sg_`.
    pub flow: String,
    /// AYON's kind of value, as the settings show it.
    pub kind: String,
    /// The Flow types it is for, as far as amigo syncs them.
    pub scope: BTreeSet<FlowType>,
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
    custom_attribs_map: Vec<WireAttribute>,
    folder_parenting: WireParenting,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireAttribute {
    ayon: String,
    sg: String,
    #[serde(rename = "type")]
    kind: String,
    scope: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireParenting {
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
    parents: Vec<WireFolder>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireFolder {
    folder_type: String,
    folder_name: String,
}

impl From<Mode> for ParentingMode {
    fn from(mode: Mode) -> Self {
        let presets = mode.presets.into_iter().filter_map(|preset| {
            let parents = preset.parents.into_iter().map(|folder| ChainFolder {
                kind: folder.folder_type,
                name: folder.folder_name,
            });
            Some(ParentingPreset {
                kind: preset.filter_by_sg_entity_type.parse().ok()?,
                parents: parents.collect(),
            })
        });
        Self {
            enabled: mode.enabled,
            presets: presets.collect(),
        }
    }
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
        // What was found instead would be repeated by the error, and the settings are not everybody's business.
        let wire = Wire::deserialize(document).map_err(|_| {
            AyonError::Net(NetError::Unexpected {
                system: System::Ayon,
                cause: "a value in the settings of the shotgrid addon is not of the kind it should be"
                    .to_owned(),
            })
        })?;
        let compatibility = wire.compatibility_settings;
        let attributes = compatibility.custom_attribs_map.into_iter().filter_map(|row| {
            let (ayon, flow) = (row.ayon.trim(), row.sg.trim());
            // AYON's own rule for names (`ayon-api.md §3.1`); anything else would break the question for values.
            let named = !ayon.is_empty() && ayon.bytes().all(|byte| byte.is_ascii_alphanumeric());
            // The link is amigo's own business.
            let link = matches!(ayon, "shotgridId" | "shotgridType" | "shotgridPush");
            (named && !link && !flow.is_empty()).then(|| AttributeRow {
                ayon: ayon.to_owned(),
                flow: flow.to_owned(),
                kind: row.kind,
                scope: synced(&row.scope),
            })
        });
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        Ok(Self {
            flow_url: wire.shotgrid_server.trim().trim_end_matches('/').to_owned(),
            script_name: wire.service_settings.script_name,
            script_key_secret: wire.service_settings.script_key,
            code_field: or(wire.shotgrid_project_code_field, "code"),
            anatomy_preset: Some(wire.anatomy_preset).filter(|name| !name.is_empty() && name != "_"),
            default_task_type: or(compatibility.default_task_type, "Generic"),
            enabled: synced(
                &compatibility
                    .shotgrid_enabled_entities
                    .unwrap_or_else(|| ENABLED.map(str::to_owned).to_vec()),
            ),
            parenting: Parenting {
                root_relocate: compatibility.folder_parenting.root_relocate.into(),
                type_grouping: compatibility.folder_parenting.type_grouping.into(),
            },
            attributes: attributes.collect(),
        })
    }
}

/// The types among these that amigo writes to AYON.
fn synced(names: &[String]) -> BTreeSet<FlowType> {
    let known = names.iter().filter_map(|name| name.parse().ok());
    known.filter(|kind| FlowType::SYNCED.contains(kind)).collect()
}
