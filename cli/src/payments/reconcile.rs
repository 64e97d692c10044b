//! `lipia payments reconcile`: asks about payments that are due and judges callbacks that wait. It has no handler, so it tells
//! no outcomes.

use super::Ended;
use crate::arguments::Reconcile;
use crate::exit::Exit;
use crate::output::reported;
use crate::progress::Spinner;
use lipia::Error;
use lipia::client::Payments;
use serde_json::json;

/// What all passes did together.
#[derive(Default)]
struct Done {
    senders_died: usize,
    judged: usize,
    asked: usize,
}

pub(super) async fn run(arguments: &Reconcile) -> Ended {
    let output = arguments.place.output();
    let connected = arguments.place.connect(None).await?;
    let payments = connected.client.payments();
    let spinner = Spinner::start("asking about what is due");
    let done = all_passes(&payments).await;
    drop(spinner);
    let report = match &done {
        Ok(_) => payments.ledger().report().await,
        Err(_) => Ok(Default::default()),
    };
    connected.end().await;
    let done = done.map_err(reported(output))?;
    let report = report.map_err(reported(output))?;
    if output.as_json {
        output.json(&json!({
            "senders_died": done.senders_died,
            "judged": done.judged,
            "asked": done.asked,
            "open": report.open,
            "owed": report.owed,
            "told": 0,
            "has_handler": false,
        }));
        return Ok(Exit::Done);
    }
    output.line(&format!(
        "{} senders died, {} callbacks judged, {} asked, {} open, {} owed, no handler here",
        done.senders_died, done.judged, done.asked, report.open, report.owed
    ));
    Ok(Exit::Done)
}

/// Passes until one finds nothing to do: each takes a bounded number of payments.
async fn all_passes(payments: &Payments) -> Result<Done, Error> {
    let mut done = Done::default();
    loop {
        let pass = payments.reconcile().await?;
        if pass.senders_died + pass.judged + pass.asked == 0 {
            return Ok(done);
        }
        done.senders_died += pass.senders_died;
        done.judged += pass.judged;
        done.asked += pass.asked;
    }
}
