//! Writes users, a few at the same time, each by itself: one that AYON refuses costs itself only.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{self, StreamExt};
use tokio::sync::Mutex;

use crate::ayon::AyonError;
use crate::plan::{On, OpId, Write};
use crate::store::StoreError;

use super::apply::{Applying, Row};
use super::one_user::{OneByOne, Part, Written, takes_from, words};
use super::systems::Sessions;

/// So many users without an answer, one after the other, and AYON counts as gone.
const SILENT: usize = 3;

impl Applying<'_, '_> {
    /// All rows about users: those that others need first.
    pub(super) async fn users(&mut self, sessions: &Sessions, rows: &[Row<'_>]) -> Result<(), StoreError> {
        let mut waiting: Vec<Row<'_>> = rows
            .iter()
            .copied()
            .filter(|row| row.operation.on == On::User)
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let writer = OneByOne {
            ayon: self.ayon.clone(),
            reader: sessions.ayon_reader(),
            patience: self.patience.clone(),
            stop: self.stop.clone(),
            gone: AtomicBool::new(false),
            taking: Mutex::new(()),
        };
        let at_once = sessions.settings.users.at_once;
        while !waiting.is_empty() && self.stopped().is_none() {
            let open: BTreeSet<&OpId> = waiting.iter().map(|row| &row.operation.id).collect();
            // AYON reads a user, changes it and writes it whole, so two changes of one user at the same time would cost
            // the first: the later one waits.
            let mut busy: HashSet<&str> = HashSet::new();
            let (later, now): (Vec<Row<'_>>, Vec<Row<'_>>) = waiting.iter().partition(|row| {
                if row.operation.needs.iter().any(|need| open.contains(need)) {
                    return true;
                }
                let names = names_of(&row.intent.write);
                let clashes = names.iter().any(|name| busy.contains(name));
                busy.extend(names);
                clashes
            });
            let mut writes = Vec::with_capacity(now.len());
            for row in now {
                match self.hindrance(row.operation, &BTreeSet::new()) {
                    Some(why) => self.skip(&row, why),
                    None => {
                        let writer = &writer;
                        writes.push(async move { (row, writer.write(&row.intent.write).await) });
                    }
                }
            }
            self.told("Users");
            let mut written = stream::iter(writes).buffer_unordered(at_once);
            let mut unsaved = 0;
            while let Some((row, written)) = written.next().await {
                self.note_user(&row, written);
                if self.stopped().is_some() {
                    writer.gone.store(true, Ordering::Relaxed);
                }
                unsaved += 1;
                if unsaved >= at_once {
                    unsaved = 0;
                    self.told("Users");
                    self.ledger.save().await?;
                }
            }
            drop(written);
            self.ledger.save().await?;
            // Needs that go round would never end.
            if later.len() == waiting.len() {
                break;
            }
            waiting = later;
        }
        // What was known of people is not so any more.
        sessions.desk().forget().await;
        Ok(())
    }

    fn note_user(&mut self, row: &Row<'_>, written: Written) {
        let error = match written {
            Written::Done => {
                self.confirmed(row);
                self.silent = 0;
                return;
            }
            // It stays without an outcome, and is told as not reached.
            Written::NotTried => return,
            Written::Kept(why) => {
                self.failed(row, why.to_owned());
                self.silent = 0;
                return;
            }
            Written::InPart(part, error) => {
                let message = format!("{}: {}", part.words(), words(&error, &row.intent.write));
                match part {
                    Part::All => self.failed(row, message),
                    _ => self.done_in_part(row, message),
                }
                error
            }
            Written::Failed(error) => {
                self.failed(row, words(&error, &row.intent.write));
                error
            }
        };
        if matches!(error, AyonError::Refused { .. }) {
            self.silent = 0;
            return;
        }
        // One that is not answered may be that one's own trouble; several in a row are AYON's.
        self.silent += 1;
        if self.silent >= SILENT || matches!(error, AyonError::Credentials(_)) {
            self.halt(error.to_string());
        }
    }
}

/// The users that a write touches.
fn names_of(write: &Write) -> Vec<&str> {
    let name = match write {
        Write::CreateUser(user) => &user.name,
        Write::UpdateUser(patch) => &patch.name,
        // Rows about users write nothing else.
        _ => return Vec::new(),
    };
    let others = takes_from(write).iter().map(|(user, _)| user);
    std::iter::once(name).chain(others).map(String::as_str).collect()
}
