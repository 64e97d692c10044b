//! The thread that reads, on a connection of its own, so that no look-up waits for the disk. It also sees what other processes
//! have written.

use super::job::Job;
use super::opened::Opened;
use super::schema;
use crate::error::Error;
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How often the file is looked at while somebody waits for a change.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What the thread is asked for.
pub(super) enum Request {
    /// A command that reads.
    Read(Box<dyn Job>),
    /// Somebody waits for a change.
    Watch(oneshot::Sender<()>),
}

/// Reads until every sender is gone.
pub(super) fn run(mut opened: Opened, requests: &Receiver<Request>) {
    let mut watch = Watch::default();
    loop {
        let request = if watch.is_idle() {
            requests.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            requests.recv_timeout(LOOK_EVERY)
        };
        match request {
            Ok(Request::Read(job)) => read(&mut opened, job),
            Ok(Request::Watch(waiter)) => watch.waiters.push(waiter),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        watch.look(&mut opened);
    }
}

fn read(opened: &mut Opened, mut job: Box<dyn Job>) {
    let now = opened.now();
    let ended = on_connection(opened, |opened, connection| {
        schema::check_version(opened.path(), connection)?;
        job.run(connection, now)
            .map_err(|failure| opened.error_of(failure))
    });
    job.answer(ended);
}

/// Runs something on the connection, which is kept where that went well.
fn on_connection<T>(
    opened: &mut Opened,
    run: impl FnOnce(&Opened, &Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    let connection = opened.take()?;
    let result = run(opened, &connection)?;
    opened.keep(connection);
    Ok(result)
}

/// Who waits for a change, and up to which commit changes were told.
#[derive(Default)]
struct Watch {
    waiters: Vec<oneshot::Sender<()>>,
    /// SQLite's count of commits by other connections than this one, when somebody was last told.
    told: Option<i64>,
}

impl Watch {
    fn is_idle(&self) -> bool {
        self.waiters.is_empty()
    }

    /// Wakes everybody who waits, where something was committed since somebody was last woken. The first time is for nothing.
    /// A failure wakes nobody: who waits polls too, and learns of it there.
    fn look(&mut self, opened: &mut Opened) {
        self.waiters.retain(|waiter| !waiter.is_closed());
        if self.is_idle() {
            return;
        }
        let Ok(commits) = on_connection(opened, count_of_commits) else {
            return;
        };
        if self.told.replace(commits) == Some(commits) {
            return;
        }
        for waiter in self.waiters.drain(..) {
            let _gone = waiter.send(());
        }
    }
}

fn count_of_commits(opened: &Opened, connection: &Connection) -> Result<i64, Error> {
    connection
        .prepare_cached("PRAGMA data_version")
        .and_then(|mut read| read.query_row([], |row| row.get(0)))
        .map_err(|failure| opened.error_of(failure))
}
