//! Writes one user: what is given first, what is taken from others for it last, and nothing that AYON has changed in the
//! meantime so that it would lock somebody out.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;

use crate::ayon::{AyonError, AyonReader, AyonWriter};
use crate::model::{FlowId, UserLevel};
use crate::net::{Patience, without};
use crate::plan::{NewUser, UserPatch, Write};

use super::apply::{Stop, unanswered};
use super::sending::ROUNDS;

/// What became of one user.
pub(super) enum Written {
    Done,
    /// AYON has some of it, and not this part.
    InPart(Part, AyonError),
    Failed(AyonError),
    /// It was left as it is, because AYON is not as it was planned.
    Kept(&'static str),
    /// Nothing may be written any more.
    NotTried,
}

/// What AYON lacks of a user that is written otherwise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The new user itself: another one lost the link for it already.
    All,
    Access,
    /// Somebody else's user has the link as well.
    OtherLink,
    AccessAndOtherLink,
}

impl Part {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::All => "another user lost the link, and the new one is not made",
            Self::Access => "the user is there, but not their access to projects",
            Self::OtherLink => "the user is linked, but another user still has the link as well",
            Self::AccessAndOtherLink => {
                "the user is linked, but another user still has the link as well, and access to projects is missing"
            }
        }
    }
}

pub(super) struct OneByOne {
    /// AYON went away: what was not begun is not tried.
    pub gone: AtomicBool,
    pub ayon: AyonWriter,
    pub reader: AyonReader,
    pub patience: Patience,
    pub stop: Stop,
    /// One right is taken away at a time: else two managers could each count on the other.
    pub taking: Mutex<()>,
}

impl OneByOne {
    /// Writes until it is known what became of it. A change is the same when it is sent twice; a user that is there
    /// already is looked at.
    pub(super) async fn write(&self, write: &Write) -> Written {
        let mut last = Written::NotTried;
        for round in 1..=ROUNDS {
            if round > 1 {
                tokio::time::sleep(self.patience.before(round)).await;
            }
            // What was sent already may have been written: it is told with its last trouble.
            if self.stop.reason().is_some() || self.gone.load(Ordering::Relaxed) {
                return last;
            }
            last = match (self.once(write).await, last) {
                // What an earlier round gave is there, whatever this one says.
                (Written::Failed(error), Written::InPart(part, _)) => Written::InPart(part, error),
                (Written::Kept(_), sent @ (Written::InPart(..) | Written::Failed(_))) => sent,
                (now, _) => now,
            };
            match &last {
                Written::InPart(_, error) | Written::Failed(error) if error.is_unclear() => {}
                _ => return last,
            }
        }
        last
    }

    async fn once(&self, write: &Write) -> Written {
        match write {
            Write::CreateUser(user) => self.create(user).await,
            Write::UpdateUser(patch) => self.update(patch).await,
            // Rows about users hold nothing else.
            _ => Written::Done,
        }
    }

    /// Links are taken first: as long as another user has one, the next plan would make one more user.
    async fn create(&self, user: &NewUser) -> Written {
        let mut taken = false;
        for (other, person) in &user.takes_from {
            match self.unlink(other, *person).await {
                Ok(took) => taken |= took,
                Err(error) if taken => return Written::InPart(Part::All, error),
                Err(error) => return Written::Failed(error),
            }
        }
        match self.ayon.create_user(user).await {
            Ok(()) => Written::Done,
            // An earlier round may have made it, or somebody else just now.
            Err(error) if error.is_unclear() || is_taken(&error) => match self.reader.has_made(user).await {
                Ok(true) => Written::Done,
                Ok(false) | Err(_) if taken => Written::InPart(Part::All, error),
                Ok(false) | Err(_) => Written::Failed(error),
            },
            Err(error) if taken => Written::InPart(Part::All, error),
            Err(error) => Written::Failed(error),
        }
    }

    /// Links are taken last: a user keeps the link as long as AYON does not give it to the other one.
    async fn update(&self, patch: &UserPatch) -> Written {
        let takes = patch.active == Some(false) || patch.level.is_some_and(|(from, to)| to < from);
        let alone = match takes {
            true => Some(self.taking.lock().await),
            false => None,
        };
        match self.kept(patch, takes).await {
            Ok(None) => {}
            Ok(Some(why)) => return Written::Kept(why),
            Err(error) => return Written::Failed(error),
        }
        if let Err(error) = self.ayon.update_user(patch).await {
            return Written::Failed(error);
        }
        drop(alone);
        let access = self.give_access(patch).await;
        let mut links = Ok(());
        for (other, person) in &patch.takes_from {
            links = links.and(self.unlink(other, *person).await.map(drop));
        }
        match (access, links) {
            (Ok(()), Ok(())) => Written::Done,
            (Err(error), Ok(())) => Written::InPart(Part::Access, error),
            (Ok(()), Err(error)) => Written::InPart(Part::OtherLink, error),
            (Err(error), Err(_)) => Written::InPart(Part::AccessAndOtherLink, error),
        }
    }

    /// Why a right is not taken away, though it was planned: AYON has changed since.
    async fn kept(&self, patch: &UserPatch, takes: bool) -> Result<Option<&'static str>, AyonError> {
        if !takes {
            return Ok(None);
        }
        let level = self.reader.level(&patch.name).await?;
        Ok(match (level, patch.level) {
            (UserLevel::Admin, _) => {
                Some("AYON has made them an administrator since, from whom amigo takes nothing")
            }
            // An earlier round may have done it.
            (now, Some((from, to))) if now != from && now != to => {
                Some("AYON has changed what they are since, so nothing was taken away. Plan again")
            }
            (UserLevel::Manager, _) if !self.reader.another_manages(&patch.name).await? => {
                Some("nobody else manages AYON by now, so nothing was taken away")
            }
            _ => None,
        })
    }

    /// Adds access to what the user has by now, so that nothing is lost that somebody gave meanwhile.
    async fn give_access(&self, patch: &UserPatch) -> Result<(), AyonError> {
        if patch.access.is_empty() {
            return Ok(());
        }
        let access = self.reader.access_with(&patch.name, &patch.access).await?;
        self.ayon.give_access(&patch.name, &access).await
    }

    /// Takes a link away; false where the user has got another one by now.
    async fn unlink(&self, user: &str, person: FlowId) -> Result<bool, AyonError> {
        if self.reader.stored_id(user).await?.person() != Some(person) {
            return Ok(false);
        }
        let patch = UserPatch {
            link: Some(None),
            ..UserPatch::of(user)
        };
        self.ayon.update_user(&patch).await?;
        Ok(true)
    }
}

fn is_taken(error: &AyonError) -> bool {
    matches!(error, AyonError::Refused { status: 409, .. })
}

/// The users that lose their link by a write, each with the person.
pub(super) fn takes_from(write: &Write) -> &[(String, FlowId)] {
    match write {
        Write::CreateUser(user) => &user.takes_from,
        Write::UpdateUser(patch) => &patch.takes_from,
        _ => &[],
    }
}

/// Why a user is not written, without what is about the person: outcomes outlive the plan.
pub(super) fn words(error: &AyonError, write: &Write) -> String {
    let (personal, gains): (Vec<&str>, bool) = match write {
        Write::CreateUser(user) => {
            let mut personal = texts([&user.full_name, &user.email]);
            // A name that AYON does not know is nothing but their login.
            personal.push(&user.name);
            (personal, true)
        }
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
