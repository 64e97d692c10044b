//! The rows of a ledger: a payment with what the ledger knows of it, a callback, and a telling.

use crate::error::ids::PaymentId;
use crate::ledger::scope::{Order, Scope};
use crate::payment::{Payment, PaymentState, names};
use crate::values::clock::EatTime;
use std::fmt;

/// One payment in a ledger. The row is the truth: a change is a step from the newest row to the next, and a store writes it
/// only where nobody else has written meanwhile ([`LedgerStore::replace`](crate::ledger::LedgerStore::replace)).
///
/// A store keeps every field as it is and decides nothing by the payment's contents. What a store looks rows up by stands
/// in the fields and in the payment's own methods: id, state, receipt, phone number, reference, time of reservation.
///
/// All times are the store's clock, which the processes of a ledger share; their own clocks may differ by minutes. The
/// payment's own times are the store's as well, but for two: a process's clock gives the time of the reservation, and, where
/// the payment has no order, the time of the push.
#[derive(Clone, Debug)]
pub struct Row {
    /// The row's place among all rows, in the order in which they were claimed. Given by the store, from 1.
    pub seq: u64,
    /// Counts every write to the row. A new row is written as version 1.
    pub version: u64,
    /// The payment.
    pub payment: Payment,
    /// Environment and shop.
    pub scope: Scope,
    /// The merchant's account at the gateway, such as `daraja:174379`: who can ask about the payment. No secret.
    pub account: String,
    /// The shop's name for the sale, where it gave one.
    pub order: Option<Order>,
    /// Whether the payment holds its order. Of the payments of one order at most one does: this is the unique index that
    /// keeps a second prompt away.
    pub holds_order: bool,
    /// Until when the process that sends the push is taken to be alive. `None` once the push has ended.
    pub lease_until: Option<EatTime>,
    /// When the gateway is to be asked next; `None` where there is nothing to ask. Schedule and lock in one: whoever asks
    /// moves it to a later time first.
    pub ask_after: Option<EatTime>,
    /// When the gateway was last asked.
    pub asked_at: Option<EatTime>,
    /// How often the gateway was asked.
    pub asks: u32,
    /// Counts what the shop is to be told of the payment. Something is owed while this is above `told`.
    pub news: u64,
    /// Up to which piece of news the shop was told.
    pub told: u64,
    /// When what is owed may be told next: the end of a telling's lease, or of the pause after one that failed.
    pub owed_after: EatTime,
    /// How often a telling was begun. Never counts down: it is the fence of an acknowledgement.
    pub attempts: u32,
    /// Why the last telling failed.
    pub trouble: Option<String>,
    /// When a person released the order of the payment.
    pub released_at: Option<EatTime>,
    /// The store's clock when it handed the row out. Not kept.
    pub read_at: EatTime,
}

impl Row {
    /// A row for a payment that is about to be claimed; the store gives its place, its version and its lease.
    pub(crate) fn new(
        payment: Payment,
        scope: Scope,
        account: String,
        order: Option<Order>,
        now: EatTime,
    ) -> Self {
        Self {
            seq: 0,
            version: 0,
            holds_order: order.is_some(),
            payment: payment.of_ledger(),
            scope,
            account,
            order,
            lease_until: None,
            ask_after: None,
            asked_at: None,
            asks: 0,
            news: 0,
            told: 0,
            owed_after: now,
            attempts: 0,
            trouble: None,
            released_at: None,
            read_at: now,
        }
    }

    /// The payment's id.
    #[must_use]
    pub fn id(&self) -> &PaymentId {
        self.payment.id()
    }

    /// The order for logs and spans: a shop may name its orders by their customers' numbers.
    pub(crate) fn masked_order(&self) -> Option<String> {
        let phone = &self.payment.push().phone_number;
        self.order.as_ref().map(|order| order.masked(phone))
    }

    /// The names of the payment at its gateway (prompt, transaction, receipt): no two payments of an environment have one name.
    /// Each is a digest of 32 hexadecimal digits, since a prompt's id holds the payer's phone number.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = names::of_payment_in_ledger(&self.payment, self.scope.environment());
        names.into_iter().map(|name| name.digest).collect()
    }

    /// Whether the shop has yet to be told something.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.news > self.told
    }

    /// Whether the payment may yet be paid: it is being sent, accepted or `unknown`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.payment.state(),
            PaymentState::Sending | PaymentState::Unknown | PaymentState::Accepted
        )
    }

    /// Whether the process that sent its push is taken to have died meanwhile: the lease has ended, and nobody has noted that.
    pub(crate) fn was_cut_off(&self) -> bool {
        self.payment.state() == PaymentState::Sending && !self.is_leased()
    }

    /// Whether the process that sends its push is taken to be alive.
    #[must_use]
    pub fn is_leased(&self) -> bool {
        self.lease_until.is_some_and(|until| until > self.read_at)
    }
}

/// A callback's body as it came on a payment's own URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// The payment that the URL's token names.
    pub payment: PaymentId,
    /// SHA-256 of the body as 64 hexadecimal digits: the key of the callback, together with the payment.
    pub digest: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it came, by the store's clock. Given by the store at the first `keep`.
    pub received_at: EatTime,
    /// What was made of it, as a word; `None` while it was not judged.
    pub verdict: Option<String>,
}

impl fmt::Debug for Callback {
    /// The body holds the customer's number, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("payment", &self.payment)
            .field("digest", &self.digest)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// A row of which the shop is to be told, leased to whoever received it.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The row, whose [`Row::attempts`] is the fence of the acknowledgement.
    pub row: Row,
    /// Whether any payment of the row's order is paid; without an order, whether this one is. Read in the statement that
    /// took the lease.
    pub order_is_paid: bool,
    /// Whether another payment holds the row's order. Read in the same statement.
    pub order_is_held_by_another: bool,
}
