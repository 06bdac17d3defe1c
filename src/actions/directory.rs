//! Who is who on both sites, kept for ten minutes: the lists by one question each, the ids that AYON stores in its
//! users one by one, because there is no other way to read them (`ayon-api.md §7.1`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::Mutex;

use crate::ayon::{AyonError, AyonReader};
use crate::flow::{FlowError, FlowReader, if_shown};
use crate::model::FlowId;
use crate::plan::{AyonUser, FlowPerson};

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(600);
/// How many single questions are under way at once.
const AT_ONCE: usize = 8;

/// What was learnt of people, shared by all runs of this process.
#[derive(Clone, Default)]
pub struct Directory {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// Both addresses: another site's people are others.
    of: (String, String),
    people: Option<Timed<Option<Arc<Vec<FlowPerson>>>>>,
    users: Option<Timed<Arc<Vec<AyonUser>>>>,
    user_of: HashMap<FlowId, Timed<Option<String>>>,
    person_of: HashMap<String, Timed<Option<FlowId>>>,
}

struct Timed<T> {
    at: Instant,
    value: T,
}

impl<T: Clone> Timed<T> {
    fn now(value: T) -> Self {
        Self {
            at: Instant::now(),
            value,
        }
    }

    fn fresh(&self) -> Option<T> {
        (self.at.elapsed() < FRESH).then(|| self.value.clone())
    }
}

/// The directory as one run uses it.
pub(super) struct Desk<'a> {
    directory: &'a Directory,
    of: (String, String),
    version: &'a str,
}

impl Directory {
    /// Opens it for two addresses and a version of the addon.
    pub(super) fn desk<'a>(&'a self, ayon: &str, flow: &str, version: &'a str) -> Desk<'a> {
        Desk {
            directory: self,
            of: (ayon.to_owned(), flow.to_owned()),
            version,
        }
    }
}

impl Desk<'_> {
    async fn kept(&self) -> tokio::sync::MutexGuard<'_, Kept> {
        let mut kept = self.directory.kept.lock().await;
        if kept.of != self.of {
            *kept = Kept {
                of: self.of.clone(),
                ..Kept::default()
            };
        }
        kept
    }

    /// Forgets everything: users were written.
    pub async fn forget(&self) {
        *self.kept().await = Kept {
            of: self.of.clone(),
            ..Kept::default()
        };
    }

    /// Flow's people; `None` when the script may not see them.
    pub async fn people(&self, flow: &FlowReader) -> Result<Option<Arc<Vec<FlowPerson>>>, FlowError> {
        if let Some(people) = self.kept().await.people.as_ref().and_then(Timed::fresh) {
            return Ok(people);
        }
        let people = if_shown(flow.people().await)?.map(Arc::new);
        self.kept().await.people = Some(Timed::now(people.clone()));
        Ok(people)
    }

    /// AYON's users.
    pub async fn users(&self, ayon: &AyonReader) -> Result<Arc<Vec<AyonUser>>, AyonError> {
        if let Some(users) = self.kept().await.users.as_ref().and_then(Timed::fresh) {
            return Ok(users);
        }
        let users = Arc::new(ayon.users().await?);
        self.kept().await.users = Some(Timed::now(users.clone()));
        Ok(users)
    }

    /// The users that hold the ids of these people: Flow id → AYON name.
    pub async fn users_of(
        &self,
        ayon: &AyonReader,
        people: &BTreeSet<FlowId>,
    ) -> Result<BTreeMap<FlowId, String>, AyonError> {
        let (known, unknown) = split(people.iter().copied(), &self.kept().await.user_of);
        let questions = unknown.into_iter().map(|person| async move {
            let user = refused(ayon.user_of(self.version, person).await)?;
            Ok((person, user))
        });
        let asked = at_once(questions.collect()).await?;
        self.kept().await.user_of.extend(
            asked
                .iter()
                .map(|(person, user)| (*person, Timed::now(user.clone()))),
        );
        let found = known.into_iter().chain(asked);
        Ok(found.filter_map(|(person, user)| Some((person, user?))).collect())
    }

    /// The people whose ids these users hold: Flow id → AYON name.
    pub async fn people_of(
        &self,
        ayon: &AyonReader,
        users: &BTreeSet<String>,
    ) -> Result<BTreeMap<FlowId, String>, AyonError> {
        let (known, unknown) = split(users.iter().cloned(), &self.kept().await.person_of);
        let questions = unknown.into_iter().map(|user| async move {
            let person = refused(ayon.person_of(&user).await)?;
            Ok((user, person))
        });
        let asked = at_once(questions.collect()).await?;
        self.kept().await.person_of.extend(
            asked
                .iter()
                .map(|(user, person)| (user.clone(), Timed::now(*person))),
        );
        let found = known.into_iter().chain(asked);
        Ok(found.filter_map(|(user, person)| Some((person?, user))).collect())
    }
}

/// The answers to single questions, a few under way at once.
pub(super) async fn at_once<T, F>(questions: Vec<F>) -> Result<Vec<T>, AyonError>
where
    F: Future<Output = Result<T, AyonError>>,
{
    stream::iter(questions)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// What is known already, and what has to be asked for.
fn split<K: Eq + Hash + Clone, V: Clone>(
    keys: impl Iterator<Item = K>,
    kept: &HashMap<K, Timed<V>>,
) -> (Vec<(K, V)>, Vec<K>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for key in keys {
        match kept.get(&key).and_then(Timed::fresh) {
            Some(value) => known.push((key, value)),
            None => unknown.push(key),
        }
    }
    (known, unknown)
}

/// A look-up that AYON refuses tells nothing; it is no reason to end a run. A server in trouble is: what it would
/// have said must not be taken for "nobody", and least of all be remembered.
fn refused<T>(answer: Result<Option<T>, AyonError>) -> Result<Option<T>, AyonError> {
    match answer {
        Err(AyonError::Refused {
            status: 400 | 403 | 404,
            ..
        }) => Ok(None),
        other => other,
    }
}
