//! The records at the end of a run: the gateway's, the shop's and the ledger's.

use crate::driver::balancer::Balancer;
use crate::driver::workers::Workers;
use crate::stores::judged;
use lipia::ledger::{LedgerStore, Row, Scope, Search};
use lipia::payment::PaymentState;
use lipia::values::Environment;
use lipia_sandbox::{PaymentState as PromptState, Sandbox};
use lipia_storm::{Ended, Evidence, Prompt, Told, payment_of_url};
use std::collections::HashMap;
use std::path::Path;

/// How many rows of the ledger are read at once.
const PAGE: usize = 500;

/// All rows of the ledger.
///
/// # Errors
/// What the store says.
pub(crate) async fn rows(store: &dyn LedgerStore) -> Result<Vec<Row>, String> {
    let search = Search::of(Scope::default_of(Environment::Sandbox));
    let mut rows = Vec::new();
    let mut before = None;
    loop {
        let page = store.list(&search, before, PAGE).await;
        let page = page.map_err(|error| error.to_string())?;
        before = page.last().map(|row| row.seq);
        let is_full = page.len() == PAGE;
        rows.extend(page);
        if !is_full {
            return Ok(rows);
        }
    }
}

/// The gateway's prompts.
pub(crate) fn prompts(sandbox: &Sandbox) -> Vec<Prompt> {
    let payments = sandbox
        .payments()
        .into_iter()
        .filter(|payment| payment.prompted);
    payments
        .map(|payment| Prompt {
            payment: payment_of_url(&payment.callback_url)
                .unwrap_or_default()
                .to_owned(),
            order: payment.reference,
            accepted_at: payment.accepted_at_seconds,
            ended: match payment.state {
                PromptState::Open => Ended::Open,
                PromptState::Paid => Ended::Paid {
                    receipt: payment.receipt.unwrap_or_default(),
                },
                PromptState::NotPaid => Ended::NotPaid {
                    at: payment.settled_at_seconds.unwrap_or(f64::INFINITY),
                },
            },
        })
        .collect()
}

/// What is still on its way: `None` where nothing is, and the ledger may be judged.
pub(crate) fn on_its_way(rows: &[Row], prompts: &[Prompt]) -> Option<String> {
    let ended: HashMap<&str, bool> = prompts
        .iter()
        .map(|prompt| (prompt.payment.as_str(), prompt.ended != Ended::Open))
        .collect();
    let is_decided = |row: &Row| ended.get(row.id().as_str()).copied();
    let count =
        |is_counted: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| is_counted(row)).count();
    let holders: HashMap<&str, &Row> = rows
        .iter()
        .filter(|row| row.holds_order)
        .filter_map(|row| Some((row.order.as_ref()?.as_str(), row)))
        .collect();
    // A failure whose order another payment holds is told once that one's push is known to have left, or not.
    let is_put_off = |row: &Row| {
        let holder = row
            .order
            .as_ref()
            .and_then(|order| holders.get(order.as_str()));
        !row.payment.is_paid() && holder.is_some_and(|holder| holder.id() != row.id())
    };
    let owed = count(&|row| row.is_owed() && !is_put_off(row));
    let sending = count(&|row| row.lease_until.is_some());
    let open = count(&|row| {
        let is_open = matches!(
            row.payment.state(),
            PaymentState::Unknown | PaymentState::Accepted
        );
        is_open && row.payment.checkout_request_id().is_some() && is_decided(row) == Some(true)
    });
    let prompted = prompts
        .iter()
        .filter(|prompt| prompt.ended == Ended::Open)
        .count();
    let is_quiet = owed + sending + open + prompted == 0;
    (!is_quiet).then(|| {
        format!(
            "{owed} owed, {sending} being sent, {open} to be asked about, {prompted} phones ring"
        )
    })
}

/// What the run leaves behind.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn evidence(
    folder: &Path,
    sandbox: &Sandbox,
    balancer: &Balancer,
    workers: &Workers,
    rows: &[Row],
) -> Result<Evidence, String> {
    Ok(Evidence {
        prompts: prompts(sandbox),
        delivered: balancer.delivered(),
        told: tellings(folder)?,
        rows: rows.iter().map(judged).collect(),
        troubled: workers.troubled(),
        unanswered: workers.complaints(),
        ..Evidence::default()
    })
}

/// The lines of all handlers. The last line of a process that was killed may be cut off.
fn tellings(folder: &Path) -> Result<Vec<Told>, String> {
    let mut told = Vec::new();
    let files = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    for file in files {
        let path = file.map_err(|error| error.to_string())?.path();
        if path
            .extension()
            .is_none_or(|extension| extension != "jsonl")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let whole = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        for line in whole {
            let line: Told = serde_json::from_str(line)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            told.push(line);
        }
    }
    Ok(told)
}
