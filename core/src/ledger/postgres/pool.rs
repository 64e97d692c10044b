//! The connections of a process to a ledger's database: few, lent to one command at a time, and replaced when they die.

use super::address::Address;
use super::failure::Failure;
use super::schema;
use super::session::{Driver, Session};
use super::tls::Tls;
use crate::error::Error;
use crate::transport::tls::TlsRoots;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// How many commands of a process run at once. A server usually allows 100 connections, and a shop has several processes and
/// connections of its own.
const MAX_CONNECTIONS: usize = 5;

/// How long a command waits for a free connection.
const FREE_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection is tried for while the server starts, ends or has no room.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// The pause between two of these tries.
const CONNECT_PAUSE: Duration = Duration::from_millis(100);

/// How long one command may take. Above what the server itself allows it, so that its own error comes first.
const COMMAND_LIMIT: Duration = Duration::from_secs(8);

/// A connection that carried nothing for this long is closed: something on the way may have forgotten it.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// How often a command is given again that lost against others at the same moment.
const MAX_TRIES: u32 = 5;

/// How old the last look at the version of the tables may be: a later version may start beside this one.
const VERSION_LIMIT: Duration = Duration::from_secs(1);

/// The connections to one database. Belongs to one thread.
pub(super) struct Pool {
    pub(super) address: Address,
    roots: TlsRoots,
    tls: RefCell<Option<Tls>>,
    free: Semaphore,
    idle: RefCell<Vec<Idle>>,
    drivers: RefCell<JoinSet<()>>,
    /// When the tables were last looked at. Held by whoever looks, so that the first commands make them once.
    looked_at: Mutex<Option<Instant>>,
    is_logged: Cell<bool>,
}

struct Idle {
    session: Session,
    since: Instant,
}

impl Pool {
    pub(super) fn new(address: Address, roots: TlsRoots) -> Self {
        Self {
            address,
            roots,
            tls: RefCell::default(),
            free: Semaphore::new(MAX_CONNECTIONS),
            idle: RefCell::default(),
            drivers: RefCell::default(),
            looked_at: Mutex::default(),
            is_logged: Cell::new(false),
        }
    }

    /// Runs a command on a connection.
    ///
    /// A command whose connection died is given once more: it may have been carried out, and the contract allows for that.
    ///
    /// # Errors
    /// Why it was not carried out, or that nobody knows whether it was.
    pub(super) async fn run<T>(
        &self,
        command: &impl AsyncFn(&Session) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        self.try_to_run(command)
            .await
            .map_err(|failure| failure.into_error(&self.address.place()))
    }

    async fn try_to_run<T>(
        &self,
        command: &impl AsyncFn(&Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Ok(Ok(_free)) = timeout(FREE_LIMIT, self.free.acquire()).await else {
            return Err(Failure::OutOfTime(
                "All connections to the ledger's database were busy for five seconds",
            ));
        };
        let mut tries = 0;
        let mut was_replaced = false;
        loop {
            let session = self.take().await?;
            match self.run_on(session, command).await {
                Err(failure) if failure.is_of_the_moment() && tries < MAX_TRIES => {
                    tries += 1;
                    sleep(Duration::from_millis(u64::from(tries * 3))).await;
                }
                Err(failure) if failure.is_of_the_connection() && !was_replaced => {
                    was_replaced = true;
                }
                ended => return ended,
            }
        }
    }

    async fn run_on<T>(
        &self,
        session: Session,
        command: &impl AsyncFn(&Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let work = async {
            self.look_at_tables(&session).await?;
            command(&session).await
        };
        let Ok(ended) = timeout(COMMAND_LIMIT, work).await else {
            let _over = timeout(CONNECT_LIMIT, session.cancel()).await;
            return Err(Failure::OutOfTime(
                "PostgreSQL did not answer a command of the ledger in time",
            ));
        };
        match &ended {
            Err(failure) if failure.is_of_the_connection() => {
                // The others are as old: the server was restarted, say.
                self.idle.borrow_mut().clear();
            }
            _ => self.give_back(session),
        }
        ended
    }

    async fn look_at_tables(&self, session: &Session) -> Result<(), Failure> {
        let mut looked_at = self.looked_at.lock().await;
        if looked_at.is_some_and(|at| at.elapsed() < VERSION_LIMIT) {
            return Ok(());
        }
        *looked_at = None;
        schema::prepare(session, &self.address.place()).await?;
        *looked_at = Some(Instant::now());
        Ok(())
    }

    /// An idle connection, or a new one.
    async fn take(&self) -> Result<Session, Failure> {
        loop {
            let Some(idle) = self.idle.borrow_mut().pop() else {
                return self.open().await;
            };
            if !idle.session.is_closed() && idle.since.elapsed() < LONGEST_IDLE {
                return Ok(idle.session);
            }
        }
    }

    fn give_back(&self, session: Session) {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|idle| idle.since.elapsed() < LONGEST_IDLE);
        idle.push(Idle {
            session,
            since: Instant::now(),
        });
    }

    /// A new connection, tried for a while where the server may be there in a moment.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn open(&self) -> Result<Session, Failure> {
        let tls = self.tls()?;
        let began = Instant::now();
        loop {
            let drive = |driver: Driver| self.drive(driver);
            match Session::open(&self.address, &tls, drive).await {
                Ok(session) => {
                    self.log_once(&session);
                    return Ok(session);
                }
                Err(failure) if failure.may_pass() && began.elapsed() < CONNECT_LIMIT => {
                    sleep(CONNECT_PAUSE).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// What makes TLS connections, read at the first connection.
    ///
    /// # Errors
    /// Why the certificates that are to be trusted cannot be read.
    pub(super) fn tls(&self) -> Result<Tls, Failure> {
        let mut tls = self.tls.borrow_mut();
        if let Some(tls) = &*tls {
            return Ok(tls.clone());
        }
        let made = Tls::of(&self.address, &self.roots).map_err(Failure::Known)?;
        Ok(tls.insert(made).clone())
    }

    fn drive(&self, driver: Driver) {
        let mut drivers = self.drivers.borrow_mut();
        while drivers.try_join_next().is_some() {}
        drivers.spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(target: "lipia", %error, "a connection to the ledger's database ended");
            }
        });
    }

    fn log_once(&self, session: &Session) {
        if !self.is_logged.replace(true) {
            tracing::info!(
                target: "lipia",
                ledger = %self.address.place(),
                is_direct = session.is_direct,
                "the ledger is in PostgreSQL"
            );
        }
    }

    /// Closes the connections, so that the server hears of it.
    pub(super) async fn close(self) {
        let Self { idle, drivers, .. } = self;
        drop(idle);
        let mut drivers = drivers.into_inner();
        let closed = async { while drivers.join_next().await.is_some() {} };
        let _over = timeout(Duration::from_secs(1), closed).await;
    }
}
