//! Who a row is in AYON.

use std::time::Duration;

use super::stage::{Stage, codes, link, node, ticked};
use crate::model::{AyonId, FlowRef, FlowType};
use crate::plan::{ParentValue, Verdict, Write, estimate};
use crate::problem::{Code, Severity};

const SHOT: FlowRef = FlowRef {
    kind: FlowType::Shot,
    id: crate::model::FlowId(3),
};

fn lone_shot() -> Stage {
    let mut stage = Stage::empty();
    stage.row(FlowType::Shot, 3, "sh010", ParentValue::Empty);
    stage
}

/// The id that amigo gives a row which has none.
fn made_for(stage: &Stage, row: FlowRef) -> AyonId {
    let mut stage = stage.clone();
    stage.content().folders.clear();
    stage.flow.rows.get_mut(&row).unwrap().ayon_id = None;
    stage.applied().folder_of(row).id
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
    assert!(ticked(&stage.plan()).is_empty());
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
    assert!(ticked(&stage.plan()).is_empty());
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
    assert_eq!(planned.plan.problems[0].severity, Severity::Warning);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Unchanged);
    // The copy is a row of its own, and Flow hears so.
    assert_eq!(node(&planned, FlowType::Shot, 4).verdict, Verdict::Create);
    let stage = stage.applied();
    let ids: Vec<_> = stage.flow.rows.values().map(|row| row.ayon_id.clone()).collect();
    assert_ne!(ids[0], ids[1]);
    assert_eq!(codes(&stage.plan()), []);
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
fn an_unlinked_twin_of_the_same_type_is_taken_over() {
    let mut stage = lone_shot();
    let id = stage.folder("SH010", "Shot", None, None);
    let planned = stage.plan();
    assert_eq!(codes(&planned), []);
    assert_eq!(node(&planned, FlowType::Shot, 3).verdict, Verdict::Update);
    let mut stage = stage.applied();
    assert_eq!(stage.folder_of(SHOT).id, id);
    assert_eq!(stage.flow.rows[&SHOT].ayon_id, Some(id.to_string()));
    assert!(ticked(&stage.plan()).is_empty());
}

#[test]
fn an_unlinked_twin_of_another_type_is_not_overwritten() {
    let mut stage = lone_shot();
    stage.folder("SH010", "Folder", None, None);
    assert_eq!(codes(&stage.plan()), [Code::NameTaken]);
}

#[test]
fn a_twin_that_two_rows_want_is_nobodys() {
    let mut stage = lone_shot();
    stage.row(FlowType::Shot, 4, "SH010", ParentValue::Empty);
    stage.folder("sh010", "Shot", None, None);
    assert_eq!(codes(&stage.plan()), [Code::NameTaken, Code::NameTaken]);
}

#[test]
fn an_inactive_partner_is_switched_on_and_an_inactive_stranger_frees_the_name() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, Some(SHOT));
    stage.content().folders.get_mut(&id).unwrap().active = false;
    assert_eq!(codes(&stage.plan()), []);
    assert!(stage.clone().applied().folder_of(SHOT).active);
    let taken = stage.folder("SH010", "Folder", None, None);
    assert_eq!(codes(&stage.plan()), [Code::AyonInactive], "its name is taken");
    stage.content().folders.remove(&taken);
    let folder = stage.content().folders.get_mut(&id).unwrap();
    (folder.shotgrid_id, folder.shotgrid_type) = (None, None);
    assert_eq!(codes(&stage.plan()), []);
    assert_eq!(node(&stage.plan(), FlowType::Shot, 3).verdict, Verdict::Create);
}

#[test]
fn another_type_in_ayon_is_told_and_kept() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Asset", None, Some(SHOT));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::TypeDiffers]);
    let [offer] = node(&planned, FlowType::Shot, 3).offers.try_into().unwrap();
    let stage = stage.applied();
    assert_eq!(
        stage.ayon.project.as_ref().unwrap().folders[&id].folder_type,
        "Asset"
    );
    let stage = stage.applied_with(|operation| operation.id == offer);
    assert_eq!(
        stage.ayon.project.as_ref().unwrap().folders[&id].folder_type,
        "Shot"
    );
    assert_eq!(codes(&stage.plan()), []);
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

/// The original need not be among the rows that are looked at.
#[test]
fn an_id_that_a_row_elsewhere_holds_as_well_is_nobodys() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, None);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(id.to_string());
    stage.flow.other_holders = [(id, FlowRef::new(FlowType::Shot, 4))].into();
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::IdOfOther]);
    assert!(planned.plan.operations.is_empty());
}

/// What amigo made for a row is that row's, also when only another one still holds its id.
#[test]
fn an_id_that_was_made_for_another_row_is_a_copy() {
    let mut stage = lone_shot();
    stage.row(FlowType::Shot, 4, "sh020", ParentValue::Empty);
    for known in [true, false] {
        let mut stage = if known {
            stage.clone().applied()
        } else {
            stage.clone()
        };
        let made = made_for(&stage, SHOT);
        if known {
            for row in [SHOT, FlowRef::new(FlowType::Shot, 4)] {
                let folder = stage.folder_of(row);
                (folder.shotgrid_id, folder.shotgrid_type) = (None, None);
            }
        }
        stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = None;
        let other = FlowRef::new(FlowType::Shot, 4);
        stage.flow.rows.get_mut(&other).unwrap().ayon_id = Some(made.to_string());
        let mut stage = stage.applied();
        assert_eq!(stage.folder_of(SHOT).id, made);
        assert_ne!(stage.folder_of(other).id, made);
        assert_eq!(stage.paths(), ["/sh010", "/sh020"]);
        assert!(ticked(&stage.plan()).is_empty());
    }
}

#[test]
fn an_id_that_points_nowhere_is_replaced_by_the_one_that_ayon_knows() {
    let mut stage = lone_shot();
    let id = stage.folder("sh010", "Shot", None, Some(SHOT));
    let gone = AyonId::derived(&["gone"]);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(gone.to_string());
    let stage = stage.applied();
    assert_eq!(stage.flow.rows[&SHOT].ayon_id, Some(id.to_string()));
    assert!(ticked(&stage.plan()).is_empty());
}

/// One row holds its id in Flow, another would take it over by its name.
#[test]
fn what_a_row_holds_by_its_id_is_no_other_rows_twin() {
    let mut stage = lone_shot();
    let id = stage.folder("sh020", "Shot", None, None);
    stage.flow.rows.get_mut(&SHOT).unwrap().ayon_id = Some(id.to_string());
    stage.row(FlowType::Shot, 4, "sh020", ParentValue::Empty);
    assert_eq!(codes(&stage.plan()), [Code::NameTaken]);
    let mut stage = stage.applied();
    assert_eq!(stage.folder_of(SHOT).id, id);
    assert_eq!(stage.flow.rows[&FlowRef::new(FlowType::Shot, 4)].ayon_id, None);
}

/// Only what amigo and the addon would write is a link, so the folder is nobody's and shown as what it is.
#[test]
fn a_folder_with_a_link_that_nobody_writes_is_shown_as_a_folder() {
    let mut stage = lone_shot().applied();
    let odd = stage.folder("odd", "Shot", None, None);
    let folder = stage.content().folders.get_mut(&odd).unwrap();
    (folder.shotgrid_id, folder.shotgrid_type) = (Some("007".to_owned()), Some("Shot".to_owned()));
    stage.folder_of(SHOT).parent = Some(odd);
    stage.row(FlowType::Shot, 7, "sh070", ParentValue::Empty);
    let planned = stage.plan();
    let place = |name: &str| {
        let nodes = &planned.plan.nodes;
        nodes.iter().position(|node| node.name == name).unwrap()
    };
    assert_eq!(planned.plan.nodes[place("odd")].flow, None);
    assert_eq!(place("sh010"), place("odd") + 1);
}

/// AYON's price is not paid for what only Flow hears of.
#[test]
fn what_only_flow_hears_of_takes_ayon_no_time() {
    let mut stage = lone_shot().applied();
    stage.content().size = 10_000;
    stage.flow.rows.get_mut(&SHOT).unwrap().sync_status = None;
    let plan = stage.plan().plan;
    assert_eq!(
        (plan.operations.len(), plan.projects[0].folders),
        (1, Some(10_000))
    );
    // One look at both systems and one batch to Flow.
    assert_eq!(estimate(&plan), Some(Duration::from_millis(1500)));
}

#[test]
fn what_is_switched_on_again_takes_its_name_before_anything_new() {
    let mut stage = lone_shot().applied();
    stage.folder_of(SHOT).active = false;
    stage.row(FlowType::Shot, 4, "SH010", ParentValue::Empty);
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::NameTaken]);
    assert_eq!(planned.plan.problems[0].flow.as_ref().unwrap().key.id.0, 4);
    assert!(stage.applied().folder_of(SHOT).active);
}

#[test]
fn a_selected_version_without_entity_is_named() {
    let mut stage = lone_shot();
    let version = FlowRef::new(FlowType::Version, 9);
    stage.flow.empty_versions.insert(version, "v001".to_owned());
    stage.wanted = crate::plan::Wanted::Rows([version].into());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::VersionWithoutEntity]);
    assert!(
        planned.plan.problems[0].message.contains("v001")
            || planned.plan.problems[0]
                .flow
                .as_ref()
                .is_some_and(|flow| flow.name == "v001")
    );
    assert_eq!(node(&planned, FlowType::Version, 9).verdict, Verdict::Blocked);
}

#[test]
fn a_task_is_adopted_and_repaired_like_a_folder() {
    let mut stage = lone_shot();
    stage.row(FlowType::Task, 7, "anim", link(FlowType::Shot, 3, "sh010"));
    let mut stage = stage.applied();
    let id = stage.task_of(7).id;
    let task = stage.task_of(7);
    (task.shotgrid_id, task.shotgrid_type) = (None, None);
    // Flow remembers: the link is mended. Flow forgot as well: the twin is taken over.
    for held in [Some(id.to_string()), None] {
        let mut stage = stage.clone();
        stage
            .flow
            .rows
            .get_mut(&FlowRef::new(FlowType::Task, 7))
            .unwrap()
            .ayon_id = held;
        let mut stage = stage.applied();
        assert_eq!(stage.task_of(7).id, id);
        assert!(ticked(&stage.plan()).is_empty());
    }
}

/// A row that AYON knows is told its own id at once, also while what it holds is to be linked with its owner.
#[test]
fn a_copied_id_is_mended_together_with_the_link_of_its_original() {
    let mut stage = lone_shot();
    stage.row(FlowType::Shot, 4, "sh020", ParentValue::Empty);
    let mut stage = stage.applied();
    let made = stage.folder_of(SHOT);
    (made.shotgrid_id, made.shotgrid_type) = (None, None);
    let made = made.id.to_string();
    stage
        .flow
        .rows
        .get_mut(&FlowRef::new(FlowType::Shot, 4))
        .unwrap()
        .ayon_id = Some(made);
    assert!(ticked(&stage.applied().plan()).is_empty());
}
