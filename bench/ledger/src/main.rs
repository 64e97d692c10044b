//! `make bench-ledger`: the figures of the ledger, as a table. Progress is told on standard error.

use clap::{Parser, Subcommand};
use lipia_bench_ledger::{
    Amounts, Column, Place, Trouble, about, measure, table, wait_for_lines, write_results,
};
use lipia_storm::PostgresServer;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// The ledger beside the same work by hand
#[derive(Debug, Parser)]
#[command(name = "lipia-bench-ledger", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Little of everything: enough to see that it runs
    #[arg(long)]
    quick: bool,
    /// Rows of the large table [default: 1,000,000]
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// Writes the figures into bench/RESULTS.md as well
    #[arg(long)]
    results: bool,
    /// Where the files go; emptied first
    #[arg(long, value_name = "FOLDER", default_value = "target/bench-ledger")]
    folder: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// The other process, whose waits end
    #[command(hide = true)]
    Wait {
        /// The ledger's address, or the database of the work by hand
        address: String,
        /// Waits as one does by hand
        #[arg(long)]
        by_hand: bool,
    },
}

fn tell(line: &str) {
    eprintln!("{line}");
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match &arguments.part {
        Some(Part::Wait { address, by_hand }) => wait_for_lines(address, *by_hand).await,
        None => tokio::select! {
            // What a run has started ends with what it holds.
            biased;
            told = told_to_end() => Err(told),
            ran = run(&arguments) => ran,
        },
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn told_to_end() -> Trouble {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate)] = signals else {
        return "signals cannot be heard".into();
    };
    tokio::select! {
        _ = interrupt.recv() => "ended by SIGINT".into(),
        _ = terminate.recv() => "ended by SIGTERM".into(),
    }
}

async fn run(arguments: &Arguments) -> Result<(), Trouble> {
    let mut amounts = if arguments.quick {
        Amounts::few()
    } else {
        Amounts::whole()
    };
    amounts.rows = arguments.rows.unwrap_or(amounts.rows);
    let program = std::env::current_exe()?;
    let began = about();
    let programs = PostgresServer::programs();
    let programs = programs.ok_or("PostgreSQL's programs are not there: run .ci/postgresql")?;
    let mut columns: Vec<Column> = Vec::new();
    let sqlite = Place::sqlite(&arguments.folder)?;
    columns.push(measure(&sqlite, &amounts, &program, tell).await?);
    let server = tokio::task::spawn_blocking(|| PostgresServer::start(programs)).await??;
    let postgres = Place::Postgres(Arc::new(server));
    columns.push(measure(&postgres, &amounts, &program, tell).await?);
    let figures = format!("{began}\n\n{}", table(&columns, &amounts));
    println!("{figures}");
    if arguments.results {
        write_results(&figures)?;
    }
    Ok(())
}
