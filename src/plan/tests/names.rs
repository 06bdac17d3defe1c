//! Names, labels and types of what is made.

use super::stage::{Stage, codes, created, link, node, ticked};
use crate::model::{FlowRef, FlowType};
use crate::plan::{On, ParentValue, Step, Write};
use crate::problem::{Code, Severity};

#[test]
fn folders_keep_empty_pieces_and_tasks_drop_them() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 1, "foo - bar", ParentValue::Empty);
    stage.row(
        FlowType::Task,
        2,
        "comp - final",
        link(FlowType::Shot, 1, "foo - bar"),
    );
    assert_eq!(created(&stage.plan()), ["/foo___bar", "/foo___bar/comp_final"]);
}

#[test]
fn a_label_is_kept_only_where_it_differs_from_the_name() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 1, "sh_010", ParentValue::Empty);
    stage.row(FlowType::Shot, 2, "Café", ParentValue::Empty);
    let labels: Vec<Option<String>> = stage
        .plan()
        .intents
        .iter()
        .filter_map(|intent| match &intent.write {
            Write::CreateFolder(entity) => Some(entity.label.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(labels, [None, Some("Café".to_owned())]);
}

#[test]
fn empty_and_forbidden_names_are_blocked() {
    let mut stage = Stage::empty();
    for (id, name) in [(1, ""), (2, "   "), (3, "???"), (4, "it's"), (5, "a;b")] {
        stage.row(FlowType::Shot, id, name, ParentValue::Empty);
    }
    stage.row(FlowType::Asset, 6, "Bob", ParentValue::Text("???".to_owned()));
    let planned = stage.plan();
    assert_eq!(
        codes(&planned),
        [
            Code::LabelNotAllowed,
            Code::LabelNotAllowed,
            Code::NameEmpty,
            Code::NameEmpty,
            Code::NameEmpty,
            Code::NameEmpty
        ]
    );
    assert!(planned.plan.operations.is_empty());
    assert!(
        planned
            .plan
            .problems
            .iter()
            .all(|problem| !problem.remedy.is_empty())
    );
}

#[test]
fn nul_never_reaches_ayon() {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 1, "sh\u{0} 1", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(created(&planned), ["/sh_1"]);
    assert_eq!(planned.plan.nodes[1].label.as_deref(), Some("sh 1"));
}

#[test]
fn a_task_without_a_name_takes_its_type() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Task, 7, "", link(FlowType::Shot, 3, "sh010"));
    assert!(created(&stage.plan()).contains(&"/ep01/sq01/sh010/Animation".to_owned()));
}

#[test]
fn task_types_come_from_steps_and_missing_ones_are_added_first() {
    let mut stage = Stage::fixture();
    stage
        .row(FlowType::Task, 7, "fx", link(FlowType::Shot, 3, "sh010"))
        .step = Some(Step {
        code: Some("Effects".to_owned()),
        short_name: Some("FX".to_owned()),
    });
    stage
        .row(FlowType::Task, 8, "misc", link(FlowType::Shot, 3, "sh010"))
        .step = Some(Step {
        code: None,
        short_name: None,
    });
    // Steps share codes across entity types, and AYON refuses a second type that differs in case only.
    stage
        .row(FlowType::Task, 9, "anim", link(FlowType::Asset, 4, "Bob"))
        .step = Some(Step {
        code: Some("ANIMATION".to_owned()),
        short_name: Some("anm".to_owned()),
    });
    let planned = stage.plan();
    let added: Vec<&Write> = planned
        .intents
        .iter()
        .zip(&planned.plan.operations)
        .filter(|(_, operation)| operation.on == On::Anatomy)
        .map(|(intent, _)| &intent.write)
        .collect();
    assert_eq!(
        added,
        [
            &Write::AddFolderType {
                name: "AssetCategory".to_owned()
            },
            &Write::AddTaskType {
                name: "Effects".to_owned(),
                short_name: "fx".to_owned()
            },
        ]
    );
    assert_eq!(node(&planned, FlowType::Task, 8).kind, "Generic");
    assert_eq!(node(&planned, FlowType::Task, 9).kind, "Animation");
    stage.applied();
}

#[test]
fn a_rename_in_flow_changes_the_label_and_nothing_else() {
    let mut stage = Stage::fixture().applied();
    let shot = FlowRef::new(FlowType::Shot, 3);
    stage.flow.rows.get_mut(&shot).unwrap().name = Some("Shot 10".to_owned());
    let planned = stage.plan();
    let [operation] = ticked(&planned)[..] else {
        panic!("one update")
    };
    assert_eq!(operation.changes.len(), 1);
    assert_eq!(operation.changes[0].field, "label");
    let mut stage = stage.applied();
    // Back to the name: AYON keeps no label that equals it.
    stage.flow.rows.get_mut(&shot).unwrap().name = Some("sh010".to_owned());
    let stage = stage.applied();
    assert!(
        stage
            .ayon
            .project
            .as_ref()
            .unwrap()
            .folders
            .values()
            .all(|folder| folder.label.as_deref() != Some("Shot 10"))
    );
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn a_forbidden_label_of_a_linked_row_is_a_warning() {
    let mut stage = Stage::fixture().applied();
    stage
        .flow
        .rows
        .get_mut(&FlowRef::new(FlowType::Shot, 3))
        .unwrap()
        .name = Some("it's".to_owned());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::LabelNotAllowed]);
    assert_eq!(planned.plan.problems[0].severity, Severity::Warning);
    assert!(ticked(&planned).is_empty());
}
