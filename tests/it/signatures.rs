//! Which posts are believed: every vector of `tests/data/ami_signatures.json`, by the library and by the command.

use std::time::Duration;

use amigo::ami::{Token, believe, form_pairs};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

/// A post, the moment it is heard, and what becomes of it.
#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    pub body: String,
    /// Empty where none is configured.
    pub secret: String,
    /// The last day of the secret.
    pub until: Option<String>,
    pub now: String,
    /// The form that matched, or the code of the refusal.
    pub verdict: String,
    pub reason: String,
}

impl Vector {
    pub fn now(&self) -> Timestamp {
        self.now.parse().unwrap()
    }

    pub fn tokens(&self) -> Vec<Token> {
        if self.secret.is_empty() {
            return Vec::new();
        }
        let end = |day: &String| {
            let next = day.parse::<jiff::civil::Date>().unwrap().tomorrow().unwrap();
            next.to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap()
                .timestamp()
                .as_second()
        };
        let token = Token::new(SecretString::from(self.secret.as_str()), "the vector's");
        vec![token.until(self.until.as_ref().map(end))]
    }
}

pub fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../data/ami_signatures.json")).unwrap();
    assert!(vectors.len() >= 41);
    vectors
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    for vector in vectors() {
        let pairs = form_pairs(vector.body.as_bytes()).unwrap();
        let tokens = vector.tokens();
        let judged = believe(
            &pairs,
            &tokens,
            vector.now().as_millisecond(),
            Duration::from_secs(60),
        );
        let verdict = match &judged {
            Ok(proof) => proof.form.as_str(),
            Err(refusal) => refusal.code(),
        };
        assert_eq!(verdict, vector.verdict, "{}: {}", vector.name, vector.reason);
    }
}
