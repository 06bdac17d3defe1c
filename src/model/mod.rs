//! Ids and small things that both systems agree on.

mod ayon;
mod flow;
mod options;
mod parenting;
mod people;
mod policy;
mod selection;

pub use ayon::AyonId;
pub use flow::{FlowField, FlowId, FlowRef, FlowType};
pub use options::{Job, Options, ReparentOptions, Switch, SyncOptions, UsersOptions, WrongOption};
pub use parenting::{ChainFolder, ModeName, Parenting, ParentingMode, ParentingPreset, WhatIf, WrongWhatIf};
pub use people::{NameRule, Pairing, Pairs, UserLevel, UserPolicy, WrongPairs, user_name_allowed};
pub use policy::{DisabledParents, PlacementPolicy, RootRelocate, SyncPolicy, UnknownStatuses};
pub use selection::{Person, Selection};

/// The two systems that a run reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    Flow,
    Ayon,
}

impl System {
    /// The name people know the system by.
    pub fn title(self) -> &'static str {
        match self {
            Self::Flow => "Flow",
            Self::Ayon => "AYON",
        }
    }
}
