//! `lipia replay`: posts the callbacks of a payment to its shop once more.
//!
//! It tells what is true already, so it works in production too. A failure that only a query has told is not made into a
//! callback: a shop takes a callback's failure for certain, and frees the order.

use crate::arguments;
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output::{Output, reported, tell};
use crate::refusal::Refusal;
use crate::shop_post::{Shop, facts_of};
use crate::target::Target;
use lipia::error::ErrorCode;
use lipia::ledger::Callback;
use lipia::values::Environment;
use lipia::{GatewayName, Payment, Verdict};
use lipia_sandbox::{Ending, WrittenCallback, write_callback};
use serde_json::json;

/// The content type of Daraja's callbacks and the others'. The ledger keeps bodies alone.
const JSON: &str = "application/json";

pub(crate) async fn run(arguments: &arguments::Replay) -> Exit {
    replayed(arguments).await.unwrap_or_else(|exit| exit)
}

async fn replayed(arguments: &arguments::Replay) -> Result<Exit, Exit> {
    let connection = &arguments.connection;
    let output = Output::of(connection);
    let target = Target::of(connection).map_err(|refusal| refusal.report(output))?;
    let is_sandbox = matches!(target.environment(), Ok(Environment::Sandbox));
    let output = Output {
        is_sandbox,
        ..output
    };
    let ledger = LedgerAt::opened(&arguments.ledger, connection, output)?;
    let story = ledger
        .story(&arguments.payment)
        .await
        .map_err(reported(output))?;
    let payment = &story.row.payment;
    let shop = Shop::of(payment, &arguments.to).map_err(|refusal| refusal.report(output))?;
    let id = payment.id().as_str();
    let id = id.get(..8).unwrap_or(id);
    let believable: Vec<_> = story
        .callbacks
        .iter()
        .filter(|it| is_believable(it))
        .collect();
    let disbelieved = story.callbacks.len().saturating_sub(believable.len());
    if disbelieved > 0 {
        tell(&format!(
            "{disbelieved} callbacks that did not fit, or that the gateway did not confirm, are left out: `lipia payments show {id}`."
        ));
    }
    for callback in &believable {
        let members = json!({
            "payment_id": payment.id(),
            "source": "callback",
            "received_at": callback.received_at,
        });
        let what = format!("callback of {id}, received at {}", callback.received_at);
        let body = callback.body.clone();
        let exit = shop.post(JSON, body, members, &what, output).await;
        // A shop that does not take the first is not told the second before it.
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    if !believable.is_empty() {
        return Ok(Exit::Done);
    }
    let Some(written) = written(payment) else {
        return Err(nothing(payment).report(output));
    };
    let members = json!({ "payment_id": payment.id(), "source": "ledger", "received_at": null });
    let what = format!("success of {id}, written from the ledger");
    let (content_type, body) = (written.content_type, written.body);
    Ok(shop.post(&content_type, body, members, &what, output).await)
}

/// Whether a callback may be true. One that was judged and not believed is not posted to a shop that may look less closely.
fn is_believable(callback: &Callback) -> bool {
    let disbelieved = [Verdict::Mismatch, Verdict::NotConfirmed].map(Verdict::as_str);
    let verdict = callback.verdict.as_deref();
    verdict.is_none_or(|verdict| !disbelieved.contains(&verdict))
}

/// Daraja's callback of a payment that was paid, where the ledger has the receipt. A query tells no amount, since a prompt is paid
/// as it was asked, and no time: the callback says when the ledger learnt of it. Callbacks of other gateways say more than that.
fn written(payment: &Payment) -> Option<WrittenCallback> {
    let is_daraja = payment.gateway() == GatewayName::Daraja;
    let as_asked = payment
        .paid_amount()
        .is_none_or(|paid| paid.cents() == i64::from(payment.push().amount.get()) * 100);
    let facts = facts_of(payment)?;
    let is_known = facts.receipt.is_some()
        && facts.ended_at.is_some()
        && !facts.checkout_request_id.is_empty()
        && !facts.merchant_request_id.is_empty();
    if !(payment.is_paid() && is_daraja && as_asked && is_known) {
        return None;
    }
    write_callback(lipia_sandbox::Gateway::Daraja, &facts, Ending::Pay)
}

fn nothing(payment: &Payment) -> Box<Refusal> {
    let hint = if payment.outcome().is_final() {
        "`lipia payments retell PAYMENT` has the shop's handler told of it, by any process of the ledger."
    } else {
        "Ask the gateway what became of it: `lipia payments ask PAYMENT`."
    };
    Box::new(Refusal {
        code: ErrorCode::NothingToReplay,
        field: "payment",
        message: "The ledger has no callback of this payment that was believed, and writes none from what it knows: only a success of Daraja's with its receipt is \
                  certain enough."
            .to_owned(),
        hint: hint.to_owned(),
        payment_id: Some(payment.id().as_str().to_owned()),
        exit: Exit::RefusedBeforeSending,
    })
}
