//! The stores that a storm runs on, by their addresses.

use lipia::client::LedgerPayment;
use lipia::ledger::{LedgerStore, PostgresLedger, Row, SqliteLedger};
use lipia::payment::PaymentState;
use lipia_storm::{LedgerRow, News};
use std::sync::Arc;

/// The store at an address, which opens nothing yet.
///
/// # Errors
/// What is wrong with the address.
pub(crate) fn open(address: &str) -> Result<Arc<dyn LedgerStore>, String> {
    let store: Result<Arc<dyn LedgerStore>, _> = match address.starts_with("sqlite:") {
        true => SqliteLedger::from_address(address).map(|store| Arc::new(store) as _),
        false => PostgresLedger::at(address).map(|store| Arc::new(store) as _),
    };
    store.map_err(|error| error.to_string())
}

/// What a handler is told of a payment.
pub(crate) fn news_of(payment: &LedgerPayment) -> News {
    News {
        outcome: payment.outcome().to_string(),
        is_paid: payment.is_paid(),
        receipt: payment.receipt().map(ToString::to_string),
        is_paid_twice: payment.is_paid_twice(),
    }
}

/// A row as it is judged.
pub(crate) fn judged(row: &Row) -> LedgerRow {
    let payment = &row.payment;
    let flags = payment.flags().iter();
    LedgerRow {
        seq: row.seq,
        payment: row.id().to_string(),
        order: row
            .order
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        is_settled: payment.state() == PaymentState::Settled,
        is_not_sent: payment.state() == PaymentState::Reserved,
        news: News {
            outcome: payment.outcome().to_string(),
            is_paid: payment.is_paid(),
            receipt: payment.receipt().map(ToString::to_string),
            is_paid_twice: flags
                .into_iter()
                .any(|flag| flag.reason == "order_paid_twice"),
        },
        can_be_asked: payment.checkout_request_id().is_some(),
        is_owed: row.is_owed(),
        holds_order: row.holds_order,
    }
}
