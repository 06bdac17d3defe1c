//! A post that was recorded without whose it is, to be signed anew and posted again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AmiPost, Chosen, Proof, Refusal, RowsOf, Scrubber, Seen, Signed, Token, sign, verify};

type Pairs = Vec<(String, String)>;

/// A recorded post, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The word in the address.
    pub action: String,
    /// What stood behind the address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Pairs,
    pub content_type: String,
    /// All fields but the signature, in their order.
    pub pairs: Pairs,
    /// Where the post was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureSeen>,
    pub answered: Answered,
    /// The code with which amigo is to refuse it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// The types of what the entry of Flow's event log held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ami_payload: Option<BTreeMap<String, String>>,
}

/// What is kept of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureSeen {
    /// How many fields came before it.
    pub place: usize,
    pub length: usize,
    /// What it is written in.
    pub written: String,
    /// The form of the signed text that matched, where one did.
    pub matched: Option<Signed>,
}

/// What the recorder answered, and what it thought of the post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    pub status: u16,
    /// The form that matched, or the code of the refusal.
    pub verdict: String,
}

/// A recorded post, and what can be told of it.
pub struct Recorded {
    pub fixture: Fixture,
    pub seen: Seen,
    /// The label of the token that it was signed with.
    pub token: Option<String>,
}

/// The code of posts whose signature nobody could check.
const NO_SECRET: &str = "no-secret";

impl Recorded {
    /// Looks at a form, and takes out of it whose it is. `now` is in seconds since 1970.
    pub fn of(
        scrubber: &mut Scrubber,
        (action, query, content_type): (&str, &[(String, String)], &str),
        needs_rows: bool,
        pairs: &[(String, String)],
        tokens: &[Token],
        now: i64,
    ) -> Self {
        let proof = verify(pairs, tokens).and_then(|proof| proof.check_token(now).map(|()| proof));
        let signature = pairs
            .iter()
            .position(|(key, _)| key == "signature")
            .map(|place| SignatureSeen {
                place,
                length: pairs[place].1.len(),
                written: writing_of(&pairs[place].1).to_owned(),
                matched: proof.as_ref().ok().map(|proof| proof.form),
            });
        let verdict = match &proof {
            Ok(proof) => proof.form.as_str(),
            Err(refusal) => refusal.code(),
        };
        let parsed = AmiPost::parse(pairs, RowsOf::Selection);
        let names: Pairs = pairs
            .iter()
            .map(|(key, value)| (scrubber.key(key), value.clone()))
            .collect();
        let seen = Seen {
            content_type: scrubber.content_type(content_type),
            matched: proof.as_ref().ok().map(|proof| proof.form),
            ..Seen::of(&names)
        };
        let fixture = Fixture {
            action: action.to_owned(),
            query: scrubber.query(query),
            content_type: seen.content_type.clone(),
            pairs: scrubber.pairs(pairs),
            expect: expectation(&proof, signature.is_some(), parsed.as_ref(), needs_rows),
            signature,
            answered: Answered {
                status: 200,
                verdict: verdict.to_owned(),
            },
            ami_payload: None,
        };
        Self {
            fixture,
            seen,
            token: proof.ok().map(|proof| proof.token.label.clone()),
        }
    }
}

/// The refusal that the post has to meet whenever it is posted again.
fn expectation(
    proof: &Result<Proof<'_>, Refusal>,
    signed: bool,
    parsed: Result<&AmiPost, &Refusal>,
    needs_rows: bool,
) -> Option<String> {
    let light = parsed.is_ok_and(|post| matches!(post.chosen, Chosen::Event(_)));
    let of_form = || {
        let code = match parsed {
            Err(refusal) => Some(refusal.code()),
            Ok(post) if needs_rows && post.lacks_rows() => {
                Some(Refusal::NothingSelected { on_page: 0 }.code())
            }
            Ok(_) => None,
        };
        code.map(str::to_owned)
    };
    match proof {
        Ok(_) => of_form(),
        Err(Refusal::NoSecret) if signed => of_form(),
        // Flow itself has to prove it.
        Err(Refusal::Unsigned | Refusal::NoSecret) if light => None,
        Err(Refusal::Unsigned | Refusal::NoSecret) => Some(Refusal::Unsigned.code().to_owned()),
        Err(_) => Some(Refusal::Signature.code().to_owned()),
    }
}

/// What a signature is written in.
fn writing_of(signature: &str) -> &'static str {
    let hexadecimal = !signature.is_empty() && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if signature.is_empty() {
        "empty"
    } else if !hexadecimal {
        "not hexadecimal"
    } else if signature.bytes().any(|byte| byte.is_ascii_uppercase()) {
        "upper-case hexadecimal"
    } else {
        "lower-case hexadecimal"
    }
}

impl Fixture {
    /// As its file has it: one field a line, for people who look it through before they hand it on.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let spread = serde_json::to_string_pretty(self)?;
        // A line break is never inside of a text, and six spaces are before the two texts of a field only.
        let text = spread
            .replace("[\n      ", "[")
            .replace(",\n      ", ", ")
            .replace("\"\n    ]", "\"]");
        Ok(text + "\n")
    }

    /// Whether posting it again takes a secret token.
    pub fn takes_secret(&self) -> bool {
        self.form_to_sign().is_some()
    }

    /// A signature that nobody could check counts as one of all fields; one that was wrong stays wrong.
    fn form_to_sign(&self) -> Option<Signed> {
        let signature = self.signature.as_ref()?;
        let unchecked = self.answered.verdict == NO_SECRET;
        signature.matched.or(unchecked.then_some(Signed::AllFields))
    }

    /// The form to post: of the present, in seconds since 1970, with what is set instead of what was recorded.
    pub fn form(&self, token: Option<&Token>, now: i64, set: &[(String, String)]) -> Pairs {
        let mut pairs = self.pairs.clone();
        let moment = jiff::Timestamp::from_second(now).unwrap_or_default().to_string();
        for (key, value) in &mut pairs {
            if key == "timestamp" {
                value.clone_from(&moment);
            }
        }
        for (key, value) in set {
            replace(&mut pairs, key, value);
        }
        if let Some(seen) = &self.signature {
            let signature = match (self.form_to_sign(), token) {
                (Some(form), Some(token)) => sign(&pairs, token.secret(), form),
                _ => "0".repeat(seen.length),
            };
            pairs.insert(seen.place.min(pairs.len()), ("signature".to_owned(), signature));
        }
        pairs
    }
}

/// Sets a field where it stands, once; at the end where there is none.
fn replace(pairs: &mut Pairs, key: &str, value: &str) {
    let mut found = false;
    pairs.retain_mut(|(name, old)| {
        if name != key {
            return true;
        }
        value.clone_into(old);
        !std::mem::replace(&mut found, true)
    });
    if !found {
        pairs.push((key.to_owned(), value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::SecretString;

    use super::*;

    fn token() -> Token {
        Token::new(SecretString::from("s"), "one")
    }

    fn pairs(fields: &[(&str, &str)]) -> Pairs {
        fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    const ROWS: [(&str, &str); 6] = [
        ("user_id", "57"),
        ("user_login", "mira"),
        ("title", ""),
        ("entity_type", "Shot"),
        ("server_hostname", "studio.test"),
        ("selected_ids", "7"),
    ];

    fn recorded(pairs: &[(String, String)], tokens: &[Token]) -> Recorded {
        let come = ("sync", &[][..], "application/x-www-form-urlencoded");
        Recorded::of(&mut Scrubber::default(), come, true, pairs, tokens, 0)
    }

    /// Signed in the middle, as nobody says that it comes last.
    fn signed(fields: &[(&str, &str)], form: Signed) -> Pairs {
        let mut pairs = pairs(fields);
        pairs.push(("timestamp".to_owned(), "1970-01-01T00:00:00Z".to_owned()));
        let signature = sign(&pairs, "s", form);
        pairs.insert(2, ("signature".to_owned(), signature));
        pairs
    }

    #[rstest]
    #[case(Signed::AllFields)]
    #[case(Signed::NonEmptyFields)]
    fn what_was_signed_is_signed_again_in_the_same_form_and_place(#[case] form: Signed) {
        let recorded = recorded(&signed(&ROWS, form), &[token()]);
        assert_eq!(recorded.token.as_deref(), Some("one"));
        let kept = recorded.fixture.to_text().unwrap();
        assert!(kept.contains("\n    [\"user_id\", \"900001\"],\n"), "{kept}");
        let fixture: Fixture = serde_json::from_str(&kept).unwrap();
        assert_eq!(fixture, recorded.fixture);
        let set = pairs(&[("user_login", "zoe"), ("project_id", "188")]);
        let posted = fixture.form(Some(&token()), 86_400, &set);
        assert_eq!(posted[2].0, "signature");
        assert_eq!(posted[1].1, "zoe");
        assert_eq!(
            posted.last().unwrap(),
            &("project_id".to_owned(), "188".to_owned())
        );
        assert!(posted.contains(&("timestamp".to_owned(), "1970-01-02T00:00:00Z".to_owned())));
        assert_eq!(verify(&posted, &[token()]).unwrap().form, form);
    }

    #[rstest]
    #[case(pairs(&ROWS), Some("unsigned"))]
    #[case(pairs(&[("event_log_entry_id", "5")]), None)]
    #[case(signed(&ROWS, Signed::AllFields), None)]
    #[case(signed(&ROWS[..5], Signed::AllFields), Some("nothing-selected"))]
    #[case([signed(&ROWS, Signed::AllFields), pairs(&[("cols", "code")])].concat(), Some("signature-wrong"))]
    fn what_has_to_be_refused_is_expected_to_be(#[case] pairs: Pairs, #[case] expected: Option<&str>) {
        let fixture = recorded(&pairs, &[token()]).fixture;
        assert_eq!(fixture.expect.as_deref(), expected);
        let posted = fixture.form(Some(&token()), 0, &[]);
        let refusal = verify(&posted, &[token()]).map(|_| AmiPost::parse(&posted, RowsOf::Selection));
        let code = match refusal {
            Ok(Ok(post)) if post.lacks_rows() => Some("nothing-selected"),
            Ok(parsed) => parsed.err().map(|refusal| refusal.code()),
            // The door asks Flow about these.
            Err(Refusal::Unsigned) if expected.is_none() => None,
            Err(refusal) => Some(refusal.code()),
        };
        assert_eq!(code, expected);
    }

    #[test]
    fn without_a_secret_a_signature_counts_as_one_of_all_fields() {
        let fixture = recorded(&signed(&ROWS, Signed::NonEmptyFields), &[]).fixture;
        assert_eq!(
            (fixture.answered.verdict.as_str(), fixture.expect.as_deref()),
            ("no-secret", None)
        );
        let posted = fixture.form(Some(&token()), 0, &[]);
        assert_eq!(verify(&posted, &[token()]).unwrap().form, Signed::AllFields);
    }
}
