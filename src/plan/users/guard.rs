//! Nobody is locked out: what is taken away is offered only where somebody is left who can give it back.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FlowId, UserLevel};
use crate::plan::operation::{Kind, On, Operation};

use super::changes::LEVEL;
use super::matching::Found;
use super::snapshot::{Account, Accounts};

/// Whether an operation takes a right away from a user: then its number is to be typed.
pub fn takes_away(operation: &Operation) -> bool {
    if operation.on != On::User {
        return false;
    }
    let demotes = operation.changes.iter().any(|change| {
        let level =
            |value: &serde_json::Value| value.as_str().and_then(|word| word.parse::<UserLevel>().ok());
        change.field == LEVEL && level(&change.to) < level(&change.from)
    });
    operation.kind == Kind::Retire || demotes
}

/// Why a user cannot be switched off or demoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protected {
    Admin,
    LastManager,
    Asking,
    /// Somebody active may be this user.
    Claimed,
}

impl Protected {
    pub fn words(self) -> &'static str {
        match self {
            Self::Admin => "is an administrator in AYON, from whom amigo takes nothing",
            Self::LastManager => "is the last manager in AYON who would be left",
            Self::Asking => "is the user of whoever asked for this plan",
            Self::Claimed => "may be somebody who is active, about whom nobody decided yet",
        }
    }
}

/// Keeps count of the managers that would be left if everything that is offered were ticked.
pub struct Guard {
    managers: usize,
    asked_by: Option<FlowId>,
    /// Users that whoever asks is, or may be.
    theirs: BTreeSet<String>,
    /// Users that somebody active may be.
    claimed: BTreeSet<String>,
}

impl Guard {
    pub fn new(
        ayon: &Accounts,
        asked_by: Option<FlowId>,
        found: &BTreeMap<FlowId, Found>,
        active: impl Fn(FlowId) -> bool,
    ) -> Self {
        let claimed = found.iter().filter(|(id, _)| active(**id));
        let claimed = claimed.flat_map(|(_, found)| match found {
            Found::Undecided { candidates, .. } => candidates.clone(),
            _ => Vec::new(),
        });
        let theirs = match asked_by.and_then(|id| found.get(&id)) {
            Some(Found::Same { user, .. }) => [user.clone()].into(),
            Some(Found::Undecided { candidates, .. }) => candidates.iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        Self {
            managers: ayon.users.values().filter(|user| user.manages()).count(),
            asked_by,
            theirs,
            claimed: claimed.collect(),
        }
    }

    /// Lets something be taken away from a user, or says why not.
    pub fn take(&mut self, person: FlowId, user: &Account) -> Result<(), Protected> {
        match user.level {
            UserLevel::Admin => Err(Protected::Admin),
            _ if self.asked_by == Some(person) || self.theirs.contains(&user.name) => Err(Protected::Asking),
            _ if self.claimed.contains(&user.name) => Err(Protected::Claimed),
            UserLevel::Manager if self.managers <= 1 => Err(Protected::LastManager),
            UserLevel::Manager => {
                self.managers -= 1;
                Ok(())
            }
            UserLevel::User => Ok(()),
        }
    }
}
