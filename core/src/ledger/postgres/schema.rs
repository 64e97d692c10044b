//! The tables of a ledger's database, and which versions of Lipia may use them.

use super::failure::Failure;
use super::record::cell;
use super::session::Session;
use super::value::Value;
use crate::error::Error;
use crate::error::codes::ErrorCode;

/// The steps from an empty schema to the tables of this version. A step that was released does not change; the next version
/// adds one, which only adds columns with a default, tables, indexes and functions, so that versions side by side keep working.
const STEPS: [&str; 1] = [include_str!("schema/1.sql")];

/// The version of the tables that this version of Lipia writes: how many steps there are.
const VERSION: usize = STEPS.len();

/// The earliest version of the tables whose programs can still use a database of this version.
const READABLE_FROM: usize = 1;

/// What is known of a database's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The schema has no tables of a ledger.
    Empty,
    /// The tables have that many steps, and are for programs from `readable_from` on.
    Ours {
        version: usize,
        readable_from: usize,
    },
}

/// Brings the tables to this version where they are older, and checks that this version may use them. Tables of a later version
/// are left as they are.
///
/// # Errors
/// `ledger_not_migrated` where the role may not make tables, and `ledger_of_later_version`.
pub(super) async fn prepare(session: &Session, place: &str) -> Result<(), Failure> {
    let mut standing = standing(session).await?;
    if steps_done(standing) < VERSION {
        add_steps(session).await.map_err(|failure| {
            if failure.is_of_missing_rights() {
                Failure::Known(not_migrated(place, failure))
            } else {
                failure
            }
        })?;
        standing = self::standing(session).await?;
    }
    match standing {
        Standing::Ours { readable_from, .. } if readable_from > VERSION => {
            Err(Failure::Known(of_later_version(place)))
        }
        _ => Ok(()),
    }
}

fn steps_done(standing: Standing) -> usize {
    match standing {
        Standing::Empty => 0,
        Standing::Ours { version, .. } => version,
    }
}

/// Makes what is missing, in one transaction, while every other process that would do so waits.
async fn add_steps(session: &Session) -> Result<(), Failure> {
    session.execute("BEGIN").await?;
    let made = add_missing(session).await;
    let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = session.execute(end).await;
    made.and(ended)
}

async fn add_missing(session: &Session) -> Result<(), Failure> {
    session
        .execute("SELECT pg_advisory_xact_lock(hashtext('lipia'), hashtext('{schema}'))")
        .await?;
    // Another process may have been quicker: the tables are looked at again under the lock.
    let done = steps_done(standing(session).await?);
    let Some(missing) = STEPS.get(done..).filter(|steps| !steps.is_empty()) else {
        return Ok(());
    };
    // `IF NOT EXISTS` would ask for the right to make schemas where there is one.
    let query = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
    let of = [Value::text(&session.schema)];
    if session.query_one(query, &of).await?.is_none() {
        session.execute("CREATE SCHEMA {schema}").await?;
    }
    for step in missing {
        session.execute(step).await?;
    }
    let write = format!(
        "INSERT INTO {{schema}}.notes (key, value) VALUES ('version', '{VERSION}'), ('readable_from', '{READABLE_FROM}')
         ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    );
    session.execute(&write).await
}

async fn standing(session: &Session) -> Result<Standing, Failure> {
    // In the catalogue, since a look-up by name fails where the role may not use the schema.
    let query = "SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE relname = 'notes' AND nspname = $1";
    let of = [Value::text(&session.schema)];
    if session.query_one(query, &of).await?.is_none() {
        return Ok(Standing::Empty);
    }
    let mut standing = (0, 0);
    let query = "SELECT key, value FROM {schema}.notes WHERE key IN ('version', 'readable_from')";
    for row in session.query(query, &[]).await? {
        let value: &str = cell(&row, 1)?;
        // A value that is not a number is of a version that this one does not understand.
        let value = value.parse().unwrap_or(usize::MAX);
        match cell(&row, 0)? {
            "version" => standing.0 = value,
            _ => standing.1 = value,
        }
    }
    Ok(Standing::Ours {
        version: standing.0,
        readable_from: standing.1,
    })
}

fn not_migrated(place: &str, failure: Failure) -> Error {
    Error::configuration(
        ErrorCode::LedgerNotMigrated,
        format!("The ledger's tables are missing or of an earlier version, and the role in its address may not make them: {place}."),
    )
    .with_field("ledger")
    .with_hint("Run `lipia payments migrate` once with the address of a role that may. Until then no push is sent.")
    .with_boxed_source(failure.into_source())
}

fn of_later_version(place: &str) -> Error {
    Error::configuration(
        ErrorCode::LedgerOfLaterVersion,
        format!("A later version of Lipia has written the ledger, in a form that this version cannot use: {place}."),
    )
    .with_field("ledger")
    .with_hint("Update Lipia in this process. Until then no push is sent.")
}
