//! What lets a post come back: a button on amigo's own page sends a post again that was heard in time once.
//!
//! A signed post is good for a minute, and people read longer than that. So the page carries the post together with
//! the instant at which amigo heard it first, sealed with the same secret token that proved it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Proof;

/// How long a post may come back, in milliseconds.
const LIFE_MS: i64 = 15 * 60 * 1000;

fn mac(proof: &Proof<'_>, at_ms: i64) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(proof.token.secret().as_bytes()).ok()?;
    mac.update(format!("amigo heard\0{}\0{at_ms}", proof.signature).as_bytes());
    Some(mac)
}

/// Says that a post was heard at an instant, in milliseconds since 1970.
pub fn heard_at(proof: &Proof<'_>, at_ms: i64) -> String {
    let seal = mac(proof, at_ms).map(|mac| hex::encode(mac.finalize().into_bytes()));
    format!("{at_ms}.{}", seal.unwrap_or_default())
}

/// When a post was heard first, if that is true and not too long ago.
pub fn first_heard(proof: &Proof<'_>, said: &str, now_ms: i64) -> Option<i64> {
    let (at, seal) = said.split_once('.')?;
    let at_ms: i64 = at.parse().ok()?;
    let seal = hex::decode(seal).ok()?;
    mac(proof, at_ms)?.verify_slice(&seal).ok()?;
    (0..=LIFE_MS)
        .contains(&now_ms.saturating_sub(at_ms))
        .then_some(at_ms)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::ami::{Signed, Token};

    #[test]
    fn only_what_amigo_said_itself_is_believed_and_only_for_a_while() {
        let (token, other) = (
            Token::new(SecretString::from("s"), "one"),
            Token::new(SecretString::from("t"), "two"),
        );
        let proof = |token, signature| Proof {
            signature,
            form: Signed::AllFields,
            token,
        };
        let said = heard_at(&proof(&token, "ab"), 1_000);
        assert_eq!(first_heard(&proof(&token, "ab"), &said, 2_000), Some(1_000));
        assert_eq!(
            first_heard(&proof(&token, "ab"), &said, 1_000 + LIFE_MS),
            Some(1_000)
        );
        assert_eq!(first_heard(&proof(&token, "ab"), &said, 1_001 + LIFE_MS), None);
        assert_eq!(first_heard(&proof(&token, "ab"), &said, 999), None);
        assert_eq!(
            first_heard(&proof(&token, "cd"), &said, 2_000),
            None,
            "another post"
        );
        assert_eq!(
            first_heard(&proof(&other, "ab"), &said, 2_000),
            None,
            "another secret"
        );
        let later = said.replace("1000.", "1500.");
        assert_eq!(first_heard(&proof(&token, "ab"), &later, 2_000), None);
        for nonsense in ["", ".", "1000", "1000.", "1000.zz", "x.00"] {
            assert_eq!(
                first_heard(&proof(&token, "ab"), nonsense, 2_000),
                None,
                "{nonsense}"
            );
        }
    }
}
