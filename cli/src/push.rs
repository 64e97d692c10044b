//! `lipia push`: prompts a phone once, and with `--wait` stays until it is known what came of it.

use crate::connect::{Connected, Wishes, connect};
use crate::exit::Exit;
use crate::progress::Spinner;
use crate::saved::SavedPayment;
use crate::wait::{self, print_payment};
use crate::{arguments, output};
use lipia::{Acceptance, Disposition, Error, PaymentHandle, StkPush, TransactionType, WaitOptions};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const USUAL_PUSH_SECONDS: f64 = 30.0;
const USUAL_WAIT_SECONDS: f64 = 120.0;

pub(crate) async fn run(arguments: arguments::Push) -> Exit {
    let as_json = arguments.connection.json;
    let (push, timeout) = match what_to_push(&arguments) {
        Ok(push) => push,
        Err(error) => {
            output::error(&error, as_json);
            return Exit::of_error(&error);
        }
    };
    let wishes = Wishes {
        timeout: Some(timeout),
        needs_callback: arguments.callback_url.is_none(),
        may_embed_sandbox: true,
        store: arguments
            .save
            .clone()
            .map(|path| Arc::new(SavedPayment::at(path))),
    };
    let connected = match connect(&arguments.connection, wishes).await {
        Ok(connected) => connected,
        Err(trouble) => return trouble.report(as_json),
    };
    let exit = push_and_wait(&connected, push, &arguments).await;
    if let Some(sandbox) = connected.sandbox {
        sandbox.stop().await;
    }
    exit
}

fn what_to_push(arguments: &arguments::Push) -> Result<(StkPush, Duration), Error> {
    let mut push = StkPush::new(&arguments.phone, &arguments.amount, &arguments.reference)
        .transaction_desc(&arguments.description);
    if let Some(url) = &arguments.callback_url {
        push = push.callback_url(url);
    }
    if let Some(word) = &arguments.transaction_type {
        push = push.transaction_type(word.parse::<TransactionType>()?);
    }
    if let Some(number) = &arguments.party_b {
        push = push.party_b(number);
    }
    if arguments.truncate {
        push = push.truncate();
    }
    if arguments.round {
        push = push.round_amount();
    }
    // A wait of an hour is no reason to let the push itself hang for an hour.
    let most = if arguments.wait {
        USUAL_PUSH_SECONDS
    } else {
        f64::INFINITY
    };
    let seconds = arguments.timeout.unwrap_or(USUAL_PUSH_SECONDS).min(most);
    Ok((push, Duration::from_secs_f64(seconds)))
}

async fn push_and_wait(connected: &Connected, push: StkPush, arguments: &arguments::Push) -> Exit {
    let as_json = arguments.connection.json;
    let client = &connected.client;
    let payment = match client.reserve(push) {
        Ok(payment) => payment,
        Err(error) => {
            output::error(&error, as_json);
            return Exit::of_error(&error);
        }
    };
    let lost = match pushed(connected, &payment).await {
        Some(Ok(acceptance)) => {
            print_acceptance(&acceptance, &payment, as_json);
            None
        }
        Some(Err(error)) if error.disposition() == Disposition::Unknown && arguments.wait => {
            output::complain(error.message());
            output::tell("       Nothing is sent again. Waiting for what the callback says ...");
            Some(error)
        }
        Some(Err(error)) => {
            output::error(&error, as_json);
            return Exit::of_error(&error);
        }
        None => return Exit::Unknown,
    };
    if !arguments.wait {
        return Exit::Done;
    }
    let options = WaitOptions::default()
        .timeout(Duration::from_secs_f64(
            arguments.timeout.unwrap_or(USUAL_WAIT_SECONDS),
        ))
        .query(
            Duration::from_secs_f64(arguments.query_every),
            Duration::from_secs_f64(arguments.query_every),
        );
    let settled = match wait::watched(client, &payment, options).await {
        Ok(payment) => payment,
        Err(error) => {
            output::error(&error, as_json);
            return Exit::of_error(&error);
        }
    };
    match lost {
        // The wait brought nothing: what is known is still no more than that the answer was lost.
        Some(error) if settled.state() == lipia::PaymentState::Unknown => {
            output::error(&error, as_json);
            Exit::of_error(&error)
        }
        _ => {
            print_payment(&settled, as_json);
            Exit::of_outcome(settled.outcome())
        }
    }
}

/// Sends the push. The first Ctrl-C lets a send that is on its way finish; the second leaves at once.
async fn pushed(
    connected: &Connected,
    payment: &PaymentHandle,
) -> Option<Result<Acceptance, Error>> {
    let _spinner = Spinner::start("asking M-Pesa to prompt the phone");
    let mut push = std::pin::pin!(connected.client.push(payment));
    tokio::select! {
        result = &mut push => return Some(result),
        _ = tokio::signal::ctrl_c() => {}
    }
    output::tell(
        "\nThe push is on its way: waiting for its answer. Press Ctrl-C again to leave without it.",
    );
    tokio::select! {
        result = &mut push => Some(result),
        _ = tokio::signal::ctrl_c() => {
            output::tell("Left without the answer: the phone may have been prompted. Do not push again.");
            None
        }
    }
}

fn print_acceptance(acceptance: &Acceptance, payment: &PaymentHandle, as_json: bool) {
    if as_json {
        output::json_line(&json!({
            "accepted": true,
            "gateway": acceptance.gateway,
            "payment_id": payment.id(),
            "checkout_request_id": acceptance.checkout_request_id,
            "merchant_request_id": acceptance.merchant_request_id,
            "description": acceptance.description,
            "customer_message": acceptance.customer_message,
        }));
        return;
    }
    let snapshot = payment.snapshot();
    let push = snapshot.push();
    output::line(&format!(
        "Accepted, not yet paid: KES {} from {} for {}.",
        push.amount.get(),
        push.phone_number.as_str(),
        push.account_reference.as_str()
    ));
    output::line(&format!(
        "  CheckoutRequestID {}",
        acceptance.checkout_request_id
    ));
}
