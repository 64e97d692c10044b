//! Tellings of outcomes on their way to the handler of a thread of Node's.

use crate::calls::Thread;
use crate::ledger::LedgerData;
use lipia::Client;
use lipia::client::LedgerPayment;
use serde::Serialize;
use tokio::sync::oneshot;

/// A telling on its way to the thread's handler: its number, the handler's, and the payment.
#[derive(Serialize)]
pub(crate) struct ToldData<'a>(pub(crate) u32, pub(crate) u32, pub(crate) LedgerData<'a>);

/// A telling whose handler has not ended. Dropping it lets the thread go that the handler would keep for ever.
pub(crate) struct Telling {
    thread: Thread,
    number: u32,
    heard: oneshot::Receiver<std::result::Result<(), String>>,
}

impl Telling {
    /// How the handler ended.
    ///
    /// # Errors
    /// Why it did not take the news.
    pub(crate) async fn heard(mut self) -> std::result::Result<(), String> {
        let ended = (&mut self.heard).await;
        ended.unwrap_or_else(|_| Err("the thread of the handler has ended".to_owned()))
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let hangs = self.thread.shared.state().telling.remove(&self.number);
        if hangs.is_some() {
            self.thread.wake_up();
        }
    }
}

impl Thread {
    /// Notes that a client has a handler in this thread, under this number. It is told to end when the thread ends.
    pub(crate) fn has_handler(&self, handler: u32, client: &Client) {
        self.shared.state().clients.insert(handler, client.clone());
    }

    /// Notes that the handler of that number is gone.
    pub(crate) fn lets_handler_go(&self, handler: u32) {
        // Dropped after the lock: it may be the last of its client.
        let _client = self.shared.state().clients.remove(&handler);
    }

    /// Tells the thread's handler of that number what became of a payment.
    pub(crate) fn tell_outcome(&self, handler: u32, payment: LedgerPayment) -> Telling {
        let (tells, heard) = oneshot::channel();
        let number = {
            let mut state = self.shared.state();
            if state.has_ended {
                // The sender is dropped, and so the telling has failed.
                return Telling {
                    thread: self.clone(),
                    number: 0,
                    heard,
                };
            }
            state.last_telling = state.last_telling.wrapping_add(1);
            let number = state.last_telling;
            state.telling.insert(number, tells);
            state.to_tell.push((number, handler, payment));
            number
        };
        self.wake_up();
        Telling {
            thread: self.clone(),
            number,
            heard,
        }
    }
}
