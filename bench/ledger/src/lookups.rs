//! Look-ups in a ledger of many rows.

use crate::clock::{millis, percentile};
use crate::rows::{Till, claim, paid, scope};
use crate::{Subject, Trouble, open};
use lipia::ledger::{LedgerStore, Order, Party, Search};
use lipia::payment::PaymentState;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often each look-up is made.
const LOOKS: u64 = 200;

/// How many rows are claimed at the same time.
const TASKS: u64 = 64;

pub async fn measure(subject: &Subject, rows: u32) -> Result<(), Trouble> {
    let store = open(&subject.rows)?;
    fill(&store, u64::from(rows)).await?;
    let store = store.as_ref();
    let (scope, till) = (scope(), Till::new()?);
    let party = Party {
        scope: &scope,
        account: "daraja:174379",
    };
    let every = u64::from(rows) / LOOKS;
    let sample = till.row(every)?;
    let stored = store.earlier(&scope, &Order::parse(&format!("order {every}"))?).await?;
    let stored = stored.rows.first().ok_or("a row is missing")?.clone();
    let search = || Search::of(scope.clone());
    let mut searches = [("receipt", search()), ("phone number", search()), ("reference", search()), ("open payments", search())];
    searches[0].1.receipt = stored.payment.receipt().map(ToOwned::to_owned);
    searches[1].1.phone_number = Some(sample.payment.push().phone_number.clone());
    searches[2].1.reference = Some(sample.payment.push().account_reference.as_str().to_owned());
    searches[3].1.state = Some(PaymentState::Accepted);
    let mut orders = Vec::new();
    for number in 0..LOOKS {
        let order = Order::parse(&format!("order {}", number * every))?;
        let began = Instant::now();
        let found = store.earlier(&scope, &order).await?;
        orders.push(began.elapsed());
        if found.rows.is_empty() {
            return Err("a row is missing".into());
        }
    }
    print(subject, rows, "payments of an order", &mut orders);
    for (what, search) in searches {
        let mut times = Vec::new();
        for _ in 0..LOOKS {
            let began = Instant::now();
            store.list(&search, None, 20).await?;
            times.push(began.elapsed());
        }
        print(subject, rows, &format!("search by {what}"), &mut times);
    }
    let mut due = Vec::new();
    let mut owed = Vec::new();
    for _ in 0..LOOKS {
        let began = Instant::now();
        store.due(party, 16).await?;
        due.push(began.elapsed());
        let began = Instant::now();
        store.owed(&scope, Duration::from_secs(1), 16).await?;
        owed.push(began.elapsed());
    }
    print(subject, rows, "what is due to be asked", &mut due);
    print(subject, rows, "what is owed to the shop", &mut owed);
    Ok(())
}

fn print(subject: &Subject, rows: u32, what: &str, times: &mut [Duration]) {
    println!("| {what}, in {rows} rows, p50 | {} | {} | | |", subject.name, millis(percentile(times, 50)));
}

/// Writes rows that are paid; one of a thousand is open.
async fn fill(store: &Arc<dyn LedgerStore>, rows: u64) -> Result<(), Trouble> {
    let till = Till::new()?;
    let tasks: Vec<_> = (0..TASKS)
        .map(|first| {
            let (store, till) = (Arc::clone(store), till.clone());
            tokio::spawn(async move {
                for number in (first..rows).step_by(usize::try_from(TASKS)?) {
                    let row = till.row(number)?;
                    let row = if number % 1_000 == 1 { row } else { paid(&row)? };
                    let told = lipia::ledger::Row { told: row.news, ..row };
                    claim(store.as_ref(), &told).await?;
                    if number % 100_000 == 0 {
                        eprintln!("  {number} rows");
                    }
                }
                Ok::<(), Trouble>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}
