//! Random productions with everything that is carried, and random edits on both sides.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::stage::{Stage, link};
use crate::model::{AyonId, ChainFolder, FlowId, FlowRef, FlowType, ParentingPreset};
use crate::plan::{
    Assignee, AttributeKind, AyonUser, FlowGroup, FlowPerson, Held, LiveOn, MappedAttribute, ParentValue,
};

/// One random row; what it hangs on and what it carries are picked by small numbers.
#[derive(Clone, Debug)]
pub struct Random {
    pub kind: FlowType,
    pub name: String,
    pub on: usize,
    pub hangs: bool,
    pub carries: Carries,
}

/// What a row carries besides name and place.
#[derive(Clone, Debug)]
pub struct Carries {
    status: Option<&'static str>,
    tags: Vec<&'static str>,
    assignees: Vec<Assignee>,
    frame: Value,
    note: Value,
}

/// What somebody does on either side. Numbers pick among what there is, and do nothing where there is none.
#[derive(Clone, Debug)]
pub enum Edit {
    FlowName(usize, String),
    FlowParent(usize, usize),
    FlowCarries(usize, Carries),
    FlowNew(Random),
    FlowGone(usize),
    FlowRetired(usize),
    FlowCopiesId(usize, usize),
    FlowForgetsId(usize),
    FlowHoldsRubbish(usize),
    AyonParent(usize, usize),
    AyonName(usize, String),
    AyonType(usize),
    AyonStatus(usize, usize),
    AyonTags(usize, Vec<&'static str>),
    AyonFrame(usize, Value),
    AyonUnlinks(usize),
    AyonSwitches(usize),
    AyonPublishes(usize),
    AyonFolder(String, bool, Option<usize>),
}

const TYPES: [FlowType; 5] = [
    FlowType::Episode,
    FlowType::Sequence,
    FlowType::Shot,
    FlowType::Asset,
    FlowType::Task,
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-b][ _-]?[0-9]",
        1 => Just(String::new()),
        1 => Just("it's".to_owned()),
        1 => "\\PC{0,4}",
    ]
}

fn tags() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec!["hero", "Hero", "important", "it's; odd", "mine"]),
        0..3,
    )
}

fn frame() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        Value::Null,
        json!(0),
        json!(1001),
        json!("1002"),
        json!(10.5),
        json!("soon"),
    ])
}

fn carries() -> impl Strategy<Value = Carries> {
    let codes = [
        None,
        Some("fin"),
        Some("hld"),
        Some("ip"),
        Some("new"),
        Some("New"),
        Some("omt"),
    ];
    let people = vec![
        Assignee::Person(FlowId(1)),
        Assignee::Person(FlowId(2)),
        Assignee::Person(FlowId(3)),
        Assignee::Group(FlowId(7)),
        Assignee::Group(FlowId(8)),
    ];
    (
        prop::sample::select(codes.to_vec()),
        tags(),
        prop::collection::vec(prop::sample::select(people), 0..3),
        frame(),
        prop::sample::select(vec![Value::Null, json!("a note"), json!("")]),
    )
        .prop_map(|(status, tags, assignees, frame, note)| Carries {
            status,
            tags,
            assignees,
            frame,
            note,
        })
}

pub fn row() -> impl Strategy<Value = Random> {
    (
        prop::sample::select(TYPES.to_vec()),
        name(),
        0..20_usize,
        prop::bool::weighted(0.8),
        carries(),
    )
        .prop_map(|(kind, name, on, hangs, carries)| Random {
            kind,
            name,
            on,
            hangs,
            carries,
        })
}

/// A production and the rules it is synced by.
pub fn studio() -> impl Strategy<Value = Stage> {
    let rules = (0..4_usize, any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(row(), 0..24), rules).prop_map(|(rows, (preset, clear, repeat, replaces))| {
        let mut stage = prepared(preset);
        stage.rules.policy.clear_empty = clear;
        stage.rules.policy.repeat_inherited = repeat;
        stage.rules.policy.label_replacement = replaces.then(|| "_".to_owned());
        for row in rows {
            add(&mut stage, &row);
        }
        stage
    })
}

pub fn edits(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Edit>> {
    let n = || 0..24_usize;
    let edit = prop_oneof![
        (n(), name()).prop_map(|(row, name)| Edit::FlowName(row, name)),
        (n(), n()).prop_map(|(row, on)| Edit::FlowParent(row, on)),
        (n(), carries()).prop_map(|(row, carries)| Edit::FlowCarries(row, carries)),
        row().prop_map(Edit::FlowNew),
        n().prop_map(Edit::FlowGone),
        n().prop_map(Edit::FlowRetired),
        (n(), n()).prop_map(|(row, of)| Edit::FlowCopiesId(row, of)),
        n().prop_map(Edit::FlowForgetsId),
        n().prop_map(Edit::FlowHoldsRubbish),
        (n(), n()).prop_map(|(folder, below)| Edit::AyonParent(folder, below)),
        (n(), "[a-b]_?[0-9]").prop_map(|(folder, name)| Edit::AyonName(folder, name)),
        n().prop_map(Edit::AyonType),
        (n(), n()).prop_map(|(folder, status)| Edit::AyonStatus(folder, status)),
        (n(), tags()).prop_map(|(folder, tags)| Edit::AyonTags(folder, tags)),
        (
            n(),
            prop::sample::select(vec![Value::Null, json!(0), json!(1001), json!(7)])
        )
            .prop_map(|(folder, frame)| Edit::AyonFrame(folder, frame)),
        n().prop_map(Edit::AyonUnlinks),
        n().prop_map(Edit::AyonSwitches),
        n().prop_map(Edit::AyonPublishes),
        ("[a-b]_?[0-9]", any::<bool>(), prop::option::of(n()))
            .prop_map(|(name, shot, below)| Edit::AyonFolder(name, shot, below)),
    ];
    prop::collection::vec(edit, count)
}

/// An empty production whose rules carry everything, with one of the presets.
fn prepared(preset: usize) -> Stage {
    let mut stage = Stage::empty();
    let person = |id, login: &str| FlowPerson {
        id: FlowId(id),
        login: login.to_owned(),
        name: login.to_owned(),
        email: Some(format!("{login}@demo-studio.example")),
    };
    stage.flow.people = Some(Arc::new(vec![
        person(1, "ann"),
        person(2, "bob"),
        person(3, "nobody"),
    ]));
    let group = FlowGroup {
        name: "both".to_owned(),
        members: vec![FlowId(1), FlowId(2)],
    };
    stage.flow.groups = [(FlowId(7), group)].into();
    let user = |name: &str| AyonUser {
        name: name.to_owned(),
        email: None,
    };
    stage.ayon.users = Arc::new(vec![user("ann"), user("bob"), user("own")]);
    stage.flow.known_tags = ["hero", "important"].map(str::to_owned).into();
    let titles = [("ip", "In progress"), ("new", "Brand new"), ("New", "Brand New")];
    let titles = titles.map(|(code, title)| (code.to_owned(), title.to_owned()));
    for kind in TYPES {
        stage.flow.schema.statuses.insert(kind, titles.clone().into());
    }
    for (name, kind, inherits) in [
        ("frameStart", AttributeKind::Integer, true),
        ("description", AttributeKind::Text, false),
    ] {
        stage.map(MappedAttribute {
            ayon: name.to_owned(),
            flow: name.to_owned(),
            scope: TYPES.into(),
            kind,
            inherits,
            live: LiveOn {
                project: true,
                folder: true,
                task: true,
            },
        });
        for kind in TYPES {
            let fields = stage.flow.schema.fields.entry(kind).or_default();
            fields.insert(name.to_owned(), crate::plan::FieldKind::Text);
        }
    }
    let place = |kind, names: &[&str]| ParentingPreset {
        kind,
        parents: names
            .iter()
            .map(|name| ChainFolder {
                kind: "Folder".to_owned(),
                name: (*name).to_owned(),
            })
            .collect(),
    };
    let mode = &mut stage.rules.parenting.type_grouping;
    mode.enabled = preset > 0;
    mode.presets = match preset {
        1 => vec![place(FlowType::Shot, &["all", "shots"])],
        2 => vec![
            place(FlowType::Asset, &["all", "assets"]),
            place(FlowType::Sequence, &["all"]),
        ],
        // The chain has the name of what may go into it.
        3 => vec![place(FlowType::Shot, &["a1"])],
        _ => Vec::new(),
    };
    stage
}

fn add(stage: &mut Stage, random: &Random) {
    let id = 1 + stage
        .flow
        .rows
        .keys()
        .chain(stage.flow.retired.keys())
        .map(|row| row.id.0)
        .max()
        .unwrap_or(0);
    let parent = parent(stage, random.kind, random.on, random.hangs);
    stage.row(random.kind, id, &random.name, parent);
    carry(stage, FlowRef::new(random.kind, id), &random.carries);
}

/// One of the rows that a row of this type hangs on, or a category.
fn parent(stage: &Stage, kind: FlowType, on: usize, hangs: bool) -> ParentValue {
    let above = match kind {
        FlowType::Sequence => [FlowType::Episode; 2],
        FlowType::Shot => [FlowType::Sequence; 2],
        FlowType::Task => [FlowType::Shot, FlowType::Asset],
        FlowType::Asset if hangs => {
            return ParentValue::Text(["Prop", "prop", "a1", "it's"][on % 4].to_owned());
        }
        _ => return ParentValue::Empty,
    };
    let rows: Vec<&FlowRef> = stage
        .flow
        .rows
        .keys()
        .filter(|row| above.contains(&row.kind))
        .collect();
    match pick(&rows, on) {
        Some(row) if hangs => link(row.kind, row.id.0, "above"),
        None if hangs => link(above[0], 999, "gone"),
        _ => ParentValue::Empty,
    }
}

fn carry(stage: &mut Stage, key: FlowRef, carries: &Carries) {
    let row = stage.flow.rows.get_mut(&key).unwrap();
    row.status = carries.status.map(Arc::from);
    row.tags = carries.tags.iter().map(|tag| Arc::from(*tag)).collect();
    if key.kind == FlowType::Task {
        row.assignees.clone_from(&carries.assignees);
    }
    row.values = vec![(0, carries.frame.clone()), (1, carries.note.clone())];
}

fn pick<T: Copy>(of: &[T], index: usize) -> Option<T> {
    of.get(index % of.len().max(1)).copied()
}

pub fn edit(stage: &mut Stage, edit: &Edit) {
    let rows: Vec<FlowRef> = stage.flow.rows.keys().copied().collect();
    let folders: Vec<AyonId> = stage.content().folders.keys().copied().collect();
    let row = |index: &usize| pick(&rows, *index);
    let folder = |index: &usize| pick(&folders, *index);
    match edit {
        Edit::FlowName(index, name) => {
            if let Some(key) = row(index) {
                stage.flow.rows.get_mut(&key).unwrap().name = Some(name.clone());
            }
        }
        Edit::FlowParent(index, on) => {
            if let Some(key) = row(index) {
                let parent = parent(stage, key.kind, *on, true);
                stage.flow.rows.get_mut(&key).unwrap().parent = parent;
            }
        }
        Edit::FlowCarries(index, carries) => {
            if let Some(key) = row(index) {
                carry(stage, key, carries);
            }
        }
        Edit::FlowNew(random) => add(stage, random),
        Edit::FlowGone(index) => {
            if let Some(key) = row(index) {
                stage.flow.rows.remove(&key);
            }
        }
        Edit::FlowRetired(index) => {
            if let Some(key) = row(index) {
                let gone = stage.flow.rows.remove(&key).unwrap();
                stage.flow.retired.insert(key, gone.name.unwrap_or_default());
            }
        }
        Edit::FlowCopiesId(index, of) => {
            if let (Some(key), Some(of)) = (row(index), row(of)) {
                let id = stage.flow.rows[&of].ayon_id.clone();
                stage.flow.rows.get_mut(&key).unwrap().ayon_id = id;
            }
        }
        Edit::FlowForgetsId(index) => {
            if let Some(key) = row(index) {
                stage.flow.rows.get_mut(&key).unwrap().ayon_id = None;
            }
        }
        Edit::FlowHoldsRubbish(index) => {
            if let Some(key) = row(index) {
                stage.flow.rows.get_mut(&key).unwrap().ayon_id = Some("removed".to_owned());
            }
        }
        _ => edit_ayon(stage, edit, folder),
    }
}

/// What people do in AYON, as far as the server lets them.
fn edit_ayon(stage: &mut Stage, edit: &Edit, folder: impl Fn(&usize) -> Option<AyonId>) {
    let statuses = stage.content().anatomy.statuses.clone();
    let free = |stage: &Stage, id: Option<AyonId>, parent: Option<AyonId>, name: &str| {
        let folders = &stage.ayon.project.as_ref().unwrap().folders;
        !folders.values().any(|other| {
            Some(other.id) != id && other.parent == parent && other.name.eq_ignore_ascii_case(name)
        })
    };
    match edit {
        Edit::AyonParent(index, below) => {
            let (Some(id), Some(below)) = (folder(index), folder(below)) else {
                return;
            };
            let name = stage.content().folders[&id].name.clone();
            let inside = above(stage, below).contains(&id);
            if !inside
                && free(stage, Some(id), Some(below), &name)
                && !stage.content().folders[&id].has_versions
            {
                stage.content().folders.get_mut(&id).unwrap().parent = Some(below);
            }
        }
        Edit::AyonName(index, name) => {
            let Some(id) = folder(index) else { return };
            let parent = stage.content().folders[&id].parent;
            if free(stage, Some(id), parent, name) && !stage.content().folders[&id].has_versions {
                stage
                    .content()
                    .folders
                    .get_mut(&id)
                    .unwrap()
                    .name
                    .clone_from(name);
            }
        }
        Edit::AyonType(index) => {
            let Some(id) = folder(index) else { return };
            let folder = stage.content().folders.get_mut(&id).unwrap();
            if !folder.has_versions {
                folder.folder_type = "Folder".to_owned();
            }
        }
        Edit::AyonStatus(index, status) => {
            let Some(id) = folder(index) else { return };
            let status = &statuses[status % statuses.len()].name;
            stage.content().folders.get_mut(&id).unwrap().status = status.as_str().into();
        }
        Edit::AyonTags(index, tags) => {
            let Some(id) = folder(index) else { return };
            let tags = tags.iter().map(|tag| Arc::from(*tag)).collect();
            stage.content().folders.get_mut(&id).unwrap().tags = tags;
        }
        Edit::AyonFrame(index, value) => {
            let Some(id) = folder(index) else { return };
            stage.content().folders.get_mut(&id).unwrap().attributes[0] = Held {
                value: value.clone(),
                own: !value.is_null(),
            };
        }
        Edit::AyonUnlinks(index) => {
            let Some(id) = folder(index) else { return };
            let folder = stage.content().folders.get_mut(&id).unwrap();
            (folder.shotgrid_id, folder.shotgrid_type) = (None, None);
        }
        Edit::AyonSwitches(index) => {
            let Some(id) = folder(index) else { return };
            stage.content().folders.get_mut(&id).unwrap().active = false;
        }
        Edit::AyonPublishes(index) => {
            let Some(id) = folder(index) else { return };
            for id in above(stage, id) {
                stage.content().folders.get_mut(&id).unwrap().has_versions = true;
            }
        }
        Edit::AyonFolder(name, shot, below) => {
            let below = below.as_ref().and_then(folder);
            let kind = if *shot { "Shot" } else { "Folder" };
            let twice = stage
                .content()
                .folders
                .contains_key(&AyonId::derived(&["test folder", name, kind]));
            if !twice && free(stage, None, below, name) {
                let id = stage.folder(name, kind, None, None);
                stage.content().folders.get_mut(&id).unwrap().parent = below;
            }
        }
        _ => {}
    }
    stage.inherit();
}

/// A folder and all that is above it.
fn above(stage: &Stage, id: AyonId) -> Vec<AyonId> {
    let folders = &stage.ayon.project.as_ref().unwrap().folders;
    let parent = |id: &AyonId| folders.get(id).and_then(|folder| folder.parent);
    std::iter::successors(Some(id), parent).collect()
}
