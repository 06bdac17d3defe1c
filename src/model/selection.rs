//! What a person chose: rows, and how far around them a sync looks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FlowId, FlowRef, FlowType};

/// The person a run acts for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Id of the Flow HumanUser; `None` for a run from the command line.
    pub id: Option<i64>,
    pub login: String,
    /// The name people know them by; the login until Flow was asked.
    pub name: String,
}

/// The rows that were selected, never all rows of the page (`flow-api.md §1.2`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    pub entity_type: FlowType,
    /// In the order given, without repetitions.
    pub ids: Vec<FlowId>,
    /// The page's project: a hint only, absent on pages that span projects.
    #[serde(default)]
    pub project_id: Option<FlowId>,
}

impl Selection {
    /// The selected rows.
    pub fn rows(&self) -> impl Iterator<Item = FlowRef> + '_ {
        self.ids.iter().map(|id| FlowRef {
            kind: self.entity_type,
            id: *id,
        })
    }

    /// Whether the whole project was selected.
    pub fn is_project(&self) -> bool {
        self.entity_type == FlowType::Project
    }
}

/// The switches of the `sync` action. They ride in a menu item's URL and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncOptions {
    /// Also what hangs below the selected rows.
    pub descendants: bool,
    /// Also the Tasks of the selected rows and of what is below them.
    pub tasks: bool,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            descendants: true,
            tasks: true,
        }
    }
}

/// An option that cannot be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongOption {
    #[error("The option {0:?} is not known; sync knows descendants and tasks.")]
    Unknown(String),
    #[error("The option {0}={1:?} is neither yes nor no.")]
    Value(String, String),
    #[error("The option {0} is given twice.")]
    Twice(String),
}

impl SyncOptions {
    /// Reads `descendants=no&tasks=yes`; what is absent keeps its default.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, WrongOption> {
        let mut options = Self::default();
        let mut given: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            if given.contains(&name) {
                return Err(WrongOption::Twice(name.to_owned()));
            }
            given.push(name);
            let slot = match name {
                "descendants" => &mut options.descendants,
                "tasks" => &mut options.tasks,
                _ => return Err(WrongOption::Unknown(name.to_owned())),
            };
            *slot = match value.to_ascii_lowercase().as_str() {
                "yes" | "true" | "1" | "on" => true,
                "no" | "false" | "0" | "off" => false,
                _ => return Err(WrongOption::Value(name.to_owned(), value.to_owned())),
            };
        }
        Ok(options)
    }

    /// The options that differ from their default, as a run's data show them.
    pub fn as_map(&self) -> BTreeMap<String, String> {
        let word = |on: bool| if on { "yes" } else { "no" }.to_owned();
        let mut map = BTreeMap::new();
        if !self.descendants {
            map.insert("descendants".to_owned(), word(false));
        }
        if !self.tasks {
            map.insert("tasks".to_owned(), word(false));
        }
        map
    }
}
