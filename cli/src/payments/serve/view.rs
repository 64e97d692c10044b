//! What the page shows of the ledger, with phone numbers masked.

use super::super::print::{Shown, members, standing};
use super::super::show;
use super::answer::Answered;
use super::{Rights, Shared};
use lipia::client::{LedgerPayment, PaymentStory};
use lipia::ledger::Row;
use lipia::payment::PaymentState;
use lipia::words::{self, WordOf};
use serde_json::{Value, json};

/// Whose payments these are, how many, and what the page may do.
pub(super) async fn summary(shared: &Shared) -> Answered {
    let report = shared.ledger.report().await?;
    let scope = shared.ledger.scope();
    Ok(json!({
        "place": report.place,
        "shop": scope.shop(),
        "environment": scope.environment(),
        "sandbox": shared.is_sandbox,
        "payments": report.payments,
        "open": report.open,
        "owed": report.owed,
        "warnings": report.warnings,
        "may_change": shared.rights.change,
        "may_ask": shared.rights.ask,
    }))
}

/// A payment as a line of a list.
pub(super) fn in_a_list(payment: &LedgerPayment) -> Value {
    let mut members = members(payment, Shown::Masked);
    let standing = standing(payment.payment());
    members.insert("standing".to_owned(), standing.into());
    Value::Object(members)
}

/// All that the ledger has of one payment, with what can be done about it.
pub(super) async fn story(shared: &Shared, id: &str) -> Answered {
    let story = shared.ledger.story(id).await?;
    Ok(in_full(&story, shared.rights))
}

fn in_full(story: &PaymentStory, rights: Rights) -> Value {
    let row = &story.row;
    let payment = &row.payment;
    let mut value = show::in_json(story, Shown::Masked);
    let Value::Object(members) = &mut value else {
        return value;
    };
    let events = show::events(story, Shown::Masked);
    let events: Vec<Value> = events
        .iter()
        .map(|(at, what)| json!({ "at": at, "what": what }))
        .collect();
    let flags: Vec<Value> = payment
        .flags()
        .iter()
        .map(|flag| {
            let (meaning, advice) = meaning_of_flag(&flag.reason);
            json!({ "at": flag.at, "reason": flag.reason, "meaning": meaning, "advice": advice })
        })
        .collect();
    let others: Vec<Value> = story.others.iter().map(in_a_list).collect();
    let described = payment.describe();
    for (name, value) in [
        ("standing", json!(standing(payment))),
        ("meaning", json!(described.meaning)),
        ("advice", json!(described.advice)),
        ("events", json!(events)),
        ("sentences", json!(show::standing(row))),
        ("flags", json!(flags)),
        ("others", json!(others)),
        ("can", can(row, rights)),
    ] {
        members.insert(name.to_owned(), value);
    }
    value
}

/// What a person can do about a payment now.
fn can(row: &Row, rights: Rights) -> Value {
    let is_open = matches!(
        row.payment.state(),
        PaymentState::Unknown | PaymentState::Accepted
    );
    json!({
        "ask": rights.ask && is_open,
        "resolve": rights.change && is_open,
        "release": rights.change && row.holds_order && !row.is_leased() && !row.payment.is_paid(),
    })
}

fn meaning_of_flag(reason: &str) -> (Option<&'static str>, Option<&'static str>) {
    let mut found = words::explain(reason).into_iter();
    let flag = found.find(|it| it.is == WordOf::PaymentFlag);
    flag.map_or((None, None), |it| (Some(it.meaning), Some(it.advice)))
}
