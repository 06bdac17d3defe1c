//! Hand-made runs for the tests of pages and data.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{AyonId, FlowId, FlowRef, FlowType, Person, Selection, System};
use crate::plan::{
    Change, Counts, Kind, Node, On, OpId, Operation, Placement, Plan, PlannedProject, Verdict,
};
use crate::problem::{AyonNamed, Code, FlowNamed, Problem, Severity};
use crate::run::{CallsOfBoth, Origin, Outcome, OutcomeRow, Report, Run, RunId, State, Ticks, ViewId};

/// 20 November 2026, 09:00 UTC.
const MORNING: i64 = 1_795_165_200_000;
/// A name that must never become markup.
pub const NASTY: &str = "<script>alert('hi')</script>";

fn id(word: &str) -> OpId {
    OpId(format!("op-{word}"))
}

fn change(field: &str, from: Value, to: Value) -> Change {
    Change {
        field: field.to_owned(),
        from,
        to,
    }
}

fn operation(word: &str, kind: Kind, flow: (FlowType, i64), path: &str, needs: &[&str]) -> Operation {
    let on = if flow.0 == FlowType::Task {
        On::Task
    } else {
        On::Folder
    };
    Operation {
        id: id(word),
        kind,
        on,
        system: System::Ayon,
        project: "harbor_lights".to_owned(),
        ticked: true,
        flow: Some(FlowNamed {
            key: FlowRef::new(flow.0, flow.1),
            name: word.to_owned(),
        }),
        ayon: Some(AyonNamed {
            id: Some(AyonId::derived(&[word])),
            kind: flow.0.as_str().to_owned(),
            name: word.to_owned(),
            path: path.to_owned(),
            from: None,
        }),
        changes: Vec::new(),
        needs: needs.iter().map(|word| id(word)).collect(),
        because: ["Shot.sg_sequence → hl_020".to_owned()].into(),
        facts: "f".to_owned(),
    }
}

fn node(depth: usize, kind: &str, name: &str, flow: Option<(FlowType, i64)>, verdict: Verdict) -> Node {
    let on = match (depth, flow) {
        (0, None) => On::Anatomy,
        (0, _) => On::Project,
        (_, Some((FlowType::Task, _))) => On::Task,
        _ => On::Folder,
    };
    Node {
        on,
        depth,
        kind: kind.to_owned(),
        name: name.to_owned(),
        label: None,
        path: format!("/{name}"),
        flow: flow.map(|(kind, id)| FlowRef::new(kind, id)),
        verdict,
        selected: false,
        operation: None,
        offers: Vec::new(),
        trace: ["Shot.sg_sequence → hl_020".to_owned()].into(),
        placement: None,
        seat: None,
    }
}

fn problem(
    severity: Severity,
    code: Code,
    flow: (FlowType, i64, &str),
    message: &str,
    remedy: &str,
) -> Problem {
    Problem {
        severity,
        code,
        project: Some("harbor_lights".to_owned()),
        flow: Some(FlowNamed {
            key: FlowRef::new(flow.0, flow.1),
            name: flow.2.to_owned(),
        }),
        ayon: None,
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// A plan over a small corner of a production: two new Shots with Tasks, a move, an update, a blocked row.
fn plan() -> Plan {
    use FlowType::{Episode, Project, Sequence, Shot, Task};
    let mut fields = operation("sg_ayon_id", Kind::Create, (Project, 188), "", &[]);
    fields.on = On::Field;
    fields.system = System::Flow;
    fields.flow = None;
    if let Some(ayon) = &mut fields.ayon {
        ayon.kind = "Flow field".to_owned();
    }
    let mut new_shot = operation(
        "hl_020_0030",
        Kind::Create,
        (Shot, 1043),
        "/ep01/hl_020/hl_020_0030",
        &[],
    );
    new_shot.needs.push(fields.id.clone());
    new_shot.changes = vec![
        change("name", Value::Null, json!("hl_020_0030")),
        change("folderType", Value::Null, json!("Shot")),
    ];
    let compositing = operation(
        "compositing",
        Kind::Create,
        (Task, 5010),
        "/ep01/hl_020/hl_020_0030",
        &["hl_020_0030"],
    );
    let nasty = operation(NASTY, Kind::Create, (Shot, 1044), "/ep01/hl_020/nasty", &[]);
    let mut moved = operation(
        "hl_020_0040",
        Kind::Move,
        (Shot, 1045),
        "/ep01/hl_020/hl_020_0040",
        &[],
    );
    moved.ticked = false;
    if let Some(ayon) = &mut moved.ayon {
        ayon.from = Some("/ep01/hl_010/hl_020_0040".to_owned());
    }
    let mut renamed = operation(
        "rename",
        Kind::Update,
        (Shot, 1045),
        "/ep01/hl_010/hl_020_0040",
        &[],
    );
    renamed.ticked = false;
    renamed.changes = vec![change("name", json!("hl_020_0040"), json!("hl_020_0041"))];
    let mut updated = operation(
        "hl_020_0050",
        Kind::Update,
        (Shot, 1046),
        "/ep01/hl_020/hl_020_0050",
        &[],
    );
    updated.changes = vec![
        change("label", json!("hl 050"), json!("hl_020_0050")),
        change("status", Value::Null, json!("In Progress")),
    ];

    let with = |mut node: Node, operation: &Operation| {
        node.operation = Some(operation.id.clone());
        node
    };
    let chosen = |mut node: Node| {
        node.selected = true;
        node
    };
    let mut nasty_node = node(3, "Shot", "nasty", Some((Shot, 1044)), Verdict::Create);
    nasty_node.label = Some(NASTY.to_owned());
    let mut nodes = vec![
        with(
            Node {
                on: On::Field,
                trace: ["amigo keeps its link in this field".to_owned()].into(),
                ..node(0, "Flow field", "sg_ayon_id on Shot", None, Verdict::Create)
            },
            &fields,
        ),
        node(
            0,
            "Project",
            "harbor_lights",
            Some((Project, 188)),
            Verdict::Unchanged,
        ),
        node(1, "Episode", "ep01", Some((Episode, 11)), Verdict::Unchanged),
        node(2, "Sequence", "hl_020", Some((Sequence, 21)), Verdict::Unchanged),
        chosen(with(
            node(3, "Shot", "hl_020_0030", Some((Shot, 1043)), Verdict::Create),
            &new_shot,
        )),
        with(
            node(
                4,
                "Compositing",
                "compositing",
                Some((Task, 5010)),
                Verdict::Create,
            ),
            &compositing,
        ),
        chosen(with(nasty_node, &nasty)),
        Node {
            offers: vec![moved.id.clone(), renamed.id.clone()],
            ..node(3, "Shot", "hl_020_0040", Some((Shot, 1045)), Verdict::Move)
        },
        with(
            node(3, "Shot", "hl_020_0050", Some((Shot, 1046)), Verdict::Update),
            &updated,
        ),
        chosen(node(3, "Shot", "it's", Some((Shot, 1051)), Verdict::Blocked)),
    ];
    for number in 6..14 {
        let name = format!("hl_020_0{number:02}0");
        nodes.push(node(
            3,
            "Shot",
            &name,
            Some((Shot, 1060 + number)),
            Verdict::Unchanged,
        ));
    }
    let mut problems = vec![problem(
        Severity::Blocked,
        Code::LabelNotAllowed,
        (Shot, 1051, "it's"),
        "AYON does not accept ' in the label it's.",
        "Rename the Shot in Flow, or set label_replacement in the addon's settings.",
    )];
    for number in 1..=5 {
        problems.push(problem(
            Severity::Warning,
            Code::ParentMany,
            (Shot, 1200 + number, &format!("hl_030_00{number}0")),
            &format!("hl_030_00{number}0 hangs on several Sequences, so it goes to the project's root."),
            "Leave one Sequence in its field.",
        ));
    }
    problems.push(problem(
        Severity::Info,
        Code::ProjectCodeMade,
        (Project, 188, "Harbor Lights"),
        "Flow holds no project code, so hl is used.",
        "Nothing to do.",
    ));
    Plan {
        projects: vec![PlannedProject {
            flow_id: 188,
            name: "Harbor Lights".to_owned(),
            ayon: Some("harbor_lights".to_owned()),
            folders: None,
            parenting: None,
        }],
        operations: vec![fields, new_shot, nasty, moved, renamed, updated, compositing],
        problems,
        counts: Counts::of(&nodes),
        nodes,
        digest: "0123456789abcdef0123456789abcdef".to_owned(),
    }
}

/// A Sequence that would move into a chain of its own, with its Shot.
pub fn moves() -> Run {
    use FlowType::{Episode, Project, Sequence, Shot};
    let placed = |mut node: Node, path: &str, from: Option<&str>| {
        node.path = path.to_owned();
        node.placement = Some(Box::new(Placement {
            from: from.map(str::to_owned),
            exists: true,
            rule: Some("root_relocate for Sequences".into()),
        }));
        node
    };
    let mut chain = operation("sequences", Kind::Create, (Sequence, 1), "/sequences", &[]);
    chain.flow = None;
    let mut moved = operation(
        "sq01",
        Kind::Move,
        (Sequence, 2),
        "/sequences/sq01",
        &["sequences"],
    );
    if let Some(ayon) = &mut moved.ayon {
        ayon.from = Some("/ep01/sq01".to_owned());
    }
    let mut project = node(
        0,
        "Project",
        "harbor_lights",
        Some((Project, 188)),
        Verdict::Unchanged,
    );
    project.path = "/".to_owned();
    let mut made = node(1, "Folder", "sequences", None, Verdict::Create);
    made.operation = Some(id("sequences"));
    let mut mover = node(2, "Sequence", "sq01", Some((Sequence, 2)), Verdict::Move);
    mover.operation = Some(id("sq01"));
    let nodes = vec![
        project,
        placed(
            node(1, "Episode", "ep01", Some((Episode, 1)), Verdict::Unchanged),
            "/ep01",
            None,
        ),
        placed(
            node(2, "Sequence", "sq02", Some((Sequence, 3)), Verdict::Unchanged),
            "/ep01/sq02",
            None,
        ),
        made,
        placed(mover, "/sequences/sq01", Some("/ep01/sq01")),
        placed(
            node(3, "Shot", "sh010", Some((Shot, 4)), Verdict::Unchanged),
            "/sequences/sq01/sh010",
            Some("/ep01/sq01/sh010"),
        ),
    ];
    let planned = plan();
    let plan = Plan {
        counts: Counts::of(&nodes),
        nodes,
        operations: vec![chain, moved],
        problems: Vec::new(),
        ..planned
    };
    Run {
        action: "reparent".to_owned(),
        ..run(State::Planned, Some(plan))
    }
}

fn run(state: State, plan: Option<Plan>) -> Run {
    Run {
        id: RunId("c0ffee00c0ffee00c0ffee00c0ffee00".to_owned()),
        view: ViewId("5ee15ee15ee15ee15ee15ee15ee15ee1".to_owned()),
        action: "sync".to_owned(),
        state,
        origin: Origin::Ami,
        parent: None,
        options: BTreeMap::new(),
        requested_by: Person {
            id: Some(57),
            login: "mira.kowalski".to_owned(),
            name: "Mira Kowalski".to_owned(),
        },
        site: "demo-studio.shotgrid.example".to_owned(),
        session_uuid: None,
        selection: Some(Selection {
            entity_type: FlowType::Shot,
            ids: vec![FlowId(1043), FlowId(1044), FlowId(1051)],
            project_id: Some(FlowId(188)),
        }),
        light: None,
        projects: Vec::new(),
        plan,
        ticks: Ticks::default(),
        report: None,
        failure: None,
        barred: None,
        calls: CallsOfBoth::default(),
        created_at: MORNING,
        expires_at: MORNING + 86_400_000,
        finished_at: None,
    }
}

/// A run without a plan.
pub fn bare(state: State) -> Run {
    run(state, None)
}

/// A run with the sample plan.
pub fn planned() -> Run {
    run(State::Planned, Some(plan()))
}

/// A run whose plan finds everything as it should be.
pub fn nothing_to_do() -> Run {
    let mut plan = plan();
    plan.operations.clear();
    plan.problems.clear();
    plan.nodes.retain(|node| node.verdict == Verdict::Unchanged);
    plan.counts = Counts::of(&plan.nodes);
    run(State::Planned, Some(plan))
}

/// A run over a big project: 1200 new Shots below 12 Sequences, one of them with a problem.
pub fn big() -> Run {
    use FlowType::{Project, Sequence, Shot};
    let mut plan = plan();
    plan.operations.clear();
    plan.problems.clear();
    plan.nodes = vec![node(
        0,
        "Project",
        "harbor_lights",
        Some((Project, 188)),
        Verdict::Unchanged,
    )];
    for number in 0..1200 {
        if number % 100 == 0 {
            let name = format!("sq_{:02}", number / 100);
            let sequence = Some((Sequence, 20 + number / 100));
            plan.nodes
                .push(node(1, "Sequence", &name, sequence, Verdict::Unchanged));
        }
        let name = format!("sh_{number:04}");
        let flow = (Shot, 10_000 + number);
        let operation = operation(&name, Kind::Create, flow, &format!("/{name}"), &[]);
        plan.nodes.push(Node {
            operation: Some(operation.id.clone()),
            ..node(2, "Shot", &name, Some(flow), Verdict::Create)
        });
        plan.operations.push(operation);
    }
    plan.problems.push(problem(
        Severity::Warning,
        Code::ParentMany,
        (Shot, 10_777, "sh_0777"),
        "sh_0777 hangs on several Sequences, so it goes to the project's root.",
        "Leave one Sequence in its field.",
    ));
    plan.counts = Counts::of(&plan.nodes);
    run(State::Planned, Some(plan))
}

/// Outcomes of the sample plan: one failure, and what hangs on it.
pub fn outcomes() -> Vec<OutcomeRow> {
    [
        ("sg_ayon_id", Outcome::Done, None),
        (
            "hl_020_0030",
            Outcome::Failed,
            Some("AYON: a folder of that name exists."),
        ),
        (NASTY, Outcome::Done, None),
        ("hl_020_0050", Outcome::Done, None),
        ("hl_020_0040", Outcome::Unchanged, None),
        ("rename", Outcome::Unchanged, None),
        (
            "compositing",
            Outcome::Skipped,
            Some("Its folder hl_020_0030 was not made."),
        ),
    ]
    .into_iter()
    .map(|(word, outcome, message)| OutcomeRow {
        id: id(word),
        outcome,
        message: message.map(str::to_owned),
    })
    .collect()
}

/// A run that is done, but for a failure.
pub fn done() -> Run {
    Run {
        report: Some(Report::of(outcomes())),
        finished_at: Some(MORNING + 60_000),
        ..run(State::Done, Some(plan()))
    }
}

/// A plan of these operations, ticked or not at first.
pub fn plan_of_ticks(ticks: &[(&str, bool)]) -> Plan {
    let mut plan = plan();
    plan.operations = ticks
        .iter()
        .map(|(word, ticked)| Operation {
            id: OpId((*word).to_owned()),
            ticked: *ticked,
            ..operation(word, Kind::Create, (FlowType::Shot, 1), "/x", &[])
        })
        .collect();
    plan
}
