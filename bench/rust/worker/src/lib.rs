//! The process in which one peer is measured, so that its CPU time, its memory and its mistakes are its own.
//!
//! It reads commands, a JSON object a line, and answers each with one. `bench/python/worker.py` and
//! `bench/node/worker.mjs` speak the same.

mod memory;

use cpu_time::ProcessTime;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

pub use memory::kib_of_this_process;

/// A gateway on this machine, and the keys to it.
#[derive(Clone, Debug, Deserialize)]
pub struct Where {
    pub base_url: String,
    pub consumer_key: String,
    pub consumer_secret: String,
    pub short_code: String,
    pub pass_key: String,
    pub callback_url: String,
    /// How long a client waits for an answer.
    pub timeout_seconds: u64,
}

/// The sale that everybody pushes.
pub mod sale {
    pub const PHONE_NUMBER: &str = "0712345678";
    pub const PHONE_NUMBER_INTERNATIONAL: &str = "254712345678";
    pub const AMOUNT: u32 = 150;
    pub const DESCRIPTION: &str = "Coffee";
}

/// Someone who pushes.
pub trait Pusher: Sized {
    /// Makes the client, with a token where that is made by hand.
    ///
    /// # Errors
    /// Why it cannot be made.
    fn make(place: &Where) -> impl Future<Output = Result<Self, String>>;

    /// Pushes once.
    ///
    /// # Errors
    /// The error's name, as the caller is told it.
    fn push(&self, reference: String) -> impl Future<Output = Result<(), String>>;
}

/// A peer that reads callbacks and does not push.
#[derive(Debug)]
pub struct NoPusher;

impl Pusher for NoPusher {
    async fn make(_: &Where) -> Result<Self, String> {
        Err("it pushes nothing".to_owned())
    }

    async fn push(&self, _: String) -> Result<(), String> {
        Err("it pushes nothing".to_owned())
    }
}

/// Reads a callback, and keeps the compiler from leaving that out.
pub type Parse = fn(&[u8]) -> Result<(), String>;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    Make {
        r#where: Where,
        mode: String,
    },
    Push {
        pieces: u32,
        in_flight: usize,
    },
    PushOnce,
    PushAtOnce {
        pieces: u32,
    },
    Parse {
        pieces: u32,
        body: String,
    },
    Memory,
    /// A library of Rust is no file of its own.
    Size,
}

/// Answers commands until there are none.
pub fn run<P: Pusher>(version: &str, parse: Option<Parse>) {
    let mut worker = Worker::<P> {
        made: None,
        parse,
        sales: 0,
    };
    say(&json!({ "version": version, "language": concat!("Rust ", env!("BENCH_RUSTC")) }));
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        let answer = serde_json::from_str(&line)
            .map_err(|error| format!("a command that is not understood: {error}"))
            .and_then(|command| worker.answer(command));
        say(&answer.unwrap_or_else(|reason| json!({ "failed": reason })));
    }
}

/// Says why a peer cannot be measured at all.
pub fn fail(reason: &str) {
    say(&json!({ "failed": reason }));
}

fn say(answer: &Value) {
    let mut out = std::io::stdout().lock();
    // Nobody who listens is no reason to complain: this process ends with its input.
    let _ = writeln!(out, "{answer}");
    let _ = out.flush();
}

struct Worker<P> {
    made: Option<(Runtime, P)>,
    parse: Option<Parse>,
    sales: u64,
}

impl<P: Pusher> Worker<P> {
    fn answer(&mut self, command: Command) -> Result<Value, String> {
        match command {
            Command::Make { r#where, mode } => self.make(&r#where, &mode),
            Command::Push { pieces, in_flight } => self.push(pieces, in_flight),
            Command::PushOnce => self
                .push_at_once(1)
                .map(|ended| json!({ "ended": ended[0] })),
            Command::PushAtOnce { pieces } => self
                .push_at_once(pieces)
                .map(|ended| json!({ "ended": ended })),
            Command::Parse { pieces, body } => self.read(pieces, body.as_bytes()),
            Command::Memory => Ok(json!({
                "resident_bytes": kib_of_this_process("VmRSS:") * 1024,
                "peak_bytes": kib_of_this_process("VmHWM:") * 1024,
            })),
            Command::Size => Ok(json!({})),
        }
    }

    fn make(&mut self, place: &Where, mode: &str) -> Result<Value, String> {
        let runtime = match mode {
            "current-thread" => Builder::new_current_thread().enable_all().build(),
            "multi-thread" => Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build(),
            other => return Err(format!("there is no runtime {other}")),
        };
        let runtime = runtime.map_err(|error| error.to_string())?;
        let client = runtime.block_on(P::make(place))?;
        self.made = Some((runtime, client));
        Ok(json!({}))
    }

    fn references(&mut self, pieces: u32) -> (&Runtime, &P, impl Iterator<Item = String> + use<P>) {
        let first = self.sales + 1;
        self.sales += u64::from(pieces);
        let (runtime, client) = self.made.as_ref().expect("the client is made first");
        (
            runtime,
            client,
            (first..first + u64::from(pieces)).map(|sale| format!("INV-{sale:06}")),
        )
    }

    fn push(&mut self, pieces: u32, in_flight: usize) -> Result<Value, String> {
        let (runtime, client, references) = self.references(pieces);
        measured(|| {
            runtime.block_on(async {
                let mut failed = None;
                let pushes = stream::iter(references).map(|reference| client.push(reference));
                let mut pushes = pushes.buffer_unordered(in_flight);
                while let Some(ended) = pushes.next().await {
                    failed = failed.or(ended.err());
                }
                failed.map_or(Ok(()), Err)
            })
        })
    }

    fn push_at_once(&mut self, pieces: u32) -> Result<Vec<String>, String> {
        let (runtime, client, references) = self.references(pieces);
        let ended = runtime.block_on(join_all(references.map(|reference| client.push(reference))));
        Ok(ended
            .into_iter()
            .map(|ended| ended.err().unwrap_or_else(|| "accepted".to_owned()))
            .collect())
    }

    fn read(&self, pieces: u32, body: &[u8]) -> Result<Value, String> {
        let parse = self.parse.ok_or("it reads no callback")?;
        measured(|| (0..pieces).try_for_each(|_| parse(body)))
    }
}

/// User and system time of this process alone, and the clock's.
fn measured(work: impl FnOnce() -> Result<(), String>) -> Result<Value, String> {
    let (clock, processor) = (Instant::now(), ProcessTime::now());
    work()?;
    let seconds = |time: Duration| time.as_secs_f64();
    Ok(
        json!({ "cpu_seconds": seconds(processor.elapsed()), "wall_seconds": seconds(clock.elapsed()) }),
    )
}
