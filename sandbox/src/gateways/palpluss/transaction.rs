//! The transaction endpoint, which answers with the outcome of a push. The list uses the same form of a transaction.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::PalPluss;
use super::TENANT_ID;
use super::errors::{PalPlussError, success};
use super::options::ReadCasing;
use super::state::state;
use crate::engine::Engine;
use crate::records::payment::Payment;
use crate::scenarios::timeline::{FinishedPoll, finished_poll};
use crate::values::gateway::Gateway;
use crate::wire::answer::{Answer, PLAIN};
use crate::wire::request::Received;

pub(super) async fn answer(
    gateway: Arc<PalPluss>,
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, PalPlussError> {
    let id = request.uri.path().rsplit('/').next().unwrap_or_default();
    if !is_uuid(id) {
        return Err(PalPlussError::UUID);
    }
    let id = id.to_ascii_lowercase();
    let payment = engine.with(|world| {
        let checkout_id = world.checkout_id(&id)?;
        let payment = world.payment_mut(&checkout_id)?;
        payment.count_poll();
        Some(payment.clone())
    });
    let payment = payment
        .filter(|payment| payment.gateway == Gateway::PalPluss)
        .ok_or(PalPlussError::TRANSACTION)?;
    if payment.ending.is_some()
        && finished_poll(payment.scenario, payment.finished_polls) != FinishedPoll::Result
    {
        return Ok(Answer::text(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, ""));
    }
    Ok(success(
        &engine,
        &written(&gateway, &engine, &payment, Extent::Whole),
    ))
}

/// How much of a transaction is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// As an item of a list, which is shorter where the members are in camel case.
    Item,
}

/// A transaction as the read endpoints write it.
pub(super) fn written(
    gateway: &PalPluss,
    engine: &Engine,
    payment: &Payment,
    extent: Extent,
) -> Value {
    let options = &gateway.options;
    let (push, state) = (&payment.push, state(payment));
    let updated = payment.settled_at.unwrap_or(payment.accepted_at);
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let receipt = options.receipt_in_reads.then(|| json!(payment.receipt));
    // The names in both casings, whether the short form has it, and the value; None where a casing does not know it.
    let rows = [
        (
            Some("transaction_id"),
            Some("transactionId"),
            true,
            json!(payment.transaction_id),
        ),
        (Some("tenant_id"), Some("tenantId"), false, json!(TENANT_ID)),
        (Some("type"), Some("type"), true, json!("STK")),
        (Some("status"), Some("status"), true, json!(state.status)),
        (Some("amount"), Some("amount"), true, json!(push.amount)),
        (Some("currency"), Some("currency"), true, json!("KES")),
        (Some("phone_number"), Some("phone"), true, json!(push.phone)),
        (
            Some("channel_id"),
            Some("channelId"),
            false,
            json!(push.channel_id),
        ),
        (
            Some("external_reference"),
            Some("accountReference"),
            true,
            json!(given(&push.reference)),
        ),
        (
            None,
            Some("transactionDesc"),
            false,
            json!(push.description),
        ),
        (Some("customer_name"), None, false, Value::Null),
        (
            Some("callback_url"),
            None,
            false,
            json!(given(&push.callback_url)),
        ),
        (Some("provider"), Some("provider"), false, json!("m-pesa")),
        (
            Some("provider_request_id"),
            Some("providerRequestId"),
            false,
            json!(payment.merchant_request_id),
        ),
        (
            Some("provider_checkout_id"),
            Some("providerCheckoutId"),
            false,
            json!(payment.checkout_request_id),
        ),
        (
            Some("result_code"),
            Some("resultCode"),
            false,
            json!(state.result_code),
        ),
        (
            Some("result_desc"),
            Some("resultDesc"),
            false,
            json!(state.result_desc),
        ),
        (
            Some("transaction_fee"),
            Some("transactionFee"),
            true,
            json!(state.fee),
        ),
        (
            Some("created_at"),
            Some("createdAt"),
            true,
            json!(engine.clock.utc_text(payment.accepted_at)),
        ),
        (
            Some("updated_at"),
            Some("updatedAt"),
            true,
            json!(engine.clock.utc_text(updated)),
        ),
    ];
    let casing = options.read_casing;
    let shortened = casing == ReadCasing::CamelCase && extent == Extent::Item;
    let mut members = Map::new();
    for (snake, camel, in_short_form, value) in rows {
        if let Some(name) = pick(casing, snake, camel).filter(|_| in_short_form || !shortened) {
            members.insert(name.to_owned(), value);
        }
    }
    if let Some(receipt) = receipt {
        let name = cased(casing, "mpesa_receipt", "mpesaReceipt");
        members.insert(name.to_owned(), receipt);
    }
    Value::Object(members)
}

fn pick<T>(casing: ReadCasing, snake: T, camel: T) -> T {
    match casing {
        ReadCasing::SnakeCase => snake,
        ReadCasing::CamelCase => camel,
    }
}

/// A name in the casing of the read endpoints.
pub(super) fn cased(casing: ReadCasing, snake: &'static str, camel: &'static str) -> &'static str {
    pick(casing, snake, camel)
}

/// Five groups of hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn uuids_have_five_groups() {
        assert!(is_uuid("fa98a577-95ea-4a8f-8467-1fbe74f5d6f4"));
        for bad in [
            "",
            "fa98a577",
            "fa98a577-95ea-4a8f-8467-1fbe74f5d6fg",
            "fa98a57795ea-4a8f-8467-1fbe-74f5d6f4",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }
}
