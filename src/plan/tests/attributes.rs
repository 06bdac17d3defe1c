//! Attributes: which are carried, in what form, and what they inherit.

use rstest::rstest;
use serde_json::{Value, json};

use super::fields::{SHOT, TASK, change, changes, flow};
use super::stage::{Stage, codes, link, ticked};
use crate::model::{FlowId, FlowRef, FlowType};
use crate::plan::{AttributeKind, FieldKind, Held, LiveOn, MappedAttribute, On, ParentValue, Write};
use crate::problem::{Code, Severity};

const EVERYWHERE: LiveOn = LiveOn {
    project: true,
    folder: true,
    task: true,
};

fn mapped(name: &str, kind: AttributeKind, inherits: bool) -> MappedAttribute {
    MappedAttribute {
        ayon: name.to_owned(),
        flow: name.to_owned(),
        scope: FlowType::SYNCED.into(),
        kind,
        inherits,
        live: EVERYWHERE,
    }
}

/// A synced Shot below a synced Sequence, and one mapped number.
pub fn numbered() -> Stage {
    let mut stage = Stage::empty();
    stage.row(FlowType::Sequence, 2, "sq01", ParentValue::Empty);
    stage.row(FlowType::Shot, 3, "sh010", link(FlowType::Sequence, 2, "sq01"));
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    for kind in [
        FlowType::Project,
        FlowType::Sequence,
        FlowType::Shot,
        FlowType::Task,
    ] {
        let fields = stage.flow.schema.fields.entry(kind).or_default();
        fields.insert("frameStart".to_owned(), FieldKind::Text);
    }
    stage.map(mapped("frameStart", AttributeKind::Integer, true));
    stage.applied()
}

fn value(stage: &mut Stage, key: FlowRef, value: Value) {
    flow(stage, key).values = vec![(0, value)];
}

fn held(stage: &Stage, name: &str) -> (Value, bool) {
    let project = stage.ayon.project.as_ref().unwrap();
    let folder = project
        .folders
        .values()
        .find(|folder| folder.name == name)
        .unwrap();
    (folder.attributes[0].value.clone(), folder.attributes[0].own)
}

const SEQUENCE: FlowRef = FlowRef {
    kind: FlowType::Sequence,
    id: FlowId(2),
};

#[test]
fn zero_is_a_value_and_null_is_none() {
    let mut stage = numbered();
    value(&mut stage, SHOT, json!(0));
    assert_eq!(
        changes(&stage.plan(), SHOT),
        [change("frameStart", Value::Null, json!(0))]
    );
    let mut stage = stage.applied();
    assert_eq!(held(&stage, "sh010"), (json!(0), true));
    assert!(ticked(&stage.plan()).is_empty());
    value(&mut stage, SHOT, Value::Null);
    assert!(ticked(&stage.plan()).is_empty(), "cleared by option only");
    stage.rules.policy.clear_empty = true;
    assert_eq!(
        changes(&stage.plan(), SHOT),
        [change("frameStart", json!(0), Value::Null)]
    );
    let stage = stage.applied();
    assert_eq!(held(&stage, "sh010"), (Value::Null, false));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn clearing_leaves_an_inherited_value_alone() {
    let mut stage = numbered();
    stage.rules.policy.clear_empty = true;
    value(&mut stage, SEQUENCE, json!(1001));
    value(&mut stage, SHOT, Value::Null);
    let stage = stage.applied();
    assert_eq!(held(&stage, "sh010"), (json!(1001), false));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn an_inherited_value_is_written_by_option_only() {
    let mut stage = numbered();
    value(&mut stage, SEQUENCE, json!(1001));
    value(&mut stage, SHOT, json!(1001));
    value(&mut stage, TASK, json!(1001));
    // The value arrives above in the same plan.
    let planned = stage.plan();
    assert_eq!(changes(&planned, SEQUENCE).len(), 1);
    assert_eq!(changes(&planned, SHOT), []);
    assert_eq!(changes(&planned, TASK), []);
    let mut stage = stage.applied();
    assert_eq!(held(&stage, "sh010"), (json!(1001), false));
    assert!(ticked(&stage.plan()).is_empty());
    stage.rules.policy.repeat_inherited = true;
    assert_eq!(
        changes(&stage.plan(), SHOT),
        [change("frameStart", Value::Null, json!(1001))]
    );
    let stage = stage.applied();
    assert_eq!(held(&stage, "sh010"), (json!(1001), true));
    assert!(ticked(&stage.plan()).is_empty());
}

/// What is inherited now would be another value once the parent is changed by the same plan.
#[test]
fn a_value_that_the_same_plan_takes_away_above_is_written_below() {
    let mut stage = numbered();
    value(&mut stage, SEQUENCE, json!(1001));
    let mut stage = stage.applied();
    value(&mut stage, SEQUENCE, json!(900));
    value(&mut stage, SHOT, json!(1001));
    let stage = stage.applied();
    assert_eq!(held(&stage, "sq01"), (json!(900), true));
    assert_eq!(held(&stage, "sh010"), (json!(1001), true));
    assert!(ticked(&stage.plan()).is_empty());
}

/// A folder of AYON's own hands on what the same plan changes above it.
#[test]
fn a_value_comes_through_folders_that_no_row_stands_for() {
    let category = || ParentValue::Text("Character".to_owned());
    let mut stage = numbered();
    stage.flow.schema.fields.insert(
        FlowType::Asset,
        [("frameStart".to_owned(), FieldKind::Text)].into(),
    );
    stage.row(FlowType::Asset, 4, "Bob", category());
    let mut stage = stage.applied();
    stage.flow.project.values = vec![(0, json!(25))];
    for (id, name, wanted) in [(4, "Bob", 25), (5, "Ann", 25), (6, "Own", 24)] {
        if id > 4 {
            stage.row(FlowType::Asset, id, name, category());
        }
        value(&mut stage, FlowRef::new(FlowType::Asset, id), json!(wanted));
    }
    let stage = stage.applied();
    assert_eq!(held(&stage, "Bob"), (json!(25), false));
    assert_eq!(held(&stage, "Ann"), (json!(25), false));
    assert_eq!(held(&stage, "Own"), (json!(24), true));
    assert!(ticked(&stage.plan()).is_empty());
    // What the project shows is changed, so what was inherited is not what Flow wants any more.
    let mut stage = stage;
    stage.flow.project.values = vec![(0, json!(30))];
    let stage = stage.applied();
    assert_eq!(held(&stage, "Bob"), (json!(25), true));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn a_new_child_of_a_new_parent_inherits_what_the_parent_will_have() {
    let mut stage = numbered();
    stage
        .row(FlowType::Sequence, 20, "sq02", ParentValue::Empty)
        .values = vec![(0, json!(5))];
    stage
        .row(FlowType::Shot, 30, "same", link(FlowType::Sequence, 20, "sq02"))
        .values = vec![(0, json!(5))];
    stage
        .row(FlowType::Shot, 31, "other", link(FlowType::Sequence, 20, "sq02"))
        .values = vec![(0, json!(6))];
    let stage = stage.applied();
    assert_eq!(held(&stage, "same"), (json!(5), false));
    assert_eq!(held(&stage, "other"), (json!(6), true));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn what_is_not_inheritable_is_written_on_each() {
    let mut stage = numbered();
    stage.rules.attributes[0].inherits = false;
    stage.inherit();
    value(&mut stage, SEQUENCE, json!(1001));
    value(&mut stage, SHOT, json!(1001));
    let stage = stage.applied();
    assert_eq!(held(&stage, "sh010"), (json!(1001), true));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn an_equal_own_value_is_not_written_again() {
    let mut stage = numbered();
    stage.folder_of(SHOT).attributes[0] = Held {
        value: json!(1001),
        own: true,
    };
    stage.inherit();
    value(&mut stage, SHOT, json!("1001"));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn a_value_that_does_not_fit_is_named_and_the_rest_goes_on() {
    let mut stage = numbered();
    value(&mut stage, SHOT, json!("soon"));
    flow(&mut stage, SHOT).tags = vec!["hero".into()];
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::ValueUnfitting]);
    let problem = &planned.plan.problems[0];
    assert_eq!(problem.severity, Severity::Warning);
    assert_eq!(problem.flow.as_ref().unwrap().key, SHOT);
    assert!(
        problem.message.contains("frameStart") && problem.message.contains("soon"),
        "{problem:?}"
    );
    assert_eq!(
        changes(&planned, SHOT),
        [change("tags", json!([]), json!(["hero"]))]
    );
}

#[rstest]
#[case::prefixed_wins(&["cut_in", "sg_cut_in"], Some("sg_cut_in"))]
#[case::plain(&["cut_in"], Some("cut_in"))]
#[case::neither(&["code"], None)]
fn a_field_is_looked_for_with_its_prefix_first(#[case] fields: &[&str], #[case] expected: Option<&str>) {
    let mut stage = Stage::empty();
    let fields = fields.iter().map(|name| ((*name).to_owned(), FieldKind::Text));
    stage.flow.schema.fields.insert(FlowType::Shot, fields.collect());
    let mut attribute = mapped("frameStart", AttributeKind::Integer, true);
    attribute.flow = "cut_in".to_owned();
    assert_eq!(
        attribute.field_on(FlowType::Shot, &stage.flow.schema).as_deref(),
        expected
    );
    // The addon's scope only decides where fields are made; the admin page says that it restricts the mapping.
    attribute.scope.remove(&FlowType::Shot);
    assert_eq!(attribute.field_on(FlowType::Shot, &stage.flow.schema), None);
}

#[test]
fn attributes_and_fields_that_nobody_knows_are_named_once() {
    let mut stage = numbered();
    let mut unknown = mapped("shutter", AttributeKind::Float, false);
    unknown.live = LiveOn::default();
    stage.map(unknown);
    let mut nowhere = mapped("fps", AttributeKind::Float, false);
    nowhere.flow = "frame_rate".to_owned();
    stage.map(nowhere);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::AttributeUnknown, Code::FieldUnknown]);
    let problems = &planned.plan.problems;
    assert!(
        problems
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
    );
    assert!(problems[0].message.contains("shutter"), "{:?}", problems[0]);
    assert!(problems[1].message.contains("frame_rate"), "{:?}", problems[1]);
}

#[test]
fn the_projects_own_values_and_tags_are_carried_when_the_whole_project_is_wanted() {
    let mut stage = numbered();
    stage.flow.project.values = vec![(0, json!(0))];
    stage.flow.project.tags = vec!["show".into()];
    let planned = stage.plan();
    let project = ticked(&planned)
        .into_iter()
        .find(|operation| operation.on == On::Project)
        .unwrap();
    assert_eq!(project.changes, [change("frameStart", Value::Null, json!(0))]);
    assert!(planned.intents.iter().any(|intent| intent.write
        == Write::AddTag {
            name: "show".to_owned()
        }));
    let after = stage.clone().applied();
    assert!(ticked(&after.plan()).is_empty());
    stage.wanted = crate::plan::Wanted::Rows([SHOT].into());
    assert!(ticked(&stage.plan()).is_empty(), "the project is not selected");
}
