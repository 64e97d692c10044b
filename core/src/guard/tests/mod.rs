//! The guard at every edge of its limits, against a naive model, and against a gateway that blocks.

mod gateway;
mod limits;
mod model;
mod telling;

use super::limits::Limits;
use super::standing::Standing;
use super::{Guard, GuardedPush};
use crate::error::block::{Block, BlockScope};
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error, ErrorKind};
use crate::meaning::outcome::Outcome;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;
use futures_util::FutureExt;
use std::future::Future;
use std::time::Duration;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What a future that never has to wait comes to.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory never waits")
}

pub(super) fn phone(number: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("07{number:08}")).unwrap()
}

pub(super) fn payment(number: usize) -> PaymentId {
    format!("{number:032x}").parse().unwrap()
}

/// One guard, one moving clock, and payments that are numbered as they come.
pub(super) struct Shop {
    pub(super) guard: Guard,
    pub(super) now: EatTime,
    sent: Vec<(PhoneNumber, EatTime)>,
}

impl Shop {
    pub(super) fn new(limits: Limits) -> Self {
        Self::with_guard(Guard::new(limits))
    }

    pub(super) fn with_guard(guard: Guard) -> Self {
        Self {
            guard,
            now: EatTime::parse_wire("20261121090000").unwrap(),
            sent: Vec::new(),
        }
    }

    pub(super) fn pass(&mut self, duration: Duration) {
        self.now = self.now.plus(duration);
    }

    /// Asks for a push and returns its number.
    pub(super) fn push(&mut self, phone: &PhoneNumber) -> Result<usize, Error> {
        let number = self.sent.len();
        self.sent.push((phone.clone(), self.now));
        self.with_push(number, |guard, push, now| {
            at_once(guard.let_through(push, now))
        })
        .map(|()| number)
    }

    /// A push that the guard never saw, from before a restart, say.
    pub(super) fn unseen(&mut self, phone: &PhoneNumber) -> usize {
        self.sent.push((phone.clone(), self.now));
        self.sent.len() - 1
    }

    /// The same push once more.
    pub(super) fn resend(&mut self, number: usize) -> Result<(), Error> {
        self.with_push(number, |guard, push, now| {
            at_once(guard.may_resend(push, now))
        })
    }

    pub(super) fn tell(&mut self, number: usize, outcome: Outcome) {
        self.with_push(number, |guard, push, now| {
            at_once(guard.learn_outcome(push.payment, push.phone, outcome, push.sent_at, now));
        });
    }

    pub(super) fn refuse(&mut self, number: usize, error: &Error) {
        self.with_push(number, |guard, push, now| {
            at_once(guard.refused(push, error, now));
        });
    }

    /// A push that comes to this.
    pub(super) fn sale(&mut self, phone: &PhoneNumber, outcome: Outcome) -> Result<(), Error> {
        let number = self.push(phone)?;
        self.tell(number, outcome);
        Ok(())
    }

    /// So many failures to phones that are never used twice.
    pub(super) fn failures_elsewhere(&mut self, count: u32) {
        for _ in 0..count {
            let elsewhere = phone(10_000_000 + u32::try_from(self.sent.len()).unwrap());
            self.sale(&elsewhere, Outcome::Cancelled).unwrap();
        }
    }

    pub(super) fn standing(&self, phone: &PhoneNumber) -> Standing {
        at_once(self.guard.standing(phone, self.now)).unwrap()
    }

    fn with_push<T>(
        &self,
        number: usize,
        call: impl FnOnce(&Guard, GuardedPush<'_>, EatTime) -> T,
    ) -> T {
        let (phone, sent_at) = &self.sent[number];
        let id = payment(number);
        let push = GuardedPush {
            payment: &id,
            phone,
            sent_at: *sent_at,
        };
        call(&self.guard, push, self.now)
    }
}

/// That the guard said no, with this code, until this time.
pub(super) fn assert_refused<T: std::fmt::Debug>(
    result: Result<T, Error>,
    code: &str,
    retry_after: Duration,
) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(error.kind(), ErrorKind::Blocked);
    assert_eq!(error.disposition(), Disposition::NotSent);
    assert!(!error.retryable());
    assert_eq!(error.retry_after(), Some(retry_after), "{error}");
    error
}

/// A block that the gateway announces, as it is read from its answer.
pub(super) fn block(scope: BlockScope, lasts: Duration) -> Error {
    Error::of_gateway(
        ErrorKind::Blocked,
        Disposition::Rejected,
        "STK_TEMP_BANNED",
        "Too many requests.",
    )
    .with_block(Some(Block { scope, lasts }))
}

/// The account is banned.
pub(super) fn ban(lasts: Duration) -> Error {
    block(BlockScope::Account, lasts)
}
