//! `lipia demo`: a guided tour of payments on this machine, for a person.

use crate::arguments;
use crate::connect::{CliError, sandbox_keys, start_sandbox};
use crate::exit::Exit;
use crate::listener::Listener;
use crate::output::{Output, bold, line};
use crate::progress::Spinner;
use lipia::callback::Confirm;
use lipia::payment::PaymentState;
use lipia::{Client, Error, PaymentHandle, StkPush, WaitOptions};
use lipia_sandbox::{Fault, FaultKind, Sandbox, SandboxOptions, Step};
use std::time::{Duration, Instant};

const PHONE: &str = "0712 345 678";

pub(crate) async fn run(arguments: &arguments::Demo) -> Exit {
    match tell(arguments.time_scale).await {
        Ok(()) => Exit::Done,
        Err(error) => error.report(Output {
            as_json: false,
            is_sandbox: true,
        }),
    }
}

struct Stage {
    sandbox: Sandbox,
    listener: Listener,
    client: Client,
    began: Instant,
}

async fn tell(time_scale: f64) -> Result<(), CliError> {
    let listener = Listener::bind()
        .await
        .map_err(|error| CliError::Machine(format!("No port to listen on: {error}.")))?;
    let sandbox = start_sandbox(SandboxOptions::default().time_scale(time_scale)).await?;
    let client = sandbox_keys()
        .base_url(sandbox.base_url())
        .callback_url(listener.url())
        .build()?;
    listener.serve(client.clone(), Confirm::Never);
    line(&format!(
        "This is Lipia on a sandbox of its own, {time_scale} times faster than life. No real phone is prompted."
    ));
    let stage = Stage {
        sandbox,
        listener,
        client,
        began: Instant::now(),
    };
    paid(&stage).await?;
    answer_lost(&stage).await?;
    line(
        "\nNext: `lipia sandbox` keeps one running for your own code; README.md has a first program.",
    );
    stage.sandbox.stop().await;
    Ok(())
}

async fn paid(stage: &Stage) -> Result<(), CliError> {
    line(&format!("\n{}", bold("1. A coffee is paid")));
    let payment = stage
        .client
        .reserve(StkPush::new(PHONE, 150, "INV-001").transaction_desc("Coffee"))?;
    stage.step(
        "reserved",
        &format!(
            "KES 150 from {PHONE}, as payment {} with a callback URL of its own",
            short(&payment)
        ),
    );
    let acceptance = stage.client.push(&payment).await?;
    stage.show_what_was_sent();
    stage.step(
        "accepted",
        &format!(
            "CheckoutRequestID {} (accepted is not paid)",
            acceptance.id()
        ),
    );
    stage.show_prompt();
    stage.wait_and_show(&payment).await?;
    Ok(())
}

async fn answer_lost(stage: &Stage) -> Result<(), CliError> {
    line(&format!(
        "\n{}",
        bold("2. The answer is lost, and nobody is charged twice")
    ));
    stage
        .sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost).times(1))
        .map_err(|error| CliError::Machine(error.to_string()))?;
    let before = stage.sandbox.counters();
    let payment = stage
        .client
        .reserve(StkPush::new(PHONE, 320, "INV-002").transaction_desc("Lunch"))?;
    stage.step(
        "reserved",
        &format!("KES 320 from {PHONE}, as payment {}", short(&payment)),
    );
    match stage.client.push(&payment).await {
        Ok(_) => {
            return Err(CliError::Machine(
                "The sandbox did not lose the answer it was told to lose.".to_owned(),
            ));
        }
        Err(error) => stage.step("lost", &explain(&error)),
    }
    stage.show_prompt();
    if let Err(error) = stage.client.push(&payment).await {
        stage.step("refused", &format!("pushing it again: {}", error.message()));
    }
    stage.wait_and_show(&payment).await?;
    let after = stage.sandbox.counters();
    let prompts = after.prompts.saturating_sub(before.prompts);
    stage.step(
        "counted",
        &format!(
            "the phone was prompted {prompts} time; the answer was lost and the money was not"
        ),
    );
    if prompts != 1 {
        return Err(CliError::Machine(format!(
            "{prompts} prompts for one sale."
        )));
    }
    Ok(())
}

fn explain(error: &Error) -> String {
    format!(
        "disposition = {}: {} {}",
        error.disposition(),
        error.message(),
        error.hint().unwrap_or_default()
    )
}

fn short(payment: &PaymentHandle) -> String {
    format!("{}…", payment.id().as_str().get(..8).unwrap_or_default())
}

impl Stage {
    fn step(&self, word: &str, text: &str) {
        line(&format!(
            "{:>7.2} s  {:<9} {text}",
            self.began.elapsed().as_secs_f64(),
            word
        ));
    }

    /// The push as it left, without what is secret in it.
    fn show_what_was_sent(&self) {
        let requests = self.sandbox.requests();
        let Some(request) = requests
            .iter()
            .rev()
            .find(|request| request.path.ends_with("processrequest"))
        else {
            return;
        };
        self.step("sent", &format!("{} {}", request.method, request.path));
        if let Ok(serde_json::Value::Object(mut body)) = serde_json::from_str(&request.body) {
            body.insert("Password".to_owned(), "***".into());
            for (name, value) in &body {
                let text = value.as_str().map_or_else(|| value.to_string(), shorten);
                line(&format!("{:22}{name:<18} {text}", ""));
            }
        }
    }

    fn show_prompt(&self) {
        let Some(payment) = self.sandbox.payments().pop() else {
            return;
        };
        self.step("prompted", "the phone shows:");
        let text = [
            format!("Do you want to pay KES {}", payment.amount),
            format!(
                "to {} for account {}?",
                payment.short_code, payment.reference
            ),
            "Enter M-PESA PIN:  * * * *".to_owned(),
        ];
        let width = text
            .iter()
            .map(|line| line.chars().count())
            .max()
            .unwrap_or_default();
        line(&format!("{:22}+-{:-<width$}-+", "", ""));
        for text in text {
            line(&format!("{:22}| {text:<width$} |", ""));
        }
        line(&format!("{:22}+-{:-<width$}-+", "", ""));
    }

    async fn wait_and_show(&self, payment: &PaymentHandle) -> Result<(), CliError> {
        let seen = self.listener.arrivals().borrow().len();
        let spinner = Spinner::start("the customer reads, and types a PIN");
        let settled = self
            .client
            .wait(
                payment,
                WaitOptions::default().timeout(Duration::from_secs(60)),
            )
            .await?;
        drop(spinner);
        let mut arrivals = self.listener.arrivals();
        // The wait ends while the callback is still being taken in.
        let arrived = tokio::time::timeout(
            Duration::from_secs(5),
            arrivals.wait_for(|list| list.len() > seen),
        )
        .await;
        if let Ok(Ok(list)) = arrived
            && let Some(body) = list.last()
        {
            self.step("called", "M-Pesa posts to the payment's own URL:");
            line(&format!("{:22}{}", "", shorten(body)));
        }
        match (settled.state(), settled.receipt()) {
            (PaymentState::Settled, Some(receipt)) => {
                self.step(
                    "paid",
                    &format!(
                        "outcome = {}, receipt {}",
                        settled.outcome(),
                        bold(receipt.as_str())
                    ),
                );
                Ok(())
            }
            _ => Err(CliError::Machine(format!(
                "The payment ended as {}.",
                settled.outcome()
            ))),
        }
    }
}

fn shorten(text: &str) -> String {
    const MAX_CHARACTERS: usize = 100;
    let text = text.trim();
    if text.chars().count() <= MAX_CHARACTERS {
        return text.to_owned();
    }
    let mut start: String = text.chars().take(MAX_CHARACTERS).collect();
    start.push('…');
    start
}
