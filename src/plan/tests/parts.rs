//! A plan of a few rows rests on parts of the AYON project, and is the plan that the whole project gives.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::laws::{production, stage};
use super::stage::Stage;
use crate::model::{AyonId, FlowRef, FlowType};
use crate::plan::{
    AyonFolder, AyonProject, FlowRow, Input, ParentValue, Parts, Planned, Wanted, plan, unread,
};

/// How often a plan may ask for more in these productions, which have no chains of helper folders.
const QUESTIONS: usize = 5;

/// What somebody may have done to AYON's side since.
fn edits() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    prop::collection::vec((0..7_u8, 0..60_usize, 0..60_usize), 0..12)
}

fn edited(mut stage: Stage, edits: &[(u8, usize, usize)]) -> Stage {
    let ids: Vec<AyonId> = stage.content().folders.keys().copied().collect();
    let tasks: Vec<AyonId> = stage.content().tasks.keys().copied().collect();
    if ids.is_empty() {
        return stage;
    }
    for (edit, index, other) in edits {
        let (id, other) = (ids[index % ids.len()], ids[other % ids.len()]);
        let content = stage.content();
        let inside = lineage(content, Some(other)).contains(&id);
        let Some(folder) = content.folders.get_mut(&id) else {
            continue;
        };
        match edit {
            0 => folder.parent = None,
            1 if !inside => folder.parent = Some(other),
            2 => folder.name = format!("{}_renamed", folder.name),
            3 => folder.active = false,
            4 => (folder.shotgrid_id, folder.shotgrid_type) = (None, None),
            5 => publish(content, id),
            6 if !tasks.is_empty() => {
                let task = tasks[index % tasks.len()];
                content.tasks.get_mut(&task).unwrap().folder = other;
            }
            _ => {}
        }
    }
    stage
}

/// The folder and everything above it.
fn lineage(content: &AyonProject, folder: Option<AyonId>) -> Vec<AyonId> {
    std::iter::successors(folder, |id| content.folders[id].parent).collect()
}

fn publish(content: &mut AyonProject, id: AyonId) {
    for above in lineage(content, Some(id)) {
        content.folders.get_mut(&above).unwrap().has_versions = true;
    }
}

/// The rows that are read with these: what they hang on and what hangs on them.
fn with_surroundings(rows: &BTreeMap<FlowRef, FlowRow>, selected: &BTreeSet<FlowRef>) -> BTreeSet<FlowRef> {
    let above = |key: &FlowRef| match &rows.get(key)?.parent {
        ParentValue::Row { kind, id, .. } => Some(FlowRef {
            kind: kind.parse().unwrap(),
            id: *id,
        }),
        _ => None,
    };
    let lineage = |key: &FlowRef| std::iter::successors(Some(*key), above).collect::<Vec<_>>();
    let below = |key: &&FlowRef| lineage(key).iter().any(|row| selected.contains(row));
    let looked_at: BTreeSet<FlowRef> = rows.keys().filter(below).copied().collect();
    looked_at.iter().flat_map(lineage).collect()
}

/// What AYON answers when somebody asks for parts.
fn answer(whole: &AyonProject, parts: &Parts, content: &mut AyonProject) {
    let linked = |kind: &Option<String>, id: &Option<String>| {
        let row = kind.as_deref().zip(id.as_deref());
        row.is_some_and(|(kind, id)| {
            let is = |row: &&FlowRef| row.kind.as_str() == kind && row.id.to_string() == id;
            parts.rows.iter().any(|row| is(&row))
        })
    };
    let published = |folder: &AyonFolder| {
        let above = lineage(whole, folder.parent);
        folder.has_versions && above.iter().any(|id| parts.published_below.contains(id))
    };
    for folder in whole.folders.values() {
        if linked(&folder.shotgrid_type, &folder.shotgrid_id)
            || parts.ids.contains(&folder.id)
            || parts.folders_in.contains(&folder.parent)
            || published(folder)
        {
            content.folders.insert(folder.id, folder.clone());
        }
    }
    for task in whole.tasks.values() {
        if linked(&task.shotgrid_type, &task.shotgrid_id)
            || parts.ids.contains(&task.id)
            || parts.tasks_in.contains(&task.folder)
        {
            content.tasks.insert(task.id, task.clone());
        }
    }
    // The paths of what is above come with the answer, and are asked for at once.
    let places: Vec<Option<AyonId>> = content
        .folders
        .values()
        .map(|folder| folder.parent)
        .chain(content.tasks.values().map(|task| Some(task.folder)))
        .collect();
    for id in places.into_iter().flat_map(|place| lineage(whole, place)) {
        content.folders.insert(id, whole.folders[&id].clone());
    }
    content.read.get_or_insert_default().extend(parts.clone());
}

/// Plans with parts only, as many as the plan asks for; the number of folders and tasks that were read.
fn plan_in_parts(stage: &Stage) -> (Planned, usize) {
    let whole = stage.ayon.project.as_ref().unwrap();
    let mut ayon = stage.ayon.clone();
    ayon.project = Some(AyonProject {
        folders: BTreeMap::new(),
        tasks: BTreeMap::new(),
        read: Some(Parts::default()),
        ..whole.clone()
    });
    for _ in 0..=QUESTIONS {
        let input = Input {
            wanted: &stage.wanted,
            flow: &stage.flow,
            ayon: &ayon,
            rules: &stage.rules,
        };
        let mut parts = unread(&input);
        if parts.is_empty() {
            let content = input.ayon.project.as_ref().unwrap();
            return (plan(&input), content.folders.len() + content.tasks.len());
        }
        if !parts.rows.is_empty() {
            parts = Parts {
                rows: parts.rows,
                ids: parts.ids,
                ..Parts::default()
            };
        }
        answer(whole, &parts, ayon.project.as_mut().unwrap());
    }
    panic!("the plan asks for ever more");
}

proptest! {
    #[test]
    fn parts_give_the_plan_that_the_whole_gives(
        rows in production(),
        more in production(),
        edits in edits(),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let known = rows.len();
        let mut stage = edited(stage(&rows).applied(), &edits);
        // Rows that came since: AYON does not have them.
        let all: Vec<_> = rows.into_iter().chain(more).collect();
        for (key, row) in super::laws::stage(&all).flow.rows {
            if usize::try_from(key.id.0).unwrap() >= known {
                stage.flow.rows.insert(key, row);
            }
        }
        let keys: Vec<FlowRef> = stage.flow.rows.keys().copied().collect();
        prop_assume!(!keys.is_empty());
        let selected: BTreeSet<FlowRef> = chosen.iter().map(|index| *index.get(&keys)).collect();
        let looked_at = with_surroundings(&stage.flow.rows, &selected);
        stage.flow.rows.retain(|key, _| looked_at.contains(key));
        stage.wanted = Wanted::Rows(selected);

        let whole = stage.plan();
        let (in_parts, _) = plan_in_parts(&stage);
        prop_assert_eq!(&in_parts.plan, &whole.plan);
        prop_assert_eq!(&in_parts.intents, &whole.intents);
    }
}

#[test]
fn a_linked_row_needs_little_of_a_large_project() {
    let mut stage = Stage::fixture().applied();
    let elsewhere = stage.folder("elsewhere", "Folder", None, None);
    for number in 0..500 {
        stage.folder(&format!("other{number}"), "Folder", Some(elsewhere), None);
    }
    let shot = FlowRef::new(FlowType::Shot, 3);
    let selected = BTreeSet::from([shot]);
    let looked_at = with_surroundings(&stage.flow.rows, &selected);
    stage.flow.rows.retain(|key, _| looked_at.contains(key));
    stage.wanted = Wanted::Rows(selected);
    let (planned, read) = plan_in_parts(&stage);
    assert_eq!(planned.plan, stage.plan().plan);
    assert_eq!(read, 3, "the Shot and the two folders above it");
}
