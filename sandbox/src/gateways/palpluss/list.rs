//! The list of transactions, newest first, by which a push is found whose answer was lost.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Uri;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::PalPluss;
use super::errors::{PalPlussError, success};
use super::state::{STATUSES, state};
use super::transaction::{Extent, cased, written};
use crate::engine::Engine;
use crate::records::payment::Payment;
use crate::values::gateway::Gateway;
use crate::wire::answer::Answer;
use crate::wire::request::Received;
use crate::wire::request::parameter;

const USUAL_LIMIT: usize = 20;
const LARGEST_LIMIT: usize = 100;

/// What is asked for; None is everything.
#[derive(Debug)]
struct Filter {
    limit: usize,
    /// The transaction after which the page begins.
    after: Option<String>,
    status: Option<String>,
    is_push: bool,
    channel_id: Option<String>,
    from: Option<OffsetDateTime>,
    to: Option<OffsetDateTime>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    search: Option<String>,
}

pub(super) async fn answer(
    gateway: Arc<PalPluss>,
    engine: Arc<Engine>,
    request: Received,
) -> Result<Answer, PalPlussError> {
    let filter = read(&request.uri)?;
    let found: Vec<Payment> = engine.with(|world| {
        let payments = world.newest(Gateway::PalPluss);
        payments
            .filter(|payment| filter.takes(&engine, payment))
            .cloned()
            .collect()
    });
    let begin = match &filter.after {
        None => 0,
        Some(after) => found
            .iter()
            .position(|payment| payment.transaction_id.as_ref() == Some(after))
            .map(|place| place.saturating_add(1))
            .ok_or(PalPlussError::CURSOR)?,
    };
    let page: Vec<_> = found.iter().skip(begin).take(filter.limit).collect();
    let is_last = begin.saturating_add(page.len()) >= found.len();
    let next = page
        .last()
        .filter(|_| !is_last)
        .and_then(|payment| payment.transaction_id.as_ref())
        .map(|id| URL_SAFE_NO_PAD.encode(json!({ "id": id }).to_string()));
    let items = page
        .iter()
        .map(|payment| written(&gateway, &engine, payment, Extent::Item));
    let cursor = cased(gateway.options.read_casing, "next_cursor", "nextCursor");
    let mut data = Map::new();
    data.insert("overview".to_owned(), overview(&found));
    data.insert("items".to_owned(), Value::Array(items.collect()));
    data.insert(cursor.to_owned(), json!(next));
    Ok(success(&engine, &Value::Object(data)))
}

/// Counts over everything that the filter takes, not only this page.
fn overview(found: &[Payment]) -> Value {
    let count = |statuses: &[&str]| {
        found
            .iter()
            .filter(|payment| statuses.contains(&state(payment).status))
            .count()
    };
    json!({
        "total": found.len(),
        "completed": count(&["SUCCESS"]),
        "failed": count(&["FAILED", "CANCELLED", "EXPIRED"]),
        "pending": count(&["PENDING", "PROCESSING"]),
    })
}

fn read(uri: &Uri) -> Result<Filter, PalPlussError> {
    let wrong = |what| PalPlussError::Validation { what };
    let limit = match parameter(uri, "limit") {
        None => USUAL_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
            .ok_or(wrong("limit"))?,
    };
    let after = parameter(uri, "cursor")
        .map(|cursor| decoded(&cursor).ok_or(PalPlussError::CURSOR))
        .transpose()?;
    let status = parameter(uri, "status");
    if status
        .as_deref()
        .is_some_and(|status| !STATUSES.contains(&status))
    {
        return Err(wrong("status"));
    }
    let is_push = match parameter(uri, "type").as_deref() {
        None | Some("STK") => true,
        Some("B2C") => false,
        Some(_) => return Err(wrong("type")),
    };
    let moment = |name: &'static str| {
        parameter(uri, name)
            .map(|text| moment(&text).ok_or(wrong(name)))
            .transpose()
    };
    let number = |name: &'static str| {
        parameter(uri, name)
            .map(|text| text.parse().ok().ok_or(wrong(name)))
            .transpose()
    };
    Ok(Filter {
        limit,
        after,
        status,
        is_push,
        channel_id: parameter(uri, "channelId"),
        from: moment("from")?,
        to: moment("to")?,
        at_least: number("amountMin")?,
        at_most: number("amountMax")?,
        search: parameter(uri, "q").map(|text| text.to_lowercase()),
    })
}

/// The transaction id inside a cursor.
fn decoded(cursor: &str) -> Option<String> {
    let json: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    Some(json.get("id")?.as_str()?.to_owned())
}

/// A moment, or the day that begins with it.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let whole = OffsetDateTime::parse(text, &Rfc3339);
    whole
        .or_else(|_| OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339))
        .ok()
}

impl Filter {
    fn takes(&self, engine: &Engine, payment: &Payment) -> bool {
        let push = &payment.push;
        let created = engine.clock.nairobi(payment.accepted_at);
        let amount = f64::from(push.amount);
        let status = state(payment).status;
        self.is_push
            && self.status.as_deref().is_none_or(|wanted| wanted == status)
            && (self.channel_id.is_none() || self.channel_id == push.channel_id)
            && self.from.is_none_or(|from| created >= from)
            && self.to.is_none_or(|to| created <= to)
            && self.at_least.is_none_or(|least| amount >= least)
            && self.at_most.is_none_or(|most| amount <= most)
            && self
                .search
                .as_deref()
                .is_none_or(|text| mentions(payment, text))
    }
}

/// Whether a text occurs in what identifies a payment.
fn mentions(payment: &Payment, text: &str) -> bool {
    let identifiers = [
        Some(&payment.push.reference),
        Some(&payment.push.phone),
        Some(&payment.checkout_request_id),
        Some(&payment.merchant_request_id),
        payment.transaction_id.as_ref(),
        payment.receipt.as_ref(),
    ];
    identifiers
        .into_iter()
        .flatten()
        .any(|identifier| identifier.to_lowercase().contains(text))
}
