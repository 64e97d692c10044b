//! The thread that writes: one transaction for all commands that came while the disk was busy with the one before.

use super::job::Job;
use super::opened::Opened;
use super::payment_count;
use super::schema;
use crate::error::Error;
use rusqlite::Connection;
use std::sync::mpsc::Receiver;

/// How many commands one transaction carries at most: a process does not keep the others waiting for longer.
const MAX_BATCH: usize = 64;

/// Writes until every sender is gone.
pub(super) fn run(mut opened: Opened, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = Batch { jobs: Vec::new() };
        let ended = batch.write(&mut opened, first, jobs);
        batch.answer(&ended);
    }
}

/// Commands of one transaction, which have run and wait for its commit.
struct Batch {
    jobs: Vec<Box<dyn Job>>,
}

impl Batch {
    /// Runs commands and commits them. The error is that of every command in the batch: none of them was written.
    fn write(
        &mut self,
        opened: &mut Opened,
        first: Box<dyn Job>,
        jobs: &Receiver<Box<dyn Job>>,
    ) -> Result<(), Error> {
        let connection = match opened.take() {
            Ok(connection) => connection,
            Err(error) => {
                self.take_all(first, jobs);
                return Err(error);
            }
        };
        let ended = self.transact(opened, &connection, first, jobs);
        // SQLite closes a connection together with the transaction that could not be undone.
        if connection.is_autocommit() || execute(&connection, "ROLLBACK").is_ok() {
            opened.keep(connection);
        }
        ended
    }

    fn transact(
        &mut self,
        opened: &Opened,
        connection: &Connection,
        first: Box<dyn Job>,
        jobs: &Receiver<Box<dyn Job>>,
    ) -> Result<(), Error> {
        // The lock for writing at once: a transaction that read first could not be tried again once it wants to write.
        let begun = execute(connection, "BEGIN IMMEDIATE").map_err(|it| opened.error_of(it));
        if let Err(error) = begun.and_then(|()| schema::check_version(opened.path(), connection)) {
            self.take_all(first, jobs);
            return Err(error);
        }
        let mut next = Some(first);
        while let Some(job) = next.take() {
            self.run(opened, connection, job)?;
            if self.jobs.len() < MAX_BATCH {
                next = jobs.try_recv().ok();
            }
        }
        let payments = payment_count::payments(connection);
        execute(connection, "COMMIT").map_err(|failure| opened.error_of(failure))?;
        // Before anybody hears of it, and sends a push.
        if let Ok(payments) = payments {
            opened.count(payments);
        }
        Ok(())
    }

    /// Runs one command. Its own failure undoes and answers that command alone; the error is one that undid all of them.
    fn run(
        &mut self,
        opened: &Opened,
        connection: &Connection,
        mut job: Box<dyn Job>,
    ) -> Result<(), Error> {
        let ran = execute(connection, "SAVEPOINT command")
            .and_then(|()| job.run(connection, opened.now()))
            .and_then(|()| execute(connection, "RELEASE command"));
        let Err(failure) = ran else {
            self.jobs.push(job);
            return Ok(());
        };
        let error = opened.error_of(failure);
        // A full disk, say, makes SQLite undo the whole transaction.
        let is_alone = !connection.is_autocommit()
            && execute(connection, "ROLLBACK TO command").is_ok()
            && execute(connection, "RELEASE command").is_ok();
        if is_alone {
            job.answer(Err(error));
            return Ok(());
        }
        self.jobs.push(job);
        Err(error)
    }

    /// Takes a command and all that came while a lock was waited for in vain: if each waited anew, the last of a hundred would
    /// wait for minutes.
    fn take_all(&mut self, first: Box<dyn Job>, jobs: &Receiver<Box<dyn Job>>) {
        self.jobs.push(first);
        self.jobs.extend(jobs.try_iter());
    }

    fn answer(self, ended: &Result<(), Error>) {
        for job in self.jobs {
            job.answer(ended.clone());
        }
    }
}

fn execute(connection: &Connection, statement: &str) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(statement)?
        .execute([])
        .map(|_| ())
}
