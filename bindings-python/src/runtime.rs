//! The two runtimes of a process, each made when it is first needed.
//!
//! A call that blocks drives the first one in its own thread: no other thread exists, and nothing is handed over.
//! What asyncio waits for runs on the second one, which has a thread of its own.

use crate::per_process::{Held, PerProcess};
use lipia::Client;
use pyo3::PyResult;
use pyo3::exceptions::PyOSError;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

static BLOCKING: PerProcess<Blocking> = PerProcess::empty();
static ASYNCIO: PerProcess<Runtime> = PerProcess::empty();
/// Whether this process has a thread that drives the blocking runtime.
static DRIVEN: PerProcess<()> = PerProcess::empty();

/// The runtime that calls drive themselves.
pub(crate) struct Blocking {
    pub(crate) runtime: Runtime,
    /// How many calls are driving it.
    calls: AtomicUsize,
}

pub(crate) fn blocking() -> PyResult<Held<Blocking>> {
    BLOCKING
        .get_or_make(|| {
            Ok(Blocking {
                runtime: Builder::new_current_thread().enable_all().build()?,
                calls: AtomicUsize::new(0),
            })
        })
        .map_err(|error| not_started(&error))
}

pub(crate) fn asyncio() -> PyResult<Held<Runtime>> {
    ASYNCIO
        .get_or_make(|| {
            Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("lipia")
                .enable_all()
                .build()
        })
        .map_err(|error| not_started(&error))
}

/// Starts a thread that drives the runtime of the calls that block for as long as the process lives: a ledger's background
/// work goes on in it between two calls. The connections of a client belong to the runtime that opened them, so that the
/// background work of a client whose calls block cannot run elsewhere.
pub(crate) fn drive_blocking() -> PyResult<()> {
    DRIVEN
        .get_or_make(|| {
            let blocking = blocking()?;
            let thread = std::thread::Builder::new().name("lipia-ledger".to_owned());
            let driving = thread.spawn(move || {
                blocking.enter();
                blocking.runtime.block_on(std::future::pending::<()>());
            });
            driving.map(drop).map_err(|error| not_started(&error))
        })
        .map(drop)
}

fn not_started(error: &io::Error) -> pyo3::PyErr {
    PyOSError::new_err(format!("Lipia could not start its runtime: {error}."))
}

impl Blocking {
    pub(crate) fn enter(&self) {
        self.calls.fetch_add(1, Ordering::AcqRel);
    }

    /// A call has ended. What it leaves in the background (a push whose caller pressed Ctrl-C, a token that is
    /// renewed ahead of time) goes on as long as other calls drive the runtime; when none does, a thread is started
    /// that drives it to the end of that.
    pub(crate) fn leave(&self, client: Option<&Client>, interrupted: bool) {
        let others = self.calls.fetch_sub(1, Ordering::AcqRel) > 1;
        let Some(client) = client else { return };
        if client.is_at_rest() || (others && !interrupted) {
            return;
        }
        let client = client.clone();
        // Where no thread can be started, the next call goes on with it.
        let _ = std::thread::Builder::new()
            .name("lipia-background".to_owned())
            .spawn(move || {
                if let Ok(blocking) = blocking() {
                    blocking.runtime.block_on(async {
                        // Whatever is not done by then is left as it is.
                        let _ = tokio::time::timeout(LONGEST_REST, client.drain()).await;
                    });
                }
            });
    }
}

/// Gives the runtime two turns, in which it hears what happened on its sockets and acts on it: a connection that the
/// gateway closed is gone from the pool before a call takes one. Sent into a closed one, a push would be lost in a way
/// that looks like a lost answer. Between two calls that block nobody listens; beside asyncio it is a matter of
/// microseconds.
pub(crate) async fn hear_of_closed_connections() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

/// No call takes longer; were one to, a thread must not stay for ever because of it.
const LONGEST_REST: Duration = Duration::from_secs(600);
