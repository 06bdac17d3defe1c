//! What is wrong with the configuration, in words for whoever wrote it. No secret is ever repeated.

use std::fmt;

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Line and column count from 1.
    File {
        file: String,
        line: usize,
        column: usize,
        key: String,
    },
    /// The name of an environment variable.
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                file,
                line,
                column,
                key,
            } => write!(f, "{file}, line {line}, column {column}: {key}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// Why amigo does not start with this configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{file} cannot be read: {cause}")]
    Unreadable { file: String, cause: String },
    #[error("{file}, line {line}, column {column}: this is not TOML: {cause}")]
    Syntax {
        file: String,
        line: usize,
        column: usize,
        cause: String,
    },
    #[error("{place} is not a key that amigo knows; it knows {known}")]
    UnknownKey { place: Place, known: String },
    #[error("{place} is not a variable that amigo knows; it knows {known}")]
    UnknownVariable { place: Place, known: String },
    /// `value` is absent when it is or may hold a secret.
    #[error("{place} is {}, but must be {expected}", .value.as_deref().unwrap_or("not usable"))]
    Wrong {
        place: Place,
        value: Option<String>,
        expected: &'static str,
    },
    #[error("{key} is not set, and has no default")]
    Missing { key: &'static str },
}
