//! `lipia payments import`: takes over payments that a program kept as JSON.

use super::Ended;
use super::print::{Shown, members};
use crate::arguments::Import;
use crate::connect::{ConnectOptions, Connected, connect};
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output;
use crate::output::Output;
use crate::progress::Spinner;
use crate::target::Target;
use lipia::client::{self, Imported, Ledger};
use lipia::error::ErrorCode;
use lipia::ledger::Order;
use lipia::{Error, Payment};
use serde_json::json;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

/// Larger than the payments of a shop's year.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

pub(super) async fn run(arguments: &Import) -> Ended {
    let output = arguments.place.output();
    let into = Into::open(arguments).await?;
    let _spinner = Spinner::start("importing payments");
    let mut exit = Exit::Done;
    for file in &arguments.files {
        let name = file.to_string_lossy();
        let ended = match read(file) {
            Ok(text) => into_ledger(&into, &text, &name, arguments, output).await,
            Err(error) => {
                output::complain(&format!("{name}: {error}"));
                if output.as_json {
                    let error = json!({ "code": ErrorCode::FileUnreadable.as_str() });
                    output.json(&json!({ "file": name, "error": error }));
                }
                Exit::CouldNotRun
            }
        };
        exit = exit.or(ended);
    }
    into.end().await;
    Ok(exit)
}

/// What payments are imported into: with credentials the ledger of a client, whose account can ask about them.
enum Into {
    Client(Box<Connected>),
    Ledger(Ledger),
}

impl Into {
    async fn open(arguments: &Import) -> Result<Self, Exit> {
        let output = arguments.place.output();
        let connection = &arguments.place.connection;
        let refused = |refusal: Box<crate::refusal::Refusal>| refusal.report(output);
        let place = LedgerAt::needed(&arguments.place.ledger).map_err(refused)?;
        let target = Target::of(connection).map_err(refused)?;
        if !target.has_credentials {
            let ledger = place.open(connection);
            return ledger
                .map(Self::Ledger)
                .map_err(|error| error.report(output));
        }
        let options = ConnectOptions {
            ledger: Some(place),
            ..ConnectOptions::default()
        };
        let connected = connect(target, options).await;
        connected
            .map(|connected| Self::Client(Box::new(connected)))
            .map_err(|error| error.report(output))
    }

    async fn import(&self, payment: Payment, import: &client::Import) -> Result<Imported, Error> {
        match self {
            Self::Client(connected) => connected.client.payments().import(payment, import).await,
            Self::Ledger(ledger) => ledger.import(payment, import).await,
        }
    }

    async fn end(self) {
        if let Self::Client(connected) = self {
            connected.end().await;
        }
    }
}

fn read(file: &OsStr) -> io::Result<String> {
    let mut text = String::new();
    if file == "-" {
        io::stdin()
            .lock()
            .take(MAX_BYTES)
            .read_to_string(&mut text)?;
    } else {
        File::open(file)?
            .take(MAX_BYTES)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Imports every payment of a file: one JSON object after another, on lines of their own or not.
async fn into_ledger(
    into: &Into,
    text: &str,
    file: &str,
    arguments: &Import,
    output: Output,
) -> Exit {
    let mut exit = Exit::Done;
    let values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    // What follows a damaged value cannot be read: the values end with it.
    let mut texts: Vec<String> = values
        .map(|value| value.map_or_else(|_| String::new(), |value| value.to_string()))
        .collect();
    if texts.is_empty() {
        texts.push(String::new());
    }
    for (number, text) in (1_usize..).zip(&texts) {
        let imported = match Payment::from_json(text) {
            Ok(payment) => one(into, payment, arguments).await,
            Err(error) => Err(error),
        };
        match imported {
            Ok(imported) => print(&imported, file, output),
            Err(error) => {
                if !output.as_json {
                    output::complain(&format!("{file}, payment {number}:"));
                }
                output.error_with(&error, &json!({ "file": file, "number": number }));
                exit = exit.or(Exit::of_error(&error));
            }
        }
    }
    exit
}

async fn one(into: &Into, payment: Payment, arguments: &Import) -> Result<Imported, Error> {
    let mut import = client::Import::default().told(arguments.tell);
    if arguments.order_is_reference {
        import = import.order(Order::parse(payment.push().account_reference.as_str())?);
    }
    into.import(payment, &import).await
}

fn print(imported: &Imported, file: &str, output: Output) {
    if output.as_json {
        let mut line = members(&imported.payment, Shown::Masked);
        line.insert("file".to_owned(), file.into());
        line.insert("import".to_owned(), imported.change.as_str().into());
        line.insert("order_is_held".to_owned(), imported.order_is_held.into());
        output.json(&line);
        return;
    }
    let what = super::print::in_a_line(&imported.payment, Shown::Masked);
    output.line(&format!("{:<6}  {what}", imported.change.as_str()));
    if imported.order_is_held {
        output.line("        Another payment holds its order.");
    }
}
