//! The search for payments of a ledger: what they are looked up by.

use crate::error::ids::Receipt;
use crate::ledger::row::Row;
use crate::ledger::scope::{Order, Scope};
use crate::payment::PaymentState;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;

/// The filters of a search; all that are set must hold. Texts are compared whole and as they are written.
///
/// ```
/// use lipia::ledger::{Scope, Search};
/// use lipia::payment::PaymentState;
/// use lipia::values::Environment;
/// let mut search = Search::of(Scope::default_of(Environment::Sandbox));
/// search.state = Some(PaymentState::Unknown);
/// # let _ = search;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Search {
    /// Environment and shop.
    pub scope: Scope,
    /// How far the payment has come.
    pub state: Option<PaymentState>,
    /// M-Pesa's receipt.
    pub receipt: Option<String>,
    /// The phone that was to be prompted.
    pub phone_number: Option<PhoneNumber>,
    /// The account reference.
    pub reference: Option<String>,
    /// Payments that were reserved then or later.
    pub since: Option<EatTime>,
    /// Payments whose id begins so.
    pub id_prefix: Option<String>,
    /// The shop's name for the sale.
    pub order: Option<Order>,
    /// Only payments that may yet be paid: they are being sent, accepted or `unknown`.
    pub only_open: bool,
    /// Only payments of which the shop has yet to be told something.
    pub only_owed: bool,
}

impl Search {
    /// All payments of a scope.
    #[must_use]
    pub fn of(scope: Scope) -> Self {
        Self {
            scope,
            state: None,
            receipt: None,
            phone_number: None,
            reference: None,
            since: None,
            id_prefix: None,
            order: None,
            only_open: false,
            only_owed: false,
        }
    }

    /// Whether a row is found: for a store that has no indexes.
    #[must_use]
    pub fn finds(&self, row: &Row) -> bool {
        fn holds<T: PartialEq + ?Sized>(wanted: Option<&T>, given: Option<&T>) -> bool {
            wanted.is_none() || wanted == given
        }
        let payment = &row.payment;
        row.scope == self.scope
            && holds(self.state.as_ref(), Some(&payment.state()))
            && holds(
                self.receipt.as_deref(),
                payment.receipt().map(Receipt::as_str),
            )
            && holds(
                self.phone_number.as_ref(),
                Some(&payment.push().phone_number),
            )
            && holds(
                self.reference.as_deref(),
                Some(payment.push().account_reference.as_str()),
            )
            && self
                .since
                .is_none_or(|since| payment.reserved_at() >= since)
            && self
                .id_prefix
                .as_ref()
                .is_none_or(|prefix| row.id().as_str().starts_with(prefix.as_str()))
            && holds(self.order.as_ref(), row.order.as_ref())
            && (!self.only_open || row.is_open())
            && (!self.only_owed || row.is_owed())
    }
}
