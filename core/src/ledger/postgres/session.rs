//! Connections to a ledger's database, and statements on them.

use super::address::{Address, Pooler};
use super::failure::Failure;
use super::tls::{Encrypted, Tls};
use super::value::Value;
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Connection, Row, Socket};

/// How long one address of one host may take to answer, where the ledger's address sets nothing else.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long all of it may take, from the first byte to a session that is set up.
const OPEN_LIMIT: Duration = Duration::from_secs(8);

/// What a session of the server's own is told at its start: no command of the ledger's waits longer. The isolation is what the
/// statements are written for, and a commit is on the disk before it is answered, whatever the database's defaults are.
const SETTINGS: &str = "SET statement_timeout = '7s'; SET lock_timeout = '5s'; \
     SET default_transaction_isolation = 'read committed'; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// A connection that a command runs on.
pub(super) struct Session {
    client: Client,
    tls: Tls,
    /// The ledger's schema, which needs no quotes: see [`Address::parse`].
    pub(super) schema: String,
    /// Whether the server's session is this connection's own, so that it can be set up, and can listen.
    pub(super) is_direct: bool,
}

/// The half of a connection that moves bytes: whoever has it polls it.
pub(super) type Driver = Connection<Socket, Encrypted>;

impl Session {
    /// Connects. `drive` gets the half that moves bytes, before the first statement is sent.
    ///
    /// # Errors
    /// Why there is no connection.
    pub(super) async fn open(
        address: &Address,
        tls: &Tls,
        drive: impl FnOnce(Driver),
    ) -> Result<Self, Failure> {
        // What accepts a connection and is silent would otherwise be waited for without end.
        timeout(OPEN_LIMIT, Self::open_slowly(address, tls, drive))
            .await
            .unwrap_or(Err(Failure::Silent))
    }

    async fn open_slowly(
        address: &Address,
        tls: &Tls,
        drive: impl FnOnce(Driver),
    ) -> Result<Self, Failure> {
        let mut config = address.config.clone();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        let (client, driver) = config.connect(tls.clone()).await?;
        drive(driver);
        let mut session = Self {
            client,
            tls: tls.clone(),
            schema: address.schema.clone(),
            is_direct: false,
        };
        session.is_direct = match address.pooler {
            Pooler::Absent => true,
            Pooler::Present => false,
            Pooler::Unknown => session.is_the_servers(address).await?,
        };
        if session.is_direct {
            // A pooler's session is other programs' as well, and is left as it is.
            session.client.batch_execute(SETTINGS).await?;
        }
        Ok(session)
    }

    /// Whether the server sees itself where this process has connected to. Behind a pooler it does not; nor behind what
    /// translates addresses, which then counts as a pooler.
    async fn is_the_servers(&self, address: &Address) -> Result<bool, Failure> {
        let query = "SELECT inet_server_addr(), inet_server_port(), current_setting('port')::int";
        let row = self.client.query_typed_one(query, &[]).await?;
        let (server, tcp_port): (Option<IpAddr>, Option<i32>) = (row.try_get(0)?, row.try_get(1)?);
        let port: i32 = row.try_get(2)?;
        for (host, given) in address.places() {
            let given_port = i32::from(given);
            let Some(server) = server else {
                if host.starts_with('/') && given_port == port {
                    return Ok(true);
                }
                continue;
            };
            let found = lookup_host((host.as_str(), given)).await;
            let mut found = found.into_iter().flatten();
            if Some(given_port) == tcp_port && found.any(|it| it.ip() == server) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The rows of a statement. `{schema}` in it stands for the ledger's schema, `$1` for the first value. The statement has no
    /// name at the server: behind a pooler the next one may meet another session.
    ///
    /// # Errors
    /// What the server says, or that it cannot be reached.
    pub(super) async fn query(
        &self,
        statement: &str,
        values: &[Value],
    ) -> Result<Vec<Row>, Failure> {
        let statement = self.sql(statement);
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = values
            .iter()
            .map(|value| (value as &(dyn ToSql + Sync), value.type_of()))
            .collect();
        Ok(self.client.query_typed(&statement, &typed).await?)
    }

    /// The only row of a statement that has one at most.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub(super) async fn query_one(
        &self,
        statement: &str,
        values: &[Value],
    ) -> Result<Option<Row>, Failure> {
        Ok(self.query(statement, values).await?.into_iter().next())
    }

    /// Runs statements that have no parameters and no answer.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub(super) async fn execute(&self, statements: &str) -> Result<(), Failure> {
        Ok(self.client.batch_execute(&self.sql(statements)).await?)
    }

    fn sql(&self, statement: &str) -> String {
        statement.replace("{schema}", &self.schema)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Ends what the server does for this connection, which is of no use afterwards.
    pub(super) async fn cancel(self) {
        let cancelled = self.client.cancel_token().cancel_query(self.tls).await;
        if let Err(error) = cancelled {
            tracing::debug!(target: "lipia", %error, "a command of the ledger could not be cancelled at the server");
        }
    }
}
