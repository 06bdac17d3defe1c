//! How often what was refused, since the start.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts by code. Codes are the program's own words, so there are few, whatever is sent.
#[derive(Clone, Default)]
pub struct Counters {
    refused: Arc<Mutex<BTreeMap<Cow<'static, str>, u64>>>,
}

impl Counters {
    /// Counts one refusal.
    pub fn refused(&self, code: Cow<'static, str>) {
        let mut counts = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&code) {
            Some(count) => *count += 1,
            None => {
                counts.insert(code, 1);
            }
        }
    }

    /// All counts so far.
    pub fn all(&self) -> BTreeMap<Cow<'static, str>, u64> {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
