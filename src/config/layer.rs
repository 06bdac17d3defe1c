//! One source of values, read but not yet understood: a file, or the environment.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::ami::Token;
use crate::model::FlowId;
use crate::permission::{Groups, NoGrant, Permissions};

use super::AmiSecrets;
use super::error::{ConfigError, Place};
use super::keys::{self, Key, Shape};

/// A value as it was given.
#[derive(Clone)]
pub(super) enum Raw {
    Text(String),
    Switch(bool),
    Texts(Vec<String>),
    Secrets(AmiSecrets),
    Policy(Permissions),
    Table(BTreeMap<String, Vec<String>>),
}

/// A value, and where to point when it is wrong.
#[derive(Clone)]
pub(super) struct Given {
    pub raw: Raw,
    pub place: Place,
}

/// Values by the path of their key.
pub(super) type Layer = BTreeMap<&'static str, Given>;

/// The actions that the policy is about.
const ACTIONS: [&str; 3] = ["sync", "reparent", "users"];

/// What a list of secrets holds.
const SECRETS: &str =
    "a list of texts in quotes, such as [\"…\"], or of { secret = \"…\", label = \"…\", until = 2026-12-31 }";

/// The value as errors may show it. An address can carry a password before its `@`, so such a text is not shown.
pub(super) fn shown(text: &str) -> Option<String> {
    (!text.contains('@')).then(|| text.to_owned())
}

fn is_absent(text: &str) -> bool {
    text.trim().is_empty()
}

/// Secrets are kept to the letter but for a line end, which a menu item's token cannot hold.
fn secret(text: &str) -> Option<SecretString> {
    (!is_absent(text)).then(|| SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

/// Reads the variables of the table; other names with amigo's prefix are refused.
pub(super) fn from_environment(env: &BTreeMap<String, String>) -> Result<Layer, ConfigError> {
    for (name, value) in env {
        let known = keys::ALL.iter().any(|key| key.variable == Some(name));
        let of_tests = keys::OF_TESTS.iter().any(|prefix| name.starts_with(prefix));
        if name.starts_with(keys::PREFIX) && !known && !of_tests && !is_absent(value) {
            return Err(ConfigError::UnknownVariable {
                place: Place::Variable(name.clone()),
                known: list(keys::ALL.iter().filter_map(|key| key.variable).map(str::to_owned)),
            });
        }
    }
    let mut layer = Layer::new();
    for key in keys::ALL {
        let found = [key.variable, key.instead]
            .into_iter()
            .flatten()
            .find_map(|name| Some((name, env.get(name).filter(|value| !is_absent(value))?)));
        let Some((name, value)) = found else { continue };
        let raw = match key.shape {
            Shape::Secrets => Raw::Secrets(AmiSecrets {
                any: secret(value)
                    .map(|secret| Token::new(secret, name))
                    .into_iter()
                    .collect(),
                by_action: BTreeMap::new(),
            }),
            Shape::Secret => Raw::Text(value.trim_end_matches(['\r', '\n']).to_owned()),
            Shape::Texts => Raw::Texts(vec![value.trim().to_owned()]),
            Shape::Text | Shape::Switch | Shape::Number => Raw::Text(value.trim().to_owned()),
            // They have no variable.
            Shape::Policy | Shape::Table => continue,
        };
        let place = Place::Variable(name.to_owned());
        layer.insert(key.path, Given { raw, place });
    }
    Ok(layer)
}

/// Lays one source over another: each key of the upper one wins. Of the policy and of tables only what is named is
/// replaced.
pub(super) fn lay_over(values: &mut Layer, upper: Layer) {
    for (path, mut given) in upper {
        match (&mut given.raw, values.remove(path).map(|given| given.raw)) {
            (Raw::Policy(above), Some(Raw::Policy(below))) => *above = below.with(std::mem::take(above)),
            (Raw::Table(above), Some(Raw::Table(mut below))) => {
                below.append(above);
                *above = below;
            }
            _ => {}
        }
        values.insert(path, given);
    }
}

/// Reads a TOML text; `file` is its name in errors.
pub(super) fn from_toml(file: &str, text: &str) -> Result<Layer, ConfigError> {
    let source = Source { file, text };
    let table = DeTable::parse(text).map_err(|error| {
        let (line, column) = source.position(error.span().map_or(0, |span| span.start));
        ConfigError::Syntax {
            file: file.to_owned(),
            line,
            column,
            cause: error.message().lines().collect::<Vec<_>>().join(", "),
        }
    })?;
    let mut layer = Layer::new();
    source.table("", table.get_ref(), &mut layer)?;
    Ok(layer)
}

/// A TOML text under its name, for pointing into it.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn table(&self, name: &str, table: &DeTable<'_>, layer: &mut Layer) -> Result<(), ConfigError> {
        for (word, value) in in_order(table) {
            let inner: &str = word.get_ref();
            let path = join(name, inner);
            let key = keys::ALL.into_iter().find(|key| key.path == path);
            let is_table = name.is_empty() && keys::ALL.iter().any(|key| key.parts().0 == inner);
            match (key, value.get_ref()) {
                (Some(key), _) => {
                    if let Some(raw) = self.value(key, value)? {
                        let place = self.place(value.span().start, &path);
                        layer.insert(key.path, Given { raw, place });
                    }
                }
                (None, DeValue::Table(inside)) if is_table => self.table(inner, inside, layer)?,
                (None, _) if is_table => return Err(self.wrong(&path, value, true, "a table of keys")),
                (None, _) => {
                    return Err(ConfigError::UnknownKey {
                        place: self.place(word.span().start, &path),
                        known: known_in(name),
                    });
                }
            }
        }
        Ok(())
    }

    /// What a key holds, or `None` when it holds nothing.
    fn value(&self, key: &Key, value: &Spanned<DeValue<'_>>) -> Result<Option<Raw>, ConfigError> {
        Ok(match (key.shape, value.get_ref()) {
            (Shape::Text | Shape::Secret | Shape::Switch | Shape::Number, DeValue::String(text))
                if is_absent(text) =>
            {
                None
            }
            (Shape::Text | Shape::Switch | Shape::Number, DeValue::String(text)) => {
                Some(Raw::Text(text.trim().to_owned()))
            }
            (Shape::Secret, DeValue::String(text)) => {
                Some(Raw::Text(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
            (Shape::Switch, DeValue::Boolean(on)) => Some(Raw::Switch(*on)),
            (Shape::Number, DeValue::Integer(number)) => Some(Raw::Text(number.to_string())),
            (Shape::Number, _) => return Err(self.wrong(key.path, value, true, "a whole number")),
            (Shape::Policy, DeValue::Table(table)) => Some(Raw::Policy(self.policy(key.path, table)?)),
            (Shape::Policy, _) => return Err(self.wrong(key.path, value, true, "a table for each action")),
            (Shape::Table, DeValue::Table(table)) => Some(Raw::Table(self.lists(key.path, table)?)),
            (Shape::Table, _) => return Err(self.wrong(key.path, value, true, "a table of keys")),
            (Shape::Text, _) => return Err(self.wrong(key.path, value, true, "a text in quotes")),
            (Shape::Switch, _) => return Err(self.wrong(key.path, value, true, "true or false")),
            (Shape::Secret, _) => return Err(self.wrong(key.path, value, false, "a text in quotes")),
            (Shape::Texts, _) => {
                let texts = self.texts(key.path, value, true)?.into_iter();
                Some(Raw::Texts(
                    texts
                        .filter(|text| !is_absent(text))
                        .map(|text| text.trim().to_owned())
                        .collect(),
                ))
            }
            (Shape::Secrets, DeValue::Table(table)) => {
                let mut secrets = AmiSecrets::default();
                for (word, list) in in_order(table) {
                    let action: &str = word.get_ref();
                    let path = join(key.path, action);
                    let list = self.secrets(&path, list)?;
                    if action == "any" {
                        secrets.any = list;
                    } else if !is_action(action) {
                        return Err(ConfigError::Wrong {
                            place: self.place(word.span().start, key.path),
                            value: Some(format!("given for {action:?}")),
                            expected: "given for an action's word, such as sync, or for any",
                        });
                    } else if !list.is_empty() {
                        secrets.by_action.insert(action.to_owned(), list);
                    }
                }
                Some(Raw::Secrets(secrets))
            }
            (Shape::Secrets, _) => {
                let any = self.secrets(key.path, value)?;
                (!any.is_empty()).then(|| {
                    Raw::Secrets(AmiSecrets {
                        any,
                        by_action: BTreeMap::new(),
                    })
                })
            }
        })
    }

    fn secrets(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<Token>, ConfigError> {
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(path, value, false, SECRETS));
        };
        let mut tokens: Vec<Token> = Vec::new();
        for item in items {
            let label = (tokens.len() + 1).to_string();
            match item.get_ref() {
                DeValue::String(text) => tokens.extend(secret(text).map(|secret| Token::new(secret, label))),
                DeValue::Table(table) => tokens.push(self.token(path, item, table, label)?),
                _ => return Err(self.wrong(path, item, false, SECRETS)),
            }
        }
        // Where one text stands twice, the one that lasts counts.
        tokens.sort_by_key(|token| Reverse(token.end()));
        Ok(tokens)
    }

    /// A secret with a name or an end.
    fn token(
        &self,
        path: &str,
        item: &Spanned<DeValue<'_>>,
        table: &DeTable<'_>,
        label: String,
    ) -> Result<Token, ConfigError> {
        const LABEL: &str = "a text of at most 40 characters in quotes";
        const UNTIL: &str = "a day such as 2026-12-31, or an instant with its zone";
        let (mut given, mut label, mut until) = (None, label, i64::MAX);
        for (word, value) in in_order(table) {
            let word: &str = word.get_ref();
            let path = join(path, word);
            match (word, value.get_ref()) {
                ("secret", DeValue::String(text)) => given = secret(text),
                ("label", DeValue::String(text)) if text.chars().count() <= 40 => {
                    label = text.trim().to_owned();
                }
                ("label", _) => return Err(self.wrong(&path, value, false, LABEL)),
                ("until", DeValue::Datetime(at)) => {
                    let end = Token::end_of(&at.to_string());
                    until = end.ok_or_else(|| self.wrong(&path, value, true, UNTIL))?;
                }
                ("until", DeValue::String(text)) => {
                    let end = Token::end_of(text);
                    until = end.ok_or_else(|| self.wrong(&path, value, false, UNTIL))?;
                }
                ("until", _) => return Err(self.wrong(&path, value, false, UNTIL)),
                _ => return Err(self.wrong(&path, value, false, SECRETS)),
            }
        }
        let secret = given.ok_or_else(|| self.wrong(path, item, false, SECRETS))?;
        Ok(Token::new(secret, label).until(until))
    }

    /// `policy.sync.artist`, and `policy.projects.188.sync.artist`.
    fn policy(&self, path: &str, table: &DeTable<'_>) -> Result<Permissions, ConfigError> {
        let mut permissions = Permissions::default();
        for (word_at, value) in in_order(table) {
            let word: &str = word_at.get_ref();
            let path = join(path, word);
            if word != "projects" {
                let action = self.action(word_at, &path)?;
                permissions.everywhere.insert(action, self.groups(&path, value)?);
                continue;
            }
            for (number, value) in self.entries(&path, value)? {
                let id = number.get_ref().parse().ok().filter(|id: &i64| *id > 0);
                let path = join(&path, number.get_ref());
                let Some(id) = id else {
                    return Err(ConfigError::Wrong {
                        place: self.place(number.span().start, &path),
                        value: None,
                        expected: "named by the id of a Flow Project, such as policy.projects.188",
                    });
                };
                let actions = permissions.in_project.entry(FlowId(id)).or_default();
                for (action, value) in self.entries(&path, value)? {
                    let path = join(&path, action.get_ref());
                    actions.insert(self.action(action, &path)?, self.groups(&path, value)?);
                }
            }
        }
        Ok(permissions)
    }

    /// A list of texts, or one text, for each permission group of Flow.
    fn lists(&self, path: &str, table: &DeTable<'_>) -> Result<BTreeMap<String, Vec<String>>, ConfigError> {
        let mut lists = BTreeMap::new();
        for (word, value) in in_order(table) {
            let word: &str = word.get_ref();
            let path = join(path, word);
            let texts = match value.get_ref() {
                DeValue::String(text) => vec![text.trim().to_owned()],
                _ => {
                    let texts = self.texts(&path, value, true)?.into_iter();
                    texts.map(|text| text.trim().to_owned()).collect()
                }
            };
            lists.insert(Permissions::key(word), texts);
        }
        Ok(lists)
    }

    /// The word of an action that the policy is about.
    fn action(&self, word: &Spanned<std::borrow::Cow<'_, str>>, path: &str) -> Result<String, ConfigError> {
        let action: &str = word.get_ref();
        if ACTIONS.contains(&action) {
            return Ok(action.to_owned());
        }
        Err(ConfigError::UnknownKey {
            place: self.place(word.span().start, path),
            known: list(ACTIONS.map(str::to_owned).into_iter()),
        })
    }

    /// What each permission group may do with an action.
    fn groups(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Groups, ConfigError> {
        const EXPECTED: &str =
            "nothing, see, plan or apply; for projects that the person is a member of: plan own, apply own";
        let mut groups = Groups::new();
        for (group, value) in self.entries(path, value)? {
            let path = join(path, group.get_ref());
            let DeValue::String(text) = value.get_ref() else {
                return Err(self.wrong(&path, value, true, EXPECTED));
            };
            let grant = text.trim().parse();
            let grant = grant.map_err(|NoGrant| self.wrong(&path, value, true, EXPECTED))?;
            groups.insert(Permissions::key(group.get_ref()), grant);
        }
        Ok(groups)
    }

    fn entries<'v, 'i>(
        &self,
        path: &str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<Entries<'v, 'i>, ConfigError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(in_order(table)),
            _ => Err(self.wrong(path, value, true, "a table of keys")),
        }
    }

    /// The texts of a list, as they stand there.
    fn texts<'v>(
        &self,
        path: &str,
        value: &'v Spanned<DeValue<'_>>,
        show: bool,
    ) -> Result<Vec<&'v str>, ConfigError> {
        const EXPECTED: &str = "a list of texts in quotes, such as [\"…\"]";
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(path, value, show, EXPECTED));
        };
        let mut texts: Vec<&str> = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push(text),
                _ => return Err(self.wrong(path, item, show, EXPECTED)),
            }
        }
        Ok(texts)
    }

    fn wrong(
        &self,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        show: bool,
        expected: &'static str,
    ) -> ConfigError {
        ConfigError::Wrong {
            place: self.place(value.span().start, path),
            value: self
                .text
                .get(value.span())
                .filter(|text| show && !text.contains('\n'))
                .and_then(shown),
            expected,
        }
    }

    fn place(&self, at: usize, path: &str) -> Place {
        let (line, column) = self.position(at);
        Place::File {
            file: self.file.to_owned(),
            line,
            column,
            key: path.to_owned(),
        }
    }

    /// Line and column of a byte, both from 1.
    fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

type Entries<'t, 'i> = Vec<(&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)>;

/// A table's entries as they stand in the file, so that the first mistake is the one that is told.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Entries<'t, 'i> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(word, _)| word.span().start);
    entries
}

fn join(table: &str, word: &str) -> String {
    if table.is_empty() {
        word.to_owned()
    } else {
        format!("{table}.{word}")
    }
}

fn is_action(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The keys of a table, and the tables beside the keys outside all tables.
fn known_in(table: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for key in keys::ALL {
        let (of, name) = key.parts();
        let word = if of == table && key.shape == Shape::Policy {
            format!("[{name}]")
        } else if of == table {
            name.to_owned()
        } else if table.is_empty() {
            format!("[{of}]")
        } else {
            continue;
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    list(words.into_iter())
}

fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
