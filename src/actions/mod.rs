//! The use-cases: what each Action Menu Item asks for. Gather reads, `plan()` decides, apply writes.

mod apply;
mod chunks;
mod connections;
mod failure;
mod gather;
mod instead;
mod ledger;
mod progress;
mod rows;
mod sending;
mod setup;
mod systems;
mod write_back;

pub use apply::{Applied, Stop, apply};
pub use connections::{Connections, FlowSite};
pub use failure::ActionError;
pub use gather::{Gathered, Memory, Question, gather};
pub use ledger::Ledger;
pub use progress::{Progress, Step};
pub use systems::{Sessions, Studio, Systems};

use crate::plan::{Input, Planned, plan};

/// The actions: the word in a menu item's address, and the name people see.
pub const ACTIONS: &[(&str, &str)] = &[("sync", "Sync to AYON")];

/// The name people see for an action's word; nothing when there is no such action.
pub fn title_of(action: &str) -> Option<&'static str> {
    ACTIONS
        .iter()
        .find(|(word, _)| *word == action)
        .map(|(_, title)| *title)
}

/// Plans what was gathered.
pub fn plan_of(question: &Question<'_>, gathered: &Gathered) -> Planned {
    plan(&Input {
        selection: question.selection,
        flow: &gathered.flow,
        ayon: &gathered.ayon,
        rules: &gathered.rules,
    })
}
