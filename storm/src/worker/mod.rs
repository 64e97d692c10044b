//! A shop's process: takes requests on its standard input, callbacks over HTTP, and writes down what it is told.

mod callbacks;
mod handler;
mod tripwire;

use crate::worker::handler::Tellings;
use crate::worker::tripwire::{Tripwire, Wire};
use lipia::ledger::LedgerStore;
use lipia::values::{Clock, EatTime, SystemClock};
use lipia::{Client, Daraja, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use lipia_storm::Place;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The time that one call of a shop may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// What a push asks for, in whole KES.
const AMOUNT: u32 = 150;

/// The settings of one process.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkerArguments {
    /// The ledger's address
    #[arg(long)]
    ledger: String,
    /// Where the gateway is
    #[arg(long)]
    base_url: String,
    /// Where the gateway posts callbacks
    #[arg(long)]
    callback_url: String,
    /// The file for what the handler is told
    #[arg(long)]
    told: PathBuf,
    /// The number of this process
    #[arg(long)]
    life: u64,
    /// How many seconds its clock is ahead
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    clock_ahead: i64,
    /// How many times in a hundred the handler fails
    #[arg(long, default_value_t = 0)]
    handler_fails: u64,
    /// Where the process ends itself
    #[arg(long)]
    place: Option<Place>,
}

/// A line to whoever started the process. Nobody listens any more where it cannot be written.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _closed = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Runs a shop until its standard input ends.
///
/// # Errors
/// Why it cannot start.
pub(crate) fn run(arguments: &WorkerArguments) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &WorkerArguments) -> Result<(), String> {
    let wire = Arc::new(Wire::new(arguments.place, arguments.life));
    let store = crate::stores::open(&arguments.ledger)?;
    let client = client(arguments, Arc::new(Tripwire::new(store, Arc::clone(&wire))))?;
    let tellings = Tellings::open(
        &arguments.told,
        arguments.life,
        arguments.handler_fails,
        Arc::clone(&wire),
    )?;
    client.on_outcome(move |payment| tellings.take(payment));
    let port = callbacks::listen(client.clone()).await?;
    say(&format!("ready {port}"));
    let (sends, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sends.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = lines.recv().await {
        match *line.split(' ').collect::<Vec<_>>().as_slice() {
            ["push", request, order, phone] => {
                let (client, request) = (client.clone(), request.to_owned());
                let push = StkPush::new(phone, AMOUNT, order).order(order);
                tokio::spawn(async move { push_one(&client, &request, push).await });
            }
            ["calm"] => wire.cut(),
            _ => {}
        }
    }
    Ok(())
}

/// Requests a payment, and says what came of it.
async fn push_one(client: &Client, request: &str, push: StkPush) {
    let answer = match client.request(push).await {
        Ok(payment) => format!("ok {} {}", payment.id(), payment.outcome()),
        Err(error) => format!("error {} {}", error.code(), error.disposition()),
    };
    say(&format!("answered {request} {answer}"));
}

fn client(arguments: &WorkerArguments, store: Arc<dyn LedgerStore>) -> Result<Client, String> {
    let builder = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .base_url(&arguments.base_url)
        .callback_url(&arguments.callback_url)
        .timeout(TIMEOUT)
        .ledger(store);
    let builder = match arguments.clock_ahead {
        0 => builder,
        ahead => builder.clock(Arc::new(ClockAhead(ahead))),
    };
    builder.build().map_err(|error| error.to_string())
}

/// A clock that is so many seconds ahead of the system's.
#[derive(Debug)]
struct ClockAhead(i64);

impl Clock for ClockAhead {
    fn now(&self) -> EatTime {
        let ahead = self.0.saturating_mul(1_000);
        EatTime::from_unix_millis(SystemClock.now().unix_millis().saturating_add(ahead))
    }
}
