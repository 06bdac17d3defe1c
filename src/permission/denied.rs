//! Why somebody may not, in words for them and for whoever configures amigo.

use crate::model::{FlowId, Person};

use super::table::quoted;
use super::{Group, Permissions, Right, Setting};

/// A refusal of the policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("Flow shows amigo no person {}", named(.0))]
    Unknown(Person),
    #[error("the post names {} with an id that is somebody else's in Flow", .0.login)]
    Foreign(Person),
    #[error("{} is disabled in Flow", .0.name)]
    Disabled(Person),
    #[error("{}", group_may(.group.as_ref(), *.has, *.wanted, .action))]
    Group {
        action: String,
        group: Option<Group>,
        has: Right,
        wanted: Right,
        setting: Setting,
    },
    #[error(
        "{} may do this only in their own projects, and in Flow this person is no member of {}",
        subject(.group.as_ref()), project_name(*.project, .name.as_deref())
    )]
    NotMember {
        project: FlowId,
        /// The name people know the project by, where it is known.
        name: Option<String>,
        group: Option<Group>,
        setting: Setting,
    },
}

fn named(person: &Person) -> String {
    match person.id {
        Some(id) => format!("{} ({id})", person.login),
        None => person.login.clone(),
    }
}

fn project_name(project: FlowId, name: Option<&str>) -> String {
    name.map_or_else(|| format!("Project {project}"), str::to_owned)
}

fn subject(group: Option<&Group>) -> String {
    match group {
        Some(group) => format!("the permission group {}", group.name),
        None => "somebody without a permission group".to_owned(),
    }
}

fn group_may(group: Option<&Group>, has: Right, wanted: Right, action: &str) -> String {
    let subject = subject(group);
    let action = match action {
        "sync" => "a sync",
        "reparent" => "re-parenting",
        "users" => "a sync of users",
        other => other,
    };
    match (has, wanted) {
        (Right::Plan, Right::Apply) => format!("{subject} may plan {action}, but not apply it"),
        (Right::See, _) => format!("{subject} may look at {action}, but not begin one"),
        _ => format!("{subject} may not use {action}"),
    }
}

impl Denied {
    /// The same with the name of the project that stands in the way, where one does.
    #[must_use]
    pub fn of_project(mut self, found: Option<String>) -> Self {
        if let Self::NotMember { name, .. } = &mut self {
            *name = found;
        }
        self
    }

    /// The stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "person-unknown",
            Self::Foreign(_) => "person-foreign",
            Self::Disabled(_) => "person-disabled",
            Self::Group { wanted, .. } if *wanted == Right::Apply => "apply-not-permitted",
            Self::Group { .. } => "plan-not-permitted",
            Self::NotMember { .. } => "not-your-project",
        }
    }

    /// Who and which setting, by ids and paths alone: for the log, which names nobody.
    pub fn discreet(&self) -> String {
        let id = |person: &Person| match person.id {
            Some(id) => format!("HumanUser {id}"),
            None => "person without an id".to_owned(),
        };
        match self {
            Self::Unknown(person) => format!("Flow shows amigo no {}", id(person)),
            Self::Foreign(person) => format!("{} has another login in Flow", id(person)),
            Self::Disabled(person) => format!("{} is disabled in Flow", id(person)),
            Self::Group { setting, .. } => format!("{} does not allow it", setting.path),
            Self::NotMember { project, setting, .. } => {
                format!(
                    "{} allows it to members of Project {} only",
                    setting.path, project
                )
            }
        }
    }

    /// What can be done about it, and which setting decides.
    pub fn remedy(&self) -> String {
        match self {
            Self::Unknown(_) => "Scripts and people that are gone may not use amigo. If you are neither, amigo's script must be allowed to see people in Flow.".to_owned(),
            Self::Foreign(_) => "Log out of Flow and in again, then choose the menu item once more.".to_owned(),
            Self::Disabled(_) => "Ask whoever looks after Flow to activate the person.".to_owned(),
            Self::Group { group, setting, .. } => match (group, setting.names_group) {
                (Some(group), false) => format!(
                    "Ask somebody who may. amigo's configuration does not name this group, so {} counts; {} would name it.",
                    setting.path,
                    by_name(setting, group),
                ),
                _ => format!(
                    "Ask somebody who may, or have it allowed: {} in amigo's configuration decides.",
                    setting.path
                ),
            },
            Self::NotMember { setting, .. } => format!(
                "Ask to be added to the Project in Flow, or have it allowed: {} in amigo's configuration decides.",
                setting.path
            ),
        }
    }
}

/// The setting that would name a group, beside that of all others.
fn by_name(setting: &Setting, group: &Group) -> String {
    let table = setting.path.trim_end_matches(Permissions::OTHERS);
    format!("{table}{}", quoted(&Permissions::key(&group.code)))
}
