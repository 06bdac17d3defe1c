//! Laws that hold for any production.

use proptest::prelude::*;

use super::stage::{Stage, link, ticked};
use crate::model::{FlowRef, FlowType};
use crate::plan::{Counts, ParentValue, Verdict, Wanted};

/// Names that meet every rule: clashes, empties, foreign alphabets, forbidden characters.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-c]{1,2}[ _-]?[0-9]{1,2}",
        1 => Just(String::new()),
        1 => Just("it's".to_owned()),
        1 => Just("北京".to_owned()),
        1 => "\\PC{0,6}",
    ]
}

/// Rows of every type, hanging on each other or on nothing that exists.
pub(super) fn production() -> impl Strategy<Value = Vec<(FlowType, String, i64, bool)>> {
    let kind = prop::sample::select(vec![
        FlowType::Episode,
        FlowType::Sequence,
        FlowType::Shot,
        FlowType::Asset,
        FlowType::Task,
    ]);
    prop::collection::vec((kind, name(), 0..30_i64, any::<bool>()), 0..40)
}

pub(super) fn stage(rows: &[(FlowType, String, i64, bool)]) -> Stage {
    let mut stage = Stage::empty();
    for (index, (kind, name, on, hangs)) in rows.iter().enumerate() {
        let id = i64::try_from(index).unwrap();
        let above = match kind {
            FlowType::Sequence => Some(FlowType::Episode),
            FlowType::Shot => Some(FlowType::Sequence),
            FlowType::Task => Some(FlowType::Shot),
            _ => None,
        };
        let parent = match (above, hangs) {
            (Some(above), true) => link(above, *on, "above"),
            (None, true) if *kind == FlowType::Asset => ParentValue::Text(name.clone()),
            _ => ParentValue::Empty,
        };
        stage.row(*kind, id, name, parent);
    }
    stage
}

proptest! {
    #[test]
    fn apply_then_plan_is_empty_but_for_problems(rows in production()) {
        let stage = stage(&rows).applied();
        let planned = stage.plan();
        prop_assert!(ticked(&planned).is_empty(), "{:?}", ticked(&planned));
    }

    #[test]
    fn no_row_is_missing_and_none_is_doubled(rows in production()) {
        let stage = stage(&rows);
        let planned = stage.plan();
        for key in stage.flow.rows.keys() {
            prop_assert_eq!(planned.plan.nodes.iter().filter(|node| node.flow == Some(*key)).count(), 1);
        }
        prop_assert_eq!(planned.plan.counts, Counts::of(&planned.plan.nodes));
    }

    #[test]
    fn a_selected_row_that_is_left_out_has_a_problem_of_its_own(rows in production()) {
        let mut stage = stage(&rows);
        let shots = stage.flow.rows.keys().copied().filter(|row| row.kind == FlowType::Shot);
        stage.wanted = Wanted::Rows(shots.collect());
        let planned = stage.plan();
        let named = |key: FlowRef| planned.plan.problems.iter().any(|p| p.flow.as_ref().is_some_and(|f| f.key == key));
        for node in planned.plan.nodes.iter().filter(|node| node.selected && node.verdict == Verdict::Blocked) {
            prop_assert!(node.flow.is_some_and(named), "{:?}", node);
        }
    }

    #[test]
    fn operations_come_after_what_they_need(rows in production()) {
        let planned = stage(&rows).plan();
        let operations = &planned.plan.operations;
        for (index, operation) in operations.iter().enumerate() {
            for need in &operation.needs {
                prop_assert!(operations[..index].iter().any(|earlier| earlier.id == *need));
            }
            prop_assert_eq!(&planned.intents[index].operation, &operation.id);
            prop_assert_eq!(operations.iter().filter(|other| other.id == operation.id).count(), 1);
        }
    }

    #[test]
    fn two_plans_of_one_thing_agree(rows in production()) {
        let stage = stage(&rows);
        prop_assert_eq!(stage.plan().plan.digest, stage.plan().plan.digest);
    }
}
