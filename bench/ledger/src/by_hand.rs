//! The same work by hand: a payment as one INSERT, which claims its order by a unique index, and two UPDATEs.

use crate::Trouble;
use std::sync::{Arc, Mutex, PoisonError};

const TABLE: &str = "CREATE TABLE sale (
    id TEXT PRIMARY KEY, order_name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, phone TEXT NOT NULL, amount INTEGER NOT NULL,
    receipt TEXT, told INTEGER NOT NULL DEFAULT 0)";

/// A database with one table.
#[derive(Clone)]
pub enum ByHand {
    /// One connection for the process, as most programs have it.
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
    /// One connection, whose statements go out without waiting for each other's answers.
    Postgres(Arc<tokio_postgres::Client>),
}

impl ByHand {
    pub async fn open(address: &str) -> Result<Self, Trouble> {
        if let Some(path) = address.strip_prefix("sqlite://") {
            let connection = rusqlite::Connection::open(path)?;
            connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
            connection.execute_batch(TABLE)?;
            return Ok(Self::Sqlite(Arc::new(Mutex::new(connection))));
        }
        let (client, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(TABLE).await?;
        Ok(Self::Postgres(Arc::new(client)))
    }

    pub async fn insert(&self, id: &str, order: &str) -> Result<(), Trouble> {
        self.execute("INSERT INTO sale (id, order_name, state, phone, amount) VALUES ($1, $2, 'sending', '254712345678', 150)", &[id, order]).await
    }

    pub async fn pay(&self, id: &str, receipt: &str) -> Result<(), Trouble> {
        self.execute("UPDATE sale SET state = 'paid', receipt = $2 WHERE id = $1", &[id, receipt]).await
    }

    pub async fn told(&self, id: &str) -> Result<(), Trouble> {
        self.execute("UPDATE sale SET told = 1 WHERE id = $1", &[id]).await
    }

    async fn execute(&self, statement: &'static str, values: &[&str]) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(connection) => {
                let connection = Arc::clone(connection);
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                let done = tokio::task::spawn_blocking(move || {
                    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                    connection.prepare_cached(statement)?.execute(rusqlite::params_from_iter(values))
                });
                done.await??;
            }
            Self::Postgres(client) => {
                let values: Vec<_> = values.iter().map(|value| value as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
                let typed = values.iter().map(|value| (*value, tokio_postgres::types::Type::TEXT));
                let typed: Vec<_> = typed.collect();
                client.query_typed(statement, &typed).await?;
            }
        }
        Ok(())
    }
}
