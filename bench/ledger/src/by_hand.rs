//! The work by hand, with which the ledger is compared: a table with a unique index on the order, one INSERT and two UPDATEs.

use crate::Trouble;
use crate::place::Place;
use rusqlite::{Connection, params};
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_postgres::{Client, NoTls, Statement};

/// As many connections as the ledger has at most.
const CONNECTIONS: usize = 8;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS by_hand (
    id TEXT PRIMARY KEY, order_name TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, amount INTEGER NOT NULL, state TEXT NOT NULL,
    checkout_request_id TEXT, receipt TEXT, created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS by_hand_phone ON by_hand (phone);
CREATE INDEX IF NOT EXISTS by_hand_receipt ON by_hand (receipt);";

const INSERT: &str = "INSERT INTO by_hand (id, order_name, phone, amount, state, created_at) VALUES ($1, $2, $3, 150, 'sending', 0)";
const ACCEPT: &str =
    "UPDATE by_hand SET state = 'accepted', checkout_request_id = $2 WHERE id = $1";
const PAY: &str = "UPDATE by_hand SET state = 'paid', receipt = $2 WHERE id = $1";

/// The columns that a payment is looked up by, as the statements name them.
pub(crate) const BY_ID: &str = "SELECT * FROM by_hand WHERE id = $1";
pub(crate) const BY_ORDER: &str = "SELECT * FROM by_hand WHERE order_name = $1";
pub(crate) const BY_RECEIPT: &str = "SELECT * FROM by_hand WHERE receipt = $1";
pub(crate) const BY_PHONE: &str = "SELECT * FROM by_hand WHERE phone = $1";

/// A database, as a program opens it that has no ledger.
#[derive(Clone)]
pub(crate) enum ByHand {
    /// One connection: SQLite has one writer at a time. It names values by `?1` where PostgreSQL has `$1`.
    Sqlite(Arc<Mutex<Connection>>),
    Postgres(Arc<Pool>),
}

/// Connections that take turns.
pub(crate) struct Pool {
    connections: Vec<Prepared>,
    next: AtomicUsize,
}

struct Prepared {
    client: Client,
    statements: [Statement; 3],
}

impl ByHand {
    pub(crate) async fn open(place: &Place) -> Result<Self, Trouble> {
        let address = place.by_hand();
        Ok(match place {
            Place::Sqlite(_) => Self::Sqlite(Arc::new(Mutex::new(sqlite(&address)?))),
            Place::Postgres(_) => {
                let (client, _listens) = connect(&address).await?;
                client.batch_execute(TABLE).await?;
                let mut connections = Vec::new();
                for _ in 0..CONNECTIONS {
                    connections.push(Prepared::open(&address).await?);
                }
                Self::Postgres(Arc::new(Pool {
                    connections,
                    next: AtomicUsize::new(0),
                }))
            }
        })
    }

    /// The order's one payment, before its phone is prompted.
    pub(crate) async fn insert(&self, name: &str) -> Result<(), Trouble> {
        self.write(0, INSERT, &[&id(name), name, &phone(name)])
            .await
    }

    pub(crate) async fn accept(&self, name: &str) -> Result<(), Trouble> {
        self.write(1, ACCEPT, &[&id(name), &format!("ws_CO_{name}")])
            .await
    }

    pub(crate) async fn pay(&self, name: &str) -> Result<(), Trouble> {
        self.write(2, PAY, &[&id(name), &receipt(name)]).await
    }

    /// A payment's whole life.
    pub(crate) async fn live(&self, name: &str) -> Result<(), Trouble> {
        self.insert(name).await?;
        self.accept(name).await?;
        self.pay(name).await
    }

    async fn write(&self, place: usize, sql: &str, values: &[&str]) -> Result<(), Trouble> {
        let written = match self {
            Self::Sqlite(connection) => {
                let connection = locked(connection);
                let mut statement = connection.prepare_cached(&sql.replace("$", "?"))?;
                u64::try_from(statement.execute(rusqlite::params_from_iter(values))?)?
            }
            Self::Postgres(pool) => {
                let prepared = pool.next();
                let statement = prepared.statements.get(place).ok_or("no such statement")?;
                let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
                    values.iter().map(|value| value as _).collect();
                prepared.client.execute(statement, &values).await?
            }
        };
        if written == 1 {
            Ok(())
        } else {
            Err("a row by hand was not written".into())
        }
    }

    /// The number of rows that a look-up finds.
    pub(crate) async fn look_up(&self, sql: &str, value: &str) -> Result<usize, Trouble> {
        match self {
            Self::Sqlite(connection) => {
                let connection = locked(connection);
                let mut statement = connection.prepare_cached(&sql.replace("$", "?"))?;
                let mut rows = statement.query([value])?;
                let mut found = 0;
                while let Some(row) = rows.next()? {
                    let _name: String = row.get(1)?;
                    found += 1;
                }
                Ok(found)
            }
            Self::Postgres(pool) => {
                // Not prepared: what stands in `sql` is parsed at each call, as the ledger's own look-ups are.
                let text = tokio_postgres::types::Type::TEXT;
                let client = &pool.next().client;
                Ok(client.query_typed(sql, &[(&value, text)]).await?.len())
            }
        }
    }

    /// Writes so many payments that are paid, faster than one by one. A server has their ids in the table `row_ids`.
    pub(crate) async fn fill(&self, rows: u64) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(connection) => {
                let mut connection = locked(connection);
                let transaction = connection.transaction()?;
                for number in 0..rows {
                    let name = name_of_row(number);
                    transaction
                        .prepare_cached(
                            "INSERT INTO by_hand VALUES (?1, ?2, ?3, 150, 'paid', ?4, ?5, 0)",
                        )?
                        .execute(params![
                            id(&name),
                            name,
                            phone(&name),
                            format!("ws_CO_{name}"),
                            receipt(&name)
                        ])?;
                }
                transaction.commit()?;
            }
            Self::Postgres(pool) => {
                let fill = format!(
                    "INSERT INTO by_hand SELECT id, 'R' || n, '2547' || lpad(n::text, 8, '0'), 150, 'paid', 'ws_CO_R' || n,
                         'T' || lpad(n::text, 9, '0'), 0 FROM row_ids WHERE n < {rows}; ANALYZE by_hand"
                );
                pool.next().client.batch_execute(&fill).await?;
            }
        }
        Ok(())
    }

    /// Bytes on the disk.
    pub(crate) async fn size(&self) -> Result<u64, Trouble> {
        match self {
            Self::Sqlite(connection) => {
                let connection = locked(connection);
                let number = |pragma| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
                let bytes = number("PRAGMA page_count")? * number("PRAGMA page_size")?;
                Ok(u64::try_from(bytes)?)
            }
            Self::Postgres(pool) => {
                let size = "SELECT pg_total_relation_size('by_hand')";
                let row = pool.next().client.query_one(size, &[]).await?;
                Ok(u64::try_from(row.get::<_, i64>(0))?)
            }
        }
    }
}

impl Pool {
    /// Carries out a statement without values.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Trouble> {
        Ok(self.next().client.batch_execute(sql).await?)
    }

    fn next(&self) -> &Prepared {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        &self.connections[place]
    }
}

impl Prepared {
    async fn open(address: &str) -> Result<Self, Trouble> {
        let (client, _listens) = connect(address).await?;
        let text = tokio_postgres::types::Type::TEXT;
        let mut statements = Vec::new();
        for (sql, values) in [(INSERT, 3), (ACCEPT, 2), (PAY, 2)] {
            let types = vec![text.clone(); values];
            statements.push(client.prepare_typed(sql, &types).await?);
        }
        let statements = statements.try_into().map_err(|_| "three statements")?;
        Ok(Self { client, statements })
    }
}

fn locked(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file, as it is written to without losing what was answered.
pub(crate) fn sqlite(file: &str) -> Result<Connection, Trouble> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;",
    )?;
    connection.execute_batch(TABLE)?;
    Ok(connection)
}

/// The announcements that came on a connection.
pub(crate) type Announced = tokio::sync::mpsc::UnboundedReceiver<String>;

/// A connection, and what is announced on it.
pub(crate) async fn connect(address: &str) -> Result<(Client, Announced), Trouble> {
    let (client, mut connection) = tokio_postgres::connect(address, NoTls).await?;
    let (tells, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let tokio_postgres::AsyncMessage::Notification(announced) = message {
                // Most connections listen to nothing.
                let _nobody = tells.send(announced.payload().to_owned());
            }
        }
    });
    Ok((client, told))
}

/// The name of a payment in the large table.
pub(crate) fn name_of_row(number: u64) -> String {
    format!("R{number}")
}

/// The id of a payment: spread over its index as chance would have it. SQLite has no digest, so this one is a mixture of bits.
pub(crate) fn id(name: &str) -> String {
    let number = number_of(name);
    format!(
        "{:016x}{:016x}",
        mixed(number),
        mixed(number ^ u64::from(name.as_bytes().first().copied().unwrap_or(0)) << 48)
    )
}

fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

fn number_of(name: &str) -> u64 {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

pub(crate) fn phone(name: &str) -> String {
    format!("2547{:08}", number_of(name) % 100_000_000)
}

pub(crate) fn receipt(name: &str) -> String {
    format!("T{:09}", number_of(name))
}
