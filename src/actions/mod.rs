//! The use-cases: what each Action Menu Item asks for. Gather reads, `plan()` decides, apply writes.

mod apply;
mod around;
mod attribution;
mod chunks;
mod connections;
mod directory;
mod failure;
mod gather;
mod instead;
mod ledger;
mod light;
mod located;
mod progress;
mod reach;
mod requester;
mod rows;
mod sending;
mod setup;
mod systems;
mod write_back;

pub use apply::{Applied, Stop, apply};
pub use connections::{Connections, FlowSite};
pub use failure::ActionError;
pub use gather::{Gathered, GatheredProject, Memory, Question, gather};
pub use ledger::Ledger;
pub use light::{LightError, LightRules, Told, payload_of, told_by};
pub use progress::{Progress, Step};
pub use systems::{Sessions, Studio, Systems, client_of};

use crate::model::Job;
use crate::plan::{LeftOut, Planned, WhyLeftOut, plan, reparent};

/// What a menu item may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    pub job: Job,
    /// The name people see.
    pub title: &'static str,
    /// Whether rows have to be selected.
    pub needs_rows: bool,
}

/// All actions.
pub const ACTIONS: &[Action] = &[
    Action {
        job: Job::Sync,
        title: "Sync to AYON",
        needs_rows: true,
    },
    Action {
        job: Job::Reparent,
        title: "Preview re-parenting",
        needs_rows: true,
    },
];

/// The action of a word; nothing when there is none.
pub fn action_of(word: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.job.word() == word)
}

/// The name people see for an action's word; nothing when there is no such action.
pub fn title_of(word: &str) -> Option<&'static str> {
    action_of(word).map(|action| action.title)
}

/// Plans what was gathered, project by project.
pub fn plan_of(gathered: &Gathered) -> Planned {
    let alone: Vec<Planned> = gathered
        .projects
        .iter()
        .map(|project| match gathered.job {
            Job::Sync => plan(&project.input()),
            Job::Reparent => reparent(&project.input()),
        })
        .collect();
    let rivals: Vec<Option<Planned>> = alone
        .iter()
        .zip(&gathered.projects)
        .map(|(planned, project)| {
            let ayon = planned.rival_of(&alone)?.to_owned();
            let names = project.flow.rows.iter();
            let left_out = LeftOut {
                site: &gathered.site,
                project: project.flow.project.id,
                name: &project.flow.project.name,
                why: &WhyLeftOut::Rival { ayon },
                wanted: &project.wanted,
                names: &names
                    .filter_map(|(key, row)| Some((*key, row.name.clone()?)))
                    .collect(),
            };
            Some(left_out.plan())
        })
        .collect();
    let parts = alone
        .into_iter()
        .zip(rivals)
        .map(|(planned, rival)| rival.unwrap_or(planned));
    let left_out = gathered.left_out.iter().map(|part| {
        LeftOut {
            site: &gathered.site,
            project: part.project,
            name: &part.name,
            why: &part.why,
            wanted: &part.part.wanted,
            names: &part.part.names,
        }
        .plan()
    });
    Planned::together(parts.chain(left_out).collect())
}
