//! What is offered besides and never ticked: moves, renames, other types, retiring.

use super::stage::{Stage, codes, link, node, ticked};
use crate::model::{AyonId, FlowId, FlowRef, FlowType};
use crate::plan::{Kind, On, OpId, Operation, ParentValue, Planned, Step, Verdict};
use crate::problem::{Code, Severity};

const SHOT: FlowRef = FlowRef {
    kind: FlowType::Shot,
    id: FlowId(3),
};
const BOB: FlowRef = FlowRef {
    kind: FlowType::Asset,
    id: FlowId(4),
};

fn row(stage: &mut Stage, key: FlowRef) -> &mut crate::plan::FlowRow {
    stage.flow.rows.get_mut(&key).unwrap()
}

fn operation<'a>(planned: &'a Planned, id: &OpId) -> &'a Operation {
    planned
        .plan
        .operations
        .iter()
        .find(|operation| operation.id == *id)
        .unwrap()
}

/// The only offer of a row.
fn offer(planned: &Planned, key: FlowRef) -> Operation {
    let [offer] = node(planned, key.kind, key.id.0).offers.try_into().unwrap();
    operation(planned, &offer).clone()
}

/// Somebody ticks these, and what they need comes along.
fn with_needs(stage: &Stage, wanted: &[OpId]) -> Stage {
    let planned = stage.plan();
    let mut all: Vec<OpId> = wanted.to_vec();
    let mut next = 0;
    while let Some(id) = all.get(next).cloned() {
        all.extend(operation(&planned, &id).needs.iter().cloned());
        next += 1;
    }
    stage
        .clone()
        .applied_with(|operation| all.contains(&operation.id))
}

/// Behaviour sheet V13: the synced fixture, and Flow moves the Shot to a new Sequence.
fn v13() -> Stage {
    let mut stage = Stage::fixture().applied();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    row(&mut stage, SHOT).parent = link(FlowType::Sequence, 20, "sq02");
    stage
}

/// The addon never follows a move in Flow; here it is offered, because versions and open scenes hang on paths.
#[test]
fn v13_a_move_in_flow_is_offered_with_what_it_needs() {
    let stage = v13();
    let planned = stage.plan();
    let offer = offer(&planned, SHOT);
    assert_eq!(
        (offer.kind, offer.on, offer.ticked),
        (Kind::Move, On::Folder, false)
    );
    let place = offer.ayon.as_ref().unwrap();
    assert_eq!(place.from.as_deref(), Some("/ep01/sq01/sh010"));
    assert_eq!(place.path, "/ep01/sq02/sh010");
    assert_eq!(offer.needs.len(), 1, "the new Sequence");
    assert_eq!(codes(&planned), [Code::SitsElsewhere]);
    assert!(
        stage
            .clone()
            .applied()
            .paths()
            .contains(&"/ep01/sq01/sh010".to_owned())
    );
    let moved = with_needs(&stage, &[offer.id]);
    assert!(
        moved.paths().contains(&"/ep01/sq02/sh010".to_owned()),
        "{:?}",
        moved.paths()
    );
    assert!(moved.plan().plan.operations.is_empty());
    assert_eq!(codes(&moved.plan()), []);
}

/// The addon makes an empty `prop` and leaves Bob where he is; here nobody gets an empty category.
#[test]
fn v14_a_new_category_is_made_only_together_with_the_move() {
    let mut stage = Stage::fixture().applied();
    row(&mut stage, BOB).parent = ParentValue::Text("Prop".to_owned());
    let planned = stage.plan();
    assert!(ticked(&planned).is_empty(), "{:?}", ticked(&planned));
    let offer = offer(&planned, BOB);
    assert_eq!(offer.kind, Kind::Move);
    let [category] = offer.needs.clone().try_into().unwrap();
    assert!(!operation(&planned, &category).ticked);
    let moved = with_needs(&stage, &[offer.id]);
    assert!(
        moved.paths().contains(&"/prop/Bob".to_owned()),
        "{:?}",
        moved.paths()
    );
    assert!(moved.plan().plan.operations.is_empty());
}

/// With somebody new in it the category is made anyway, and the move finds it there.
#[test]
fn v14_a_category_that_a_new_row_needs_too_is_ticked() {
    let mut stage = Stage::fixture().applied();
    row(&mut stage, BOB).parent = ParentValue::Text("Prop".to_owned());
    stage.row(FlowType::Asset, 40, "Ann", ParentValue::Text("Prop".to_owned()));
    let offered = offer(&stage.plan(), BOB);
    let planned = stage.plan();
    assert!(operation(&planned, &offered.needs[0]).ticked);
    assert!(!offered.ticked);
    let mut paths = stage.applied().paths();
    paths.retain(|path| path.starts_with("/prop") || path.ends_with("Bob"));
    assert_eq!(paths, ["/character/Bob", "/prop", "/prop/Ann"]);
}

#[test]
fn a_published_folder_is_not_offered_and_the_one_with_the_versions_is_named() {
    let mut stage = v13();
    let shot = stage.folder_of(SHOT).id;
    stage.folder_of(SHOT).has_versions = true;
    let plate = stage.folder("plate", "Folder", Some(shot), None);
    stage.content().folders.get_mut(&plate).unwrap().has_versions = true;
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::MovePublished]);
    let message = &planned.plan.problems[0].message;
    assert!(message.contains("/ep01/sq01/sh010/plate"), "{message}");
    assert!(node(&planned, FlowType::Shot, 3).offers.is_empty());
}

#[test]
fn a_move_to_where_the_name_is_taken_is_not_offered() {
    let mut stage = v13().applied();
    let sequence = stage.folder_of(FlowRef::new(FlowType::Sequence, 20)).id;
    stage.folder("SH010", "Folder", Some(sequence), None);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::MoveTaken]);
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn a_move_into_itself_is_not_offered() {
    let mut stage = Stage::empty();
    stage.chain(FlowType::Asset, Some("sg_parent"));
    stage.row(FlowType::Asset, 1, "outer", ParentValue::Empty);
    stage.row(FlowType::Asset, 2, "inner", link(FlowType::Asset, 1, "outer"));
    let mut stage = stage.applied();
    row(&mut stage, FlowRef::new(FlowType::Asset, 2)).parent = ParentValue::Empty;
    row(&mut stage, FlowRef::new(FlowType::Asset, 1)).parent = link(FlowType::Asset, 2, "inner");
    let planned = stage.plan();
    assert!(
        codes(&planned).contains(&Code::MoveCycle),
        "{:?}",
        codes(&planned)
    );
    assert!(node(&planned, FlowType::Asset, 1).offers.is_empty());
    let [inner] = node(&planned, FlowType::Asset, 2).offers.try_into().unwrap();
    // One after the other it works.
    let stage = with_needs(&stage, &[inner]);
    let outer = offer(&stage.plan(), FlowRef::new(FlowType::Asset, 1));
    assert_eq!(
        with_needs(&stage, &[outer.id]).paths(),
        ["/inner", "/inner/outer"]
    );
}

/// Any of the offers may be ticked, so no two of them may want one name, and none what is made anyway.
#[test]
fn no_two_of_what_may_happen_want_one_name() {
    let sequence = || link(FlowType::Sequence, 2, "sq01");
    let mut stage = Stage::fixture();
    for (id, name) in [(5, "sh020"), (6, "sh030"), (7, "sh040")] {
        stage.row(FlowType::Shot, id, name, sequence());
    }
    let mut stage = stage.applied();
    // Two would be renamed alike, one like a new one.
    for (id, name) in [(5, "other"), (6, "OTHER"), (7, "new")] {
        row(&mut stage, FlowRef::new(FlowType::Shot, id)).name = Some(name.to_owned());
    }
    stage.row(FlowType::Shot, 8, "new", sequence());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::RenameTaken, Code::RenameTaken]);
    assert_eq!(node(&planned, FlowType::Shot, 5).offers.len(), 1);
    for id in [6, 7] {
        assert!(node(&planned, FlowType::Shot, id).offers.is_empty(), "{id}");
    }
    assert_eq!(node(&planned, FlowType::Shot, 8).verdict, Verdict::Create);
}

/// A move that is only offered must not cost a new row its name.
#[test]
fn a_category_for_an_offered_move_gives_way_to_a_new_row() {
    let mut stage = Stage::fixture().applied();
    row(&mut stage, BOB).parent = ParentValue::Text("Prop".to_owned());
    stage.row(FlowType::Episode, 9, "prop", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::MoveTaken]);
    assert_eq!(node(&planned, FlowType::Episode, 9).verdict, Verdict::Create);
}

/// Each move alone is fine; all together they would go round.
#[test]
fn moves_that_together_go_round_are_not_offered_together() {
    let mut stage = Stage::empty();
    stage.chain(FlowType::Asset, Some("sg_parent"));
    for (id, name) in [(1, "a"), (2, "b"), (3, "c")] {
        stage.row(FlowType::Asset, id, name, ParentValue::Empty);
    }
    let mut stage = stage.applied();
    let [a, c] = [1, 3].map(|id| stage.folder_of(FlowRef::new(FlowType::Asset, id)).id);
    stage.content().folders.get_mut(&c).unwrap().parent = Some(a);
    row(&mut stage, FlowRef::new(FlowType::Asset, 1)).parent = link(FlowType::Asset, 2, "b");
    row(&mut stage, FlowRef::new(FlowType::Asset, 2)).parent = link(FlowType::Asset, 3, "c");
    let planned = stage.plan();
    let offered = [1, 2, 3].map(|id| node(&planned, FlowType::Asset, id).offers.len());
    assert_eq!(offered, [0, 1, 1]);
    assert!(codes(&planned).contains(&Code::MoveCycle));
}

#[test]
fn a_task_that_changed_its_entity_is_offered_to_move() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    let mut stage = stage.applied();
    row(&mut stage, FlowRef::new(FlowType::Task, 7)).parent = link(FlowType::Asset, 4, "Bob");
    let offer = offer(&stage.plan(), FlowRef::new(FlowType::Task, 7));
    assert_eq!((offer.kind, offer.on), (Kind::Move, On::Task));
    let bob = stage.folder_of(BOB).id;
    let mut stage = with_needs(&stage, &[offer.id]);
    assert_eq!(stage.task_of(7).folder, bob);
    assert!(stage.plan().plan.operations.is_empty());
}

#[test]
fn new_rows_below_what_could_move_go_where_it_is() {
    let mut stage = v13();
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    let mut stage = stage.applied();
    let shot = stage.folder_of(SHOT).id;
    assert_eq!(stage.task_of(7).folder, shot);
    assert_eq!(offer(&stage.plan(), SHOT).kind, Kind::Move);
}

#[test]
fn a_new_name_is_a_label_and_the_rename_an_offer() {
    let mut stage = Stage::fixture().applied();
    row(&mut stage, SHOT).name = Some("sh015".to_owned());
    let planned = stage.plan();
    let offer = offer(&planned, SHOT);
    assert_eq!((offer.kind, offer.ticked), (Kind::Update, false));
    assert_eq!(offer.changes.len(), 1);
    assert_eq!(offer.changes[0].field, "name");
    let labelled = stage.clone().applied();
    assert!(labelled.paths().contains(&"/ep01/sq01/sh010".to_owned()));
    let renamed = with_needs(&labelled, &[offer.id]);
    assert!(renamed.paths().contains(&"/ep01/sq01/sh015".to_owned()));
    assert!(renamed.plan().plan.operations.is_empty());
}

#[test]
fn a_rename_of_what_is_published_or_to_a_taken_name_is_told_only() {
    let mut stage = Stage::fixture().applied();
    row(&mut stage, SHOT).name = Some("sh015".to_owned());
    let mut published = stage.clone();
    published.folder_of(SHOT).has_versions = true;
    let planned = published.plan();
    assert_eq!(codes(&planned), [Code::RenamePublished]);
    assert!(node(&planned, FlowType::Shot, 3).offers.is_empty());
    let above = stage.folder_of(SHOT).parent;
    stage.folder("SH015", "Folder", above, None);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::RenameTaken]);
    assert!(node(&planned, FlowType::Shot, 3).offers.is_empty());
}

#[test]
fn another_step_is_offered_as_another_task_type() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    let mut stage = stage.applied();
    row(&mut stage, FlowRef::new(FlowType::Task, 7)).step = Some(Step {
        code: Some("Layout".to_owned()),
        short_name: Some("LAY".to_owned()),
    });
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::TypeDiffers]);
    assert!(
        ticked(&planned).is_empty(),
        "the new task type is the offer's alone"
    );
    let offer = offer(&planned, FlowRef::new(FlowType::Task, 7));
    let mut stage = with_needs(&stage, &[offer.id]);
    assert_eq!(stage.task_of(7).task_type, "Layout");
    assert!(stage.plan().plan.operations.is_empty());
}

/// AYON compares the names of types in lower case, whatever the alphabet (`ayon-api.md §2.3`).
#[test]
fn a_type_in_another_case_is_the_same_type() {
    let step = |code: &str| {
        Some(Step {
            code: Some(code.to_owned()),
            short_name: None,
        })
    };
    let mut stage = Stage::fixture();
    stage
        .content()
        .anatomy
        .task_types
        .push("\u{e9}clairage".to_owned());
    stage
        .row(FlowType::Task, 7, "light", link(FlowType::Shot, 3, "sh010"))
        .step = step("\u{c9}CLAIRAGE");
    let mut stage = stage.applied();
    assert_eq!(stage.task_of(7).task_type, "\u{e9}clairage");
    let planned = stage.plan();
    assert_eq!(codes(&planned), []);
    assert!(planned.plan.operations.is_empty());
    // Nobody's task of that type is the same as well.
    let task = stage.task_of(7);
    (task.shotgrid_id, task.shotgrid_type) = (None, None);
    row(&mut stage, FlowRef::new(FlowType::Task, 7)).ayon_id = None;
    assert_eq!(codes(&stage.plan()), []);
}

#[test]
fn several_offers_of_one_row_can_be_taken_together() {
    let mut stage = v13();
    row(&mut stage, SHOT).name = Some("sh015".to_owned());
    stage.folder_of(SHOT).folder_type = "Folder".to_owned();
    let planned = stage.plan();
    let offers = node(&planned, FlowType::Shot, 3).offers;
    assert_eq!(offers.len(), 3, "a move, a rename, another type");
    assert!(offers.iter().all(|offer| !operation(&planned, offer).ticked));
    let mut stage = with_needs(&stage, &offers).applied();
    assert!(
        stage.paths().contains(&"/ep01/sq02/sh015".to_owned()),
        "{:?}",
        stage.paths()
    );
    assert_eq!(stage.folder_of(SHOT).folder_type, "Shot");
    assert!(stage.plan().plan.operations.is_empty());
}

// Retiring

fn retired() -> (Stage, AyonId) {
    let mut stage = Stage::fixture().applied();
    let id = stage.folder_of(SHOT).id;
    stage.flow.rows.remove(&SHOT);
    stage.flow.retired.insert(SHOT, "sh010".to_owned());
    (stage, id)
}

#[test]
fn a_row_in_flows_trash_is_offered_to_be_switched_off() {
    let (stage, id) = retired();
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::RetiredInFlow]);
    assert_eq!(planned.plan.problems[0].severity, Severity::Info);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Retire);
    let offer = offer(&planned, SHOT);
    assert_eq!((offer.kind, offer.ticked), (Kind::Retire, false));
    let mut off = with_needs(&stage, &[offer.id]);
    assert!(!off.content().folders[&id].active, "switched off, never deleted");
    assert!(off.plan().plan.operations.is_empty());
    // Revived in Flow, it is switched on again.
    let kept = off.content().folders[&id].id.to_string();
    off.flow.retired.clear();
    off.row(FlowType::Shot, 3, "sh010", link(FlowType::Sequence, 2, "sq01"))
        .ayon_id = Some(kept);
    assert_eq!(node(&off.plan(), FlowType::Shot, 3).verdict, Verdict::Update);
    let mut on = off.applied();
    assert!(on.content().folders[&id].active);
    assert!(on.plan().plan.operations.is_empty());
}

#[test]
fn a_selected_row_in_the_trash_that_ayon_does_not_have_says_so() {
    let mut stage = Stage::empty();
    stage.flow.retired.insert(SHOT, "sh010".to_owned());
    stage.wanted = crate::plan::Wanted::Rows([SHOT].into());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::RetiredInFlow]);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Blocked);
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn a_row_that_is_merely_unseen_is_not_offered_to_be_retired() {
    let (mut stage, _) = retired();
    stage.flow.retired.clear();
    assert!(stage.plan().plan.operations.is_empty());
    stage.wanted = crate::plan::Wanted::Rows([SHOT].into());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NotInFlow]);
    assert!(planned.plan.operations.is_empty());
}
