//! Whether an order may be claimed.

use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::ledger::row::Row;
use crate::payment::{Payment, PaymentState};
use crate::values::clock::EatTime;
use std::time::Duration;

/// How long a payment of the order is not asked about again by a request: a customer who clicks and clicks asks once.
const LOOK_REST: Duration = Duration::from_secs(5);

/// What to do with a request for an order.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Claim the order, and send. `over`: the payment that held it, and its version.
    Claim { over: Option<(PaymentId, u64)> },
    /// The payment that the order has already.
    Existing(Box<Row>),
    /// Ask the gateway about the payment that holds the order, and decide again.
    LookFirst(Box<Row>),
    /// Note that the sender of this payment died, and decide again.
    SenderDied(Box<Row>),
    /// The request cannot be met, and this is why.
    Refused(Box<Error>),
}

/// What came of asking about the payment that holds the order, during this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// It was not asked about.
    NotYet,
    /// The gateway answered, and what it said stands in the row.
    Answered,
    /// The question brought no answer.
    InVain,
}

/// Decides what to do with a request for an order. `rows`: the payments of the order, the newest first. `wanted`: the payment
/// that would be pushed, by that account.
pub(crate) fn decide(
    rows: &[Row],
    wanted: &Payment,
    account: &str,
    looked: Looked,
    now: EatTime,
) -> Decision {
    if let Some(paid) = rows.iter().find(|row| row.payment.is_paid()) {
        return match differs(&paid.payment, wanted) {
            Some("amount") => refused(paid_differently(paid)),
            _ => existing(paid),
        };
    }
    let Some(holder) = rows.iter().find(|row| row.holds_order) else {
        return Decision::Claim { over: None };
    };
    let over = || Decision::Claim {
        over: Some((holder.id().clone(), holder.version)),
    };
    if holder.payment.lets_its_order_go() || holder.payment.lets_its_order_go_unasked(now) {
        return over();
    }
    if holder.account != account {
        return refused(of_another_account(holder));
    }
    match holder.payment.state() {
        PaymentState::Sending if holder.was_cut_off() => {
            Decision::SenderDied(Box::new(holder.clone()))
        }
        // A failure whose grace runs, or a payment that was reversed.
        PaymentState::Settled => match holder.payment.order_free_at() {
            None => existing(holder),
            Some(free_at) => match looked {
                Looked::NotYet if may_look(holder) => Decision::LookFirst(Box::new(holder.clone())),
                Looked::Answered if free_at <= now => over(),
                _ => existing(holder),
            },
        },
        _ => match differs(&holder.payment, wanted) {
            Some(field) => refused(asked_differently(holder, field)),
            None => existing(holder),
        },
    }
}

fn may_look(row: &Row) -> bool {
    row.asked_at
        .is_none_or(|asked| row.read_at.since(asked) >= LOOK_REST)
}

fn existing(row: &Row) -> Decision {
    Decision::Existing(Box::new(row.clone()))
}

fn refused(error: Error) -> Decision {
    Decision::Refused(Box::new(error))
}

/// In what a request differs from a payment of its order.
fn differs(payment: &Payment, wanted: &Payment) -> Option<&'static str> {
    let (one, other) = (payment.push(), wanted.push());
    if one.amount != other.amount {
        Some("amount")
    } else if one.phone_number != other.phone_number {
        Some("phone_number")
    } else {
        None
    }
}

fn paid_differently(row: &Row) -> Error {
    Error::new(
        ErrorCode::OrderPaidDifferently,
        Disposition::NotSent,
        "The order is paid, and another amount was asked for it now. Nothing was sent.",
    )
    .with_field("amount")
    .with_hint(
        "Look at the payment that the error names. For a further payment, use another order.",
    )
    .of_payment(row.id())
}

fn asked_differently(row: &Row, field: &str) -> Error {
    Error::new(
        ErrorCode::OrderAskedDifferently,
        Disposition::NotSent,
        format!(
            "The order has an open payment with another {}. Nothing was sent.",
            field.replace('_', " ")
        ),
    )
    .with_field(field)
    .with_hint(
        "Wait for the payment that the error names. Release its order only when that customer cannot pay any more: \
         the prompt has ended, or the statement shows nothing.",
    )
    .of_payment(row.id())
}

fn of_another_account(row: &Row) -> Error {
    Error::new(
        ErrorCode::OrderOfAnotherAccount,
        Disposition::NotSent,
        "The order has a payment of another account, which may yet be paid. Nothing was sent.",
    )
    .with_hint("Use the client that pushed it, or give each merchant a shop of its own.")
    .of_payment(row.id())
}
