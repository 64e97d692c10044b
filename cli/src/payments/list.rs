//! `lipia payments list`: finds payments by state, receipt, phone number, reference or order.

use super::Ended;
use super::print::{Shown, print};
use crate::arguments::List;
use crate::exit::Exit;
use crate::output::{self, reported};
use lipia::client::Ledger;
use lipia::ledger::{Order, Search};
use lipia::payment::PaymentState;
use lipia::{Error, PhoneNumber};
use serde_json::json;

/// How many payments are read at once where all are listed.
const PAGE: usize = 200;

/// What `--state` names beside `open` and `owed`.
const STATES: [PaymentState; 5] = [
    PaymentState::Reserved,
    PaymentState::Sending,
    PaymentState::Unknown,
    PaymentState::Accepted,
    PaymentState::Settled,
];

pub(super) async fn run(arguments: &List) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let search = search(arguments, &ledger).map_err(reported(output))?;
    let shown = Shown::of(arguments.unmasked);
    let most = if arguments.all {
        PAGE
    } else {
        usize::from(arguments.limit)
    };
    let mut page = arguments.page;
    let mut is_empty = true;
    loop {
        let found = ledger.search(&search, page, most).await;
        let found = found.map_err(reported(output))?;
        for payment in &found.payments {
            is_empty = false;
            print(payment, shown, output);
        }
        page = found.next;
        if page.is_none() || !arguments.all {
            break;
        }
    }
    if is_empty {
        let scope = ledger.scope();
        output::tell(&format!(
            "No such payment of the shop {} in {}.",
            scope.shop(),
            scope.environment()
        ));
    }
    if let Some(next) = page {
        if output.as_json {
            output.json(&json!({ "next": next }));
        }
        output::tell(&format!("There may be more: --page {next}, or --all."));
    }
    Ok(Exit::Done)
}

fn search(arguments: &List, ledger: &Ledger) -> Result<Search, Error> {
    let mut search = Search::of(ledger.scope().clone());
    match arguments.state.as_deref() {
        None => {}
        Some("open") => search.only_open = true,
        Some("owed") => search.only_owed = true,
        Some(word) => search.state = STATES.into_iter().find(|state| state.as_str() == word),
    }
    search.receipt = arguments.receipt.as_deref().map(written_as_mpesa_does);
    let phone = arguments.phone.as_deref().map(PhoneNumber::parse);
    search.phone_number = phone.transpose()?;
    search.reference.clone_from(&arguments.reference);
    search.order = arguments.order.as_deref().map(Order::parse).transpose()?;
    search.since = arguments.since;
    Ok(search)
}

/// A receipt in capitals, as it is kept.
pub(super) fn written_as_mpesa_does(receipt: &str) -> String {
    receipt.trim().to_ascii_uppercase()
}
