//! The vectors of `ayon-shotgrid-behaviour.md §6.2`: the tree that a sync makes by the addon's re-parenting
//! settings. Where the addon's two paths disagree or fail, one line says why amigo's answer is another one.
//!
//! V13, V14 stand in `offers`, V17 in `guards`; V24 is the other direction.

use rstest::rstest;

use super::stage::{Stage, codes, link, node, ticked};
use crate::model::{ChainFolder, FlowRef, FlowType, ParentingPreset};
use crate::plan::{ParentValue, Verdict, Wanted};
use crate::problem::Code;

pub(super) type Preset = (FlowType, &'static [&'static str]);

/// The fixture with these presets in one of the modes.
fn with(relocate: bool, presets: &[Preset]) -> Stage {
    let mut stage = Stage::fixture();
    rules(&mut stage, relocate, presets);
    stage
}

pub(super) fn rules(stage: &mut Stage, relocate: bool, presets: &[Preset]) {
    let parenting = &mut stage.rules.parenting;
    let mode = if relocate {
        &mut parenting.root_relocate
    } else {
        &mut parenting.type_grouping
    };
    mode.enabled = true;
    mode.presets = presets
        .iter()
        .map(|(kind, names)| ParentingPreset {
            kind: *kind,
            parents: names
                .iter()
                .map(|name| ChainFolder {
                    kind: "Folder".to_owned(),
                    name: (*name).to_owned(),
                })
                .collect(),
        })
        .collect();
}

const fn at(kind: FlowType, chain: &'static [&'static str]) -> Preset {
    (kind, chain)
}

const SHOT: Preset = (FlowType::Shot, &["all_shots", "custom"]);

#[rstest]
#[case::v1_no_rules(
    true, &[],
    &["/character", "/character/Bob", "/ep01", "/ep01/sq01", "/ep01/sq01/sh010"]
)]
#[case::v2_shots_relocated(
    true, &[SHOT],
    &["/all_shots", "/all_shots/custom", "/all_shots/custom/sh010", "/character", "/character/Bob", "/ep01", "/ep01/sq01"]
)]
// Flat grouping in both modes, as the addon does it today.
#[case::v3_shots_grouped(
    false, &[SHOT],
    &["/all_shots", "/all_shots/custom", "/all_shots/custom/sh010", "/character", "/character/Bob", "/ep01", "/ep01/sq01"]
)]
#[case::v4_assets_with_their_category(
    false, &[at(FlowType::Asset, &["all_assets"])],
    &["/all_assets", "/all_assets/character", "/all_assets/character/Bob", "/ep01", "/ep01/sq01", "/ep01/sq01/sh010"]
)]
#[case::v7_sequences(
    true, &[at(FlowType::Sequence, &["sequences"])],
    &["/character", "/character/Bob", "/ep01", "/sequences", "/sequences/sq01", "/sequences/sq01/sh010"]
)]
#[case::v8_episodes(
    true, &[at(FlowType::Episode, &["production", "episodes"])],
    &["/character", "/character/Bob", "/production", "/production/episodes", "/production/episodes/ep01",
      "/production/episodes/ep01/sq01", "/production/episodes/ep01/sq01/sh010"]
)]
#[case::v18_no_parents_is_no_preset(
    true, &[at(FlowType::Shot, &[])],
    &["/character", "/character/Bob", "/ep01", "/ep01/sq01", "/ep01/sq01/sh010"]
)]
#[case::v19_the_first_preset_of_a_type_wins(
    true, &[at(FlowType::Shot, &["a"]), at(FlowType::Shot, &["b"])],
    &["/a", "/a/sh010", "/character", "/character/Bob", "/ep01", "/ep01/sq01"]
)]
fn the_tree_by_the_rules(#[case] relocate: bool, #[case] presets: &[Preset], #[case] tree: &[&str]) {
    let stage = with(relocate, presets);
    assert_eq!(codes(&stage.plan()), []);
    let stage = stage.applied();
    assert_eq!(stage.paths(), tree);
    assert!(stage.plan().plan.operations.is_empty());
}

/// The addon makes an empty category as well, by one of its two paths only.
#[test]
fn v6_flat_assets_go_straight_into_the_chain() {
    let mut stage = with(false, &[(FlowType::Asset, &["all_assets"])]);
    stage.chain(FlowType::Asset, Some("__flat__"));
    let paths = stage.applied().paths();
    assert!(paths.contains(&"/all_assets/Bob".to_owned()), "{paths:?}");
    assert!(!paths.iter().any(|path| path.contains("character")), "{paths:?}");
}

#[test]
fn v9_sequences_and_shots_of_their_own() {
    let mut stage = with(
        false,
        &[(FlowType::Sequence, &["sequences"]), (FlowType::Shot, &["shots"])],
    );
    stage.row(FlowType::Shot, 9, "lonely", ParentValue::Empty);
    assert_eq!(
        stage.applied().paths(),
        [
            "/character",
            "/character/Bob",
            "/ep01",
            "/sequences",
            "/sequences/sq01",
            "/shots",
            "/shots/lonely",
            "/shots/sh010"
        ]
    );
}

/// The addon's project sync leaves an Asset without type at the root; its event sync does as here.
#[test]
fn v10_an_asset_without_type_goes_where_the_others_go() {
    let mut stage = Stage::empty();
    rules(&mut stage, true, &[(FlowType::Asset, &["build", "assets"])]);
    for (id, name, kind) in [
        (1, "Prop01", "Prop"),
        (2, "Prop02", "Prop"),
        (3, "Char01", "Character"),
    ] {
        stage.row(FlowType::Asset, id, name, ParentValue::Text(kind.to_owned()));
    }
    stage.row(FlowType::Asset, 4, "NoType", ParentValue::Empty);
    assert_eq!(
        stage.applied().paths(),
        [
            "/build",
            "/build/assets",
            "/build/assets/NoType",
            "/build/assets/character",
            "/build/assets/character/Char01",
            "/build/assets/prop",
            "/build/assets/prop/Prop01",
            "/build/assets/prop/Prop02"
        ]
    );
}

/// The addon says nothing of what exists and makes an empty category; here the moves are shown, unticked.
#[test]
fn v11_a_new_rule_offers_what_exists_and_makes_nothing() {
    let mut stage = Stage::fixture().applied();
    let before = stage.paths();
    rules(
        &mut stage,
        true,
        &[
            (FlowType::Shot, &["all_shots"]),
            (FlowType::Asset, &["all_assets"]),
        ],
    );
    let planned = stage.plan();
    assert!(ticked(&planned).is_empty(), "{:?}", ticked(&planned));
    assert_eq!(codes(&planned), [Code::SitsElsewhere, Code::SitsElsewhere]);
    assert_eq!(node(&planned, FlowType::Shot, 3).offers.len(), 1);
    assert_eq!(node(&planned, FlowType::Asset, 4).offers.len(), 1);
    assert_eq!(stage.clone().applied().paths(), before);
    let moved = stage.applied_with(|_| true);
    assert!(moved.paths().contains(&"/all_shots/sh010".to_owned()));
    assert!(moved.paths().contains(&"/all_assets/character/Bob".to_owned()));
    assert!(moved.plan().plan.operations.is_empty());
}

#[test]
fn v12_what_is_new_goes_by_the_rule_and_what_exists_stays() {
    let mut stage = Stage::fixture().applied();
    rules(
        &mut stage,
        true,
        &[
            (FlowType::Shot, &["all_shots"]),
            (FlowType::Asset, &["all_assets"]),
        ],
    );
    stage.row(FlowType::Shot, 30, "sh020", link(FlowType::Sequence, 2, "sq01"));
    stage.row(
        FlowType::Asset,
        40,
        "Alice",
        ParentValue::Text("Character".to_owned()),
    );
    assert_eq!(
        stage.applied().paths(),
        [
            "/all_assets",
            "/all_assets/character",
            "/all_assets/character/Alice",
            "/all_shots",
            "/all_shots/sh020",
            "/character",
            "/character/Bob",
            "/ep01",
            "/ep01/sq01",
            "/ep01/sq01/sh010"
        ]
    );
}

/// The addon lets chance decide which of the two it makes; here none is made and both are named.
#[test]
fn v15_shots_of_one_name_that_a_rule_brings_together_are_named() {
    let mut stage = with(false, &[(FlowType::Shot, &["shots"])]);
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Shot, 30, "sh010", link(FlowType::Sequence, 20, "sq02"));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NameClash, Code::NameClash]);
    assert!(!stage.applied().paths().iter().any(|path| path.contains("shots")));
}

/// The addon tells Flow that the Shot is synced, with an id that AYON does not have.
#[rstest]
#[case::v16_another_type("all_shots", "Shot", FlowType::Shot, "all_shots")]
#[case::v16_another_case("All_Shots", "Folder", FlowType::Shot, "all_shots")]
#[case::v25_an_episode("ep01", "Episode", FlowType::Sequence, "ep01")]
fn a_chain_folder_that_is_something_else_blocks_and_is_named(
    #[case] name: &str,
    #[case] kind: &str,
    #[case] of: FlowType,
    #[case] chain: &'static str,
) {
    let mut stage = Stage::fixture();
    stage.flow.rows.remove(&FlowRef::new(FlowType::Episode, 1));
    for sequence in stage
        .flow
        .rows
        .values_mut()
        .filter(|row| row.key.kind == FlowType::Sequence)
    {
        sequence.parent = ParentValue::Empty;
    }
    stage.folder(name, kind, None, None);
    let presets: &'static [&'static str] = Box::leak(Box::new([chain]));
    rules(&mut stage, true, &[(of, presets)]);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::ChainTaken]);
    assert!(planned.plan.problems[0].message.contains(chain));
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Blocked);
    let after = stage.applied();
    assert!(
        after.paths().contains(&"/character/Bob".to_owned()),
        "the others go on"
    );
    assert_eq!(after.flow.rows[&FlowRef::new(FlowType::Shot, 3)].ayon_id, None);
}

/// V25 on an empty project: the Episode is made, and what the chain wants in its place is named.
#[test]
fn v25_a_chain_of_an_episodes_name_costs_what_goes_there_only() {
    let stage = with(true, &[(FlowType::Sequence, &["ep01"])]);
    assert_eq!(codes(&stage.plan()), [Code::ChainTaken]);
    assert_eq!(stage.applied().paths(), ["/character", "/character/Bob", "/ep01"]);
}

#[test]
fn v20_a_chain_folder_that_exists_is_used_and_stays_unlinked() {
    let mut stage = with(true, &[(FlowType::Shot, &["shots", "main"])]);
    let shots = stage.folder("shots", "Folder", None, None);
    let mut stage = stage.applied();
    assert!(stage.paths().contains(&"/shots/main/sh010".to_owned()));
    assert_eq!(stage.content().folders[&shots].shotgrid_id, None);
}

/// The addon breaks off here: it takes the task for a folder.
#[test]
fn v21_a_task_beside_the_chain_is_in_nobodys_way() {
    let mut stage = with(true, &[(FlowType::Shot, &["root", "shots"])]);
    let root = stage.folder("root", "Folder", None, None);
    let mut task = stage.clone();
    task.row(FlowType::Task, 7, "shots", link(FlowType::Shot, 3, "sh010"));
    let mut made = task.applied().task_of(7).clone();
    (made.folder, made.shotgrid_id, made.shotgrid_type) = (root, None, None);
    made.id = crate::model::AyonId::derived(&["a task beside"]);
    stage.content().tasks.insert(made.id, made);
    assert_eq!(codes(&stage.plan()), []);
    assert!(stage.applied().paths().contains(&"/root/shots/sh010".to_owned()));
}

#[test]
fn v22_tasks_stay_with_what_they_belong_to() {
    let mut stage = with(true, &[(FlowType::Shot, &["shots"])]);
    stage.row(FlowType::Task, 7, "Comp A", link(FlowType::Shot, 3, "sh010"));
    stage.row(FlowType::Task, 8, "board", link(FlowType::Sequence, 2, "sq01"));
    stage.row(FlowType::Task, 9, "loose", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::TaskWithoutEntity]);
    assert_eq!(node(&planned, FlowType::Task, 7).path, "/shots/sh010/Comp_A");
    assert_eq!(node(&planned, FlowType::Task, 8).path, "/ep01/sq01/board");
}

/// V26: only the Task was chosen, and its Sequence is not on its way.
#[test]
fn v26_a_task_brings_its_shot_by_the_rule() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 3, "sh010", link(FlowType::Sequence, 2, "sq01"));
    stage.row(FlowType::Task, 7, "comp", link(FlowType::Shot, 3, "sh010"));
    rules(&mut stage, true, &[(FlowType::Shot, &["shots"])]);
    stage.wanted = Wanted::Rows([FlowRef::new(FlowType::Task, 7)].into());
    let planned = stage.plan();
    assert_eq!(node(&planned, FlowType::Task, 7).path, "/shots/sh010/comp");
    assert_eq!(stage.applied().paths(), ["/shots", "/shots/sh010"]);
}
