//! `lipia payments check` and `migrate`: whether the ledger can be used, and its tables in this version.

use super::Ended;
use crate::arguments::Check;
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output;
use crate::output::{Output, reported};
use crate::progress::Spinner;
use lipia::client::Ledger;
use serde_json::json;

pub(super) async fn run(arguments: &Check) -> Ended {
    let ledger = arguments.place.ledger()?;
    report(&ledger, arguments.place.output()).await
}

/// The first command that opens a ledger makes its tables, or adds to them.
pub(super) async fn migrate(arguments: &Check) -> Ended {
    let output = arguments.place.output();
    let place =
        LedgerAt::needed(&arguments.place.ledger).map_err(|refusal| refusal.report(output))?;
    let ledger = place
        .open(&arguments.place.connection)
        .map_err(|error| error.report(output))?;
    report(&ledger, output).await
}

async fn report(ledger: &Ledger, output: Output) -> Ended {
    let spinner = Spinner::start("reading the ledger");
    let report = ledger.report().await;
    drop(spinner);
    let report = report.map_err(reported(output))?;
    let scope = ledger.scope();
    for warning in &report.warnings {
        output::tell(&format!("lipia: warning: {warning}"));
    }
    if output.as_json {
        output.json(&json!({
            "ok": true,
            "place": report.place,
            "version": report.version,
            "bytes": report.bytes,
            "environment": scope.environment(),
            "shop": scope.shop(),
            "payments": report.payments,
            "open": report.open,
            "owed": report.owed,
            "warnings": report.warnings,
        }));
        return Ok(Exit::Done);
    }
    let version = report.version.map(|it| format!(", version {it}"));
    let bytes = report.bytes.map(|it| format!(", {} KB", it / 1_000));
    output.line(&format!(
        "ok  {}{}{}",
        report.place,
        version.unwrap_or_default(),
        bytes.unwrap_or_default()
    ));
    output.line(&format!(
        "    shop {}, {}: {} payments, {} open, {} owed",
        scope.shop(),
        scope.environment(),
        report.payments,
        report.open,
        report.owed
    ));
    Ok(Exit::Done)
}
