//! `lipia payments show`: the story of a payment.

use super::Ended;
use super::print::{Shown, of_payment};
use crate::arguments::Show;
use crate::exit::Exit;
use crate::output::{Output, reported};
use lipia::client::PaymentStory;
use lipia::ledger::{Callback, Row};
use lipia::values::EatTime;
use serde_json::{Value, json};

pub(super) async fn run(arguments: &Show) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let story = ledger.story(&arguments.payment).await;
    let story = story.map_err(reported(output))?;
    let shown = Shown::of(arguments.unmasked);
    if output.as_json {
        output.json(&in_json(&story, shown));
    } else {
        tell(&story, shown, output);
    }
    Ok(Exit::Done)
}

/// The members of a story.
pub(super) fn in_json(story: &PaymentStory, shown: Shown) -> Value {
    let PaymentStory {
        row,
        callbacks,
        others,
        ..
    } = story;
    let payment = &row.payment;
    let mut line = of_payment(payment, order_of(row), shown);
    let flags = payment.flags().iter();
    let flags: Vec<Value> = flags
        .map(|flag| json!({ "at": flag.at, "reason": flag.reason }))
        .collect();
    let callbacks = callbacks.iter();
    let callbacks: Vec<Value> = callbacks.map(|it| callback_in_json(it, shown)).collect();
    let others = others.iter();
    let others: Vec<_> = others.map(|it| super::print::members(it, shown)).collect();
    for (name, value) in [
        ("environment", json!(row.scope.environment())),
        ("shop", json!(row.scope.shop())),
        ("account", json!(row.account)),
        ("holds_order", json!(row.holds_order)),
        ("released_at", json!(row.released_at)),
        ("sent_at", json!(payment.sent_at())),
        ("is_sending_until", json!(row.lease_until)),
        ("asked", json!(row.asks)),
        ("asked_at", json!(row.asked_at)),
        ("ask_after", json!(row.ask_after)),
        ("owed", json!(row.is_owed())),
        ("telling_attempts", json!(row.attempts)),
        (
            "told_again_after",
            json!(row.is_owed().then_some(row.owed_after)),
        ),
        ("telling_trouble", json!(row.trouble)),
        ("last_error", json!(payment.last_error())),
        ("flags", json!(flags)),
        ("callbacks", json!(callbacks)),
        ("others", json!(others)),
    ] {
        line.insert(name.to_owned(), value);
    }
    Value::Object(line)
}

fn callback_in_json(callback: &Callback, shown: Shown) -> Value {
    let body = String::from_utf8_lossy(&callback.body);
    json!({
        "received_at": callback.received_at,
        "verdict": callback.verdict,
        "bytes": callback.body.len(),
        "digest": callback.digest,
        "body": (shown == Shown::Whole).then_some(body),
    })
}

fn order_of(row: &Row) -> Option<&str> {
    row.order.as_ref().map(lipia::ledger::Order::as_str)
}

/// Tells the story as text: what was asked of whom, what happened when, and how things stand.
fn tell(story: &PaymentStory, shown: Shown, output: Output) {
    let row = &story.row;
    let payment = &row.payment;
    let order = order_of(row).map(|order| format!("order {order}"));
    output.line(&format!(
        "Payment {} of {}, shop {}, {}",
        payment.id(),
        order.as_deref().unwrap_or("no order"),
        row.scope.shop(),
        row.scope.environment()
    ));
    output.line(&format!(
        "  KES {} from {} for {}, by {}",
        payment.push().amount.get(),
        shown.phone(payment).as_deref().unwrap_or("(pruned)"),
        payment.push().account_reference.as_str(),
        row.account
    ));
    for (at, what) in events(story, shown) {
        output.line(&format!("  {at}  {what}"));
    }
    for line in standing(row) {
        output.line(&format!("  {line}"));
    }
    for other in &story.others {
        output.line(&format!(
            "  Another payment of the order: {}",
            super::print::in_a_line(other, shown)
        ));
    }
}

/// What happened, by its time.
pub(super) fn events(story: &PaymentStory, shown: Shown) -> Vec<(EatTime, String)> {
    let row = &story.row;
    let payment = &row.payment;
    let mut events = vec![(payment.reserved_at(), "reserved".to_owned())];
    events.extend(payment.sent_at().map(|at| (at, "push begun".to_owned())));
    events.extend(row.asked_at.map(|at| {
        let times = if row.asks == 1 { "once" } else { "times" };
        let count = if row.asks == 1 {
            String::new()
        } else {
            format!("{} ", row.asks)
        };
        (at, format!("last asked about, {count}{times} in all"))
    }));
    events.extend(payment.settled_at().map(|at| {
        let receipt = payment.receipt().map(|it| format!(", receipt {it}"));
        let outcome = payment.outcome();
        (
            at,
            format!("settled: {outcome}{}", receipt.unwrap_or_default()),
        )
    }));
    for flag in payment.flags() {
        events.push((flag.at, format!("kept and not believed: {}", flag.reason)));
    }
    for callback in &story.callbacks {
        let verdict = callback.verdict.as_deref().unwrap_or("not judged yet");
        let mut what = format!("callback: {verdict}");
        if shown == Shown::Whole {
            what.push_str(&format!("\n{}", String::from_utf8_lossy(&callback.body)));
        }
        events.push((callback.received_at, what));
    }
    events.extend(row.released_at.map(|at| (at, "order released".to_owned())));
    events.sort_by_key(|(at, _)| *at);
    events
}

/// How things stand, in sentences.
pub(super) fn standing(row: &Row) -> Vec<String> {
    let payment = &row.payment;
    let mut lines = vec![format!("Now: {}.", super::print::standing(payment))];
    if let Some(error) = payment.last_error() {
        lines.push(format!(
            "Last error: {} [{}]",
            error.message(),
            error.code()
        ));
    }
    if let Some(until) = row.lease_until {
        let what = if row.is_leased() {
            "Its sender is taken to be alive until"
        } else {
            "Its sender died: reconcile, then ask. It was taken to be alive until"
        };
        lines.push(format!("{what} {until}."));
    }
    if row.order.is_some() {
        let held = if row.holds_order {
            "It holds its order."
        } else {
            "It does not hold its order."
        };
        lines.push(held.to_owned());
    }
    if let Some(at) = row.ask_after {
        lines.push(format!("To be asked about after {at}."));
    }
    if row.is_owed() {
        let trouble = row.trouble.as_deref();
        let trouble = trouble.map(|it| format!(" The last telling failed: {it}"));
        lines.push(format!(
            "The shop has yet to be told, after {}; begun {} times.{}",
            row.owed_after,
            row.attempts,
            trouble.unwrap_or_default()
        ));
    } else if row.told > 0 {
        lines.push("The shop was told.".to_owned());
    }
    lines
}
