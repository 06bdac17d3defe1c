//! Where a row belongs: its parent in Flow's tracking settings, or its asset category.

use std::collections::BTreeMap;

use crate::model::FlowType;

/// The field that holds a row's parent (`ayon-shotgrid-behaviour.md §3.4`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParentField {
    /// No chain, or `__flat__`: directly below the project.
    Project,
    Field(String),
}

impl ParentField {
    /// Reads one type's chain: the first element of a comma path, without a leading `<Type>.`.
    ///
    /// Tasks always hang on their `entity`.
    pub fn of(kind: FlowType, chains: &BTreeMap<FlowType, String>) -> Self {
        match kind {
            FlowType::Project => Self::Project,
            FlowType::Task => Self::Field("entity".to_owned()),
            _ => {
                let first = chains
                    .get(&kind)
                    .map_or("", |chain| chain.split(',').next().unwrap_or(""))
                    .trim();
                let field = first
                    .strip_prefix(kind.as_str())
                    .and_then(|rest| rest.strip_prefix('.'));
                match field.unwrap_or(first) {
                    "" | "__flat__" | "project" => Self::Project,
                    name => Self::Field(name.to_owned()),
                }
            }
        }
    }

    /// The field's name, where there is one to read.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Project => None,
            Self::Field(name) => Some(name),
        }
    }
}

/// Folder type and `shotgridType` of the folders that group Assets by their type.
pub const ASSET_CATEGORY: &str = "AssetCategory";

/// The list field whose values become asset categories.
pub const ASSET_TYPE_FIELD: &str = "sg_asset_type";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::ParentField;
    use crate::model::FlowType;

    #[test]
    fn every_shape_of_a_chain_is_read() {
        for (chain, expected) in [
            (Some("__flat__"), None),
            (Some(""), None),
            (None, None),
            (Some("project"), None),
            (Some("sg_sequence"), Some("sg_sequence")),
            (Some("Shot.sg_sequence"), Some("sg_sequence")),
            (Some("sg_scene,Scene.sg_sequence"), Some("sg_scene")),
            (Some("Shot.sg_sequence, Sequence.episode"), Some("sg_sequence")),
            (Some("sg_shot_type"), Some("sg_shot_type")),
        ] {
            let chains: BTreeMap<_, _> = chain
                .map(|chain| (FlowType::Shot, chain.to_owned()))
                .into_iter()
                .collect();
            assert_eq!(
                ParentField::of(FlowType::Shot, &chains).name(),
                expected,
                "chain {chain:?}"
            );
        }
    }

    #[test]
    fn a_task_hangs_on_its_entity_whatever_the_chain_says() {
        let chains = BTreeMap::from([(FlowType::Task, "__flat__".to_owned())]);
        assert_eq!(ParentField::of(FlowType::Task, &chains).name(), Some("entity"));
    }
}
