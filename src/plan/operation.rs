//! The plan as data: what would be written, what stands in the way, and every entity that was looked at.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::{FlowRef, Parenting, System};
use crate::problem::{AyonNamed, FlowNamed, Problem};

use super::users::{Seat, pruned};

/// Id of an operation: derived from what it is about, never numbered, so that two plans of one thing agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpId(pub String);

impl OpId {
    /// The id of the operation of this kind on this target.
    pub fn derived(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Self(hex::encode(&hash.finalize()[..8]))
    }
}

/// Why something is as it is, step by step; a node and its operation share one.
pub type Reasons = Arc<[String]>;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Create,
    Update,
    Move,
    Retire,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Move => "move",
            Self::Retire => "retire",
        }
    }
}

/// What an operation is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// A Flow field that amigo needs.
    Field,
    Project,
    /// A folder type or task type of the project.
    Anatomy,
    Folder,
    Task,
    /// An AYON user.
    User,
}

impl On {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Project => "project",
            Self::Anatomy => "anatomy",
            Self::Folder => "folder",
            Self::Task => "task",
            Self::User => "user",
        }
    }
}

/// One value that changes, as it is now and as it would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub from: Value,
    pub to: Value,
}

impl Change {
    pub(super) fn new(field: &str, from: Value, to: Value) -> Self {
        Self {
            field: field.to_owned(),
            from,
            to,
        }
    }
}

/// One intended write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub id: OpId,
    pub kind: Kind,
    pub on: On,
    pub system: System,
    /// AYON project name; empty for a user, who belongs to none.
    pub project: String,
    /// Whether it is applied unless somebody unticks it.
    pub ticked: bool,
    pub flow: Option<FlowNamed>,
    pub ayon: Option<AyonNamed>,
    pub changes: Vec<Change>,
    /// Operations that must be done before this one.
    pub needs: Vec<OpId>,
    pub because: Reasons,
    /// Hash over everything the operation rests on and would write: two operations with one id and
    /// different facts are the sign of a stale plan.
    pub facts: String,
}

/// What became of an entity that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Create,
    Update,
    Move,
    Retire,
    Unchanged,
    Blocked,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Move => "move",
            Self::Retire => "retire",
            Self::Unchanged => "unchanged",
            Self::Blocked => "blocked",
        }
    }
}

impl From<Kind> for Verdict {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Create => Self::Create,
            Kind::Update => Self::Update,
            Kind::Move => Self::Move,
            Kind::Retire => Self::Retire,
        }
    }
}

/// One entity that was looked at, unchanged ones included. Nodes stand in tree order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub on: On,
    /// Steps below the project; 0 for the project and for what is not in its tree.
    pub depth: usize,
    /// Folder type, task type, or what kind of set-up it is.
    pub kind: String,
    /// The name it has or would have in AYON.
    pub name: String,
    /// The name people know it by in Flow, where it differs.
    pub label: Option<String>,
    /// Where it is or would be in AYON; empty for set-up.
    pub path: String,
    pub flow: Option<FlowRef>,
    pub verdict: Verdict,
    /// Whether it was selected, not only looked at.
    pub selected: bool,
    pub operation: Option<OpId>,
    /// What could be done to it besides, each for somebody to tick: a move, a rename, another type, retiring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OpId>,
    pub trace: Reasons,
    /// Where it is now and what wants it elsewhere, in a plan that is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Box<Placement>>,
    /// Where a person stands on the board, in a plan of users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Box<Seat>>,
}

/// A node's place before, and what decides its place after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// Where it is now, when the plan leads elsewhere: it moves, or something above it does.
    pub from: Option<String>,
    /// False for a row that AYON does not have: its path is where a sync would make it.
    pub exists: bool,
    /// The rule that places it, in words to find it by; absent for what no rule speaks of.
    pub rule: Option<Arc<str>>,
}

/// How many nodes of each verdict; an entity is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub create: usize,
    pub update: usize,
    #[serde(rename = "move")]
    pub moved: usize,
    pub retire: usize,
    pub unchanged: usize,
    pub blocked: usize,
}

impl Counts {
    /// Counts nodes, so that numbers and rows of a page always agree.
    pub fn of(nodes: &[Node]) -> Self {
        let mut counts = Self::default();
        for node in nodes {
            *match node.verdict {
                Verdict::Create => &mut counts.create,
                Verdict::Update => &mut counts.update,
                Verdict::Move => &mut counts.moved,
                Verdict::Retire => &mut counts.retire,
                Verdict::Unchanged => &mut counts.unchanged,
                Verdict::Blocked => &mut counts.blocked,
            } += 1;
        }
        counts
    }
}

/// The project a plan is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedProject {
    pub flow_id: i64,
    /// Flow's name.
    pub name: String,
    /// AYON's name, existing or planned; `None` when none could be decided.
    pub ayon: Option<String>,
    /// How many folders AYON has in it: what a write costs grows with them (`ayon-api.md §5.5`). `None` when nobody
    /// counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folders: Option<usize>,
    /// The re-parenting settings that a plan of moves was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parenting: Option<Parenting>,
}

/// Ordered operations, problems, and the nodes they come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub projects: Vec<PlannedProject>,
    /// In the order they are applied: fields, project, anatomy, folders top-down, tasks.
    pub operations: Vec<Operation>,
    /// Worst first.
    pub problems: Vec<Problem>,
    pub nodes: Vec<Node>,
    pub counts: Counts,
    /// Hash over the content; two plans with one digest would write the same.
    pub digest: String,
}

impl Plan {
    /// Finishes a plan: sorts the problems, counts, and computes the digest.
    pub(super) fn finish(
        projects: Vec<PlannedProject>,
        operations: Vec<Operation>,
        mut problems: Vec<Problem>,
        nodes: Vec<Node>,
    ) -> Self {
        problems.sort_by(|a, b| {
            (a.severity, a.code.as_str(), a.flow.as_ref().map(|flow| flow.key)).cmp(&(
                b.severity,
                b.code.as_str(),
                b.flow.as_ref().map(|flow| flow.key),
            ))
        });
        let counts = Counts::of(&nodes);
        let mut plan = Self {
            projects,
            operations,
            problems,
            nodes,
            counts,
            digest: String::new(),
        };
        plan.digest = plan.digest_now();
        plan
    }

    /// Operation by operation, so that the text of a big plan is never in memory as a whole.
    fn digest_now(&self) -> String {
        let (mut hash, mut text) = (Sha256::new(), Vec::new());
        for project in &self.projects {
            // Its size decides how long the writing takes, not what is written.
            let sizeless = PlannedProject {
                folders: None,
                ..project.clone()
            };
            hash.update(text_of(&sizeless, &mut text));
        }
        for operation in &self.operations {
            hash.update(text_of(operation, &mut text));
        }
        for problem in &self.problems {
            hash.update(text_of(problem, &mut text));
        }
        short(hash)
    }

    /// Whether the content still is what the digest says: a saved plan may have been edited.
    pub fn is_intact(&self) -> bool {
        self.digest == self.digest_now()
    }

    /// What is kept of it when its run has ended, where that is less than all: a plan of users holds personal data.
    pub fn kept(&self) -> Option<Self> {
        let about_people = self.nodes.iter().any(|node| node.on == On::User)
            || self.operations.iter().any(|operation| operation.on == On::User);
        about_people.then(|| pruned(self))
    }

    /// The ids that are ticked unless somebody says otherwise.
    pub fn default_ticks(&self) -> impl Iterator<Item = &OpId> {
        self.operations
            .iter()
            .filter(|operation| operation.ticked)
            .map(|operation| &operation.id)
    }
}

/// A hash over a value's JSON form, for which `text` is the paper to write on: a plan has thousands of values.
pub(super) fn hash_of<T: Serialize>(value: &T, text: &mut Vec<u8>) -> String {
    let mut hash = Sha256::new();
    hash.update(text_of(value, text));
    short(hash)
}

/// Plan types serialise without failure: plain data with string keys.
fn text_of<'t, T: Serialize>(value: &T, text: &'t mut Vec<u8>) -> &'t [u8] {
    text.clear();
    if serde_json::to_writer(&mut *text, value).is_err() {
        text.clear();
    }
    text
}

fn short(hash: Sha256) -> String {
    hex::encode(&hash.finalize()[..16])
}
