//! Writes users, a few at the same time, each by itself: one that AYON refuses costs itself only.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{self, StreamExt};

use crate::ayon::{AyonError, AyonReader, AyonWriter};
use crate::model::FlowId;
use crate::net::{Patience, without};
use crate::plan::{On, OpId, UserPatch, Write};
use crate::store::StoreError;

use super::apply::{Applying, Row, Stop, unanswered};
use super::sending::ROUNDS;
use super::systems::Sessions;

/// So many users without an answer, one after the other, and AYON counts as gone.
const SILENT: usize = 3;

/// What became of one user.
enum Written {
    Done,
    /// AYON has a part of it.
    InPart(AyonError),
    Failed(AyonError),
    /// Nothing may be written any more.
    NotTried,
}

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
        };
        let at_once = sessions.settings.users.at_once;
        while !waiting.is_empty() && self.stopped().is_none() {
            let open: BTreeSet<&OpId> = waiting.iter().map(|row| &row.operation.id).collect();
            let (later, now): (Vec<Row<'_>>, Vec<Row<'_>>) = waiting
                .iter()
                .partition(|row| row.operation.needs.iter().any(|need| open.contains(need)));
            let mut possible = Vec::with_capacity(now.len());
            for row in now {
                match self.hindrance(row.operation, &BTreeSet::new()) {
                    Some(why) => self.skip(&row, why),
                    None => possible.push(row),
                }
            }
            self.told("Users");
            let writes: Vec<_> = apart(possible)
                .into_iter()
                .map(|rows| {
                    let writer = &writer;
                    async move {
                        let mut written = Vec::with_capacity(rows.len());
                        for row in rows {
                            written.push((row, writer.write(&row.intent.write).await));
                        }
                        written
                    }
                })
                .collect();
            let mut written = stream::iter(writes).buffer_unordered(at_once);
            let mut unsaved = 0;
            while let Some(rows) = written.next().await {
                for (row, written) in rows {
                    if self.note_user(&row, written) == Trouble::Gone {
                        writer.gone.store(true, Ordering::Relaxed);
                    }
                    unsaved += 1;
                }
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

    fn note_user(&mut self, row: &Row<'_>, written: Written) -> Trouble {
        let (error, in_part) = match written {
            Written::Done => {
                self.confirmed(row);
                self.silent = 0;
                return Trouble::None;
            }
            // It stays without an outcome, and is told as not reached.
            Written::NotTried => return Trouble::None,
            Written::InPart(error) => (error, true),
            Written::Failed(error) => (error, false),
        };
        let message = words(&error, &row.intent.write);
        match in_part {
            true => self.done_in_part(
                row,
                format!("the user is there, but not their access to projects: {message}"),
            ),
            false => self.failed(row, message),
        }
        if matches!(error, AyonError::Refused { .. }) {
            self.silent = 0;
            return Trouble::None;
        }
        // One that is not answered may be that one's own trouble; several in a row are AYON's.
        self.silent += 1;
        if self.silent >= SILENT || matches!(error, AyonError::Credentials(_)) {
            self.halt(error.to_string());
            return Trouble::Gone;
        }
        Trouble::None
    }
}

/// Whether AYON went away.
#[derive(PartialEq, Eq)]
enum Trouble {
    None,
    Gone,
}

/// Rows that are about different users: AYON reads a user, changes it and writes it whole, so two changes of one user at
/// the same time would cost the first.
fn apart(rows: Vec<Row<'_>>) -> Vec<Vec<Row<'_>>> {
    let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
    let mut group_of: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        let names = names_of(&row.intent.write);
        let mut joined: Vec<usize> = names
            .iter()
            .filter_map(|name| group_of.get(name).copied())
            .collect();
        joined.sort_unstable();
        joined.dedup();
        let group = match joined.first() {
            Some(first) => *first,
            None => {
                groups.push(Vec::new());
                groups.len() - 1
            }
        };
        for other in joined.into_iter().skip(1) {
            let moved = std::mem::take(&mut groups[other]);
            groups[group].extend(moved);
            group_of
                .values_mut()
                .filter(|of| **of == other)
                .for_each(|of| *of = group);
        }
        groups[group].push(row);
        group_of.extend(names.into_iter().map(|name| (name, group)));
    }
    groups.retain(|group| !group.is_empty());
    groups
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

/// The users that lose their link by a write, each with the person.
fn takes_from(write: &Write) -> &[(String, FlowId)] {
    match write {
        Write::CreateUser(user) => &user.takes_from,
        Write::UpdateUser(patch) => &patch.takes_from,
        _ => &[],
    }
}

/// Why a user is not written, without what is about the person: outcomes outlive the plan.
fn words(error: &AyonError, write: &Write) -> String {
    let (personal, gains): (Vec<&str>, bool) = match write {
        Write::CreateUser(user) => (texts([&user.full_name, &user.email]), true),
        Write::UpdateUser(patch) => (
            texts([&patch.full_name, &patch.email]),
            patch.active == Some(true),
        ),
        _ => (Vec::new(), false),
    };
    let said = without(unanswered(error), &personal);
    match error {
        AyonError::Refused { status: 403, .. } if gains => {
            format!("{said}. Where AYON has no licence left, free one and sync the person again")
        }
        _ => said,
    }
}

fn texts(fields: [&Option<String>; 2]) -> Vec<&str> {
    fields.into_iter().flatten().map(String::as_str).collect()
}

struct OneByOne {
    /// AYON went away: what was not begun is not tried.
    gone: AtomicBool,
    ayon: AyonWriter,
    reader: AyonReader,
    patience: Patience,
    stop: Stop,
}

impl OneByOne {
    /// Writes until it is known what became of it. A change is the same when it is sent twice; a user that is there
    /// already is looked at.
    async fn write(&self, write: &Write) -> Written {
        let mut round = 1;
        loop {
            if self.stop.reason().is_some() || self.gone.load(Ordering::Relaxed) {
                return Written::NotTried;
            }
            let (error, in_part) = match self.once(write).await {
                Written::Failed(error) => (error, false),
                Written::InPart(error) => (error, true),
                other => return other,
            };
            let unclear = error.is_unclear();
            let taken = matches!(error, AyonError::Refused { status: 409, .. });
            // Somebody else may have made the same user in the meantime.
            if let Write::CreateUser(user) = write
                && (unclear || taken)
                && self.reader.has_made(user).await.unwrap_or(false)
            {
                return Written::Done;
            }
            if !unclear || round >= ROUNDS {
                return match in_part {
                    true => Written::InPart(error),
                    false => Written::Failed(error),
                };
            }
            round += 1;
            tokio::time::sleep(self.patience.before(round)).await;
        }
    }

    async fn once(&self, write: &Write) -> Written {
        for (user, person) in takes_from(write) {
            if let Err(error) = self.unlink(user, *person).await {
                return Written::Failed(error);
            }
        }
        let answer = match write {
            Write::CreateUser(user) => self.ayon.create_user(user).await,
            Write::UpdateUser(patch) => match self.ayon.update_user(patch).await {
                Ok(()) => {
                    let given = self.ayon.give_access(&patch.name, &patch.access).await;
                    return match given {
                        Ok(()) => Written::Done,
                        Err(error) => Written::InPart(error),
                    };
                }
                refused => refused,
            },
            // Rows about users hold nothing else.
            _ => Ok(()),
        };
        match answer {
            Ok(()) => Written::Done,
            Err(error) => Written::Failed(error),
        }
    }

    /// Takes a link away, unless the user has got another one by now.
    async fn unlink(&self, user: &str, person: FlowId) -> Result<(), AyonError> {
        if self.reader.stored_id(user).await?.person() != Some(person) {
            return Ok(());
        }
        let patch = UserPatch {
            link: Some(None),
            ..UserPatch::of(user)
        };
        self.ayon.update_user(&patch).await
    }
}
