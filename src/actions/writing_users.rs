//! Writes users, a few at the same time, each by itself: one that AYON refuses costs itself only.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt};

use crate::ayon::{AyonError, AyonReader, AyonWriter};
use crate::net::{Patience, without};
use crate::plan::{On, OpId, Write};
use crate::store::StoreError;

use super::apply::{Applying, Row, Stop, unanswered};
use super::sending::ROUNDS;
use super::systems::Sessions;

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
            let writes: Vec<_> = possible
                .into_iter()
                .map(|row| {
                    let writer = &writer;
                    async move { (row, writer.write(&row.intent.write).await) }
                })
                .collect();
            let mut written = stream::iter(writes).buffer_unordered(at_once);
            let mut unsaved = 0;
            while let Some((row, written)) = written.next().await {
                self.note_user(&row, written);
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
        let (error, in_part) = match written {
            Written::Done => return self.confirmed(row),
            // It stays without an outcome, and is told as not reached.
            Written::NotTried => return,
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
        if !matches!(error, AyonError::Refused { .. }) {
            self.halt(error.to_string());
        }
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
            if self.stop.reason().is_some() {
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
}
