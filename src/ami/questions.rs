//! What recorded posts answer of the questions that the reference leaves open (`flow-api.md §10`, 1 to 3).

use std::collections::BTreeSet;

use super::{Light, Seen, Signed};

/// Plain sentences, at least one for each question.
pub fn answers(posts: &[Seen]) -> Vec<String> {
    if posts.is_empty() {
        return vec!["No post came, so nothing is answered.".to_owned()];
    }
    let mut said = vec![blanks(posts), order(posts)];
    said.extend(light(posts));
    said.extend(types(posts));
    said.extend(without_rows(posts));
    said
}

/// 1: whether blank fields are signed.
fn blanks(posts: &[Seen]) -> String {
    let telling = posts.iter().filter(|post| !post.blank.is_empty());
    let forms: BTreeSet<&str> = telling
        .filter_map(|post| post.matched)
        .map(Signed::as_str)
        .collect();
    let sentence = match forms.into_iter().collect::<Vec<_>>().as_slice() {
        [] => {
            "Whether Flow signs blank fields is not answered: it takes a post that has a blank field and a signature that matches. A page without a title may send one."
        }
        [one] if *one == Signed::AllFields.as_str() => "Flow signs blank fields.",
        [_] => "Flow leaves blank fields out of what it signs.",
        _ => "Flow signed blank fields in one post and left them out in another.",
    };
    format!("1. {sentence}")
}

/// 1: whether lines are ordered and ended as they were.
fn order(posts: &[Seen]) -> String {
    let signed = || posts.iter().filter(|post| post.signature);
    let sentence = if signed().next().is_none() {
        "How lines are ordered and ended is not answered: no post was signed."
    } else if signed().all(|post| post.matched.is_some()) {
        "Lines are sorted as bytes and ended by CR LF, as before: every signature matched."
    } else if signed().any(|post| post.matched.is_some()) {
        "Lines are sorted as bytes and ended by CR LF, as before; but not every signature matched. Another menu item may have another secret."
    } else {
        "How lines are ordered and ended is not answered: no signature matched. Either the secret here is not the menu item's, or Flow signs in another way now."
    };
    format!("1. {sentence}")
}

/// 2: what a light payload posts.
fn light(posts: &[Seen]) -> Vec<String> {
    let mut said: Vec<String> = posts
        .iter()
        .filter_map(|post| match post.light {
            Light::No => None,
            Light::Only => Some(format!(
                "2. A light payload posts only: {}.",
                post.names.join(", ")
            )),
            Light::WithFields => Some(format!(
                "2. A light payload posts more than the entry: {}.",
                post.names.join(", ")
            )),
        })
        .collect();
    for payload in posts.iter().filter_map(|post| post.ami_payload.as_ref()) {
        let fields: Vec<String> = payload
            .iter()
            .map(|(name, shape)| format!("{name} ({shape})"))
            .collect();
        let signature = match payload.contains_key("signature") {
            true => "holds a signature",
            false => "holds no signature",
        };
        said.push(format!(
            "2. meta.ami_payload {signature}; its fields are {}.",
            fields.join(", ")
        ));
    }
    if said.is_empty() {
        said.push(
            "2. What a light payload posts is not answered: no post named an entry of the event log."
                .to_owned(),
        );
    } else if posts.iter().all(|post| post.ami_payload.is_none()) {
        said.push(
            "2. What meta.ami_payload holds is not answered: it takes a configuration with which amigo can ask Flow."
                .to_owned(),
        );
    }
    said.dedup();
    said
}

/// 3: the exact type of the body.
fn types(posts: &[Seen]) -> Vec<String> {
    let types: BTreeSet<&str> = posts.iter().map(|post| post.content_type.as_str()).collect();
    types
        .into_iter()
        .map(|kind| match kind {
            "" => "3. A post came without a Content-Type.".to_owned(),
            kind => format!("3. The Content-Type is exactly {kind:?}."),
        })
        .collect()
}

/// 3: what entries of the user menu send.
fn without_rows(posts: &[Seen]) -> Vec<String> {
    let told = |post: &&Seen| post.fields > 0 && post.light == Light::No;
    let bare = |name: &String| name.trim_end_matches("[]").to_owned();
    let rows = |post: &&Seen| {
        let names: Vec<String> = post.names.iter().map(bare).collect();
        ["entity_type", "selected_ids"]
            .iter()
            .all(|name| names.iter().any(|one| one == name))
    };
    let mut said: Vec<String> = posts
        .iter()
        .filter(told)
        .filter(|post| !rows(post))
        .map(|post| {
            format!(
                "3. A post that tells no rows, as one of the user menu may, has: {}.",
                post.names.join(", ")
            )
        })
        .collect();
    if said.is_empty() {
        said.push(
            "3. What the user menu sends is not answered: every post that was read tells rows.".to_owned(),
        );
    }
    said.dedup();
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(names: &[&str]) -> Seen {
        Seen {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            fields: names.len(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Seen::default()
        }
    }

    fn says(posts: &[Seen], what: &str) {
        let said = answers(posts);
        assert!(said.iter().any(|line| line.contains(what)), "{what}: {said:#?}");
    }

    #[test]
    fn the_first_question_takes_a_blank_field_and_a_signature() {
        let rows = post(&["entity_type", "selected_ids"]);
        says(std::slice::from_ref(&rows), "blank fields is not answered");
        says(std::slice::from_ref(&rows), "no post was signed");
        let mut all = Seen {
            blank: vec!["title".to_owned()],
            signature: true,
            matched: Some(Signed::AllFields),
            ..rows.clone()
        };
        says(std::slice::from_ref(&all), "Flow signs blank fields.");
        says(std::slice::from_ref(&all), "every signature matched");
        let filled = Seen {
            matched: Some(Signed::NonEmptyFields),
            ..all.clone()
        };
        says(std::slice::from_ref(&filled), "leaves blank fields out");
        says(
            &[all.clone(), filled.clone()],
            "in one post and left them out in another",
        );
        all.matched = None;
        says(std::slice::from_ref(&all), "no signature matched");
        says(&[all, filled], "but not every signature matched");
    }

    #[test]
    fn the_second_question_takes_a_light_payload() {
        says(&[post(&["entity_type"])], "no post named an entry");
        let mut only = Seen {
            light: Light::Only,
            ..post(&["event_log_entry_id", "timestamp"])
        };
        says(
            std::slice::from_ref(&only),
            "posts only: event_log_entry_id, timestamp.",
        );
        says(std::slice::from_ref(&only), "it takes a configuration");
        only.ami_payload = Some([("ids".to_owned(), "list of 2: number".to_owned())].into());
        says(
            std::slice::from_ref(&only),
            "holds no signature; its fields are ids (list of 2: number).",
        );
        let more = Seen {
            light: Light::WithFields,
            ..post(&["event_log_entry_id", "entity_type"])
        };
        says(
            &[more],
            "posts more than the entry: event_log_entry_id, entity_type.",
        );
    }

    #[test]
    fn the_third_question_is_answered_by_every_post() {
        let rows = post(&["entity_type", "selected_ids"]);
        says(
            std::slice::from_ref(&rows),
            "exactly \"application/x-www-form-urlencoded\"",
        );
        says(std::slice::from_ref(&rows), "user menu sends is not answered");
        says(
            &[rows, post(&["user_id", "user_login"])],
            "has: user_id, user_login.",
        );
        says(&[Seen::default()], "without a Content-Type");
        says(&[], "No post came");
    }
}
