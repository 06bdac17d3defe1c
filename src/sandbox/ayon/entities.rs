//! Folders, tasks, products, versions and workfiles as a project stores them.

use super::fields::Object;

/// Id of a stored entity: 32 lower-case hex digits.
pub(super) type Id = String;

/// What every entity has.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: Id,
    /// Place in the order of creation within its project; cursors are made of it.
    pub(super) number: u64,
    pub(super) active: bool,
    pub(super) status: String,
    pub(super) tags: Vec<String>,
    /// Own values only.
    pub(super) attrib: Object,
    pub(super) data: Object,
    pub(super) created_by: String,
    pub(super) updated_by: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) record: Record,
    pub(super) name: String,
    pub(super) label: Option<String>,
    pub(super) folder_type: String,
    /// `None` right below the project.
    pub(super) parent: Option<Id>,
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) record: Record,
    pub(super) name: String,
    pub(super) label: Option<String>,
    pub(super) task_type: String,
    pub(super) folder: Id,
    /// Names of users, unchecked (§4.4).
    pub(super) assignees: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Product {
    pub(super) record: Record,
    pub(super) name: String,
    pub(super) product_type: String,
    pub(super) folder: Id,
}

#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) record: Record,
    /// The version number; negative for hero versions, by convention.
    pub(super) version: i64,
    pub(super) product: Id,
    pub(super) task: Option<Id>,
    pub(super) author: Option<String>,
}

/// A file that an artist works in.
#[derive(Clone, Debug)]
pub(super) struct Workfile {
    pub(super) record: Record,
    /// Free text, the only one of its kind in the project.
    pub(super) path: String,
    pub(super) task: Id,
}

impl Workfile {
    /// The last part of its path, whichever slashes that has.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or_default()
    }
}

/// The kinds of entity that this stand-in keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    Task,
    Product,
    Version,
    Workfile,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Task => "task",
            Self::Product => "product",
            Self::Version => "version",
            Self::Workfile => "workfile",
        }
    }

    /// The kind that an operation names; workfiles are kept for single requests only.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Folder, Self::Task, Self::Product, Self::Version]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// One field that an update really changed, told to the event log.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Last word of the event's topic, such as `label_changed`.
    pub(super) topic: &'static str,
    pub(super) old: serde_json::Value,
    pub(super) new: serde_json::Value,
}

/// Notes a change when there is one.
pub(super) fn note(
    changes: &mut Vec<Change>,
    topic: &'static str,
    old: serde_json::Value,
    new: serde_json::Value,
) {
    if old != new {
        changes.push(Change { topic, old, new });
    }
}
