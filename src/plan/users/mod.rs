//! The plan of users: who of Flow is who in AYON, and what AYON would have to change. Pure.
//!
//! Nothing here can set a password, rename a user, or take something away from an administrator: there is no write that
//! says so.

mod board;
mod changes;
mod guard;
mod known;
mod leavers;
mod matching;
mod names;
mod newcomers;
mod pruned;
mod seat;
mod snapshot;
mod undecided;

pub(super) use changes::LEVEL;
pub use changes::{ACTIVE, EMAIL};
pub use guard::takes_away;
pub use matching::By;
pub use names::logins;
pub use pruned::{pruned, without_unmade};
pub use seat::{Candidate, Column, Seat};
pub use snapshot::{Account, Accounts, FlowPeople, Individual, StoredId, UsersInput, Whom};

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FlowId, FlowRef, FlowType};
use crate::problem::{Code, Severity};

use self::board::{Board, named};
use self::matching::{Found, matched};
use self::names::{Names, name_by};
use super::Planned;

/// Names that are told of AYON users whom nobody in Flow is.
const TOLD: usize = 10;

/// Plans users.
pub fn users<'a>(input: &'a UsersInput<'a>) -> Planned {
    let found = matched(input.flow, input.ayon, input.policy, input.pairs);
    let names = new_names(input, &found);
    let wanted: BTreeSet<FlowId> = found
        .iter()
        .filter(|(id, found)| match input.wanted {
            // Of those who left, only who still may have a user.
            Whom::Everyone => input.flow.people[id].active || has_user(found),
            Whom::These(ids) => ids.contains(id),
        })
        .map(|(id, _)| *id)
        .collect();
    let mut board = Board::new(input, &found, &wanted);
    for (id, found) in found.iter().filter(|(id, _)| wanted.contains(id)) {
        let person = &input.flow.people[id];
        match found {
            Found::Same { user, by } => board.known(person, &input.ayon.users[user], *by),
            Found::New { by_hand } => board.new_user(person, names.get(id).map(String::as_str), *by_hand),
            Found::Undecided { why, candidates } => board.undecided(person, why, candidates),
            Found::LeftByHand => board.left_out(person, "Somebody left them out of this plan"),
            Found::LeftByPolicy => {
                board.problem(
                    Severity::Info,
                    Code::AccountLeftOut,
                    Some(named(person)),
                    None,
                    format!(
                        "{} is an account that stands for nobody, so it is left alone.",
                        person.title()
                    ),
                    "If somebody works with it, take it out of users.left_out in amigo's configuration.",
                );
                board.left_out(
                    person,
                    "users.left_out in amigo's configuration names this account",
                );
            }
            Found::Nobody => board.left_out(person, "They left Flow, and AYON has no user of theirs"),
        }
    }
    gone(input, &found, &mut board);
    if *input.wanted == Whom::Everyone {
        nobodys(input, &found, &mut board);
    }
    board.finish()
}

fn has_user(found: &Found) -> bool {
    matches!(found, Found::Same { .. } | Found::Undecided { .. })
}

/// The names of new users. All who are new take part, wanted or not, so that a name does not depend on the selection.
fn new_names(input: &UsersInput<'_>, found: &BTreeMap<FlowId, Found>) -> BTreeMap<FlowId, String> {
    let mut names = Names::of(input.ayon);
    let new = found
        .iter()
        .filter(|(_, found)| matches!(found, Found::New { .. }));
    new.filter_map(|(id, _)| {
        let wanted = name_by(input.policy.names, &input.flow.people[id])?;
        Some((*id, names.take(&wanted)))
    })
    .collect()
}

/// People who are in Flow's trash and whose ids AYON still stores, and selected ones that Flow does not show.
fn gone<'a>(input: &'a UsersInput<'a>, found: &BTreeMap<FlowId, Found>, board: &mut Board<'a>) {
    let taken: BTreeSet<&str> = found
        .values()
        .filter_map(|found| match found {
            Found::Same { user, .. } => Some(user.as_str()),
            _ => None,
        })
        .collect();
    let wanted = |id: &FlowId| match input.wanted {
        Whom::Everyone => true,
        Whom::These(ids) => ids.contains(id),
    };
    let mut holders: BTreeMap<FlowId, Vec<&Account>> = BTreeMap::new();
    // Somebody may have said that it is somebody else's.
    let free = |user: &&Account| !user.service && !taken.contains(user.name.as_str());
    for user in input.ayon.users.values().filter(free) {
        if let Some(id) = user.stored.person() {
            holders.entry(id).or_default().push(user);
        }
    }
    for (id, name) in input.flow.retired.iter().filter(|(id, _)| wanted(id)) {
        let holders = holders.remove(id).unwrap_or_default();
        if !holders.is_empty() || *input.wanted != Whom::Everyone {
            board.retired(*id, name, &holders);
        }
    }
    if let Whom::These(ids) = input.wanted {
        let shown =
            |id: &&FlowId| !input.flow.people.contains_key(id) && !input.flow.retired.contains_key(id);
        for id in ids.iter().filter(shown) {
            board.not_shown(FlowRef {
                kind: FlowType::HumanUser,
                id: *id,
            });
        }
    }
}

/// AYON users that nobody in Flow is.
fn nobodys(input: &UsersInput<'_>, found: &BTreeMap<FlowId, Found>, board: &mut Board<'_>) {
    let mut spoken_of: Vec<&str> = Vec::new();
    for found in found.values() {
        match found {
            Found::Same { user, .. } => spoken_of.push(user),
            Found::Undecided { candidates, .. } => spoken_of.extend(candidates.iter().map(String::as_str)),
            Found::New { .. } | Found::LeftByHand | Found::LeftByPolicy | Found::Nobody => {}
        }
    }
    spoken_of.sort_unstable();
    let is_nobodys = |user: &&Account| {
        let stored = user.stored.person();
        let told = stored
            .is_some_and(|id| input.flow.people.contains_key(&id) || input.flow.retired.contains_key(&id));
        user.active && !user.service && !told && spoken_of.binary_search(&user.name.as_str()).is_err()
    };
    let users = input.ayon.users.values();
    let names: Vec<&str> = users.filter(is_nobodys).map(|user| user.name.as_str()).collect();
    if names.is_empty() {
        return;
    }
    let told = names[..names.len().min(TOLD)].join(", ");
    let more = match names.len() - names.len().min(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    board.problem(
        Severity::Info,
        Code::UserNotInFlow,
        None,
        None,
        format!("AYON users that nobody in Flow is, which stay as they are: {told}{more}."),
        "Where one is somebody in Flow, pair the two by hand.",
    );
}
