//! Threads that run the commands of a store in Python: never the event loop's, never the runtime's.
//!
//! A thread keeps its Python thread state for as long as it lives, so that what a store keeps for each thread (a connection to
//! its database, say) is there at the next command.

use crate::ending;
use pyo3::prelude::*;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How many commands of a store run at once. A database has a connection for each.
const MAX_THREADS: usize = 4;

/// How long a thread waits for the next command before it ends, and with it what the store keeps for it.
const IDLE_FOR: Duration = Duration::from_secs(60);

/// One command, with the GIL.
pub(super) type Job = Box<dyn FnOnce(Python<'_>) + Send>;

/// The threads of one store in one process. None is started before the first command.
#[derive(Default)]
pub(super) struct Workers {
    state: Mutex<State>,
    has_job: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Workers {
    /// Has a thread run a command.
    ///
    /// # Errors
    /// There is no thread, and none can be started.
    pub(super) fn run(self: &Arc<Self>, job: Job) -> io::Result<()> {
        if !ending::is_open() {
            return Err(io::Error::other("the interpreter is ending"));
        }
        let mut state = self.lock();
        state.queue.push_back(job);
        if state.idle >= state.queue.len() || state.threads == MAX_THREADS {
            self.has_job.notify_one();
            return Ok(());
        }
        let workers = Arc::clone(self);
        let thread = thread::Builder::new().name("lipia-store".to_owned());
        match thread.spawn(move || workers.serve()) {
            Ok(_) => state.threads += 1,
            // Those that are there do it.
            Err(_) if state.threads > 0 => {}
            Err(error) => {
                state.queue.pop_back();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Runs commands until there were none for a while.
    fn serve(&self) {
        // An interpreter that is ending ends a thread that asks for the GIL, in the middle of these frames: the gate is passed
        // before each command, and kept until it has ended.
        let mut inside = Some(ending::enter_or_stay());
        Python::attach(|py| {
            while let Some(job) = py.detach(|| {
                drop(inside.take());
                let job = self.next();
                inside = ending::enter();
                if inside.is_none() {
                    // Whoever waits for it hears that nobody will run it.
                    drop(job);
                    ending::enter_or_stay();
                    return None;
                }
                job
            }) {
                job(py);
            }
        });
    }

    /// The next command; `None` for a thread that is to end.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            state.idle += 1;
            let waited = self.has_job.wait_timeout(state, IDLE_FOR);
            let (again, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            state = again;
            state.idle -= 1;
            if waited.timed_out() && state.queue.is_empty() {
                state.threads -= 1;
                return None;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
