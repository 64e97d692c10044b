//! The list of the account's fees, newest first: the one kind of entry that the vendor's page shows.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::UpesiPay;
use super::errors::UpesiPayError;
use super::state::CHARGE;
use crate::engine::Engine;
use crate::records::payment::Payment;
use crate::wire::answer::Answer;
use crate::wire::request::Received;
use crate::wire::request::parameter;

const USUAL_PER_PAGE: usize = 20;
const LARGEST_PER_PAGE: usize = 100;

/// What the account held before its first fee. Invented.
const FIRST_BALANCE: u64 = 10_000;

pub(super) async fn answer(
    gateway: Arc<UpesiPay>,
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, UpesiPayError> {
    let number = |name: &'static str, usual: usize| match parameter(&request.uri, name) {
        None => Ok(usual),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| *number >= 1)
            .ok_or(UpesiPayError::Invalid(name)),
    };
    let page: usize = number("page", 1)?;
    let per = number("per", USUAL_PER_PAGE)?.min(LARGEST_PER_PAGE);
    let paid: Vec<Payment> = engine.with(|world| {
        let payments = world.newest(gateway.name);
        payments
            .filter(|payment| payment.receipt.is_some())
            .cloned()
            .collect()
    });
    let count = paid.len();
    let pages = count.div_ceil(per);
    let begin = page.saturating_sub(1).saturating_mul(per);
    let entries = paid
        .iter()
        .enumerate()
        .skip(begin)
        .take(per)
        .map(|(place, payment)| entry(&engine, payment, count.saturating_sub(place)));
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "transactions": Value::Array(entries.collect()),
            "pagination": {
                "count": count,
                "next_page": (page < pages).then(|| page.saturating_add(1)),
                "num_pages": pages,
                "page": page,
                "per": per,
                "prev_page": (page > 1).then(|| page.saturating_sub(1)),
            },
        }),
    ))
}

/// The fee of a payment; `number` counts fees from 1.
fn entry(engine: &Engine, payment: &Payment, number: usize) -> Value {
    let reference = payment.transaction_id.as_deref().unwrap_or_default();
    let fees = u64::try_from(number)
        .unwrap_or_default()
        .saturating_mul(u64::from(CHARGE));
    let created = engine
        .clock
        .utc_text(payment.settled_at.unwrap_or(payment.accepted_at));
    json!({
        "id": number,
        "account_id": 1,
        "invoice_id": null,
        "transaction_type": "service_charge",
        "description": format!("Received KES {} from {}", payment.push.amount, payment.push.phone),
        "amount": -i64::from(CHARGE),
        "transaction_reference": reference,
        "provider_reference": format!("cost_{reference}"),
        "goal_id": null,
        "gateway": "m-pesa",
        "cost": CHARGE,
        "wallet_balance": FIRST_BALANCE.saturating_sub(fees),
        "transaction_name": "Transaction Fee",
        "created_at": created,
        "updated_at": created,
    })
}
