//! `make storm`: shops as processes of their own that share one ledger, killed and stopped while they sell; a table, and
//! whether every promise held.

mod driver;
mod stores;
mod worker;

use clap::{Parser, Subcommand, ValueEnum};
use driver::Plan;
use driver::ledger::Ledger;
use lipia_storm::{Column, PostgresServer, table};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use worker::WorkerArguments;

/// The ledger under real processes: killed, stopped and restarted, judged by the gateway's books
#[derive(Debug, Parser)]
#[command(
    name = "storm",
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    after_help = "Exit status: 0 every promise held, 1 one was broken, 2 it could not run or was told to end."
)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// How many orders each storm sells
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=900_000))]
    orders: u64,
    /// How many orders are sold without any trouble
    #[arg(long, value_name = "N", default_value_t = 200)]
    calm_orders: u64,
    /// The store, where not all are wanted
    #[arg(long, value_enum)]
    store: Option<Store>,
    /// How many processes the shop has
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..=16))]
    processes: u8,
    /// What chance begins with
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The shortest and the longest pause between two kills at random, in milliseconds
    #[arg(long, value_name = "MS", num_args = 2, default_values_t = [300, 1_500])]
    kill_pauses: Vec<u64>,
    /// Where ledgers and the shop's files go; emptied first
    #[arg(long, value_name = "FOLDER", default_value = "target/storm")]
    folder: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// One process of the shop, which a storm starts
    #[command(hide = true)]
    Worker(WorkerArguments),
}

/// The stores that a storm can run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    /// A file
    Sqlite,
    /// A server of the storm's own
    Postgres,
}

impl Arguments {
    fn kill_pauses(&self) -> (u64, u64) {
        match *self.kill_pauses.as_slice() {
            [shortest, longest] => (shortest, longest),
            _ => (300, 1_500),
        }
    }

    /// The stores to run on: a server, or `None` for a file. Both where none is named, but for PostgreSQL where its programs are
    /// not there.
    ///
    /// # Errors
    /// Why the server does not start.
    fn stores(&self) -> Result<Vec<Option<Arc<PostgresServer>>>, String> {
        let mut stores = Vec::new();
        if self.store != Some(Store::Postgres) {
            stores.push(None);
        }
        match (self.store, PostgresServer::programs()) {
            (Some(Store::Sqlite), _) => {}
            (_, Some(programs)) => stores.push(Some(Arc::new(PostgresServer::start(programs)?))),
            (None, None) => tell("PostgreSQL's programs are not there: SQLite alone is run."),
            (Some(Store::Postgres), None) => {
                return Err(
                    "PostgreSQL's programs are not there: install the package postgresql."
                        .to_owned(),
                );
            }
        }
        Ok(stores)
    }
}

/// How far it is, for people.
pub(crate) fn tell(line: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Part::Worker(worker)) = &arguments.part {
        return match worker::run(worker) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error),
        };
    }
    match storm_until_told_to_end(&arguments) {
        Ok(columns) => {
            let text = table(&columns);
            let has_held = columns.iter().all(Column::has_held);
            let verdict = if has_held {
                "Every promise held."
            } else {
                "A promise was broken."
            };
            let printed = writeln!(std::io::stdout().lock(), "{text}\n{verdict}");
            match (has_held, printed) {
                (true, Ok(())) => ExitCode::SUCCESS,
                (false, Ok(())) => ExitCode::from(1),
                (_, Err(_)) => ExitCode::from(2),
            }
        }
        Err(error) => complain(&error),
    }
}

fn complain(error: &str) -> ExitCode {
    tell(error);
    ExitCode::from(2)
}

/// Carries out the storms, unless a signal says to end. Whatever they started has ended when this returns.
///
/// # Errors
/// Why they could not run, or the signal.
fn storm_until_told_to_end(arguments: &Arguments) -> Result<Vec<Column>, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let told_to_end = told_to_end()?;
        // The signal first: a storm that it interrupts has errors to tell as well.
        tokio::select! {
            biased;
            signal = told_to_end => Err(format!("The storm was ended by {signal}.")),
            columns = storm(arguments) => columns,
        }
    })
}

/// Resolves to the name of a signal that says to end, from now on.
///
/// # Errors
/// Why signals cannot be heard.
fn told_to_end() -> Result<impl Future<Output = &'static str>, String> {
    let heard = |kind| signal(kind).map_err(|error| error.to_string());
    let mut interrupt = heard(SignalKind::interrupt())?;
    let mut terminate = heard(SignalKind::terminate())?;
    let mut hang_up = heard(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
            _ = hang_up.recv() => "SIGHUP",
        }
    })
}

async fn storm(arguments: &Arguments) -> Result<Vec<Column>, String> {
    let mut columns = Vec::new();
    for store in arguments.stores()? {
        for is_calm in [true, false] {
            let folder = emptied(
                &arguments
                    .folder
                    .join(if is_calm { "calm" } else { "storm" }),
            )?;
            let (name, ledger) = match &store {
                Some(server) => {
                    let schema = if is_calm { "calm" } else { "storm" };
                    ("PostgreSQL", Ledger::Postgres(Arc::clone(server), schema))
                }
                None => ("SQLite", Ledger::Sqlite(folder.join("payments.db"))),
            };
            let plan = Plan {
                name: format!("{name}{}", if is_calm { ", calm" } else { "" }),
                ledger,
                orders: if is_calm {
                    arguments.calm_orders
                } else {
                    arguments.orders
                },
                folder,
                processes: usize::from(arguments.processes),
                seed: arguments.seed,
                is_calm,
                kill_pauses: arguments.kill_pauses(),
            };
            columns.push(driver::run(&plan).await?);
        }
    }
    Ok(columns)
}

/// An empty folder.
fn emptied(folder: &Path) -> Result<PathBuf, String> {
    let said = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(said)?;
    }
    std::fs::create_dir_all(folder).map_err(said)?;
    std::fs::canonicalize(folder).map_err(said)
}
