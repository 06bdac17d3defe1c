//! The store on SQLite: one file, one writer, a few readers.
//!
//! Rules, and why: WAL lets readers go on while somebody writes. `synchronous = FULL`, because a plan that a
//! person saw must survive power loss. One writing connection, because several fight for the one write lock.
//! Every transaction that writes begins as `IMMEDIATE`: one that begins reading and then writes fails at once
//! when another process wrote in between, and no time-out helps.

mod events;
mod location;
mod making;
mod rows;
mod runs;
mod steps;
mod work;

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlStr, SqlitePool, Transaction};

use super::StoreError;
use location::Location;
use making::Maker;

/// A statement from its file in `src/store/sql/sqlite/`.
macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!("../sql/sqlite/", $name, ".sql"))
    };
}
use sql;

/// How long a statement waits for another process's write to end.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// More would only take turns: reads are short.
const READERS: u32 = 4;

/// The store's tables in one SQLite database.
#[derive(Clone)]
pub(super) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    maker: Maker,
}

impl Sqlite {
    /// Opens the database that a `sqlite:` address names.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let location = Location::parse(url)?;
        location.make_private()?;
        let options = location
            .options()
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .synchronous(SqliteSynchronous::Full);
        let failed = |error| location.failed(describe(error));
        let writer = pool(1)
            .connect_with(writing(&location, &options))
            .await
            .map_err(failed)?;
        migrate(&writer)
            .await
            .map_err(|error| location.failed(describe_migration(error)))?;
        let readers = match location {
            // Another connection would see another, empty database.
            Location::Memory => writer.clone(),
            Location::File(_) => pool(READERS)
                .connect_with(options.clone().pragma("query_only", "ON"))
                .await
                .map_err(failed)?,
        };
        Ok(Self {
            maker: Maker::begin(writer.clone()),
            writer,
            readers,
        })
    }

    pub async fn check(&self) -> Result<(), StoreError> {
        sqlx::query(sql!("check")).fetch_optional(&self.readers).await?;
        Ok(())
    }

    /// A transaction that may write.
    async fn begin(&self) -> Result<Transaction<'static, sqlx::Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// What is replaced is overwritten in the file too: plans of users are pruned because they are about people.
fn writing(location: &Location, options: &SqliteConnectOptions) -> SqliteConnectOptions {
    let options = options.clone().pragma("secure_delete", "ON");
    match location {
        Location::Memory => options,
        Location::File(_) => options.journal_mode(SqliteJournalMode::Wal),
    }
}

/// Connections that are never closed for being idle or old: a database in memory would vanish with its connection.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Brings the tables up to date, in one transaction, so that two processes that start together take turns.
async fn migrate(writer: &SqlitePool) -> Result<(), MigrateError> {
    let migration = |version, name, statements| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            SqlStr::from_static(statements),
            false,
        )
    };
    let migrations = vec![
        migration(1, "runs", sql!("migration_0001_runs")),
        migration(2, "front door", sql!("migration_0002_front_door")),
        migration(3, "kept plans", sql!("migration_0003_kept_plans")),
    ];
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    Migrator::with_migrations(migrations)
        .run(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// The part of an error that helps whoever looks after amigo.
fn describe(error: sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "every connection was busy for too long".to_owned(),
        sqlx::Error::PoolClosed => "it was closed".to_owned(),
        other => other.to_string(),
    }
}

fn describe_migration(error: MigrateError) -> String {
    match error {
        MigrateError::VersionMissing(_) => "it was made by a newer amigo; start that one".to_owned(),
        MigrateError::VersionMismatch(_) => {
            "its tables are not those of any amigo that was released".to_owned()
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => describe(error),
        other => other.to_string(),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::Decode(_)
            | sqlx::Error::TypeNotFound { .. } => Self::Content(error.to_string()),
            other => Self::Query(describe(other)),
        }
    }
}
