//! The changes that a person makes at the page. Each answers with the payment's story as it is then.

use super::super::decide;
use super::answer::{Answered, Refused};
use super::{Shared, view};
use axum::http::StatusCode;
use serde::Deserialize;

/// The payment that a person asks about, or whose order is given up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfPayment {
    payment_id: String,
}

/// What the merchant's statement says of a payment: a receipt where the money came.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    payment_id: String,
    receipt: Option<String>,
}

/// Asks the gateway with a client that lives as long as the question: a page that stands open for days asks nothing by itself.
pub(super) async fn ask(shared: &Shared, of: OfPayment) -> Answered {
    if !shared.rights.ask {
        return Err(Refused::new(
            StatusCode::FORBIDDEN,
            "There are no credentials to ask the gateway with.",
            "Start `lipia payments serve` with the shop's variables.",
        ));
    }
    let connected = shared.place.client(Some(shared.timeout)).await?;
    let asked = connected.client.payments().ask(&of.payment_id).await;
    connected.end().await;
    asked?;
    view::story(shared, &of.payment_id).await
}

pub(super) async fn resolve(shared: &Shared, statement: Statement) -> Answered {
    let resolution = decide::resolution(statement.receipt);
    let id = &statement.payment_id;
    shared.ledger.resolve(id, &resolution).await?;
    view::story(shared, id).await
}

/// Gives up the order of the payment that the person looks at, and not an order that another payment holds by now.
pub(super) async fn release(shared: &Shared, of: OfPayment) -> Answered {
    let row = shared.ledger.story(&of.payment_id).await?.row;
    let order = row.order.as_ref().filter(|_| row.holds_order);
    let Some(order) = order else {
        return Err(Refused::new(
            StatusCode::CONFLICT,
            "This payment does not hold an order.",
            "Load the page again: it may have been given up.",
        ));
    };
    shared.ledger.release(order.as_str()).await?;
    view::story(shared, &of.payment_id).await
}
