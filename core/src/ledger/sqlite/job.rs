//! A command on its way to a thread that has a connection, and its answer on the way back.

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::values::clock::EatTime;
use rusqlite::Connection;
use tokio::sync::oneshot;

/// A command that a thread carries out.
pub(super) trait Job: Send {
    /// Runs the command inside the transaction that is open, and keeps its result.
    fn run(&mut self, connection: &Connection, now: EatTime) -> Result<(), rusqlite::Error>;

    /// Answers: with the result, once its transaction is on the disk, or with the error.
    fn answer(self: Box<Self>, ended: Result<(), Error>);
}

/// A command, its result once it has run, and the caller who waits for it.
struct Command<T, F> {
    work: Option<F>,
    result: Option<T>,
    caller: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Command<T, F>
where
    T: Send,
    F: FnOnce(&Connection, EatTime) -> Result<T, rusqlite::Error> + Send,
{
    fn run(&mut self, connection: &Connection, now: EatTime) -> Result<(), rusqlite::Error> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(connection, now)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, ended: Result<(), Error>) {
        let Self { result, caller, .. } = *self;
        // A caller that went away needs no answer: what was written stays.
        let _gone = caller.send(ended.and_then(|()| result.ok_or_else(lost)));
    }
}

/// A command for a thread, and where its answer arrives.
pub(super) fn job<T, F>(work: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, Error>>)
where
    T: Send + 'static,
    F: FnOnce(&Connection, EatTime) -> Result<T, rusqlite::Error> + Send + 'static,
{
    let (caller, answer) = oneshot::channel();
    let command = Command {
        work: Some(work),
        result: None,
        caller,
    };
    (Box::new(command), answer)
}

/// The error of a command that no thread has answered.
pub(super) fn lost() -> Error {
    Error::new(
        ErrorCode::LedgerFailed,
        Disposition::NotSent,
        "The ledger's thread ended before it answered.",
    )
    .with_field("ledger")
    .with_hint("Try again; the log may say why it ended.")
}
