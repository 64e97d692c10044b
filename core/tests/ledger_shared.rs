//! What the processes of a ledger share beside payments. Clients over one store stand for processes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::ledger::{LedgerStore, MemoryLedger, NoteWritten};
use lipia::{Client, Daraja};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::*;

type Store = Arc<dyn LedgerStore>;

/// Clients that share a ledger, as that many processes would.
fn clients(sandbox: &Sandbox, store: &Store, count: usize) -> Vec<Client> {
    let client = |_| {
        let builder = builder(&sandbox.base_url()).ledger(Arc::clone(store));
        builder.build().unwrap()
    };
    (0..count).map(client).collect()
}

/// Pushes from each client at once; what came of those that failed, in short.
async fn push_all(clients: &[Client], each: usize) -> Vec<String> {
    let running: Vec<_> = (clients.iter().enumerate())
        .map(|(place, client)| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut failed = Vec::new();
                for number in 0..each {
                    let push = sale(&paying_phone(place * each + number));
                    if let Err(error) = client.stk_push(push).await {
                        failed.push(format!("{} {}", in_short(&error), error.code()));
                    }
                }
                failed
            })
        })
        .collect();
    let mut failed = Vec::new();
    for pushed in running {
        failed.extend(pushed.await.unwrap());
    }
    failed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_clients_that_begin_together_fetch_one_token() {
    let sandbox = Sandbox::start(fast().new_token_kills_old(true))
        .await
        .unwrap();
    let slow = Fault::new(Step::Oauth, FaultKind::SlowBefore).seconds(50.0);
    sandbox.inject(slow).unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    none_of(&push_all(&clients(&sandbox, &store, 8), 5).await);
    assert_eq!(sandbox.counters().oauth_calls, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_new_token_kills_the_old_no_push_fails_for_its_token() {
    // The gateway says that a token lives for minutes, and ends it after half a second.
    let life = Duration::from_millis(500);
    let options = fast().token_lifetime_seconds(250).new_token_kills_old(true);
    let sandbox = Sandbox::start(options).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let clients = clients(&sandbox, &store, 8);
    let began = Instant::now();
    none_of(&push_all(&clients, 80).await);
    let lives = began.elapsed().div_duration_f64(life).ceil();
    let calls = sandbox.counters().oauth_calls;
    assert!(
        f64::from(u32::try_from(calls).unwrap()) <= lives + 1.0,
        "{calls} OAuth calls for {lives} lives"
    );
    assert!(calls >= 2, "a token ended meanwhile");
}

/// The note of the token, whose key nobody knows who has not the merchant's own keys.
async fn token_note(store: &TroubledLedger) -> String {
    store
        .keys()
        .into_iter()
        .find(|key| key.starts_with("token:"))
        .unwrap()
}

#[tokio::test]
async fn a_token_lies_sealed_in_the_ledger_and_one_that_cannot_be_opened_is_absent() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    clients(&sandbox, &store, 1)[0]
        .stk_push(sale(&paying_phone(1)))
        .await
        .unwrap();
    let key = token_note(&troubled).await;
    let note = store.note(&key).await.unwrap();
    let text = note.value.unwrap();
    assert!(
        !text.contains("Bearer") && text.contains("sealed"),
        "{text}"
    );
    let broken = text.replace("\"sealed\":\"", "\"sealed\":\"AAAA");
    let written = store
        .write_note(&key, note.version, &broken, Duration::from_secs(60))
        .await;
    assert!(matches!(written.unwrap(), NoteWritten::Written(_)));
    clients(&sandbox, &store, 1)[0]
        .stk_push(sale(&paying_phone(2)))
        .await
        .unwrap();
    assert_eq!(sandbox.counters().oauth_calls, 2);
    clients(&sandbox, &store, 1)[0]
        .stk_push(sale(&paying_phone(3)))
        .await
        .unwrap();
    assert_eq!(sandbox.counters().oauth_calls, 2, "the new token is shared");
}

#[tokio::test]
async fn a_ledger_that_fails_keeps_no_push_from_its_token() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let client = &clients(&sandbox, &store, 1)[0];
    client.stk_push(sale(&paying_phone(4))).await.unwrap();
    let fails_always = || {
        for _ in 0..100 {
            troubled.trouble("note", Trouble::Fails);
            troubled.trouble("write_note", Trouble::Fails);
        }
    };
    fails_always();
    client.stk_push(sale(&paying_phone(5))).await.unwrap();
    assert_eq!(sandbox.counters().oauth_calls, 1, "its token was in memory");
    let other = &clients(&sandbox, &store, 1)[0];
    other.stk_push(sale(&paying_phone(6))).await.unwrap();
    assert_eq!(
        sandbox.counters().oauth_calls,
        2,
        "it fetched a token of its own"
    );
}

#[tokio::test]
async fn another_merchant_takes_no_token() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    clients(&sandbox, &store, 1)[0]
        .stk_push(sale(&paying_phone(7)))
        .await
        .unwrap();
    let wrong = Daraja::builder()
        .consumer_key(lipia_sandbox::CONSUMER_KEY)
        .consumer_secret("another")
        .short_code(lipia_sandbox::SHORT_CODE)
        .pass_key(lipia_sandbox::PASS_KEY)
        .callback_url(NO_SHOP)
        .base_url(sandbox.base_url())
        .ledger(store)
        .build()
        .unwrap();
    let refused = wrong.stk_push(sale(&paying_phone(8))).await.unwrap_err();
    assert_eq!(refused.disposition(), lipia::Disposition::Rejected);
    assert_eq!(sandbox.counters().prompts, 1);
}
