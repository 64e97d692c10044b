//! The two threads of a ledger's file: started by the first command, ended by a close, and refused after a fork.

use super::file::LedgerFile;
use super::fork_gate;
use super::inherited::{self, OpenMark};
use super::job::{self, Job};
use super::opened::Opened;
use super::reader::{self, Request};
use super::writer;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::values::clock::{Clock, EatTime, SystemClock};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SendError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a lock may be held that another thread only holds for some microseconds. Longer: that thread was left behind by a
/// fork. Nothing waits for the disk or for a thread while it holds `ALL` or `running`.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// Every ledger of the process, so that one path has one pair of threads and all can be closed before a fork.
static ALL: Mutex<Vec<Weak<Threads>>> = Mutex::new(Vec::new());

/// The threads of one file.
pub(super) struct Threads {
    file: Arc<LedgerFile>,
    clock: Arc<dyn Clock>,
    running: Mutex<Running>,
    /// Held by who closes, so that a second close also ends with the threads.
    closing: Mutex<()>,
}

/// The threads that were started and not closed.
#[derive(Default)]
struct Running {
    writer: Option<Worker<Box<dyn Job>>>,
    reader: Option<Worker<Request>>,
}

/// A thread, and the way to it.
struct Worker<T> {
    sender: Sender<T>,
    handle: JoinHandle<()>,
}

impl<T> Worker<T> {
    /// Lets the thread carry out what it was sent, and waits for its end.
    fn end(self) {
        drop(self.sender);
        // A thread that panicked has closed its connection all the same.
        let _panicked = self.handle.join();
    }
}

impl Threads {
    pub(super) fn new(path: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self {
            file: Arc::new(LedgerFile::new(path)),
            clock,
            running: Mutex::default(),
            closing: Mutex::new(()),
        }
    }

    /// The threads of a path, which all stores of the process share.
    pub(super) fn shared(path: PathBuf) -> Result<Arc<Self>, Error> {
        let _inside = fork_gate::enter();
        let mut all = lock(&ALL)?;
        all.retain(|threads| threads.strong_count() > 0);
        let known = all.iter().filter_map(Weak::upgrade);
        if let Some(threads) = known.into_iter().find(|threads| threads.path() == path) {
            return Ok(threads);
        }
        let threads = Arc::new(Self::new(path, Arc::new(SystemClock)));
        all.push(Arc::downgrade(&threads));
        Ok(threads)
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// What a person should see to about the file, in sentences.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.file.warnings()
    }

    /// Runs a command on the thread that reads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, EatTime) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (job, answer) = job::job(work);
        self.to_reader(Request::Read(job))?;
        answer.await.unwrap_or_else(|_| Err(job::lost()))
    }

    /// Runs a command on the thread that writes, and ends once it is on the disk.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, EatTime) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (job, answer) = job::job(work);
        self.to_writer(job)?;
        answer.await.unwrap_or_else(|_| Err(job::lost()))
    }

    /// Ends when something may have been committed, by this process or another; never, where the threads do not run.
    pub(super) async fn changed(&self) {
        let (waiter, woken) = oneshot::channel();
        let is_watched = self.to_reader(Request::Watch(waiter)).is_ok();
        if !is_watched || woken.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Hands a command to the thread that writes.
    fn to_writer(&self, job: Box<dyn Job>) -> Result<(), Error> {
        let _inside = fork_gate::enter();
        inherited::check()?;
        let mut running = lock(&self.running)?;
        hand(&mut running.writer, job, |jobs| {
            self.start("lipia-ledger-writer", writer::run, jobs)
        })
    }

    /// Hands a request to the thread that reads.
    fn to_reader(&self, request: Request) -> Result<(), Error> {
        let _inside = fork_gate::enter();
        inherited::check()?;
        let mut running = lock(&self.running)?;
        hand(&mut running.reader, request, |requests| {
            self.start("lipia-ledger-reader", reader::run, requests)
        })
    }

    /// Starts a thread, which opens the file at its first command.
    fn start<T: Send + 'static>(
        &self,
        name: &str,
        run: fn(Opened, &Receiver<T>),
        commands: Receiver<T>,
    ) -> Result<JoinHandle<()>, Error> {
        // Each thread has a mark: it stands until its connection is closed.
        let mark = OpenMark::new();
        let opened = Opened::new(Arc::clone(&self.file), Arc::clone(&self.clock));
        spawn(name, move || {
            let _mark = mark;
            run(opened, &commands);
        })
    }

    /// Ends the threads and waits for them. In a child that inherited them there are none.
    pub(super) fn close(&self) {
        if inherited::check().is_err() {
            return;
        }
        let Ok(_closing) = lock(&self.closing) else {
            return;
        };
        // The lock is not held while the threads end, which may take as long as a commit: a command that comes meanwhile opens
        // the file again, as it would right after.
        let Running { writer, reader } = match lock(&self.running) {
            Ok(mut running) => std::mem::take(&mut *running),
            Err(_) => return,
        };
        if let Some(writer) = writer {
            writer.end();
        }
        if let Some(reader) = reader {
            reader.end();
        }
    }
}

impl Drop for Threads {
    /// Lets the threads end by themselves. What a child inherited is neither used nor dropped.
    fn drop(&mut self) {
        if inherited::check().is_err()
            && let Ok(running) = self.running.get_mut()
        {
            std::mem::forget(std::mem::take(running));
        }
    }
}

/// Closes the files of all ledgers of the process.
pub(super) fn close_all() {
    let all: Vec<Arc<Threads>> = match lock(&ALL) {
        Ok(all) => all.iter().filter_map(Weak::upgrade).collect(),
        Err(_) => return,
    };
    for threads in all {
        threads.close();
    }
}

/// Hands something to a thread, which starts where it does not run: for the first time, after a close, or after a panic.
fn hand<T>(
    worker: &mut Option<Worker<T>>,
    command: T,
    start: impl FnOnce(Receiver<T>) -> Result<JoinHandle<()>, Error>,
) -> Result<(), Error> {
    let command = match worker.take() {
        Some(running) => match running.sender.send(command) {
            Ok(()) => {
                *worker = Some(running);
                return Ok(());
            }
            Err(SendError(command)) => {
                tracing::error!(target: "lipia", "a thread of the ledger panicked, and is started again");
                command
            }
        },
        None => command,
    };
    let (sender, commands) = mpsc::channel();
    let handle = start(commands)?;
    let started = worker.insert(Worker { sender, handle });
    started.sender.send(command).map_err(|_| job::lost())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|source| {
            Error::new(
                ErrorCode::LedgerFailed,
                Disposition::NotSent,
                "A thread for the ledger's file could not be started.",
            )
            .with_hint("See how many threads and how much memory the process may have.")
            .with_source(source)
        })
}

/// Locks, but does not wait for a thread that a fork left behind.
fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Error> {
    let started = Instant::now();
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if started.elapsed() > LOCK_LIMIT => {
                return Err(inherited::refusal());
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_micros(50)),
        }
    }
}
