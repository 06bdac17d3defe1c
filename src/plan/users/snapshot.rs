//! Flow's people and AYON's users as they were read for one plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FlowId, Pairs, UserLevel, UserPolicy};
use crate::permission::Group;
use crate::plan::naming::{misleads, plain};

/// Everything that the plan of users depends on.
pub struct UsersInput<'a> {
    /// Host of the Flow site; part of every derived id.
    pub site: &'a str,
    pub wanted: &'a Whom,
    pub flow: &'a FlowPeople,
    pub ayon: &'a Accounts,
    pub policy: &'a UserPolicy,
    /// What somebody decided by hand.
    pub pairs: &'a Pairs,
    /// Whoever asked is never offered to lock themselves out.
    pub asked_by: Option<FlowId>,
}

/// Whose users are planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// All who are active in Flow, and all who left it and still are in AYON.
    Everyone,
    These(BTreeSet<FlowId>),
}

/// Flow's people. All of them, whoever is wanted: two may claim one AYON user.
#[derive(Clone, Debug, Default)]
pub struct FlowPeople {
    pub people: BTreeMap<FlowId, Individual>,
    /// Of those that AYON still knows or that were selected, those in Flow's trash, with their names.
    pub retired: BTreeMap<FlowId, String>,
    /// Of the selected rows the Tasks that people are assigned to.
    pub tasks: BTreeMap<FlowId, Vec<FlowId>>,
}

/// A Flow HumanUser (`flow-api.md §6`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Individual {
    pub id: FlowId,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    /// `sg_status_list` is `act`.
    pub active: bool,
    pub permission: Option<Group>,
    /// The Groups they are in.
    pub groups: BTreeSet<FlowId>,
    /// The Projects they are members of.
    pub projects: BTreeSet<FlowId>,
}

/// AYON's side.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// By name.
    pub users: BTreeMap<String, Account>,
    /// Active AYON projects that are linked with a Flow Project.
    pub projects: BTreeMap<FlowId, String>,
    /// The access groups there are; AYON drops others silently (`ayon-api.md §7.2`). `None` when it does not tell.
    pub access_groups: Option<BTreeSet<String>>,
}

/// An AYON user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub active: bool,
    pub level: UserLevel,
    /// Services log in with keys; they are nobody.
    pub service: bool,
    /// Access groups by project.
    pub access: BTreeMap<String, Vec<String>>,
    /// AYON tells the access in a way that cannot be read, so it may be more than `access`.
    pub access_unread: bool,
    pub stored: StoredId,
}

/// What a user holds as `data.sg_user_id`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StoredId {
    /// Nothing, or nobody asked because nothing depends on it.
    #[default]
    Nothing,
    Person(FlowId),
    /// Something that is no id.
    Unreadable(String),
}

impl StoredId {
    /// The person it names.
    pub fn person(&self) -> Option<FlowId> {
        match self {
            Self::Person(id) => Some(*id),
            Self::Nothing | Self::Unreadable(_) => None,
        }
    }
}

impl Individual {
    /// The name people know them by.
    pub fn title(&self) -> String {
        match plain(&self.name) {
            name if name.is_empty() => plain(&self.login),
            name => name,
        }
    }

    /// Their e-mail, where it can be one.
    pub fn mail(&self) -> Option<&str> {
        usable(self.email.as_deref())
    }
}

impl Account {
    /// Whether it is one of those who can give others what amigo takes from them.
    pub fn manages(&self) -> bool {
        self.active && !self.service && self.level == UserLevel::Manager
    }

    /// Its e-mail, where it can be one.
    pub fn mail(&self) -> Option<&str> {
        usable(self.email.as_deref())
    }
}

/// What can be an e-mail at all; AYON itself takes any text (`ayon-api.md §7.2`).
fn usable(email: Option<&str>) -> Option<&str> {
    let email = email?.trim();
    let (before, after) = email.rsplit_once('@')?;
    let strange = |c: char| c.is_whitespace() || misleads(c);
    (!before.is_empty() && !after.is_empty() && !email.contains(strange)).then_some(email)
}
