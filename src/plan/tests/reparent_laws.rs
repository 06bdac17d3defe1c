//! Laws of re-parenting that hold for random trees, rules and moves.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::stage::{Stage, ticked};
use super::studio::{edit, edits, studio};
use crate::model::{AyonId, RootRelocate, WhatIf};
use crate::plan::{Counts, Kind};

/// A synced production, edited on both sides, under rules that may be others than it was synced by.
fn edited() -> impl Strategy<Value = Stage> {
    let rules = prop::sample::select(vec![
        "as they are",
        "none",
        "root_relocate: Shot = all[Folder]/shots[Folder]",
        "root_relocate: Sequence = all[Folder]; Shot = a1[Folder]",
        "type_grouping: Episode = b_2[Folder]/eps[Folder]; Asset = all[Folder]",
        "root_relocate: Shot = b1[Shelf]; Episode = a_1[Episode]",
    ]);
    (studio(), edits(0..12), rules, any::<bool>(), any::<u64>()).prop_map(
        |(stage, changes, rules, keeps, with)| {
            let mut stage = stage.applied();
            for change in &changes {
                edit(&mut stage, change);
            }
            if rules != "as they are" {
                let what_if: WhatIf = rules.parse().unwrap();
                stage.rules.parenting = stage.rules.parenting.with(&what_if);
            }
            if keeps {
                stage.rules.placement.root_relocate = RootRelocate::KeepHierarchy;
            }
            let folders: Vec<AyonId> = stage.content().folders.keys().copied().collect();
            let inside = stage.content().inside.get_or_insert_default();
            for (index, folder) in folders.into_iter().enumerate() {
                match with.rotate_left(index as u32 % 64) % 11 {
                    0 => {
                        inside.workfiles.insert(folder, 1);
                    }
                    1 => {
                        inside.with_tasks.insert(folder);
                    }
                    2 => {
                        inside.with_products.insert(folder);
                    }
                    _ => {}
                }
            }
            stage
        },
    )
}

/// Where a node's trace says it is.
fn told(trace: &[String], name: &str) -> Option<String> {
    let after = |word: &str| trace.iter().find_map(|step| step.strip_prefix(word));
    let parent = match after("parent: ")? {
        "the project's root" => "",
        path => path,
    };
    let name = after("name: ")
        .filter(|told| *told != "as AYON has it")
        .unwrap_or(name);
    Some(format!("{parent}/{name}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_was_applied_is_not_previewed_again(stage in edited()) {
        let planned = stage.reparent();
        let mut after = stage.clone().moved(planned, |operation| operation.ticked);
        let again = after.reparent();
        prop_assert!(ticked(&again).is_empty(), "{:?}", ticked(&again));
        // No folder is lost, and nothing but places and chains changed.
        let mut before = stage;
        for (id, folder) in &before.content().folders {
            let now = &after.content().folders[id];
            prop_assert_eq!((&folder.name, folder.active, &folder.shotgrid_id), (&now.name, now.active, &now.shotgrid_id));
        }
    }

    #[test]
    fn every_folder_is_where_its_trace_says(stage in edited()) {
        let planned = stage.reparent();
        let nodes = planned.plan.nodes.clone();
        let mut after = stage.moved(planned, |operation| operation.ticked);
        let paths: BTreeSet<String> = after.paths().into_iter().collect();
        for node in nodes.iter().filter(|node| node.placement.as_ref().is_some_and(|placement| placement.exists)) {
            prop_assert!(paths.contains(&node.path), "{:?} is not in {:?}", node, paths);
            if let Some(told) = told(&node.trace, &node.name) {
                prop_assert_eq!(&told, &node.path);
            }
        }
        // The tree after is the tree that was shown.
        let shown: BTreeSet<&String> = nodes
            .iter()
            .filter(|node| !node.path.is_empty() && node.path != "/")
            .filter(|node| node.placement.as_ref().is_none_or(|placement| placement.exists))
            .map(|node| &node.path)
            .collect();
        let active: Vec<AyonId> = after.content().folders.values().filter(|f| f.active).map(|f| f.id).collect();
        for id in active {
            let mut path = String::new();
            let mut next = Some(id);
            while let Some(folder) = next.map(|id| after.content().folders[&id].clone()) {
                path = format!("/{}{path}", folder.name);
                next = folder.parent;
            }
            prop_assert!(shown.contains(&path), "{path} is not in {shown:?}");
        }
    }

    /// Whoever ticks one offer with what it needs, or unticks a move with what needs it, gets what AYON accepts.
    #[test]
    fn any_choice_can_be_made(stage in edited(), choices in any::<u64>()) {
        let planned = stage.reparent();
        let mut wanted: BTreeSet<_> = BTreeSet::new();
        for (index, operation) in planned.plan.operations.iter().enumerate() {
            let chosen = (choices >> (index % 64)) & 1 == 1;
            // Chains are made where something needs them.
            if chosen || operation.kind == Kind::Create {
                wanted.insert(operation.id.clone());
            }
        }
        loop {
            let lacking: Vec<_> = planned
                .plan
                .operations
                .iter()
                .filter(|o| wanted.contains(&o.id) && o.needs.iter().any(|need| !wanted.contains(need)))
                .map(|o| o.id.clone())
                .collect();
            if lacking.is_empty() {
                break;
            }
            for id in lacking {
                wanted.remove(&id);
            }
        }
        stage.moved(planned, |operation| wanted.contains(&operation.id));
    }

    #[test]
    fn counts_agree_and_operations_come_after_what_they_need(stage in edited()) {
        let planned = stage.reparent();
        prop_assert_eq!(planned.plan.counts, Counts::of(&planned.plan.nodes));
        let operations = &planned.plan.operations;
        for (index, operation) in operations.iter().enumerate() {
            for need in &operation.needs {
                prop_assert!(operations[..index].iter().any(|earlier| earlier.id == *need), "{:?}", operation);
            }
            prop_assert_eq!(operations.iter().filter(|other| other.id == operation.id).count(), 1);
            let shown = planned.plan.nodes.iter().filter(|node| {
                node.operation.as_ref() == Some(&operation.id) || node.offers.contains(&operation.id)
            });
            let shown: Vec<_> = shown.collect();
            prop_assert_eq!(shown.len(), 1, "{:?} {:?}", operation, shown);
        }
        prop_assert_eq!(&planned.plan.digest, &stage.reparent().plan.digest);
    }
}
