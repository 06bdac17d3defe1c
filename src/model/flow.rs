//! Flow's side: entity types, ids, and the fields amigo keeps its link in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The Flow entity types that amigo knows, in the order of a production's hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FlowType {
    Project,
    Episode,
    Sequence,
    Scene,
    Shot,
    Asset,
    Task,
    /// Never synced itself: a selected Version stands for its entity and its Task.
    Version,
    /// A person. Has no project.
    HumanUser,
    /// Several people. Has no project.
    Group,
}

impl FlowType {
    /// The types of a production.
    pub const ALL: [Self; 8] = [
        Self::Project,
        Self::Episode,
        Self::Sequence,
        Self::Scene,
        Self::Shot,
        Self::Asset,
        Self::Task,
        Self::Version,
    ];

    /// The types that people are.
    pub const PEOPLE: [Self; 2] = [Self::HumanUser, Self::Group];

    /// The types that a sync writes to AYON.
    pub const SYNCED: [Self; 7] = [
        Self::Project,
        Self::Episode,
        Self::Sequence,
        Self::Scene,
        Self::Shot,
        Self::Asset,
        Self::Task,
    ];

    /// The types that become AYON folders (`ayon-shotgrid-behaviour.md §3.1`).
    pub const FOLDERS: [Self; 5] = [
        Self::Episode,
        Self::Sequence,
        Self::Scene,
        Self::Shot,
        Self::Asset,
    ];

    /// Flow's system name of the type, as schema paths, filters and batches want it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Episode => "Episode",
            Self::Sequence => "Sequence",
            Self::Scene => "Scene",
            Self::Shot => "Shot",
            Self::Asset => "Asset",
            Self::Task => "Task",
            Self::Version => "Version",
            Self::HumanUser => "HumanUser",
            Self::Group => "Group",
        }
    }

    /// The field that holds the name people see.
    pub fn name_field(self) -> &'static str {
        match self {
            Self::Project | Self::HumanUser => "name",
            Self::Task => "content",
            _ => "code",
        }
    }

    /// How one of them is called in a sentence.
    pub fn singular(self) -> &'static str {
        match self {
            Self::HumanUser => "person",
            other => other.as_str(),
        }
    }

    /// How several of them are called in a sentence.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Project => "Projects",
            Self::Episode => "Episodes",
            Self::Sequence => "Sequences",
            Self::Scene => "Scenes",
            Self::Shot => "Shots",
            Self::Asset => "Assets",
            Self::Task => "Tasks",
            Self::Version => "Versions",
            Self::HumanUser => "people",
            Self::Group => "Groups",
        }
    }
}

impl fmt::Display for FlowType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A type name that amigo does not know, such as `Note`.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is not a type that amigo syncs: Project, Episode, Sequence, Scene, Shot, Asset, Task or Version; for users HumanUser or Group"
)]
pub struct UnknownType(pub String);

impl FromStr for FlowType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::ALL
            .into_iter()
            .chain(Self::PEOPLE)
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownType(text.to_owned()))
    }
}

/// A Flow row id: positive, unique within its type only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowId(pub i64);

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One Flow row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FlowRef {
    #[serde(rename = "type")]
    pub kind: FlowType,
    pub id: FlowId,
}

impl FlowRef {
    pub const fn new(kind: FlowType, id: i64) -> Self {
        Self { kind, id: FlowId(id) }
    }
}

impl fmt::Display for FlowRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// The custom Flow fields that hold the link to AYON, shared with the addon (`flow-api.md §4.9`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FlowField {
    /// AYON entity id; on a Project the AYON project's name.
    AyonId,
    /// `Synced`, `Failed` or `Skipped`.
    SyncStatus,
    /// Project only: the AYON project's code.
    ProjectCode,
    /// Project only: address of the AYON server that holds it.
    ServerUrl,
}

impl FlowField {
    /// The programmatic name, which Flow derives from [`Self::title`].
    pub fn name(self) -> &'static str {
        match self {
            Self::AyonId => "sg_ayon_id",
            Self::SyncStatus => "sg_ayon_sync_status",
            Self::ProjectCode => "sg_ayon_project_code",
            Self::ServerUrl => "sg_ayon_server_url",
        }
    }

    /// The display name to create it with (`flow-api.md §4.9`).
    pub fn title(self) -> &'static str {
        match self {
            Self::AyonId => "Ayon ID",
            Self::SyncStatus => "Ayon Sync Status",
            Self::ProjectCode => "Ayon Project Code",
            Self::ServerUrl => "Ayon Server URL",
        }
    }

    /// The fields that a type needs before amigo can write its link.
    pub fn needed_on(kind: FlowType) -> &'static [Self] {
        match kind {
            FlowType::Project => &[Self::AyonId, Self::SyncStatus, Self::ProjectCode, Self::ServerUrl],
            _ => &[Self::AyonId, Self::SyncStatus],
        }
    }
}
