//! The secret tokens of menu items: what Flow signs posts with.

use secrecy::{ExposeSecret, SecretString};

/// A secret token, as it was typed into Flow.
#[derive(Clone, Debug)]
pub struct Token {
    secret: SecretString,
    /// What it is called in the log; never a part of the secret.
    pub label: String,
    /// The instant from which it counts no more, in seconds since 1970.
    until: Option<i64>,
}

impl Token {
    /// A token without an end.
    pub fn new(secret: SecretString, label: impl Into<String>) -> Self {
        Self {
            secret,
            label: label.into(),
            until: None,
        }
    }

    /// The same with an end, in seconds since 1970.
    #[must_use]
    pub fn until(self, until: Option<i64>) -> Self {
        Self { until, ..self }
    }

    /// Whether it counts at an instant, in seconds since 1970.
    pub fn counts(&self, now: i64) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// The secret itself, for computing with it.
    pub fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}
