//! The pushes that took a place, by every id under which their outcome may become known.

use super::GuardedPush;
use crate::error::ids::PaymentId;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many pushes are remembered; the oldest are forgotten first.
const MAX_REMEMBERED: usize = 16_384;

/// The pushes of one account. Some programs learn an outcome by the prompt's id alone, and this tells whose place
/// that is.
#[derive(Debug, Default)]
pub(crate) struct Pushed {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    pushes: HashMap<PaymentId, PushOf>,
    by_prompt: HashMap<String, PaymentId>,
    order: VecDeque<PaymentId>,
}

/// One push.
#[derive(Clone, Debug)]
pub(super) struct PushOf {
    pub(super) phone: PhoneNumber,
    pub(super) sent_at: EatTime,
    prompts: Vec<String>,
    is_open: bool,
}

impl Pushed {
    /// A push took its places.
    pub(super) fn begin(&self, push: GuardedPush<'_>) {
        let mut inner = self.lock();
        let known = inner.pushes.insert(
            push.payment.clone(),
            PushOf {
                phone: push.phone.clone(),
                sent_at: push.sent_at,
                prompts: Vec::new(),
                is_open: true,
            },
        );
        if known.is_none() {
            inner.order.push_back(push.payment.clone());
        }
        while inner.order.len() > MAX_REMEMBERED {
            if let Some(oldest) = inner.order.pop_front() {
                inner.forget(&oldest);
            }
        }
    }

    /// The gateway took a push, and names it so.
    pub(super) fn accepted<'a>(
        &self,
        payment: &PaymentId,
        prompts: impl IntoIterator<Item = &'a str>,
    ) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if let Some(push) = inner.pushes.get_mut(payment) {
            for prompt in prompts {
                push.prompts.push(prompt.to_owned());
                inner.by_prompt.insert(prompt.to_owned(), payment.clone());
            }
        }
    }

    /// The push whose prompt the gateway names so.
    pub(super) fn of_prompt(&self, prompt: &str) -> Option<(PaymentId, PushOf)> {
        let inner = self.lock();
        let payment = inner.by_prompt.get(prompt)?;
        Some((payment.clone(), inner.pushes.get(payment)?.clone()))
    }

    /// Whether a push was let through whose outcome nobody has told yet.
    pub(super) fn is_open(&self, payment: &PaymentId) -> bool {
        self.lock()
            .pushes
            .get(payment)
            .is_some_and(|push| push.is_open)
    }

    /// The outcome of a push is known. A later one may still come: a failure can turn out to be paid.
    pub(super) fn settled(&self, payment: &PaymentId) {
        if let Some(push) = self.lock().pushes.get_mut(payment) {
            push.is_open = false;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget(&mut self, payment: &PaymentId) {
        for prompt in self
            .pushes
            .remove(payment)
            .into_iter()
            .flat_map(|push| push.prompts)
        {
            if self.by_prompt.get(&prompt) == Some(payment) {
                self.by_prompt.remove(&prompt);
            }
        }
    }
}
