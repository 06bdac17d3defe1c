//! Which options a form wants for a new run (`POST /runs/{run}/replan`).

use std::collections::BTreeMap;

use actix_web::http::StatusCode;

use crate::actions::action_of;
use crate::model::{
    FlowId, FlowType, Job, Options, Pairs, Parenting, ReparentOptions, UsersOptions, WhatIf, WrongPairs,
};
use crate::run::{Run, sentence};

use super::refused::Refused;

/// The mode that means the settings as AYON has them.
pub const AS_SET: &str = "as-set";
/// What a field that holds a type's chain begins with.
pub const CHAIN: &str = "chain.";

/// What a field that says who a person is begins with.
pub const PAIR: &str = "pair.";

/// The new run's options. With `options=listed`, of its switches those are on that the repeated `on` names; otherwise
/// they are as in the old run.
///
/// A re-parenting also tries other rules: `mode` is `none`, `root_relocate` or `type_grouping`, and `chain.Shot` the
/// folders of a type. `mode=as-set` means the settings of AYON; without `mode` the rules are those of the old run.
pub fn of(pairs: &[(String, String)], old: &Run) -> Result<BTreeMap<String, String>, Refused> {
    let values = |key: &'static str| {
        pairs
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    };
    let job = action_of(&old.action).ok_or_else(unclear)?.job;
    if job == Job::Users {
        let pairs = chosen_pairs(pairs, old)?;
        return Ok(Options::Users(UsersOptions { pairs }).as_map());
    }
    let on: Vec<&str> = values("on").collect();
    let known = |word: &&str| job.switches().iter().any(|switch| switch.word == *word);
    let options = match values("options").collect::<Vec<_>>().as_slice() {
        [] if on.is_empty() && values("mode").next().is_none() => return Ok(old.options.clone()),
        ["listed"] if on.iter().all(known) => {
            let pairs = job.switches().iter().map(|switch| {
                let word = if on.contains(&switch.word) { "yes" } else { "no" };
                (switch.word, word)
            });
            Options::parse(job, pairs).map_err(|_| unclear())?
        }
        _ => return Err(unclear()),
    };
    let mut options = options.as_map();
    if job == Job::Reparent {
        let what_if = match values("mode").collect::<Vec<_>>().as_slice() {
            [] => old.options.get(ReparentOptions::WHAT_IF).cloned(),
            [AS_SET] if says_other_chains(pairs, old) => return Err(no_mode()),
            [AS_SET] => None,
            [mode] => Some(what_if(mode, pairs)?.to_string()),
            _ => return Err(unclear()),
        };
        let tries = what_if.is_some();
        options.extend(what_if.map(|text| (ReparentOptions::WHAT_IF.to_owned(), text)));
        let whole = match values("mode").next() {
            Some(_) => values("whole").next().is_some(),
            None => old.options.contains_key(ReparentOptions::WHOLE),
        };
        if tries && whole {
            options.insert(ReparentOptions::WHOLE.to_owned(), "yes".to_owned());
        }
    }
    Ok(options)
}

/// Who is whom: as in the old run, but for what the form says. `pair.57` names an AYON user, `+` for a new one, `-` for
/// nobody, and empty to let amigo find out; `person` and `user` say the same of anybody, by id or login.
fn chosen_pairs(form: &[(String, String)], old: &Run) -> Result<Pairs, Refused> {
    let mut pairs = old.pairs();
    let mut said: Vec<(FlowId, &str)> = Vec::new();
    for (name, value) in form {
        if let Some(id) = name.strip_prefix(PAIR) {
            let id = id.parse().ok().filter(|id: &i64| *id > 0).ok_or_else(unclear)?;
            said.push((FlowId(id), value.trim()));
        }
    }
    let one = |key: &str| {
        form.iter()
            .find(|(name, _)| name == key)
            .map_or("", |(_, value)| value.trim())
    };
    match (one("person"), one("user")) {
        ("", "") => {}
        ("", _) | (_, "") => return Err(pairs_wrong("Both sides of a pair have to be named.")),
        (person, user) => said.push((person_of(person, old)?, user)),
    }
    // First all are forgotten, so that two may exchange their users.
    for (person, _) in &said {
        pairs.forget(*person);
    }
    for (person, user) in said.into_iter().filter(|(_, user)| !user.is_empty()) {
        let wrong = |wrong: WrongPairs| pairs_wrong(&sentence(&wrong.to_string()));
        pairs.add(person, user.parse().map_err(wrong)?).map_err(wrong)?;
    }
    Ok(pairs)
}

/// A person by a login that the plan knows, or by the Flow id: a login may be a number.
fn person_of(text: &str, old: &Run) -> Result<FlowId, Refused> {
    let nodes = old.plan.iter().flat_map(|plan| &plan.nodes);
    let mut found = nodes.filter(|node| {
        let login = node.seat.as_ref().and_then(|seat| seat.login.as_deref());
        login.is_some_and(|login| login.eq_ignore_ascii_case(text))
    });
    let id = text
        .trim_start_matches('#')
        .parse()
        .ok()
        .filter(|id: &i64| *id > 0);
    match (found.next(), found.next(), id) {
        (Some(node), None, _) => node.flow.map(|flow| flow.id).ok_or_else(unclear),
        (None, _, Some(id)) => Ok(FlowId(id)),
        (Some(_), Some(_), _) => Err(pairs_wrong(
            "More than one person has that login: name the Flow id, as #57.",
        )),
        (None, _, None) => Err(pairs_wrong("The plan knows nobody of that login.")),
    }
}

fn pairs_wrong(message: &str) -> Refused {
    Refused::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "pairs-wrong",
        message.to_owned(),
        "Go back and name the person by their Flow id or login, and the AYON user by its name, + for a new one or - for nobody.",
    )
}

/// Whether a form holds other chains than the page began with.
fn says_other_chains(pairs: &[(String, String)], old: &Run) -> bool {
    let projects = old.plan.iter().flat_map(|plan| &plan.projects);
    let parenting = projects.filter_map(|project| project.parenting.as_ref()).next();
    let tried = old
        .options
        .get(ReparentOptions::WHAT_IF)
        .and_then(|text| text.parse().ok());
    let began = tried
        .or_else(|| parenting.map(WhatIf::suggested))
        .unwrap_or_default();
    pairs.iter().any(|(name, chain)| {
        let kind = name
            .strip_prefix(CHAIN)
            .and_then(|kind| kind.parse::<FlowType>().ok());
        kind.is_some_and(|kind| chain.trim() != began.chain_text(kind))
    })
}

/// Folders were changed that nobody would look at.
fn no_mode() -> Refused {
    Refused::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "what-if-wrong",
        "The folders were changed, but the mode is still the one of AYON's settings, which keeps its own.",
        "Go back and choose a mode: root_relocate, type_grouping, or no preset at all.",
    )
}

fn what_if(mode: &str, pairs: &[(String, String)]) -> Result<WhatIf, Refused> {
    let chains = pairs.iter().filter_map(|(name, chain)| {
        let kind: FlowType = name.strip_prefix(CHAIN)?.parse().ok()?;
        Parenting::TYPES.contains(&kind).then_some((kind, chain.as_str()))
    });
    WhatIf::of(mode, chains).map_err(|wrong| {
        Refused::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "what-if-wrong",
            format!("The rules to try cannot be read: {wrong}."),
            "Go back and write each chain as folders with their types, such as all_shots[Folder]/custom[Folder].",
        )
    })
}

fn unclear() -> Refused {
    Refused::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "options-wrong",
        "The form does not say clearly what is to be planned.",
        "Use the boxes above \"Plan again\" on the run's page.",
    )
}
