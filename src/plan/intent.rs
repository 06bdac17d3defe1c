//! What an operation would send: the part of a plan that apply executes and pages never see.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::model::{AyonId, FlowField, FlowId, FlowRef, FlowType, UserLevel};

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
        attributes: Attributes,
    },
    /// Set an AYON project's `shotgridId` and `shotgridType` (`link`), and attributes.
    UpdateProject {
        name: String,
        link: Option<FlowId>,
        attributes: Attributes,
    },
    AddFolderType {
        name: String,
    },
    AddTaskType {
        name: String,
        short_name: String,
    },
    AddStatus {
        name: String,
        short_name: String,
        state: &'static str,
    },
    AddTag {
        name: String,
    },
    CreateFolder(NewEntity),
    UpdateFolder(EntityPatch),
    CreateTask(NewEntity),
    UpdateTask(EntityPatch),
    CreateUser(NewUser),
    UpdateUser(UserPatch),
    /// AYON is right already; only Flow hears something.
    Nothing,
}

/// Attribute values by AYON's name; null removes an own value.
pub type Attributes = Vec<(String, Value)>;

/// A folder or task that does not exist yet. It carries everything at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NewEntity {
    pub id: AyonId,
    /// Folder above it; `None` is the project's root. A task always has one.
    pub parent: Option<AyonId>,
    pub name: String,
    /// Stored only where it differs from the name.
    pub label: Option<String>,
    /// Folder type or task type.
    pub kind: String,
    /// Helper folders stand for no row.
    pub shotgrid_id: Option<String>,
    pub shotgrid_type: String,
    /// The server chooses one when it is absent.
    pub status: Option<String>,
    pub tags: Vec<String>,
    pub assignees: Vec<String>,
    pub attributes: Attributes,
    /// The parent field's name and row, which the addon keeps a copy of.
    pub hangs_on: Option<(String, FlowRef)>,
}

/// Changes of an existing folder or task; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EntityPatch {
    pub id: AyonId,
    /// `Some(None)` removes the label.
    pub label: Option<Option<String>>,
    /// `shotgridId` and `shotgridType`.
    pub link: Option<(String, String)>,
    pub status: Option<String>,
    /// The whole list.
    pub tags: Option<Vec<String>>,
    /// The whole list; tasks only.
    pub assignees: Option<Vec<String>>,
    pub attributes: Attributes,
    pub active: Option<bool>,
    pub name: Option<String>,
    /// Folder type or task type.
    pub kind: Option<String>,
    /// `Some(None)` is the project's root.
    pub parent: Option<Option<AyonId>>,
}

impl EntityPatch {
    /// Nothing to change on an entity.
    pub fn of(id: AyonId) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        *self == Self::of(self.id)
    }
}

/// A user who does not exist yet. There is no password in it: people come in through SSO, an invitation or a reset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewUser {
    pub name: String,
    pub full_name: Option<String>,
    pub email: Option<String>,
    /// The person it stands for, kept as `data.sg_user_id`.
    pub flow: FlowId,
    /// Access groups by project.
    pub access: BTreeMap<String, Vec<String>>,
    /// Access groups in projects that are made later.
    pub default_access: Vec<String>,
    /// Users that lose the link with this person first.
    pub takes_from: Vec<(String, FlowId)>,
}

/// Changes of a user; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UserPatch {
    pub name: String,
    pub full_name: Option<String>,
    pub email: Option<String>,
    /// `data.sg_user_id`; `Some(None)` removes it.
    pub link: Option<Option<FlowId>>,
    pub active: Option<bool>,
    /// From which level to which.
    pub level: Option<(UserLevel, UserLevel)>,
    /// Access groups to add, by project; what the user has stays.
    pub access: BTreeMap<String, Vec<String>>,
    /// Users that lose the link with the person whom this one is: no two are linked with one person.
    pub takes_from: Vec<(String, FlowId)>,
}

impl UserPatch {
    /// Nothing to change of a user.
    pub fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// Fields of one Flow row that are written after AYON confirmed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WriteBack {
    pub row: FlowRef,
    pub values: Vec<(FlowField, String)>,
}

/// The value of `sg_ayon_sync_status` after a confirmed sync.
pub const SYNCED: &str = "Synced";
