//! Planning: a pure function of the selection, two snapshots and the rules. No I/O, no clock, no randomness.

mod operation;

pub use operation::{Change, Counts, Kind, Node, On, OpId, Operation, Plan, PlannedProject, Verdict};
