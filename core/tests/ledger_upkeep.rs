//! Keeping a ledger in order: payments that were told are told again, pruned, and taken over from programs that kept them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::{DarajaBuilder, Import, ImportChange, Ledger, Pruned, Resolution};
use lipia::ledger::{LedgerStore, MemoryLedger, Order, Search};
use lipia::payment::PaymentState;
use lipia::{Client, Outcome, Payment};
use lipia_sandbox::{FaultKind, Sandbox, Scenario, Step};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

type Store = Arc<dyn LedgerStore>;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn memory() -> Store {
    Arc::new(MemoryLedger::default())
}

fn over(sandbox: &Sandbox, store: &Store) -> DarajaBuilder {
    builder(&sandbox.base_url()).ledger(Arc::clone(store))
}

/// Counts tellings, and refuses them all where `fails`.
fn listen(client: &Client, fails: bool) -> Arc<AtomicU32> {
    let told = Arc::new(AtomicU32::new(0));
    let heard = Arc::clone(&told);
    client.on_outcome(move |_| {
        heard.fetch_add(1, Ordering::AcqRel);
        async move {
            if fails {
                Err("the shop is closed")
            } else {
                Ok(())
            }
        }
    });
    told
}

async fn nothing_owed(ledger: &Ledger) {
    for _ in 0..2_000 {
        if ledger.report().await.unwrap().owed == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("something is owed still");
}

async fn whole_text(ledger: &Ledger, id: &str) -> String {
    let story = ledger.story(id).await.unwrap();
    let bodies = story.callbacks.iter();
    let bodies: Vec<_> = bodies
        .map(|it| String::from_utf8_lossy(&it.body).into_owned())
        .collect();
    format!("{}{}", story.row.payment.to_json(), bodies.concat())
}

#[tokio::test]
async fn a_prune_deletes_who_paid_and_keeps_that_it_was_paid() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    listen(&shop.client, false);
    let ledger = shop.client.payments().ledger();
    let sale = sale(PAYS).transaction_desc("Shoes of Jane");
    let paid = bounded(
        shop.client
            .collect(sale.clone().order("17"), without_asking(DAY)),
    )
    .await
    .unwrap();
    let id = paid.id().as_str();
    nothing_owed(&ledger).await;
    let before = whole_text(&ledger, id).await;
    for personal in [PAYS, "INV-001", "Shoes of Jane"] {
        assert!(before.contains(personal), "{personal} is not in {before}");
    }
    let would = ledger.prunable(Duration::ZERO).await.unwrap();
    assert_eq!((would.payments, would.unfinished), (1, 0));
    assert_eq!(whole_text(&ledger, id).await, before, "a dry run wrote");
    assert_eq!(ledger.prune(DAY).await.unwrap(), Pruned::default());
    assert_eq!(ledger.prune(Duration::ZERO).await.unwrap(), would);

    let after = whole_text(&ledger, id).await;
    for personal in [PAYS, "INV-001", "Shoes of Jane", "ws_CO_"] {
        assert!(!after.contains(personal), "{personal} is in {after}");
    }
    let story = ledger.story(id).await.unwrap();
    assert!(story.callbacks.is_empty() && story.row.payment.is_pruned());
    let kept = ledger.get(id).await.unwrap();
    assert_eq!(kept.receipt(), paid.receipt());
    assert_eq!(
        (kept.order(), kept.outcome()),
        (Some("17"), Outcome::Success)
    );
    // Again from its text, as another process reads it.
    let read = Payment::from_json(&kept.payment().to_json()).unwrap();
    assert!(read.is_pruned() && read.is_paid());
    // A copy that a process still has does not bring the data back.
    ledger
        .import(paid.clone(), &Import::default())
        .await
        .unwrap();
    assert_eq!(whole_text(&ledger, id).await, after);
    assert_eq!(
        ledger.prune(Duration::ZERO).await.unwrap(),
        Pruned::default()
    );
    let again = shop.client.request(sale.order("17")).await.unwrap();
    assert_eq!(again.id(), paid.id());
    assert!(again.is_existing());
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_prune_leaves_what_is_open_unknown_or_owed() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    let told = listen(&shop.client, true);
    let ledger = shop.client.payments().ledger();
    let owed = bounded(
        shop.client
            .collect(sale(PAYS).order("owed"), without_asking(DAY)),
    )
    .await
    .unwrap();
    eventually("the handler fails", || told.load(Ordering::Acquire) == 1).await;
    let waits = paying_phone(1);
    sandbox.script_phone(&waits, Scenario::Manual);
    let open = shop.client.request(sale(&waits).order("open"));
    let open = open.await.unwrap();
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let lost = paying_phone(2);
    sandbox.script_phone(&lost, Scenario::Manual);
    let unknown = shop.client.request(sale(&lost).order("unknown"));
    let unknown = unknown.await.unwrap();
    assert_eq!(
        (open.state(), unknown.state()),
        (PaymentState::Accepted, PaymentState::Unknown)
    );
    let pruned = ledger.prune(Duration::ZERO).await.unwrap();
    assert_eq!((pruned.payments, pruned.unfinished), (0, 1));
    for id in [owed.id(), open.id(), unknown.id()] {
        assert!(!ledger.get(id.as_str()).await.unwrap().is_pruned());
    }
    let report = ledger.report().await.unwrap();
    assert_eq!((report.payments, report.open, report.owed), (3, 2, 1));
    let mut search = Search::of(ledger.scope().clone());
    search.only_owed = true;
    let found = ledger.search(&search, None, 10).await.unwrap();
    let ids: Vec<_> = found.payments.iter().map(|it| it.id()).collect();
    assert_eq!(ids, [owed.id()]);
}

#[tokio::test]
async fn a_payment_is_told_again_on_demand() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = memory();
    let shop = Shop::open(over(&sandbox, &store)).await;
    let told = listen(&shop.client, false);
    let paid = bounded(
        shop.client
            .collect(sale(PAYS).order("17"), without_asking(DAY)),
    )
    .await
    .unwrap();
    let ledger = shop.client.payments().ledger();
    eventually("it is told", || told.load(Ordering::Acquire) == 1).await;
    nothing_owed(&ledger).await;
    ledger.retell(paid.id().as_str()).await.unwrap();
    eventually("it is told again", || told.load(Ordering::Acquire) == 2).await;
    let waits = paying_phone(1);
    sandbox.script_phone(&waits, Scenario::Manual);
    let open = shop.client.request(sale(&waits).order("18"));
    let open = open.await.unwrap();
    let refused = ledger.retell(open.id().as_str()).await.unwrap_err();
    assert_eq!(refused.code(), "nothing_to_tell");
}

/// The payments that a program without a ledger kept: paid, open, and of unknown outcome.
async fn kept(sandbox: &Sandbox) -> [Payment; 3] {
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    let paid = bounded(shop.client.collect(sale(PAYS), without_asking(DAY)));
    let paid = paid.await.unwrap();
    let waits = [paying_phone(1), paying_phone(2)];
    for phone in &waits {
        sandbox.script_phone(phone, Scenario::Manual);
    }
    let [open, unknown] = waits.map(|phone| shop.client.reserve(sale(&phone)).unwrap());
    shop.client.push(&open).await.unwrap();
    inject(sandbox, Step::Push, FaultKind::AnswerLost);
    shop.client.push(&unknown).await.unwrap_err();
    [paid, open.snapshot(), unknown.snapshot()]
}

#[tokio::test]
async fn payments_that_a_program_kept_become_the_ledgers() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let [paid, open, unknown] = kept(&sandbox).await;
    let store = memory();
    let client = over(&sandbox, &store).build().unwrap();
    let payments = client.payments();
    let ledger = payments.ledger();

    let refused = ledger.import(open.clone(), &Import::default()).await;
    assert_eq!(refused.unwrap_err().code(), "import_needs_credentials");
    for (payment, order) in [(&paid, "17"), (&open, "18"), (&unknown, "19")] {
        let import = Import::default().order(Order::parse(order).unwrap());
        for change in [ImportChange::New, ImportChange::Known] {
            let imported = payments.import(payment.clone(), &import).await.unwrap();
            assert_eq!(imported.change, change, "{order}");
            assert_eq!(imported.payment.state(), payment.state());
            assert_eq!(imported.payment.order(), Some(order));
        }
        let again = client.request(sale(PAYS).order(order)).await;
        let id = again.map_or_else(
            |error| error.payment_id().cloned(),
            |found| Some(found.id().clone()),
        );
        assert_eq!(
            id.as_ref(),
            Some(payment.id()),
            "{order} was prompted again"
        );
    }
    let report = ledger.report().await.unwrap();
    assert_eq!((report.payments, report.open, report.owed), (3, 2, 0));
    // What may yet be paid is asked about at once.
    let pass = payments.reconcile().await.unwrap();
    assert_eq!((pass.senders_died, pass.asked), (0, 1), "{pass:?}");
    let mut later = open.clone();
    later.merge(&unknown);
    let resolution = Resolution::Paid {
        receipt: "SKL1234567".to_owned(),
    };
    payments
        .resolve(unknown.id().as_str(), &resolution)
        .await
        .unwrap();
    let again = payments.import(unknown, &Import::default()).await.unwrap();
    assert!(again.payment.is_paid(), "an old copy undid what was learnt");
    assert_eq!(sandbox.counters().prompts, 3);
}

#[tokio::test]
async fn an_import_tells_on_demand_and_does_not_take_a_held_order() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let [paid, open, _] = kept(&sandbox).await;
    let client = over(&sandbox, &memory()).build().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    client.on_outcome(move |payment| {
        heard.lock().unwrap().push(payment.id().clone());
        async {}
    });
    let import = Import::default().order(Order::parse("17").unwrap());
    let tells = import.clone().told(true);
    let first = client
        .payments()
        .import(paid.clone(), &tells)
        .await
        .unwrap();
    assert!(!first.order_is_held);
    eventually("it is told", || {
        *told.lock().unwrap() == [paid.id().clone()]
    })
    .await;
    let second = client.payments().import(open.clone(), &import).await;
    assert!(second.unwrap().order_is_held);
    let rows = client.payments().of_order("17").await.unwrap();
    assert_eq!(rows.len(), 2);
}

#[tokio::test]
async fn a_payment_of_another_shop_is_not_taken_over() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let [paid, ..] = kept(&sandbox).await;
    let store = memory();
    let one = over(&sandbox, &store).shop("one").build().unwrap();
    let two = over(&sandbox, &store).shop("two").build().unwrap();
    let import = Import::default();
    one.payments().import(paid.clone(), &import).await.unwrap();
    let refused = two.payments().import(paid, &import).await.unwrap_err();
    assert_eq!(refused.code(), "payment_of_another_shop");
    assert_eq!(two.payments().report().await.unwrap().payments, 0);
}
