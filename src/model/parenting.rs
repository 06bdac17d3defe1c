//! Where rows go instead of below their Flow parent: the addon's re-parenting settings
//! (`ayon-shotgrid-behaviour.md §6`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FlowType;

/// The addon's re-parenting settings, in their own shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parenting {
    pub root_relocate: ParentingMode,
    pub type_grouping: ParentingMode,
}

/// One way to re-parent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParentingMode {
    pub enabled: bool,
    pub presets: Vec<ParentingPreset>,
}

/// Where the rows of one type go: a chain of folders from the project's root down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentingPreset {
    #[serde(rename = "filter_by_sg_entity_type")]
    pub kind: FlowType,
    #[serde(default)]
    pub parents: Vec<ChainFolder>,
}

/// One folder of a chain, by its literal type and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChainFolder {
    #[serde(rename = "folder_type")]
    pub kind: String,
    #[serde(rename = "folder_name")]
    pub name: String,
}

/// The two ways to re-parent, by their keys in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModeName {
    RootRelocate,
    TypeGrouping,
}

impl ModeName {
    pub const ALL: [Self; 2] = [Self::RootRelocate, Self::TypeGrouping];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::RootRelocate => "root_relocate",
            Self::TypeGrouping => "type_grouping",
        }
    }
}

impl fmt::Display for ModeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Parenting {
    /// The types that a preset can speak of (`ayon-shotgrid-behaviour.md §2.1`).
    pub const TYPES: [FlowType; 4] = [
        FlowType::Episode,
        FlowType::Sequence,
        FlowType::Shot,
        FlowType::Asset,
    ];

    /// Both modes are switched on, which the addon answers with an exception.
    pub fn contradicts_itself(&self) -> bool {
        self.root_relocate.enabled && self.type_grouping.enabled
    }

    /// The mode that is switched on.
    pub fn mode(&self) -> Option<(ModeName, &ParentingMode)> {
        let modes = [
            (ModeName::RootRelocate, &self.root_relocate),
            (ModeName::TypeGrouping, &self.type_grouping),
        ];
        modes.into_iter().find(|(_, mode)| mode.enabled)
    }

    /// The chain for a type by the mode that is switched on: the first preset counts, an empty one does not.
    pub fn chain_of(&self, kind: FlowType) -> Option<(ModeName, &[ChainFolder])> {
        let (name, mode) = self.mode().filter(|_| Self::TYPES.contains(&kind))?;
        let preset = mode.presets.iter().find(|preset| preset.kind == kind)?;
        (!preset.parents.is_empty()).then_some((name, preset.parents.as_slice()))
    }

    /// The same settings with the mode and the presets of somebody's what-if.
    #[must_use]
    pub fn with(&self, what_if: &WhatIf) -> Self {
        let mut changed = self.clone();
        for (name, mode) in [
            (ModeName::RootRelocate, &mut changed.root_relocate),
            (ModeName::TypeGrouping, &mut changed.type_grouping),
        ] {
            mode.enabled = what_if.mode == Some(name);
            if mode.enabled {
                mode.presets.clone_from(&what_if.presets);
            }
        }
        changed
    }
}

/// Other re-parenting settings, tried for one plan. As text it is what a run's options hold:
/// `root_relocate: Shot = all_shots[Folder]/custom[Folder]; Asset = build[Folder]`, or `none`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    pub mode: Option<ModeName>,
    pub presets: Vec<ParentingPreset>,
}

/// A text that is no what-if.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongWhatIf {
    #[error("{0:?} is no mode; none, root_relocate and type_grouping are")]
    Mode(String),
    #[error("{0:?} does not say a type and its folders, such as Shot = all_shots[Folder]/custom[Folder]")]
    Preset(String),
    #[error("{0:?} has no presets; Episode, Sequence, Shot and Asset have")]
    Type(String),
    #[error("{0} is named twice, and only its first preset would count")]
    Twice(FlowType),
    #[error("{0:?} is no folder with its type, such as all_shots[Folder]")]
    Folder(String),
    #[error("it is longer than {max} characters", max = WhatIf::LONGEST)]
    Long,
}

impl WhatIf {
    /// The longest text that is read.
    pub const LONGEST: usize = 16_000;
    /// The folder type of a chain's folder that names none.
    const USUAL_TYPE: &str = "Folder";

    /// The settings that are in force, as a what-if that changes nothing; of each type the preset that counts.
    pub fn like(parenting: &Parenting) -> Self {
        let mode = parenting.mode();
        let chain = |kind: FlowType| {
            let (_, chain) = parenting.chain_of(kind)?;
            Some(ParentingPreset {
                kind,
                parents: chain.to_vec(),
            })
        };
        Self {
            mode: mode.map(|(name, _)| name),
            presets: Parenting::TYPES.into_iter().filter_map(chain).collect(),
        }
    }

    /// What somebody may begin with who wants to try others: the settings that are in force, or where no mode is
    /// switched on, the presets that are there.
    pub fn suggested(parenting: &Parenting) -> Self {
        let like = Self::like(parenting);
        let modes = [&parenting.root_relocate, &parenting.type_grouping];
        let kept = modes.into_iter().find(|mode| !mode.presets.is_empty());
        match (like.mode, kept) {
            (None, Some(kept)) => Self {
                mode: None,
                presets: kept.presets.clone(),
            },
            _ => like,
        }
    }

    /// A type's chain as text; empty where it has none.
    pub fn chain_text(&self, kind: FlowType) -> String {
        let preset = self.presets.iter().find(|preset| preset.kind == kind);
        preset
            .map(|preset| chain_text(&preset.parents))
            .unwrap_or_default()
    }

    /// Puts one together of a mode's word and a chain for each type.
    pub fn of<'a>(
        mode: &str,
        chains: impl IntoIterator<Item = (FlowType, &'a str)>,
    ) -> Result<Self, WrongWhatIf> {
        let mode = match mode.trim() {
            "none" => None,
            word => {
                let named = ModeName::ALL.into_iter().find(|name| name.as_str() == word);
                Some(named.ok_or_else(|| WrongWhatIf::Mode(word.to_owned()))?)
            }
        };
        let mut what_if = Self {
            mode,
            presets: Vec::new(),
        };
        let mut length = 0;
        for (kind, chain) in chains {
            length += chain.len();
            if length > Self::LONGEST {
                return Err(WrongWhatIf::Long);
            }
            if !Parenting::TYPES.contains(&kind) {
                return Err(WrongWhatIf::Type(kind.to_string()));
            }
            if what_if.presets.iter().any(|preset| preset.kind == kind) {
                return Err(WrongWhatIf::Twice(kind));
            }
            if !chain.trim().is_empty() {
                let parents = chain.split('/').map(chain_folder).collect::<Result<_, _>>()?;
                what_if.presets.push(ParentingPreset { kind, parents });
            }
        }
        // What a run's options hold has to be read back.
        match what_if.to_string().len() > Self::LONGEST {
            true => Err(WrongWhatIf::Long),
            false => Ok(what_if),
        }
    }
}

/// `custom[Folder]`, or only `custom`. What AYON does not accept in a name is told where it would be made.
fn chain_folder(text: &str) -> Result<ChainFolder, WrongWhatIf> {
    let text = text.trim();
    let (name, kind) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, kind)) => (name.trim(), kind.trim()),
        None => (text, WhatIf::USUAL_TYPE),
    };
    let parts = |text: &str| text.contains(['[', ']', ';', '=', ':']) || text.contains(char::is_control);
    if parts(name) || parts(kind) {
        return Err(WrongWhatIf::Folder(text.to_owned()));
    }
    Ok(ChainFolder {
        kind: kind.to_owned(),
        name: name.to_owned(),
    })
}

fn chain_text(chain: &[ChainFolder]) -> String {
    let folders: Vec<String> = chain
        .iter()
        .map(|folder| format!("{}[{}]", folder.name, folder.kind))
        .collect();
    folders.join("/")
}

impl FromStr for WhatIf {
    type Err = WrongWhatIf;

    fn from_str(text: &str) -> Result<Self, WrongWhatIf> {
        if text.len() > Self::LONGEST {
            return Err(WrongWhatIf::Long);
        }
        let (mode, presets) = text.split_once(':').unwrap_or((text, ""));
        let mut chains = Vec::new();
        for preset in presets
            .split([';', '\n'])
            .filter(|preset| !preset.trim().is_empty())
        {
            let (kind, chain) = preset
                .split_once('=')
                .ok_or_else(|| WrongWhatIf::Preset(preset.trim().to_owned()))?;
            let kind = kind.trim();
            let kind = kind.parse().map_err(|_| WrongWhatIf::Type(kind.to_owned()))?;
            chains.push((kind, chain));
        }
        Self::of(mode, chains)
    }
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mode.map_or("none", ModeName::as_str))?;
        for (index, preset) in self.presets.iter().enumerate() {
            let between = if index == 0 { ":" } else { ";" };
            write!(f, "{between} {} = {}", preset.kind, chain_text(&preset.parents))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("none")]
    #[case("root_relocate")]
    #[case("type_grouping: Shot = all_shots[Folder]/custom[Folder]")]
    #[case("root_relocate: Episode = eps[Folder]; Asset = build[Folder]/assets[Asset]")]
    #[case("root_relocate: Shot = [Folder]/a b[Folder]")]
    fn a_what_if_is_read_back_as_it_was(#[case] text: &str) {
        let what_if: WhatIf = text.parse().unwrap();
        assert_eq!(what_if.to_string(), text);
    }

    #[test]
    fn a_folder_without_type_is_a_folder_and_space_does_not_count() {
        let what_if: WhatIf = " root_relocate :Shot= a / b[Shot] ;\n Asset = ".parse().unwrap();
        assert_eq!(what_if.to_string(), "root_relocate: Shot = a[Folder]/b[Shot]");
    }

    #[rstest]
    #[case("both", WrongWhatIf::Mode("both".to_owned()))]
    #[case("none: Shot", WrongWhatIf::Preset("Shot".to_owned()))]
    #[case("none: Task = a", WrongWhatIf::Type("Task".to_owned()))]
    #[case("none: Note = a", WrongWhatIf::Type("Note".to_owned()))]
    #[case("none: Shot = a; Shot = b", WrongWhatIf::Twice(FlowType::Shot))]
    #[case("none: Shot = x[y", WrongWhatIf::Folder("x[y".to_owned()))]
    #[case("none: Shot = a=b", WrongWhatIf::Folder("a=b".to_owned()))]
    #[case("none: Shot = a[b:c]", WrongWhatIf::Folder("a[b:c]".to_owned()))]
    fn what_is_no_what_if_is_told(#[case] text: &str, #[case] wrong: WrongWhatIf) {
        assert_eq!(text.parse::<WhatIf>(), Err(wrong));
    }

    #[test]
    fn a_text_without_end_is_refused() {
        let long = format!("none: Shot = {}", "a/".repeat(WhatIf::LONGEST));
        assert_eq!(long.parse::<WhatIf>(), Err(WrongWhatIf::Long));
        // With their types the folders are longer than they were typed.
        let typed = "a/".repeat(7000);
        assert_eq!(
            WhatIf::of("none", [(FlowType::Shot, typed.as_str())]),
            Err(WrongWhatIf::Long)
        );
        let two = WhatIf::of("none", [(FlowType::Shot, "a; Asset = b")]);
        assert_eq!(two, Err(WrongWhatIf::Folder("a; Asset = b".to_owned())));
    }

    /// Sixty levels are many, and fine.
    #[test]
    fn the_settings_with_a_what_if_keep_what_it_does_not_name() {
        let preset = |kind, name: &str| ParentingPreset {
            kind,
            parents: vec![ChainFolder {
                kind: "Folder".to_owned(),
                name: name.to_owned(),
            }],
        };
        let parenting = Parenting {
            root_relocate: ParentingMode {
                enabled: true,
                presets: vec![preset(FlowType::Shot, "a"), preset(FlowType::Shot, "b")],
            },
            type_grouping: ParentingMode {
                enabled: false,
                presets: vec![preset(FlowType::Asset, "c")],
            },
        };
        assert_eq!(
            WhatIf::like(&parenting).to_string(),
            "root_relocate: Shot = a[Folder]"
        );
        let off = parenting.with(&WhatIf::default());
        assert_eq!(off.mode(), None);
        assert_eq!(off.root_relocate.presets.len(), 2);
        let levels = vec!["x"; 60].join("/");
        let grouped =
            parenting.with(&WhatIf::of("type_grouping", [(FlowType::Shot, levels.as_str())]).unwrap());
        assert!(!grouped.root_relocate.enabled);
        assert_eq!(grouped.chain_of(FlowType::Shot).unwrap().1.len(), 60);
        assert_eq!(grouped.chain_of(FlowType::Asset), None);
    }
}
