//! The signature that Flow puts on a post whose menu item has a secret token (`flow-api.md §2`).

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;

use super::{Refusal, Token};

/// Which form of the signed text matched. Both are Flow's: the sheet could not settle which one today's sites use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signed {
    AllFields,
    NonEmptyFields,
}

impl Signed {
    /// The form in words, as the vector file and the command line have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllFields => "all-fields",
            Self::NonEmptyFields => "non-empty-fields",
        }
    }
}

/// A signature that holds.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// As it was sent: 40 lower-case hexadecimal digits.
    pub signature: &'a str,
    pub form: Signed,
    /// The token it was made with.
    pub token: &'a Token,
}

/// The lines that are signed: `key=value` + CR LF of every field but the signature, sorted as bytes. Whole lines are
/// sorted, not keys: `a=1` stands before `a-b=1` by its key, and after it as a line.
struct Lines<'a>(Vec<[&'a [u8]; 4]>);

impl<'a> Lines<'a> {
    fn of(pairs: &'a [(String, String)], form: Signed) -> Self {
        let signed = |(key, value): &&(String, String)| {
            key != "signature" && (form == Signed::AllFields || !value.is_empty())
        };
        let line = |(key, value): &'a (String, String)| [key.as_bytes(), b"=", value.as_bytes(), b"\r\n"];
        let mut lines: Vec<_> = pairs.iter().filter(signed).map(line).collect();
        lines.sort_unstable_by(|a, b| a.iter().copied().flatten().cmp(b.iter().copied().flatten()));
        Self(lines)
    }

    fn mac(&self, secret: &str) -> Option<Hmac<Sha1>> {
        // HMAC takes keys of any length, so this is never `None`.
        let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).ok()?;
        for piece in self.0.iter().flatten() {
            mac.update(piece);
        }
        Some(mac)
    }
}

/// The signature Flow would send: 40 lower-case hexadecimal digits.
pub fn sign(pairs: &[(String, String)], secret: &str, form: Signed) -> String {
    Lines::of(pairs, form)
        .mac(secret)
        .map(|mac| hex::encode(mac.finalize().into_bytes()))
        .unwrap_or_default()
}

impl Proof<'_> {
    /// Refuses what was signed with a token that has ended; `now` is in seconds since 1970. That is told apart from a
    /// wrong one: somebody has to change the menu item.
    pub fn check_token(&self, now: i64) -> Result<(), Refusal> {
        if self.token.counts(now) {
            return Ok(());
        }
        Err(Refusal::SecretEnded {
            label: self.token.label.clone(),
        })
    }
}

/// Checks the pairs' `signature` against the tokens, in constant time. Whether the token still counts is another
/// question ([`Proof::check_token`]): what it signed in its time stays true.
pub fn verify<'a>(pairs: &'a [(String, String)], tokens: &'a [Token]) -> Result<Proof<'a>, Refusal> {
    let mut signatures = pairs.iter().filter(|(key, _)| key == "signature");
    let text = match (signatures.next(), signatures.next()) {
        (None, _) => return Err(unproven(tokens)),
        (Some((_, value)), None) if value.is_empty() => return Err(unproven(tokens)),
        _ if tokens.is_empty() => return Err(Refusal::NoSecret),
        (Some((_, value)), None) => value.as_str(),
        (Some(_), Some(_)) => return Err(Refusal::Signature),
    };
    // Lines are signed without escaping: a line break in a value, or `=` in a key, could be read as another field.
    let ambiguous =
        |(key, value): &(String, String)| key.contains(['\r', '\n', '=']) || value.contains(['\r', '\n']);
    let well_formed = text.len() == 40 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let signature = match hex::decode(text) {
        Ok(signature) if well_formed && !pairs.iter().any(ambiguous) => signature,
        _ => return Err(Refusal::Signature),
    };
    let all = Lines::of(pairs, Signed::AllFields);
    let has_empty = pairs.iter().any(|(_, value)| value.is_empty());
    let filled = has_empty.then(|| Lines::of(pairs, Signed::NonEmptyFields));
    let proof = tokens.iter().find_map(|token| {
        let matches = |lines: &Lines<'_>| {
            lines
                .mac(token.secret())
                .is_some_and(|mac| mac.verify_slice(&signature).is_ok())
        };
        let form = if matches(&all) {
            Signed::AllFields
        } else if filled.as_ref().is_some_and(matches) {
            Signed::NonEmptyFields
        } else {
            return None;
        };
        Some(Proof {
            signature: text,
            form,
            token,
        })
    });
    proof.ok_or(Refusal::Signature)
}

/// What a post without a signature lacks.
fn unproven(tokens: &[Token]) -> Refusal {
    if tokens.is_empty() {
        Refusal::NoSecret
    } else {
        Refusal::Unsigned
    }
}
