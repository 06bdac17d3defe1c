//! What Flow hears: ids and sync status of what AYON confirmed, in batches that are whole or nothing.

use crate::flow::{BATCH, FlowError, FlowWriter};
use crate::plan::{OpId, WriteBack};
use crate::run::Outcome;

use super::apply::Stop;
use super::ledger::Ledger;

/// Rows that wait to be told.
pub(super) struct WriteBacks {
    flow: FlowWriter,
    waiting: Vec<(OpId, WriteBack)>,
}

impl WriteBacks {
    pub fn new(flow: FlowWriter) -> Self {
        Self {
            flow,
            waiting: Vec::new(),
        }
    }

    pub fn add(&mut self, operation: OpId, back: WriteBack) {
        self.waiting.push((operation, back));
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Sends full batches, and the rest too when `at_least` is 0.
    ///
    /// A batch that Flow refuses is halved down to the row that it refuses.
    pub async fn send(&mut self, ledger: &mut Ledger<'_>, at_least: usize, stop: &Stop) {
        let keep = if at_least == 0 {
            0
        } else {
            self.waiting.len() % BATCH
        };
        let rows: Vec<(OpId, WriteBack)> = self.waiting.drain(..self.waiting.len() - keep).collect();
        let mut parts: Vec<&[(OpId, WriteBack)]> = rows.chunks(BATCH).rev().collect();
        let mut gone: Option<FlowError> = None;
        while let Some(part) = parts.pop() {
            if stop.lease_lost.is_cancelled() {
                // Each of them says already that Flow is not told yet.
                return;
            }
            let backs: Vec<&WriteBack> = part.iter().map(|(_, back)| back).collect();
            let answer = match &gone {
                Some(error) => Err(error.clone()),
                None => self.flow.update(&backs).await,
            };
            match answer {
                Ok(()) => part
                    .iter()
                    .for_each(|(id, _)| ledger.note(id, Outcome::Done, None)),
                Err(FlowError::Refused {
                    status: 400 | 404 | 413 | 422,
                    ..
                }) if part.len() > 1 => {
                    let (front, back) = part.split_at(part.len() / 2);
                    parts.extend([back, front]);
                }
                Err(error) => {
                    for (id, _) in part {
                        let message = match (&error, gone.is_some()) {
                            (FlowError::Net(_), false) => {
                                format!("AYON has it; whether Flow was told shows the next sync: {error}")
                            }
                            _ => format!("AYON has it, but Flow was not told: {error}"),
                        };
                        ledger.note(id, Outcome::Failed, Some(message));
                    }
                    if !matches!(
                        error,
                        FlowError::Refused {
                            status: 400 | 404 | 413 | 422,
                            ..
                        }
                    ) {
                        gone = Some(error);
                    }
                }
            }
        }
    }
}
