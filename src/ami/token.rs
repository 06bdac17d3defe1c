//! The secret tokens of menu items: what Flow signs posts with.

use secrecy::{ExposeSecret, SecretString};

/// A secret token, as it was typed into Flow.
#[derive(Clone, Debug)]
pub struct Token {
    secret: SecretString,
    /// What it is called in the log; never a part of the secret.
    pub label: String,
    /// The instant from which it counts no more, in seconds since 1970.
    until: i64,
}

impl Token {
    /// A token without an end.
    pub fn new(secret: SecretString, label: impl Into<String>) -> Self {
        Self {
            secret,
            label: label.into(),
            until: i64::MAX,
        }
    }

    /// The same with an end, in seconds since 1970.
    #[must_use]
    pub fn until(self, until: i64) -> Self {
        Self { until, ..self }
    }

    /// The instant at which a day, in UTC, or an instant is over, in seconds since 1970.
    pub fn end_of(text: &str) -> Option<i64> {
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(instant.as_second());
        }
        let next = text.parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?;
        let begins = next.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(begins.timestamp().as_second())
    }

    /// From when on it counts no more, in seconds since 1970; the end of time without an end.
    pub fn end(&self) -> i64 {
        self.until
    }

    /// Whether it counts at an instant, in seconds since 1970.
    pub fn counts(&self, now: i64) -> bool {
        now < self.until
    }

    /// The secret itself, for computing with it.
    pub fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}
