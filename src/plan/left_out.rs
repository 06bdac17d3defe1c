//! Projects of a selection that cannot be planned at all, while others of it can.

use std::collections::BTreeMap;

use crate::model::{FlowId, FlowRef, FlowType};
use crate::problem::{Code, FlowNamed, Severity};

use super::Planned;
use super::draft::Draft;
use super::operation::PlannedProject;
use super::snapshot::Wanted;
use super::sync::all_blocked;

/// Why nothing of a project is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLeftOut {
    Archived,
    NotInFlow,
    /// Another project of the selection would become the same AYON project, or one that AYON takes for it.
    Rival {
        ayon: String,
    },
}

/// A project that is left out, with what was wanted of it.
pub struct LeftOut<'a> {
    pub site: &'a str,
    pub project: FlowId,
    pub name: &'a str,
    pub why: &'a WhyLeftOut,
    pub wanted: &'a Wanted,
    /// Names of the wanted rows, as far as they are known.
    pub names: &'a BTreeMap<FlowRef, String>,
}

impl LeftOut<'_> {
    /// A plan in which the project and each of its rows is named, and nothing is done.
    pub fn plan(&self) -> Planned {
        let mut draft = Draft::new(self.site, "");
        let flow = FlowNamed {
            key: FlowRef {
                kind: FlowType::Project,
                id: self.project,
            },
            name: self.name.to_owned(),
        };
        let (code, message, remedy) = match self.why {
            WhyLeftOut::Archived => (
                Code::ProjectArchived,
                format!("{} is archived in Flow.", self.name),
                "Un-archive the Project in Flow if it is still worked on, or leave its rows out.",
            ),
            WhyLeftOut::NotInFlow => (
                Code::ProjectNotInFlow,
                format!("Flow shows amigo no {}.", self.name),
                "Give the script access to the Project in Flow, or restore it from the trash.",
            ),
            WhyLeftOut::Rival { ayon } => (
                Code::ProjectTwoCandidates,
                format!(
                    "{} is one of several selected Projects that AYON could not tell from each other as {ayon}.",
                    self.name
                ),
                "Give each its own AYON name in the Flow Project's sg_ayon_id, or select only the one that is meant.",
            ),
        };
        draft.problem(Severity::Blocked, code, Some(flow.clone()), None, message, remedy);
        all_blocked(&mut draft, &flow, self.wanted, |row| {
            self.names.get(&row).cloned()
        });
        draft.finish(vec![PlannedProject {
            flow_id: self.project.0,
            name: self.name.to_owned(),
            ayon: None,
            folders: None,
            parenting: None,
        }])
    }
}
