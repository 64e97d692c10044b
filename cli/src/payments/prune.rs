//! `lipia payments prune`: deletes personal data that nobody needs any more.

use super::Ended;
use crate::arguments::Prune;
use crate::exit::Exit;
use crate::output::reported;
use crate::progress::Spinner;
use serde_json::json;

pub(super) async fn run(arguments: &Prune) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let spinner = Spinner::start("reading settled payments");
    let pruned = if arguments.dry_run {
        ledger.prunable(arguments.older_than).await
    } else {
        ledger.prune(arguments.older_than).await
    };
    drop(spinner);
    let pruned = pruned.map_err(reported(output))?;
    if output.as_json {
        output.json(&json!({
            "pruned": pruned.payments,
            "unfinished": pruned.unfinished,
            "dry_run": arguments.dry_run,
        }));
        return Ok(Exit::Done);
    }
    let what = if arguments.dry_run {
        "would lose their personal data"
    } else {
        "lost their personal data"
    };
    output.line(&format!("{} payments {what}.", pruned.payments));
    if pruned.unfinished > 0 {
        output.line(&format!(
            "{} are as old and were left: something is still to be learnt or told of them.",
            pruned.unfinished
        ));
    }
    Ok(Exit::Done)
}
