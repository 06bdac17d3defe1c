//! Where rows go instead of below their Flow parent: the addon's re-parenting settings
//! (`ayon-shotgrid-behaviour.md §6`).

use super::FlowType;

/// The addon's re-parenting settings (`ayon-shotgrid-behaviour.md §6`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parenting {
    pub root_relocate: ParentingMode,
    pub type_grouping: ParentingMode,
}

/// One way to re-parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParentingMode {
    pub enabled: bool,
    pub presets: Vec<ParentingPreset>,
}

/// Where the rows of one type go: a chain of folders from the project's root down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentingPreset {
    pub kind: FlowType,
    pub parents: Vec<ChainFolder>,
}

/// One folder of a chain, by its literal type and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFolder {
    pub kind: String,
    pub name: String,
}

impl Parenting {
    /// Both modes are switched on, which the addon answers with an exception.
    pub fn contradicts_itself(&self) -> bool {
        self.root_relocate.enabled && self.type_grouping.enabled
    }

    /// The mode's name in the settings and the chain for a type: the first preset counts, an empty one does not.
    pub fn chain_of(&self, kind: FlowType) -> Option<(&'static str, &[ChainFolder])> {
        let asks = matches!(
            kind,
            FlowType::Episode | FlowType::Sequence | FlowType::Shot | FlowType::Asset
        );
        let modes = [
            ("root_relocate", &self.root_relocate),
            ("type_grouping", &self.type_grouping),
        ];
        let (name, mode) = modes.into_iter().find(|(_, mode)| mode.enabled && asks)?;
        let preset = mode.presets.iter().find(|preset| preset.kind == kind)?;
        (!preset.parents.is_empty()).then_some((name, preset.parents.as_slice()))
    }
}
