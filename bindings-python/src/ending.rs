//! The interpreter's end. A thread that asks for the GIL after that is ended by Python in the middle of its Rust frames,
//! and the process aborts. So whoever comes from another thread passes a gate, which closes before the interpreter ends.

use crate::per_process::{Held, PerProcess};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A child that was forked while somebody was inside would wait for a thread that it does not have.
static GATE: PerProcess<Gate> = PerProcess::empty();

#[derive(Default)]
struct Gate {
    /// How many threads hold the GIL, or are about to.
    inside: AtomicUsize,
    /// The thread in which the interpreter ends.
    ended_by: Mutex<Option<ThreadId>>,
}

/// Whoever has this may ask for the GIL, and has it before dropping this.
pub(crate) struct Inside(Held<Gate>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Gate {
    fn ended_by(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.ended_by.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Through the gate, or `None` where it is closed. The thread that closed it may always pass: it has the GIL for as long
/// as there is one.
pub(crate) fn enter() -> Option<Inside> {
    let inside = Inside(GATE.get_or_default());
    inside.0.inside.fetch_add(1, Ordering::AcqRel);
    let ended_by = *inside.0.ended_by();
    match ended_by {
        Some(thread) if thread != thread::current().id() => None,
        _ => Some(inside),
    }
}

/// Whether the gate is open still, for whoever is to pass it in another thread.
pub(crate) fn is_open() -> bool {
    GATE.get_or_default().ended_by().is_none()
}

/// Through the gate; where it is closed this thread stays here until the process is gone. It is a daemon's: Python joins
/// all others before it ends.
pub(crate) fn enter_or_stay() -> Inside {
    loop {
        if let Some(inside) = enter() {
            return inside;
        }
        thread::park();
    }
}

/// How long the end waits for those inside. They only take a result to its loop, or themselves back to Python.
const LONGEST: Duration = Duration::from_secs(5);

/// Closes the gate. Python calls it when it is about to end.
#[pyfunction]
pub(crate) fn close_gate(py: Python<'_>) {
    let gate = GATE.get_or_default();
    *gate.ended_by() = Some(thread::current().id());
    py.detach(|| {
        let began = Instant::now();
        while gate.inside.load(Ordering::Acquire) > 0 && began.elapsed() < LONGEST {
            thread::sleep(Duration::from_millis(1));
        }
    });
}
