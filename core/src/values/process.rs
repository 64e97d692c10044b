//! The mark of a process. A process id alone does not tell: a child in a new PID namespace can have its parent's.

use std::sync::atomic::{AtomicU64, Ordering};

static FORKS: AtomicU64 = AtomicU64::new(0);

/// The mark of one process: its id, and how many forks lie between it and the process that loaded the library.
///
/// For bindings whose host forks. What a process made (a runtime, a connection) is kept beside its mark; where
/// [`ProcessMark::current`] differs, the value belongs to a parent and must be neither used nor dropped.
///
/// ```
/// use lipia::values::ProcessMark;
/// let made_in = ProcessMark::current();
/// assert_eq!(made_in, ProcessMark::current());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessMark {
    id: u32,
    forks: u64,
}

impl ProcessMark {
    /// The mark of the process that calls.
    #[must_use]
    pub fn current() -> Self {
        Self {
            id: std::process::id(),
            forks: FORKS.load(Ordering::Relaxed),
        }
    }

    /// The mark in one number, for a place that is read and written without a lock.
    #[cfg(feature = "sqlite-system")]
    pub(crate) fn as_number(self) -> u64 {
        u64::from(self.id) | self.forks << 32
    }

    /// A process of this one's id that forked it.
    #[cfg(test)]
    pub(crate) fn of_a_parent() -> Self {
        Self {
            forks: u64::MAX,
            ..Self::current()
        }
    }

    /// Tells the library that this process is a new child. Register it with `pthread_atfork`, to be run in the child:
    /// it allocates nothing and takes no lock, as such a function must.
    pub fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
}
