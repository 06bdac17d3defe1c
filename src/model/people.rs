//! People: what a studio decided about AYON users, and the pairs of people and users that somebody chose by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FlowId;

/// amigo's own rules of users, the table `[users]` of its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPolicy {
    pub names: NameRule,
    /// AYON access groups in each project of a person, by Flow permission group (code or name in lower case).
    pub roles: BTreeMap<String, Vec<String>>,
    /// AYON levels by Flow permission group. A group that is not named keeps the level that AYON has.
    pub levels: BTreeMap<String, UserLevel>,
    /// Logins and names of people who are left alone, in lower case: accounts that stand for nobody.
    pub left_out: BTreeSet<String>,
    /// How many users are written at the same time.
    pub at_once: usize,
}

impl Default for UserPolicy {
    fn default() -> Self {
        Self {
            names: NameRule::default(),
            roles: BTreeMap::new(),
            levels: BTreeMap::new(),
            left_out: BTreeSet::new(),
            at_once: 8,
        }
    }
}

/// What the name of a new AYON user is made of. Names never change afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameRule {
    /// The login up to its `@`.
    #[default]
    BeforeAt,
    /// The person's name, as `first.last`.
    FirstLast,
    /// The whole login, with `_` for `@`, as the addon makes them (`ayon-shotgrid-behaviour.md §5.7`).
    Login,
}

/// How much an AYON user may do besides what access groups allow (`ayon-api.md §1.3`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserLevel {
    #[default]
    User,
    Manager,
    Admin,
}

impl UserLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for UserLevel {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::User, Self::Manager, Self::Admin]
            .into_iter()
            .find(|level| level.as_str() == word)
            .ok_or(())
    }
}

/// Whether AYON accepts a text as the name of a user (`ayon-api.md §7.2`).
pub fn user_name_allowed(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let ends = [text.bytes().next(), text.bytes().last()];
    text.len() >= 2
        && text.bytes().all(inside)
        && ends
            .into_iter()
            .flatten()
            .all(|byte| byte.is_ascii_alphanumeric())
}

/// What somebody decided of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// They are this AYON user.
    With(String),
    /// AYON has nobody for them: a new user.
    New,
    /// They are left out.
    Nobody,
}

/// What somebody decided, person by person; as a text `57:mira.kowalski 58:+ 59:-`.
///
/// No AYON user stands in it twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(BTreeMap<FlowId, Pairing>);

/// Pairs that cannot be understood, or that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongPairs {
    #[error("{0:?} is no pair such as 57:mira.kowalski, 57:+ for a new user or 57:- for nobody")]
    Unreadable(String),
    #[error("{0:?} is no name that an AYON user can have")]
    Name(String),
    #[error("the person {0} is paired twice")]
    PersonTwice(FlowId),
    #[error("the AYON user {0} is paired with two people")]
    UserTwice(String),
    #[error("more than {0} pairs at once are too many")]
    TooMany(usize),
}

impl Pairs {
    /// As many pairs as one plan may have: they ride in the run's options.
    pub const MOST: usize = 2000;

    /// What was decided of a person.
    pub fn of(&self, person: FlowId) -> Option<&Pairing> {
        self.0.get(&person)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FlowId, &Pairing)> {
        self.0.iter().map(|(person, pairing)| (*person, pairing))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a decision about a person who has none.
    pub fn add(&mut self, person: FlowId, pairing: Pairing) -> Result<(), WrongPairs> {
        if let Pairing::With(name) = &pairing {
            if !user_name_allowed(name) {
                return Err(WrongPairs::Name(name.chars().take(60).collect()));
            }
            let same =
                |other: &Pairing| matches!(other, Pairing::With(other) if other.eq_ignore_ascii_case(name));
            if self.0.values().any(same) {
                return Err(WrongPairs::UserTwice(name.clone()));
            }
        }
        if self.0.len() >= Self::MOST {
            return Err(WrongPairs::TooMany(Self::MOST));
        }
        match self.0.insert(person, pairing) {
            Some(_) => Err(WrongPairs::PersonTwice(person)),
            None => Ok(()),
        }
    }

    /// Forgets what was decided of a person.
    pub fn forget(&mut self, person: FlowId) {
        self.0.remove(&person);
    }
}

impl FromStr for Pairing {
    type Err = WrongPairs;

    fn from_str(text: &str) -> Result<Self, WrongPairs> {
        match text.trim() {
            "+" => Ok(Self::New),
            "-" => Ok(Self::Nobody),
            name if user_name_allowed(name) => Ok(Self::With(name.to_owned())),
            name => Err(WrongPairs::Name(name.chars().take(60).collect())),
        }
    }
}

impl fmt::Display for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::With(name) => name,
            Self::New => "+",
            Self::Nobody => "-",
        })
    }
}

impl FromStr for Pairs {
    type Err = WrongPairs;

    fn from_str(text: &str) -> Result<Self, WrongPairs> {
        let mut pairs = Self::default();
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            let unreadable = || WrongPairs::Unreadable(word.chars().take(60).collect());
            let (person, pairing) = word.split_once(':').ok_or_else(unreadable)?;
            let person = person.parse().ok().filter(|id: &i64| *id > 0);
            pairs.add(FlowId(person.ok_or_else(unreadable)?), pairing.parse()?)?;
        }
        Ok(pairs)
    }
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (person, pairing)) in self.iter().enumerate() {
            let space = if nth == 0 { "" } else { " " };
            write!(f, "{space}{person}:{pairing}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn pairs_are_read_back_as_they_were() {
        let pairs: Pairs = "58:+, 57:mira.kowalski 59:-".parse().unwrap();
        assert_eq!(pairs.to_string(), "57:mira.kowalski 58:+ 59:-");
        assert_eq!(pairs.to_string().parse(), Ok(pairs.clone()));
        assert_eq!(
            pairs.of(FlowId(57)),
            Some(&Pairing::With("mira.kowalski".to_owned()))
        );
        assert_eq!(pairs.of(FlowId(60)), None);
    }

    #[rstest]
    #[case("57", WrongPairs::Unreadable("57".to_owned()))]
    #[case("x:mira", WrongPairs::Unreadable("x:mira".to_owned()))]
    #[case("0:mira", WrongPairs::Unreadable("0:mira".to_owned()))]
    #[case("57:m", WrongPairs::Name("m".to_owned()))]
    #[case("57:<b>", WrongPairs::Name("<b>".to_owned()))]
    #[case("57:mira 57:+", WrongPairs::PersonTwice(FlowId(57)))]
    #[case("57:mira 58:MIRA", WrongPairs::UserTwice("MIRA".to_owned()))]
    fn wrong_pairs_are_told(#[case] text: &str, #[case] wrong: WrongPairs) {
        assert_eq!(text.parse::<Pairs>(), Err(wrong));
    }

    #[test]
    fn names_are_those_that_ayon_accepts() {
        for name in ["ab", "mira.kowalski", "A-b_c9"] {
            assert!(user_name_allowed(name), "{name}");
        }
        for name in ["", "a", "_ab", "ab_", "a b", "joe@example.com", "é1"] {
            assert!(!user_name_allowed(name), "{name}");
        }
    }
}
