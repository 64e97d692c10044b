//! The guard's store as another crate sees it: no limit is overshot however many push at once, and its memory is
//! bounded.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

use lipia::guard::{
    AccountRung, Admission, ClosedBy, Closing, Guard, Key, Limits, MemoryStore, PhoneRun, Store,
};
use lipia::payment::PaymentId;
use lipia::values::{Clock, EatTime, ManualClock};
use lipia::{Outcome, PhoneNumber};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn phone(number: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("07{number:08}")).unwrap()
}

fn payment(number: usize) -> PaymentId {
    format!("{number:032x}").parse().unwrap()
}

fn morning() -> EatTime {
    EatTime::parse_wire("20261121090000").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_never_overshoot() {
    for key in [Key::Account, Key::Phone(phone(1))] {
        let limits = Limits::default();
        let limit = limits.rules(&key)[0].failures;
        let store = Arc::new(MemoryStore::new());
        let taken = Arc::new(AtomicU32::new(0));
        let tasks: Vec<_> = (0..1_000)
            .map(|number| {
                let (store, taken, key) = (Arc::clone(&store), Arc::clone(&taken), key.clone());
                let rules = limits.rules(&key);
                tokio::spawn(async move {
                    let id = payment(number);
                    // Every other one gives its place back, and so makes room for one more.
                    let admission = store.take(&key, &id, &rules, morning()).await.unwrap();
                    if let Admission::Taken(tally) = admission {
                        assert!(tally.rules[0].counted <= rules[0].failures);
                        tokio::task::yield_now().await;
                        if number % 2 == 0 {
                            store.release(&key, &id).await.unwrap();
                        } else {
                            store
                                .count(&key, &id, &rules, morning(), morning())
                                .await
                                .unwrap();
                            taken.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let rules = limits.rules(&key);
        let tally = store.tally(&key, &rules, morning()).await.unwrap();
        assert_eq!(tally.rules[0].counted, taken.load(Ordering::SeqCst));
        assert!(tally.rules[0].counted <= limit);
        assert_eq!(tally.rules[0].unsettled, 0);
    }
}

#[tokio::test]
async fn what_is_called_twice_counts_once() {
    let store = MemoryStore::new();
    let key = Key::Phone(phone(1));
    let rules = Limits::default().rules(&key);
    for _ in 0..20 {
        let admission = store.take(&key, &payment(1), &rules, morning()).await;
        assert!(matches!(admission, Ok(Admission::Taken(tally)) if tally.rules[0].counted == 1));
    }
    assert!(
        !store
            .count(&key, &payment(1), &rules, morning(), morning())
            .await
            .unwrap()
            .added
    );
    assert!(
        store
            .count(&key, &payment(2), &rules, morning(), morning())
            .await
            .unwrap()
            .added
    );
    assert!(
        !store
            .count(&key, &payment(2), &rules, morning(), morning())
            .await
            .unwrap()
            .added
    );
    store.release(&key, &payment(2)).await.unwrap();
    store.release(&key, &payment(2)).await.unwrap();
    let tally = store.tally(&key, &rules, morning()).await.unwrap();
    assert_eq!(tally.rules[0].counted, 1);
    assert_eq!(tally.opens_at(), None);
}

#[tokio::test]
async fn the_longer_closing_holds_and_ends() {
    let store = MemoryStore::new();
    let rules = Limits::none().rules(&Key::Account);
    for (hours, by) in [
        (1, ClosedBy::Gateway),
        (3, ClosedBy::Limits),
        (2, ClosedBy::Gateway),
    ] {
        let until = morning().plus(hours * HOUR);
        store
            .close(&Key::Account, Closing { until, by })
            .await
            .unwrap();
    }
    let closing = |now| {
        let (store, rules) = (&store, &rules);
        async move {
            store
                .tally(&Key::Account, rules, now)
                .await
                .unwrap()
                .closing
        }
    };
    let held = closing(morning()).await.unwrap();
    assert_eq!(
        (held.until, held.by),
        (morning().plus(3 * HOUR), ClosedBy::Limits)
    );
    assert_eq!(closing(morning().plus(3 * HOUR)).await, None);
    let after = store
        .take(&Key::Account, &payment(1), &rules, morning().plus(3 * HOUR))
        .await;
    assert!(matches!(after, Ok(Admission::Taken(_))));
}

#[tokio::test]
async fn what_counts_no_more_is_dropped() {
    let store = MemoryStore::new();
    let clock = ManualClock::new(morning());
    let limits = Limits::default().phone_run(PhoneRun {
        failures: 10,
        closed_for: HOUR,
        remembered_for: HOUR,
    });
    let mut most = 0;
    for number in 0..20_000 {
        let key = Key::Phone(phone(number));
        let rules = limits.rules(&key);
        store
            .count(&key, &payment(number), &rules, clock.now(), clock.now())
            .await
            .unwrap();
        clock.advance(Duration::from_secs(36));
        most = most.max(store.phones());
    }
    // A hundred count at any time; what is over waits for the next sweep.
    assert!(most <= 210, "{most}");
    // A success drops its phone at once.
    let before = store.phones();
    let key = Key::Phone(phone(19_999));
    store
        .clear(&key, &payment(0), clock.now(), clock.now())
        .await
        .unwrap();
    assert_eq!(store.phones(), before - 1);
}

#[tokio::test]
async fn a_full_store_forgets_whoever_is_furthest_from_the_limit() {
    let store = Arc::new(MemoryStore::with_max_phones(100));
    let guard = Guard::with_store(
        Limits::default().account_rungs([AccountRung {
            failures: 100_000,
            window: HOUR,
            closed_for: HOUR,
        }]),
        store.clone(),
    );
    let mut sales = 0;
    let mut now = morning();
    for _ in 0..9 {
        sales += 1;
        fail(&guard, sales, 1, now).await;
    }
    for number in 2..1_500 {
        sales += 1;
        now = now.plus(Duration::from_millis(1));
        fail(&guard, sales, number, now).await;
        assert!(store.phones() <= 100);
    }
    assert!(store.phones() > 80);
    let counted = |number| {
        let guard = guard.clone();
        async move {
            let standing = guard.standing(&phone(number), now).await.unwrap();
            standing.phone.unwrap().counted
        }
    };
    assert_eq!(counted(1).await, 9);
    assert_eq!(counted(2).await, 0);
    assert_eq!(counted(1_499).await, 1);
    let standing = guard.standing(&phone(1), now).await.unwrap();
    assert_eq!(usize::try_from(standing.account[0].counted).unwrap(), sales);
}

#[tokio::test]
async fn a_full_store_does_not_forget_a_ban() {
    let store = Arc::new(MemoryStore::with_max_phones(8));
    let guard = Guard::with_store(Limits::default().account_rungs([]), store.clone());
    let until = morning().plus(HOUR);
    let by = ClosedBy::Gateway;
    store
        .close(&Key::Account, Closing { until, by })
        .await
        .unwrap();
    for number in 0..100 {
        fail(&guard, number, number, morning()).await;
    }
    let standing = guard.standing(&phone(1), morning()).await.unwrap();
    assert_eq!(standing.opens_at(), Some(until));
}

async fn fail(guard: &Guard, sale: usize, number: usize, now: EatTime) {
    let phone = phone(number);
    guard
        .learn_outcome(&payment(sale), &phone, Outcome::Cancelled, now, now)
        .await;
}
