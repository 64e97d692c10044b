//! `lipia wait`: stays with a prompt, or with a payment that was saved, until its outcome is known.

use crate::connect::{Wishes, connect};
use crate::exit::Exit;
use crate::progress::Spinner;
use crate::saved::SavedPayment;
use crate::{arguments, output, query};
use lipia::{Client, Error, Payment, PaymentHandle, Progress, WaitOptions, result_codes};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) async fn run(arguments: arguments::Wait) -> Exit {
    let as_json = arguments.connection.json;
    let every = Duration::from_secs_f64(arguments.query_every);
    // Whoever waits for something that was sent before has waited already: the first question is asked at once.
    let options = WaitOptions::default()
        .timeout(Duration::from_secs_f64(arguments.timeout))
        .query(Duration::ZERO, every);
    let store = arguments
        .payment
        .clone()
        .map(|path| Arc::new(SavedPayment::at(path)));
    let wishes = Wishes {
        store,
        ..Wishes::default()
    };
    let connected = match connect(&arguments.connection, wishes).await {
        Ok(connected) => connected,
        Err(trouble) => return trouble.report(as_json),
    };
    let result = match (&arguments.payment, &arguments.id) {
        (Some(path), _) => wait_for_saved(&connected.client, path, options, as_json).await,
        (None, Some(id)) => wait_for_id(&connected.client, id, options, as_json).await,
        (None, None) => return Exit::RefusedBeforeSending,
    };
    result.unwrap_or_else(|error| {
        output::error(&error, as_json);
        Exit::of_error(&error)
    })
}

async fn wait_for_saved(
    client: &Client,
    path: &Path,
    options: WaitOptions,
    as_json: bool,
) -> Result<Exit, Error> {
    let payment = match SavedPayment::at(path.to_owned()).read() {
        Ok(payment) => client.resume(payment?)?,
        Err(error) => {
            output::complain(&format!("{}: {error}", path.display()));
            return Ok(Exit::CouldNotRun);
        }
    };
    let settled = watched(client, &payment, options).await?;
    print_payment(&settled, as_json);
    Ok(Exit::of_outcome(settled.outcome()))
}

async fn wait_for_id(
    client: &Client,
    id: &str,
    options: WaitOptions,
    as_json: bool,
) -> Result<Exit, Error> {
    let spinner = Spinner::start("waiting for the outcome");
    let status = client.wait_by_id(id, options).await;
    drop(spinner);
    let status = status?;
    query::print(&status, as_json);
    Ok(Exit::of_outcome(status.outcome))
}

/// Waits and shows a person what happens. Ctrl-C ends the wait, not the payment.
pub(crate) async fn watched(
    client: &Client,
    payment: &PaymentHandle,
    options: WaitOptions,
) -> Result<Payment, Error> {
    let mut watch = client.watch(payment, options)?;
    let _spinner = Spinner::start("waiting for the customer");
    loop {
        let progress = tokio::select! {
            progress = watch.next() => progress,
            _ = tokio::signal::ctrl_c() => {
                output::tell("\nNo longer waiting. The customer may still pay: ask later with `lipia wait` or `lipia query`.");
                return Ok(payment.snapshot());
            }
        };
        match progress {
            Some(Progress::Settled(payment) | Progress::StillOpen(payment)) => return Ok(*payment),
            Some(Progress::NotTold { error, .. }) => {
                output::complain(&format!("asked, not told: {}", error.message()))
            }
            Some(_) => {}
            None => return Ok(payment.snapshot()),
        }
    }
}

/// Prints what became of a payment.
pub(crate) fn print_payment(payment: &Payment, as_json: bool) {
    let described = result_codes::describe(payment.result_code().unwrap_or_default());
    let outcome = payment.outcome();
    if as_json {
        output::json_line(&json!({
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
        }));
        return;
    }
    if payment.is_paid() {
        let receipt = payment
            .receipt()
            .unwrap_or("none yet: it comes with the callback");
        output::line(&format!("Paid. Receipt: {receipt}."));
    } else if outcome.is_final() {
        output::line(&format!("Not paid: {outcome}. {}", described.meaning));
        output::line(&format!("  What to do: {}", described.advice));
    } else {
        output::line(&format!(
            "Still open: {outcome}. It may yet be paid: ask again later, and do not push again."
        ));
    }
    for flag in payment.flags() {
        output::line(&format!("  Kept and not believed: {}", flag.reason));
    }
}
