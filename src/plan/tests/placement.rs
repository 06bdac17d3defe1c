//! Where rows go: vectors of `ayon-shotgrid-behaviour.md §6.2` without re-parenting rules, and every shape of a
//! chain.

use rstest::rstest;

use super::stage::{Stage, codes, created, link, node, ticked};
use crate::model::{FlowId, FlowRef, FlowType};
use crate::plan::{ParentValue, Verdict, Wanted};
use crate::problem::{Code, Severity};

#[test]
fn v1_the_natural_tree() {
    let stage = Stage::fixture();
    assert_eq!(codes(&stage.plan()), []);
    let stage = stage.applied();
    assert_eq!(
        stage.paths(),
        [
            "/character",
            "/character/Bob",
            "/ep01",
            "/ep01/sq01",
            "/ep01/sq01/sh010"
        ]
    );
}

/// The addon's project sync makes a category here, its event sync does not: tracking settings decide.
#[test]
fn v5_flat_assets_sit_at_the_root() {
    let mut stage = Stage::fixture();
    stage.chain(FlowType::Asset, Some("__flat__"));
    assert!(created(&stage.plan()).contains(&"/Bob".to_owned()));
}

/// The addon lets one of the two win by chance and fails; here none is made and both are named.
#[test]
fn v15_rows_that_would_have_one_name_are_all_named() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Shot, 5, "sh 020", link(FlowType::Sequence, 2, "sq01"));
    stage.row(FlowType::Shot, 6, "SH_020", link(FlowType::Sequence, 2, "sq01"));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NameClash, Code::NameClash]);
    assert_eq!(node(&planned, FlowType::Shot, 5).verdict, Verdict::Blocked);
    assert_eq!(
        node(&planned, FlowType::Shot, 3).verdict,
        Verdict::Create,
        "the others go on"
    );
}

#[test]
fn v15_a_linked_row_keeps_its_place() {
    let stage = Stage::fixture();
    let mut stage = stage.applied();
    stage.row(FlowType::Shot, 5, "SH010", link(FlowType::Sequence, 2, "sq01"));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NameTaken]);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Unchanged);
}

/// The addon's project sync loses such a Shot silently, its event sync puts it at the root.
#[test]
fn v23_a_parent_of_a_type_that_is_not_enabled_is_named() {
    let mut stage = Stage::fixture();
    stage.rules.enabled.remove(&FlowType::Sequence);
    stage.flow.rows.remove(&FlowRef::new(FlowType::Sequence, 2));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::ParentMissing]);
    assert!(
        planned.plan.problems[0]
            .message
            .contains("Sequences are not enabled")
    );
    assert_eq!(created(&planned), ["/ep01", "/character", "/character/Bob"]);
}

#[rstest]
#[case::flat(Some("__flat__"), "/sh010")]
#[case::missing(None, "/sh010")]
#[case::plain(Some("sg_sequence"), "/ep01/sq01/sh010")]
#[case::prefixed(Some("Shot.sg_sequence"), "/ep01/sq01/sh010")]
#[case::comma_path(Some("sg_sequence,Sequence.episode"), "/ep01/sq01/sh010")]
fn every_shape_of_a_chain(#[case] chain: Option<&str>, #[case] path: &str) {
    let mut stage = Stage::fixture();
    stage.chain(FlowType::Shot, chain);
    assert!(created(&stage.plan()).contains(&path.to_owned()));
}

#[test]
fn a_list_field_names_no_row_unless_it_is_the_asset_type() {
    let mut stage = Stage::empty();
    stage.chain(FlowType::Shot, Some("sg_shot_type"));
    stage.row(FlowType::Shot, 3, "sh010", ParentValue::Text("Plate".to_owned()));
    assert_eq!(created(&stage.plan()), ["/sh010"]);
}

#[test]
fn a_field_of_several_rows_names_no_parent() {
    let mut stage = Stage::empty();
    stage.chain(FlowType::Asset, Some("episodes"));
    stage.row(FlowType::Asset, 4, "Bob", ParentValue::Many);
    let planned = stage.plan();
    assert_eq!(created(&planned), ["/Bob"]);
    assert_eq!(codes(&planned), [Code::ParentMany]);
    assert_eq!(planned.plan.problems[0].severity, Severity::Info);
}

#[test]
fn an_empty_parent_field_means_the_root() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 3, "lonely", ParentValue::Empty);
    stage.row(FlowType::Asset, 4, "NoType", ParentValue::Empty);
    stage.row(FlowType::Episode, 1, "ep01", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(created(&planned), ["/ep01", "/lonely", "/NoType"]);
    let told: Vec<(Code, i64)> = planned
        .plan
        .problems
        .iter()
        .map(|problem| (problem.code, problem.flow.as_ref().unwrap().key.id.0))
        .collect();
    assert_eq!(
        told,
        [(Code::ParentEmpty, 3), (Code::ParentEmpty, 4)],
        "a flat type has no such field"
    );
}

#[test]
fn a_missing_parent_costs_its_own_subtree_only() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Shot, 5, "sh050", link(FlowType::Sequence, 99, "gone"));
    stage.row(FlowType::Task, 6, "anim", link(FlowType::Shot, 5, "sh050"));
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::ParentMissing]);
    assert_eq!(node(&planned, FlowType::Task, 6).verdict, Verdict::Blocked);
    assert_eq!(node(&planned, FlowType::Task, 7).verdict, Verdict::Create);
}

#[test]
fn a_selected_row_below_something_blocked_says_so_itself() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 5, "it's", ParentValue::Empty);
    stage.row(FlowType::Task, 6, "anim", link(FlowType::Shot, 5, "it's"));
    stage.wanted = Wanted::Rows([FlowRef::new(FlowType::Task, 6)].into());
    assert_eq!(codes(&stage.plan()), [Code::LabelNotAllowed, Code::ParentBlocked]);
}

#[test]
fn rows_in_a_circle_are_blocked_and_nobody_else() {
    let mut stage = Stage::empty();
    stage.chain(FlowType::Asset, Some("sg_parent"));
    stage.row(FlowType::Asset, 1, "a", link(FlowType::Asset, 2, "b"));
    stage.row(FlowType::Asset, 2, "b", link(FlowType::Asset, 3, "c"));
    stage.row(FlowType::Asset, 3, "c", link(FlowType::Asset, 1, "a"));
    stage.row(FlowType::Asset, 4, "below", link(FlowType::Asset, 3, "c"));
    stage.row(FlowType::Asset, 5, "own", link(FlowType::Asset, 5, "own"));
    stage.row(FlowType::Asset, 6, "fine", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::ParentCycle; 5]);
    assert_eq!(created(&planned), ["/fine"]);
}

#[test]
fn tasks_need_a_folder() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Task, 10, "loose", ParentValue::Empty);
    stage.row(
        FlowType::Task,
        11,
        "admin",
        link(FlowType::Project, 188, "harbor_lights"),
    );
    let version = ParentValue::Row {
        kind: "Version".to_owned(),
        id: FlowId(9),
        name: "v1".to_owned(),
    };
    stage.row(FlowType::Task, 12, "review", version);
    assert_eq!(
        codes(&stage.plan()),
        [Code::TaskOnOther, Code::TaskOnOther, Code::TaskWithoutEntity]
    );
}

#[test]
fn categories_are_matched_by_name_and_made_once() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Asset, 4, "Bob", ParentValue::Text("Sci Fi".to_owned()));
    stage.row(FlowType::Asset, 5, "Ann", ParentValue::Text("sci-fi".to_owned()));
    let planned = stage.plan();
    assert_eq!(created(&planned), ["/sci_fi", "/sci_fi/Bob", "/sci_fi/Ann"]);
    let existing = stage.folder("Sci_Fi", "AssetCategory", None, None);
    let planned = stage.plan();
    assert_eq!(created(&planned), ["/Sci_Fi/Bob", "/Sci_Fi/Ann"]);
    stage.content().folders.get_mut(&existing).unwrap().folder_type = "Folder".to_owned();
    assert_eq!(codes(&stage.plan()), [Code::CategoryTaken, Code::CategoryTaken]);
}

#[test]
fn a_category_and_a_row_cannot_share_a_name() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Episode, 1, "Props", ParentValue::Empty);
    stage.row(FlowType::Asset, 4, "Bob", ParentValue::Text("props".to_owned()));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NameClash]);
    assert_eq!(created(&planned), ["/props", "/props/Bob"]);
}

#[test]
fn what_sits_elsewhere_stays_and_is_told() {
    let mut stage = Stage::fixture().applied();
    stage.row(FlowType::Sequence, 20, "sq02", link(FlowType::Episode, 1, "ep01"));
    stage
        .flow
        .rows
        .get_mut(&FlowRef::new(FlowType::Shot, 3))
        .unwrap()
        .parent = link(FlowType::Sequence, 20, "sq02");
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::SitsElsewhere]);
    assert_eq!(node(&planned, FlowType::Shot, 3).path, "/ep01/sq01/sh010");
    let [made] = ticked(&planned).try_into().unwrap();
    assert_eq!(made.ayon.as_ref().unwrap().path, "/ep01/sq02");
}

#[test]
fn rows_of_another_project_or_type_are_named() {
    let mut stage = Stage::fixture();
    stage
        .row(FlowType::Shot, 5, "foreign", ParentValue::Empty)
        .project = Some(FlowId(7));
    stage.rules.enabled.remove(&FlowType::Asset);
    stage.flow.schema.visible.remove(&FlowType::Episode);
    let planned = stage.plan();
    // The Episode is hidden, its Sequence has no parent to hang on, and the Shot below follows in silence.
    assert_eq!(
        codes(&planned),
        [
            Code::OtherProject,
            Code::ParentMissing,
            Code::TypeHidden,
            Code::TypeNotEnabled
        ]
    );
    assert_eq!(created(&planned), [""; 0]);
}

#[test]
fn a_category_without_assets_is_not_made() {
    let mut stage = Stage::empty();
    stage.row(
        FlowType::Asset,
        4,
        "it's",
        ParentValue::Text("Character".to_owned()),
    );
    stage.row(FlowType::Asset, 5, "twin", ParentValue::Text("Prop".to_owned()));
    stage.row(FlowType::Asset, 6, "TWIN", ParentValue::Text("prop".to_owned()));
    let planned = stage.plan();
    assert_eq!(
        codes(&planned),
        [Code::LabelNotAllowed, Code::NameClash, Code::NameClash]
    );
    assert!(planned.plan.operations.is_empty());
    stage.row(FlowType::Asset, 7, "Bob", ParentValue::Text("Prop".to_owned()));
    assert_eq!(created(&stage.plan()), ["/prop", "/prop/Bob"]);
}

#[test]
fn one_spelling_of_a_category_does_not_cost_the_other() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Asset, 4, "Ann", ParentValue::Text("Prop's".to_owned()));
    stage.row(FlowType::Asset, 5, "Bob", ParentValue::Text("Props".to_owned()));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::LabelNotAllowed]);
    assert_eq!(created(&planned), ["/props", "/props/Bob"]);
}

#[test]
fn a_category_that_nobody_goes_into_costs_no_row_its_name() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Episode, 1, "Prop", ParentValue::Empty);
    stage.row(FlowType::Asset, 4, "twin", ParentValue::Text("Prop".to_owned()));
    stage.row(FlowType::Asset, 5, "TWIN", ParentValue::Text("Prop".to_owned()));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NameClash, Code::NameClash]);
    assert_eq!(created(&planned), ["/Prop"]);
}
