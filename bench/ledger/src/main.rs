//! What the ledger costs, beside the same work by hand: `bench/ledger/run` starts this program.

mod by_hand;
mod clock;
mod lives;
mod lookups;
mod rows;
mod wake;

#[path = "../../../storm/src/driver/postgres.rs"]
#[allow(dead_code, reason = "the storm crashes its server as well")]
mod postgres;

use lipia::ledger::{LedgerStore, PostgresLedger, SqliteLedger};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A store to measure: its name, its address, and the address of an empty database for the work by hand.
struct Subject {
    name: &'static str,
    address: String,
    by_hand: String,
    rows: String,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["write", address, id] => run(wake::write(address, id)),
        [folder, lives, rows] => match (lives.parse(), rows.parse()) {
            (Ok(lives), Ok(rows)) => run(measure(Path::new(folder), lives, rows)),
            _ => Err("LIVES and ROWS are numbers".into()),
        },
        _ => Err("lipia-ledger-bench FOLDER LIVES ROWS".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(work: impl Future<Output = Result<(), Trouble>>) -> Result<(), Trouble> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(work)
}

/// The store at an address.
fn open(address: &str) -> Result<Arc<dyn LedgerStore>, Trouble> {
    Ok(if address.starts_with("sqlite:") {
        Arc::new(SqliteLedger::from_address(address)?)
    } else {
        Arc::new(PostgresLedger::at(address)?)
    })
}

async fn measure(folder: &Path, lives: u32, rows: u32) -> Result<(), Trouble> {
    std::fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    let file = |name: &str| emptied(folder.join(name)).map(|path| format!("sqlite://{}", path.display()));
    let mut subjects = vec![Subject {
        name: "SQLite",
        address: file("ledger.db")?,
        by_hand: file("by-hand.db")?,
        rows: file("rows.db")?,
    }];
    let server = postgres::programs().map(postgres::PostgresServer::start).transpose()?;
    match &server {
        Some(server) => subjects.push(Subject {
            name: "PostgreSQL",
            address: format!("{}?schema=bench", server.address()),
            by_hand: server.address(),
            rows: format!("{}?schema=bench_rows", server.address()),
        }),
        None => eprintln!("PostgreSQL's programs are not there: SQLite alone is measured."),
    }
    println!("| | store | Lipia | by hand | Lipia to by hand |");
    println!("|---|---|--:|--:|--:|");
    for subject in &subjects {
        eprintln!("{}: claims and lives", subject.name);
        lives::measure(subject, lives).await?;
        eprintln!("{}: wakes", subject.name);
        wake::measure(subject).await?;
        eprintln!("{}: {rows} rows", subject.name);
        lookups::measure(subject, rows).await?;
    }
    Ok(())
}

/// A path at which there is no database.
fn emptied(path: PathBuf) -> Result<PathBuf, Trouble> {
    for end in ["", "-wal", "-shm"] {
        let file = format!("{}{end}", path.display());
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(path)
}
