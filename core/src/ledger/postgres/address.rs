//! The address of a ledger's database, as a setting gives it.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use std::fmt;
use std::path::PathBuf;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use url::form_urlencoded;

/// The schema of the ledger's tables where the address names none.
const DEFAULT_SCHEMA: &str = "lipia";

/// The longest name of a schema. PostgreSQL cuts longer names than 63 bytes, and indexes have longer ones.
const MAX_SCHEMA_BYTES: usize = 48;

/// How the server's certificate is checked once a connection has TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirm {
    /// Not at all, as libpq does for `prefer` and `require`.
    Nothing,
    /// That an authority which is trusted has signed it.
    Authority,
    /// That, and the host's name.
    AuthorityAndName,
}

/// What stands between this process and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooler {
    /// To be found out, connection by connection.
    Unknown,
    /// Nothing: the server's session is this connection's own.
    Absent,
    /// A pooler which gives every transaction another session, such as PgBouncer in transaction mode.
    Present,
}

/// A ledger's database. It has a password, which its `Debug` does not show.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) schema: String,
    pub(super) confirm: Confirm,
    /// The file of certificates to trust in place of the client's roots.
    pub(super) root_file: Option<PathBuf>,
    pub(super) pooler: Pooler,
}

impl Address {
    /// The database that an address such as `postgres://user:password@host/database` names.
    ///
    /// # Errors
    /// `ledger_address_unknown` where it cannot be read. Nothing of the address is repeated: it may hold a password.
    pub(super) fn parse(address: &str) -> Result<Self, Error> {
        if !(address.starts_with("postgres://") || address.starts_with("postgresql://")) {
            return Err(refused(
                "This is not the address of a PostgreSQL ledger.".to_owned(),
            ));
        }
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let mut own = Own::default();
        let mut others = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = form_urlencoded::parse(pair.as_bytes())
                .next()
                .unwrap_or_default();
            if !own.take(&name, &value)? {
                others.push(pair);
            }
        }
        let rest = match others.as_slice() {
            [] => place.to_owned(),
            others => format!("{place}?{}", others.join("&")),
        };
        // The cause is left out: it may repeat parts of the address.
        let config: Config = rest.parse().map_err(|_| {
            refused("The address of the PostgreSQL ledger cannot be read.".to_owned())
        })?;
        Ok(own.finish(config))
    }

    /// Where the database is, for people: hosts, ports, database and schema.
    pub(super) fn place(&self) -> String {
        let hosts: Vec<String> = self
            .places()
            .map(|(host, port)| format!("{host}:{port}"))
            .collect();
        format!(
            "{}/{} (schema {})",
            hosts.join(","),
            self.config.get_dbname().unwrap_or_default(),
            self.schema
        )
    }

    /// Hosts, or folders of sockets, with their ports.
    pub(super) fn places(&self) -> impl Iterator<Item = (String, u16)> {
        let mut hosts: Vec<String> = (self.config.get_hosts().iter())
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(folder) => folder.display().to_string(),
            })
            .collect();
        if hosts.is_empty() {
            hosts = (self.config.get_hostaddrs().iter())
                .map(ToString::to_string)
                .collect();
        }
        let ports = self.config.get_ports();
        hosts.into_iter().enumerate().map(move |(number, host)| {
            let port = ports.get(number).or(ports.first()).copied();
            (host, port.unwrap_or(5432))
        })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())
    }
}

/// The options of an address that are read here: Lipia's own, and libpq's that the PostgreSQL library does not know.
#[derive(Default)]
struct Own {
    schema: Option<String>,
    ssl: Option<(SslMode, Confirm)>,
    root_file: Option<PathBuf>,
    pooler: Option<Pooler>,
}

impl Own {
    /// Takes an option; `false` for one of the PostgreSQL library's.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, Error> {
        match name {
            "schema" => self.schema = Some(checked_schema(value)?),
            "sslmode" => self.ssl = Some(ssl_mode(value)?),
            "sslrootcert" => self.root_file = Some(PathBuf::from(value)),
            "pooler" => {
                self.pooler = Some(match value {
                    "none" => Pooler::Absent,
                    "transaction" => Pooler::Present,
                    _ => {
                        return Err(refused(
                            "`pooler` in the ledger's address is `none` or `transaction`."
                                .to_owned(),
                        ));
                    }
                });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(self, mut config: Config) -> Address {
        let (mode, confirm) = self.ssl.unwrap_or((SslMode::Prefer, Confirm::Nothing));
        config.ssl_mode(mode);
        // As in libpq: who names an authority wants it asked.
        let confirm = match (mode, confirm, &self.root_file) {
            (SslMode::Require, Confirm::Nothing, Some(_)) => Confirm::Authority,
            (_, confirm, _) => confirm,
        };
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            if cfg!(unix) {
                // Where Debian's server listens, and where the one as it is published does.
                config.host("/var/run/postgresql").host("/tmp");
            } else {
                config.host("localhost");
            }
        }
        if config.get_hosts().len() > 1
            && config.get_target_session_attrs() == TargetSessionAttrs::Any
        {
            // Of several servers one takes writes.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("lipia");
        }
        Address {
            config,
            schema: self.schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
            confirm,
            root_file: self.root_file,
            pooler: self.pooler.unwrap_or(Pooler::Unknown),
        }
    }
}

fn ssl_mode(word: &str) -> Result<(SslMode, Confirm), Error> {
    Ok(match word {
        "disable" => (SslMode::Disable, Confirm::Nothing),
        "prefer" => (SslMode::Prefer, Confirm::Nothing),
        "require" => (SslMode::Require, Confirm::Nothing),
        "verify-ca" => (SslMode::Require, Confirm::Authority),
        "verify-full" => (SslMode::Require, Confirm::AuthorityAndName),
        _ => {
            return Err(refused(
                "`sslmode` in the ledger's address is `disable`, `prefer`, `require`, `verify-ca` or `verify-full`.".to_owned(),
            ));
        }
    })
}

fn checked_schema(name: &str) -> Result<String, Error> {
    let fits = !name.is_empty()
        && name.len() <= MAX_SCHEMA_BYTES
        && !name.starts_with("pg_")
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits {
        return Ok(name.to_owned());
    }
    Err(refused(format!(
        "`schema` in the ledger's address has 1 to {MAX_SCHEMA_BYTES} small letters, digits and `_`, and begins with a letter."
    )))
}

fn refused(message: String) -> Error {
    Error::configuration(ErrorCode::LedgerAddressUnknown, message)
        .with_field("ledger")
        .with_hint(
            "Give an address such as `postgres://user:password@host:5432/database?sslmode=verify-full`. Characters such as `@` or `/` in a password are written as `%40` and `%2F`.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_database_and_a_schema() {
        let address = Address::parse("postgres://shop:s%40crt@db:6432/shop").unwrap();
        assert_eq!(address.place(), "db:6432/shop (schema lipia)");
        assert_eq!(address.config.get_password(), Some(&b"s@crt"[..]));
        assert_eq!(address.config.get_ssl_mode(), SslMode::Prefer);
        let address = Address::parse(
            "postgresql://db/shop?schema=pay_1&connect_timeout=3&sslmode=verify-full&pooler=transaction",
        )
        .unwrap();
        assert_eq!(address.schema, "pay_1");
        assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(address.confirm, Confirm::AuthorityAndName);
        assert_eq!(address.pooler, Pooler::Present);
        assert_eq!(address.config.get_connect_timeout().unwrap().as_secs(), 3);
        let two = Address::parse("postgres://one,two:5433/shop").unwrap();
        assert_eq!(
            two.config.get_target_session_attrs(),
            TargetSessionAttrs::ReadWrite
        );
    }

    #[test]
    fn an_authority_that_is_named_is_asked() {
        let of = |query: &str| {
            Address::parse(&format!("postgres://db/shop?{query}"))
                .unwrap()
                .confirm
        };
        assert_eq!(of("sslmode=require"), Confirm::Nothing);
        assert_eq!(
            of("sslmode=require&sslrootcert=/etc/ca.pem"),
            Confirm::Authority
        );
        assert_eq!(of("sslmode=verify-ca"), Confirm::Authority);
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_a_password_is_not_repeated() {
        for address in [
            "postgres://shop:secret@db:port/shop",
            "postgres://shop:secret@db/shop?sslmode=secret",
            "postgres://shop:secret@db/shop?unknown=secret",
            "postgres://shop:secret@db/shop?schema=Secret",
            "postgres://shop:secret@db/shop?schema=pg_secret",
            "postgres://shop:secret@db/shop?pooler=secret",
            "postgres:shop",
        ] {
            let error = Address::parse(address).unwrap_err();
            assert_eq!(error.code(), "ledger_address_unknown", "{address}");
            assert!(
                !format!("{error} {error:?}").contains("secret"),
                "{error:?}"
            );
        }
        let address = Address::parse("postgres://shop:secret@db/shop").unwrap();
        assert!(!format!("{address:?}").contains("secret"));
    }
}
