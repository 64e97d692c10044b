//! Addresses of ledgers, as a setting names them.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::ledger::contract::LedgerStore;
use crate::transport::tls::TlsRoots;
use std::fmt;
use std::sync::Arc;

/// The ledger that a client was given: a store, or the address of one.
#[derive(Clone)]
pub(crate) enum LedgerChoice {
    Store(Arc<dyn LedgerStore>),
    At(String),
}

impl LedgerChoice {
    /// The store, which opens nothing yet. `roots`: the certificates that the client trusts.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub(crate) fn store(self, roots: &TlsRoots) -> Result<Arc<dyn LedgerStore>, Error> {
        match self {
            Self::Store(store) => Ok(store),
            Self::At(address) => store_of(&address, roots),
        }
    }
}

impl fmt::Debug for LedgerChoice {
    /// An address may hold a password, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerChoice")
    }
}

/// The store that an address names, such as `sqlite:///var/lib/shop/payments.db` or `postgres://user:password@host/database`.
/// Nothing is opened.
///
/// # Errors
/// `ledger_address_unknown` for an address of no kind that this build has, and what the store says of its own addresses.
fn store_of(address: &str, roots: &TlsRoots) -> Result<Arc<dyn LedgerStore>, Error> {
    if address.starts_with("sqlite:") {
        return sqlite(address);
    }
    if address.starts_with("postgres:") || address.starts_with("postgresql:") {
        return postgres(address, roots);
    }
    // The address may hold a password.
    Err(
        unknown("This is not the address of a ledger that Lipia knows.").with_hint(
            "Give the whole path of a SQLite file, such as `sqlite:///var/lib/shop/payments.db`, or a database such as `postgres://user:password@host/database`.",
        ),
    )
}

#[cfg(feature = "sqlite-system")]
fn sqlite(address: &str) -> Result<Arc<dyn LedgerStore>, Error> {
    let store = crate::ledger::sqlite::SqliteLedger::from_address(address)?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "sqlite-system"))]
fn sqlite(_: &str) -> Result<Arc<dyn LedgerStore>, Error> {
    Err(unknown("This build of Lipia has no SQLite.")
        .with_hint("Build it with the feature `sqlite`."))
}

#[cfg(feature = "postgres")]
fn postgres(address: &str, roots: &TlsRoots) -> Result<Arc<dyn LedgerStore>, Error> {
    let store = crate::ledger::postgres::PostgresLedger::with_roots(address, roots)?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str, _: &TlsRoots) -> Result<Arc<dyn LedgerStore>, Error> {
    Err(unknown("This build of Lipia has no PostgreSQL.")
        .with_hint("Build it with the feature `postgres`."))
}

fn unknown(sentence: &str) -> Error {
    Error::configuration(ErrorCode::LedgerAddressUnknown, sentence).with_field("ledger")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_no_known_kind_is_refused_and_not_repeated() {
        for address in [
            "",
            "payments.db",
            "postgres://shop:secret@db:port/shop",
            "mysql://shop:secret@db/shop",
        ] {
            let error = store_of(address, &TlsRoots::Bundled).unwrap_err();
            assert_eq!(error.code(), "ledger_address_unknown", "{address}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn the_address_of_a_file_is_known_where_sqlite_is_built_in() {
        let store = store_of("sqlite:///var/lib/shop/payments.db", &TlsRoots::Bundled);
        if cfg!(feature = "sqlite-system") {
            assert!(format!("{:?}", store.unwrap()).contains("/var/lib/shop/payments.db"));
            let relative = store_of("sqlite:payments.db", &TlsRoots::Bundled).unwrap_err();
            assert_eq!(relative.code(), "ledger_path_refused");
        } else {
            assert_eq!(store.unwrap_err().code(), "ledger_address_unknown");
        }
    }

    #[test]
    fn the_address_of_a_database_is_known_where_postgresql_is_built_in() {
        let address = "postgres://shop:secret@db/shop?sslmode=verify-full";
        let store = store_of(address, &TlsRoots::Bundled);
        if cfg!(feature = "postgres") {
            let shown = format!("{:?}", store.unwrap());
            assert!(shown.contains("db:5432/shop"), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        } else {
            assert_eq!(store.unwrap_err().code(), "ledger_address_unknown");
        }
    }
}
