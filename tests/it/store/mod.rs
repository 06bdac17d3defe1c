//! The store keeps its promises, whichever database is behind it.

mod events;
mod file;
mod life;
mod races;
mod work;

use std::collections::BTreeMap;

use amigo::model::{FlowId, FlowType, Person, Selection, System};
use amigo::plan::{Counts, Kind, On, OpId, Operation, Plan, PlannedProject};
use amigo::run::{
    Calls, CallsOfBoth, Event, EventBody, Origin, Outcome, OutcomeRow, Run, RunId, State, Ticks, ViewId,
};
use amigo::store::{Created, Store};
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;

/// A database file that vanishes with the test.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("runs.db")
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.file().display())
    }

    async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// The file, seen by somebody else.
    async fn raw(&self) -> SqliteConnection {
        sqlx::sqlite::SqliteConnectOptions::new()
            .filename(self.file())
            .connect()
            .await
            .unwrap()
    }
}

fn id(n: usize) -> RunId {
    RunId(format!("{n:032x}"))
}

fn run(n: usize) -> Run {
    Run {
        id: id(n),
        view: ViewId(format!("view{n}")),
        action: "sync".to_owned(),
        state: State::Queued,
        origin: Origin::Ami,
        parent: Some(ViewId("earlier".to_owned())),
        options: BTreeMap::from([("tasks".to_owned(), "no".to_owned())]),
        requested_by: Person {
            id: Some(57),
            login: "mira.kowalski".to_owned(),
            name: "mira.kowalski".to_owned(),
        },
        site: "demo-studio.shotgrid.autodesk.com".to_owned(),
        session_uuid: Some("a-window".to_owned()),
        selection: Some(Selection {
            entity_type: FlowType::Shot,
            ids: vec![FlowId(1051), FlowId(1043)],
            project_id: Some(FlowId(188)),
        }),
        light: None,
        projects: Vec::new(),
        plan: None,
        ticks: Ticks::default(),
        report: None,
        failure: None,
        barred: None,
        calls: CallsOfBoth::default(),
        created_at: 1_000,
        expires_at: 100_000,
        finished_at: None,
    }
}

fn operation(n: usize) -> Operation {
    Operation {
        id: OpId(format!("op{n}")),
        kind: Kind::Create,
        on: On::Folder,
        system: System::Ayon,
        project: "harbor_lights".to_owned(),
        ticked: true,
        flow: None,
        ayon: None,
        changes: Vec::new(),
        needs: Vec::new(),
        because: ["Shot.sg_sequence → hl_020".to_owned()].into(),
        facts: "facts".to_owned(),
    }
}

fn plan(operations: impl IntoIterator<Item = usize>) -> Plan {
    Plan {
        projects: vec![PlannedProject {
            flow_id: 188,
            name: "Harbor Lights".to_owned(),
            ayon: Some("harbor_lights".to_owned()),
            folders: None,
            parenting: None,
        }],
        operations: operations.into_iter().map(operation).collect(),
        problems: Vec::new(),
        nodes: Vec::new(),
        counts: Counts::default(),
        digest: "digest".to_owned(),
    }
}

fn row(n: usize, outcome: Outcome) -> OutcomeRow {
    OutcomeRow {
        id: OpId(format!("op{n}")),
        outcome,
        message: (outcome == Outcome::Failed).then(|| "it's \"so\"\nand so".to_owned()),
    }
}

fn calls(requests: u64) -> CallsOfBoth {
    CallsOfBoth {
        flow: Calls {
            requests,
            bytes_in: 10,
            bytes_out: 20,
            seconds: 0.25,
        },
        ayon: Calls::default(),
    }
}

fn states(events: &[Event]) -> Vec<State> {
    events
        .iter()
        .filter_map(|event| match event.body {
            EventBody::State { state } => Some(state),
            _ => None,
        })
        .collect()
}

/// A run that was made and planned.
async fn planned(store: &Store, n: usize, plan: &Plan) -> RunId {
    let run = run(n);
    assert_eq!(store.create(&run, None).await.unwrap(), Created::New);
    assert!(
        store
            .step(&run.id, State::Queued, State::Planning, 1_100)
            .await
            .unwrap()
    );
    let memory = serde_json::json!({"n": n});
    assert!(store.save_plan(&run, plan, &memory, 1_200).await.unwrap());
    run.id
}

/// A list of one run.
fn only(id: &RunId) -> Vec<RunId> {
    vec![id.clone()]
}
