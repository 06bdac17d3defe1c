//! Pure planning: snapshots made in memory, no network, no store. It has to grow with the number of rows, not faster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use amigo::model::{
    FlowField, FlowId, FlowRef, FlowType, Parenting, PlacementPolicy, SyncOptions, SyncPolicy,
};
use amigo::plan::{
    Anatomy, Assignee, AttributeKind, Attributes, AyonFolder, AyonProject, AyonProjectLine, AyonSnapshot,
    AyonStatus, AyonTask, AyonUser, FieldKind, FlowPerson, FlowProject, FlowRow, FlowSchema, FlowSnapshot,
    Held, Input, LiveOn, MappedAttribute, NewEntity, ParentValue, Planned, Rules, Step, Wanted, Write, plan,
};

use super::Outcome;
use super::table::{below, figure, title};

const PROJECT: FlowId = FlowId(500);
const SHOTS_PER_SEQUENCE: usize = 50;
const PEOPLE: i64 = 40;
const TASKS_PER_SHOT: usize = 9;
const STEPS: [&str; TASKS_PER_SHOT] = [
    "Layout", "Anim", "FX", "Light", "Comp", "Match", "Roto", "Paint", "Prep",
];
/// The fastest of so many runs counts: the others were disturbed.
const RUNS: usize = 3;
/// `100_000` rows are to be planned within this time.
const GOAL: Duration = Duration::from_secs(1);

pub fn measure() -> Outcome<()> {
    title("Pure planning, one project of Sequences, Shots and 9 Tasks a Shot");
    for rows in [1_000, 10_000, 30_000, 100_000] {
        let mut flow = flow_of(rows);
        let mut ayon = ayon_without_project();
        let (first, created) = timed(&flow, &ayon);
        let counts = created.plan.counts;
        if counts.create < rows || counts.blocked > 0 {
            return Err(format!("{rows} new rows were planned as {counts:?}").into());
        }
        let operations = created.plan.operations.len();
        carry_out(&created, &mut flow, &mut ayon);
        drop(created);
        let (second, unchanged) = timed(&flow, &ayon);
        let left = unchanged.plan.operations.len();
        if left > 0 || unchanged.plan.counts.unchanged < rows {
            return Err(format!("{left} operations are left after a sync of {rows} rows").into());
        }
        for (what, time) in [("first sync", first), ("nothing changed", second)] {
            let label = format!("{rows} rows, {what}");
            if rows == 100_000 {
                below(&label, time.as_secs_f64() * 1e3, "ms", GOAL.as_secs_f64() * 1e3);
            } else {
                figure(&label, &format!("{:.0} ms", time.as_secs_f64() * 1e3));
            }
            let each = time.as_secs_f64() * 1e6 / rows as f64;
            figure("  a row", &format!("{each:.1} µs"));
        }
        figure("  operations of the first sync", &operations.to_string());
    }
    Ok(())
}

fn timed(flow: &FlowSnapshot, ayon: &AyonSnapshot) -> (Duration, Planned) {
    let rules = rules();
    let input = Input {
        wanted: &Wanted::WholeProject,
        flow,
        ayon,
        rules: &rules,
    };
    let once = || {
        let started = Instant::now();
        let planned = plan(&input);
        (started.elapsed(), planned)
    };
    let mut best = once();
    for _ in 1..RUNS {
        let (time, planned) = once();
        best = (time.min(best.0), planned);
    }
    best
}

pub fn rules() -> Rules {
    Rules {
        site: "bench.shotgrid.example".to_owned(),
        ayon_url: "https://ayon.example".to_owned(),
        enabled: FlowType::SYNCED.into_iter().collect(),
        default_task_type: "Generic".to_owned(),
        anatomy_preset: None,
        parenting: Parenting::default(),
        placement: PlacementPolicy::default(),
        attributes: ["frameStart", "frameEnd"].map(mapped).to_vec(),
        options: SyncOptions::default(),
        policy: SyncPolicy::default(),
        foreign_script: None,
    }
}

fn mapped(name: &str) -> MappedAttribute {
    MappedAttribute {
        ayon: name.to_owned(),
        flow: name.to_lowercase(),
        scope: [FlowType::Shot].into(),
        kind: AttributeKind::Integer,
        inherits: true,
        live: LiveOn {
            project: true,
            folder: true,
            task: true,
        },
    }
}

/// A project of this many Sequences and Shots that AYON has as Flow has it.
pub fn synced(rows: usize) -> Outcome<(FlowSnapshot, AyonSnapshot)> {
    // One row of ten is a Shot where Tasks are counted; without them there are as many Shots as rows.
    let mut flow = flow_of(rows * (1 + TASKS_PER_SHOT));
    flow.rows.retain(|key, _| key.kind != FlowType::Task);
    let mut ayon = ayon_without_project();
    let (_, created) = timed(&flow, &ayon);
    carry_out(&created, &mut flow, &mut ayon);
    if flow.rows.len() < rows {
        return Err(format!("{} of {rows} rows were made", flow.rows.len()).into());
    }
    Ok((flow, ayon))
}

/// A project with exactly `rows` rows below it.
fn flow_of(rows: usize) -> FlowSnapshot {
    let people = (1..=PEOPLE)
        .map(|id| FlowPerson {
            id: FlowId(id),
            login: format!("artist{id}"),
            name: format!("Artist {id}"),
            email: None,
        })
        .collect();
    let mut flow = FlowSnapshot {
        project: FlowProject {
            id: PROJECT,
            name: "bench_show".to_owned(),
            code: Some("bench".to_owned()),
            chains: BTreeMap::from([(FlowType::Shot, "sg_sequence".to_owned())]),
            ayon_id: None,
            sync_status: None,
            ayon_code: None,
            server_url: None,
            tags: Vec::new(),
            values: Vec::new(),
            instead_of_work: None,
        },
        rows: BTreeMap::new(),
        passages: BTreeMap::new(),
        retired: BTreeMap::new(),
        empty_versions: BTreeMap::new(),
        page_project: None,
        schema: FlowSchema {
            visible: FlowType::SYNCED.into_iter().collect(),
            fields: BTreeMap::from([(
                FlowType::Shot,
                BTreeMap::from([(
                    "sg_sequence".to_owned(),
                    FieldKind::Link(vec!["Sequence".to_owned()]),
                )]),
            )]),
            statuses: BTreeMap::new(),
        },
        missing_fields: BTreeSet::new(),
        script_role: None,
        people: Some(Arc::new(people)),
        groups: BTreeMap::new(),
        known_tags: ["hero".to_owned()].into(),
        other_holders: BTreeSet::new(),
    };
    let mut sequence = FlowRef::new(FlowType::Sequence, 0);
    let mut shot = FlowRef::new(FlowType::Shot, 0);
    let mut name = String::new();
    let group = 1 + SHOTS_PER_SEQUENCE * (1 + TASKS_PER_SHOT);
    for (number, id) in (0..rows).zip(1_i64..) {
        let place = number % group;
        let row = if place == 0 {
            sequence = FlowRef::new(FlowType::Sequence, id);
            row(sequence, format!("sq{:04}", number / group), ParentValue::Empty)
        } else if (place - 1).is_multiple_of(1 + TASKS_PER_SHOT) {
            shot = FlowRef::new(FlowType::Shot, id);
            name = format!("sq{:04}_{:04}", number / group, place / (1 + TASKS_PER_SHOT) * 10);
            row(shot, name.clone(), below_row(sequence, "sequence"))
        } else {
            let step = STEPS[(place - 1) % (1 + TASKS_PER_SHOT) - 1];
            let task = FlowRef::new(FlowType::Task, id);
            FlowRow {
                step: Some(Step {
                    code: Some(step.to_owned()),
                    short_name: Some(step.to_uppercase()),
                }),
                ..row(task, step.to_lowercase(), below_row(shot, &name))
            }
        };
        flow.rows.insert(row.key, row);
    }
    flow
}

fn row(key: FlowRef, name: String, parent: ParentValue) -> FlowRow {
    FlowRow {
        key,
        name: Some(name),
        project: Some(PROJECT),
        parent,
        step: None,
        ayon_id: None,
        sync_status: None,
        status: Some(if key.id.0 % 2 == 0 { "ip" } else { "wtg" }.into()),
        tags: if key.id.0 % 5 == 0 {
            vec!["hero".into()]
        } else {
            Vec::new()
        },
        assignees: match key.kind {
            FlowType::Task => vec![Assignee::Person(FlowId(key.id.0 % PEOPLE + 1))],
            _ => Vec::new(),
        },
        values: match key.kind {
            FlowType::Shot => vec![(0, json!(1001)), (1, json!(1001 + key.id.0 % 90))],
            _ => Vec::new(),
        },
    }
}

fn below_row(parent: FlowRef, name: &str) -> ParentValue {
    ParentValue::Row {
        kind: parent.kind.as_str().to_owned(),
        id: parent.id,
        name: name.to_owned(),
    }
}

/// An AYON server that knows the link attributes and has no project yet.
fn ayon_without_project() -> AyonSnapshot {
    AyonSnapshot {
        new_anatomy: Some(Anatomy {
            folder_types: ["Folder", "Episode", "Sequence", "Shot", "Asset"]
                .map(str::to_owned)
                .to_vec(),
            task_types: vec!["Generic".to_owned()],
            statuses: vec![AyonStatus {
                name: "In progress".to_owned(),
                short_name: "ip".to_owned(),
                scope: Vec::new(),
            }],
            tags: Vec::new(),
        }),
        attributes_live: true,
        users: Arc::new(
            (1..=PEOPLE)
                .map(|id| AyonUser {
                    name: format!("artist{id}"),
                    email: None,
                })
                .collect(),
        ),
        ..AyonSnapshot::default()
    }
}

/// Does in memory what a sync does in the two systems.
fn carry_out(planned: &Planned, flow: &mut FlowSnapshot, ayon: &mut AyonSnapshot) {
    let mut project = AyonProject {
        anatomy: ayon.new_anatomy.take().unwrap_or_default(),
        ..AyonProject::default()
    };
    for intent in &planned.intents {
        match &intent.write {
            Write::CreateProject { name, code, flow, .. } => {
                project.name.clone_from(name);
                project.code.clone_from(code);
                ayon.projects.push(AyonProjectLine {
                    name: name.clone(),
                    code: code.clone(),
                    active: true,
                    shotgrid_id: Some(flow.to_string()),
                });
            }
            Write::AddFolderType { name } => project.anatomy.folder_types.push(name.clone()),
            Write::AddTaskType { name, .. } => project.anatomy.task_types.push(name.clone()),
            Write::AddStatus { name, short_name, .. } => project.anatomy.statuses.push(AyonStatus {
                name: name.clone(),
                short_name: short_name.clone(),
                scope: Vec::new(),
            }),
            Write::CreateFolder(new) => {
                project.folders.insert(new.id, folder(new));
            }
            Write::CreateTask(new) => {
                project.tasks.extend(task(new).map(|task| (new.id, task)));
            }
            // A first sync sends nothing else.
            Write::CreateField { .. }
            | Write::UpdateProject { .. }
            | Write::AddTag { .. }
            | Write::UpdateFolder(_)
            | Write::UpdateTask(_)
            | Write::CreateUser(_)
            | Write::UpdateUser(_)
            | Write::Nothing => {}
        }
        if let Some(back) = &intent.back {
            for (field, value) in &back.values {
                hear(flow, back.row, *field, value.clone());
            }
        }
    }
    ayon.project = Some(project);
}

fn hear(flow: &mut FlowSnapshot, key: FlowRef, field: FlowField, value: String) {
    let project = &mut flow.project;
    let row = flow.rows.get_mut(&key);
    match (field, row) {
        (FlowField::AyonId, Some(row)) => row.ayon_id = Some(value),
        (FlowField::SyncStatus, Some(row)) => row.sync_status = Some(value),
        (FlowField::AyonId, None) => project.ayon_id = Some(value),
        (FlowField::SyncStatus, None) => project.sync_status = Some(value),
        (FlowField::ProjectCode, _) => project.ayon_code = Some(value),
        (FlowField::ServerUrl, _) => project.server_url = Some(value),
    }
}

fn folder(new: &NewEntity) -> AyonFolder {
    AyonFolder {
        id: new.id,
        parent: new.parent,
        name: new.name.clone(),
        label: new.label.clone(),
        folder_type: new.kind.clone(),
        active: true,
        shotgrid_id: new.shotgrid_id.clone(),
        shotgrid_type: Some(new.shotgrid_type.clone()),
        status: new.status.as_deref().unwrap_or_default().into(),
        tags: new.tags.iter().map(|tag| tag.as_str().into()).collect(),
        has_versions: false,
        attributes: held(&new.attributes),
    }
}

/// The attributes of a new entity, as its own values.
fn held(values: &Attributes) -> Vec<Held> {
    let value = |name: &str| {
        values
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.clone())
    };
    ["frameStart", "frameEnd"]
        .map(|name| Held {
            own: value(name).is_some(),
            value: value(name).unwrap_or_default(),
        })
        .to_vec()
}

/// A task always has a folder; without one there would be nothing to make.
fn task(new: &NewEntity) -> Option<AyonTask> {
    Some(AyonTask {
        id: new.id,
        folder: new.parent?,
        name: new.name.clone(),
        label: new.label.clone(),
        task_type: new.kind.clone(),
        active: true,
        shotgrid_id: new.shotgrid_id.clone(),
        shotgrid_type: Some(new.shotgrid_type.clone()),
        status: new.status.as_deref().unwrap_or_default().into(),
        tags: new.tags.iter().map(|tag| tag.as_str().into()).collect(),
        assignees: new.assignees.iter().map(|user| user.as_str().into()).collect(),
        attributes: held(&new.attributes),
    })
}
