//! Laws of everything that is carried, for random productions, rules and edits on both sides.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::shown::untrue;
use super::stage::{Stage, ticked};
use super::studio::{Edit, edit, edits, studio};
use crate::model::FlowRef;
use crate::plan::{Counts, Kind, OpId, Planned, Verdict, Write};

/// Synced once, then edited: what a second sync meets.
fn lived_in(stage: Stage, edited: &[Edit]) -> Stage {
    let mut stage = stage.applied();
    for one in edited {
        edit(&mut stage, one);
    }
    stage
}

/// A random choice of what a plan offers, with all that it needs.
fn chosen(planned: &Planned, chance: &[bool]) -> BTreeSet<OpId> {
    let mut wanted = BTreeSet::new();
    for (operation, wants) in planned.plan.operations.iter().zip(chance.iter().cycle()) {
        if *wants && operation.needs.iter().all(|need| wanted.contains(need)) {
            wanted.insert(operation.id.clone());
        }
    }
    wanted
}

fn by_default(planned: &Planned) -> BTreeSet<OpId> {
    planned.plan.default_ticks().cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn apply_then_plan_is_empty(stage in studio(), edited in edits(0..12)) {
        let stage = lived_in(stage, &edited).applied();
        let planned = stage.plan();
        prop_assert!(ticked(&planned).is_empty(), "{:#?}", ticked(&planned));
    }

    #[test]
    fn a_plan_says_exactly_what_is_written(stage in studio(), edited in edits(0..12)) {
        for before in [stage.clone(), lived_in(stage, &edited)] {
            let planned = before.plan();
            let wrong = untrue(&planned, &by_default(&planned), &before, &before.clone().applied());
            prop_assert!(wrong.is_empty(), "{wrong:#?}");
        }
    }

    #[test]
    fn any_choice_with_its_needs_is_accepted_and_shown(
        stage in studio(),
        edited in edits(0..12),
        chance in prop::collection::vec(any::<bool>(), 1..16),
    ) {
        let before = lived_in(stage, &edited);
        let planned = before.plan();
        let wanted = chosen(&planned, &chance);
        let after = before.clone().applied_with(|operation| wanted.contains(&operation.id));
        let wrong = untrue(&planned, &wanted, &before, &after);
        prop_assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn an_edit_after_the_plan_makes_it_stale_or_changes_nothing_of_it(
        stage in studio(),
        edited in edits(0..8),
        late in edits(1..3),
    ) {
        let mut stage = lived_in(stage, &edited);
        let old = stage.plan();
        for one in &late {
            edit(&mut stage, one);
        }
        let fresh = stage.plan();
        let facts: BTreeMap<&OpId, &str> =
            fresh.plan.operations.iter().map(|operation| (&operation.id, operation.facts.as_str())).collect();
        let holds = |id: &OpId, of: &str| facts.get(id) == Some(&of);
        if ticked(&old).iter().all(|operation| holds(&operation.id, &operation.facts)) {
            let wanted = by_default(&old);
            let after = stage.clone().applied_with(|operation| wanted.contains(&operation.id));
            let wrong = untrue(&old, &wanted, &stage, &after);
            prop_assert!(wrong.is_empty(), "{wrong:#?}");
        }
    }

    #[test]
    fn every_row_is_one_node_and_every_operation_stands_once_after_its_needs(
        stage in studio(),
        edited in edits(0..12),
    ) {
        let stage = lived_in(stage, &edited);
        let planned = stage.plan();
        let nodes = &planned.plan.nodes;
        for key in stage.flow.rows.keys() {
            prop_assert_eq!(nodes.iter().filter(|node| node.flow == Some(*key)).count(), 1, "{:?}", key);
        }
        prop_assert_eq!(planned.plan.counts, Counts::of(nodes));
        let mut done = BTreeSet::new();
        for (operation, intent) in planned.plan.operations.iter().zip(&planned.intents) {
            prop_assert_eq!(&operation.id, &intent.operation);
            prop_assert!(operation.needs.iter().all(|need| done.contains(need)), "{:?}", operation);
            prop_assert!(done.insert(&operation.id), "twice: {:?}", operation);
            prop_assert!(intent.write != Write::Nothing || intent.back.is_some(), "{:?}", operation);
        }
        // Every operation belongs to exactly one node, and every node's operation exists.
        let mut owned: Vec<&OpId> = nodes.iter().flat_map(|node| node.operation.iter().chain(&node.offers)).collect();
        let count = owned.len();
        owned.sort();
        owned.dedup();
        prop_assert_eq!(owned.len(), count);
        prop_assert_eq!(owned.into_iter().collect::<BTreeSet<_>>(), done);
    }

    #[test]
    fn what_is_offered_is_never_ticked(stage in studio(), edited in edits(0..12)) {
        let planned = lived_in(stage, &edited).plan();
        let ticked = by_default(&planned);
        for node in &planned.plan.nodes {
            prop_assert!(node.offers.iter().all(|offer| !ticked.contains(offer)), "{:?}", node);
        }
        for operation in planned.plan.operations.iter().filter(|operation| operation.ticked) {
            prop_assert!(matches!(operation.kind, Kind::Create | Kind::Update), "{:?}", operation);
            prop_assert!(operation.needs.iter().all(|need| ticked.contains(need)), "{:?}", operation);
        }
    }

    /// Ids only name: with other ones the same rows come to the same places.
    #[test]
    fn the_order_of_ids_does_not_matter(stage in studio()) {
        let turned = renumbered(&stage);
        let told = |stage: &Stage, key: fn(FlowRef) -> FlowRef| -> BTreeMap<FlowRef, (Verdict, String)> {
            let planned = stage.plan();
            let nodes = planned.plan.nodes.iter();
            nodes.filter_map(|node| Some((key(node.flow?), (node.verdict, node.path.to_lowercase())))).collect()
        };
        prop_assert_eq!(told(&stage, |key| key), told(&turned, turn));
        prop_assert_eq!(stage.applied().paths().len(), turned.applied().paths().len());
    }

    #[test]
    fn nothing_is_forced_deleted_or_given_a_password(stage in studio(), edited in edits(0..12)) {
        let planned = lived_in(stage, &edited).plan();
        for intent in &planned.intents {
            let keys = keys_of(&serde_json::to_value(intent).unwrap());
            for word in ["force", "password", "delete"] {
                prop_assert!(!keys.contains(word), "{:?}", intent);
            }
        }
    }
}

fn keys_of(value: &serde_json::Value) -> BTreeSet<String> {
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| keys_of(value).into_iter().chain([key.to_lowercase()]))
            .collect(),
        serde_json::Value::Array(items) => items.iter().flat_map(keys_of).collect(),
        _ => BTreeSet::new(),
    }
}

fn turn(key: FlowRef) -> FlowRef {
    if key.kind == crate::model::FlowType::Project || key.id.0 == 999 {
        return key;
    }
    FlowRef::new(key.kind, 500 - key.id.0)
}

/// The same rows with ids in the other order.
fn renumbered(stage: &Stage) -> Stage {
    let mut turned = stage.clone();
    let rows = std::mem::take(&mut turned.flow.rows);
    for (key, mut row) in rows {
        row.key = turn(key);
        if let crate::plan::ParentValue::Row { kind, id, .. } = &mut row.parent
            && let Ok(kind) = kind.parse()
        {
            *id = turn(FlowRef { kind, id: *id }).id;
        }
        turned.flow.rows.insert(row.key, row);
    }
    turned
}
