//! A live payment's names at its gateway, beside those of all payments of its client: whose a name is, is asked and noted here.

use crate::error::ids::PaymentId;
use crate::meaning::event::Event;
use crate::payment::Payment;
use crate::payment::handle::PaymentHandle;
use crate::payment::names::{self, Doubt, LedgerName, Name};
use crate::values::clock::EatTime;

impl PaymentHandle {
    /// Whether something that is stated about this payment names what another one has.
    pub(crate) fn is_doubted(&self, event: &Event) -> bool {
        let stated = names::of_event(event);
        let registry = self.shared.registry.upgrade();
        registry.is_some_and(|registry| {
            let payment = self.lock();
            let doubt = registry.names(&payment).doubt(&payment, &stated, None);
            doubt.is_some()
        })
    }

    /// The names among those stated about this payment whose payment this process does not remember.
    pub(crate) fn names_to_look_up(
        &self,
        stated: &[Name<'_>],
        environment: &str,
    ) -> Vec<LedgerName> {
        let Some(registry) = self.shared.registry.upgrade() else {
            return Vec::new();
        };
        let payment = self.lock();
        let mut names = names::in_ledger(&payment, stated, environment);
        let known = registry.names(&payment);
        names.retain(|name| !known.knows(name));
        names
    }

    /// Remembers whose names are, as the ledger says.
    pub(crate) fn learn_owners(&self, owners: &[(LedgerName, PaymentId)]) {
        let Some(registry) = self.shared.registry.upgrade() else {
            return;
        };
        let now = self.shared.clock.now();
        let payment = self.lock();
        let mut names = registry.names(&payment);
        for (name, owner) in owners {
            names.learn_owner(name, owner, now);
        }
    }

    /// Remembers what names the payments of other processes, and for which sales they were pushed.
    pub(crate) fn learn_others<'a>(&self, others: impl IntoIterator<Item = &'a Payment>) {
        let Some(registry) = self.shared.registry.upgrade() else {
            return;
        };
        let now = self.shared.clock.now();
        for other in others {
            let of_others = {
                let payment = self.lock();
                registry.names(&payment).note(other, now)
            };
            names::log_names_of_others(other.id(), &of_others);
        }
    }

    /// Changes the payment with what names it, unless that is another payment's: then the change is told why. Nothing comes
    /// between the look and the change.
    pub(super) fn change_if_own<T>(
        &self,
        stated: &[Name<'_>],
        searched: Option<EatTime>,
        change: impl FnOnce(&mut Payment, Option<Doubt>) -> T,
    ) -> T {
        let registry = self.shared.registry.upgrade();
        // A clock may be the program's own, and nothing is locked while it is asked.
        let now = self.shared.clock.now();
        let (result, of_others) = {
            let mut payment = self.lock();
            let mut names = registry.as_ref().map(|registry| registry.names(&payment));
            let doubt = names
                .as_ref()
                .and_then(|names| names.doubt(&payment, stated, searched));
            let before = names::mark(&payment);
            let result = change(&mut payment, doubt);
            let of_others = match names.as_mut() {
                Some(names) if names::mark(&payment) != before => names.note(&payment, now),
                _ => Vec::new(),
            };
            (result, of_others)
        };
        names::log_names_of_others(self.id(), &of_others);
        self.tell_registry(false);
        self.tell_news();
        result
    }
}
