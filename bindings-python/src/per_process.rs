//! Values of one process, which a child does not inherit by `fork`.
//!
//! A runtime or a connection that a child inherits shares its sockets and its epoll set with the parent: the child
//! hangs, and whatever it closes breaks the parent. So each is kept with the mark of the process that made it. A child
//! finds another mark there, makes its own, and neither uses, locks nor drops the parent's.

use arc_swap::ArcSwapOption;
use lipia::values::ProcessMark;
use std::convert::Infallible;
use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;

/// Makes every child that is forked from now on a process of its own, even one that has its parent's process id.
pub(crate) fn tell_forks() {
    #[cfg(unix)]
    {
        extern "C" fn in_child() {
            ProcessMark::forked();
        }
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            #[allow(
                unsafe_code,
                reason = "the function that is registered does one atomic addition and lives as long as the process"
            )]
            // SAFETY: `in_child` may run in a child of a process with many threads: it takes no lock and does not allocate.
            let registered = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
            if registered != 0 {
                tracing::warn!(target: "lipia", "forks cannot be told apart where process ids repeat");
            }
        });
    }
}

/// A slot that is empty in every new process.
pub(crate) struct PerProcess<T> {
    slot: ArcSwapOption<Made<T>>,
}

struct Made<T> {
    process: ProcessMark,
    value: T,
}

/// A value of this process.
pub(crate) struct Held<T>(Arc<Made<T>>);

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> PerProcess<T> {
    pub(crate) const fn empty() -> Self {
        Self {
            slot: ArcSwapOption::const_empty(),
        }
    }

    /// A slot that this process fills at once.
    pub(crate) fn of(value: T) -> Self {
        Self {
            slot: ArcSwapOption::from_pointee(Made {
                process: ProcessMark::current(),
                value,
            }),
        }
    }

    /// The value, if this process made one.
    pub(crate) fn get(&self) -> Option<Held<T>> {
        let current = self.slot.load();
        let made = current.as_ref()?;
        (made.process == ProcessMark::current()).then(|| Held(Arc::clone(made)))
    }

    /// The value of this process, made now if there is none.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Held<T>, E> {
        if let Some(held) = self.get() {
            return Ok(held);
        }
        let found = self.slot.load_full();
        let made = Arc::new(Made {
            process: ProcessMark::current(),
            value: make()?,
        });
        let before = self.slot.compare_and_swap(&found, Some(Arc::clone(&made)));
        match before.as_ref() {
            // Another thread was quicker.
            Some(other) if other.process == ProcessMark::current() => Ok(Held(Arc::clone(other))),
            _ => {
                // One reference to the parent's value stays for ever, so that it is never dropped.
                mem::forget(found);
                Ok(Held(made))
            }
        }
    }
}

impl<T: Default> PerProcess<T> {
    /// The value of this process, its default if there was none.
    pub(crate) fn get_or_default(&self) -> Held<T> {
        match self.get_or_make(|| Ok::<_, Infallible>(T::default())) {
            Ok(held) => held,
            Err(never) => match never {},
        }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if let Some(made) = self.slot.swap(None)
            && made.process != ProcessMark::current()
        {
            mem::forget(made);
        }
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess")
    }
}
