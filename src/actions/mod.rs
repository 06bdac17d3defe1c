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
mod look;
mod one_user;
mod progress;
mod reach;
mod requester;
mod rows;
mod sending;
mod setup;
mod systems;
mod users;
mod write_back;
mod writing_users;

pub use apply::{Applied, Stop, apply};
pub use connections::{Connections, FlowSite};
pub use failure::ActionError;
pub use gather::{Gathered, GatheredProject, Memory, Question, gather};
pub use ledger::Ledger;
pub use light::{LightError, LightRules, Told, payload_of, told_by};
pub use look::{Looked, look};
pub use progress::{Progress, Step};
pub use systems::{Sessions, Studio, Systems, client_of};

use crate::ami::Refusal;
use crate::model::{FlowType, Job, Selection};
use crate::plan::{LeftOut, Planned, WhyLeftOut, plan, reparent};

/// What a menu item may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    pub job: Job,
    /// The name people see.
    pub title: &'static str,
    /// The types of rows that it is for.
    pub types: &'static [FlowType],
    /// The types of pages on which nothing needs to be selected: then everybody is meant.
    pub without_rows: &'static [FlowType],
}

impl Action {
    /// Refuses rows of a type that it is not for, and nothing where something has to be selected. `on_page` is the
    /// number of rows that the page has.
    pub fn check(&self, selection: &Selection, on_page: usize) -> Result<(), Refusal> {
        let kind = selection.entity_type;
        if !self.types.contains(&kind) {
            let types: Vec<&str> = self.types.iter().map(|kind| kind.plural()).collect();
            return Err(Refusal::OtherType {
                kind: kind.plural(),
                action: self.title,
                types: types.join(", "),
            });
        }
        if selection.ids.is_empty() && self.needs_rows(kind.as_str()) {
            return Err(Refusal::NothingSelected { on_page });
        }
        Ok(())
    }

    /// Whether rows have to be selected on a page of this type.
    pub fn needs_rows(&self, kind: &str) -> bool {
        !self.without_rows.iter().any(|known| known.as_str() == kind)
    }
}

/// All actions.
pub const ACTIONS: &[Action] = &[
    Action {
        job: Job::Sync,
        title: "Sync to AYON",
        types: &FlowType::ALL,
        without_rows: &[],
    },
    Action {
        job: Job::Reparent,
        title: "Preview re-parenting",
        types: &FlowType::ALL,
        without_rows: &[],
    },
    Action {
        job: Job::Users,
        title: "Sync users",
        types: &[
            FlowType::HumanUser,
            FlowType::Group,
            FlowType::Project,
            FlowType::Shot,
            FlowType::Asset,
            FlowType::Task,
        ],
        without_rows: &[FlowType::HumanUser, FlowType::Group, FlowType::Project],
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
            Job::Reparent => reparent(&project.input()),
            // Users are no rows of a project, and are planned by themselves.
            Job::Sync | Job::Users => plan(&project.input()),
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
