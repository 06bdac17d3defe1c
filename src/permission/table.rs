//! The table: what a permission group may do with an action.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::model::FlowId;

use super::Group;

/// What somebody may do with an action; each includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    #[default]
    Nothing,
    /// Look at the runs of others, by the address that is for sharing.
    See,
    /// Make plans, which write nothing.
    Plan,
    /// Apply them.
    Apply,
}

/// A right, and where it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    pub right: Right,
    /// Only in projects that the person is a member of in Flow.
    pub own_projects: bool,
}

/// A text that is no grant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing, see, plan or apply; for projects that the person is a member of: plan own, apply own")]
pub struct NoGrant;

impl FromStr for Grant {
    type Err = NoGrant;

    fn from_str(text: &str) -> Result<Self, NoGrant> {
        let (word, own_projects) = match text.strip_suffix(" own") {
            Some(word) => (word, true),
            None => (text, false),
        };
        let right = match word {
            "nothing" if !own_projects => Right::Nothing,
            "see" if !own_projects => Right::See,
            "plan" => Right::Plan,
            "apply" => Right::Apply,
            _ => return Err(NoGrant),
        };
        Ok(Self { right, own_projects })
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.right {
            Right::Nothing => "nothing",
            Right::See => "see",
            Right::Plan => "plan",
            Right::Apply => "apply",
        })?;
        f.write_str(if self.own_projects { " own" } else { "" })
    }
}

/// What groups may do with one action: by code or name in lower case, as [`Permissions::key`] makes it.
pub type Groups = BTreeMap<String, Grant>;

/// Where a grant was configured, as the file has it: `policy.sync.artist`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub path: String,
    /// Whether it names the group, or is that of all others.
    pub names_group: bool,
}

/// The whole table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// By action.
    pub everywhere: BTreeMap<String, Groups>,
    /// By Flow project and action; what a project does not name is as everywhere.
    pub in_project: BTreeMap<FlowId, BTreeMap<String, Groups>>,
}

impl Permissions {
    /// The word for all groups that are named nowhere.
    pub const OTHERS: &str = "others";

    /// The same with what another table names in its place.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        let add = |actions: &mut BTreeMap<String, Groups>, more: BTreeMap<String, Groups>| {
            for (action, groups) in more {
                actions.entry(action).or_default().extend(groups);
            }
        };
        add(&mut self.everywhere, other.everywhere);
        for (project, actions) in other.in_project {
            add(self.in_project.entry(project).or_default(), actions);
        }
        self
    }

    /// A group's code or name as the table looks it up.
    pub fn key(name: &str) -> String {
        name.trim().to_lowercase()
    }

    /// What a group may do, and where that stands. A group that is named goes before `others`, and what a project
    /// says before what is said for all.
    pub(super) fn grant(&self, action: &str, project: FlowId, group: Option<&Group>) -> (Grant, Setting) {
        let of_project = (
            format!("policy.projects.{project}.{action}"),
            self.in_project
                .get(&project)
                .and_then(|actions| actions.get(action)),
        );
        let of_all = (format!("policy.{action}"), self.everywhere.get(action));
        self.found(action, &[of_project, of_all], group)
    }

    /// The same of what is about no project.
    pub(super) fn grant_everywhere(&self, action: &str, group: Option<&Group>) -> (Grant, Setting) {
        let of_all = (format!("policy.{action}"), self.everywhere.get(action));
        self.found(action, &[of_all], group)
    }

    fn found(
        &self,
        action: &str,
        tables: &[(String, Option<&Groups>)],
        group: Option<&Group>,
    ) -> (Grant, Setting) {
        let names = group.map_or_else(Vec::new, |group| {
            vec![Self::key(&group.code), Self::key(&group.name)]
        });
        let found = |names: &[String], names_group: bool| {
            tables.iter().find_map(|(path, groups)| {
                names.iter().find_map(|name| {
                    let grant = (*groups)?.get(name)?;
                    let path = format!("{path}.{}", quoted(name));
                    Some((*grant, Setting { path, names_group }))
                })
            })
        };
        let others = [Self::OTHERS.to_owned()];
        found(&names, true)
            .or_else(|| found(&others, false))
            .unwrap_or_else(|| {
                let path = format!("policy.{action}.{}", Self::OTHERS);
                (
                    Grant::default(),
                    Setting {
                        path,
                        names_group: false,
                    },
                )
            })
    }
}

/// A name as a TOML key.
pub(super) fn quoted(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => format!("{name:?}"),
    }
}
