//! Vectors: posts with the moment they are heard and what is to become of them, to hold amigo against a file.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Proof, Refusal, Token, believe, form_pairs};

/// The clock distance that vectors are judged with.
const MAX_AGE: Duration = Duration::from_secs(60);

/// A post, the moment it is heard, and what becomes of it.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
pub struct Vector {
    pub name: String,
    /// Urlencoded, as it comes over the wire.
    pub body: String,
    /// Empty where none is configured.
    pub secret: String,
    /// The last day of the secret, in UTC.
    pub until: Option<String>,
    /// The form that matched, or the code of the refusal.
    pub verdict: String,
    pub reason: String,
    now: Timestamp,
    /// The instant from which the secret counts no more.
    ends: i64,
}

/// A vector as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    body: String,
    secret: String,
    now: String,
    verdict: String,
    reason: String,
    until: Option<String>,
}

impl TryFrom<Written> for Vector {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let name = &written.name;
        let now = written.now.parse();
        let now = now.map_err(|_| format!("{name}: now is not an instant such as 2026-03-11T14:05:12Z"))?;
        let end = |day: &String| {
            Token::end_of(day).ok_or_else(|| format!("{name}: until is not a day such as 2026-03-31"))
        };
        let ends = written.until.as_ref().map(end).transpose()?.unwrap_or(i64::MAX);
        Ok(Self {
            name: written.name,
            body: written.body,
            secret: written.secret,
            until: written.until,
            verdict: written.verdict,
            reason: written.reason,
            now,
            ends,
        })
    }
}

impl Vector {
    /// When the post is heard.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The tokens that are configured.
    pub fn tokens(&self) -> Vec<Token> {
        if self.secret.is_empty() {
            return Vec::new();
        }
        let token = Token::new(SecretString::from(self.secret.as_str()), "the vector's");
        vec![token.until(self.ends)]
    }

    /// What becomes of the post here: the form that matched, or the code of the refusal.
    pub fn judged(&self) -> &'static str {
        let tokens = self.tokens();
        let judge = |pairs: &[(String, String)]| -> Result<&'static str, Refusal> {
            believe(pairs, &tokens, self.now.as_millisecond(), MAX_AGE)
                .map(|Proof { form, .. }| form.as_str())
        };
        form_pairs(self.body.as_bytes())
            .and_then(|pairs| judge(&pairs))
            .unwrap_or_else(|refusal| refusal.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(now: &str, until: &str) -> Result<Vector, String> {
        let vector = serde_json::json!({
            "name": "one", "body": "a=b", "secret": "s", "now": now, "verdict": "", "reason": "", "until": until,
        });
        serde_json::from_value(vector).map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_counts_to_the_end_of_its_last_day() {
        let token = written("2026-03-11T14:05:12Z", "2026-03-31").unwrap().tokens();
        let second = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        assert!(token[0].counts(second("2026-03-31T23:59:59Z")));
        assert!(!token[0].counts(second("2026-04-01T00:00:00Z")));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let wrong = |now, until| written(now, until).err().unwrap();
        assert!(wrong("soon", "2026-03-31").contains("one: now"));
        assert!(wrong("2026-03-11T14:05:12Z", "2026-02-31").contains("one: until"));
    }
}
