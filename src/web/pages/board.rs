//! The board of users: a column for each kind of match, and the choices of whoever knows better.

use std::ops::Range;

use crate::model::{FlowId, Job, Pairing};
use crate::plan::{ACTIVE, By, Column, EMAIL, Kind, Node, Operation, Seat};
use crate::run::Run;

use super::super::options::PAIR;
use super::list::Piece;
use super::rows::Stage;
use super::sides::Shown;
use super::{Links, Press, Reader};

/// One column.
pub struct Section {
    /// Its class.
    pub class: &'static str,
    pub title: &'static str,
    pub note: &'static str,
    pub count: usize,
    pub pieces: Vec<Piece>,
    /// Whether its choices can be sent from here.
    pub decides: bool,
}

/// Who somebody is on both sides.
pub struct PersonLine {
    pub login: Option<String>,
    pub email: Option<String>,
    /// What the match rests on.
    pub by: Option<&'static str>,
    /// The choice that somebody has.
    pub pick: Option<Pick>,
    /// What they still need to work in AYON, once it is written.
    pub needs: Option<&'static str>,
}

/// A list to choose from who a person is.
pub struct Pick {
    pub field: String,
    /// For those who hear the page.
    pub label: String,
    /// What is sent, what is read, and whether it is chosen.
    pub choices: Vec<(String, String, bool)>,
}

/// The form that plans again with what was chosen.
pub struct PairsForm {
    pub press: Press,
    /// How many choices the plan was made with.
    pub chosen: usize,
}

/// The columns of a plan's rows, each filled by `pieces`; none where the plan is not about users.
pub fn columns(
    shown: &[Shown<'_>],
    stage: &Stage<'_>,
    pieces: impl Fn(Range<usize>) -> Vec<Piece>,
) -> Vec<Section> {
    let column = |row: &Shown<'_>| row.node.seat.as_ref().map(|seat| seat.column);
    let choosing = matches!(stage, Stage::Choosing(_));
    Column::ALL
        .into_iter()
        .filter_map(|wanted| {
            let start = shown.iter().position(|row| column(row) == Some(wanted))?;
            let count = shown[start..]
                .iter()
                .take_while(|row| column(row) == Some(wanted))
                .count();
            let (class, title, note) = words(wanted);
            Some(Section {
                class,
                title,
                note,
                count,
                pieces: pieces(start..start + count),
                decides: choosing && wanted == Column::Decide,
            })
        })
        .collect()
}

fn words(column: Column) -> (&'static str, &'static str, &'static str) {
    match column {
        Column::Decide => (
            "decide",
            "To decide",
            "amigo cannot tell who they are in AYON. Nothing is written for them until somebody says so.",
        ),
        Column::Create => (
            "create",
            "To create",
            "New users get no password: they come in through SSO, an invitation or a reset.",
        ),
        Column::Link => (
            "link",
            "To link",
            "AYON has a user of theirs, which does not know it yet.",
        ),
        Column::Update => (
            "update",
            "To update",
            "Linked users that lack something which Flow has.",
        ),
        Column::Matched => ("matched", "Matched", "Both sides agree."),
        Column::Leavers => (
            "leavers",
            "Leavers",
            "They are disabled or in the trash in Flow. Nobody is switched off unless you tick it.",
        ),
        Column::LeftOut => ("left", "Left out", "Nothing is written for them."),
    }
}

/// What is said of a node's person, with what was done for them; nothing where it is about none.
pub fn person(node: &Node, choosing: bool, done: &[&Operation]) -> Option<PersonLine> {
    let seat = node.seat.as_deref()?;
    let can_choose = choosing && (seat.column == Column::Decide || seat.by_hand);
    Some(PersonLine {
        login: seat.login.as_deref().map(short),
        email: seat.email.as_deref().map(short),
        by: seat.by.map(|by| match by {
            By::Hand => "by hand",
            By::StoredId => "by the stored id",
            By::Email => "by e-mail",
            By::Login => "by login",
        }),
        pick: node
            .flow
            .filter(|_| can_choose)
            .map(|key| pick(key.id, node, seat)),
        needs: needs(done),
    })
}

/// What somebody still needs, by what was done for them.
fn needs(done: &[&Operation]) -> Option<&'static str> {
    let made = done.iter().any(|operation| operation.kind == Kind::Create);
    let gets = |field| {
        let gains = done.iter().filter(|operation| operation.kind != Kind::Retire);
        gains
            .flat_map(|operation| &operation.changes)
            .any(|change| change.field == field)
    };
    match (made, gets(EMAIL)) {
        (true, true) => Some("Takes a licence. Still needs SSO or an invitation to log in."),
        (true, false) => Some("Takes a licence. Still needs SSO: without an e-mail nobody can be invited."),
        (false, _) if gets(ACTIVE) => Some("Takes a licence again."),
        (false, _) => None,
    }
}

/// Logins and e-mails longer than this are cut: nobody reads them to the end.
const LONGEST: usize = 60;

fn short(text: &str) -> String {
    match text.chars().count() {
        0..=LONGEST => text.to_owned(),
        _ => text.chars().take(LONGEST).chain(['…']).collect(),
    }
}

fn pick(person: FlowId, node: &Node, seat: &Seat) -> Pick {
    let title = node.label.as_ref().unwrap_or(&node.name);
    let by_hand = seat.by_hand && seat.column != Column::Decide;
    let now = match (by_hand, seat.column, &seat.user) {
        (true, Column::Create, _) => "+".to_owned(),
        (true, Column::LeftOut, _) => "-".to_owned(),
        (true, _, Some(user)) => user.clone(),
        _ => String::new(),
    };
    let first = match by_hand {
        true => "let amigo find out",
        false => "decide later",
    };
    let mut choices: Vec<(String, String)> = vec![(String::new(), first.to_owned())];
    for candidate in &seat.candidates {
        let mut said = vec![candidate.name.clone()];
        said.extend(candidate.full_name.clone());
        said.extend(candidate.email.clone());
        said.extend((!candidate.active).then(|| "switched off".to_owned()));
        choices.push((candidate.name.clone(), said.join(" · ")));
    }
    if !now.is_empty() && !matches!(now.as_str(), "+" | "-") {
        choices.push((now.clone(), now.clone()));
    }
    choices.push(("+".to_owned(), "nobody yet: a new user".to_owned()));
    choices.push(("-".to_owned(), "leave out".to_owned()));
    Pick {
        field: format!("{PAIR}{person}"),
        label: format!("Who is {title} in AYON?"),
        choices: choices
            .into_iter()
            .map(|(value, text)| {
                let chosen = value == now;
                (value, text, chosen)
            })
            .collect(),
    }
}

/// The form of a run's choices; nothing for those who may only look, or where the plan is not about users.
pub fn form(run: &Run, access: Reader, links: &Links) -> Option<PairsForm> {
    if run.action != Job::Users.word() {
        return None;
    }
    let pairs = run.pairs();
    links.press(run, access, "replan").map(|press| PairsForm {
        press,
        chosen: pairs.iter().count(),
    })
}

/// How a run's options are said: the pairs one by one would fill a page.
pub fn said(run: &Run) -> Vec<String> {
    let pairs = run.pairs();
    let new = pairs
        .iter()
        .filter(|(_, pairing)| **pairing == Pairing::New)
        .count();
    let left = pairs
        .iter()
        .filter(|(_, pairing)| **pairing == Pairing::Nobody)
        .count();
    let with = pairs.iter().count() - new - left;
    [
        (with, "paired by hand"),
        (new, "new by hand"),
        (left, "left out by hand"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect()
}
