//! The signature that Flow puts on a post whose menu item has a secret token (`flow-api.md §2`).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Which form of the signed text matched. Both are Flow's: the sheet could not settle which one today's sites use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    AllFields,
    NonEmptyFields,
}

/// Lines `key=value` + CR LF of every field but the signature, sorted as bytes.
fn text_to_sign(pairs: &[(String, String)], with_empty: bool) -> Vec<u8> {
    let mut lines: Vec<String> = pairs
        .iter()
        .filter(|(key, value)| key != "signature" && (with_empty || !value.is_empty()))
        .map(|(key, value)| format!("{key}={value}\r\n"))
        .collect();
    lines.sort_unstable();
    lines.concat().into_bytes()
}

fn mac(secret: &str, text: &[u8]) -> Option<Hmac<Sha1>> {
    // HMAC takes keys of any length, so this is never `None`.
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text);
    Some(mac)
}

/// The signature Flow would send, all fields signed: 40 lower-case hexadecimal digits.
pub fn sign(pairs: &[(String, String)], secret: &str) -> String {
    mac(secret, &text_to_sign(pairs, true))
        .map(|mac| hex::encode(mac.finalize().into_bytes()))
        .unwrap_or_default()
}

/// Checks the pairs' `signature` against any of the secrets, in constant time.
pub fn verify<'a>(
    pairs: &[(String, String)],
    secrets: impl IntoIterator<Item = &'a str>,
) -> Option<Verified> {
    // Lines are signed without escaping: a line break in a value, or `=` in a key, could be read as another field.
    let ambiguous =
        |(key, value): &(String, String)| key.contains(['\r', '\n', '=']) || value.contains(['\r', '\n']);
    if pairs.iter().any(ambiguous) {
        return None;
    }
    let mut signatures = pairs.iter().filter(|(key, _)| key == "signature");
    let signature = match (signatures.next(), signatures.next()) {
        (Some((_, value)), None) if value.len() == 40 && !value.bytes().any(|b| b.is_ascii_uppercase()) => {
            hex::decode(value).ok()?
        }
        _ => return None,
    };
    let all = text_to_sign(pairs, true);
    let filled = text_to_sign(pairs, false);
    secrets.into_iter().find_map(|secret| {
        let matches = |text: &[u8]| mac(secret, text).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
        if matches(&all) {
            Some(Verified::AllFields)
        } else if matches(&filled) {
            Some(Verified::NonEmptyFields)
        } else {
            None
        }
    })
}
