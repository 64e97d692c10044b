//! The story of one world, from its beginning to its end.

use crate::fault::FaultKind;
use crate::plan::{Keeping, Plan};
use crate::run::{Report, SaleReport};
use crate::world::order::End;
use std::fmt::Write as _;

/// What happened in a world that was run with its story told, and what became of each of its sales.
#[must_use]
pub fn story(plan: &Plan, report: &Report) -> String {
    let mut text = format!("{}\n\n", shop(plan));
    for line in &report.trace {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text);
    for (number, sale) in report.sales.iter().enumerate() {
        let _ = writeln!(text, "sale {number}: {}", fate(sale));
    }
    text
}

fn shop(plan: &Plan) -> String {
    let keeping = match plan.keeping {
        Keeping::Store => "has a payment store",
        Keeping::Itself => "saves its payments itself",
        Keeping::Nothing => "calls `collect` and keeps nothing",
        Keeping::Acceptance => "keeps acceptances alone, and asks",
        Keeping::Ledger => "requests orders of a ledger, which its processes share",
    };
    let mut text = format!(
        "World {}: {} sales through {}. The shop {keeping}",
        plan.seed,
        plan.sales.len(),
        plan.gateway
    );
    if plan.confirms {
        text.push_str(", has each success confirmed");
    }
    if plan.guarded {
        text.push_str(", counts failures with the guard");
    }
    let _ = write!(
        text,
        ". A call has {} s, a token lives {} s.",
        plan.timeout_ms / 1_000,
        plan.token_seconds
    );
    text
}

fn fate(sale: &SaleReport) -> String {
    let end = match (sale.end, sale.is_paid) {
        (End::Paid, _) => "paid",
        (End::NotPaid, _) => "not paid",
        (End::NotPrompted, _) => "nobody was prompted",
        (End::Open, true) => "unknown, still asked about (the customer has paid)",
        (End::Open, false) => "unknown, still asked about (nobody has paid)",
    };
    let faults: Vec<&str> = FaultKind::ALL
        .iter()
        .filter(|(kind, _)| sale.faults.has(*kind))
        .map(|(_, name)| *name)
        .collect();
    let faults = if faults.is_empty() {
        "nothing went wrong".to_owned()
    } else {
        faults.join("; ")
    };
    let prompts = match sale.prompts {
        0 => "no prompt".to_owned(),
        1 => "1 prompt".to_owned(),
        many => format!("{many} prompts"),
    };
    format!("{end}; {prompts}. {faults}")
}
