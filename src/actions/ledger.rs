//! What became of each operation, kept in memory for those that follow and in the store for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::OpId;
use crate::run::{Outcome, OutcomeRow, RunId};
use crate::store::{Store, StoreError};

/// The outcomes of one run while it is applied.
pub struct Ledger<'a> {
    store: &'a Store,
    run: &'a RunId,
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    outcomes: BTreeMap<OpId, Outcome>,
    unsaved: Vec<OutcomeRow>,
}

impl<'a> Ledger<'a> {
    pub fn new(store: &'a Store, run: &'a RunId, now: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self {
            store,
            run,
            now,
            outcomes: BTreeMap::new(),
            unsaved: Vec::new(),
        }
    }

    /// Notes an outcome; a later one of the same operation replaces it.
    pub fn note(&mut self, id: &OpId, outcome: Outcome, message: Option<String>) {
        self.outcomes.insert(id.clone(), outcome);
        self.unsaved.push(OutcomeRow {
            id: id.clone(),
            outcome,
            message,
        });
    }

    pub fn outcome(&self, id: &OpId) -> Option<Outcome> {
        self.outcomes.get(id).copied()
    }

    /// How many operations have an outcome.
    pub fn noted(&self) -> usize {
        self.outcomes.len()
    }

    /// Writes what was noted since the last time.
    pub async fn save(&mut self) -> Result<(), StoreError> {
        if !self.unsaved.is_empty() {
            self.store.record(self.run, &self.unsaved, (self.now)()).await?;
            self.unsaved.clear();
        }
        Ok(())
    }
}
