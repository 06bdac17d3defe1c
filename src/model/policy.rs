//! What a studio decided about syncing, beside what the addon's settings say.

use std::collections::BTreeSet;

/// amigo's own rules, the table `[sync]` of its configuration. Planning decides by it, and never asks where it
/// came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPolicy {
    pub unknown_statuses: UnknownStatuses,
    /// Codes of Flow statuses that are never made in AYON, whatever [`Self::unknown_statuses`] says.
    pub never_create: BTreeSet<String>,
    /// A group that a Task is assigned to counts as its members. The addon drops groups
    /// (`ayon-shotgrid-behaviour.md §7.1`).
    pub expand_groups: bool,
    /// An empty Flow field removes the value in AYON. The addon skips it (`ayon-shotgrid-behaviour.md §7.1`).
    pub clear_empty: bool,
    /// A value is written although the folder or task inherits the same one, which keeps it from following its
    /// parents later, as the addon does (`ayon-shotgrid-behaviour.md §7.1`).
    pub repeat_inherited: bool,
    /// What stands for each character that AYON accepts in no label (`ayon-api.md §4.1`); without it a new row with
    /// such a label is blocked, and a linked one keeps the label it has.
    pub label_replacement: Option<String>,
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self {
            unknown_statuses: UnknownStatuses::default(),
            never_create: ["na", "omt"].map(str::to_owned).into(),
            expand_groups: true,
            clear_empty: false,
            repeat_inherited: false,
            label_replacement: None,
        }
    }
}

/// What becomes of a Flow status that AYON lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownStatuses {
    /// It is made: an operation of the plan, to be seen and unticked.
    #[default]
    Create,
    /// The rows keep the status that AYON has, with a warning.
    Warn,
}

/// amigo's own rules of where rows go, the table `[placement]` of its configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlacementPolicy {
    pub disabled_parents: DisabledParents,
    pub root_relocate: RootRelocate,
}

/// What becomes of a row whose parent is of a type that is not enabled, or hidden
/// (`ayon-shotgrid-behaviour.md §6.2`, V23: the addon's two paths disagree).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisabledParents {
    /// It is left out, and the type is named.
    #[default]
    Block,
    /// It goes to the nearest row above that is synced, or to the project's root.
    Nearest,
}

/// What `root_relocate` moves to its chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RootRelocate {
    /// The rows of the preset's type alone, as the addon does.
    #[default]
    Flat,
    /// The topmost rows of Flow's hierarchy above them; everything else stays below its parent.
    KeepHierarchy,
}
