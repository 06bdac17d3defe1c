//! Planning: a pure function of the selection, two snapshots and the rules. No I/O, no clock, no randomness.

mod anatomy;
mod attributes;
mod carried;
mod draft;
mod entities;
mod estimate;
mod grouping;
mod guards;
mod intent;
mod left_out;
mod naming;
mod offers;
mod operation;
mod partner;
mod parts;
mod people;
mod placement;
mod places;
mod preflight;
mod project;
mod reparent;
mod retired;
mod rules;
mod settle;
mod snapshot;
mod statuses;
mod surroundings;
mod sync;
#[cfg(test)]
mod tests;
mod together;
mod tree;
mod users;
mod wording;

pub use estimate::{about, estimate};
pub use intent::{Attributes, EntityPatch, Intent, NewEntity, NewUser, SYNCED, UserPatch, Write, WriteBack};
pub use left_out::{LeftOut, WhyLeftOut};
pub use operation::{
    Change, Counts, Kind, Node, On, OpId, Operation, Placement, Plan, PlannedProject, Reasons, Verdict,
};
pub use parts::Parts;
pub use people::People;
pub use placement::ParentField;
pub use project::{ProjectMatch, find_project};
pub use reparent::{WORK_DIRECTORY, publishers, reparent};
pub use rules::{AttributeKind, LiveOn, MappedAttribute, Rules};
pub use snapshot::{
    Anatomy, Assignee, AyonFolder, AyonProject, AyonProjectLine, AyonSnapshot, AyonStatus, AyonTask,
    AyonUser, FieldKind, FlowGroup, FlowPerson, FlowProject, FlowRow, FlowSchema, FlowSnapshot, Held, Inside,
    ParentValue, Step, Wanted,
};
pub use sync::{plan, unread};
pub use tree::tree_order;
pub use users::{
    ACTIVE, Account, Accounts, By, Candidate, Column, EMAIL, FlowPeople, Individual, Seat, StoredId,
    UsersInput, Whom, takes_away, users, without_unmade,
};
pub use wording::{noun_of, words_of};

/// Everything that one project's plan depends on.
pub struct Input<'a> {
    pub wanted: &'a Wanted,
    pub flow: &'a FlowSnapshot,
    pub ayon: &'a AyonSnapshot,
    pub rules: &'a Rules,
}

/// A plan, and for each of its operations, in the same order, what it would send.
pub struct Planned {
    pub plan: Plan,
    pub intents: Vec<Intent>,
}
