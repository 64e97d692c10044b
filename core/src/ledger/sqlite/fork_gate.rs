//! The gate that commands pass on their way to a ledger's threads. It is closed around a fork, so that no command opens a file
//! again, and no thread holds a lock of a ledger, in the moment in which a child gets a copy of the memory.

use crate::values::process::ProcessMark;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The mark of the process that closed the gate; 0 while it is open. In a child the mark is another, and so the gate is open.
static CLOSED_BY: AtomicU64 = AtomicU64::new(0);
/// How many threads are inside.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// How long a command waits for the gate: a fork takes milliseconds. A program that never opens it again would else hang.
const LONGEST_FORK: Duration = Duration::from_secs(10);
/// How long closing waits for those inside. They hold a lock for some microseconds; more in a child means that a thread of the
/// parent's was inside.
const LONGEST_INSIDE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_micros(50);

/// Whoever has this is inside.
pub(super) struct Inside(());

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

fn is_closed() -> bool {
    let closed_by = CLOSED_BY.load(Ordering::SeqCst);
    closed_by != 0 && closed_by == ProcessMark::current().as_number()
}

/// Passes the gate; waits where it is closed.
pub(super) fn enter() -> Inside {
    let ends_at = Instant::now() + LONGEST_FORK;
    loop {
        while is_closed() && Instant::now() < ends_at {
            thread::sleep(PAUSE);
        }
        INSIDE.fetch_add(1, Ordering::SeqCst);
        let inside = Inside(());
        if !is_closed() || Instant::now() >= ends_at {
            return inside;
        }
    }
}

/// Closes the gate, and waits until nobody is inside.
pub(super) fn close() {
    CLOSED_BY.store(ProcessMark::current().as_number(), Ordering::SeqCst);
    let ends_at = Instant::now() + LONGEST_INSIDE;
    while INSIDE.load(Ordering::SeqCst) > 0 && Instant::now() < ends_at {
        thread::sleep(PAUSE);
    }
}

/// Opens the gate.
pub(super) fn open() {
    CLOSED_BY.store(0, Ordering::SeqCst);
}
