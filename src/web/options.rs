//! Which options a form wants for a new run (`POST /runs/{run}/replan`).

use std::collections::BTreeMap;

use actix_web::http::StatusCode;

use crate::actions::action_of;
use crate::model::{FlowType, Options, Parenting, ReparentOptions, WhatIf};
use crate::run::Run;

use super::refused::Refused;

/// The mode that means the settings as AYON has them.
pub const AS_SET: &str = "as-set";
/// What a field that holds a type's chain begins with.
pub const CHAIN: &str = "chain.";

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
    if matches!(job, crate::model::Job::Reparent) {
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
