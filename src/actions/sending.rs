//! Sends rows to AYON until it is known what became of each.
//!
//! AYON may have carried out what it did not answer, and may still do so later. So nothing is sent twice before
//! the rows were looked up; and because creates carry ids of our own, one that comes too late is recognised.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ayon::{AyonError, RowResult, Standing};
use crate::plan::OpId;

use super::apply::{Applying, Row, unanswered};

/// How often rows are sent at most, when AYON does not say what became of them.
pub(super) const ROUNDS: u32 = 3;
/// How often one looks for a write before it is taken for lost.
pub(super) const LOOKS: u32 = 2;

/// A row and what it says to AYON.
pub(super) type Sent<'a> = (Row<'a>, Value);

/// Rows that go out together.
struct Part<'p, 'a> {
    rows: Vec<&'p Sent<'a>>,
    /// How often they were sent for nothing.
    round: u32,
    /// Why nobody knew what became of them the last time.
    trouble: Option<AyonError>,
}

impl Applying<'_, '_> {
    /// Sends one chunk; a chunk that is refused whole is halved, so that one bad row costs itself only.
    pub(super) async fn send(&mut self, project: &str, chunk: &[Sent<'_>]) {
        let mut parts = vec![Part {
            rows: chunk.iter().collect(),
            round: 0,
            trouble: None,
        }];
        while let Some(part) = parts.pop() {
            if self.stopped().is_some() {
                // Those that were never sent are left to be skipped.
                if let Some(trouble) = &part.trouble {
                    self.give_up(&part.rows, trouble);
                }
                continue;
            }
            let rows = self.possible(part.rows);
            if rows.is_empty() {
                continue;
            }
            let answer = {
                let bodies: Vec<_> = rows.iter().map(|(_, body)| self.instead.row(body)).collect();
                let wire: Vec<(&str, &Value)> = rows
                    .iter()
                    .zip(&bodies)
                    .map(|((row, _), body)| (row.operation.id.0.as_str(), body.as_ref()))
                    .collect();
                self.ayon.operations(project, &wire).await
            };
            match answer {
                Ok(results) => {
                    let (rest, round) = self.settle(project, &rows, results, part.round).await;
                    parts.extend((!rest.is_empty()).then_some(Part {
                        rows: rest,
                        round,
                        trouble: None,
                    }));
                }
                Err(AyonError::Refused {
                    status: 400 | 413, ..
                }) if rows.len() > 1 => {
                    let half = rows.len() / 2;
                    for rows in [rows[half..].to_vec(), rows[..half].to_vec()] {
                        parts.push(Part {
                            rows,
                            round: part.round,
                            trouble: None,
                        });
                    }
                }
                Err(error) if error.is_unclear() || is_deadlock_of(&error) => {
                    let round = part.round + 1;
                    match self.look_for(project, &rows).await {
                        Ok(rest) if round < ROUNDS => parts.push(Part {
                            rows: rest,
                            round,
                            trouble: Some(error),
                        }),
                        Ok(rest) if rest.is_empty() => {}
                        Ok(rest) => self.lose(&rest, &error),
                        Err(_) => self.lose(&rows, &error),
                    }
                }
                Err(error) => self.lose(&rows, &error),
            }
        }
    }

    /// The rows that still can be tried; the others are skipped.
    fn possible<'p, 'a>(&mut self, rows: Vec<&'p Sent<'a>>) -> Vec<&'p Sent<'a>> {
        let mut with: BTreeSet<&OpId> = BTreeSet::new();
        let mut possible = Vec::with_capacity(rows.len());
        for sent in rows {
            let (row, _) = sent;
            match self.hindrance(row.operation, &with) {
                Some(why) => self.skip(row, why),
                None => {
                    with.insert(&row.operation.id);
                    possible.push(sent);
                }
            }
        }
        possible
    }

    fn give_up(&mut self, rows: &[&Sent<'_>], error: &AyonError) {
        for (row, _) in rows {
            self.failed(row, unanswered(error));
        }
    }

    fn lose(&mut self, rows: &[&Sent<'_>], error: &AyonError) {
        self.give_up(rows, error);
        if !matches!(error, AyonError::Refused { .. }) {
            self.halt(error.to_string());
        }
    }

    /// Notes what AYON says of each row. Answers those that are worth another try, and how often they were
    /// sent for nothing by then.
    async fn settle<'p, 'a>(
        &mut self,
        project: &str,
        rows: &[&'p Sent<'a>],
        results: Vec<RowResult>,
        round: u32,
    ) -> (Vec<&'p Sent<'a>>, u32) {
        let mut open: BTreeSet<&OpId> = BTreeSet::new();
        let mut again = Vec::new();
        let mut taken: Vec<(&Sent<'_>, RowResult)> = Vec::new();
        let mut deadlock = false;
        for (&sent, result) in rows.iter().zip(results) {
            let (row, body) = sent;
            let id = &row.operation.id;
            let Some(detail) = &result.failure else {
                self.confirmed(row);
                continue;
            };
            if result.is_deadlock() && round + 1 < ROUNDS {
                deadlock = true;
                open.insert(id);
                again.push(sent);
            } else if result.is_taken() && body["type"] == "create" {
                open.insert(id);
                taken.push((sent, result));
            } else if row.operation.needs.iter().any(|need| open.contains(need)) {
                // It failed because of what is above it, and that is not decided yet.
                open.insert(id);
                again.push(sent);
            } else {
                match self.hindrance(row.operation, &BTreeSet::new()) {
                    Some(why) => self.skip(row, why),
                    None => self.failed(row, format!("AYON refused: {detail}")),
                }
            }
        }
        if !taken.is_empty() {
            self.claim(project, &taken).await;
        }
        if deadlock {
            tokio::time::sleep(self.patience.before(round + 2)).await;
        }
        (again, round + u32::from(deadlock))
    }

    /// What AYON does not want to create because it has it: when it is ours, or stands for the same Flow row,
    /// somebody else did our work.
    async fn claim(&mut self, project: &str, taken: &[(&Sent<'_>, RowResult)]) {
        let bodies: Vec<Value> = taken
            .iter()
            .map(|((_, body), _)| self.instead.row(body).into_owned())
            .collect();
        let found = self.claimable(project, &bodies).await.unwrap_or_default();
        for (((row, _), result), body) in taken.iter().zip(&bodies) {
            let ours = body["entityId"].as_str().unwrap_or_default();
            if let Some(theirs) = found.get(ours) {
                self.instead.put(ours, theirs);
                self.confirmed(row);
            } else {
                let detail = result.failure.as_deref().unwrap_or_default();
                self.failed(row, format!("AYON refused: {detail}"));
            }
        }
    }

    /// The ids that stand for ours: first by id, then by name in the same place.
    async fn claimable(
        &self,
        project: &str,
        bodies: &[Value],
    ) -> Result<BTreeMap<String, String>, AyonError> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = bodies
            .first()
            .map_or_else(String::new, |body| text(&body["entityType"]));
        let ids: Vec<&str> = bodies
            .iter()
            .filter_map(|body| body["entityId"].as_str())
            .collect();
        let mut found = BTreeMap::new();
        let standing = self.witness.by_ids(project, &kind, &ids).await?;
        let by_id = by_id(&standing);
        for body in bodies {
            let ours = text(&body["entityId"]);
            if by_id.get(ours.as_str()).is_some_and(|one| one.is_made_by(body)) {
                found.insert(ours.clone(), ours);
            }
        }
        let names: Vec<&str> = bodies
            .iter()
            .filter(|body| !found.contains_key(&text(&body["entityId"])))
            .filter_map(|body| body["data"]["name"].as_str())
            .collect();
        if !names.is_empty() {
            let standing = self.witness.by_names(project, &kind, &names).await?;
            for body in bodies {
                if let Some(theirs) = standing.iter().find(|one| one.stands_for(body)) {
                    found
                        .entry(text(&body["entityId"]))
                        .or_insert_with(|| theirs.id().to_owned());
                }
            }
        }
        Ok(found)
    }

    /// Looks whether AYON carried out rows that it did not answer, and notes those it did. Looks more than
    /// once, because it may still be at it.
    async fn look_for<'p, 'a>(
        &mut self,
        project: &str,
        rows: &[&'p Sent<'a>],
    ) -> Result<Vec<&'p Sent<'a>>, AyonError> {
        let mut rest = rows.to_vec();
        for look in 0..LOOKS {
            tokio::time::sleep(self.patience.before(look + 2)).await;
            let kind = rest
                .first()
                .map_or("", |(_, body)| body["entityType"].as_str().unwrap_or_default());
            let ids: Vec<&str> = rest
                .iter()
                .filter_map(|(_, body)| body["entityId"].as_str())
                .collect();
            let standing = self.witness.by_ids(project, kind, &ids).await?;
            let by_id = by_id(&standing);
            let mut missing = Vec::new();
            for sent in rest {
                let (row, body) = sent;
                let body = self.instead.row(body);
                let one = body["entityId"].as_str().and_then(|id| by_id.get(id));
                let done = one.is_some_and(|one| match body["type"] == "create" {
                    true => one.is_made_by(&body),
                    false => one.holds(&body),
                });
                if done {
                    self.confirmed(row);
                } else {
                    missing.push(sent);
                }
            }
            rest = missing;
            if rest.is_empty() {
                break;
            }
        }
        Ok(rest)
    }
}

fn by_id(standing: &[Standing]) -> BTreeMap<&str, &Standing> {
    standing.iter().map(|one| (one.id(), one)).collect()
}

/// AYON tries three times before it says so; nothing of the request was kept (`ayon-api.md §5.6`).
pub(super) fn is_deadlock_of(error: &AyonError) -> bool {
    matches!(error, AyonError::Refused { status: 409, detail } if detail.to_lowercase().contains("deadlock"))
}
