//! The re-parenting rules of a plan: what they are, what one may try instead, and the settings to paste into AYON.

use serde_json::json;

use crate::model::{FlowType, Job, ModeName, Options, Parenting, ReparentOptions, WhatIf};
use crate::plan::Plan;
use crate::run::Run;

use super::super::options::{AS_SET, CHAIN};
use super::{Links, Press, Reader};

/// The rules of a plan of moves.
pub struct Rules {
    /// What they are, one sentence each.
    pub lines: Vec<String>,
    /// Whether they are somebody's what-if, and not AYON's settings.
    pub tried: bool,
    /// The settings of AYON as they would have to be for a what-if, with the projects' names where they differ.
    pub documents: Vec<(String, String)>,
    /// The menu item's address that tries the same.
    pub item: Option<String>,
    /// The form that tries others; nothing for those who may only look.
    pub form: Option<Try>,
}

/// A form that plans again by other rules.
pub struct Try {
    pub press: Press,
    pub descendants: bool,
    /// Whether the whole project is tried although rows were selected; nothing where it was selected.
    pub whole: Option<bool>,
    pub modes: Vec<Mode>,
    pub chains: Vec<Chain>,
}

/// A mode to choose.
pub struct Mode {
    pub value: &'static str,
    pub title: &'static str,
    pub chosen: bool,
}

/// The chain of one type.
pub struct Chain {
    pub field: String,
    pub title: &'static str,
    pub text: String,
}

/// The rules of a run's plan; nothing of a run that moves nothing by rules.
pub fn of(run: &Run, plan: &Plan, access: Reader, links: &Links) -> Option<Rules> {
    if run.action != Job::Reparent.word() {
        return None;
    }
    let parenting = plan
        .projects
        .iter()
        .find_map(|project| project.parenting.as_ref())?;
    let Ok(Options::Reparent(options)) = run.options_of(Job::Reparent) else {
        return None;
    };
    let tried = options.what_if.is_some();
    let now = options
        .what_if
        .clone()
        .unwrap_or_else(|| WhatIf::suggested(parenting));
    let of_projects = plan
        .projects
        .iter()
        .filter_map(|project| Some((project, project.parenting.as_ref()?)));
    let alike = of_projects.clone().all(|(_, other)| other == parenting);
    let lines = match alike {
        true => lines(parenting),
        // Projects may have settings of their own.
        false => of_projects
            .clone()
            .flat_map(|(project, of_it)| {
                lines(of_it)
                    .into_iter()
                    .map(|line| format!("{}: {line}", project.name))
            })
            .collect(),
    };
    Some(Rules {
        lines,
        tried,
        documents: match (tried, alike) {
            (false, _) => Vec::new(),
            (true, true) => vec![(String::new(), document(parenting))],
            (true, false) => of_projects
                .clone()
                .map(|(project, of_it)| (project.name.clone(), document(of_it)))
                .collect(),
        },
        item: options.what_if.as_ref().map(|what_if| item(what_if, links)),
        form: links.press(run, access, "replan").map(|press| Try {
            press,
            descendants: options.descendants,
            whole: run
                .selection
                .as_ref()
                .filter(|selection| !selection.is_project())
                .map(|_| options.whole),
            modes: modes(tried, &now),
            chains: Parenting::TYPES
                .into_iter()
                .map(|kind| chain(kind, &now))
                .collect(),
        }),
    })
}

fn modes(tried: bool, now: &WhatIf) -> Vec<Mode> {
    let mode = |value, title, chosen| Mode { value, title, chosen };
    vec![
        mode(AS_SET, "as AYON's settings have it", !tried),
        mode("none", "no preset at all", tried && now.mode.is_none()),
        mode(
            ModeName::RootRelocate.as_str(),
            "root_relocate",
            tried && now.mode == Some(ModeName::RootRelocate),
        ),
        mode(
            ModeName::TypeGrouping.as_str(),
            "type_grouping",
            tried && now.mode == Some(ModeName::TypeGrouping),
        ),
    ]
}

fn chain(kind: FlowType, now: &WhatIf) -> Chain {
    Chain {
        field: format!("{CHAIN}{kind}"),
        title: kind.plural(),
        text: now.chain_text(kind),
    }
}

/// What the settings say, in words.
fn lines(parenting: &Parenting) -> Vec<String> {
    let Some((mode, _)) = parenting.mode() else {
        return vec![
            "Neither root_relocate nor type_grouping is switched on: everything goes where Flow's tracking settings want it."
                .to_owned(),
        ];
    };
    let chains: Vec<String> = Parenting::TYPES
        .into_iter()
        .filter_map(|kind| {
            let (_, chain) = parenting.chain_of(kind)?;
            let names: Vec<&str> = chain.iter().map(|folder| folder.name.as_str()).collect();
            Some(format!("{mode}: {} go below {}.", kind.plural(), names.join("/")))
        })
        .collect();
    match chains.is_empty() {
        true => vec![format!("{mode} is switched on, without a preset that counts.")],
        false => chains,
    }
}

/// The part of the addon's settings that holds the rules.
fn document(parenting: &Parenting) -> String {
    let settings = json!({"compatibility_settings": {"folder_parenting": parenting}});
    serde_json::to_string_pretty(&settings).unwrap_or_default()
}

fn item(what_if: &WhatIf, links: &Links) -> String {
    let query = [(ReparentOptions::WHAT_IF, what_if.to_string())];
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("{}/ami/{}?{query}", links.public_url, Job::Reparent.word())
}
