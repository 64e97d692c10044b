//! Addresses of ledgers, as a setting names them.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::ledger::contract::LedgerStore;
use std::fmt;
use std::sync::Arc;

/// The ledger that a client was given: a store, or the address of one.
#[derive(Clone)]
pub(crate) enum LedgerChoice {
    Store(Arc<dyn LedgerStore>),
    At(String),
}

impl LedgerChoice {
    /// The store, which opens nothing yet.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub(crate) fn store(self) -> Result<Arc<dyn LedgerStore>, Error> {
        match self {
            Self::Store(store) => Ok(store),
            Self::At(address) => store_of(&address),
        }
    }
}

impl fmt::Debug for LedgerChoice {
    /// An address may hold a password, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerChoice")
    }
}

/// The store that an address names, such as `sqlite:///var/lib/shop/payments.db`. Nothing is opened.
///
/// # Errors
/// `ledger_address_unknown` for an address of no kind that this build has, and what the store says of its own addresses.
fn store_of(address: &str) -> Result<Arc<dyn LedgerStore>, Error> {
    if address.starts_with("sqlite:") {
        return sqlite(address);
    }
    // The address may hold a password.
    Err(
        unknown("This is not the address of a ledger that Lipia knows.").with_hint(
            "Give the whole path of a SQLite file, such as `sqlite:///var/lib/shop/payments.db`.",
        ),
    )
}

#[cfg(feature = "sqlite")]
fn sqlite(address: &str) -> Result<Arc<dyn LedgerStore>, Error> {
    let store = crate::ledger::sqlite::SqliteLedger::from_address(address)?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<Arc<dyn LedgerStore>, Error> {
    Err(unknown("This build of Lipia has no SQLite.")
        .with_hint("Build it with the feature `sqlite`."))
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
            "postgres://shop:secret@db/shop",
            "mysql://x",
        ] {
            let error = store_of(address).unwrap_err();
            assert_eq!(error.code(), "ledger_address_unknown", "{address}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn the_address_of_a_file_is_known_where_sqlite_is_built_in() {
        let store = store_of("sqlite:///var/lib/shop/payments.db");
        if cfg!(feature = "sqlite") {
            assert!(format!("{:?}", store.unwrap()).contains("/var/lib/shop/payments.db"));
            let relative = store_of("sqlite:payments.db").unwrap_err();
            assert_eq!(relative.code(), "ledger_path_refused");
        } else {
            assert_eq!(store.unwrap_err().code(), "ledger_address_unknown");
        }
    }
}
