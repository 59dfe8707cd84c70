//! What is kept: rows, and the one transaction in which they change.
//!
//! Reading takes [`Store::read`]; changing the community takes [`Store::write`], whose [`Tx`] can
//! be committed only together with the facts of what was done.

mod asked;
pub mod events;
pub mod facts;
pub mod full_mailboxes;
pub mod idempotency;
pub mod inbound;
pub mod invitations;
pub mod members;
pub mod outbox;
pub mod reminders;
pub mod rounds;
pub mod rsvps;
pub mod series;
pub mod tokens;
mod tx;
pub mod venues;
pub mod waitlist;

pub use tx::Tx;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DbErr, EntityTrait,
    RuntimeErr, SqlErr,
    sqlx::{
        self, ConnectOptions as _,
        postgres::PgConnectOptions,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::watch;

/// A database behind two pools: on SQLite one writer and several readers of the same file, on
/// PostgreSQL the same pool twice.
#[derive(Clone, Debug)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    changes: Arc<watch::Sender<Change>>,
}

/// How far the community has come: raised by each commit. What was computed under another number
/// may be stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub number: i64,
    /// When it was made, by the clock of the process that made it.
    pub at: DateTime<Utc>,
    /// The last commit that something in a calendar follows from, as HTTP dates tell commits apart:
    /// ahead of the clock after many in one second.
    pub calendar_at: DateTime<Utc>,
}

impl From<community::Model> for Change {
    fn from(row: community::Model) -> Self {
        Self { number: row.change, at: row.changed_at, calendar_at: row.calendar_changed_at }
    }
}

/// Where the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Sqlite(PathBuf),
    /// A `postgres://` URL; it may hold a password.
    Postgres(String),
}

impl Place {
    /// Reads `sqlite:PATH` or `postgres://…`.
    pub fn parse(url: &str) -> Option<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Some(Place::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
        let path = path.split('?').next().unwrap_or(path);
        (!path.is_empty()).then(|| Place::Sqlite(PathBuf::from(path)))
    }
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index holds the value already; the name is that of the index's constraint or columns.
    #[error("taken: {0}")]
    Taken(String),
    /// A row holds what this version cannot read.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// The database undid the transaction before its COMMIT (a deadlock, two that cannot be put in
    /// an order, a lost connection): done again from its beginning, it may succeed.
    #[error("database: {0}")]
    Interrupted(String),
    /// The database could not be reached, or could not do it now. Whether a COMMIT that failed
    /// was carried out is not known.
    #[error("database: {0}")]
    Database(String),
}

impl StoreError {
    /// Of a COMMIT: never to be done again by itself.
    fn of_commit(error: DbErr) -> Self {
        match StoreError::from(error) {
            StoreError::Interrupted(error) => StoreError::Database(error),
            other => other,
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(constraint)) => StoreError::Taken(constraint),
            Some(_) | None if is_interruption(&error) => StoreError::Interrupted(error.to_string()),
            Some(_) | None => StoreError::Database(error.to_string()),
        }
    }
}

/// SQLSTATEs of PostgreSQL: serialization failure, deadlock; ended or crashed by an administrator.
const UNDONE: [&str; 4] = ["40001", "40P01", "57P01", "57P02"];

fn is_interruption(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    match &**cause {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(refusal) => {
            refusal.code().is_some_and(|code| UNDONE.contains(&&*code) || code.starts_with("08"))
        }
        _ => false,
    }
}

/// What a row held that cannot be read.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;
const BUSY: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database. The schema is not looked at: see `mensuel_migrations`.
    pub async fn open(place: &Place) -> Result<Self, StoreError> {
        let (writer, reader) = match place {
            Place::Sqlite(path) => (sqlite(path, 1, false).await?, sqlite(path, READERS, true).await?),
            Place::Postgres(url) => {
                let pool = postgres(url).await?;
                (pool.clone(), pool)
            }
        };
        let epoch = DateTime::UNIX_EPOCH;
        let start = Change { number: -1, at: epoch, calendar_at: epoch };
        Ok(Self { writer, reader, changes: Arc::new(watch::Sender::new(start)) })
    }

    /// For reading only: on SQLite a statement that writes fails here.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection that migrations run on.
    pub fn for_migrations(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// For rows that are no part of the community (leases, remembered answers): committed by
    /// themselves.
    pub(crate) fn housekeeping(&self) -> &DatabaseConnection {
        &self.writer
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.writer.get_database_backend()
    }

    /// Opens the transaction in which the community changes.
    pub async fn write(&self, now: DateTime<Utc>) -> Result<Tx, StoreError> {
        Tx::begin(self, now).await
    }

    /// The latest change known in this process.
    pub fn change(&self) -> Change {
        *self.changes.borrow()
    }

    /// Wakes at each change that this process makes or hears of.
    pub fn changes(&self) -> watch::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Looks how far the community has come, for what other processes did.
    pub async fn refresh(&self) -> Result<Change, StoreError> {
        let row = community::Entity::find_by_id(1)
            .one(self.read())
            .await?
            .ok_or_else(|| corrupt("the community's row is missing"))?;
        let change = Change::from(row);
        self.announce(change);
        Ok(change)
    }

    /// Numbers only grow: a slow reader does not take a newer one back.
    pub(crate) fn announce(&self, change: Change) {
        self.changes.send_if_modified(|known| {
            let newer = change.number > known.number;
            if newer {
                *known = change;
            }
            newer
        });
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.reader.execute_unprepared("select 1").await?;
        Ok(())
    }

    pub async fn close(self) -> Result<(), StoreError> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

async fn sqlite(path: &Path, connections: u32, query_only: bool) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY)
                .disable_statement_logging();
            if query_only { options.pragma("query_only", "on") } else { options }
        });
    Ok(Database::connect(options).await?)
}

async fn postgres(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_CONNECTIONS)
        .min_connections(1)
        .sqlx_logging(false)
        .acquire_timeout(BUSY)
        // One that was not busy meanwhile may be gone since PostgreSQL was restarted.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .map_sqlx_postgres_opts(|options: PgConnectOptions| {
            options
                .application_name("mensuel")
                .options([
                    ("statement_timeout", "30s"),
                    ("lock_timeout", "10s"),
                    ("idle_in_transaction_session_timeout", "30s"),
                    ("timezone", "UTC"),
                ])
                .disable_statement_logging()
        });
    Ok(Database::connect(options).await?)
}

pub(crate) mod community {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "community")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub change: i64,
        pub changed_at: DateTimeUtc,
        pub calendar_changed_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A count in a row, where SQL has no unsigned numbers.
pub(crate) fn to_row(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A count from a row.
pub(crate) fn from_row(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// A list of names in one column, `,retex,workshop,`, so that `like '%,retex,%'` finds one.
pub(crate) fn join_names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let joined = names.into_iter().collect::<Vec<_>>().join(",");
    if joined.is_empty() { joined } else { format!(",{joined},") }
}

pub(crate) fn split_names(column: &str) -> impl Iterator<Item = &str> {
    column.split(',').filter(|name| !name.is_empty())
}

/// Names the place of an unreadable value.
pub(crate) trait OrCorrupt<T> {
    fn or_corrupt(self, column: &str) -> Result<T, StoreError>;
}
impl<T> OrCorrupt<T> for Option<T> {
    fn or_corrupt(self, column: &str) -> Result<T, StoreError> {
        self.ok_or_else(|| corrupt(column))
    }
}
impl<T, E> OrCorrupt<T> for Result<T, E> {
    fn or_corrupt(self, column: &str) -> Result<T, StoreError> {
        self.map_err(|_| corrupt(column))
    }
}
