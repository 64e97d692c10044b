//! Connections to a ledger's file.

use super::commands::report;
use super::failure;
use super::file::LedgerFile;
use super::payment_count;
use super::schema;
use crate::error::Error;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long a command waits for other processes before it fails with `ledger_locked`.
pub(super) const LOCK_LIMIT: Duration = match cfg!(test) {
    true => Duration::from_millis(300),
    false => Duration::from_secs(5),
};

/// The write-ahead log is cut to this many bytes once it was copied into the file.
const MAX_LOG_BYTES: i64 = 32 * 1024 * 1024;

/// The largest file, in bytes, of which every page is looked at when it is opened: a fraction of a second.
const MAX_CHECKED_BYTES: i64 = 16 * 1024 * 1024;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;

/// Opens the ledger's file, makes its tables where there are none, and checks that this version may use them.
///
/// # Errors
/// Why the file cannot be used, as `ledger_…`.
pub(super) fn open(file: &LedgerFile) -> Result<Connection, Error> {
    file.prepare()?;
    let path = file.path();
    let failed = |failure| failure::error_of(path, failure);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection
        .busy_handler(Some(wait_for_lock))
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    check_writable(&connection).map_err(failed)?;
    schema::check_owner(path, &connection)?;
    set_up(&connection).map_err(failed)?;
    check_whole(file, &connection)?;
    schema::migrate(path, &mut connection)?;
    Ok(connection)
}

/// Refuses a file that has lost payments, or a small one with a damaged page.
fn check_whole(file: &LedgerFile, connection: &Connection) -> Result<(), Error> {
    let failed = |failure| failure::error_of(file.path(), failure);
    // First the count: a payment that another process writes meanwhile is in the file before it is counted.
    let counted = file.count().read();
    let found = if schema::is_empty(connection).map_err(failed)? {
        0
    } else {
        payment_count::payments(connection).map_err(failed)?
    };
    if let Err(error) = file.count().check(file.path(), counted, found) {
        // What is left of the log stays as it is, for who wants to look at it.
        let _stays = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        return Err(error);
    }
    file.count().write(found);
    let bytes: i64 = connection
        .query_row(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
            [],
            |row| row.get(0),
        )
        .map_err(failed)?;
    if bytes <= MAX_CHECKED_BYTES {
        report::check_pages(connection).map_err(failed)?;
    }
    Ok(())
}

/// Refuses a file that the system protects from being written to: SQLite opens it all the same, and even begins to write.
fn check_writable(connection: &Connection) -> Result<(), rusqlite::Error> {
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(read_only("the file is write-protected"));
    }
    Ok(())
}

fn read_only(why: &str) -> rusqlite::Error {
    let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
    rusqlite::Error::SqliteFailure(failure, Some(why.to_owned()))
}

fn set_up(connection: &Connection) -> Result<(), rusqlite::Error> {
    // SQLite does not wait for locks here by itself.
    let started = Instant::now();
    while let Err(failure) = set_log(connection) {
        if !failure::is_busy(&failure) || started.elapsed() > LOCK_LIMIT {
            return Err(failure);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    // Every commit is on the disk before it is answered: a claim that a crash forgets is a second prompt.
    connection.pragma_update(None, "synchronous", "FULL")?;
    #[cfg(target_vendor = "apple")]
    connection.pragma_update(None, "fullfsync", true)?;
    // What is pruned leaves the file, and not its tables alone.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", MAX_LOG_BYTES)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

fn set_log(connection: &Connection) -> Result<(), rusqlite::Error> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    // The file or its folder cannot be written to, and SQLite says so only by the mode that it kept.
    Err(read_only(&format!("the journal mode is {mode}")))
}

thread_local! {
    /// When the lock that this thread waits for was first asked for.
    static ASKED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Sleeps a moment while another process holds a lock, up to [`LOCK_LIMIT`]. SQLite's own handler backs off to 100 ms and
/// starves beside processes that write without a pause.
fn wait_for_lock(times: i32) -> bool {
    let asked = match ASKED.get() {
        Some(asked) if times > 0 => asked,
        _ => {
            let now = Instant::now();
            ASKED.set(Some(now));
            now
        }
    };
    let waited = asked.elapsed();
    if waited > LOCK_LIMIT {
        return false;
    }
    std::thread::sleep(pause(times, waited));
    true
}

/// Between 0.1 and 1.2 ms, and not the same for two processes that began together: the nanoseconds of the wait differ.
fn pause(times: i32, waited: Duration) -> Duration {
    let spread =
        u64::from(waited.subsec_nanos()) ^ u64::from(times.unsigned_abs()).wrapping_mul(40_503);
    Duration::from_micros(100 + spread.wrapping_mul(2_654_435_761) % 1_100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_before_a_lock_is_tried_again_is_short_and_differs() {
        let pauses: Vec<Duration> = (0..200_u32)
            .map(|n| pause(1, Duration::from_nanos(u64::from(n) * 7_919)))
            .collect();
        assert!(
            pauses
                .iter()
                .all(|pause| (100..1_200).contains(&pause.as_micros()))
        );
        let mean = pauses.iter().sum::<Duration>() / 200;
        assert!((400..900).contains(&mean.as_micros()), "{mean:?}");
    }
}
