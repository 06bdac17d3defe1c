//! What stands in the way of moves, in which order they are made, and what is left behind.

use serde_json::json;

use super::stage::{Stage, codes, link, node, ticked};
use super::vectors::{Preset, rules};
use crate::model::{AyonId, FlowRef, FlowType, ParentingMode, RootRelocate};
use crate::plan::{FieldKind, FlowSchema, Inside, Operation, ParentValue, Planned, Verdict, Wanted};
use crate::problem::Code;

pub(super) const EPISODE: FlowRef = row(FlowType::Episode, 1);
pub(super) const SEQUENCE: FlowRef = row(FlowType::Sequence, 2);
pub(super) const SHOT: FlowRef = row(FlowType::Shot, 3);
pub(super) const ASSET: FlowRef = row(FlowType::Asset, 4);

pub(super) const fn row(kind: FlowType, id: i64) -> FlowRef {
    FlowRef::new(kind, id)
}

/// The fixture as a sync without rules makes it, then the rules.
pub(super) fn synced_then(relocate: bool, presets: &[Preset]) -> Stage {
    let mut stage = Stage::fixture().applied();
    if !presets.is_empty() {
        rules(&mut stage, relocate, presets);
    }
    stage
}

/// From where to where the ticked moves lead.
pub(super) fn moves(planned: &Planned) -> Vec<(String, String)> {
    let moves = ticked(planned)
        .into_iter()
        .filter(|operation| operation.kind == crate::plan::Kind::Move);
    moves
        .map(|operation| {
            let ayon = operation.ayon.clone().unwrap();
            (ayon.from.unwrap(), ayon.path)
        })
        .collect()
}

pub(super) fn inside(stage: &mut Stage) -> &mut Inside {
    stage.content().inside.get_or_insert_default()
}

pub(super) fn id_of(stage: &mut Stage, row: FlowRef) -> AyonId {
    stage.folder_of(row).id
}

fn keeping(stage: &mut Stage) {
    stage.rules.placement.root_relocate = RootRelocate::KeepHierarchy;
    let fields = |name: &str, types: &[&str]| {
        [(
            name.to_owned(),
            FieldKind::Link(types.iter().map(|kind| (*kind).to_owned()).collect()),
        )]
        .into()
    };
    stage.flow.schema = FlowSchema {
        fields: [
            (FlowType::Shot, fields("sg_sequence", &["Sequence"])),
            (FlowType::Sequence, fields("episode", &["Episode"])),
        ]
        .into(),
        ..stage.flow.schema.clone()
    };
}

/// Flow's sub-hierarchy is kept below the new root: what is topmost goes there, everything else stays below its parent.
#[test]
fn keep_hierarchy_moves_the_topmost_and_what_is_below_with_it() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "loose", ParentValue::Empty);
    stage.row(FlowType::Shot, 30, "lonely", ParentValue::Empty);
    let mut stage = stage.applied();
    rules(&mut stage, true, &[(FlowType::Shot, &["all_shots"])]);
    keeping(&mut stage);
    let planned = stage.reparent();
    assert!(
        node(&planned, FlowType::Episode, 1)
            .trace
            .contains(&"preset: the first for Shots, which hang below Episodes → all_shots".to_owned())
    );
    let stage = stage.reparented();
    assert_eq!(
        stage.paths(),
        [
            "/all_shots",
            "/all_shots/ep01",
            "/all_shots/ep01/sq01",
            "/all_shots/ep01/sq01/sh010",
            "/all_shots/lonely",
            "/all_shots/loose",
            "/character",
            "/character/Bob"
        ]
    );
    assert!(ticked(&stage.plan()).is_empty());
    // The other mode is not kept.
    let mut grouped = Stage::fixture().applied();
    rules(&mut grouped, false, &[(FlowType::Shot, &["all_shots"])]);
    keeping(&mut grouped);
    assert!(
        grouped
            .reparented()
            .paths()
            .contains(&"/all_shots/sh010".to_owned())
    );
}

#[test]
fn published_versions_are_named_and_counted_and_the_rest_goes_on() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    let mut stage = stage.applied();
    rules(&mut stage, true, &[(FlowType::Sequence, &["sequences"])]);
    let shot = id_of(&mut stage, SHOT);
    for row in [SHOT, SEQUENCE, EPISODE] {
        stage.folder_of(row).has_versions = true;
    }
    inside(&mut stage).with_products.insert(shot);
    assert_eq!(
        crate::plan::publishers(&crate::plan::Input {
            wanted: &stage.wanted,
            flow: &stage.flow,
            ayon: &stage.ayon,
            rules: &stage.rules,
        }),
        [shot].into()
    );
    inside(&mut stage).versions.insert(shot, 3);
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::MovePublished]);
    let message = &planned.plan.problems[0].message;
    assert!(
        message.contains("/ep01/sq01/sh010 has 3 published versions"),
        "{message}"
    );
    assert_eq!(
        moves(&planned),
        [("/ep01/sq02".to_owned(), "/sequences/sq02".to_owned())]
    );
    assert_eq!(node(&planned, FlowType::Sequence, 2).path, "/ep01/sq01");
}

#[test]
fn workfiles_below_leave_the_tick_to_somebody() {
    let mut stage = synced_then(true, &[(FlowType::Sequence, &["sequences"])]);
    let shot = id_of(&mut stage, SHOT);
    inside(&mut stage).workfiles.insert(shot, 2);
    inside(&mut stage).work_directory = Some("{root[work]}/{hierarchy}/{folder[name]}/work".to_owned());
    let planned = stage.reparent();
    assert!(ticked(&planned).is_empty());
    assert_eq!(codes(&planned), [Code::WorkfilesBelow]);
    let sequence = node(&planned, FlowType::Sequence, 2);
    assert_eq!(
        (sequence.verdict, sequence.path.as_str()),
        (Verdict::Move, "/ep01/sq01")
    );
    assert_eq!(sequence.offers.len(), 1);
    let offered = planned
        .plan
        .operations
        .iter()
        .find(|operation| operation.id == sequence.offers[0])
        .unwrap();
    let directory = offered
        .changes
        .iter()
        .find(|change| change.field == "work directory")
        .unwrap();
    assert_eq!(directory.from, json!("{root[work]}/ep01/sq01/work"));
    assert_eq!(directory.to, json!("{root[work]}/sequences/sq01/work"));
    let planned = stage.reparent();
    assert!(
        stage
            .moved(planned, |_| true)
            .paths()
            .contains(&"/sequences/sq01/sh010".to_owned())
    );
}

#[test]
fn inactive_folders_are_in_the_way_and_named() {
    let mut stage = synced_then(true, &[(FlowType::Shot, &["shots"])]);
    stage.folder_of(SHOT).active = false;
    assert_eq!(codes(&stage.reparent()), [Code::FolderInactive]);

    let mut stage = synced_then(true, &[]);
    stage.folder_of(SHOT).parent = None;
    stage.folder_of(EPISODE).active = false;
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ParentInactive]);
    assert!(planned.plan.problems[0].message.contains("/ep01 is switched off"));
}

#[test]
fn a_parent_that_ayon_lacks_is_named_with_the_remedy() {
    let mut stage = synced_then(true, &[]);
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.flow.rows.get_mut(&SHOT).unwrap().parent = link(FlowType::Sequence, 20, "sq02");
    let planned = stage.reparent();
    assert!(codes(&planned).contains(&Code::ParentNotInAyon));
    assert_eq!(node(&planned, FlowType::Shot, 3).path, "/ep01/sq01/sh010");
}

#[test]
fn a_chain_of_the_rows_own_name_is_told() {
    let mut stage = Stage::fixture().applied();
    stage.rules.parenting.root_relocate = ParentingMode {
        enabled: true,
        presets: vec![crate::model::ParentingPreset {
            kind: FlowType::Episode,
            parents: vec![crate::model::ChainFolder {
                kind: "Episode".to_owned(),
                name: "ep01".to_owned(),
            }],
        }],
    };
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ChainTaken]);
    assert!(
        planned.plan.problems[0]
            .message
            .contains("names this very folder")
    );
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn folders_left_empty_are_offered_where_they_only_held_others() {
    let mut stage = Stage::fixture();
    rules(&mut stage, true, &[(FlowType::Shot, &["all", "old"])]);
    let mut stage = stage.applied();
    rules(
        &mut stage,
        true,
        &[(FlowType::Shot, &["new"]), (FlowType::Asset, &["assets"])],
    );
    let planned = stage.reparent();
    let retired: Vec<&str> = planned
        .plan
        .operations
        .iter()
        .filter(|operation| operation.kind == crate::plan::Kind::Retire)
        .map(|operation| operation.ayon.as_ref().unwrap().path.as_str())
        .collect();
    let place = |path: &str| retired.iter().position(|retired| *retired == path).unwrap();
    assert_eq!(retired.len(), 3, "{retired:?}");
    assert!(
        place("/all/old") < place("/all") && retired.contains(&"/character"),
        "{retired:?}"
    );
    assert!(
        planned
            .plan
            .operations
            .iter()
            .all(|o| o.kind != crate::plan::Kind::Retire || !o.ticked)
    );
    assert_eq!(codes(&planned), [Code::LeftEmpty; 3]);
    let all = |operation: &&Operation| operation.ayon.as_ref().is_some_and(|ayon| ayon.path == "/all");
    let all = planned.plan.operations.iter().find(all).unwrap();
    assert_eq!(all.needs.len(), 1, "the inner folder goes first");
    let mut done = stage.clone().moved(stage.reparent(), |_| true);
    let active: Vec<&str> = done
        .content()
        .folders
        .values()
        .filter(|folder| !folder.active)
        .map(|folder| folder.name.as_str())
        .collect();
    assert_eq!(active.len(), 3, "{active:?}");
    // A task, a product or another folder inside keeps it.
    let old = stage
        .content()
        .folders
        .values()
        .find(|folder| folder.name == "old")
        .unwrap()
        .id;
    inside(&mut stage).with_tasks.insert(old);
    assert_eq!(codes(&stage.reparent()), [Code::LeftEmpty]);
}

/// Whoever ticked a move did not know of files that came since.
#[test]
fn workfiles_that_came_since_make_a_plan_stale() {
    let mut stage = synced_then(true, &[(FlowType::Shot, &["shots"])]);
    let facts = |stage: &Stage| {
        let planned = stage.reparent();
        let moved = planned
            .plan
            .operations
            .into_iter()
            .find(|o| o.kind == crate::plan::Kind::Move);
        moved.unwrap().facts
    };
    let before = facts(&stage);
    let shot = id_of(&mut stage, SHOT);
    inside(&mut stage).workfiles.insert(shot, 1);
    assert_ne!(facts(&stage), before);
}

/// A row's own folder is listed, and stays.
#[test]
fn rows_that_are_left_empty_are_listed_only() {
    let stage = synced_then(true, &[(FlowType::Shot, &["shots"])]);
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::LeftEmpty]);
    assert!(
        planned.plan.problems[0]
            .message
            .contains("It stands for Sequence 2")
    );
    assert_eq!(planned.plan.operations.len(), 2, "the chain and the move");
}

#[test]
fn only_the_selection_and_what_is_below_is_looked_at() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Shot, 30, "sh020", link(FlowType::Sequence, 20, "sq02"));
    let mut stage = stage.applied();
    rules(
        &mut stage,
        true,
        &[(FlowType::Shot, &["shots"]), (FlowType::Episode, &["episodes"])],
    );
    stage.wanted = Wanted::Rows([SEQUENCE].into());
    let planned = stage.reparent();
    assert_eq!(
        moves(&planned),
        [("/ep01/sq01/sh010".to_owned(), "/shots/sh010".to_owned())]
    );
    assert!(
        planned
            .plan
            .nodes
            .iter()
            .all(|node| node.flow != Some(row(FlowType::Shot, 30)))
    );
    assert_eq!(
        node(&planned, FlowType::Episode, 1).verdict,
        Verdict::Unchanged,
        "it is only above"
    );
}

#[test]
fn every_selected_row_is_accounted_for() {
    let mut stage = synced_then(true, &[(FlowType::Shot, &["shots"])]);
    stage.row(FlowType::Shot, 30, "new", ParentValue::Empty);
    stage.row(FlowType::Shot, 31, "", ParentValue::Empty);
    stage
        .flow
        .retired
        .insert(row(FlowType::Shot, 50), "gone".to_owned());
    stage.wanted = Wanted::Rows(
        [
            SHOT,
            row(FlowType::Shot, 30),
            row(FlowType::Shot, 31),
            row(FlowType::Shot, 99),
            row(FlowType::Shot, 50),
        ]
        .into(),
    );
    let planned = stage.reparent();
    for id in [3, 30, 31, 50, 99] {
        let node = node(&planned, FlowType::Shot, id);
        assert!(node.selected);
        let key = row(FlowType::Shot, id);
        let told = planned
            .plan
            .problems
            .iter()
            .any(|p| p.flow.as_ref().is_some_and(|flow| flow.key == key));
        assert!(told || node.operation.is_some(), "{node:?}");
    }
}

#[test]
fn a_project_that_ayon_lacks_is_refused_with_the_remedy() {
    let mut stage = Stage::fixture();
    stage.ayon.projects.clear();
    stage.ayon.project = None;
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ProjectNotInAyon]);
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn presets_that_do_nothing_or_need_a_type_are_told() {
    let mut stage = synced_then(
        true,
        &[(FlowType::Shot, &["shots"]), (FlowType::Sequence, &["seqs"])],
    );
    stage.rules.parenting.root_relocate.presets[0].parents[0].kind = "Shelf".to_owned();
    stage.rules.enabled.remove(&FlowType::Sequence);
    stage.flow.rows.remove(&SEQUENCE);
    let planned = stage.reparent();
    assert!(codes(&planned).contains(&Code::PresetNotEnabled));
    assert!(codes(&planned).contains(&Code::ChainTypeMissing));
    let first = &planned.plan.operations[0];
    assert_eq!(first.on, crate::plan::On::Anatomy, "the anatomy comes first");
    assert!(planned.plan.operations[1].needs.contains(&first.id));
}

/// The same of presets that want two folders of one name: only one can be made, so the others are told.
#[test]
fn presets_that_disagree_on_a_folder_are_told() {
    for rules in [
        "root_relocate: Shot = Build[Folder]; Asset = build[Folder]",
        "root_relocate: Shot = build[Folder]; Asset = build[Asset]",
    ] {
        let mut stage = Stage::fixture().applied();
        stage.rules.parenting = stage.rules.parenting.with(&rules.parse().unwrap());
        let planned = stage.reparent();
        assert!(
            codes(&planned).contains(&Code::ChainTaken),
            "{rules}: {:?}",
            codes(&planned)
        );
        stage = stage.reparented();
        assert!(ticked(&stage.reparent()).is_empty(), "{rules}");
    }
    let mut stage = Stage::fixture().applied();
    stage.rules.parenting = stage
        .rules
        .parenting
        .with(&"root_relocate: Shot = x[]".parse().unwrap());
    assert_eq!(
        codes(&stage.reparent()),
        [Code::ChainTaken],
        "a folder without a type"
    );
}

/// Rows that AYON lacks are told where a sync would make them, or why it could not.
#[test]
fn what_ayon_lacks_is_told_by_its_place() {
    let mut stage = Stage::fixture().applied();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Shot, 30, "sh020", link(FlowType::Sequence, 20, "sq02"));
    stage.row(
        FlowType::Shot,
        31,
        "lost",
        link(FlowType::Sequence, 99, "elsewhere"),
    );
    stage.wanted = Wanted::Rows([row(FlowType::Shot, 30), row(FlowType::Shot, 31)].into());
    let planned = stage.reparent();
    assert_eq!(node(&planned, FlowType::Shot, 30).path, "/ep01/sq02/sh020");
    assert_eq!(codes(&planned), [Code::ParentMissing, Code::NotInAyon]);
    assert_eq!(node(&planned, FlowType::Shot, 31).verdict, Verdict::Blocked);
}

/// A row whose ids contradict each other is told, also where something else is selected that hangs on it.
#[test]
fn what_is_above_and_unclear_is_told() {
    let mut stage = Stage::fixture().applied();
    stage.folder("sq01 again", "Sequence", None, Some(SEQUENCE));
    stage.flow.rows.get_mut(&SEQUENCE).unwrap().ayon_id = None;
    stage.wanted = Wanted::Rows([SHOT].into());
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ParentBlocked]);
    let message = &planned.plan.problems[0].message;
    assert!(
        message.contains("Flow and AYON disagree on the partner of Sequence 2"),
        "{message}"
    );
}

/// A folder that a preset names stays for others, also where those were not selected.
#[test]
fn a_chain_folder_stays_whatever_was_selected() {
    let mut stage = Stage::fixture().applied();
    let rules = "root_relocate: Shot = ep01[Episode]; Episode = episodes[Folder]";
    stage.rules.parenting = stage.rules.parenting.with(&rules.parse().unwrap());
    for wanted in [Wanted::WholeProject, Wanted::Rows([EPISODE].into())] {
        stage.wanted = wanted;
        let planned = stage.reparent();
        assert_eq!(node(&planned, FlowType::Episode, 1).verdict, Verdict::Blocked);
        assert!(codes(&planned).contains(&Code::ChainTaken));
    }
}
