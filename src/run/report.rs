//! What happened to each operation.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::plan::OpId;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Done,
    Failed,
    /// Not tried: something it needs was not done, or the run ended first.
    Skipped,
    /// Not wanted: somebody unticked it.
    Unchanged,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Unchanged => "unchanged",
        }
    }

    /// Reads the word that [`Self::as_str`] gives.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Done, Self::Failed, Self::Skipped, Self::Unchanged]
            .into_iter()
            .find(|o| o.as_str() == word)
    }
}

/// How one operation ended, and why when it is not plainly done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeRow {
    pub id: OpId,
    pub outcome: Outcome,
    pub message: Option<String>,
}

/// How many operations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    pub done: usize,
    pub failed: usize,
    pub skipped: usize,
    pub unchanged: usize,
}

/// What happened to each operation of an applied run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub operations: Vec<OutcomeRow>,
    pub counts: OutcomeCounts,
}

impl Report {
    /// The operations that are done.
    pub fn done(&self) -> HashSet<&OpId> {
        let done = self.operations.iter().filter(|row| row.outcome == Outcome::Done);
        done.map(|row| &row.id).collect()
    }

    /// A report of these rows.
    pub fn of(operations: Vec<OutcomeRow>) -> Self {
        let mut counts = OutcomeCounts::default();
        for row in &operations {
            *match row.outcome {
                Outcome::Done => &mut counts.done,
                Outcome::Failed => &mut counts.failed,
                Outcome::Skipped => &mut counts.skipped,
                Outcome::Unchanged => &mut counts.unchanged,
            } += 1;
        }
        Self { operations, counts }
    }
}
