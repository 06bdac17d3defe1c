//! Laws that hold for any people and any users.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::users_stage::{Desk, person, user};
use crate::model::{FlowId, UserLevel};
use crate::plan::{By, Column, OpId, Whom, Write, takes_away};

/// Texts of a small alphabet, so that they meet.
fn login() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-c]{1,2}",
        2 => "[a-c]@[x-y]",
        1 => Just("<b>\"x\"</b>".to_owned()),
        1 => Just("🎬".to_owned()),
        1 => Just("א ב".to_owned()),
        1 => "\\PC{0,5}",
    ]
}

fn email() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        5 => "[a-dA-D]@x",
        1 => Just("notanemail".to_owned()),
    ]
}

fn level() -> impl Strategy<Value = UserLevel> {
    prop::sample::select(vec![
        UserLevel::User,
        UserLevel::User,
        UserLevel::Manager,
        UserLevel::Admin,
    ])
}

prop_compose! {
    fn studio()(
        people in prop::collection::vec((login(), email(), prop::bool::weighted(0.8), 0_usize..4, 0_i64..3), 0..8),
        users in prop::collection::btree_map("[a-c]{1,2}[0-9a-c]", (email(), 0_i64..12, level(), prop::bool::weighted(0.9), 0_usize..4), 0..8),
        levels in prop::option::of(level()),
        retired in prop::collection::btree_set(8_i64..12, 0..3),
    ) -> Desk {
        let mut desk = Desk::default();
        desk.ayon.projects = [(FlowId(1), "one".to_owned()), (FlowId(2), "two".to_owned())].into();
        desk.policy.roles.insert("artist".to_owned(), vec!["artist".to_owned()]);
        desk.policy.levels.extend(levels.map(|level| ("artist".to_owned(), level)));
        for (id, (login, email, active, name, project)) in (1..).zip(&people) {
            let mut one = person(id, login, email);
            one.active = *active;
            one.name = ["", "Ann Lee", "Bob", "Cat Ray"][*name].to_owned();
            one.projects = (*project > 0).then_some(FlowId(*project)).into_iter().collect();
            desk.person(one);
        }
        for (name, (email, stored, level, active, full)) in &users {
            let mut one = user(name, Some(email), *stored);
            one.level = *level;
            one.active = *active;
            one.full_name = Some(["", "ann lee", "Bob", "Cat Ray"][*full].to_owned()).filter(|name| !name.is_empty());
            desk.user(one);
        }
        for id in retired {
            if !desk.flow.people.contains_key(&FlowId(id)) {
                desk.flow.retired.insert(FlowId(id), format!("Gone {id}"));
            }
        }
        desk
    }
}

/// Every person with a way to decide: for the first candidate, as new, or to be left out.
fn decided(desk: &Desk, choice: usize) -> Desk {
    let planned = desk.plan();
    let mut pairs = crate::model::Pairs::default();
    for node in &planned.plan.nodes {
        let (Some(flow), Some(seat)) = (node.flow, &node.seat) else {
            continue;
        };
        if seat.column == Column::Decide {
            let with = seat.candidates.first().map(|candidate| candidate.name.as_str());
            let text = match (choice % 3, with) {
                (0, Some(name)) => name,
                (1, _) => "+",
                _ => "-",
            };
            // Two may want one user: then the second stays undecided.
            let _taken = pairs.add(flow.id, text.parse().unwrap());
        }
    }
    Desk {
        pairs,
        ..desk.clone()
    }
}

proptest! {
    /// One person is one user, and the other way round; the order in which things were read does not matter.
    #[test]
    fn matching_is_symmetric_and_stable(desk in studio(), choice in 0_usize..3) {
        let desk = decided(&desk, choice);
        let planned = desk.plan();
        let mut claimed: BTreeMap<String, FlowId> = BTreeMap::new();
        for node in &planned.plan.nodes {
            let (Some(flow), Some(seat)) = (node.flow, &node.seat) else { continue };
            let Some(user) = &seat.user else { continue };
            prop_assert_eq!(claimed.insert(user.to_lowercase(), flow.id), None, "{} is claimed twice", user);
            if seat.by == Some(By::StoredId) && desk.flow.people.contains_key(&flow.id) {
                prop_assert_eq!(desk.ayon.users[user].stored.person(), Some(flow.id));
            }
        }
        // Ids that run the other way give the same matches.
        let turned = |id: FlowId| FlowId(100 - id.0);
        let mut mirror = desk.clone();
        mirror.flow.people = desk.flow.people.values().map(|one| {
            let id = turned(one.id);
            (id, crate::plan::Individual { id, ..one.clone() })
        }).collect();
        mirror.flow.retired = desk.flow.retired.iter().map(|(id, name)| (turned(*id), name.clone())).collect();
        for user in mirror.ayon.users.values_mut() {
            if let Some(id) = user.stored.person() {
                user.stored = crate::plan::StoredId::Person(turned(id));
            }
        }
        let mut pairs = crate::model::Pairs::default();
        for (id, pairing) in desk.pairs.iter() {
            pairs.add(turned(id), pairing.clone()).unwrap();
        }
        mirror.pairs = pairs;
        let matches = |desk: &Desk| -> BTreeMap<FlowId, (Column, Option<String>)> {
            let planned = desk.plan();
            let nodes = planned.plan.nodes.iter().filter(|node| desk.flow.people.contains_key(&node.flow.unwrap().id));
            nodes.map(|node| {
                let seat = node.seat.as_ref().unwrap();
                // Numbers of new names follow the ids.
                let user = seat.user.clone().filter(|_| seat.column != Column::Create);
                (node.flow.unwrap().id, (seat.column, user))
            }).collect()
        };
        let back: BTreeMap<FlowId, (Column, Option<String>)> =
            matches(&mirror).into_iter().map(|(id, seat)| (turned(id), seat)).collect();
        // Who gets an e-mail that two want follows the ids as well, and with it who has something to update.
        let settled = |column: Column| match column {
            Column::Update => Column::Matched,
            other => other,
        };
        let plain = |seats: BTreeMap<FlowId, (Column, Option<String>)>| -> BTreeMap<FlowId, (Column, Option<String>)> {
            seats.into_iter().map(|(id, (column, user))| (id, (settled(column), user))).collect()
        };
        prop_assert_eq!(plain(back), plain(matches(&desk)));
    }

    /// Nothing is left to do for anybody who was certain. A write can make somebody plain who was not: when one of two
    /// users gives up the e-mail that both had, the other alone has it. So it may go on, and comes to an end.
    #[test]
    fn apply_then_plan_is_empty(desk in studio(), choice in 0_usize..3) {
        let mut desk = decided(&desk, choice);
        let mut planned = desk.plan();
        for _ in 0..=desk.flow.people.len() {
            let doubtful = |id: FlowId| desk.seat(&planned, id.0).column == Column::Decide;
            let after = desk.applied();
            let again = after.plan();
            let ticked: Vec<_> = again.plan.operations.iter().filter(|operation| operation.ticked).collect();
            if ticked.is_empty() {
                return Ok(());
            }
            for operation in ticked {
                let person = operation.flow.as_ref().unwrap().key.id;
                prop_assert!(doubtful(person), "{:?}", operation);
            }
            (desk, planned) = (after, again);
        }
        prop_assert!(false, "it does not come to an end: {:?}", planned.plan.operations);
    }

    /// Whatever is ticked, somebody is left who can give it back, and nothing is taken by default.
    #[test]
    fn nobody_is_locked_out(desk in studio()) {
        let planned = desk.plan();
        prop_assert!(planned.plan.operations.iter().all(|operation| !(operation.ticked && takes_away(operation))));
        let managers = |desk: &Desk| {
            desk.ayon.users.values().filter(|user| user.active && user.level == UserLevel::Manager).count()
        };
        let admins = |desk: &Desk| -> BTreeSet<String> {
            let users = desk.ayon.users.values();
            users.filter(|user| user.active && user.level == UserLevel::Admin).map(|user| user.name.clone()).collect()
        };
        let mut none_rise = desk.clone();
        none_rise.policy.levels.retain(|_, level| *level == UserLevel::User);
        let after = none_rise.applied_if(|_| true);
        prop_assert!(managers(&desk) == 0 || managers(&after) > 0);
        prop_assert!(admins(&after).is_superset(&admins(&desk)));
        // Names never change, and nobody vanishes.
        prop_assert!(desk.ayon.users.keys().all(|name| after.ayon.users.contains_key(name)));
        let sent = serde_json::to_string(&planned.intents).unwrap();
        prop_assert!(!sent.contains("password"));
    }

    /// A few are planned as they would be among all.
    #[test]
    fn a_selection_changes_nothing_but_who_is_shown(desk in studio(), pick in 0_usize..8) {
        let Some(id) = desk.flow.people.keys().copied().cycle().nth(pick) else { return Ok(()) };
        let (wanted, pick) = (BTreeSet::from([id]), id.0);
        let few = Desk { wanted: Whom::These(wanted.clone()), ..desk.clone() };
        let seat = |desk: &Desk| {
            let seat = desk.seat(&desk.plan(), pick);
            (seat.column == Column::Decide, seat.user, seat.by)
        };
        if desk.flow.people[&FlowId(pick)].active {
            prop_assert_eq!(seat(&few), seat(&desk));
        }
    }

    /// Whatever is ticked, no two users are linked with one person who was not so before, and a person who loses their
    /// user by hand loses it to somebody.
    #[test]
    fn no_choice_of_ticks_links_one_person_twice(desk in studio(), choice in 0_usize..3, ticks in any::<u64>()) {
        let desk = decided(&desk, choice);
        let planned = desk.plan();
        let order: BTreeMap<OpId, usize> =
            planned.plan.operations.iter().enumerate().map(|(nth, operation)| (operation.id.clone(), nth)).collect();
        let after = desk.applied_if(|operation| ticks >> (order[&operation.id] % 64) & 1 == 1);
        let holders = |desk: &Desk| {
            let mut holders: BTreeMap<FlowId, usize> = BTreeMap::new();
            for user in desk.ayon.users.values() {
                *holders.entry(user.stored.person().unwrap_or(FlowId(0))).or_default() += 1;
            }
            holders
        };
        let before = holders(&desk);
        for (person, count) in holders(&after) {
            let was = before.get(&person).copied().unwrap_or(0);
            prop_assert!(person == FlowId(0) || count <= was.max(1), "{} users store {}", count, person);
        }
    }

    #[test]
    fn rows_and_operations_agree(desk in studio()) {
        let planned = desk.plan();
        let pointed: BTreeSet<&OpId> = planned.plan.nodes.iter().flat_map(|node| node.operation.iter().chain(&node.offers)).collect();
        let all: BTreeSet<&OpId> = planned.plan.operations.iter().map(|operation| &operation.id).collect();
        prop_assert_eq!(pointed, all.clone());
        prop_assert_eq!(all.len(), planned.plan.operations.len());
        let creates = planned.intents.iter().filter(|intent| matches!(intent.write, Write::CreateUser(_))).count();
        prop_assert_eq!(creates, planned.plan.counts.create);
        prop_assert!(planned.plan.is_intact());
    }
}
