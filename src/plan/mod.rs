//! Planning: a pure function of the selection, two snapshots and the rules. No I/O, no clock, no randomness.

mod anatomy;
mod categories;
mod draft;
mod entities;
mod estimate;
mod intent;
mod naming;
mod offer;
mod operation;
mod partner;
mod placement;
mod places;
mod preflight;
mod project;
mod snapshot;
mod sync;
#[cfg(test)]
mod tests;
mod tree;

pub use estimate::{about, estimate};
pub use intent::{EntityPatch, Intent, NewEntity, SYNCED, Write, WriteBack};
pub use offer::{noun_of, words_of};
pub use operation::{Change, Counts, Kind, Node, On, OpId, Operation, Plan, PlannedProject, Verdict};
pub use placement::ParentField;
pub use project::{ProjectMatch, find_project};
pub use snapshot::{
    Anatomy, AyonFolder, AyonProject, AyonProjectLine, AyonSnapshot, AyonTask, FieldKind, FlowProject,
    FlowRow, FlowSchema, FlowSnapshot, ParentValue, Rules, Step,
};
pub use sync::plan;

use crate::model::Selection;

/// Everything a plan depends on.
pub struct Input<'a> {
    pub selection: &'a Selection,
    pub flow: &'a FlowSnapshot,
    pub ayon: &'a AyonSnapshot,
    pub rules: &'a Rules,
}

/// A plan, and for each of its operations, in the same order, what it would send.
pub struct Planned {
    pub plan: Plan,
    pub intents: Vec<Intent>,
}
