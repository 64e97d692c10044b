//! A switch that breaks a connection, or puts more bytes on it than its answers.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;

pub(crate) const WHOLE: u8 = 0;
const CUT: u8 = 1;
pub(crate) const CUT_IN_BODY: u8 = 2;

/// With this a handler breaks the connection that its answer would take, or says more on it than the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionSwitch(Arc<SwitchState>);

#[derive(Debug, Default)]
struct SwitchState {
    breaking: AtomicU8,
    stray: Mutex<Stray>,
}

/// Bytes that leave beside the answers.
#[derive(Debug, Default)]
pub(crate) struct Stray {
    pub(crate) bytes: Bytes,
    pub(crate) moment: Moment,
    /// Wakes the task of the connection, which may be waiting for the next request.
    pub(crate) waker: Option<Waker>,
}

/// When stray bytes leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Moment {
    /// As soon as the connection writes or waits.
    #[default]
    Now,
    /// After the answer that is being made, or with the next one at the latest.
    AfterAnswer,
    /// Once the next request has come, ahead of its answer.
    NextAnswer,
}

impl ConnectionSwitch {
    /// No byte leaves any more; the connection is closed instead.
    pub(crate) fn cut(&self) {
        self.0.breaking.store(CUT, Ordering::SeqCst);
    }

    /// Half of the next answer's body still leaves, then the connection is closed.
    pub(crate) fn cut_in_body(&self) {
        self.0.breaking.store(CUT_IN_BODY, Ordering::SeqCst);
    }

    /// Whether the head of an answer leaves at all.
    pub(crate) fn lets_an_answer_out(&self) -> bool {
        self.state() != CUT
    }

    /// More bytes leave after the answer that is being made.
    pub(crate) fn say_after_answer(&self, bytes: Bytes) {
        self.say(bytes, Moment::AfterAnswer);
    }

    /// More bytes leave ahead of the answer to the next request.
    pub(crate) fn say_before_next_answer(&self, bytes: Bytes) {
        self.say(bytes, Moment::NextAnswer);
    }

    /// More bytes leave now.
    pub(crate) fn say_now(&self, bytes: Bytes) {
        self.say(bytes, Moment::Now);
    }

    fn say(&self, bytes: Bytes, moment: Moment) {
        let waker = {
            let mut stray = self.stray();
            stray.bytes = bytes;
            stray.moment = moment;
            stray.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn stray(&self) -> MutexGuard<'_, Stray> {
        self.0.stray.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> u8 {
        self.0.breaking.load(Ordering::SeqCst)
    }
}
