//! What Flow hears: ids and sync status of what AYON confirmed, in batches that are whole or nothing.

use std::collections::BTreeMap;

use crate::flow::{BATCH, FlowError, FlowReader, FlowWriter};
use crate::model::{FlowId, FlowType};
use crate::net::Patience;
use crate::plan::{OpId, WriteBack};
use crate::run::Outcome;

use super::apply::Stop;
use super::ledger::Ledger;
use super::sending::{LOOKS, ROUNDS};
use super::systems::Sessions;

/// So many refusals are enough to know that Flow takes none: a role without the right to write refuses each row.
const REFUSED: usize = 200;

/// A row that waits to be told.
pub(super) struct Waiting {
    pub operation: OpId,
    pub back: WriteBack,
    /// What people should know of it once Flow knows it.
    pub remark: Option<String>,
    /// Whether AYON was written to for it; if not, it only begins here.
    pub ayon_wrote: bool,
}

/// Rows that wait to be told.
pub(super) struct WriteBacks {
    flow: FlowWriter,
    reader: FlowReader,
    patience: Patience,
    waiting: Vec<Waiting>,
    /// The run lost its hold while some were being told: nobody knows of them.
    broken_off: bool,
}

impl Waiting {
    fn is_told(&self, ledger: &mut Ledger<'_>) {
        ledger.note(&self.operation, Outcome::Done, self.remark.clone());
    }
}

impl WriteBacks {
    pub fn new(sessions: &Sessions) -> Self {
        Self {
            flow: sessions.flow_writer(),
            reader: sessions.flow_reader(),
            patience: sessions.patience.clone(),
            waiting: Vec::new(),
            broken_off: false,
        }
    }

    pub fn add(&mut self, row: Waiting) {
        self.waiting.push(row);
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether Flow heard of all of them, or said why not.
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty() && !self.broken_off
    }

    /// Sends full batches, and the rest too when `at_least` is 0.
    ///
    /// A batch that Flow refuses is halved down to the row that it refuses. One that it does not answer is looked
    /// for, and what Flow does not hold is sent again. Once the run is stopped, only what AYON wrote is still told.
    pub async fn send(&mut self, ledger: &mut Ledger<'_>, at_least: usize, stop: &Stop) {
        let keep = if at_least == 0 {
            0
        } else {
            self.waiting.len() % BATCH
        };
        let rows: Vec<Waiting> = self.waiting.drain(..self.waiting.len() - keep).collect();
        let mut parts: Vec<(Vec<&Waiting>, u32)> = rows
            .chunks(BATCH)
            .rev()
            .map(|part| (part.iter().collect(), 1))
            .collect();
        let mut gone: Option<FlowError> = None;
        let mut refused = 0;
        while let Some((mut part, round)) = parts.pop() {
            if stop.lease_lost.is_cancelled() {
                // Each of them says already that Flow is not told yet.
                self.broken_off = true;
                return;
            }
            if round == 1 && stop.reason().is_some() {
                // They are left without an outcome, as everything else that was not tried.
                part.retain(|row| row.ayon_wrote);
                if part.is_empty() {
                    continue;
                }
            }
            let backs: Vec<&WriteBack> = part.iter().map(|row| &row.back).collect();
            let answer = match &gone {
                Some(error) => Err(error.clone()),
                None => self.flow.update(&backs).await,
            };
            match answer {
                Ok(()) => part.iter().for_each(|row| row.is_told(ledger)),
                // It was given up, or nobody may look any more what became of it.
                Err(_) if stop.lease_lost.is_cancelled() => parts.push((part, round)),
                Err(error) if error.refuses_rows() && part.len() > 1 && refused < REFUSED => {
                    refused += 1;
                    let (front, back) = part.split_at(part.len() / 2);
                    parts.extend([(back.to_vec(), round), (front.to_vec(), round)]);
                }
                Err(error) => {
                    let unclear = gone.is_none() && error.is_unclear();
                    let (rest, seen) = if unclear {
                        self.look_for(part, ledger).await
                    } else {
                        (part, false)
                    };
                    if rest.is_empty() {
                        continue;
                    }
                    if seen && round < ROUNDS {
                        parts.push((rest, round + 1));
                        continue;
                    }
                    refused += 1;
                    for row in rest {
                        let message = if unclear {
                            format!("AYON has it; whether Flow was told shows the next sync: {error}")
                        } else {
                            format!("AYON has it, but Flow was not told: {error}")
                        };
                        ledger.note(&row.operation, Outcome::Failed, Some(message));
                    }
                    if refused >= REFUSED || !error.refuses_rows() {
                        gone = Some(error);
                    }
                }
            }
        }
    }

    /// Notes the rows that Flow was told although it did not answer. Answers the others, and whether Flow let
    /// itself be looked at.
    async fn look_for<'r>(
        &self,
        rows: Vec<&'r Waiting>,
        ledger: &mut Ledger<'_>,
    ) -> (Vec<&'r Waiting>, bool) {
        let mut rest = rows;
        for look in 0..LOOKS {
            tokio::time::sleep(self.patience.before(look + 2)).await;
            let Ok(told) = self.told(&rest).await else {
                return (rest, false);
            };
            let (done, missing): (Vec<_>, Vec<_>) = rest.into_iter().zip(told).partition(|(_, told)| *told);
            done.iter().for_each(|(row, _)| row.is_told(ledger));
            rest = missing.into_iter().map(|(row, _)| row).collect();
            if rest.is_empty() {
                break;
            }
        }
        (rest, true)
    }

    /// Whether Flow holds what it was to hear, for each of the rows.
    async fn told(&self, rows: &[&Waiting]) -> Result<Vec<bool>, FlowError> {
        let mut ids: BTreeMap<FlowType, Vec<FlowId>> = BTreeMap::new();
        let mut fields: BTreeMap<FlowType, Vec<&str>> = BTreeMap::new();
        for Waiting { back, .. } in rows {
            ids.entry(back.row.kind).or_default().push(back.row.id);
            let names = fields.entry(back.row.kind).or_default();
            for (field, _) in &back.values {
                if !names.contains(&field.name()) {
                    names.push(field.name());
                }
            }
        }
        let mut records = BTreeMap::new();
        for (kind, ids) in &ids {
            let fields = fields.get(kind).map_or(&[][..], Vec::as_slice);
            for record in self.reader.by_ids(kind.as_str(), ids, fields).await? {
                records.insert((*kind, record.id), record);
            }
        }
        Ok(rows
            .iter()
            .map(|Waiting { back, .. }| {
                records.get(&(back.row.kind, back.row.id)).is_some_and(|record| {
                    back.values
                        .iter()
                        .all(|(field, value)| record.text(field.name()).as_deref() == Some(value.as_str()))
                })
            })
            .collect())
    }
}
