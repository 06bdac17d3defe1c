//! Who may do what: the table of actions and Flow permission groups, and the judgement of one person. Pure.
//!
//! A menu item hides itself from people by group, but whoever can send a form can send its post. So every plan and
//! every apply is judged here, by what Flow says of the person at that moment.

mod denied;
mod table;

pub use denied::Denied;
pub use table::{Grant, Groups, NoGrant, Permissions, Right, Setting};

use std::collections::BTreeSet;

use crate::model::{FlowId, Person};

/// A person as Flow knows them now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    pub person: Person,
    pub standing: Standing,
}

/// What Flow says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Whoever runs amigo's command line holds its credentials: there is nobody to judge.
    Operator,
    /// Flow shows no such person: gone, a script, or not for amigo's script to see.
    Unknown,
    /// The id belongs to somebody of another login.
    Foreign,
    /// `sg_status_list` is not `act` (`flow-api.md §6`).
    Disabled,
    Active {
        /// Absent when Flow tells none.
        group: Option<Group>,
        /// The projects they are a member of.
        projects: BTreeSet<FlowId>,
    },
}

/// A Flow permission group, by the two names people know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub code: String,
    pub name: String,
}

impl Permissions {
    /// Whether a person may do an action in all of these projects; the first thing in the way is told.
    pub fn judge(
        &self,
        action: &str,
        requester: &Requester,
        projects: &[FlowId],
        wanted: Right,
    ) -> Result<(), Denied> {
        let (group, member_of) = match &requester.standing {
            Standing::Operator => return Ok(()),
            Standing::Unknown => return Err(Denied::Unknown(requester.person.clone())),
            Standing::Foreign => return Err(Denied::Foreign(requester.person.clone())),
            Standing::Disabled => return Err(Denied::Disabled(requester.person.clone())),
            Standing::Active { group, projects } => (group.as_ref(), projects),
        };
        for project in projects {
            let (grant, setting) = self.grant(action, *project, group);
            if grant.right < wanted {
                return Err(Denied::Group {
                    action: action.to_owned(),
                    group: group.cloned(),
                    has: grant.right,
                    wanted,
                    setting,
                });
            }
            if grant.own_projects && !member_of.contains(project) {
                return Err(Denied::NotMember {
                    project: *project,
                    name: None,
                    group: group.cloned(),
                    setting,
                });
            }
        }
        Ok(())
    }

    /// Whether a person may do an action that is about no project, and so about all of them.
    pub fn judge_for_all(&self, action: &str, requester: &Requester, wanted: Right) -> Result<(), Denied> {
        self.judge(action, requester, &[], wanted)?;
        let Standing::Active { group, .. } = &requester.standing else {
            return Ok(());
        };
        let (grant, setting) = self.grant_everywhere(action, group.as_ref());
        if grant.right < wanted || grant.own_projects {
            return Err(Denied::Group {
                action: action.to_owned(),
                group: group.clone(),
                has: if grant.own_projects {
                    Right::Nothing
                } else {
                    grant.right
                },
                wanted,
                setting,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
