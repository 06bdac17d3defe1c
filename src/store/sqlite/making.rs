//! Making runs. Posts that come at the same time share one transaction: what takes long is the disk, and it is
//! waited for once for all of them.

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::{events, rows, runs, sql};
use crate::run::{EventBody, Run, State};
use crate::store::{Created, StoreError};

/// How many runs one transaction makes at most.
const TOGETHER: usize = 64;

/// A run that somebody waits for.
struct Wanted {
    run: Run,
    signature: Option<String>,
    told: oneshot::Sender<Result<Created, StoreError>>,
}

/// The one who makes runs; it ends with the last one that may ask.
#[derive(Clone)]
pub(super) struct Maker {
    wanted: mpsc::Sender<Wanted>,
}

impl Maker {
    /// Begins to make runs with the writing connection.
    pub fn begin(writer: SqlitePool) -> Self {
        let (wanted, mut asked) = mpsc::channel(4 * TOGETHER);
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(TOGETHER);
            while asked.recv_many(&mut waiting, TOGETHER).await > 0 {
                make(&writer, std::mem::take(&mut waiting)).await;
            }
        });
        Self { wanted }
    }

    /// Makes one run, durably.
    pub async fn make(&self, run: Run, signature: Option<String>) -> Result<Created, StoreError> {
        let gone = || StoreError::Query("it was closed".to_owned());
        let (told, answer) = oneshot::channel();
        let wanted = Wanted { run, signature, told };
        self.wanted.send(wanted).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Makes them together; where that fails, each alone, so that none suffers for another.
async fn make(writer: &SqlitePool, mut waiting: Vec<Wanted>) {
    let made: Vec<Result<Created, StoreError>> = match together(writer, &waiting).await {
        Ok(made) => made.into_iter().map(Ok).collect(),
        Err(error) if waiting.len() == 1 => vec![Err(error)],
        Err(_) => {
            let mut made = Vec::with_capacity(waiting.len());
            for wanted in &waiting {
                let alone = together(writer, std::slice::from_ref(wanted)).await;
                made.push(alone.map(|made| made.into_iter().next().unwrap_or(Created::New)));
            }
            made
        }
    };
    for (wanted, made) in waiting.drain(..).zip(made) {
        // Whoever does not wait any more has left.
        let _left = wanted.told.send(made);
    }
}

async fn together(writer: &SqlitePool, waiting: &[Wanted]) -> Result<Vec<Created>, StoreError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let mut made = Vec::with_capacity(waiting.len());
    for wanted in waiting {
        made.push(create(&mut transaction, &wanted.run, wanted.signature.as_deref()).await?);
    }
    transaction.commit().await?;
    Ok(made)
}

async fn create(
    connection: &mut SqliteConnection,
    run: &Run,
    signature: Option<&str>,
) -> Result<Created, StoreError> {
    if let Some(signature) = signature
        && let Some(known) = runs::run_of(connection, &run.action, signature).await?
    {
        return Ok(Created::Known(known));
    }
    // A replan looks into the entry that its own run began with. What Flow signed is one post, whoever guessed the
    // entry's number before.
    let entry = run
        .light
        .filter(|_| run.parent.is_none())
        .map(|light| light.entry);
    if let Some(entry) = entry.filter(|_| signature.is_none()) {
        let used = sqlx::query(sql!("entry_used"))
            .bind(entry)
            .fetch_optional(&mut *connection)
            .await?;
        if used.is_some() {
            return Ok(Created::EntryUsed);
        }
    }
    insert(connection, run).await?;
    if let Some(entry) = entry {
        sqlx::query(sql!("entry_insert"))
            .bind(entry)
            .bind(&run.id.0)
            .execute(&mut *connection)
            .await?;
    }
    if let Some(signature) = signature {
        sqlx::query(sql!("signature_insert"))
            .bind(&run.action)
            .bind(signature)
            .bind(&run.id.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(Created::New)
}

async fn insert(connection: &mut SqliteConnection, run: &Run) -> Result<(), StoreError> {
    sqlx::query(sql!("run_insert"))
        .bind(&run.id.0)
        .bind(&run.view.0)
        .bind(&run.action)
        .bind(State::Queued.as_str())
        .bind(run.origin.as_str())
        .bind(run.parent.as_ref().map(|view| &view.0))
        .bind(rows::to_json(&run.options)?)
        .bind(rows::to_json(&run.requested_by)?)
        .bind(&run.site)
        .bind(&run.session_uuid)
        .bind(rows::to_json(&run.selection)?)
        .bind(rows::to_json(&run.projects)?)
        .bind(rows::to_json(&run.ticks)?)
        .bind(rows::to_json(&run.calls)?)
        .bind(run.created_at)
        .bind(run.expires_at)
        .bind(run.light.as_ref().map(rows::to_json).transpose()?)
        .execute(&mut *connection)
        .await?;
    let queued = EventBody::State { state: State::Queued };
    events::insert(connection, &run.id, 1, run.created_at, &queued).await
}
