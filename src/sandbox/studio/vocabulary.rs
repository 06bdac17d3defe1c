//! The words of the site: statuses, Tags, Groups, and which Flow field goes to which AYON attribute.

use super::{Group, Tag};

/// Short codes and names of all statuses of the site; which types have which is in the schema (flow-api.md §6, Status).
///
/// Against AYON's stock anatomy: `rdy`, `hld` and `omt` differ from its short names in case only; `ip`, `rev` and `apr`
/// have a name it knows; the others are unknown there. `fin` and `fnl` have names that differ in case only.
pub const STATUSES: [(&str, &str); 15] = [
    ("wtg", "Waiting to Start"),
    ("rdy", "Ready to Start"),
    ("ip", "In Progress"),
    ("rev", "Pending Review"),
    ("apr", "Approved"),
    ("fin", "Final"),
    ("hld", "On Hold"),
    ("omt", "Omit"),
    ("act", "Active"),
    ("dis", "Disabled"),
    ("cmpt", "Complete"),
    ("clsd", "Closed"),
    ("fnl", "FINAL"),
    ("na", "N/A"),
    ("vwd", "Viewed"),
];

/// The name of a status, as most fields show it.
pub fn status_name(code: &str) -> Option<&'static str> {
    STATUSES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, name)| *name)
}

/// A row of the addon's `custom_attribs_map` (`ayon-shotgrid-behaviour.md §2.1`).
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The AYON attribute.
    pub ayon: &'static str,
    /// The Flow field, with or without its `sg_` (flow-api.md §8 row 14).
    pub sg: &'static str,
    /// Flow types it is meant for.
    pub scope: Vec<&'static str>,
}

/// The map of a studio that plans its work in Flow.
pub(super) fn attribute_map() -> Vec<Mapped> {
    let folders = ["Episode", "Sequence", "Shot", "Asset"];
    let all = ["Project", "Episode", "Sequence", "Shot", "Asset", "Task"];
    let row = |ayon, sg, scope: &[&'static str]| Mapped {
        ayon,
        sg,
        scope: scope.to_vec(),
    };
    vec![
        row("frameStart", "head_in", &["Shot"]),
        row("frameEnd", "tail_out", &["Shot"]),
        row("clipIn", "cut_in", &["Shot"]),
        row("clipOut", "cut_out", &["Shot"]),
        row("startDate", "start_date", &["Task"]),
        row("endDate", "due_date", &["Task"]),
        row("description", "description", &all),
        // Shots hold it as a number, Sequences as text, the others not at all.
        row("fps", "fps", &folders),
        row("priority", "priority", &["Shot", "Task"]),
        row("stereo", "stereo", &["Shot"]),
        row("keywords", "keywords", &["Shot"]),
    ]
}

/// What somebody registered in AYON for the map to fill.
pub(super) const ATTRIBUTES: [(&str, &str); 2] = [("stereo", "boolean"), ("keywords", "list_of_strings")];

/// Tag names are any text; some differ from another one, or from an AYON tag, in case only.
pub(super) const HERO: i64 = 1;
pub(super) const REUSE: i64 = 2;
pub(super) const CLIENT_REVIEW: i64 = 3;
pub(super) const IMPORTANT: i64 = 4;
pub(super) const HERO_IN_CAPITALS: i64 = 5;
pub(super) const JAPAN: i64 = 6;
pub(super) const PUNCTUATED: i64 = 7;

pub(super) fn tags() -> Vec<Tag> {
    [
        (HERO, "hero"),
        (REUSE, "reuse"),
        (CLIENT_REVIEW, "client review"),
        (IMPORTANT, "Important"),
        (HERO_IN_CAPITALS, "HERO"),
        (JAPAN, "日本"),
        (PUNCTUATED, "it's a wrap; really"),
    ]
    .map(|(id, name)| Tag { id, name })
    .to_vec()
}

/// Group 4 holds people whom AYON knows, does not know, and one who is disabled; group 5 holds nobody.
pub(super) const LIGHTING: i64 = 3;
pub(super) const MIXED: i64 = 4;
pub(super) const DESERTED: i64 = 5;

pub(super) fn groups() -> Vec<Group> {
    [
        (LIGHTING, "Lighting", vec![66, 67, 68]),
        (MIXED, "Night Shift", vec![58, 72, 75]),
        (DESERTED, "Deserted", Vec::new()),
    ]
    .map(|(id, code, members)| Group { id, code, members })
    .to_vec()
}
