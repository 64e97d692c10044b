//! Callbacks that came while the ledger's store was away: kept in the spool, and taken in once the store is back.

use crate::callback::received::{Confirm, ReceivedCallback};
use crate::client::call_options::CallOptions;
use crate::client::{Client, Shared};
use crate::error::ids::PaymentId;
use crate::error::{Error, ErrorKind};
use crate::ledger::spool::{Content, Spool, Spooled};
use crate::meaning::redaction::{Redaction, Worded as _};
use futures_util::stream::{self, StreamExt as _};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// How many callbacks in a row a store may fail to take in before it counts as away.
const MAX_FAILURES: usize = 8;

/// How many callbacks one drain takes in.
const BATCH: usize = 64;

/// How many callbacks are taken in at once.
const AT_ONCE: usize = 8;

/// The pauses between attempts to drain.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The spool of a client.
pub(crate) struct ClientSpool {
    spool: Arc<Spool>,
    /// Whether a task drains it now.
    is_drained: AtomicBool,
    /// Whether this client has looked into it since it was made.
    was_looked_at: AtomicBool,
    /// Files that are not for this client: no secret of its own made their seal, or a later version wrote them. There are at most
    /// as many as the spool keeps.
    of_others: Mutex<HashSet<PathBuf>>,
}

impl ClientSpool {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self {
            spool: Arc::new(Spool::at(folder)),
            is_drained: AtomicBool::new(false),
            was_looked_at: AtomicBool::new(false),
            of_others: Mutex::default(),
        }
    }

    fn is_of_another(&self, file: &Path) -> bool {
        let of_others = self.of_others.lock();
        of_others
            .unwrap_or_else(PoisonError::into_inner)
            .contains(file)
    }

    fn note_of_another(&self, file: &Path) {
        let of_others = self.of_others.lock();
        let mut of_others = of_others.unwrap_or_else(PoisonError::into_inner);
        of_others.insert(file.to_owned());
    }
}

impl Client {
    /// Keeps a callback in the spool, since the ledger's store failed with `error`.
    ///
    /// # Errors
    /// `error`, where there is no spool or the callback cannot be kept in it; what is wrong with the body, which is kept.
    pub(crate) async fn spool(
        &self,
        payment_id: PaymentId,
        body: &[u8],
        confirm: Confirm,
        error: Error,
    ) -> Result<ReceivedCallback, Error> {
        let Some(own) = &self.shared.ledger.spool else {
            return Err(error);
        };
        let callback = Spooled {
            seal: self.callback_secrets().seal_body(&payment_id, body),
            payment: payment_id.clone(),
            confirms: confirm == Confirm::Successes,
            body: body.to_vec(),
        };
        let spool = Arc::clone(&own.spool);
        match blocking(move || spool.keep(&callback)).await {
            Ok(()) => {
                let folder = own.spool.folder().display();
                tracing::warn!(target: "lipia", %payment_id, code = error.code(), %folder, "the ledger failed, and a callback is kept in the spool until it is back");
            }
            Err(failure) => {
                let folder = own.spool.folder().display();
                tracing::error!(target: "lipia", %payment_id, %failure, %folder, "the ledger failed, and a callback could not be kept in the spool either");
                return Err(error);
            }
        }
        self.keep_draining();
        let mut event = self.parse_callback(body)?;
        if let Some(live) = self.find(&payment_id) {
            let push = live.read(|payment| payment.push().clone());
            event.redact(&Redaction::default().with_push(&push));
        }
        Ok(ReceivedCallback {
            payment_id,
            event,
            verdict: None,
            is_kept: true,
        })
    }

    /// Looks into the spool once, for what processes have left there that ended.
    pub(crate) fn look_into_spool(&self) {
        let is_first = |own: &ClientSpool| !own.was_looked_at.swap(true, Ordering::AcqRel);
        if let Some(own) = self
            .shared
            .ledger
            .spool
            .as_ref()
            .filter(|own| is_first(own))
        {
            let folder = own.spool.folder().display();
            tracing::info!(target: "lipia", %folder, "callbacks that come while the ledger is away are kept in this folder");
            self.keep_draining();
        }
    }

    /// Takes in what is in the spool, again and again until it is empty. Does nothing where that goes on.
    pub(crate) fn keep_draining(&self) {
        let Some(own) = &self.shared.ledger.spool else {
            return;
        };
        if !own.is_drained.swap(true, Ordering::AcqRel) {
            let draining = Draining(Arc::downgrade(&self.shared));
            tokio::spawn(drain_until_empty(draining, self.options));
        }
    }

    /// Takes in callbacks from the spool, whose files are removed once the ledger has them. Whether there may be more.
    ///
    /// # Errors
    /// The first: the store is still away, or cannot take in a callback. What comes after one that it cannot take in is taken in.
    pub(crate) async fn drain_spool(&self) -> Result<bool, Error> {
        let Some(own) = &self.shared.ledger.spool else {
            return Ok(false);
        };
        let spool = Arc::clone(&own.spool);
        let files = blocking(move || spool.files()).await;
        let files = files.unwrap_or_else(|failure| {
            tracing::error!(target: "lipia", %failure, "the spool of callbacks could not be read");
            Vec::new()
        });
        let files = files.into_iter().filter(|file| !own.is_of_another(file));
        // One that has to be confirmed by a slow gateway keeps few others waiting.
        let mut takings = stream::iter(files)
            .map(|file| async move { self.take_from_spool(own, &file).await })
            .buffered(AT_ONCE);
        let mut taken = 0;
        let (mut first_failure, mut failures) = (None, 0);
        while let Some(ended) = takings.next().await {
            if taken >= BATCH {
                return Ok(true);
            }
            match ended {
                Ok(is_taken) => {
                    taken += usize::from(is_taken);
                    failures = 0;
                }
                Err(error) => {
                    first_failure.get_or_insert(error);
                    failures += 1;
                }
            }
            if failures >= MAX_FAILURES {
                break;
            }
        }
        first_failure.map_or(Ok(false), Err)
    }

    /// Takes in the callback of one file. Whether the ledger has it now.
    ///
    /// # Errors
    /// `ledger_failed`: the store is still away.
    async fn take_from_spool(&self, own: &ClientSpool, file: &Path) -> Result<bool, Error> {
        let (reads, path) = (Arc::clone(&own.spool), file.to_owned());
        let read = blocking(move || {
            let content = reads.read(&path)?;
            if content == Some(Content::Damaged) {
                reads.set_aside(&path)?;
            }
            Ok(content)
        });
        let callback = match read.await {
            Ok(Some(Content::Callback(callback))) => callback,
            Ok(Some(Content::Damaged) | None) => return Ok(false),
            Ok(Some(Content::OfLaterVersion)) => {
                own.note_of_another(file);
                tracing::warn!(target: "lipia", file = %file.display(), "a callback in the spool was written by a later version of Lipia, and is left to it");
                return Ok(false);
            }
            Err(failure) => {
                tracing::error!(target: "lipia", %failure, file = %file.display(), "a callback in the spool could not be read");
                return Ok(false);
            }
        };
        let Spooled {
            payment,
            seal,
            confirms,
            body,
        } = callback;
        if !self.callback_secrets().verify_body(&payment, &body, &seal) {
            // One of another client, perhaps, which has the secret.
            own.note_of_another(file);
            tracing::warn!(target: "lipia", payment_id = %payment, "a callback in the spool was not sealed with a secret of this client, and is left there");
            return Ok(false);
        }
        let confirm = if confirms {
            Confirm::Successes
        } else {
            Confirm::Never
        };
        match self.take_in(&payment, &body, confirm, false).await {
            // What cannot be read is kept as well.
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::InvalidCallback => {}
            Err(error) => return Err(error),
        }
        let (removes, path) = (Arc::clone(&own.spool), file.to_owned());
        if let Err(failure) = blocking(move || removes.remove(&path)).await {
            tracing::error!(target: "lipia", payment_id = %payment, %failure, "a callback that the ledger has could not be removed from the spool");
        }
        Ok(true)
    }
}

/// Says that the spool of a client is drained. Dropping it says that it is not.
struct Draining(Weak<Shared>);

impl Drop for Draining {
    fn drop(&mut self) {
        let shared = self.0.upgrade();
        if let Some(own) = shared
            .as_ref()
            .and_then(|shared| shared.ledger.spool.as_ref())
        {
            own.is_drained.store(false, Ordering::Release);
        }
    }
}

async fn drain_until_empty(draining: Draining, options: CallOptions) {
    let mut pause = FIRST_PAUSE;
    while let Some(shared) = draining.0.upgrade() {
        let client = Client { shared, options };
        match client.drain_spool().await {
            Ok(false) => return,
            Ok(true) => continue,
            Err(error) => {
                tracing::debug!(target: "lipia", code = error.code(), "the spool waits for the ledger");
            }
        }
        drop(client);
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Runs file work where it keeps nobody else from running.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|ended| Err(io::Error::other(ended)))
}
