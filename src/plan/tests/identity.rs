//! Who a row is in AYON.

use super::stage::{Stage, codes, link, node};
use crate::model::{AyonId, FlowRef, FlowType};
use crate::plan::{ParentValue, Verdict, Write};
use crate::problem::Code;

const SHOT: FlowRef = FlowRef {
    kind: FlowType::Shot,
    id: crate::model::FlowId(3),
};

fn lone_shot() -> Stage {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 3, "sh010", ParentValue::Empty);
    stage
}

fn new_id(stage: &Stage) -> AyonId {
    let planned = stage.plan();
    let Write::CreateFolder(entity) = &planned.intents[0].write else {
        panic!("a create")
    };
    entity.id
}

#[test]
fn a_new_row_takes_the_id_that_flow_holds_when_it_is_free() {
    let mut stage = lone_shot();
    let derived = new_id(&stage);
    let held = AyonId::derived(&["held"]);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(held.to_string());
    assert_eq!(new_id(&stage), held);
    // A copied row carries the same id: it belongs to neither.
    stage.row(FlowType::Shot, 4, "copy", ParentValue::Empty).ayon_id = Some(held.to_string());
    assert_eq!(new_id(&stage), derived);
    for rubbish in ["removed", "harbor_lights", "", "538F405E"] {
        stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(rubbish.to_owned());
        assert_eq!(new_id(&stage), derived, "{rubbish:?}");
    }
}

#[test]
fn ids_differ_between_sites_projects_and_rows() {
    let stage = lone_shot();
    let mut elsewhere = stage.clone();
    elsewhere.rules.site = "other.example".to_owned();
    assert_ne!(new_id(&stage), new_id(&elsewhere));
}

#[test]
fn an_id_that_is_a_task_in_ayon_is_not_free() {
    let mut stage = Stage::fixture();
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    let mut stage = stage.applied();
    let task = *stage.content().tasks.keys().next().unwrap();
    stage.row(FlowType::Shot, 9, "new", ParentValue::Empty).ayon_id = Some(task.to_string());
    assert_ne!(new_id(&stage), task);
}

#[test]
fn a_link_that_only_ayon_knows_is_told_to_flow() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, Some(SHOT));
    let planned = stage.plan();
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Update);
    assert_eq!(planned.intents[0].write, Write::Nothing);
    let stage = stage.applied();
    assert_eq!(stage.flow.rows[&SHOT].ayon_id, Some(id.to_string()));
    assert!(stage.plan().plan.operations.is_empty());
}

#[test]
fn a_link_that_only_flow_knows_is_told_to_ayon() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, None);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(id.to_string());
    let stage = stage.applied();
    assert_eq!(
        stage.ayon.project.as_ref().unwrap().folders[&id]
            .shotgrid_id
            .as_deref(),
        Some("3")
    );
    assert!(stage.plan().plan.operations.is_empty());
}

#[test]
fn a_create_that_flow_never_heard_of_is_found_again() {
    let mut stage = lone_shot().applied();
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = None;
    let planned = stage.plan();
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Update);
    assert_eq!(stage.applied().paths(), ["/sh010"], "no twin");
}

#[test]
fn a_copied_id_belongs_to_its_original() {
    let mut stage = lone_shot().applied();
    let id = stage.flow.rows[&SHOT].ayon_id.clone();
    stage.row(FlowType::Shot, 4, "copy", ParentValue::Empty).ayon_id = id;
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::IdOfOther]);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Unchanged);
}

#[test]
fn ids_that_contradict_each_other_are_blocked() {
    let mut stage = lone_shot();
    stage.folder("a", "Shot", None, Some(SHOT));
    stage.folder("b", "Shot", None, Some(SHOT));
    assert_eq!(codes(&stage.plan()), [Code::IdMismatch]);

    let mut stage = lone_shot();
    stage.folder("a", "Shot", None, Some(SHOT));
    let other = stage.folder("b", "Shot", None, None);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(other.to_string());
    assert_eq!(codes(&stage.plan()), [Code::IdMismatch]);
}

#[test]
fn an_unlinked_twin_is_not_overwritten() {
    let mut stage = lone_shot();
    stage.folder("SH010", "Shot", None, None);
    assert_eq!(codes(&stage.plan()), [Code::NameTaken]);
}

#[test]
fn an_inactive_partner_is_told_and_an_inactive_stranger_frees_the_name() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, Some(SHOT));
    stage.content().folders.get_mut(&id).unwrap().active = false;
    assert_eq!(codes(&stage.plan()), [Code::AyonInactive]);
    let folder = stage.content().folders.get_mut(&id).unwrap();
    (folder.shotgrid_id, folder.shotgrid_type) = (None, None);
    assert_eq!(codes(&stage.plan()), []);
    assert_eq!(node(&stage.plan(), FlowType::Shot, 3).verdict, Verdict::Create);
}

#[test]
fn another_type_in_ayon_is_told_and_kept() {
    let mut stage = lone_shot();
    stage.folder("sh010", "Asset", None, Some(SHOT));
    assert_eq!(codes(&stage.plan()), [Code::TypeDiffers]);
}

#[test]
fn an_id_that_several_rows_hold_and_ayon_does_not_settle_is_nobodys() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, None);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(id.to_string());
    stage.row(FlowType::Shot, 4, "copy", ParentValue::Empty).ayon_id = Some(id.to_string());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::IdOfOther, Code::IdOfOther]);
    assert!(planned.plan.operations.is_empty());
}
