//! Notes of a ledger, which its processes share beside payments. Clients over one store stand for processes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::Confirm;
use lipia::guard::{AccountRung, Limits, PhoneRun};
use lipia::ledger::{LedgerStore, MemoryLedger, NoteWritten};
use lipia::values::{DarajaCredentials, SystemClock};
use lipia::{Client, Credentials, Daraja, IncomingCallback, PalPluss, StkPush};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Fault, FaultKind, PASS_KEY, SHORT_CODE, Sandbox, Step,
};
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
    // However fast this machine is, a token ends meanwhile.
    while began.elapsed() < life * 2 {
        none_of(&push_all(&clients, 80).await);
    }
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
        .consumer_key(CONSUMER_KEY)
        .consumer_secret("another")
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .callback_url(NO_SHOP)
        .base_url(sandbox.base_url())
        .ledger(store)
        .build()
        .unwrap();
    let refused = wrong.stk_push(sale(&paying_phone(8))).await.unwrap_err();
    assert_eq!(refused.disposition(), lipia::Disposition::Rejected);
    assert_eq!(sandbox.counters().prompts, 1);
}

const HOUR: Duration = Duration::from_secs(3_600);

/// Clients that share a ledger and nothing else: a clock of its own keeps a client from the counts of this process.
fn guarded(sandbox: &Sandbox, store: &Store, limits: &Limits, count: usize) -> Vec<Client> {
    let client = |_| {
        let builder = builder(&sandbox.base_url()).clock(Arc::new(SystemClock));
        let builder = builder
            .ledger(Arc::clone(store))
            .guard_limits(limits.clone());
        builder.build().unwrap()
    };
    (0..count).map(client).collect()
}

fn ten_an_hour() -> Limits {
    Limits::none().account_rungs([AccountRung {
        failures: 10,
        window: HOUR,
        closed_for: HOUR,
    }])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guards_limit_is_exact_across_processes() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let refused = push_all(&guarded(&sandbox, &store, &ten_an_hour(), 8), 6).await;
    assert_eq!(sandbox.counters().prompts, 10);
    assert_eq!(refused.len(), 38);
    let is_the_guards = |said: &String| said.contains("guard_account_closed");
    assert!(refused.iter().all(is_the_guards), "{refused:#?}");
}

#[tokio::test]
async fn a_phone_that_failed_in_one_process_is_closed_in_the_other() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let troubled = Arc::new(TroubledLedger::default());
    let store: Store = Arc::clone(&troubled) as Store;
    let limits = Limits::none().phone_run(PhoneRun {
        failures: 1,
        closed_for: HOUR,
        remembered_for: 2 * HOUR,
    });
    let clients = guarded(&sandbox, &store, &limits, 2);
    clients[0].stk_push(sale(&paying_phone(1))).await.unwrap();
    let refused = clients[1]
        .stk_push(sale(&paying_phone(1)))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "guard_phone_closed");
    clients[1].stk_push(sale(&paying_phone(2))).await.unwrap();
    let keys = troubled.keys().join(" ");
    assert!(
        keys.contains(":phone:") && !keys.contains("25471"),
        "{keys}"
    );
}

#[tokio::test]
async fn a_payment_that_another_process_hears_is_paid_gives_its_place_back_to_all() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let limits = ten_an_hour().account_rungs([AccountRung {
        failures: 1,
        window: HOUR,
        closed_for: HOUR,
    }]);
    let clients = guarded(&sandbox, &store, &limits, 3);
    let phone = paying_phone(1);
    let payment = clients[0].request(sale(&phone).order("17")).await.unwrap();
    let refused = clients[2]
        .stk_push(sale(&paying_phone(2)))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "guard_account_closed");
    let url = payment.push().callback_url.as_str();
    let path = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    let id = payment.checkout_request_id().unwrap().as_str();
    let body = success_body(id, "150.00", &phone, Some("SKL1234567"));
    let incoming = IncomingCallback::new(&path, &body);
    clients[1]
        .receive_callback(incoming, Confirm::Never)
        .await
        .unwrap();
    clients[2].stk_push(sale(&paying_phone(2))).await.unwrap();
}

#[tokio::test]
async fn a_block_that_one_process_meets_all_mind() {
    let server = RawServer::start(|_| {
        Play::json(429, r#"{"success":false,"error":{"message":"Too many","code":"STK_TEMP_BANNED","details":{"retryAfterSeconds":1800}}}"#)
    })
    .await;
    let store: Store = Arc::new(MemoryLedger::default());
    let build = || {
        PalPluss::builder()
            .api_key("pp_live_0123456789")
            .base_url(&server.base_url)
            .callback_url(NO_SHOP)
            .clock(Arc::new(SystemClock))
            .ledger(Arc::clone(&store))
            .build()
            .unwrap()
    };
    let (first, second) = (build(), build());
    let push = || StkPush::new(PAYS, 150, "INV-001");
    first.stk_push(push()).await.unwrap_err();
    let met = server.pushes();
    let refused = second.stk_push(push()).await.unwrap_err();
    assert_eq!(refused.code(), "guard_gateway_ban");
    let retry_after = refused.retry_after().unwrap();
    assert!(retry_after > HOUR / 2 - Duration::from_secs(60) && retry_after <= HOUR / 2);
    assert_eq!(server.pushes(), met);
}

fn sealing(sandbox: &Sandbox, store: &Store, secrets: &[&str]) -> Client {
    let builder = builder(&sandbox.base_url()).ledger(Arc::clone(store));
    builder.callback_secrets(secrets.to_vec()).build().unwrap()
}

const OLD: &str = "the old secret, of the year 2026";
const NEW: &str = "the new secret, of the year 2027";

#[tokio::test]
async fn a_client_without_a_secret_in_common_is_refused_before_anything_is_claimed() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store: Store = Arc::new(MemoryLedger::default());
    let push = |number: usize| sale(&paying_phone(number)).order(format!("order {number}"));
    let old = sealing(&sandbox, &store, &[OLD]);
    old.request(push(1)).await.unwrap();
    let stranger = sealing(&sandbox, &store, &[NEW]);
    let refused = stranger.request(push(2)).await.unwrap_err();
    assert_eq!(refused.code(), "callback_secrets_differ");
    assert_eq!(refused.field(), Some("callback_secrets"));
    assert!(refused.hint().unwrap().contains("for a day"));
    let claimed = old.payments().of_order("order 2").await.unwrap();
    assert!(claimed.is_empty(), "a refused request claimed its order");
    // The way to change a secret: both for a day, then the new one alone.
    sealing(&sandbox, &store, &[NEW, OLD])
        .request(push(3))
        .await
        .unwrap();
    sealing(&sandbox, &store, &[NEW])
        .request(push(4))
        .await
        .unwrap();
    let late = sealing(&sandbox, &store, &[OLD]).request(push(5)).await;
    assert_eq!(late.unwrap_err().code(), "callback_secrets_differ");
    assert_eq!(sandbox.counters().prompts, 3);
    let other_shop = builder(&sandbox.base_url())
        .ledger(Arc::clone(&store))
        .callback_secrets([OLD])
        .shop("nairobi")
        .build()
        .unwrap();
    other_shop.request(push(6)).await.unwrap();
}

#[tokio::test]
async fn a_secret_made_by_chance_together_with_a_ledger_that_others_share_is_refused() {
    let build = |store: Store, secrets: &[&str], callback_url: Option<&str>, token: bool| {
        let credentials =
            DarajaCredentials::parse(CONSUMER_KEY, CONSUMER_SECRET, SHORT_CODE, PASS_KEY);
        let script = Script::always(Credentials::daraja(credentials.unwrap()));
        let builder = Daraja::builder()
            .credentials_provider(script)
            .callback_secrets(secrets.to_vec())
            .callback_token(token)
            .ledger(store);
        let builder = match callback_url {
            Some(url) => builder.callback_url(url),
            None => builder,
        };
        builder.build()
    };
    let shared = || -> Store { Arc::new(TroubledLedger::default()) };
    let refused = build(shared(), &[], Some(NO_SHOP), true).unwrap_err();
    assert_eq!(refused.code(), "callback_secret_by_chance");
    assert_eq!(refused.field(), Some("callback_secrets"));
    build(shared(), &[OLD], Some(NO_SHOP), true).unwrap();
    build(shared(), &[], Some(NO_SHOP), false).unwrap();
    build(shared(), &[], None, true).unwrap();
    build(Arc::new(MemoryLedger::default()), &[], Some(NO_SHOP), true).unwrap();
}
