//! In which order moves are made, and what no order can make.

use super::reparent::{EPISODE, SEQUENCE, SHOT, id_of, moves, row};
use super::stage::{Stage, codes, link, ticked};
use super::vectors::rules;
use crate::model::FlowType;
use crate::plan::ParentValue;
use crate::problem::Code;

/// What takes a name moves after what leaves it; what waits for itself is told.
#[test]
fn names_are_passed_on_in_the_right_order() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Sequence, 21, "sq03", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Shot, 30, "sh010", link(FlowType::Sequence, 20, "sq02"));
    let mut stage = stage.applied();
    stage.flow.rows.get_mut(&row(FlowType::Shot, 30)).unwrap().parent = link(FlowType::Sequence, 21, "sq03");
    stage.flow.rows.get_mut(&SHOT).unwrap().parent = link(FlowType::Sequence, 20, "sq02");
    let planned = stage.reparent();
    assert_eq!(
        moves(&planned),
        [
            ("/ep01/sq02/sh010".to_owned(), "/ep01/sq03/sh010".to_owned()),
            ("/ep01/sq01/sh010".to_owned(), "/ep01/sq02/sh010".to_owned())
        ]
    );
    assert_eq!(
        planned.plan.operations[1].needs,
        [planned.plan.operations[0].id.clone()]
    );
    // Published, the first stays, and so does the second.
    let mut stuck = stage.clone();
    stuck.folder_of(row(FlowType::Shot, 30)).has_versions = true;
    assert_eq!(codes(&stuck.reparent()), [Code::MovePublished, Code::MoveTaken]);
    let stage = stage.reparented();
    assert!(ticked(&stage.reparent()).is_empty());

    let mut swap = Stage::fixture();
    swap.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    swap.row(FlowType::Shot, 30, "sh010", link(FlowType::Sequence, 20, "sq02"));
    let mut swap = swap.applied();
    swap.flow.rows.get_mut(&row(FlowType::Shot, 30)).unwrap().parent = link(FlowType::Sequence, 2, "sq01");
    swap.flow.rows.get_mut(&SHOT).unwrap().parent = link(FlowType::Sequence, 20, "sq02");
    let planned = swap.reparent();
    assert_eq!(codes(&planned), [Code::MoveSwap, Code::MoveSwap]);
    assert!(planned.plan.operations.is_empty());
}

/// Somebody put an Episode into its own Sequence: the Sequence comes out first.
#[test]
fn what_is_inside_out_is_turned_in_an_order_without_circles() {
    let mut stage = Stage::fixture().applied();
    let sequence = id_of(&mut stage, SEQUENCE);
    let episode = id_of(&mut stage, EPISODE);
    stage.folder_of(SEQUENCE).parent = None;
    stage.folder_of(EPISODE).parent = Some(sequence);
    let planned = stage.reparent();
    assert_eq!(
        moves(&planned),
        [
            ("/sq01/ep01".to_owned(), "/ep01".to_owned()),
            ("/sq01".to_owned(), "/ep01/sq01".to_owned())
        ]
    );
    assert_eq!(
        planned.plan.operations[1].needs,
        [planned.plan.operations[0].id.clone()]
    );
    let mut locked = stage.clone();
    locked.content().folders.get_mut(&episode).unwrap().has_versions = true;
    assert_eq!(codes(&locked.reparent()), [Code::MoveCycle, Code::MovePublished]);
    assert_eq!(
        stage.reparented().paths(),
        [
            "/character",
            "/character/Bob",
            "/ep01",
            "/ep01/sq01",
            "/ep01/sq01/sh010"
        ]
    );
}

/// What waits for a name that is never left is found at once, however many wait in a row.
#[test]
fn a_long_queue_for_names_is_told_in_one_go() {
    let mut stage = Stage::empty();
    for id in 1..=400 {
        stage.row(FlowType::Sequence, id, &format!("sq{id:03}"), ParentValue::Empty);
        stage.row(
            FlowType::Shot,
            1000 + id,
            "sh",
            link(FlowType::Sequence, id, "above"),
        );
    }
    let mut stage = stage.applied();
    for id in 1..400 {
        let above = link(FlowType::Sequence, id + 1, "above");
        stage
            .flow
            .rows
            .get_mut(&row(FlowType::Shot, 1000 + id))
            .unwrap()
            .parent = above;
    }
    stage
        .flow
        .rows
        .get_mut(&row(FlowType::Shot, 1400))
        .unwrap()
        .parent = ParentValue::Empty;
    let planned = stage.reparent();
    assert_eq!(moves(&planned).len(), 400, "each moves after the one before it");
    stage.folder_of(row(FlowType::Shot, 1400)).has_versions = true;
    let planned = stage.reparent();
    assert_eq!(planned.plan.counts.blocked, 400);
    assert!(planned.plan.operations.is_empty());
}

/// Somebody put a Sequence where a chain wants a folder, and it goes below what goes there: it leaves first, and is taken
/// along.
#[test]
fn what_is_in_a_chains_spot_may_go_below_what_goes_there() {
    let mut stage = Stage::fixture().applied();
    stage.folder_of(SEQUENCE).parent = None;
    rules(&mut stage, false, &[(FlowType::Episode, &["sq01", "eps"])]);
    let planned = stage.reparent();
    assert_eq!(codes(&planned), []);
    assert_eq!(
        moves(&planned),
        [
            ("/sq01".to_owned(), "/sq01/eps/ep01/sq01".to_owned()),
            ("/ep01".to_owned(), "/sq01/eps/ep01".to_owned())
        ]
    );
    let stage = stage.reparented();
    assert!(ticked(&stage.reparent()).is_empty());
}
