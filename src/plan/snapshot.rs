//! What was read from the two systems for one plan.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{AyonId, FlowField, FlowId, FlowRef, FlowType};

use super::parts::Parts;

/// What is wanted of one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    WholeProject,
    /// These rows, with what was read above and below them.
    Rows(BTreeSet<FlowRef>),
}

/// What the schema says, read once per run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowSchema {
    /// Types that are visible in the project.
    pub visible: BTreeSet<FlowType>,
    /// For each type its fields: name → what they hold.
    pub fields: BTreeMap<FlowType, BTreeMap<String, FieldKind>>,
    /// For each type what people call its status codes.
    #[serde(default)]
    pub statuses: BTreeMap<FlowType, BTreeMap<String, String>>,
}

/// What a Flow field holds, as far as a sync cares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FieldKind {
    /// One row of one of these types.
    Link(Vec<String>),
    /// Several rows.
    Links,
    /// Anything else, such as a text, a number or a list value.
    Text,
}

/// One Flow project as it was read.
#[derive(Clone, Debug)]
pub struct FlowSnapshot {
    pub project: FlowProject,
    /// Selected rows, their ancestors, and what hangs below them.
    pub rows: BTreeMap<FlowRef, FlowRow>,
    /// Rows of types that are not synced, which rows hang on. Read where the policy looks beyond them.
    pub passages: BTreeMap<FlowRef, FlowRow>,
    /// Rows that were looked for and are in Flow's trash, with their names.
    pub retired: BTreeMap<FlowRef, String>,
    /// Selected Versions that stand for nothing that is synced, with their names.
    pub empty_versions: BTreeMap<FlowRef, String>,
    /// The project of the page on which the rows were selected, which need not be theirs.
    pub page_project: Option<FlowId>,
    pub schema: FlowSchema,
    /// Link fields that the site does not have yet.
    pub missing_fields: BTreeSet<(FlowType, FlowField)>,
    /// Role of our script, asked only when fields are missing; `None` when it could not be told.
    pub script_role: Option<String>,
    /// The site's people; `None` when the script may not see them, or nobody asked.
    pub people: Option<Arc<Vec<FlowPerson>>>,
    pub groups: BTreeMap<FlowId, FlowGroup>,
    /// Of the tags that AYON shows, those that are Tags in Flow, in lower case.
    pub known_tags: BTreeSet<String>,
    /// Rows besides that hold the same AYON id as one of `rows`, where AYON does not say whose it is.
    pub other_holders: BTreeSet<(AyonId, FlowRef)>,
}

/// A Flow Project.
#[derive(Clone, Debug)]
pub struct FlowProject {
    pub id: FlowId,
    pub name: String,
    /// Value of the code field that the addon's settings name.
    pub code: Option<String>,
    /// `tracking_settings.navchains`, by type; a missing type is flat.
    pub chains: BTreeMap<FlowType, String>,
    pub ayon_id: Option<String>,
    pub sync_status: Option<String>,
    pub ayon_code: Option<String>,
    pub server_url: Option<String>,
    pub tags: Vec<Arc<str>>,
    /// What it is instead of a project that people work in, such as `a template`.
    pub instead_of_work: Option<&'static str>,
    /// Mapped attributes, by position in the rules.
    pub values: Vec<(usize, Value)>,
}

/// An Episode, Sequence, Scene, Shot, Asset or Task.
#[derive(Clone, Debug)]
pub struct FlowRow {
    pub key: FlowRef,
    /// `code`, or `content` of a Task.
    pub name: Option<String>,
    pub project: Option<FlowId>,
    /// What its parent field holds.
    pub parent: ParentValue,
    /// Step of a Task.
    pub step: Option<Step>,
    pub ayon_id: Option<String>,
    pub sync_status: Option<String>,
    /// Code of `sg_status_list`.
    pub status: Option<Arc<str>>,
    pub tags: Vec<Arc<str>>,
    /// Who a Task is assigned to.
    pub assignees: Vec<Assignee>,
    /// Mapped attributes that the type carries, by position in the rules; null where Flow holds nothing.
    pub values: Vec<(usize, Value)>,
}

/// Who a Task may be assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignee {
    Person(FlowId),
    Group(FlowId),
}

/// What the field that tracking settings name as the parent holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ParentValue {
    /// Nothing, or the type is flat.
    #[default]
    Empty,
    /// A row.
    Row { kind: String, id: FlowId, name: String },
    /// Several rows: no single parent can be told.
    Many,
    /// A text, such as the asset type.
    Text(String),
}

/// A pipeline step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub code: Option<String>,
    pub short_name: Option<String>,
}

/// A Flow HumanUser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowPerson {
    pub id: FlowId,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
}

/// A Flow Group, which may be assigned like a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowGroup {
    pub name: String,
    pub members: Vec<FlowId>,
}

/// The AYON server as it was read.
#[derive(Clone, Debug, Default)]
pub struct AyonSnapshot {
    /// Version of the server; zeros when it does not tell.
    pub version: (u32, u32, u32),
    pub projects: Vec<AyonProjectLine>,
    /// Content of the project that the plan is about; `None` when AYON does not have it yet.
    pub project: Option<AyonProject>,
    /// The anatomy a new project would start with; `None` when the preset does not exist.
    pub new_anatomy: Option<Anatomy>,
    /// Whether `shotgridId` and `shotgridType` exist on projects, folders and tasks.
    pub attributes_live: bool,
    pub users: Arc<Vec<AyonUser>>,
    /// The Flow ids that AYON users hold as `data.sg_user_id`, as far as somebody asked: id → user name.
    pub user_links: BTreeMap<FlowId, String>,
}

/// An AYON user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AyonUser {
    pub name: String,
    pub email: Option<String>,
}

/// One AYON project in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AyonProjectLine {
    pub name: String,
    pub code: String,
    pub active: bool,
    pub shotgrid_id: Option<String>,
}

/// The types, statuses and tags of a project that a sync may have to extend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anatomy {
    pub folder_types: Vec<String>,
    pub task_types: Vec<String>,
    pub statuses: Vec<AyonStatus>,
    pub tags: Vec<String>,
}

/// A status of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AyonStatus {
    pub name: String,
    pub short_name: String,
    /// Kinds of entities it is for; empty means all.
    pub scope: Vec<String>,
}

/// The content of one AYON project.
#[derive(Clone, Debug, Default)]
pub struct AyonProject {
    pub name: String,
    pub code: String,
    /// `shotgridPush`: the addon sends changes in AYON to Flow.
    pub push: bool,
    pub anatomy: Anatomy,
    /// Mapped attributes of the project itself, by position in the rules.
    pub attributes: Vec<Held>,
    /// How many folders AYON has in it, whatever was read of them: what a write costs grows with them.
    pub size: usize,
    pub folders: BTreeMap<AyonId, AyonFolder>,
    pub tasks: BTreeMap<AyonId, AyonTask>,
    /// What folders hold besides, where they are to be moved.
    pub inside: Option<Inside>,
    /// The parts of it that were read; `None` is the whole.
    pub read: Option<Parts>,
}

/// What folders hold besides folders, as far as moving them depends on it.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    pub with_tasks: HashSet<AyonId>,
    pub with_products: HashSet<AyonId>,
    /// Workfiles that AYON knows, by the folder of their task.
    pub workfiles: BTreeMap<AyonId, usize>,
    /// Published versions of the folders that somebody asked about.
    pub versions: BTreeMap<AyonId, usize>,
    /// Template of the directory that artists work in, in the project's anatomy.
    pub work_directory: Option<String>,
}

/// The value of one attribute as AYON shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// The entity's own value, or what it inherits.
    pub value: Value,
    pub own: bool,
}

/// An AYON folder.
#[derive(Clone, Debug)]
pub struct AyonFolder {
    pub id: AyonId,
    pub parent: Option<AyonId>,
    pub name: String,
    pub label: Option<String>,
    pub folder_type: String,
    pub active: bool,
    pub shotgrid_id: Option<String>,
    pub shotgrid_type: Option<String>,
    pub status: Arc<str>,
    pub tags: Vec<Arc<str>>,
    /// Whether it or a folder below it has published versions, which lock its name, place and type.
    pub has_versions: bool,
    /// Mapped attributes, by position in the rules.
    pub attributes: Vec<Held>,
}

/// An AYON task.
#[derive(Clone, Debug)]
pub struct AyonTask {
    pub id: AyonId,
    pub folder: AyonId,
    pub name: String,
    pub label: Option<String>,
    pub task_type: String,
    pub active: bool,
    pub shotgrid_id: Option<String>,
    pub shotgrid_type: Option<String>,
    pub status: Arc<str>,
    pub tags: Vec<Arc<str>>,
    pub assignees: Vec<Arc<str>>,
    /// Mapped attributes, by position in the rules.
    pub attributes: Vec<Held>,
}
