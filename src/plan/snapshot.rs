//! What was read from the two systems for one plan, and the rules that decide.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{AyonId, FlowField, FlowId, FlowRef, FlowType};

/// Everything that decides the outcome besides the rows themselves.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Host of the Flow site; part of every derived id.
    pub site: String,
    /// Address of the AYON server, as Flow's `sg_ayon_server_url` tells it.
    pub ayon_url: String,
    /// `shotgrid_enabled_entities`: the Flow types that are synced.
    pub enabled: BTreeSet<FlowType>,
    /// Task type of Tasks without a pipeline step.
    pub default_task_type: String,
    /// Preset for new AYON projects; `None` is the server's own.
    pub anatomy_preset: Option<String>,
    /// Flow types that an enabled re-parenting rule speaks of.
    pub reparented: BTreeSet<FlowType>,
}

/// What the schema says, read once per run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowSchema {
    /// Types that are visible in the project.
    pub visible: BTreeSet<FlowType>,
    /// For each type the fields a hierarchy may be made of: name → what they hold.
    pub fields: BTreeMap<FlowType, BTreeMap<String, FieldKind>>,
}

/// What a Flow field holds, as far as the hierarchy cares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FieldKind {
    /// One row of one of these types.
    Link(Vec<String>),
    /// Several rows.
    Links,
    /// A text, such as a list value.
    Text,
}

/// One Flow project as it was read.
#[derive(Clone, Debug)]
pub struct FlowSnapshot {
    pub project: FlowProject,
    /// Selected rows, their ancestors, and what hangs below them.
    pub rows: BTreeMap<FlowRef, FlowRow>,
    pub schema: FlowSchema,
    /// Link fields that the site does not have yet.
    pub missing_fields: BTreeSet<(FlowType, FlowField)>,
    /// Role of our script, asked only when fields are missing; `None` when it could not be told.
    pub script_role: Option<String>,
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

/// The AYON server as it was read.
#[derive(Clone, Debug, Default)]
pub struct AyonSnapshot {
    pub projects: Vec<AyonProjectLine>,
    /// Content of the project that the plan is about; `None` when AYON does not have it yet.
    pub project: Option<AyonProject>,
    /// The anatomy a new project would start with; `None` when the preset does not exist.
    pub new_anatomy: Option<Anatomy>,
    /// Whether `shotgridId` and `shotgridType` exist on projects, folders and tasks.
    pub attributes_live: bool,
}

/// One AYON project in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AyonProjectLine {
    pub name: String,
    pub code: String,
    pub active: bool,
    pub shotgrid_id: Option<String>,
}

/// The types of a project that a sync may have to extend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anatomy {
    pub folder_types: Vec<String>,
    pub task_types: Vec<String>,
}

/// The content of one AYON project.
#[derive(Clone, Debug, Default)]
pub struct AyonProject {
    pub name: String,
    pub code: String,
    pub anatomy: Anatomy,
    pub folders: BTreeMap<AyonId, AyonFolder>,
    pub tasks: BTreeMap<AyonId, AyonTask>,
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
}
