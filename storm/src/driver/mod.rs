//! One run of a storm: a sandbox, a balancer, a ledger, processes, customers and trouble; then the verdict.

mod balancer;
mod books;
mod counts;
mod later_version;
pub(crate) mod ledger;
mod shop;
mod trouble;
mod workers;

use crate::stores;
use crate::worker::TIMEOUT;
use balancer::Balancer;
use ledger::Ledger;
use lipia_sandbox::{Sandbox, SandboxOptions};
use lipia_storm::{Column, judge};
use shop::Shop;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use trouble::Trouble;
use workers::{Closing, Settings, Workers};

/// Seconds of the gateway in one second: a customer who takes 17 seconds takes one here.
const TIME_SCALE: f64 = 20.0;

/// How many orders are sold at the same time.
const AT_ONCE: usize = 16;

/// After how long the leases of processes that died have ended: the call's time, and the 15 seconds that a lease lasts beyond it.
const LEASES_END: Duration = Duration::from_secs(TIMEOUT.as_secs() + 15 + 2);

/// How long the ledger may take to settle once the trouble is over. A telling whose process died is told again after a minute,
/// and a payment of more than two minutes is asked about every five.
const SETTLES_WITHIN: Duration = Duration::from_secs(420);

/// For how long nothing is on its way before the run ends.
const QUIET: u32 = 4;

/// What one run is to do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) ledger: Ledger,
    /// An empty folder.
    pub(crate) folder: PathBuf,
    pub(crate) orders: u64,
    pub(crate) processes: usize,
    pub(crate) seed: u64,
    /// Whether nothing is made to go wrong.
    pub(crate) is_calm: bool,
    /// The shortest and the longest pause between two kills, in milliseconds.
    pub(crate) kill_pauses: (u64, u64),
}

/// Carries out a plan.
///
/// # Errors
/// Why it could not run.
pub(crate) async fn run(plan: &Plan) -> Result<Column, String> {
    let began = Instant::now();
    let options = SandboxOptions::default().time_scale(TIME_SCALE);
    let sandbox = Sandbox::start(options)
        .await
        .map_err(|error| error.to_string())?;
    let sandbox = Arc::new(sandbox);
    let (balancer, callback_url) = Balancer::listen().await?;
    let workers = Arc::new(Workers::new(Settings {
        folder: plan.folder.clone(),
        ledger: plan.ledger.address(),
        base_url: sandbox.base_url(),
        callback_url,
        seed: plan.seed,
        is_calm: plan.is_calm,
    }));
    let closing = Closing(Arc::clone(&workers));
    balancer.lead_to(Arc::clone(&workers));
    for slot in 0..plan.processes {
        workers.start(slot)?;
    }
    let trouble = (!plan.is_calm).then(|| {
        let trouble = Trouble::new(Arc::clone(&workers), Arc::clone(&sandbox), plan.seed);
        Arc::new(trouble)
    });
    let shop = Arc::new(Shop {
        workers: Arc::clone(&workers),
        sandbox: Arc::clone(&sandbox),
        trouble: trouble.clone(),
        seed: plan.seed,
    });
    let mut complaints = sell(plan, &shop).await;
    if let Some(trouble) = &trouble {
        trouble.end();
        complaints.extend(come_back(plan, &shop).await);
    }
    let store = stores::open(&plan.ledger.address())?;
    let rows = settle(plan, store.as_ref(), &sandbox).await?;
    drop(closing);
    let mut evidence = books::evidence(&plan.folder, &sandbox, &balancer, &workers, &rows)?;
    evidence.is_calm = plan.is_calm;
    evidence.database_crashed =
        workers.counts.servers_killed.value() + workers.counts.backends_killed.value() > 0;
    evidence.unanswered.extend(complaints);
    let open = evidence
        .rows
        .iter()
        .filter(|row| !row.is_settled && !row.is_not_sent);
    let mut counts = vec![
        ("orders", plan.orders),
        ("prompts", length(evidence.prompts.len())),
        ("payments in the ledger", length(evidence.rows.len())),
        (
            "of these paid",
            length(evidence.rows.iter().filter(|row| row.news.is_paid).count()),
        ),
        ("of these unknown, nothing to ask by", length(open.count())),
        (
            "callbacks answered with 200",
            length(evidence.delivered.len()),
        ),
        ("tellings", length(evidence.told.len())),
    ];
    counts.extend(workers.counts.rows());
    counts.push(("seconds", began.elapsed().as_secs()));
    Ok(Column {
        name: plan.name.clone(),
        counts,
        findings: judge(&evidence),
    })
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Sells all orders; what should not have happened.
async fn sell(plan: &Plan, shop: &Arc<Shop>) -> Vec<String> {
    if let Some(trouble) = &shop.trouble {
        trouble.watch();
        let (trouble, pauses) = (Arc::clone(trouble), plan.kill_pauses);
        tokio::spawn(async move { trouble.rage(pauses).await });
    }
    each(plan, |number| {
        let (shop, plan) = (Arc::clone(shop), plan.clone());
        let name = plan.name.clone();
        async move {
            shop.sell(number).await?;
            if !plan.is_calm {
                let workers = Arc::clone(&shop.workers);
                let happens = move || happen(&plan, number, &workers);
                let happened = tokio::task::spawn_blocking(happens).await;
                happened.map_err(|error| error.to_string())??;
            }
            if (number + 1).is_multiple_of(100) {
                let kills = shop.workers.counts.kills();
                crate::tell(&format!("{name}: {} orders, {kills} kills", number + 1));
            }
            Ok(())
        }
    })
    .await
}

/// What happens to the ledger once that order was sold: a later version comes after a third of the orders, and its server, where it
/// has one, crashes after each quarter.
fn happen(plan: &Plan, number: u64, workers: &Workers) -> Result<(), String> {
    let quarter = (plan.orders / 4).max(1);
    if number == plan.orders / 3 {
        later_version::arrive(&plan.ledger)?;
    }
    if number > 0 && number.is_multiple_of(quarter) {
        plan.ledger.crash(&workers.counts)?;
    }
    Ok(())
}

/// Has every customer come back once the leases of the dead have ended.
async fn come_back(plan: &Plan, shop: &Arc<Shop>) -> Vec<String> {
    tokio::time::sleep(LEASES_END).await;
    each(plan, |number| {
        let shop = Arc::clone(shop);
        async move { shop.come_back(number).await }
    })
    .await
}

/// Carries out the work for every order, for some of them at the same time; what should not have happened.
async fn each<W>(plan: &Plan, work: impl Fn(u64) -> W) -> Vec<String>
where
    W: Future<Output = Result<(), String>> + Send + 'static,
{
    let mut running = tokio::task::JoinSet::new();
    let mut complaints = Vec::new();
    for number in 0..plan.orders {
        while running.len() >= AT_ONCE {
            complaints.extend(running.join_next().await.and_then(complaint));
        }
        running.spawn(work(number));
    }
    while let Some(ended) = running.join_next().await {
        complaints.extend(complaint(ended));
    }
    complaints
}

fn complaint(ended: Result<Result<(), String>, tokio::task::JoinError>) -> Option<String> {
    match ended {
        Ok(sold) => sold.err(),
        Err(error) => Some(error.to_string()),
    }
}

/// Waits until nothing is on its way, and returns the ledger's rows.
async fn settle(
    plan: &Plan,
    store: &dyn lipia::ledger::LedgerStore,
    sandbox: &Sandbox,
) -> Result<Vec<lipia::ledger::Row>, String> {
    let began = Instant::now();
    let mut quiet = 0;
    let mut told = Instant::now();
    loop {
        let rows = books::rows(store).await?;
        let waits = books::on_its_way(&rows, &books::prompts(sandbox));
        quiet = if waits.is_none() { quiet + 1 } else { 0 };
        if quiet > QUIET || began.elapsed() > SETTLES_WITHIN {
            return Ok(rows);
        }
        if let Some(waits) = waits.filter(|_| told.elapsed() > Duration::from_secs(10)) {
            told = Instant::now();
            crate::tell(&format!("{}: {waits}", plan.name));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
