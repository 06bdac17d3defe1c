//! Names of AYON users made of Flow logins: always legal, always the same, numbered where two would be one.

use std::collections::{HashMap, HashSet};

use unidecode::unidecode;

use crate::model::NameRule;

use super::snapshot::{Accounts, Individual};

/// AYON sets no limit; nobody types more.
const LONGEST: usize = 64;

/// The AYON names that a login may have become: as it is, and the way the addon writes an e-mail
/// (`ayon-shotgrid-behaviour.md §5.7`). In lower case.
pub fn logins(login: &str) -> impl Iterator<Item = String> {
    let login = login.trim().to_lowercase();
    let addon = login.replace('@', "_");
    [login, addon].into_iter().filter(|name| !name.is_empty())
}

/// What the rule makes of a login alone, lower or upper case as it is; nothing where it makes names of something else.
pub fn name_by_login(rule: NameRule, login: &str) -> Option<String> {
    let login = login.trim();
    match rule {
        NameRule::BeforeAt => legal(&before_at(login)),
        NameRule::Login => legal(&login.replace('@', "_")),
        NameRule::FirstLast => None,
    }
}

fn before_at(text: &str) -> String {
    text.split('@').next().unwrap_or_default().to_owned()
}

/// The name that the rule gives to a person; nothing when no letter or digit is left of all that they are called.
pub fn name_by(rule: NameRule, person: &Individual) -> Option<String> {
    let login = person.login.trim();
    let first_last = first_last(&person.name);
    let mail = person.email.as_deref().map(before_at).unwrap_or_default();
    let tried = match rule {
        NameRule::BeforeAt => [before_at(login), first_last, mail],
        NameRule::Login => [login.replace('@', "_"), first_last, mail],
        NameRule::FirstLast => [first_last, before_at(login), mail],
    };
    tried.iter().find_map(|text| legal(text))
}

/// `Lena Maria O'Dell` as `lena.odell`.
fn first_last(name: &str) -> String {
    let bare = unidecode(name).replace(['\'', '"', '`'], "").to_lowercase();
    let words: Vec<&str> = bare
        .split_whitespace()
        .filter(|word| word.contains(|c: char| c.is_ascii_alphanumeric()))
        .collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first}.{last}"),
    }
}

/// The text as AYON accepts it (`ayon-api.md §7.2`): at least two characters, letters and digits at both ends.
fn legal(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in unidecode(text).chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => name.push(c),
            '\'' | '"' | '`' => {}
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let ends = |c: char| !c.is_ascii_alphanumeric();
    let name: String = name.trim_matches(ends).chars().take(LONGEST).collect();
    let name = name.trim_matches(ends);
    match name.len() {
        0 => None,
        1 => Some(format!("user_{name}")),
        _ => Some(name.to_owned()),
    }
}

/// The names that are given away, in any case.
pub struct Names {
    taken: HashSet<String>,
    /// The last number that each name got.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// Those that AYON has, of services and of users that are switched off too.
    pub fn of(ayon: &Accounts) -> Self {
        Self {
            taken: ayon.users.keys().map(|name| name.to_lowercase()).collect(),
            numbers: HashMap::new(),
        }
    }

    /// Takes a name; where it is taken already, the first number that makes another of it.
    pub fn take(&mut self, wanted: &str) -> String {
        if self.taken.insert(wanted.to_lowercase()) {
            return wanted.to_owned();
        }
        let number = self.numbers.entry(wanted.to_lowercase()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{wanted}{number}");
            if self.taken.insert(numbered.to_lowercase()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::model::{FlowId, user_name_allowed};

    fn person(login: &str, name: &str) -> Individual {
        Individual {
            id: FlowId(1),
            login: login.to_owned(),
            name: name.to_owned(),
            email: None,
            active: true,
            permission: None,
            groups: [].into(),
            projects: [].into(),
        }
    }

    #[rstest]
    #[case("mira.kowalski", "Mira Kowalski", ["mira.kowalski", "mira.kowalski", "mira.kowalski"])]
    #[case("Emre.Castell@example.com", "Emre Castell", ["Emre.Castell", "emre.castell", "Emre.Castell_example.com"])]
    #[case("zoë@example.com", "Zoë Marchand", ["zoe", "zoe.marchand", "zoe_example.com"])]
    #[case("a", "Ada Lovelace", ["user_a", "ada.lovelace", "user_a"])]
    #[case("john doe", "John  van  Doe", ["john_doe", "john.doe", "john_doe"])]
    #[case("_x_", "", ["user_x", "user_x", "user_x"])]
    #[case("lena.o'dell", "Lena O'Dell", ["lena.odell", "lena.odell", "lena.odell"])]
    #[case("🎬", "Søren Ågård 🎬", ["soren.agard", "soren.agard", "soren.agard"])]
    #[case("<b>x</b>", "李 明", ["b_x_b", "li.ming", "b_x_b"])]
    fn names_follow_the_rule(#[case] login: &str, #[case] name: &str, #[case] expected: [&str; 3]) {
        let rules = [NameRule::BeforeAt, NameRule::FirstLast, NameRule::Login];
        for (rule, expected) in rules.into_iter().zip(expected) {
            let made = name_by(rule, &person(login, name));
            assert_eq!(made.as_deref(), Some(expected), "{rule:?} of {login:?}");
            assert!(user_name_allowed(expected));
        }
    }

    #[test]
    fn of_nothing_no_name_is_made() {
        assert_eq!(name_by(NameRule::BeforeAt, &person("🎬", "…")), None);
        let long = name_by(NameRule::Login, &person(&"x".repeat(200), "")).unwrap();
        assert_eq!(long.len(), LONGEST);
    }

    #[test]
    fn taken_names_are_numbered() {
        let mut names = Names {
            taken: ["ann".to_owned(), "ann2".to_owned()].into(),
            numbers: HashMap::new(),
        };
        assert_eq!(names.take("Ann"), "Ann3");
        assert_eq!(names.take("bob"), "bob");
        assert_eq!(names.take("Bob"), "Bob2");
    }
}
