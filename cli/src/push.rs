//! `lipia push`: prompts a phone once, and with `--wait` stays until it is known what came of it.

use crate::accepted;
use crate::arguments::PushOptions;
use crate::connect::{ConnectOptions, Connected, connect};
use crate::exit::Exit;
use crate::output::Output;
use crate::progress::Spinner;
use crate::saved::SavedPayment;
use crate::target::Target;
use crate::wait::{self, print_payment};
use crate::{arguments, output};
use lipia::gateway::{TransactionType, UpesiPayGeneration};
use lipia::{Acceptance, Disposition, Error, PaymentHandle, StkPush, WaitOptions};
use serde_json::{Value, json};
use std::sync::Arc;
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
            output.error(&error);
            return Exit::of_error(&error);
        }
    };
    let saved = arguments
        .save
        .clone()
        .map(|path| Arc::new(SavedPayment::to_push(path)));
    let connection = ConnectOptions {
        timeout: Some(time_for_the_push(&arguments)),
        needs_callback: arguments.callback_url.is_none(),
        confirms: arguments.confirm,
        generation,
        max_reference: arguments.options.max_reference,
        store: saved.clone(),
    };
    let connected = match connect(target, connection).await {
        Ok(connected) => connected,
        Err(error) => return error.report(output),
    };
    let run = Run {
        connected: &connected,
        arguments: &arguments,
        saved,
        output,
    };
    let exit = run.push_and_wait(push).await;
    connected.end().await;
    exit
}

fn what_to_push(arguments: &arguments::Push) -> Result<StkPush, Error> {
    let mut push = StkPush::new(&arguments.phone, &arguments.amount, &arguments.reference)
        .transaction_desc(&arguments.description);
    if let Some(url) = &arguments.callback_url {
        push = push.callback_url(url);
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
struct Run<'a> {
    connected: &'a Connected,
    arguments: &'a arguments::Push,
    saved: Option<Arc<SavedPayment>>,
    output: Output,
}

impl Run<'_> {
    async fn push_and_wait(&self, push: StkPush) -> Exit {
        let (client, output) = (&self.connected.client, self.output);
        let payment = match client.reserve(push) {
            Ok(payment) => payment,
            Err(error) => {
                output.error(&error);
                return Exit::of_error(&error);
            }
        };
        if let Some(saved) = &self.saved {
            let own_callback_url = self.arguments.callback_url.is_some();
            if let Err(refusal) = saved.claim(&payment.snapshot(), own_callback_url) {
                return refusal.report(output);
            }
        }
        output.warn(payment.snapshot().warnings());
        let lost = match self.send(&payment).await {
            Some(Ok(acceptance)) => {
                let is_saved = self.save(&payment);
                self.print_acceptance(&acceptance, &payment, is_saved);
                if !self.arguments.wait {
                    return Exit::Done.unless_saved(is_saved != Some(false));
                }
                None
            }
            Some(Err(error))
                if error.disposition() == Disposition::Unknown && self.arguments.wait =>
            {
                output::complain(error.message());
                output::tell(
                    "       Nothing is sent again. Waiting for what the callback says ...",
                );
                Some(error)
            }
            Some(Err(error)) => {
                let is_saved = self.save(&payment);
                output.error_with(&error, &beside(&payment, is_saved));
                return Exit::of_error(&error);
            }
            None => {
                self.save(&payment);
                return Exit::Unknown;
            }
        };
        self.wait(&payment, lost).await
    }

    async fn wait(&self, payment: &PaymentHandle, lost: Option<Error>) -> Exit {
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
                output.error(&error);
                return Exit::of_error(&error);
            }
        };
        let (settled, is_saved) = wait::merged(settled, self.saved.as_deref());
        match lost {
            // The wait brought nothing: what is known is still no more than that the answer was lost.
            Some(error) if settled.state() == lipia::payment::PaymentState::Unknown => {
                output.error_with(&error, &beside(payment, is_saved));
                Exit::of_error(&error)
            }
            _ => {
                print_payment(&settled, is_saved, output);
                Exit::of_outcome(settled.outcome()).unless_saved(is_saved != Some(false))
            }
        }
    }

    /// Writes what is known to the file, where there is one: whether it stands there now.
    fn save(&self, payment: &PaymentHandle) -> Option<bool> {
        wait::merged(payment.snapshot(), self.saved.as_deref()).1
    }

    /// Sends the push. The first Ctrl-C lets a send that is on its way finish; the second leaves at once.
    async fn send(&self, payment: &PaymentHandle) -> Option<Result<Acceptance, Error>> {
        let _spinner = Spinner::start("asking M-Pesa to prompt the phone");
        let mut push = std::pin::pin!(self.connected.client.push(payment));
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

    fn print_acceptance(
        &self,
        acceptance: &Acceptance,
        payment: &PaymentHandle,
        is_saved: Option<bool>,
    ) {
        if !self.output.as_json {
            accepted::print_text(acceptance, &payment.snapshot(), self.output);
            return;
        }
        let mut line = beside(payment, is_saved);
        if let Value::Object(members) = &mut line {
            members.insert("accepted".to_owned(), true.into());
            members.extend(accepted::members(acceptance));
        }
        self.output.json(&line);
    }
}

/// What stands in every line about a push: the payment's id, warnings, and whether it was saved.
fn beside(payment: &PaymentHandle, is_saved: Option<bool>) -> Value {
    let mut line = json!({ "payment_id": payment.id(), "warnings": payment.snapshot().warnings() });
    if let (Some(is_saved), Value::Object(members)) = (is_saved, &mut line) {
        members.insert("saved".to_owned(), is_saved.into());
    }
    line
}
