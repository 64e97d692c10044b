//! Waking whoever waits for a change: of this process at once, of others by a notification of PostgreSQL's. A notification is
//! for speed alone, since it may get lost: who waits polls beside it.

use super::pool::Pool;
use super::session::{Driver, Session};
use std::future::poll_fn;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::sleep;
use tokio_postgres::{AsyncMessage, Notification};

/// The name of the channel, for all ledgers of a database. What is sent on it names the schema.
const CHANNEL: &str = "lipia";

/// The pause after a wake: whoever is woken reads the ledger, which costs the more the more often it is done.
const PAUSE: Duration = Duration::from_millis(20);

/// The pause before another connection is made to listen on.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// What was changed, and whom that wakes.
pub(super) struct Wake {
    /// Counts the wakes of this process.
    changes: watch::Sender<u64>,
    /// Something changed, here or elsewhere.
    changed: Notify,
    /// Something changed here, and others are to be told.
    to_announce: Notify,
    /// Tells this process's own notifications from those of others.
    mark: String,
}

impl Wake {
    pub(super) fn new(changes: watch::Sender<u64>, mark: String) -> Self {
        Self {
            changes,
            changed: Notify::new(),
            to_announce: Notify::new(),
            mark,
        }
    }

    /// Notes a change that this process has committed.
    pub(super) fn committed(&self) {
        self.changed.notify_one();
        self.to_announce.notify_one();
    }

    /// Wakes this process's waiters after changes, at once and then at most every 20 ms.
    pub(super) async fn wake(&self) {
        loop {
            self.changed.notified().await;
            self.changes
                .send_modify(|count| *count = count.wrapping_add(1));
            sleep(PAUSE).await;
        }
    }

    /// Tells other processes of changes, after their commit: a notification within it would make every commit of the server
    /// wait for it. On a connection of its own, whose transactions wait for no disk.
    pub(super) async fn announce(&self, pool: &Pool) {
        let mut session = None;
        loop {
            self.to_announce.notified().await;
            session = self.notify(pool, session).await;
            if session.is_some() {
                sleep(PAUSE).await;
            } else {
                // The server may be there again in a moment: what was changed is announced then.
                sleep(RECONNECT_PAUSE).await;
                self.to_announce.notify_one();
            }
        }
    }

    async fn notify(&self, pool: &Pool, session: Option<Session>) -> Option<Session> {
        let session = match session.filter(|session| !session.is_closed()) {
            Some(session) => session,
            None => pool.open().await.ok()?,
        };
        // Neither name has a quote in it.
        let statements = format!(
            "BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {CHANNEL}, '{{schema}} {}'; COMMIT",
            self.mark
        );
        session.execute(&statements).await.ok()?;
        Some(session)
    }

    /// Hears what other processes announce, on a connection of its own, until there is a pooler between this process and the
    /// server: a session that listens cannot be shared.
    pub(super) async fn listen(&self, pool: &Pool) {
        while self.listen_once(pool).await {
            sleep(RECONNECT_PAUSE).await;
        }
    }

    /// Listens until the connection ends. Whether it is worth a further try.
    async fn listen_once(&self, pool: &Pool) -> bool {
        let (heard, mut notifications) = mpsc::unbounded_channel();
        let Ok(tls) = pool.tls() else {
            return true;
        };
        let drive = |driver| drop(tokio::spawn(forward(driver, heard)));
        let Ok(session) = Session::open(&pool.address, &tls, drive).await else {
            return true;
        };
        if !session.is_direct {
            tracing::debug!(target: "lipia", "a pooler, or what translates addresses, stands before the ledger's database: changes by other processes are polled for (`pooler=none` in the address if there is none)");
            return false;
        }
        if session.execute(&format!("LISTEN {CHANNEL}")).await.is_err() {
            return true;
        }
        // What was committed before is seen by whoever looks now.
        self.changed.notify_one();
        while let Some(notification) = notifications.recv().await {
            if self.is_of_another_process(&notification, &pool.address.schema) {
                self.changed.notify_one();
            }
        }
        true
    }

    fn is_of_another_process(&self, notification: &Notification, schema: &str) -> bool {
        let payload = notification.payload().split_once(' ');
        payload.is_some_and(|(of, mark)| of == schema && mark != self.mark)
    }
}

/// Moves the bytes of a connection, and hands on what it was notified of.
async fn forward(mut driver: Driver, heard: mpsc::UnboundedSender<Notification>) {
    while let Some(Ok(message)) = poll_fn(|context| driver.poll_message(context)).await {
        if let AsyncMessage::Notification(notification) = message {
            // Nobody hears once the connection is given up, which ends the driver as well.
            let _unheard = heard.send(notification);
        }
    }
}
