//! What an operation would send: the part of a plan that apply executes and pages never see.

use serde::Serialize;

use crate::model::{AyonId, FlowField, FlowId, FlowRef, FlowType};

use super::operation::OpId;

/// The writes of one operation: AYON first, and when AYON confirmed them, Flow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Intent {
    pub operation: OpId,
    pub write: Write,
    /// What Flow hears afterwards.
    pub back: Option<WriteBack>,
}

/// A write to one system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Write {
    /// Make a Flow field.
    CreateField {
        kind: FlowType,
        field: FlowField,
    },
    CreateProject {
        name: String,
        code: String,
        preset: Option<String>,
        flow: FlowId,
    },
    /// Set an AYON project's `shotgridId` and `shotgridType`.
    LinkProject {
        name: String,
        flow: FlowId,
    },
    AddFolderType {
        name: String,
    },
    AddTaskType {
        name: String,
        short_name: String,
    },
    CreateFolder(NewEntity),
    UpdateFolder(EntityPatch),
    CreateTask(NewEntity),
    UpdateTask(EntityPatch),
    /// AYON is right already; only Flow hears something.
    Nothing,
}

/// A folder or task that does not exist yet. It carries everything at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewEntity {
    pub id: AyonId,
    /// Folder above it; `None` is the project's root. A task always has one.
    pub parent: Option<AyonId>,
    pub name: String,
    /// Stored only where it differs from the name.
    pub label: Option<String>,
    /// Folder type or task type.
    pub kind: String,
    pub shotgrid_id: String,
    pub shotgrid_type: String,
}

/// Changes of an existing folder or task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntityPatch {
    pub id: AyonId,
    /// `Some(None)` removes the label.
    pub label: Option<Option<String>>,
    /// `shotgridId` and `shotgridType`.
    pub link: Option<(String, String)>,
}

/// Fields of one Flow row that are written after AYON confirmed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WriteBack {
    pub row: FlowRef,
    pub values: Vec<(FlowField, String)>,
}

/// The value of `sg_ayon_sync_status` after a confirmed sync.
pub const SYNCED: &str = "Synced";
