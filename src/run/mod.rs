//! The life of one request from post to report, as data and as a state machine.

mod confirmed;
mod document;
mod follow_up;
mod report;
mod state;

pub use confirmed::{Counted, NotConfirmed};
pub use document::{Reader, document, iso};
pub use report::{Outcome, OutcomeCounts, OutcomeRow, Report};
pub use state::State;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{Job, Options, Pairs, Person, Selection, WrongOption};
use crate::permission::Denied;
use crate::plan::{OpId, Plan, PlannedProject};

/// The acting address of a run: whoever holds it may act for the person who asked.
///
/// At least 128 random bits, reached through the menu item's redirect only. `Debug` hides it, so that it
/// cannot slip into a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunId(hidden)")
    }
}

impl RunId {
    /// The seal that apply asks for: the plan's digest bound to this run.
    ///
    /// Before there is a plan (`digest` is `None`) it is bound to the run alone, which is what cancel asks for.
    pub fn seal(&self, digest: Option<&str>) -> String {
        let mut hash = Sha256::new();
        hash.update(b"amigo seal\0");
        hash.update(self.0.as_bytes());
        hash.update([0]);
        hash.update(digest.unwrap_or_default().as_bytes());
        hex::encode(&hash.finalize()[..16])
    }
}

/// The viewing address of a run: safe to share, to log and to put into events.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ViewId(pub String);

/// Where a run came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Ami,
    Cli,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ami => "ami",
            Self::Cli => "cli",
        }
    }
}

/// Why a run ended without being done, in words for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable kebab-case word.
    pub code: String,
    pub message: String,
    pub remedy: String,
}

impl Failure {
    /// A failure in a whole sentence.
    pub fn new(code: &str, message: &str, remedy: &str) -> Self {
        Self {
            code: code.to_owned(),
            message: sentence(message),
            remedy: remedy.to_owned(),
        }
    }
}

/// An error's words as a whole sentence.
pub fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

impl From<&Denied> for Failure {
    fn from(denied: &Denied) -> Self {
        Self::new(denied.code(), &denied.to_string(), &denied.remedy())
    }
}

/// What a run cost at one system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calls {
    pub requests: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Sum over the requests, in seconds; requests may overlap.
    pub seconds: f64,
}

impl Calls {
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.seconds += other.seconds;
    }
}

/// What a run cost at both systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallsOfBoth {
    pub flow: Calls,
    pub ayon: Calls,
}

/// Which operations somebody wants applied, as differences to the default ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticks(pub BTreeMap<OpId, bool>);

impl Ticks {
    /// What somebody says of single operations, as differences to what a plan has ticked at first; the id that the plan
    /// does not have, otherwise.
    pub fn of<'a>(plan: &Plan, said: impl IntoIterator<Item = (&'a str, bool)>) -> Result<Self, &'a str> {
        let operations = plan.operations.iter();
        let first: HashMap<&str, bool> = operations
            .map(|operation| (operation.id.0.as_str(), operation.ticked))
            .collect();
        let mut ticks = BTreeMap::new();
        for (id, wanted) in said {
            if *first.get(id).ok_or(id)? != wanted {
                ticks.insert(OpId(id.to_owned()), wanted);
            }
        }
        Ok(Self(ticks))
    }

    /// Whether an operation is to be applied.
    pub fn wants(&self, id: &OpId, default: bool) -> bool {
        self.0.get(id).copied().unwrap_or(default)
    }
}

/// What somebody asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The action's word, such as `sync`.
    pub action: String,
    pub options: BTreeMap<String, String>,
    pub requested_by: Person,
    /// Host of the Flow site.
    pub site: String,
    /// Not known yet of a light post.
    pub selection: Option<Selection>,
}

/// A post that only named an entry of Flow's event log (`flow-api.md §1.4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LightPost {
    /// Id of the EventLogEntry.
    pub entry: i64,
    /// Whether Flow signed the post. Otherwise the entry must prove itself.
    pub signed: bool,
    /// When amigo heard it, in milliseconds since 1970.
    pub heard_at: i64,
}

/// One run, whole.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: RunId,
    pub view: ViewId,
    /// The action's word, such as `sync`.
    pub action: String,
    pub state: State,
    pub origin: Origin,
    /// The run this one replaces.
    pub parent: Option<ViewId>,
    pub options: BTreeMap<String, String>,
    pub requested_by: Person,
    /// Host of the Flow site.
    pub site: String,
    /// The browser window's id, which lets an open Flow page follow our writes (`flow-api.md §1.5`).
    pub session_uuid: Option<String>,
    /// Absent until a light post's entry was read.
    pub selection: Option<Selection>,
    pub light: Option<LightPost>,
    pub projects: Vec<PlannedProject>,
    pub plan: Option<Plan>,
    pub ticks: Ticks,
    pub report: Option<Report>,
    pub failure: Option<Failure>,
    /// Why the person may look at the plan, but not apply it.
    pub barred: Option<Failure>,
    pub calls: CallsOfBoth,
    /// Instants as milliseconds since 1970.
    pub created_at: i64,
    pub expires_at: i64,
    pub finished_at: Option<i64>,
}

impl Run {
    /// What somebody chose, as a job reads it.
    pub fn options_of(&self, job: Job) -> Result<Options, WrongOption> {
        let pairs = self.options.iter();
        Options::parse(job, pairs.map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// Who is whom, by hand; nobody in a run about something else.
    pub fn pairs(&self) -> Pairs {
        match self.options_of(Job::Users) {
            Ok(Options::Users(options)) => options.pairs,
            _ => Pairs::default(),
        }
    }

    /// How long a plan may wait to be applied, in milliseconds.
    const LIFE_MS: i64 = 24 * 60 * 60 * 1000;

    /// A run at its beginning. `now` is in milliseconds since 1970.
    pub fn queued(id: RunId, view: ViewId, origin: Origin, asked: Asked, now: i64) -> Self {
        let Asked {
            action,
            options,
            requested_by,
            site,
            selection,
        } = asked;
        Self {
            id,
            view,
            action,
            state: State::Queued,
            origin,
            parent: None,
            options,
            requested_by,
            site,
            session_uuid: None,
            selection,
            light: None,
            projects: Vec::new(),
            plan: None,
            ticks: Ticks::default(),
            report: None,
            failure: None,
            barred: None,
            calls: CallsOfBoth::default(),
            created_at: now,
            expires_at: now.saturating_add(Self::LIFE_MS),
            finished_at: None,
        }
    }

    /// The seal of the run as it is now.
    pub fn seal(&self) -> String {
        self.id.seal(self.plan.as_ref().map(|plan| plan.digest.as_str()))
    }
}

/// Something that happened in a run, for those who watch it live. Numbered by the store, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub number: i64,
    pub body: EventBody,
}

/// The three kinds of events (`GET /runs/{run}/events`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "event", content = "data")]
pub enum EventBody {
    State {
        state: State,
    },
    Progress {
        phase: String,
        done: usize,
        total: usize,
    },
    Operations(Vec<OutcomeRow>),
}

impl EventBody {
    /// The event's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::State { .. } => "state",
            Self::Progress { .. } => "progress",
            Self::Operations(_) => "operations",
        }
    }
}
