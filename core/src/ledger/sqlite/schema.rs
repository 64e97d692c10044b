//! The tables of a ledger's file, and which versions of Lipia may use them.

use super::failure;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::borrow::Cow;
use std::path::Path;

/// What a file's header names its owner by: `Lpia`.
const APPLICATION_ID: i64 = 0x4C70_6961;

/// The steps from an empty file to the tables of this version. A step that was released does not change; the next version
/// adds one, which only adds columns with a default, tables and indexes, so that versions side by side keep working.
const STEPS: [&str; 2] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// The version of the tables that this version of Lipia writes: how many steps there are.
const VERSION: usize = STEPS.len();

/// The earliest version of the tables whose programs can still use a file of this version.
const READABLE_FROM: usize = 1;

/// What is known of a file's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The file is empty.
    Empty,
    /// The tables have that many steps.
    Ours(usize),
    /// Another program made the file.
    OfAnother,
}

/// Refuses a file of another program, before anything is changed in it.
pub(super) fn check_owner(path: &Path, connection: &Connection) -> Result<(), Error> {
    let standing = standing(connection).map_err(|failed| failure::error_of(path, failed))?;
    if standing == Standing::OfAnother {
        return Err(Error::configuration(
            ErrorCode::LedgerPathRefused,
            format!(
                "This SQLite file belongs to another program: {}.",
                path.display()
            ),
        )
        .with_field("ledger")
        .with_hint("Give the ledger a file of its own."));
    }
    Ok(())
}

/// Brings the tables to this version, in one transaction. A file of a later version is left as it is.
///
/// # Errors
/// `ledger_of_later_version` where this version must not use the file.
pub(super) fn migrate(path: &Path, connection: &mut Connection) -> Result<(), Error> {
    let failed = |failure| failure::error_of(path, failure);
    if standing(connection).map_err(failed)? != Standing::Ours(VERSION) {
        add_steps(connection).map_err(failed)?;
    }
    check_version(path, connection)
}

fn add_steps(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker: the file is looked at again under the lock.
    let done = match standing(&transaction)? {
        Standing::Empty => 0,
        Standing::Ours(version) => version,
        Standing::OfAnother => VERSION,
    };
    let missing = STEPS.get(done..).unwrap_or_default();
    for step in missing {
        transaction.execute_batch(&step_for(rusqlite::version_number(), step))?;
    }
    if !missing.is_empty() {
        transaction.execute(
            "INSERT INTO notes (key, value) VALUES ('readable_from', ?1)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [READABLE_FROM.to_string()],
        )?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number(VERSION))?;
    }
    transaction.commit()
}

/// The first version of SQLite that knows tables whose columns keep to their types. A system's own SQLite may be older: iOS 15 has
/// 3.36.
const KNOWS_STRICT: i32 = 3_037_000;

/// A step for a version of SQLite. Tables made by an older one take any type in any column, and are the same otherwise: nobody
/// but Lipia writes to them.
fn step_for(sqlite: i32, step: &str) -> Cow<'_, str> {
    if sqlite >= KNOWS_STRICT {
        return Cow::Borrowed(step);
    }
    let without = step.replace(") STRICT, ", ") ").replace(") STRICT;", ");");
    Cow::Owned(without)
}

/// Whether this version may use the file as it is now: a later version may have changed it meanwhile.
///
/// # Errors
/// `ledger_of_later_version` where it may not.
pub(super) fn check_version(path: &Path, connection: &Connection) -> Result<(), Error> {
    let failed = |failure| failure::error_of(path, failure);
    let version: i64 = connection
        .prepare_cached("PRAGMA user_version")
        .and_then(|mut read| read.query_row([], |row| row.get(0)))
        .map_err(failed)?;
    if version <= number(VERSION) {
        return Ok(());
    }
    let readable_from: Option<String> = connection
        .prepare_cached("SELECT value FROM notes WHERE key = 'readable_from'")
        .and_then(|mut read| read.query_row([], |row| row.get(0)).optional())
        .map_err(failed)?;
    let readable_from = readable_from.and_then(|text| text.parse().ok());
    if readable_from.is_some_and(|from: i64| from <= number(VERSION)) {
        return Ok(());
    }
    Err(Error::configuration(
        ErrorCode::LedgerOfLaterVersion,
        format!(
            "A later version of Lipia has written the ledger's file, in a form that this version cannot use: {}.",
            path.display()
        ),
    )
    .with_field("ledger")
    .with_hint("Update Lipia in this process. Until then no push is sent."))
}

/// Whether nobody has made tables in the file yet.
pub(super) fn is_empty(connection: &Connection) -> Result<bool, rusqlite::Error> {
    Ok(standing(connection)? == Standing::Empty)
}

fn standing(connection: &Connection) -> Result<Standing, rusqlite::Error> {
    // In one statement, since another process may be making the file meanwhile.
    let (owner, version, tables): (i64, i64, i64) = connection
        .prepare_cached(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_application_id, pragma_user_version",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(match (owner, tables) {
        (APPLICATION_ID, _) => Standing::Ours(usize::try_from(version).unwrap_or(0)),
        (0, 0) => Standing::Empty,
        _ => Standing::OfAnother,
    })
}

/// A count of steps, as SQLite keeps it.
fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{KNOWS_STRICT, STEPS, Standing, migrate, standing, step_for};
    use rusqlite::Connection;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    /// Looks at a file while another connection makes its tables.
    fn is_taken_for_anothers(path: &Path) -> bool {
        let is_made = AtomicBool::new(false);
        thread::scope(|scope| {
            let looks = scope.spawn(|| {
                let connection = Connection::open(path).unwrap();
                let mut found = false;
                while !is_made.load(Ordering::Relaxed) {
                    // While the file is locked there is nothing to see.
                    found |= matches!(standing(&connection), Ok(Standing::OfAnother));
                }
                found
            });
            let mut connection = Connection::open(path).unwrap();
            migrate(path, &mut connection).unwrap();
            is_made.store(true, Ordering::Relaxed);
            looks.join().unwrap()
        })
    }

    /// Every table, with whether it is strict.
    fn tables_made_for(sqlite: i32) -> Vec<(String, bool)> {
        let connection = Connection::open_in_memory().unwrap();
        for step in STEPS {
            connection.execute_batch(&step_for(sqlite, step)).unwrap();
        }
        let mut listed = connection
            .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let rows = listed.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn an_older_sqlite_makes_the_same_tables_without_the_word_that_it_does_not_know() {
        let strict = tables_made_for(KNOWS_STRICT);
        let older = tables_made_for(KNOWS_STRICT - 1);
        assert!(
            strict.len() >= 4 && older.iter().all(|(_, is_strict)| !is_strict),
            "{older:?}"
        );
        let names = |tables: &[(String, bool)]| -> Vec<String> {
            tables.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&strict), names(&older));
        assert!(strict.iter().any(|(_, is_strict)| *is_strict));
        for step in STEPS {
            let stripped = step_for(0, step);
            assert!(!stripped.contains(" STRICT"), "{stripped}");
        }
    }

    #[test]
    fn a_file_whose_tables_are_being_made_is_never_taken_for_anothers() {
        let folder = std::env::temp_dir().join(format!("lipia-schema-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let found = (0..60)
            .filter(|number| is_taken_for_anothers(&folder.join(format!("{number}.db"))))
            .count();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, 0);
    }
}
