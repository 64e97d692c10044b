//! `lipia wait`: follows a prompt, or a payment of the ledger, until its outcome is known.

use crate::accepted;
use crate::connect::{ConnectOptions, connect};
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output::Output;
use crate::progress::Spinner;
use crate::target::Target;
use crate::{arguments, output, query};
use lipia::client::LedgerPayment;
use lipia::payment::PaymentState;
use lipia::values::Receipt;
use lipia::{Client, Error, Payment, PaymentHandle, Progress, WaitOptions};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) async fn run(arguments: arguments::Wait) -> Exit {
    let output = Output::of(&arguments.connection);
    let target = match Target::of(&arguments.connection) {
        Ok(target) => target,
        Err(refusal) => return refusal.report(output),
    };
    let output = output.speaking_to(&target);
    let every = Duration::from_secs_f64(arguments.query_every);
    // Whoever waits for something that was sent before has waited already: the first question is asked at once.
    let options = WaitOptions::default()
        .timeout(Duration::from_secs_f64(arguments.timeout))
        .query(Duration::ZERO, every);
    let ledger = match arguments.id {
        Some(_) => None,
        None => match LedgerAt::existing(&arguments.ledger) {
            Ok(ledger) => Some(ledger),
            Err(refusal) => return refusal.report(output),
        },
    };
    let connection = ConnectOptions {
        ledger,
        ..ConnectOptions::default()
    };
    let connected = match connect(target, connection).await {
        Ok(connected) => connected,
        Err(error) => return error.report(output),
    };
    let client = &connected.client;
    let result = match &arguments.id {
        Some(id) => wait_for_id(client, id, options, output).await,
        None => wait_for_payment(client, &arguments, options, output).await,
    };
    connected.end().await;
    result.unwrap_or_else(|error| output.fail(&error))
}

/// Waits for a payment of the ledger, wherever its callback arrives.
async fn wait_for_payment(
    client: &Client,
    arguments: &arguments::Wait,
    options: WaitOptions,
    output: Output,
) -> Result<Exit, Error> {
    let payments = client.payments();
    let found = match (&arguments.payment, &arguments.order) {
        (Some(id), _) => Some(payments.get(id).await?),
        (None, Some(order)) => newest(payments.of_order(order).await?),
        (None, None) => None,
    };
    let Some(found) = found else {
        output::tell("The ledger has no payment of this order: it was never pushed.");
        return Ok(Exit::NotPaid);
    };
    let is_over = matches!(
        found.state(),
        PaymentState::Settled | PaymentState::Reserved
    );
    let payment = if is_over {
        found.payment().clone()
    } else {
        let live = client.resume(found.payment().clone())?;
        watched(client, &live, options).await?
    };
    Ok(conclude(&payment, found.order(), output))
}

/// The payment of an order that counts: one that is paid, else the newest.
fn newest(payments: Vec<LedgerPayment>) -> Option<LedgerPayment> {
    let paid = payments.iter().find(|payment| payment.is_paid()).cloned();
    paid.or_else(|| payments.into_iter().next())
}

async fn wait_for_id(
    client: &Client,
    id: &str,
    options: WaitOptions,
    output: Output,
) -> Result<Exit, Error> {
    query::tell_waiting(id);
    let spinner = Spinner::start("waiting for the outcome");
    let status = client.wait_by_id(id, options).await;
    drop(spinner);
    let status = status?;
    query::print(id, &status, output);
    Ok(Exit::of_outcome(status.outcome))
}

/// Waits and tells on stderr what happens. Ctrl-C ends the wait, not the payment.
pub(crate) async fn watched(
    client: &Client,
    payment: &PaymentHandle,
    options: WaitOptions,
) -> Result<Payment, Error> {
    let mut watch = client.watch(payment, options)?;
    let spinner = Spinner::start("waiting for the customer");
    // One for all rounds: a signal that comes together with an answer would else be lost with its round.
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        let progress = tokio::select! {
            progress = watch.next() => progress,
            _ = &mut interrupted => {
                output::tell("\nNo longer waiting. The customer may still pay: ask later with `lipia wait` or `lipia query`.");
                return Ok(payment.snapshot());
            }
        };
        match progress {
            Some(Progress::Settled(payment) | Progress::TimedOut(payment)) => return Ok(*payment),
            Some(Progress::Queried { elapsed, status }) => {
                spinner.say(&format!(
                    "{:>4} s  asked: {}",
                    elapsed.as_secs(),
                    query::in_short(&status)
                ));
            }
            Some(Progress::QueryFailed { elapsed, error }) => spinner.say(&format!(
                "{:>4} s  asked, not told: {}",
                elapsed.as_secs(),
                error.message()
            )),
            Some(Progress::CallbackReceived { elapsed }) => spinner.say(&format!(
                "{:>4} s  something arrived that does not settle the payment",
                elapsed.as_secs()
            )),
            Some(_) => {}
            None => return Ok(payment.snapshot()),
        }
    }
}

/// Prints what became of a payment, and says how the command ends for it. A push that was refused, by whichever process sent it,
/// is told as its error.
pub(crate) fn conclude(payment: &Payment, order: Option<&str>, output: Output) -> Exit {
    match payment.last_error() {
        Some(error) if payment.state() == PaymentState::Reserved => {
            output.error_with(
                error,
                &json!({ "payment_id": payment.id(), "order": order }),
            );
            Exit::of_error(error)
        }
        _ => {
            print_payment(payment, order, output);
            Exit::of_outcome(payment.outcome())
        }
    }
}

/// Prints what became of a payment.
pub(crate) fn print_payment(payment: &Payment, order: Option<&str>, output: Output) {
    let outcome = payment.outcome();
    if output.as_json {
        let mut line = json!({
            "payment_id": payment.id(),
            "state": payment.state(),
            "outcome": outcome,
            "final": outcome.is_final(),
            "paid": payment.is_paid(),
            "result_code": payment.result_code(),
            "receipt": payment.receipt(),
            "amount": payment.paid_amount(),
            "checkout_request_id": payment.checkout_request_id(),
            "flags": payment.flags().iter().map(|flag| &flag.reason).collect::<Vec<_>>(),
        });
        if let Value::Object(members) = &mut line {
            if let Some(acceptance) = payment.acceptance() {
                let more = accepted::members(acceptance);
                let names = ["id", "transaction_id", "merchant_request_id", "fee"];
                members.extend(
                    more.into_iter()
                        .filter(|(name, _)| names.contains(&name.as_str())),
                );
            }
            if let Some(order) = order {
                members.insert("order".to_owned(), order.into());
            }
        }
        output.json(&line);
        return;
    }
    let described = payment.describe();
    if payment.is_paid() {
        let receipt = payment
            .receipt()
            .map_or("none yet: it comes with the callback", Receipt::as_str);
        output.line(&format!("Paid. Receipt: {receipt}."));
    } else if outcome.is_final() {
        let code = payment.result_code();
        let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
        output.line(&format!("Not paid: {outcome}{code}. {}", described.meaning));
        output.line(&format!("  What to do: {}", described.advice));
    } else {
        output.line(&format!(
            "Still open: {outcome}. It may yet be paid: ask again later, and do not push again."
        ));
    }
    for flag in payment.flags() {
        output.line(&format!("  Kept and not believed: {}", flag.reason));
    }
}
