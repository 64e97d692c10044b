//! A later version of the schema beside this one: in a rolling deploy it adds what this version does not know, while this
//! version's processes go on.

use crate::driver::ledger::Ledger;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// What a later version might add.
const COLUMN: &str = "ADD COLUMN of_a_later_version TEXT NOT NULL DEFAULT 'x'";

/// Makes a later version's steps in a ledger that is in use.
///
/// # Errors
/// What the database says.
pub(super) fn arrive(ledger: &Ledger) -> Result<(), String> {
    let made = match ledger {
        Ledger::Sqlite(file) => migrate(file).map_err(|error| error.to_string()),
        Ledger::Postgres(server, schema) => server
            .sql(&format!(
                "ALTER TABLE {schema}.payments {COLUMN};
                 UPDATE {schema}.notes SET value = (value::int + 1)::text WHERE key = 'version'"
            ))
            .map(drop),
    };
    made.map_err(|error| format!("a later version could not migrate: {error}"))
}

fn migrate(file: &Path) -> Result<(), rusqlite::Error> {
    let file = Connection::open(file)?;
    file.busy_timeout(Duration::from_secs(10))?;
    let version: u32 = file.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    file.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         ALTER TABLE payments {COLUMN};
         PRAGMA user_version = {};
         COMMIT;",
        version + 1
    ))
}
