//! The callbacks that the app has not taken, in a SQLite file: on the disk before one is answered, deleted once the app has it.

use super::backoff::LONGEST;
use super::disk::{lock, make};
use super::place::beside;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

/// What tells the file from other programs' files: "LPRL".
const APPLICATION_ID: i64 = 0x4c50_524c;
const VERSION: i64 = 1;

/// What a callback takes beside its path and body.
const OVERHEAD: u64 = 256;

/// How many callbacks of one URL are kept: somebody who knows a URL could otherwise fill the disk.
const MAX_OF_A_PATH: i64 = 64;

/// How long a command waits for another process that reads or writes the file.
const LOCK_LIMIT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    CREATE TABLE kept (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        payment TEXT,
        path TEXT NOT NULL,
        content_type TEXT,
        body BLOB NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL DEFAULT 0,
        tried_since INTEGER,
        trouble TEXT,
        set_aside INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX kept_by_path ON kept (path);
    CREATE INDEX kept_by_due ON kept (set_aside, due_at);
";

/// A callback as it came. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) received_at: i64,
    /// The payment that its token names, where the token was verified.
    pub(super) payment: Option<String>,
    /// Path and query.
    pub(super) path: String,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
}

/// A callback of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(super) id: i64,
    pub(super) arrived: Arrived,
    /// How often the app has answered it with anything but a success, or not at all.
    pub(super) attempts: u32,
    pub(super) tried_since: Option<i64>,
    pub(super) trouble: Option<String>,
    pub(super) is_set_aside: bool,
}

/// Why a callback is not kept.
#[derive(Debug)]
pub(super) enum NotKept {
    /// There are as many as there is room for.
    Full,
    /// Why the file cannot be written, as a sentence's end.
    Failed(String),
}

impl From<rusqlite::Error> for NotKept {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Why a file cannot be opened.
#[derive(Debug)]
pub(crate) enum NotOpened {
    /// Another relay has it.
    InUse,
    /// Why not, as a sentence's end.
    Failed(String),
}

impl From<rusqlite::Error> for NotOpened {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// An open file.
#[derive(Debug)]
pub(crate) struct KeptFile {
    connection: Connection,
    /// Held for as long as the file is written to.
    _lock: Option<File>,
    max_bytes: u64,
    bytes: u64,
}

impl KeptFile {
    /// Opens a file for one relay, and makes it where there is none. What was set aside is taken up again.
    ///
    /// # Errors
    /// Another relay has it, or it cannot be used.
    pub(super) fn open(path: &Path, max_bytes: u64) -> Result<Self, NotOpened> {
        let lock = lock(&beside(path, ".lock"))?;
        make(path)?;
        let connection = connect(path)?;
        // On the disk before a statement returns. A journal that is cut and not deleted needs no write to the folder.
        connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // A callback that the app has leaves the file, and not only its table.
        connection.pragma_update(None, "secure_delete", "ON")?;
        if version(&connection)? == 0 {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; {SCHEMA} COMMIT;"
            ))?;
        }
        connection.execute(
            "UPDATE kept SET set_aside = 0, tried_since = NULL, due_at = min(attempts, 1)",
            [],
        )?;
        let sum = "SELECT coalesce(sum(length(path) + length(body) + ?1), 0) FROM kept";
        let bytes: i64 = connection.query_row(sum, [signed(OVERHEAD)], |row| row.get(0))?;
        Ok(Self {
            connection,
            _lock: Some(lock),
            max_bytes,
            bytes: u64::try_from(bytes).unwrap_or(0),
        })
    }

    /// Opens a file that is there for reading, while a relay may have it.
    ///
    /// # Errors
    /// It cannot be used.
    pub(super) fn read(path: &Path) -> Result<Self, NotOpened> {
        let connection = connect(path)?;
        if version(&connection)? == 0 {
            return Err(NotOpened::Failed("it is empty".to_owned()));
        }
        Ok(Self {
            connection,
            _lock: None,
            max_bytes: 0,
            bytes: 0,
        })
    }

    /// Keeps a callback. Once this returns, it survives a crash of the machine. SQLite itself writes to no file that was moved or
    /// deleted meanwhile.
    pub(super) fn keep(&mut self, arrived: &Arrived) -> Result<i64, NotKept> {
        let size = size_of(arrived);
        if self.bytes.saturating_add(size) > self.max_bytes {
            return Err(NotKept::Full);
        }
        let count = "SELECT count(*) FROM kept WHERE path = ?1";
        let of_path: i64 = self
            .connection
            .prepare_cached(count)?
            .query_row([&arrived.path], |row| row.get(0))?;
        if arrived.payment.is_some() && of_path >= MAX_OF_A_PATH {
            return Err(NotKept::Full);
        }
        let insert = "INSERT INTO kept (received_at, payment, path, content_type, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(insert)?.execute(params![
            arrived.received_at,
            arrived.payment,
            arrived.path,
            arrived.content_type,
            arrived.body,
        ])?;
        self.bytes = self.bytes.saturating_add(size);
        Ok(self.connection.last_insert_rowid())
    }

    /// Callbacks that were never answered, in the order in which they came. Their due time is 0, so that the index has them in
    /// that order, however many wait.
    pub(super) fn fresh(&self, most: usize) -> Result<Vec<Kept>, rusqlite::Error> {
        self.select("due_at = 0 AND ?1 <= ?2 ORDER BY id", 0, 0, most)
    }

    /// Callbacks whose pause is over. One that is due later than any pause is due as well: the clock was set back.
    pub(super) fn due(&self, now: i64, most: usize) -> Result<Vec<Kept>, rusqlite::Error> {
        let between = "due_at BETWEEN ?1 AND ?2 ORDER BY due_at, id";
        let mut due = self.select(between, 1, now, most)?;
        let latest = now.saturating_add(millis(LONGEST)).saturating_add(1);
        let room = most.saturating_sub(due.len());
        due.extend(self.select(between, latest, i64::MAX, room)?);
        Ok(due)
    }

    fn select(
        &self,
        condition: &str,
        from: i64,
        to: i64,
        most: usize,
    ) -> Result<Vec<Kept>, rusqlite::Error> {
        let select =
            format!("SELECT {COLUMNS} FROM kept WHERE set_aside = 0 AND {condition} LIMIT ?3");
        let mut statement = self.connection.prepare_cached(&select)?;
        let rows = statement.query_map([from, to, limit(most)], kept_of)?;
        rows.collect()
    }

    /// When the next callback is due that was tried.
    pub(super) fn next_due(&self) -> Result<Option<i64>, rusqlite::Error> {
        let select = "SELECT min(due_at) FROM kept WHERE set_aside = 0 AND due_at > 0";
        self.connection
            .prepare_cached(select)?
            .query_row([], |row| row.get(0))
    }

    /// Deletes a callback that the app has.
    pub(super) fn remove(&mut self, kept: &Kept) -> Result<(), rusqlite::Error> {
        let delete = "DELETE FROM kept WHERE id = ?1";
        let deleted = self.connection.prepare_cached(delete)?.execute([kept.id])?;
        if deleted > 0 {
            self.bytes = self.bytes.saturating_sub(size_of(&kept.arrived));
        }
        Ok(())
    }

    /// Notes that the app has not taken a callback, and when it is due again; `None`: a person has to look at it.
    pub(super) fn put_off(
        &self,
        kept: &Kept,
        now: i64,
        due_at: Option<i64>,
        trouble: &str,
    ) -> Result<(), rusqlite::Error> {
        let update = "UPDATE kept SET attempts = ?2, due_at = ?3, tried_since = coalesce(tried_since, ?4), trouble = ?5, \
                      set_aside = ?6 WHERE id = ?1";
        self.connection.prepare_cached(update)?.execute(params![
            kept.id,
            kept.attempts.saturating_add(1),
            due_at.unwrap_or(0),
            now,
            trouble,
            due_at.is_none(),
        ])?;
        Ok(())
    }

    /// How many wait, and how many of them are set aside.
    pub(super) fn count(&self) -> Result<(u64, u64), rusqlite::Error> {
        let select = "SELECT count(*), coalesce(sum(set_aside), 0) FROM kept";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (all, aside) = self
            .connection
            .prepare_cached(select)?
            .query_row([], read)?;
        let unsigned = |number| u64::try_from(number).unwrap_or(0);
        Ok((unsigned(all), unsigned(aside)))
    }

    /// All of them, in the order in which they came, without their bodies' bytes being held at once.
    pub(super) fn each(&self, mut look: impl FnMut(&Kept)) -> Result<(), rusqlite::Error> {
        let select = format!("SELECT {COLUMNS} FROM kept ORDER BY id");
        let mut statement = self.connection.prepare(&select)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            look(&kept_of(row)?);
        }
        Ok(())
    }
}

const COLUMNS: &str =
    "id, received_at, payment, path, content_type, body, attempts, tried_since, trouble, set_aside";

fn kept_of(row: &rusqlite::Row<'_>) -> Result<Kept, rusqlite::Error> {
    Ok(Kept {
        id: row.get(0)?,
        arrived: Arrived {
            received_at: row.get(1)?,
            payment: row.get(2)?,
            path: row.get(3)?,
            content_type: row.get(4)?,
            body: row.get(5)?,
        },
        attempts: row.get(6)?,
        tried_since: row.get(7)?,
        trouble: row.get(8)?,
        is_set_aside: row.get(9)?,
    })
}

fn size_of(arrived: &Arrived) -> u64 {
    let bytes = arrived.path.len().saturating_add(arrived.body.len());
    u64::try_from(bytes)
        .unwrap_or(u64::MAX)
        .saturating_add(OVERHEAD)
}

fn connect(path: &Path) -> Result<Connection, NotOpened> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(LOCK_LIMIT)?;
    Ok(connection)
}

/// The version of a relay's file; 0 for a file that holds nothing yet.
fn version(connection: &Connection) -> Result<i64, NotOpened> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let first = "SELECT name FROM sqlite_schema LIMIT 1";
    let table: Option<String> = connection
        .query_row(first, [], |row| row.get(0))
        .optional()?;
    match (application, version) {
        (APPLICATION_ID, VERSION) => Ok(VERSION),
        (0, 0) if table.is_none() => Ok(0),
        (APPLICATION_ID, _) => Err(NotOpened::Failed(
            "a later version of Lipia has written it".to_owned(),
        )),
        _ => Err(NotOpened::Failed(
            "it is another program's, or a ledger".to_owned(),
        )),
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
