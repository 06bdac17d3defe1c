//! What a system says of an error, without what it was sent to be let in: some servers repeat the headers or the form
//! of the request that they refuse.

/// Stands where a credential was.
const HIDDEN: &str = "(hidden)";

/// The words without the credentials: as they are, and as forms and JSON write them.
pub fn without(words: String, credentials: &[&str]) -> String {
    let mut words = words;
    for credential in credentials {
        for written in [as_in_json(credential), as_in_forms(credential)] {
            if !written.is_empty() && words.contains(&written) {
                words = words.replace(&written, HIDDEN);
            }
        }
        if !credential.is_empty() && words.contains(credential) {
            words = words.replace(credential, HIDDEN);
        }
    }
    words
}

fn as_in_json(credential: &str) -> String {
    let quoted = serde_json::to_string(credential).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn as_in_forms(credential: &str) -> String {
    let pair = serde_urlencoded::to_string([("", credential)]).unwrap_or_default();
    pair.trim_start_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credential_is_repeated_however_it_is_written() {
        let key = r#"a "b"&c=d"#;
        for words in [
            r#"wrong key: a "b"&c=d!"#,
            r#"wrong key: a \"b\"&c=d!"#,
            "wrong key: a+%22b%22%26c%3Dd!",
        ] {
            assert_eq!(without(words.to_owned(), &["other", key]), "wrong key: (hidden)!");
        }
        assert_eq!(without("as it was".to_owned(), &[""]), "as it was");
    }
}
