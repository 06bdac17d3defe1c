//! Posts that the command line judges.

mod verifying;

use std::collections::BTreeMap;

use amigo::ami::{Signed, sign};

use crate::harness::AMI_SECRET;

type Form = Vec<(String, String)>;

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn form(fields: &[(&str, &str)]) -> Form {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Signs a form of now, as Flow does.
fn signed(mut form: Form, written: Signed) -> Form {
    form.retain(|(name, _)| name != "signature" && name != "timestamp");
    let now = jiff::Timestamp::now().as_second();
    let now = jiff::Timestamp::from_second(now).unwrap().to_string();
    form.push(("timestamp".to_owned(), now));
    let signature = sign(&form, AMI_SECRET, written);
    form.push(("signature".to_owned(), signature));
    form
}

fn urlencoded(form: &Form) -> String {
    serde_urlencoded::to_string(form).unwrap()
}

/// Nothing of these may stand in what was said or written.
fn holds_none_of(text: &str, planted: &[&str]) {
    let lower = text.to_lowercase();
    for planted in planted {
        assert!(
            !lower.contains(&planted.to_lowercase()),
            "{planted:?} is in {text}"
        );
    }
}
