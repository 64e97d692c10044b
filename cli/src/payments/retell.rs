//! `lipia payments retell`: lets the shop's handler be told of a payment once more.

use super::Ended;
use super::print::{Shown, print};
use crate::arguments::Retell;
use crate::exit::Exit;
use crate::output;
use crate::output::{Output, reported};
use crate::progress::Spinner;
use lipia::Error;
use lipia::client::Ledger;
use lipia::ledger::Search;
use lipia::payment::PaymentState;
use lipia::values::EatTime;
use serde_json::json;

/// How many payments are read at once.
const PAGE: usize = 200;

pub(super) async fn run(arguments: &Retell) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let mut exit = Exit::Done;
    if let Some(since) = arguments.since {
        let retold = all_since(&ledger, since, output).await;
        retold.map_err(reported(output))?;
    }
    for id in &arguments.payments {
        if let Err(error) = one(&ledger, id, output).await {
            output.error_with(&error, &json!({ "id": id }));
            exit = exit.or(Exit::of_error(&error));
        }
    }
    if exit == Exit::Done {
        output::tell("A process that has a handler tells the shop.");
    }
    Ok(exit)
}

async fn all_since(ledger: &Ledger, since: EatTime, output: Output) -> Result<(), Error> {
    let _spinner = Spinner::start("marking payments");
    let mut search = Search::of(ledger.scope().clone());
    search.state = Some(PaymentState::Settled);
    search.since = Some(since);
    let mut page = None;
    loop {
        let found = ledger.search(&search, page, PAGE).await?;
        for payment in &found.payments {
            one(ledger, payment.id().as_str(), output).await?;
        }
        page = found.next;
        if page.is_none() {
            return Ok(());
        }
    }
}

async fn one(ledger: &Ledger, id: &str, output: Output) -> Result<(), Error> {
    let payment = ledger.retell(id).await?;
    print(&payment, Shown::Masked, output);
    Ok(())
}
