//! Who of Flow is who in AYON: by the id that AYON stores, else the e-mail, else the login.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::FlowId;

use super::snapshot::{AyonSnapshot, AyonUser, FlowPerson, FlowSnapshot};

/// The people of both sides, matched.
pub struct People<'a> {
    flow: HashMap<FlowId, &'a FlowPerson>,
    matched: HashMap<FlowId, &'a str>,
    /// AYON users that some person of Flow is.
    known: HashSet<&'a str>,
}

impl<'a> People<'a> {
    /// Matches everybody; nothing when Flow's people could not be read.
    pub(super) fn of(flow: &'a FlowSnapshot, ayon: &'a AyonSnapshot) -> Option<Self> {
        let people = flow.people.as_ref()?;
        Some(Self::matched(people, &ayon.users, &ayon.user_links))
    }

    /// Matches everybody. `links` are the ids that AYON stores, as far as they are known: id → user name.
    pub fn matched(
        people: &'a [FlowPerson],
        users: &'a [AyonUser],
        links: &'a BTreeMap<FlowId, String>,
    ) -> Self {
        let names: HashSet<&str> = users.iter().map(|user| user.name.as_str()).collect();
        let by_name = unique(users, |user| Some(user.name.to_lowercase()));
        let by_email = unique(users, |user| {
            user.email.as_ref().map(|email| email.to_lowercase())
        });
        let matched: HashMap<FlowId, &str> = people
            .iter()
            .filter_map(|person| {
                let stored = links.get(&person.id).map(String::as_str);
                let name = stored
                    .filter(|name| names.contains(name))
                    .or_else(|| {
                        by_email
                            .get(&person.email.as_ref()?.to_lowercase())
                            .copied()
                            .flatten()
                    })
                    .or_else(|| logins(&person.login).find_map(|name| by_name.get(&name).copied().flatten()));
                Some((person.id, name?))
            })
            .collect();
        Self {
            flow: people.iter().map(|person| (person.id, person)).collect(),
            // A link to a person whom the script may not see counts as well.
            known: matched
                .values()
                .copied()
                .chain(links.values().map(String::as_str))
                .collect(),
            matched,
        }
    }

    /// The AYON user of a person.
    pub fn user(&self, person: FlowId) -> Option<&'a str> {
        self.matched.get(&person).copied()
    }

    /// Whether Flow can speak of an AYON user at all: others' assignments are none of its business.
    pub fn flow_knows(&self, user: &str) -> bool {
        self.known.contains(user)
    }

    /// How a person is called.
    pub fn name_of(&self, person: FlowId) -> String {
        match self.flow.get(&person) {
            Some(known) if !known.name.is_empty() => known.name.clone(),
            Some(known) => known.login.clone(),
            None => format!("HumanUser {person}"),
        }
    }
}

/// By a key that one user alone has; two of one key are nobody's.
fn unique(users: &[AyonUser], key: impl Fn(&AyonUser) -> Option<String>) -> HashMap<String, Option<&str>> {
    let mut found: HashMap<String, Option<&str>> = HashMap::new();
    for user in users {
        if let Some(key) = key(user).filter(|key| !key.is_empty()) {
            found
                .entry(key)
                .and_modify(|name| *name = None)
                .or_insert(Some(&user.name));
        }
    }
    found
}

/// The AYON names that a login may have become: as it is, and the way the addon writes an e-mail
/// (`ayon-shotgrid-behaviour.md §5.7`).
fn logins(login: &str) -> impl Iterator<Item = String> {
    let login = login.trim().to_lowercase();
    let addon = login.replace('@', "_");
    [login, addon].into_iter().filter(|name| !name.is_empty())
}
