//! What a user gets of what Flow says of a person: name, e-mail, access. Always added to, never replaced.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use crate::model::{FlowId, UserLevel, UserPolicy};
use crate::permission::Permissions;
use crate::plan::naming::plain;
use crate::plan::operation::Change;

use super::matching::same_text;
use super::snapshot::{Account, Accounts, Individual, StoredId};

/// The changes that tell a user's level, whether they may log in, and their e-mail.
pub const LEVEL: &str = "level";
pub const ACTIVE: &str = "active";
pub const EMAIL: &str = "e-mail";

/// E-mails and whose they are in AYON: no two users get one.
pub struct Mails {
    /// By e-mail in lower case. Some are several users' already.
    holders: HashMap<String, BTreeSet<String>>,
    /// Who gives an e-mail up in this plan.
    freed: HashMap<String, Vec<FlowId>>,
}

/// Somebody's user that should get another e-mail.
pub struct MailWish<'a> {
    pub person: FlowId,
    pub user: &'a Account,
    pub to: String,
}

/// What becomes of such a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mail {
    /// Once the users of these people have given it up.
    Gets(String, Vec<FlowId>),
    /// This user has it and keeps it.
    Taken(String),
}

impl Mails {
    pub fn of(ayon: &Accounts) -> Self {
        let mut holders: HashMap<String, BTreeSet<String>> = HashMap::new();
        for user in ayon.users.values() {
            if let Some(mail) = user.mail() {
                holders
                    .entry(mail.to_lowercase())
                    .or_default()
                    .insert(user.name.clone());
            }
        }
        Self {
            holders,
            freed: HashMap::new(),
        }
    }

    /// Settles which wishes can be met, and after whom. Two who want each other's cannot: AYON would refuse the first.
    pub fn settle(&mut self, mut wishes: Vec<MailWish<'_>>) -> BTreeMap<FlowId, Mail> {
        let mut settled = BTreeMap::new();
        loop {
            let before = wishes.len();
            wishes.retain(|wish| {
                let Ok(after) = self.take(&wish.to, &wish.user.name) else {
                    return true;
                };
                if let Some(old) = wish.user.mail().map(str::to_lowercase) {
                    if let Some(holders) = self.holders.get_mut(&old) {
                        holders.remove(&wish.user.name);
                    }
                    self.freed.entry(old).or_default().push(wish.person);
                }
                settled.insert(wish.person, Mail::Gets(wish.to.clone(), after));
                false
            });
            if wishes.len() == before {
                break;
            }
        }
        for wish in wishes {
            let holders = self.holders.get(&wish.to.to_lowercase());
            let other = holders.and_then(|holders| holders.iter().find(|name| **name != wish.user.name));
            let holder = other.cloned().unwrap_or_default();
            settled.insert(wish.person, Mail::Taken(holder));
        }
        settled
    }

    /// Takes an e-mail for a user, and tells who has to give it up first; whose it is already, otherwise.
    pub fn take(&mut self, mail: &str, user: &str) -> Result<Vec<FlowId>, String> {
        let mail = mail.to_lowercase();
        let holders = self.holders.entry(mail.clone()).or_default();
        match holders.iter().find(|holder| *holder != user) {
            Some(other) => Err(other.clone()),
            None => {
                holders.insert(user.to_owned());
                Ok(self.freed.get(&mail).cloned().unwrap_or_default())
            }
        }
    }
}

/// What Flow's permission groups mean in AYON.
pub struct Mapping<'a> {
    policy: &'a UserPolicy,
    ayon: &'a Accounts,
}

/// A mapped list of access groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    pub groups: Vec<String>,
    /// Those that AYON does not have.
    pub unknown: Vec<String>,
    /// No line of the configuration is about the person's permission group.
    pub unmapped: bool,
}

impl<'a> Mapping<'a> {
    pub fn new(policy: &'a UserPolicy, ayon: &'a Accounts) -> Self {
        Self { policy, ayon }
    }

    /// What is said of a person's permission group: by its code, its name, or for all others.
    fn said<T>(table: &'a BTreeMap<String, T>, person: &Individual) -> Option<&'a T> {
        let group = person.permission.as_ref();
        let names = group.into_iter().flat_map(|group| [&group.code, &group.name]);
        names
            .map(|name| Permissions::key(name))
            .find_map(|name| table.get(&name))
            .or_else(|| table.get(Permissions::OTHERS))
    }

    /// The access groups of a person in each of their projects.
    pub fn groups(&self, person: &Individual) -> Mapped {
        let Some(said) = Self::said(&self.policy.roles, person) else {
            return Mapped {
                unmapped: true,
                ..Mapped::default()
            };
        };
        let known = |group: &&String| {
            let there = self.ayon.access_groups.as_ref();
            there.is_none_or(|there| there.contains(*group))
        };
        let (groups, unknown): (Vec<&String>, Vec<&String>) = said.iter().partition(known);
        let owned = |groups: Vec<&String>| groups.into_iter().cloned().collect();
        Mapped {
            groups: owned(groups),
            unknown: owned(unknown),
            unmapped: false,
        }
    }

    /// The level that the configuration wants for a person, where it says one.
    pub fn level(&self, person: &Individual) -> Option<UserLevel> {
        Self::said(&self.policy.levels, person).copied()
    }

    /// What is missing, project by project.
    pub fn access(
        &self,
        person: &Individual,
        groups: &[String],
        has: &BTreeMap<String, Vec<String>>,
    ) -> BTreeMap<String, Vec<String>> {
        let projects = person.projects.iter().filter_map(|id| self.ayon.projects.get(id));
        let mut access = BTreeMap::new();
        for project in projects {
            let now = has.get(project).map_or(&[][..], Vec::as_slice);
            let missing: BTreeSet<&String> = groups.iter().filter(|group| !now.contains(group)).collect();
            if !missing.is_empty() {
                access.insert(project.clone(), missing.into_iter().cloned().collect());
            }
        }
        access
    }
}

/// The full name that a user would get; nothing where it has it, or Flow says none.
pub fn full_name(person: &Individual, user: Option<&Account>) -> Option<String> {
    let wanted = plain(&person.name);
    let has = user
        .and_then(|user| user.full_name.as_deref())
        .unwrap_or_default();
    (!wanted.is_empty() && wanted != has.trim()).then_some(wanted)
}

/// The e-mail that a user would get, likewise; case does not count.
pub fn email(person: &Individual, user: Option<&Account>) -> Option<String> {
    let wanted = person.mail()?;
    let has = user.and_then(Account::mail);
    (!has.is_some_and(|has| same_text(has, wanted))).then(|| wanted.to_owned())
}

/// A change of the stored id.
pub fn link_change(stored: &StoredId, to: Option<i64>) -> Change {
    let from = match stored {
        StoredId::Nothing => Value::Null,
        StoredId::Person(id) => json!(id),
        StoredId::Unreadable(text) => json!(text),
    };
    Change::new("Flow person", from, to.map_or(Value::Null, |id| json!(id)))
}

/// Changes of access, project by project: what is added to what the user has.
pub fn access_changes<'c>(
    added: &'c BTreeMap<String, Vec<String>>,
    has: &'c BTreeMap<String, Vec<String>>,
) -> impl Iterator<Item = Change> + 'c {
    added.iter().map(|(project, groups)| {
        let now = has.get(project).map_or(&[][..], Vec::as_slice);
        let all: BTreeSet<&String> = now.iter().chain(groups).collect();
        Change::new(&format!("access to {project}"), json!(now), json!(all))
    })
}

/// Changes of users that lose their link.
pub fn taken_changes(users: &[&Account]) -> Vec<Change> {
    let lost = |user: &&Account| {
        let id = user.stored.person().map(|id| id.0);
        Change::new(&format!("link of {}", user.name), json!(id), Value::Null)
    };
    users.iter().map(lost).collect()
}
