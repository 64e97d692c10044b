//! Keeping our threads out of Python while it ends.
//!
//! A thread that waits for the GIL in the middle of Python's own code is ended by it there, before Python 3.14, when
//! the interpreter is finalized. No Rust frame survives that: the process aborts, after its program has done
//! everything right. So the interpreter is kept from ending until the last of our threads has left it.

use crate::per_process::{Held, PerProcess};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A thread of ours that stays longer is stuck in somebody's event loop.
const LONGEST_STAY: Duration = Duration::from_secs(5);

/// A process of its own each: of the parent's threads a child has none.
static INSIDE: PerProcess<Inside> = PerProcess::empty();
static REGISTERED: PyOnceLock<()> = PyOnceLock::new();

#[derive(Default)]
struct Inside {
    threads: Mutex<usize>,
    one_left: Condvar,
}

impl Inside {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn inside() -> Held<Inside> {
    match INSIDE.get_or_make(|| Ok::<_, std::convert::Infallible>(Inside::default())) {
        Ok(inside) => inside,
        Err(never) => match never {},
    }
}

/// A stay in Python of a thread that is not Python's.
pub(crate) struct Stay(Held<Inside>);

impl Stay {
    /// Begins before the thread asks for the GIL.
    pub(crate) fn begin() -> Self {
        let inside = inside();
        *inside.lock() += 1;
        Self(inside)
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut threads = self.0.lock();
        *threads = threads.saturating_sub(1);
        self.0.one_left.notify_all();
    }
}

/// Has the interpreter wait, before it ends, for the stays that have begun.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    REGISTERED
        .get_or_try_init(py, || {
            let wait = wrap_pyfunction!(wait_for_stays, py)?;
            py.import("atexit")?.call_method1("register", (wait,))?;
            Ok(())
        })
        .copied()
}

#[pyfunction]
fn wait_for_stays(py: Python<'_>) {
    py.detach(|| {
        let inside = inside();
        let waited = inside
            .one_left
            .wait_timeout_while(inside.lock(), LONGEST_STAY, |threads| *threads > 0);
        drop(waited);
    });
}
