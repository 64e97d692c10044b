//! `lipia push`: prompts a phone once, and with `--wait` waits for the outcome.

use crate::accepted;
use crate::arguments::PushOptions;
use crate::connect::{ConnectOptions, Connected, connect};
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output::Output;
use crate::progress::Spinner;
use crate::target::Target;
use crate::wait;
use crate::{arguments, output};
use lipia::gateway::{TransactionType, UpesiPayGeneration};
use lipia::{Acceptance, Disposition, Error, PaymentHandle, StkPush, WaitOptions};
use serde_json::{Value, json};
use std::time::Duration;

const USUAL_PUSH_SECONDS: f64 = 30.0;
const USUAL_WAIT_SECONDS: f64 = 120.0;

pub(crate) async fn run(arguments: arguments::Push) -> Exit {
    let output = Output::of(&arguments.connection);
    let target = match Target::of(&arguments.connection) {
        Ok(target) => target,
        Err(refusal) => return refusal.report(output),
    };
    let output = output.speaking_to(&target);
    let read =
        what_to_push(&arguments).and_then(|push| Ok((push, generation(&arguments.options)?)));
    let (push, generation) = match read {
        Ok(read) => read,
        Err(error) => {
            return output.fail(&error);
        }
    };
    // An order that only this process knew would be prompted again by the next.
    let ledger = match arguments.order {
        Some(_) => LedgerAt::needed(&arguments.ledger).map(Some),
        None => Ok(LedgerAt::of(&arguments.ledger)),
    };
    let ledger = match ledger {
        Ok(ledger) => ledger,
        Err(refusal) => return refusal.report(output),
    };
    let keeps = ledger.is_some();
    let connection = ConnectOptions {
        timeout: Some(time_for_the_push(&arguments)),
        needs_callback: arguments.callback_url.is_none(),
        confirms: arguments.confirm,
        generation,
        max_reference: arguments.options.max_reference,
        ledger,
    };
    let connected = match connect(target, connection).await {
        Ok(connected) => connected,
        Err(error) => return error.report(output),
    };
    let run = Run {
        connected: &connected,
        arguments: &arguments,
        output,
    };
    let exit = if keeps {
        run.request(push).await
    } else {
        run.push_and_wait(push).await
    };
    connected.end().await;
    exit
}

fn what_to_push(arguments: &arguments::Push) -> Result<StkPush, Error> {
    let mut push = StkPush::new(&arguments.phone, &arguments.amount, &arguments.reference)
        .transaction_desc(&arguments.description);
    if let Some(url) = &arguments.callback_url {
        push = push.callback_url(url);
    }
    if let Some(order) = &arguments.order {
        push = push.order(order);
    }
    let options = &arguments.options;
    if let Some(word) = &options.transaction_type {
        push = push.transaction_type(word.parse::<TransactionType>()?);
    }
    if options.till.is_some() && options.transaction_type.is_none() {
        push = push.transaction_type(TransactionType::BuyGoods);
    }
    for (name, value) in [
        ("party_b", &options.party_b),
        ("party_b", &options.till),
        ("channel_id", &options.channel_id),
        ("credential_id", &options.credential_id),
        ("customer_name", &options.customer_name),
    ] {
        if let Some(value) = value {
            push = push.option(name, value);
        }
    }
    if options.truncate {
        push = push.truncate();
    }
    if options.round {
        push = push.round_amount();
    }
    Ok(push)
}

fn generation(options: &PushOptions) -> Result<Option<UpesiPayGeneration>, Error> {
    options.generation.as_deref().map(str::parse).transpose()
}

/// How long the push itself may take. A wait of an hour is not a reason to let the push hang for an hour.
fn time_for_the_push(arguments: &arguments::Push) -> Duration {
    let most = if arguments.wait {
        USUAL_PUSH_SECONDS
    } else {
        f64::INFINITY
    };
    let seconds = arguments.timeout.unwrap_or(USUAL_PUSH_SECONDS).min(most);
    Duration::from_secs_f64(seconds)
}

/// One run of the command, once there is a client.
pub(crate) struct Run<'a> {
    pub(crate) connected: &'a Connected,
    pub(crate) arguments: &'a arguments::Push,
    pub(crate) output: Output,
}

impl Run<'_> {
    async fn push_and_wait(&self, push: StkPush) -> Exit {
        let (client, output) = (&self.connected.client, self.output);
        let payment = match client.reserve(push) {
            Ok(payment) => payment,
            Err(error) => {
                return output.fail(&error);
            }
        };
        output.warn(payment.snapshot().warnings());
        let lost = match self.send(&payment).await {
            Some(Ok(acceptance)) => {
                self.print_acceptance(&acceptance, &payment);
                if !self.arguments.wait {
                    return Exit::Done;
                }
                None
            }
            Some(Err(error))
                if error.disposition() == Disposition::Unknown && self.arguments.wait =>
            {
                tell_of_lost_answer(&error);
                Some(error)
            }
            Some(Err(error)) => {
                output.error_with(&error, &beside(&payment));
                return Exit::of_error(&error);
            }
            None => return Exit::Unknown,
        };
        self.wait(&payment, lost).await
    }

    /// Waits for the outcome of a payment that was pushed, and prints it. `lost`: the error of the push whose answer was lost.
    pub(crate) async fn wait(&self, payment: &PaymentHandle, lost: Option<Error>) -> Exit {
        let (client, output) = (&self.connected.client, self.output);
        let every = Duration::from_secs_f64(self.arguments.query_every);
        let options = WaitOptions::default()
            .timeout(Duration::from_secs_f64(
                self.arguments.timeout.unwrap_or(USUAL_WAIT_SECONDS),
            ))
            .query(every, every);
        let settled = match wait::watched(client, payment, options).await {
            Ok(payment) => payment,
            Err(error) => {
                return output.fail(&error);
            }
        };
        match lost {
            // The wait brought nothing: what is known is still no more than that the answer was lost.
            Some(error) if settled.state() == lipia::payment::PaymentState::Unknown => {
                output.error_with(&error, &beside(payment));
                Exit::of_error(&error)
            }
            _ => wait::conclude(&settled, self.arguments.order.as_deref(), output),
        }
    }

    async fn send(&self, payment: &PaymentHandle) -> Option<Result<Acceptance, Error>> {
        unhurried(self.connected.client.push(payment)).await
    }
}

/// Carries out a push. The first Ctrl-C lets a send that is on its way finish; `None` after the second, which leaves at once.
pub(crate) async fn unhurried<T>(push: impl Future<Output = T>) -> Option<T> {
    let _spinner = Spinner::start("asking M-Pesa to prompt the phone");
    let mut push = std::pin::pin!(push);
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

/// Says on stderr that a push has no answer.
pub(crate) fn tell_of_lost_answer(error: &Error) {
    output::complain(error.message());
    output::tell("       Nothing is sent again. Waiting for what the callback says ...");
}

impl Run<'_> {
    fn print_acceptance(&self, acceptance: &Acceptance, payment: &PaymentHandle) {
        if !self.output.as_json {
            accepted::print_text(acceptance, &payment.snapshot(), self.output);
            return;
        }
        let mut line = beside(payment);
        if let Value::Object(members) = &mut line {
            members.insert("accepted".to_owned(), true.into());
            members.extend(accepted::members(acceptance));
        }
        self.output.json(&line);
    }
}

/// What stands in every line about a push: the payment's id, and warnings.
fn beside(payment: &PaymentHandle) -> Value {
    json!({ "payment_id": payment.id(), "warnings": payment.snapshot().warnings() })
}
