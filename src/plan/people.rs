//! Who of Flow is who in AYON: by the id that AYON stores, else the e-mail, else the login.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::FlowId;

use super::snapshot::{AyonSnapshot, AyonUser, FlowPerson, FlowSnapshot};
use super::users::logins;

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
        let by_name = unique(users, |user| Some(user.name.to_lowercase()));
        let by_email = unique(users, |user| {
            user.email.as_ref().map(|email| email.to_lowercase())
        });
        let guessed = people.iter().filter_map(|person| {
            let by_email = person
                .email
                .as_ref()
                .and_then(|email| by_email.get(&email.to_lowercase()).copied().flatten());
            let name = by_email
                .or_else(|| logins(&person.login).find_map(|name| by_name.get(&name).copied().flatten()))?;
            Some((person.id, name))
        });
        // A stored id is certain, also of a person or a user whom the scripts may not list; so it comes last and wins.
        let stored = links.iter().map(|(person, user)| (*person, user.as_str()));
        let matched: HashMap<FlowId, &str> = guessed.chain(stored).collect();
        Self {
            flow: people.iter().map(|person| (person.id, person)).collect(),
            known: matched.values().copied().collect(),
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
