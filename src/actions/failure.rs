//! Why an action could not go on, and how its run then ends.

use crate::ayon::AyonError;
use crate::flow::FlowError;
use crate::model::WrongOption;
use crate::net::NetError;
use crate::permission::Denied;
use crate::run::{Failure, State};
use crate::store::StoreError;

use super::light::LightError;

/// An action that could not go on. Nothing was written by the step that failed, unless the report says so.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    #[error("{0}")]
    NotConfigured(&'static str),
    #[error(transparent)]
    Ayon(#[from] AyonError),
    #[error(transparent)]
    Flow(#[from] FlowError),
    #[error("Flow shows amigo no Project {0}")]
    NoProject(i64),
    #[error("{0} is archived in Flow")]
    Archived(String),
    #[error("Flow shows amigo none of the selected rows")]
    NothingThere,
    #[error("nobody is in what was selected")]
    NobodyThere,
    #[error("Flow does not show its people to amigo's script")]
    PeopleHidden,
    #[error(transparent)]
    Light(#[from] LightError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("this amigo does not know what the run was asked for")]
    UnknownAction,
    #[error("the run's options cannot be read: {0}")]
    Options(#[from] WrongOption),
    #[error("the data of the run cannot be read: {0}")]
    Store(#[from] StoreError),
}

impl ActionError {
    /// The state that the run ends in.
    pub fn state(&self) -> State {
        match self {
            Self::NoProject(_)
            | Self::Archived(_)
            | Self::NothingThere
            | Self::NobodyThere
            | Self::Light(_)
            | Self::Denied(_) => State::Refused,
            Self::NotConfigured(_)
            | Self::PeopleHidden
            | Self::UnknownAction
            | Self::Ayon(_)
            | Self::Flow(_)
            | Self::Options(_)
            | Self::Store(_) => State::Failed,
        }
    }

    /// The same in words for the person who asked.
    pub fn failure(&self) -> Failure {
        if let Self::Denied(denied) = self {
            return denied.into();
        }
        let (code, remedy) = self.code_and_remedy();
        Failure::new(code, &self.to_string(), remedy)
    }

    /// The stable word.
    pub fn code(&self) -> &'static str {
        self.code_and_remedy().0
    }

    /// The same for the log and for probes, which others read than the person who asked: no names, and nothing in the
    /// words of Flow or AYON, which may repeat what they were asked. The run's own page has those.
    pub fn discreet(&self) -> String {
        let refused =
            |system: &str, status: u16| format!("{system} refused what it was asked (status {status})");
        match self {
            Self::Ayon(AyonError::Refused { status, .. }) => refused("AYON", *status),
            Self::Flow(FlowError::Refused { status, .. }) => refused("Flow", *status),
            Self::Ayon(AyonError::Credentials(_)) => "AYON does not accept the API key".to_owned(),
            Self::Flow(FlowError::Credentials(_)) => {
                "Flow does not accept the script name and key".to_owned()
            }
            Self::Archived(_) => "the Project is archived in Flow".to_owned(),
            Self::UnknownAction => "what the run was asked for is unknown".to_owned(),
            Self::Options(_) => "the run's options cannot be read".to_owned(),
            Self::Light(error) => error.discreet(),
            Self::Denied(denied) => denied.discreet(),
            // These hold ids and amigo's own words only.
            Self::NotConfigured(_)
            | Self::Ayon(
                AyonError::Net(_) | AyonError::NoBundle | AyonError::NoAddon | AyonError::NoSecret(_),
            )
            | Self::Flow(FlowError::Net(_))
            | Self::NoProject(_)
            | Self::NothingThere
            | Self::NobodyThere
            | Self::PeopleHidden
            | Self::Store(_) => self.to_string(),
        }
    }

    fn code_and_remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotConfigured(_) => (
                "not-configured",
                "Complete amigo's configuration and start it again.",
            ),
            Self::Ayon(AyonError::Net(error)) => (
                if unreachable(error) {
                    "ayon-unreachable"
                } else {
                    "ayon-unreadable"
                },
                "Try again when AYON answers.",
            ),
            Self::Flow(FlowError::Net(error)) => (
                if unreachable(error) {
                    "flow-unreachable"
                } else {
                    "flow-unreadable"
                },
                "Try again when Flow answers.",
            ),
            Self::Ayon(AyonError::Credentials(_)) => (
                "ayon-credentials",
                "Give amigo the API key of an AYON service user as AMIGO_AYON_API_KEY.",
            ),
            Self::Ayon(AyonError::NoBundle | AyonError::NoAddon) => (
                "addon-missing",
                "Put the shotgrid addon into AYON's production bundle.",
            ),
            Self::Ayon(AyonError::NoSecret(_)) => (
                "secret-missing",
                "Make the secret in AYON, or choose another one in the addon's settings.",
            ),
            Self::Ayon(AyonError::Refused { .. }) => (
                "ayon-refused",
                "Tell whoever looks after AYON; the message above is AYON's own.",
            ),
            Self::Flow(FlowError::Credentials(_)) => (
                "flow-credentials",
                "Correct the script name in the addon's settings, or the key in its AYON secret.",
            ),
            Self::Flow(FlowError::Refused { .. }) => (
                "flow-refused",
                "Tell whoever looks after Flow; the message above is Flow's own.",
            ),
            Self::NoProject(_) => (
                "project-not-in-flow",
                "Give the script access to the Project in Flow, or restore it from the trash.",
            ),
            Self::Archived(_) => (
                "project-archived",
                "Un-archive the Project in Flow if it is still worked on.",
            ),
            Self::NothingThere => (
                "rows-not-in-flow",
                "Select rows that are not in the trash, in a project that the script may see.",
            ),
            Self::NobodyThere => (
                "nobody-selected",
                "Select people, a Group or a Project with members, or rows whose Tasks are assigned.",
            ),
            Self::PeopleHidden => (
                "people-unreadable",
                "Let the script see people in Flow: its permission group decides.",
            ),
            Self::Light(_) => (
                "light-post",
                "Choose the menu item in Flow once more. If it happens again, give the item a secret token, or switch its light payload off.",
            ),
            // It names its own setting.
            Self::Denied(denied) => (denied.code(), ""),
            Self::UnknownAction => ("unknown-action", "Begin it again from its menu item in Flow."),
            Self::Options(_) => (
                "options-unreadable",
                "Choose the menu item again; a newer amigo may have begun this run.",
            ),
            Self::Store(_) => (
                "internal",
                "Tell whoever looks after amigo; the log has the cause.",
            ),
        }
    }
}

fn unreachable(error: &NetError) -> bool {
    matches!(
        error,
        NetError::Unreachable { .. }
            | NetError::TimedOut { .. }
            | NetError::Unavailable { .. }
            | NetError::BrokenOff { .. }
    )
}
