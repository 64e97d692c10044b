//! PostgreSQL's failures in the words of this library, without the values of rows: what the server says of them may be a customer's
//! phone number.

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use std::fmt;
use tokio_postgres::error::{DbError, SqlState};

/// What every hint ends with: a store does not know what its caller was about to send.
const NOTHING_SENT: &str = "Until then no push is sent.";

/// Why a command was not carried out.
pub(super) enum Failure {
    /// The server, or the way to it.
    Postgres(tokio_postgres::Error),
    /// A value was read that fits no row of this version.
    Unreadable(Box<dyn std::error::Error + Send + Sync>),
    /// One of this library's own errors.
    Known(Error),
    /// The server takes the connection, and says nothing.
    Silent,
    /// The time for a command or for a free connection was over.
    OutOfTime(&'static str),
}

impl Failure {
    pub(super) fn unreadable(why: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unreadable(Box::new(why))
    }

    fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(error) => error.code(),
            _ => None,
        }
    }

    /// Whether the statement was undone because of what others did at the same moment: given again, it may go well.
    pub(super) fn is_of_the_moment(&self) -> bool {
        matches!(self.state(), Some(state) if [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ].contains(state))
    }

    /// Whether the connection is of no more use, so that another one may serve: it broke, or the server ends it.
    pub(super) fn is_of_the_connection(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        error.code().map_or_else(
            || !is_of_a_value(error),
            |state| {
                // In a transaction that failed every command does: a session that was left so is of no more use.
                is_of_class(state, "08") || is_going_down(state) || state.code() == "25P02"
            },
        )
    }

    /// Whether the server may be there again in a moment: it starts, ends, or has no room.
    pub(super) fn may_pass(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        match error.code() {
            Some(state) => {
                is_going_down(state)
                    || is_of_class(state, "08")
                    || *state == SqlState::TOO_MANY_CONNECTIONS
            }
            None => !is_of_tls(error),
        }
    }

    /// Whether the role may not do what it was to do.
    pub(super) fn is_of_missing_rights(&self) -> bool {
        self.state() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
    }

    /// Whether that unique index refused a row.
    pub(super) fn is_of_index(&self, name: &str) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        (error.as_db_error()).is_some_and(|error| {
            *error.code() == SqlState::UNIQUE_VIOLATION && error.constraint() == Some(name)
        })
    }

    /// The cause of an error that has words of its own.
    pub(super) fn into_source(self) -> Box<dyn std::error::Error + Send + Sync> {
        match self {
            Self::Postgres(error) => source_of(error),
            Self::Unreadable(why) => why,
            Self::Known(error) => Box::new(error),
            Self::Silent => "no answer".into(),
            Self::OutOfTime(what) => what.into(),
        }
    }

    /// The error for the caller. `place` says which database, without a password.
    pub(super) fn into_error(self, place: &str) -> Error {
        let (code, sentence, hint) = self.words();
        let error = |source: Option<Box<dyn std::error::Error + Send + Sync>>| {
            let error = Error::new(code, Disposition::NotSent, format!("{sentence}: {place}."))
                .with_field("ledger")
                .with_hint(format!("{hint} {NOTHING_SENT}"));
            match source {
                Some(source) => error.with_boxed_source(source),
                None => error,
            }
        };
        match self {
            Self::Known(known) => known,
            Self::Postgres(source) => error(Some(source_of(source))),
            Self::Unreadable(source) => error(Some(source)),
            Self::Silent | Self::OutOfTime(_) => error(None),
        }
    }

    fn words(&self) -> (ErrorCode, &'static str, &'static str) {
        match self {
            Self::Postgres(error) => words_of(error),
            Self::Silent => (
                ErrorCode::LedgerUnreachable,
                "PostgreSQL does not answer",
                "See whether it is PostgreSQL that listens there, and whether something on the way swallows what is sent.",
            ),
            Self::OutOfTime(what) => (
                ErrorCode::LedgerLocked,
                what,
                "See what holds locks in the database (`pg_stat_activity`), and whether the server is overloaded.",
            ),
            Self::Unreadable(_) | Self::Known(_) => (
                ErrorCode::LedgerFailed,
                "A payment in the ledger cannot be read",
                "A later version of Lipia may have written it: update this one.",
            ),
        }
    }
}

/// An error of the server without what it quotes: its detail, and where a statement stood, have the values of a row.
#[derive(Clone, PartialEq, Eq)]
struct ServerError {
    state: String,
    /// What is wrong, where that has no values in it.
    message: Option<String>,
    table: Option<String>,
    constraint: Option<String>,
}

impl ServerError {
    fn of(error: &DbError) -> Self {
        let state = error.code();
        // "invalid input syntax for type integer: "0712345678"", and what a trigger of the shop's may say.
        let quotes_values = is_of_class(state, "22") || is_of_class(state, "P0");
        Self {
            state: state.code().to_owned(),
            message: (!quotes_values).then(|| error.message().to_owned()),
            table: error.table().map(str::to_owned),
            constraint: error.constraint().map(str::to_owned),
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{message} (SQLSTATE {})", self.state)?,
            None => write!(f, "SQLSTATE {}", self.state)?,
        }
        if let Some(table) = &self.table {
            write!(f, ", table {table}")?;
        }
        match &self.constraint {
            Some(constraint) => write!(f, ", constraint {constraint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerError({self})")
    }
}

impl std::error::Error for ServerError {}

/// An error of the server or of the way to it, as the cause of another error.
fn source_of(error: tokio_postgres::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error.as_db_error() {
        Some(db) => Box::new(ServerError::of(db)),
        None => Box::new(error),
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(error) => match error.as_db_error() {
                Some(db) => write!(f, "{}", ServerError::of(db)),
                None => write!(f, "{error}"),
            },
            Self::Unreadable(why) => write!(f, "{why}"),
            Self::Known(error) => write!(f, "{error}"),
            Self::Silent => f.write_str("no answer"),
            Self::OutOfTime(what) => f.write_str(what),
        }
    }
}

fn words_of(error: &tokio_postgres::Error) -> (ErrorCode, &'static str, &'static str) {
    let Some(state) = error.code() else {
        return if is_of_tls(error) {
            (
                ErrorCode::LedgerTlsFailed,
                "PostgreSQL's TLS could not be used or its certificate be confirmed",
                "Give `sslrootcert=` the certificate of its authority, or see what `sslmode` in the address asks for.",
            )
        } else if is_of_a_value(error) {
            (
                ErrorCode::LedgerFailed,
                "PostgreSQL did not carry out a command of the ledger",
                "Its own error is this error's cause.",
            )
        } else {
            (
                ErrorCode::LedgerUnreachable,
                "PostgreSQL cannot be reached",
                "See whether it runs, and whether host and port in the ledger's address are right.",
            )
        };
    };
    words_of_state(state)
}

/// The code, sentence and hint of an SQLSTATE.
fn words_of_state(state: &SqlState) -> (ErrorCode, &'static str, &'static str) {
    match state.code() {
        "28P01" | "28000" => (
            ErrorCode::LedgerLoginRefused,
            "PostgreSQL refuses the user or the password of the ledger's address",
            "Check both, and `pg_hba.conf`. Characters such as `@` in a password are written as `%40`.",
        ),
        "3D000" => (
            ErrorCode::LedgerDatabaseMissing,
            "PostgreSQL has no such database",
            "Create it, or correct the name in the ledger's address.",
        ),
        "25006" => (
            ErrorCode::LedgerReadOnly,
            "The ledger's database cannot be written to",
            "Give the address of the primary server; a standby only reads.",
        ),
        "42501" => (
            ErrorCode::LedgerReadOnly,
            "The role in the ledger's address may not use the ledger's tables",
            "Grant it USAGE on the schema, and SELECT, INSERT, UPDATE and DELETE on the tables in it.",
        ),
        "3F000" | "42P01" | "42703" => (
            ErrorCode::LedgerNotMigrated,
            "The ledger's tables are not there, or were made by an earlier version of Lipia",
            "Run `lipia payments migrate` once with a role that may create tables.",
        ),
        "53100" => (
            ErrorCode::LedgerFull,
            "The disk of the ledger's database is full",
            "Free some space.",
        ),
        "55P03" | "57014" => (
            ErrorCode::LedgerLocked,
            "A command of the ledger waited too long for a lock",
            "See what holds locks in the database (`pg_stat_activity`): a transaction of the shop's, perhaps.",
        ),
        "XX001" | "XX002" => (
            ErrorCode::LedgerCorrupt,
            "The ledger's database is damaged",
            "Restore it from a backup, and see to the disk.",
        ),
        code if is_going_down(state) || code.starts_with("08") || code == "53300" => (
            ErrorCode::LedgerUnreachable,
            "PostgreSQL takes no connection now",
            "Wait until it has started, or see how many connections it allows.",
        ),
        _ => (
            ErrorCode::LedgerFailed,
            "PostgreSQL did not carry out a command of the ledger",
            "Its own error is this error's cause.",
        ),
    }
}

fn is_of_class(state: &SqlState, class: &str) -> bool {
    state.code().starts_with(class)
}

/// The server ends, starts, or has ended this connection.
fn is_going_down(state: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ]
    .contains(state)
        || state.code() == "57P05"
}

/// Whether a handshake failed. The library that speaks to PostgreSQL tells its kinds of errors apart in words alone.
fn is_of_tls(error: &tokio_postgres::Error) -> bool {
    error
        .to_string()
        .starts_with("error performing TLS handshake")
}

/// Whether a parameter or a column was at fault, and the connection is sound.
fn is_of_a_value(error: &tokio_postgres::Error) -> bool {
    let text = error.to_string();
    ["error serializing", "error deserializing", "invalid column"]
        .iter()
        .any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_says_becomes_a_code() {
        for (state, code) in [
            ("28P01", ErrorCode::LedgerLoginRefused),
            ("28000", ErrorCode::LedgerLoginRefused),
            ("3D000", ErrorCode::LedgerDatabaseMissing),
            ("25006", ErrorCode::LedgerReadOnly),
            ("42501", ErrorCode::LedgerReadOnly),
            ("42P01", ErrorCode::LedgerNotMigrated),
            ("53100", ErrorCode::LedgerFull),
            ("53300", ErrorCode::LedgerUnreachable),
            ("55P03", ErrorCode::LedgerLocked),
            ("57P01", ErrorCode::LedgerUnreachable),
            ("57P03", ErrorCode::LedgerUnreachable),
            ("08P01", ErrorCode::LedgerUnreachable),
            ("XX001", ErrorCode::LedgerCorrupt),
            ("22012", ErrorCode::LedgerFailed),
        ] {
            let (found, _, _) = words_of_state(&SqlState::from_code(state));
            assert_eq!(found, code, "{state}");
        }
    }
}
