//! The thread of a process that has the connections to a ledger's database. It has a runtime of its own: commands are carried out
//! whatever runtime their callers have, and also where a caller goes away in the middle.

use super::address::Address;
use super::failure::Failure;
use super::pool::Pool;
use super::session::Session;
use super::wake::Wake;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::transport::tls::TlsRoots;
use crate::values::process::ProcessMark;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};

/// How long a lock may be held that another thread only holds for some microseconds. Longer: that thread was left behind by a
/// fork.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// Every ledger of the process, so that clients with one address share their connections.
static ALL: Mutex<Vec<(String, Weak<Connections>)>> = Mutex::new(Vec::new());

/// What the thread works with.
pub(super) struct Hand {
    pool: Pool,
    wake: Wake,
}

/// A command for the thread, and its way back.
type Job = Box<dyn FnOnce(Rc<Hand>) -> LocalBoxFuture<'static, ()> + Send>;

/// What the thread is asked for.
enum Request {
    /// A command.
    Carry(Job),
    /// Somebody waits for changes by other processes.
    Listen,
}

/// The connections of a process to one database, made by its thread at the first command.
pub(super) struct Connections {
    address: Address,
    roots: TlsRoots,
    running: Mutex<Option<Running>>,
}

/// The thread, and the way to it.
struct Running {
    /// The process that started it: a child has neither the thread nor any use for its connections.
    process: ProcessMark,
    requests: mpsc::UnboundedSender<Request>,
    changes: watch::Receiver<u64>,
    is_listening: bool,
    handle: JoinHandle<()>,
}

impl Connections {
    /// The connections to the database of an address, which all stores of the process share.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub(super) fn shared(text: &str, roots: &TlsRoots) -> Result<Arc<Self>, Error> {
        let address = Address::parse(text)?;
        let key = format!("{text} {roots:?}");
        let mut all = lock(&ALL)?;
        all.retain(|(_, connections)| connections.strong_count() > 0);
        let known = all.iter().find(|(of, _)| *of == key);
        if let Some(connections) = known.and_then(|(_, connections)| connections.upgrade()) {
            return Ok(connections);
        }
        let connections = Arc::new(Self {
            address,
            roots: roots.clone(),
            running: Mutex::default(),
        });
        all.push((key, Arc::downgrade(&connections)));
        Ok(connections)
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Carries out a command, and ends once it is committed. `wakes` says by the answer whether others are to look.
    ///
    /// # Errors
    /// Why it was not carried out.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        command: impl AsyncFn(&Session) -> Result<T, Failure> + Send + 'static,
        wakes: fn(&T) -> bool,
    ) -> Result<T, Error> {
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move |hand| {
            Box::pin(async move {
                let ended = hand.pool.run(&command).await;
                if ended.as_ref().is_ok_and(wakes) {
                    hand.wake.committed();
                }
                // A caller that went away needs no answer: what was written stays.
                let _gone = caller.send(ended);
            })
        });
        self.hand(job)?;
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Ends when something may have been committed, by this process or another; never, where the thread cannot be started.
    pub(super) fn changed(&self) -> impl Future<Output = ()> + Send + use<> {
        // At the call and not at the first poll: what is committed in between is not to be missed.
        let changes = self.listening();
        async move {
            if let Ok(mut changes) = changes
                && changes.changed().await.is_ok()
            {
                return;
            }
            std::future::pending::<()>().await;
        }
    }

    fn listening(&self) -> Result<watch::Receiver<u64>, Error> {
        let mut running = lock(&self.running)?;
        let started = self.started(&mut running)?;
        if !started.is_listening {
            started.is_listening = started.requests.send(Request::Listen).is_ok();
        }
        let mut changes = started.changes.clone();
        changes.mark_unchanged();
        Ok(changes)
    }

    fn hand(&self, job: Job) -> Result<(), Error> {
        let mut running = lock(&self.running)?;
        let started = self.started(&mut running)?;
        let request = Request::Carry(job);
        started.requests.send(request).map_err(|_| lost())
    }

    /// The thread of this process, started where it does not run: for the first time, in a child, after a close or a panic.
    fn started<'a>(&self, running: &'a mut Option<Running>) -> Result<&'a mut Running, Error> {
        match running.take() {
            Some(inherited) if inherited.process != ProcessMark::current() => {
                // What it has is the parent's. Dropping it would reach into what the parent uses.
                std::mem::forget(inherited);
            }
            Some(ended) if ended.requests.is_closed() => {
                tracing::error!(target: "lipia", "the thread of the ledger's database panicked, and is started again");
            }
            Some(alive) => return Ok(running.insert(alive)),
            None => {}
        }
        let (requests, received) = mpsc::unbounded_channel();
        let (sender, changes) = watch::channel(0);
        let (address, roots) = (self.address.clone(), self.roots.clone());
        let handle = thread::Builder::new()
            .name("lipia-ledger-postgres".to_owned())
            .spawn(move || carry_out(address, roots, received, sender))
            .map_err(not_started)?;
        Ok(running.insert(Running {
            process: ProcessMark::current(),
            requests,
            changes,
            is_listening: false,
            handle,
        }))
    }

    /// Ends the commands that were begun, closes the connections, and blocks until then. Does nothing in a child that has not
    /// used them.
    pub(super) fn close(&self) {
        let running = match lock(&self.running) {
            Ok(mut running) => running.take(),
            Err(_) => return,
        };
        match running {
            Some(running) if running.process == ProcessMark::current() => {
                drop(running.requests);
                // A thread that panicked has closed its connections all the same.
                let _panicked = running.handle.join();
            }
            other => std::mem::forget(other),
        }
    }
}

impl Drop for Connections {
    /// Lets the thread end by itself. What a child inherited is not dropped.
    fn drop(&mut self) {
        if let Ok(running) = self.running.get_mut()
            && running
                .as_ref()
                .is_some_and(|running| running.process != ProcessMark::current())
        {
            std::mem::forget(running.take());
        }
    }
}

/// Carries out commands until nobody can send more, and closes the connections.
fn carry_out(
    address: Address,
    roots: TlsRoots,
    requests: mpsc::UnboundedReceiver<Request>,
    changes: watch::Sender<u64>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(address, roots, requests, changes)),
        // Whoever waits for an answer learns that the thread ended.
        Err(error) => {
            tracing::error!(target: "lipia", %error, "the ledger's database cannot be used: a runtime could not be started");
        }
    }
}

async fn serve(
    address: Address,
    roots: TlsRoots,
    mut requests: mpsc::UnboundedReceiver<Request>,
    changes: watch::Sender<u64>,
) {
    let hand = Rc::new(Hand {
        pool: Pool::new(address, roots),
        wake: Wake::new(changes, mark()),
    });
    let mut running = FuturesUnordered::new();
    // Waking, announcing and listening go on until the last command has ended.
    let mut beside = FuturesUnordered::<LocalBoxFuture<'static, ()>>::new();
    beside.push(Box::pin({
        let hand = Rc::clone(&hand);
        async move { hand.wake.wake().await }
    }));
    beside.push(Box::pin({
        let hand = Rc::clone(&hand);
        async move { hand.wake.announce(&hand.pool).await }
    }));
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(Request::Carry(job)) => running.push(job(Rc::clone(&hand))),
                Some(Request::Listen) => beside.push(Box::pin({
                    let hand = Rc::clone(&hand);
                    async move { hand.wake.listen(&hand.pool).await }
                })),
                None => break,
            },
            Some(()) = running.next() => {}
            Some(()) = beside.next() => {}
        }
    }
    while running.next().await.is_some() {}
    drop(beside);
    if let Some(hand) = Rc::into_inner(hand) {
        hand.pool.close().await;
    }
}

/// What no other process of the database has, most likely: it only tells own notifications from others'.
fn mark() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.as_nanos());
    format!("{:x}-{nanos:x}", std::process::id())
}

/// The error of a command that the thread has not answered.
fn lost() -> Error {
    Error::new(
        ErrorCode::LedgerFailed,
        Disposition::NotSent,
        "The ledger's thread ended before it answered.",
    )
    .with_field("ledger")
    .with_hint("Try again; the log may say why it ended.")
}

fn not_started(source: std::io::Error) -> Error {
    Error::new(
        ErrorCode::LedgerFailed,
        Disposition::NotSent,
        "A thread for the ledger's database could not be started.",
    )
    .with_hint("See how many threads and how much memory the process may have.")
    .with_source(source)
}

/// Locks, but does not wait for a thread that a fork left behind.
///
/// # Errors
/// `ledger_open_before_fork`, where the lock was held at a fork.
fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Error> {
    let began = Instant::now();
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if began.elapsed() > LOCK_LIMIT => {
                return Err(Error::configuration(
                    ErrorCode::LedgerOpenBeforeFork,
                    "The parent of this process used the ledger at the moment when it forked, so this process cannot.",
                )
                .with_hint("Fork again. Nothing is sent until then."));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_micros(50)),
        }
    }
}
