//! Connections that carry nothing now and may carry another request.

use crate::values::process::ProcessMark;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, mem};
use tokio::runtime::{Handle, Id};
use tokio::time::Instant;

/// The connection on which an answer came. It carries nothing further unless it is given back: dropping this closes it.
#[derive(Default)]
pub(crate) struct Lent(Option<Box<dyn FnOnce() + Send>>);

impl Lent {
    /// A connection that must not be used again, whatever its answer says.
    pub(crate) fn never() -> Self {
        Self(None)
    }

    /// Lets the connection carry another request.
    pub(crate) fn give_back(self) {
        if let Some(give_back) = self.0 {
            give_back();
        }
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent")
    }
}

/// Connections that were given back, the youngest last.
#[derive(Debug)]
pub(crate) struct FreeList<C> {
    idle: Mutex<VecDeque<Idle<C>>>,
    longest_idle: Duration,
}

#[derive(Debug)]
struct Idle<C> {
    connection: Option<C>,
    home: Home,
    since: Instant,
}

/// Where a connection can be used: a child shares the socket with its parent, and another runtime does not look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Home {
    process: ProcessMark,
    runtime: Option<Id>,
}

impl Home {
    fn here() -> Self {
        Self {
            process: ProcessMark::current(),
            runtime: Handle::try_current().ok().map(|handle| handle.id()),
        }
    }
}

impl<C> FreeList<C> {
    pub(crate) fn new(longest_idle: Duration) -> Self {
        Self {
            idle: Mutex::default(),
            longest_idle,
        }
    }

    /// The connection of this process and runtime that was used last. Those that have been idle for too long are closed.
    pub(crate) fn take(&self) -> Option<C> {
        let here = Home::here();
        let mut idle = self.lock();
        let too_old = self.drain_too_old(&mut idle);
        let at = idle.iter().rposition(|idle| idle.home == here);
        let mut found = at.and_then(|at| idle.remove(at));
        drop(idle);
        drop(too_old);
        found.as_mut().and_then(|idle| idle.connection.take())
    }

    fn put(&self, connection: C) {
        let mut idle = self.lock();
        let too_old = self.drain_too_old(&mut idle);
        idle.push_back(Idle {
            connection: Some(connection),
            home: Home::here(),
            since: Instant::now(),
        });
        drop(idle);
        drop(too_old);
    }

    /// Takes out what has been idle for too long, for its caller to drop once the list is unlocked.
    fn drain_too_old(&self, idle: &mut VecDeque<Idle<C>>) -> Vec<Idle<C>> {
        let fresh = idle.partition_point(|idle| idle.since.elapsed() >= self.longest_idle);
        idle.drain(..fresh).collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Idle<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Send + 'static> FreeList<C> {
    /// A connection on which an answer came.
    pub(crate) fn lend(self: &Arc<Self>, connection: C) -> Lent {
        let list = Arc::clone(self);
        Lent(Some(Box::new(move || list.put(connection))))
    }
}

impl<C> Drop for Idle<C> {
    fn drop(&mut self) {
        if self.home.process != ProcessMark::current() {
            // Closing it would reach into what the parent uses.
            mem::forget(self.connection.take());
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::runtime::{Builder, Runtime};

    const LONGEST_IDLE: Duration = Duration::from_secs(20);

    /// A connection that counts when it is closed.
    struct Counted(&'static str, Arc<AtomicUsize>);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn runtime() -> Runtime {
        Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    }

    #[test]
    fn a_connection_is_free_once_it_is_given_back_and_the_youngest_goes_first() {
        let (list, closed) = (Arc::new(FreeList::new(LONGEST_IDLE)), Arc::default());
        let lend = |name| list.lend(Counted(name, Arc::clone(&closed)));
        runtime().block_on(async {
            assert!(list.take().is_none());
            drop(lend("dropped"));
            assert_eq!(closed.load(Ordering::SeqCst), 1);
            assert!(list.take().is_none());
            lend("first").give_back();
            tokio::time::advance(LONGEST_IDLE / 2).await;
            lend("second").give_back();
            assert_eq!(list.take().unwrap().0, "second");
            lend("third").give_back();
            tokio::time::advance(LONGEST_IDLE / 2).await;
            assert_eq!(list.take().unwrap().0, "third");
            assert!(list.take().is_none(), "the first is too old");
            assert_eq!(closed.load(Ordering::SeqCst), 4);
        });
    }

    #[test]
    fn a_connection_stays_in_its_runtime() {
        let (list, closed) = (Arc::new(FreeList::new(LONGEST_IDLE)), Arc::default());
        let (here, elsewhere) = (runtime(), runtime());
        here.block_on(async { list.lend(Counted("here", Arc::clone(&closed))).give_back() });
        assert!(elsewhere.block_on(async { list.take() }).is_none());
        assert!(here.block_on(async { list.take() }).is_some());
    }

    #[test]
    fn a_parents_connection_is_neither_used_nor_closed() {
        let (list, closed) = (Arc::new(FreeList::new(LONGEST_IDLE)), Arc::default());
        let runtime = runtime();
        runtime.block_on(async {
            list.put(Counted("the parent's", Arc::clone(&closed)));
            // As if this process had been forked since.
            for idle in list.lock().iter_mut() {
                idle.home.process = ProcessMark::of_a_parent();
            }
            assert!(list.take().is_none());
            tokio::time::advance(LONGEST_IDLE).await;
            assert!(list.take().is_none());
        });
        drop(list);
        assert_eq!(closed.load(Ordering::SeqCst), 0);
    }
}
