//! What re-parenting moves, and why: the vectors of `ayon-shotgrid-behaviour.md §6.2` from the side of what AYON has
//! already. V24 is the other direction.

use rstest::rstest;

use super::reparent::{ASSET, EPISODE, SEQUENCE, SHOT, inside, moves, row, synced_then};
use super::stage::{Stage, codes, link, node, ticked};
use super::vectors::{Preset, rules};
use crate::model::{DisabledParents, FlowType, ParentingMode};
use crate::plan::{ParentValue, Verdict, Wanted};
use crate::problem::{Code, Severity};

#[rstest]
#[case::v1_no_rules(true, &[], &[], &["/character", "/character/Bob", "/ep01", "/ep01/sq01", "/ep01/sq01/sh010"])]
#[case::v2_shots_relocated(
    true, &[(FlowType::Shot, &["all_shots", "custom"] as &'static [&'static str])],
    &[("/ep01/sq01/sh010", "/all_shots/custom/sh010")],
    &["/all_shots", "/all_shots/custom", "/all_shots/custom/sh010", "/character", "/character/Bob", "/ep01", "/ep01/sq01"]
)]
// Flat grouping in both modes, as the addon does it today.
#[case::v3_shots_grouped(
    false, &[(FlowType::Shot, &["all_shots", "custom"] as &'static [&'static str])],
    &[("/ep01/sq01/sh010", "/all_shots/custom/sh010")],
    &["/all_shots", "/all_shots/custom", "/all_shots/custom/sh010", "/character", "/character/Bob", "/ep01", "/ep01/sq01"]
)]
#[case::v4_assets_with_their_category(
    false, &[(FlowType::Asset, &["all_assets"] as &'static [&'static str])],
    &[("/character/Bob", "/all_assets/character/Bob")],
    &["/all_assets", "/all_assets/character", "/all_assets/character/Bob", "/character", "/ep01", "/ep01/sq01", "/ep01/sq01/sh010"]
)]
#[case::v7_sequences(
    true, &[(FlowType::Sequence, &["sequences"] as &'static [&'static str])],
    &[("/ep01/sq01", "/sequences/sq01")],
    &["/character", "/character/Bob", "/ep01", "/sequences", "/sequences/sq01", "/sequences/sq01/sh010"]
)]
#[case::v8_episodes(
    true, &[(FlowType::Episode, &["production", "episodes"] as &'static [&'static str])],
    &[("/ep01", "/production/episodes/ep01")],
    &["/character", "/character/Bob", "/production", "/production/episodes", "/production/episodes/ep01",
      "/production/episodes/ep01/sq01", "/production/episodes/ep01/sq01/sh010"]
)]
#[case::v18_no_parents_is_no_preset(
    true, &[(FlowType::Shot, &[] as &'static [&'static str])],
    &[], &["/character", "/character/Bob", "/ep01", "/ep01/sq01", "/ep01/sq01/sh010"]
)]
#[case::v19_the_first_preset_of_a_type_wins(
    true, &[(FlowType::Shot, &["a"] as &'static [&'static str]), (FlowType::Shot, &["b"] as &'static [&'static str])],
    &[("/ep01/sq01/sh010", "/a/sh010")],
    &["/a", "/a/sh010", "/character", "/character/Bob", "/ep01", "/ep01/sq01"]
)]
fn what_exists_moves_to_where_the_rules_want_it(
    #[case] relocate: bool,
    #[case] presets: &[Preset],
    #[case] moved: &[(&str, &str)],
    #[case] tree: &[&str],
) {
    let stage = synced_then(relocate, presets);
    let planned = stage.reparent();
    let expected: Vec<(String, String)> = moved
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect();
    assert_eq!(moves(&planned), expected);
    let stage = stage.reparented();
    assert_eq!(stage.paths(), tree);
    assert_eq!(ticked(&stage.reparent()).len(), 0, "nothing is left to move");
    assert!(ticked(&stage.plan()).is_empty(), "a sync is content with it");
}

#[test]
fn every_step_to_the_place_is_told() {
    let stage = synced_then(true, &[(FlowType::Shot, &["all_shots", "custom"])]);
    let planned = stage.reparent();
    assert_eq!(
        *node(&planned, FlowType::Shot, 3).trace,
        [
            "tracking settings: Shots by sg_sequence",
            "chain: Shot.sg_sequence → sq01",
            "enabled types: Shots are enabled",
            "mode: root_relocate",
            "preset: the first for Shots → all_shots/custom",
            "category: none for Shots",
            "parent: /all_shots/custom",
            "name: sh010"
        ]
    );
    assert_eq!(
        *node(&planned, FlowType::Asset, 4).trace,
        [
            "tracking settings: Assets by sg_asset_type",
            "chain: Asset.sg_asset_type → Character",
            "enabled types: Assets are enabled",
            "mode: root_relocate",
            "preset: none for Assets",
            "category: Character → character",
            "parent: /character",
            "name: as AYON has it"
        ]
    );
    let shot = node(&planned, FlowType::Shot, 3);
    let placement = shot.placement.unwrap();
    assert_eq!(shot.path, "/all_shots/custom/sh010");
    assert_eq!(placement.from.as_deref(), Some("/ep01/sq01/sh010"));
    assert_eq!(placement.rule.as_deref(), Some("root_relocate for Shots"));
    let episode = node(&planned, FlowType::Episode, 1);
    assert_eq!(episode.trace[6], "parent: the project's root");
    assert_eq!(episode.placement.unwrap().from, None);
}

/// Tracking settings decide: the addon's project sync puts a typed Asset into its category all the same.
#[test]
fn v5_assets_that_are_flat_belong_at_the_root() {
    let mut stage = synced_then(true, &[]);
    stage.chain(FlowType::Asset, Some("__flat__"));
    assert_eq!(
        moves(&stage.reparent()),
        [("/character/Bob".to_owned(), "/Bob".to_owned())]
    );
}

/// The addon makes an empty category as well, by one of its two paths only.
#[test]
fn v6_flat_assets_go_straight_into_the_chain() {
    let mut stage = synced_then(false, &[(FlowType::Asset, &["all_assets"])]);
    stage.chain(FlowType::Asset, Some("__flat__"));
    let paths = stage.reparented().paths();
    assert!(paths.contains(&"/all_assets/Bob".to_owned()), "{paths:?}");
    assert!(!paths.contains(&"/all_assets/character".to_owned()), "{paths:?}");
}

#[test]
fn v9_sequences_and_shots_of_their_own() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Shot, 9, "lonely", ParentValue::Empty);
    let mut stage = stage.applied();
    rules(
        &mut stage,
        false,
        &[(FlowType::Sequence, &["sequences"]), (FlowType::Shot, &["shots"])],
    );
    assert_eq!(
        stage.reparented().paths(),
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
    let mut stage = Stage::fixture();
    stage.row(FlowType::Asset, 5, "NoType", ParentValue::Empty);
    let mut stage = stage.applied();
    rules(&mut stage, true, &[(FlowType::Asset, &["build", "assets"])]);
    let paths = stage.reparented().paths();
    assert!(paths.contains(&"/build/assets/NoType".to_owned()), "{paths:?}");
    assert!(
        paths.contains(&"/build/assets/character/Bob".to_owned()),
        "{paths:?}"
    );
}

/// The addon moves nothing that exists and makes an empty category (V11), so the project splits in two (V12).
#[test]
fn v11_v12_what_exists_moves_and_what_is_new_is_left_to_a_sync() {
    let mut stage = synced_then(
        true,
        &[
            (FlowType::Shot, &["all_shots"]),
            (FlowType::Asset, &["all_assets"]),
        ],
    );
    stage.row(FlowType::Shot, 30, "sh020", link(FlowType::Sequence, 2, "sq01"));
    let planned = stage.reparent();
    assert_eq!(moves(&planned).len(), 2);
    let new = node(&planned, FlowType::Shot, 30);
    assert_eq!(
        (new.verdict, new.path.as_str()),
        (Verdict::Unchanged, "/all_shots/sh020")
    );
    assert!(!new.placement.unwrap().exists);
    assert!(codes(&planned).contains(&Code::NotInAyon));
    let stage = stage.reparented();
    assert!(
        !stage.paths().iter().any(|path| path.contains("sh020")),
        "nothing new is made"
    );
    let paths = stage.applied().paths();
    assert!(paths.contains(&"/all_shots/sh020".to_owned()) && paths.contains(&"/all_shots/sh010".to_owned()));
}

/// Flow's own moves and asset types are followed, which the addon never does.
#[test]
fn v13_v14_what_moved_in_flow_moves() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Asset, 41, "Cup", ParentValue::Text("Prop".to_owned()));
    let mut stage = stage.applied();
    stage.flow.rows.get_mut(&SHOT).unwrap().parent = link(FlowType::Sequence, 20, "sq02");
    stage.flow.rows.get_mut(&ASSET).unwrap().parent = ParentValue::Text("Prop".to_owned());
    let planned = stage.reparent();
    assert_eq!(
        moves(&planned),
        [
            ("/character/Bob".to_owned(), "/prop/Bob".to_owned()),
            ("/ep01/sq01/sh010".to_owned(), "/ep01/sq02/sh010".to_owned())
        ]
    );
    let paths = stage.reparented().paths();
    assert!(paths.contains(&"/ep01/sq02/sh010".to_owned()) && paths.contains(&"/prop/Bob".to_owned()));
}

/// The addon lets chance decide; here those that are linked keep their places and all are named.
#[test]
fn v15_shots_of_one_name_stay_and_are_named() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Shot, 30, "SH010", link(FlowType::Sequence, 20, "sq02"));
    let mut stage = stage.applied();
    rules(&mut stage, false, &[(FlowType::Shot, &["shots"])]);
    let planned = stage.reparent();
    assert_eq!(moves(&planned), []);
    assert_eq!(codes(&planned), [Code::MoveTaken, Code::MoveTaken]);
    for id in [3, 30] {
        assert_eq!(node(&planned, FlowType::Shot, id).verdict, Verdict::Blocked);
    }
    assert!(planned.plan.operations.is_empty(), "no chain is made for nobody");
    let before = stage.paths();
    assert_eq!(stage.reparented().paths(), before);
}

/// One that is in the right place keeps it; the other is named.
#[test]
fn v15_one_that_has_its_place_keeps_it() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage.row(FlowType::Shot, 30, "sh010", link(FlowType::Sequence, 20, "sq02"));
    let mut stage = stage.applied();
    rules(&mut stage, false, &[(FlowType::Shot, &["shots"])]);
    let shots = stage.folder("shots", "Folder", None, None);
    stage.folder_of(SHOT).parent = Some(shots);
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::MoveTaken]);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Unchanged);
    let message = &planned.plan.problems[0].message;
    assert!(
        message.contains("the Shot /shots/sh010 has its name"),
        "{message}"
    );
}

/// The addon tells Flow that the Shot is synced, with an id that AYON does not have.
#[rstest]
#[case::v16_another_type("all_shots", "Shot", FlowType::Shot, &["all_shots"])]
#[case::v16_another_case("All_Shots", "Folder", FlowType::Shot, &["all_shots"])]
#[case::v25_an_episode("other", "Episode", FlowType::Sequence, &["other"])]
#[case::a_name_that_ayon_refuses("x", "Folder", FlowType::Shot, &["a b"])]
#[case::an_empty_name("x", "Folder", FlowType::Shot, &[""])]
fn a_chain_that_cannot_be_blocks_with_the_remedy(
    #[case] name: &str,
    #[case] kind: &str,
    #[case] of: FlowType,
    #[case] chain: &'static [&'static str],
) {
    let mut stage = synced_then(true, &[(of, chain)]);
    stage.folder(name, kind, None, None);
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ChainTaken]);
    assert_eq!(planned.plan.problems[0].severity, Severity::Blocked);
    assert!(!planned.plan.problems[0].remedy.is_empty());
    assert!(planned.plan.operations.is_empty());
}

/// V17: refused up front, naming both settings; the addon breaks off in the middle.
#[test]
fn v17_both_modes_are_refused_and_named() {
    let mut stage = synced_then(true, &[(FlowType::Shot, &["shots"])]);
    stage.rules.parenting.type_grouping = ParentingMode {
        enabled: true,
        presets: Vec::new(),
    };
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ReparentBothModes]);
    let message = &planned.plan.problems[0].message;
    assert!(message.contains("root_relocate") && message.contains("type_grouping"));
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn v20_v21_an_existing_chain_is_used_whatever_it_holds() {
    let mut stage = synced_then(true, &[(FlowType::Shot, &["root", "shots"])]);
    let root = stage.folder("root", "Folder", None, None);
    inside(&mut stage).with_tasks.insert(root);
    let mut stage = stage.reparented();
    assert!(stage.paths().contains(&"/root/shots/sh010".to_owned()));
    assert_eq!(stage.content().folders[&root].shotgrid_id, None);
}

#[test]
fn v22_tasks_ride_along_and_a_selected_task_means_its_shot() {
    let mut stage = synced_then(true, &[(FlowType::Shot, &["shots"])]);
    stage.row(FlowType::Task, 7, "comp", link(FlowType::Shot, 3, "sh010"));
    stage.row(FlowType::Task, 9, "loose", ParentValue::Empty);
    stage.wanted = Wanted::Rows([row(FlowType::Task, 7), row(FlowType::Task, 9)].into());
    let planned = stage.reparent();
    assert_eq!(moves(&planned).len(), 1);
    assert_eq!(node(&planned, FlowType::Task, 7).path, "/shots/sh010/comp");
    assert_eq!(codes(&planned), [Code::TaskWithoutEntity, Code::LeftEmpty]);
}

/// The addon leaves the Shot out silently, or makes it at the root: amigo names the type and the option.
#[test]
fn v23_a_parent_of_a_type_that_is_off_blocks_or_is_passed_by() {
    let mut stage = Stage::fixture().applied();
    stage.rules.enabled.remove(&FlowType::Sequence);
    let sequence = stage.flow.rows.remove(&SEQUENCE).unwrap();
    let planned = stage.reparent();
    assert_eq!(codes(&planned), [Code::ParentMissing]);
    let problem = &planned.plan.problems[0];
    assert!(
        problem.message.contains("Sequences are not enabled"),
        "{}",
        problem.message
    );
    assert!(
        problem
            .remedy
            .contains("placement.disabled_parents = \"nearest\"")
    );

    stage.rules.placement.disabled_parents = DisabledParents::Nearest;
    stage.flow.passages.insert(SEQUENCE, sequence);
    let planned = stage.reparent();
    assert_eq!(
        moves(&planned),
        [("/ep01/sq01/sh010".to_owned(), "/ep01/sh010".to_owned())]
    );
    let trace = &node(&planned, FlowType::Shot, 3).trace;
    assert!(
        trace.contains(&"Sequences are not synced: nearest above sq01 → ep01".to_owned()),
        "{trace:?}"
    );
    // The same rule for what is new.
    let mut fresh = Stage::fixture();
    fresh.rules = stage.rules.clone();
    fresh.flow.passages.clone_from(&stage.flow.passages);
    fresh.flow.rows.remove(&SEQUENCE);
    assert!(fresh.applied().paths().contains(&"/ep01/sh010".to_owned()));
}

#[test]
fn what_hangs_on_nothing_that_is_synced_goes_to_the_root() {
    let mut stage = Stage::fixture().applied();
    stage.rules.placement.disabled_parents = DisabledParents::Nearest;
    for kind in [FlowType::Sequence, FlowType::Episode] {
        stage.rules.enabled.remove(&kind);
    }
    for key in [SEQUENCE, EPISODE] {
        let passage = stage.flow.rows.remove(&key).unwrap();
        stage.flow.passages.insert(key, passage);
    }
    assert_eq!(
        moves(&stage.reparent()),
        [("/ep01/sq01/sh010".to_owned(), "/sh010".to_owned())]
    );
    // Rows that stand above each other end as well.
    let circle = link(FlowType::Sequence, 2, "sq01");
    stage.flow.passages.get_mut(&SEQUENCE).unwrap().parent = circle;
    assert_eq!(codes(&stage.reparent()), [Code::ParentMissing]);
}
