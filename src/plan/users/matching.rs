//! Who is who: one person of Flow is at most one AYON user, and the other way round.
//!
//! What somebody decided by hand counts first, then the id that AYON stores, the e-mail and the login. Whatever is not
//! plain is told with its candidates and left to a person; a full name alone is never more than a suggestion.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use unidecode::unidecode;

use crate::model::{FlowId, NameRule, Pairing, Pairs, UserLevel, UserPolicy};

use super::names::{logins, name_by, name_by_login};
use super::snapshot::{Account, Accounts, FlowPeople, Individual, StoredId};

/// What a match rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    Hand,
    StoredId,
    Email,
    Login,
}

/// What was found of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// They are this AYON user.
    Same { user: String, by: By },
    /// AYON has nobody for them.
    New { by_hand: bool },
    /// Somebody has to decide.
    Undecided { why: Why, candidates: Vec<String> },
    /// Somebody decided to leave them out.
    LeftByHand,
    /// The configuration leaves them out: the account stands for nobody.
    LeftByPolicy,
    /// They left, and AYON has nobody for them.
    Nobody,
}

/// Why somebody has to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// These people have one e-mail.
    EmailShared(Vec<FlowId>),
    /// AYON users have one e-mail.
    EmailTwice,
    /// The AYON user with the e-mail is linked with somebody else.
    EmailOfOther { user: String, other: FlowId },
    /// AYON users store one id.
    LinkTwice,
    /// The AYON user stores the id of somebody who is gone from Flow.
    LinkGone { user: String, stored: String },
    /// Several people could be the user by their login.
    LoginShared(Vec<FlowId>),
    /// Login and name agree, and the e-mails do not.
    EmailDiffers,
    /// The login agrees, nothing says that the e-mail does, and the user may do more than others.
    Privileged,
    /// Only the full name agrees, or the name that the rule makes of it.
    SameName,
    /// The pair that somebody chose cannot be.
    Pair(WrongPair),
}

/// Why a pair cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongPair {
    NoUser(String),
    Service(String),
    /// The user is linked with this person.
    Held(String, FlowId),
}

/// What keeps an AYON user from being somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    By(FlowId),
    /// It stores an id of somebody who is gone, or that is none.
    Gone(String),
    /// Several may be it.
    Open,
}

/// Matches everybody.
pub fn matched(
    flow: &FlowPeople,
    ayon: &Accounts,
    policy: &UserPolicy,
    pairs: &Pairs,
) -> BTreeMap<FlowId, Found> {
    let mut matcher = Matcher {
        people: &flow.people,
        users: &ayon.users,
        rule: policy.names,
        found: BTreeMap::new(),
        held: HashMap::new(),
    };
    let by_email = matcher.users_by_email();
    matcher.by_hand(pairs);
    matcher.left_out(policy);
    matcher.by_stored_id();
    matcher.by_email(&by_email);
    matcher.by_login(&by_email);
    matcher.by_name();
    matcher.who_left(&by_email);
    matcher.rest();
    matcher.found
}

/// Users by their e-mail, as users are told apart by it.
type ByEmail<'a> = HashMap<String, Vec<&'a Account>>;

struct Matcher<'a> {
    people: &'a BTreeMap<FlowId, Individual>,
    users: &'a BTreeMap<String, Account>,
    rule: NameRule,
    found: BTreeMap<FlowId, Found>,
    held: HashMap<&'a str, Held>,
}

impl<'a> Matcher<'a> {
    /// Users that stand for somebody.
    fn persons(&self) -> impl Iterator<Item = &'a Account> + use<'a> {
        self.users.values().filter(|user| !user.service)
    }

    /// Active people of whom nothing is found yet.
    fn open(&self, active: bool) -> Vec<&'a Individual> {
        let people = self.people.values();
        people
            .filter(|person| person.active == active && !self.found.contains_key(&person.id))
            .collect()
    }

    fn is(&mut self, person: FlowId, user: &'a Account, by: By) {
        let name = user.name.clone();
        self.found.insert(person, Found::Same { user: name, by });
        self.held.insert(&user.name, Held::By(person));
    }

    fn undecided(&mut self, person: FlowId, why: Why, candidates: &[&'a Account]) {
        let candidates = candidates.iter().map(|user| user.name.clone()).collect();
        self.found.insert(person, Found::Undecided { why, candidates });
    }

    /// Users that several may be are nobody's until somebody decided.
    fn leave_open(&mut self, users: &[&'a Account]) {
        for user in users {
            self.held.entry(&user.name).or_insert(Held::Open);
        }
    }

    fn by_hand(&mut self, pairs: &Pairs) {
        for (person, pairing) in pairs.iter() {
            let Some(known) = self.people.get(&person) else {
                continue;
            };
            match pairing {
                // Who has a user by now does not get another one by the same words.
                Pairing::New if self.has_one(known, pairs) => {}
                Pairing::New if known.active => {
                    self.found.insert(person, Found::New { by_hand: true });
                }
                Pairing::New | Pairing::Nobody => {
                    self.found.insert(person, Found::LeftByHand);
                }
                Pairing::With(name) => match self.can_be(person, name, pairs, &mut vec![person]) {
                    Ok(user) => self.is(person, user, By::Hand),
                    Err(wrong) => self.undecided(person, Why::Pair(wrong), &[]),
                },
            }
        }
    }

    /// The user that somebody says a person is; `asked` are those on whose decision this one rests.
    fn can_be(
        &self,
        person: FlowId,
        name: &str,
        pairs: &Pairs,
        asked: &mut Vec<FlowId>,
    ) -> Result<&'a Account, WrongPair> {
        let user = self.named(name);
        let user = user.ok_or_else(|| WrongPair::NoUser(name.to_owned()))?;
        if user.service {
            return Err(WrongPair::Service(user.name.clone()));
        }
        let holder = user.stored.person().filter(|holder| *holder != person);
        match holder.filter(|holder| self.keeps(*holder, pairs, asked)) {
            Some(holder) => Err(WrongPair::Held(user.name.clone(), holder)),
            None => Ok(user),
        }
    }

    /// Whether whoever a user is linked with stays that. Who is decided otherwise gives it up, where that can be.
    fn keeps(&self, holder: FlowId, pairs: &Pairs, asked: &mut Vec<FlowId>) -> bool {
        if !self.people.get(&holder).is_some_and(|holder| holder.active) {
            return false;
        }
        match pairs.of(holder) {
            None => true,
            Some(Pairing::New | Pairing::Nobody) => false,
            // They exchange their users all round.
            Some(Pairing::With(_)) if asked.contains(&holder) => false,
            Some(Pairing::With(name)) => {
                asked.push(holder);
                self.can_be(holder, name, pairs, asked).is_err()
            }
        }
    }

    /// The user of a name, in any case.
    fn named(&self, name: &str) -> Option<&'a Account> {
        let any_case = || {
            self.users
                .values()
                .find(|user| user.name.eq_ignore_ascii_case(name))
        };
        self.users.get(name).or_else(any_case)
    }

    /// Whether the user that a person was to get is made: it alone stores their id, has the name that the rule makes, and
    /// nobody else is to have it.
    fn has_one(&self, person: &Individual, pairs: &Pairs) -> bool {
        let mut holders = self
            .persons()
            .filter(|user| user.stored == StoredId::Person(person.id));
        let made = |user: &Account| {
            let by_rule = name_by(self.rule, person).map(|name| name.to_lowercase());
            let name = user.name.to_lowercase();
            let number = by_rule.and_then(|by_rule| name.strip_prefix(&by_rule).map(str::to_owned));
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let given_away = |user: &Account| {
            pairs.iter().any(|(_, pairing)| {
                matches!(pairing, Pairing::With(name) if name.eq_ignore_ascii_case(&user.name))
            })
        };
        match (holders.next(), holders.next()) {
            (Some(only), None) => made(only) && !given_away(only),
            _ => false,
        }
    }

    fn left_out(&mut self, policy: &UserPolicy) {
        for person in self.people.values() {
            let named = |text: &str| policy.left_out.contains(&text.trim().to_lowercase());
            if named(&person.login) || named(&person.name) {
                self.found.entry(person.id).or_insert(Found::LeftByPolicy);
            }
        }
    }

    fn by_stored_id(&mut self) {
        let mut holders: BTreeMap<FlowId, Vec<&'a Account>> = BTreeMap::new();
        for user in self
            .persons()
            .filter(|user| !self.held.contains_key(user.name.as_str()))
            .collect::<Vec<_>>()
        {
            match &user.stored {
                StoredId::Nothing => {}
                StoredId::Person(id) if self.people.contains_key(id) => {
                    holders.entry(*id).or_default().push(user);
                }
                StoredId::Person(id) => {
                    self.held.insert(&user.name, Held::Gone(id.to_string()));
                }
                StoredId::Unreadable(text) => {
                    self.held.insert(&user.name, Held::Gone(text.clone()));
                }
            }
        }
        for (person, users) in holders {
            match (self.found.contains_key(&person), users.as_slice()) {
                (false, [only]) => self.is(person, only, By::StoredId),
                (decided, users) => {
                    for user in users {
                        self.held.insert(&user.name, Held::By(person));
                    }
                    if !decided {
                        self.undecided(person, Why::LinkTwice, users);
                    }
                }
            }
        }
    }

    fn users_by_email(&self) -> ByEmail<'a> {
        let mut by_email = ByEmail::new();
        for user in self.persons() {
            if let Some(email) = user.mail() {
                by_email.entry(email.to_lowercase()).or_default().push(user);
            }
        }
        by_email
    }

    fn by_email(&mut self, users: &ByEmail<'a>) {
        let left = by_key(self.open(false), mail_key);
        for (email, people) in by_key(self.open(true), mail_key) {
            let all: &[&'a Account] = users.get(&email).map_or(&[], Vec::as_slice);
            let free = self.free(all);
            let left = left.get(&email).map_or(&[][..], Vec::as_slice);
            let ids: Vec<FlowId> = people.iter().map(|person| person.id).collect();
            match (ids.as_slice(), all, free.as_slice()) {
                ([_], [], _) => {}
                ([person], [_], [user]) => match self.whose_it_was(user, *person, left) {
                    Some(other) => {
                        self.undecided(*person, Why::EmailShared(vec![other]), &free);
                        self.leave_open(&free);
                    }
                    None => self.is(*person, user, By::Email),
                },
                ([person], [user, ..], []) => {
                    let (why, candidates) = match self.held.get(user.name.as_str()) {
                        Some(Held::By(other)) => {
                            let left = self.people.get(other).is_some_and(|other| !other.active);
                            let (user, other) = (user.name.clone(), *other);
                            // Who left may be the same person under an older login.
                            let candidates = if left { all.to_vec() } else { Vec::new() };
                            (Why::EmailOfOther { user, other }, candidates)
                        }
                        Some(Held::Gone(stored)) => {
                            let (name, stored) = (user.name.clone(), stored.clone());
                            (Why::LinkGone { user: name, stored }, all.to_vec())
                        }
                        Some(Held::Open) | None => (Why::EmailTwice, all.to_vec()),
                    };
                    self.undecided(*person, why, &candidates);
                }
                ([person], _, _) => {
                    self.undecided(*person, Why::EmailTwice, &free);
                    self.leave_open(&free);
                }
                (several, _, _) => {
                    for person in several {
                        let others = several.iter().copied().filter(|other| other != person);
                        self.undecided(*person, Why::EmailShared(others.collect()), &free);
                    }
                    self.leave_open(&free);
                }
            }
        }
    }

    /// Who of those that left had a user by its name, where it is not the person's own.
    fn whose_it_was(&self, user: &Account, person: FlowId, left: &[&'a Individual]) -> Option<FlowId> {
        let name = user.name.to_lowercase();
        let is_called = |other: &&&Individual| {
            let made = name_by(self.rule, other).map(|name| name.to_lowercase());
            self.names_of(other).chain(made).any(|theirs| theirs == name)
        };
        let own = self.people.get(&person).is_some_and(|person| is_called(&&person));
        let whose = left.iter().find(is_called).filter(|_| !own);
        whose.map(|other| other.id)
    }

    /// The names that somebody's user would have by their login, in lower case: the login in both its forms, and what the
    /// rule makes of it.
    fn names_of<'p>(&self, person: &'p Individual) -> impl Iterator<Item = String> + use<'p> {
        let by_rule = name_by_login(self.rule, &person.login).map(|name| name.to_lowercase());
        logins(&person.login).chain(by_rule)
    }

    fn free(&self, users: &[&'a Account]) -> Vec<&'a Account> {
        let free = |user: &&&Account| !self.held.contains_key(user.name.as_str());
        users.iter().filter(free).copied().collect()
    }

    fn by_login(&mut self, by_email: &ByEmail<'a>) {
        let by_name: HashMap<String, &'a Account> = self
            .persons()
            .map(|user| (user.name.to_lowercase(), user))
            .collect();
        let claimed = |person: &Individual| {
            self.names_of(person).find_map(|name| {
                let user = by_name.get(&name)?;
                // Somebody else's name is no claim: the new user gets another one.
                (!matches!(self.held.get(user.name.as_str()), Some(Held::By(_)))).then_some(*user)
            })
        };
        let mut claims: BTreeMap<&'a str, Vec<&'a Individual>> = BTreeMap::new();
        for person in self.open(true) {
            if let Some(user) = claimed(person) {
                claims.entry(&user.name).or_default().push(person);
            }
        }
        // Whoever left may have been the user, unless the e-mail says that they were another one.
        let was = |person: &Individual| match by_email.get(&mail_key(person)?)?.as_slice() {
            [user] => Some(*user),
            _ => None,
        };
        let mut left: BTreeMap<&'a str, Vec<FlowId>> = BTreeMap::new();
        for person in self.open(false) {
            let other = |user: &Account| was(person).is_some_and(|was| was.name != user.name);
            if let Some(user) = claimed(person).filter(|user| !other(user)) {
                left.entry(&user.name).or_default().push(person.id);
            }
        }
        for (name, people) in claims {
            let user = &self.users[name];
            let left = left.remove(name).unwrap_or_default();
            let held = self.held.get(name).cloned();
            let ids: Vec<FlowId> = people.iter().map(|person| person.id).collect();
            match (people.as_slice(), held) {
                (people, Some(Held::Gone(stored))) => {
                    for person in people {
                        let (user_name, stored) = (name.to_owned(), stored.clone());
                        let why = Why::LinkGone {
                            user: user_name,
                            stored,
                        };
                        self.undecided(person.id, why, &[user]);
                    }
                }
                ([person], None) if left.is_empty() => match doubt(person, user) {
                    None => self.is(person.id, user, By::Login),
                    Some(why) => {
                        self.undecided(person.id, why, &[user]);
                        self.leave_open(&[user]);
                    }
                },
                (people, _) => {
                    for person in people {
                        let others = ids.iter().chain(&left).copied();
                        let others = others.filter(|other| *other != person.id);
                        self.undecided(person.id, Why::LoginShared(others.collect()), &[user]);
                    }
                    self.leave_open(&[user]);
                }
            }
        }
    }

    fn by_name(&mut self) {
        let held = &self.held;
        let free = || {
            self.persons()
                .filter(|user| !held.contains_key(user.name.as_str()))
        };
        let mut by_name: HashMap<String, Vec<&'a Account>> = HashMap::new();
        for user in free() {
            if let Some(name) = user.full_name.as_deref().and_then(folded) {
                by_name.entry(name).or_default().push(user);
            }
        }
        let called: HashMap<String, &'a Account> = match self.rule {
            NameRule::FirstLast => free().map(|user| (user.name.to_lowercase(), user)).collect(),
            NameRule::BeforeAt | NameRule::Login => HashMap::new(),
        };
        for person in self.open(true) {
            let same = folded(&person.name).and_then(|name| by_name.get(&name));
            let mut users = same.cloned().unwrap_or_default();
            let by_rule = name_by(self.rule, person).and_then(|name| called.get(&name.to_lowercase()));
            users.extend(by_rule);
            users.sort_by_key(|user| &user.name);
            users.dedup_by_key(|user| &user.name);
            if !users.is_empty() {
                self.undecided(person.id, Why::SameName, &users);
            }
        }
    }

    /// People who left are known by the stored id, and by an e-mail that nobody else has: nobody active about whom it is
    /// not decided which user they are.
    fn who_left(&mut self, users: &ByEmail<'a>) {
        let unsettled = |person: &&Individual| {
            let found = self.found.get(&person.id);
            person.active && !matches!(found, Some(Found::Same { .. } | Found::New { .. }))
        };
        let unsettled: Vec<&Individual> = self.people.values().filter(unsettled).collect();
        let theirs = by_key(unsettled, mail_key);
        for (email, people) in by_key(self.open(false), mail_key) {
            let all: &[&'a Account] = users.get(&email).map_or(&[], Vec::as_slice);
            if theirs.contains_key(&email) {
                continue;
            }
            if let ([person], [_], [user]) = (people.as_slice(), all, self.free(all).as_slice()) {
                self.is(person.id, user, By::Email);
            }
        }
    }

    fn rest(&mut self) {
        for person in self.people.values() {
            self.found.entry(person.id).or_insert(match person.active {
                true => Found::New { by_hand: false },
                false => Found::Nobody,
            });
        }
    }
}

/// An e-mail as people are told apart by it.
fn mail_key(person: &Individual) -> Option<String> {
    Some(person.mail()?.to_lowercase())
}

/// People by a key, where they have one; each list by id.
fn by_key<'p>(
    people: Vec<&'p Individual>,
    key: impl Fn(&'p Individual) -> Option<String>,
) -> BTreeMap<String, Vec<&'p Individual>> {
    let mut by_key: BTreeMap<String, Vec<&'p Individual>> = BTreeMap::new();
    for person in people {
        if let Some(key) = key(person) {
            by_key.entry(key).or_default().push(person);
        }
    }
    by_key
}

/// Why a login alone does not say that a user is a person: whoever is linked gets their e-mail, and could log in by it.
fn doubt(person: &Individual, user: &Account) -> Option<Why> {
    match (person.mail(), user.mail()) {
        (Some(one), Some(other)) if same_text(one, other) => None,
        (Some(_), Some(_)) => Some(Why::EmailDiffers),
        _ if user.level > UserLevel::User => Some(Why::Privileged),
        _ => None,
    }
}

/// Whether two e-mails are one: case does not count.
pub fn same_text(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// A full name without case and accents. One word alone suggests nothing.
fn folded(name: &str) -> Option<String> {
    let bare = unidecode(name).to_lowercase();
    let words: Vec<&str> = bare.split_whitespace().collect();
    (words.len() > 1).then(|| words.join(" "))
}
