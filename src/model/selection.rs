//! What a person chose: rows.

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
