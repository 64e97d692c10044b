//! A credentials provider, asked when credentials are first needed: once for everybody, again when they are no longer good, and
//! without a prompt or a lost payment where they do not come.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use futures_util::FutureExt;
use lipia::client::DarajaBuilder;
use lipia::guard::{Guard, Limits};
use lipia::payment::PaymentState;
use lipia::values::{DarajaCredentials, EatTime, ManualClock};
use lipia::{Client, Credentials, Daraja, ErrorKind, PhoneNumber, Secret, StkPush};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Fault, FaultKind, PASS_KEY, SHORT_CODE, Sandbox, Step,
};
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use support::{
    LOCKED, Memory, NO_SHOP, PAYS, Play, RawServer, Script, bounded, fast, in_short, paying_phone,
    sale,
};

fn keys_of(consumer_secret: &str, pass_key: &str) -> Credentials {
    Credentials::daraja(
        DarajaCredentials::parse(CONSUMER_KEY, consumer_secret, SHORT_CODE, pass_key).unwrap(),
    )
}

fn good() -> Credentials {
    keys_of(CONSUMER_SECRET, PASS_KEY)
}

fn builder(base_url: &str, script: &Arc<Script>) -> DarajaBuilder {
    Daraja::builder()
        .credentials_provider(script.clone())
        .callback_url(NO_SHOP)
        .base_url(base_url)
        .timeout(Duration::from_secs(10))
}

async fn stand(script: Arc<Script>) -> (Sandbox, Client, Arc<Script>) {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = builder(&sandbox.base_url(), &script).build().unwrap();
    (sandbox, client, script)
}

async fn push(client: &Client, phone: usize) -> String {
    match bounded(client.stk_push(sale(&paying_phone(phone)))).await {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{} {}", in_short(&error), error.code()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_cold_pushes_ask_once_and_fetch_one_token() {
    let (sandbox, client, script) = stand(Script::always(good())).await;
    script.close();
    assert_eq!(script.asked(), 0, "making a client asks nobody");
    let mut running = Vec::new();
    for phone in 0..20 {
        let client = client.clone();
        running.push(tokio::spawn(async move { push(&client, phone).await }));
    }
    script.until_asked(1).await;
    script.open();
    for running in running {
        assert_eq!(bounded(running).await.unwrap(), "accepted");
    }
    let counters = sandbox.counters();
    assert_eq!(
        (script.asked(), counters.oauth_calls, counters.prompts),
        (1, 1, 20)
    );
}

#[tokio::test]
async fn forgotten_keys_are_asked_for_again_and_so_is_their_token() {
    let (sandbox, client, script) = stand(Script::always(good())).await;
    assert_eq!(push(&client, 0).await, "accepted");
    client.forget_credentials();
    assert_eq!(script.asked(), 1, "not before they are needed");
    assert_eq!(push(&client, 1).await, "accepted");
    assert_eq!((script.asked(), sandbox.counters().oauth_calls), (2, 2));
}

#[tokio::test]
async fn a_builders_own_keys_stay_and_their_token_is_forgotten() {
    let (sandbox, client) = support::stand().await;
    assert_eq!(push(&client, 0).await, "accepted");
    client.forget_credentials();
    assert_eq!(push(&client, 1).await, "accepted");
    assert_eq!(sandbox.counters().oauth_calls, 2);
}

#[tokio::test]
async fn a_push_under_way_goes_on_with_the_keys_that_are_forgotten() {
    let (sandbox, client, script) = stand(Script::always(good())).await;
    script.close();
    let running = tokio::spawn({
        let client = client.clone();
        async move { push(&client, 0).await }
    });
    script.until_asked(1).await;
    client.forget_credentials();
    script.open();
    assert_eq!(bounded(running).await.unwrap(), "accepted");
    assert_eq!(push(&client, 1).await, "accepted");
    assert_eq!((script.asked(), sandbox.counters().prompts), (2, 2));
}

#[tokio::test]
async fn refused_keys_are_forgotten_and_nothing_is_sent_again_by_that() {
    for (wrong, refusal, pushes) in [
        (keys_of("wrong", PASS_KEY), "rejected authentication", 0),
        (keys_of(CONSUMER_SECRET, "wrong"), "rejected credentials", 1),
    ] {
        let script = Script::new([Some(wrong), Some(good())]);
        let (sandbox, client, script) = stand(script).await;
        let payment = client.reserve(sale(PAYS)).unwrap();
        let error = client.push(&payment).await.unwrap_err();
        assert_eq!(in_short(&error), refusal);
        assert!(error.hint().unwrap().contains("forgotten"), "{error}");
        let counters = sandbox.counters();
        assert_eq!((counters.push_attempts, counters.prompts), (pushes, 0));
        assert_eq!(script.asked(), 1);
        client.push(&payment).await.unwrap();
        assert_eq!((script.asked(), sandbox.counters().prompts), (2, 1));
    }
}

#[tokio::test]
async fn keys_that_a_request_of_an_order_shows_to_be_wrong_are_forgotten() {
    for wrong in [
        keys_of("wrong", PASS_KEY),
        keys_of(CONSUMER_SECRET, "wrong"),
    ] {
        let script = Script::new([Some(wrong), Some(good())]);
        let (sandbox, client, script) = stand(script).await;
        let sale = || sale(&paying_phone(1)).order("order-17");
        let error = bounded(client.request(sale())).await.unwrap_err();
        assert!(error.hint().unwrap().contains("forgotten"), "{error}");
        assert_eq!((script.asked(), sandbox.counters().prompts), (1, 0));
        bounded(client.request(sale())).await.unwrap();
        assert_eq!((script.asked(), sandbox.counters().prompts), (2, 1));
    }
}

#[tokio::test]
async fn any_other_refusal_keeps_the_keys() {
    let (sandbox, client, script) = stand(Script::always(good())).await;
    for kind in [
        FaultKind::Empty500,
        FaultKind::FirewallHtml,
        FaultKind::InvalidToken404,
    ] {
        sandbox.inject(Fault::new(Step::Push, kind)).unwrap();
        push(&client, 0).await;
    }
    assert_eq!(push(&client, 1).await, "accepted");
    assert_eq!(script.asked(), 1);
}

#[tokio::test]
async fn keys_are_asked_for_ahead_of_their_end_and_the_same_ones_keep_their_token() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let clock = ManualClock::new(EatTime::parse_wire("20261122120000").unwrap());
    let lifetime = Duration::from_secs(600);
    let script = Script::always(good().lifetime(lifetime));
    let client = builder(&sandbox.base_url(), &script)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let moments = [(0, 1), (530, 1), (550, 2), (1_080, 2), (2_000, 3)];
    for (phone, (seconds, asked)) in moments.into_iter().enumerate() {
        clock.set(EatTime::parse_wire("20261122120000").unwrap());
        clock.advance(Duration::from_secs(seconds));
        assert_eq!(push(&client, phone).await, "accepted", "{seconds}");
        bounded(client.drain()).await;
        assert_eq!(script.asked(), asked, "after {seconds} seconds");
    }
    assert_eq!(sandbox.counters().oauth_calls, 1);
}

#[tokio::test]
async fn the_token_of_other_keys_is_never_used() {
    // A token names the keys that brought it.
    let server = RawServer::start(|seen| {
        let authorization = seen.header("authorization").unwrap_or_default();
        if seen.is_oauth() {
            let token = authorization.replace("Basic ", "of-");
            Play::json(
                200,
                &format!(r#"{{"access_token":"{token}","expires_in":"3599"}}"#),
            )
        } else {
            Play::acceptance()
        }
    })
    .await;
    let keys = |key: &str| {
        let credentials = DarajaCredentials::parse(key, "secret", SHORT_CODE, PASS_KEY).unwrap();
        Some(Credentials::daraja(credentials).lifetime(Duration::ZERO))
    };
    let script = Script::new([keys("one"), keys("two"), keys("two"), keys("one")]);
    let client = builder(&server.base_url, &script).build().unwrap();
    for phone in 0..4 {
        assert_eq!(push(&client, phone).await, "accepted");
    }
    let one = "Bearer of-b25lOnNlY3JldA==";
    let two = "Bearer of-dHdvOnNlY3JldA==";
    let seen = server.seen();
    let used: Vec<_> = seen
        .iter()
        .filter(|seen| seen.is_push())
        .map(|seen| seen.header("authorization").unwrap())
        .collect();
    assert_eq!(used, [one, two, two, one]);
    assert_eq!(seen.iter().filter(|seen| seen.is_oauth()).count(), 3);
}

/// A provider that fails leaves everything as if nobody had called.
#[tokio::test]
async fn without_keys_a_payment_stays_reserved_and_can_be_pushed() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let script = Script::new([None, Some(good())]);
    let store = Arc::new(Memory::default());
    let guard = Guard::new(Limits::default());
    let client = builder(&sandbox.base_url(), &script)
        .store(store.clone())
        .guard(guard.clone())
        .build()
        .unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let error = bounded(client.push(&payment)).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent storage retryable");
    assert_eq!(error.code(), "keys_not_provided");
    assert_eq!(error.source().unwrap().to_string(), LOCKED);
    assert!(!format!("{error} {error:?}").contains("4711"));

    let states = |store: &Memory| -> Vec<PaymentState> {
        store.saved().iter().map(lipia::Payment::state).collect()
    };
    assert_eq!(states(&store), [PaymentState::Reserved]);
    let phone = PhoneNumber::parse(PAYS).unwrap();
    let standing = guard
        .standing(&phone, payment.snapshot().reserved_at())
        .await;
    assert_eq!(standing.unwrap().phone.unwrap().counted, 0);
    let counters = sandbox.counters();
    assert_eq!((counters.oauth_calls, counters.push_attempts), (0, 0));

    bounded(client.push(&payment)).await.unwrap();
    assert_eq!((script.asked(), sandbox.counters().prompts), (2, 1));
    // And one that was pushed is never told that it was not sent, whatever the keys.
    client.forget_credentials();
    let error = client.push(&payment).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PaymentState);
    assert_eq!(script.asked(), 2);
}

#[tokio::test]
async fn an_announced_payment_without_keys_is_reserved_again() {
    let (sandbox, client, _script) = stand(Script::new([None, Some(good())])).await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    payment.begin().unwrap();
    assert_eq!(
        client.push(&payment).await.unwrap_err().code(),
        "keys_not_provided"
    );
    assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
    payment.begin().unwrap();
    client.push(&payment).await.unwrap();
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_ends_with_the_calls_time() {
    let script = Script::always(good());
    script.close();
    let client = builder("http://127.0.0.1:9", &script).build().unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let error = bounded(client.push(&payment)).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent storage retryable");
    assert_eq!(error.code(), "keys_not_in_time");
    assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
    let error = bounded(client.stk_query("ws_CO_1")).await.unwrap_err();
    assert_eq!(error.code(), "keys_not_in_time");
    // Nobody waited any more, so it was asked anew.
    assert_eq!(script.asked(), 2);
    assert!(client.is_at_rest());
}

#[tokio::test]
async fn a_caller_that_goes_away_spoils_it_for_nobody() {
    let (sandbox, client, script) = stand(Script::always(good())).await;
    script.close();
    let mut first = Box::pin(client.stk_query("ws_CO_1"));
    assert!(first.as_mut().now_or_never().is_none());
    let mut second = Box::pin(client.stk_query("ws_CO_1"));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    script.open();
    bounded(second).await.unwrap();
    assert_eq!((script.asked(), sandbox.counters().queries), (1, 1));
}

#[tokio::test]
async fn a_provider_that_panics_is_one_that_fails() {
    #[derive(Debug)]
    struct Broken;
    impl lipia::client::CredentialsProvider for Broken {
        fn credentials(
            &self,
        ) -> futures_util::future::BoxFuture<
            '_,
            Result<Credentials, Box<dyn std::error::Error + Send + Sync>>,
        > {
            panic!("the other language threw something")
        }
    }
    let client = Daraja::builder()
        .credentials_provider(Arc::new(Broken))
        .callback_url(NO_SHOP)
        .build()
        .unwrap();
    let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
    assert_eq!(in_short(&error), "not_sent storage retryable");
    assert_eq!(error.code(), "keys_not_provided");
}

#[tokio::test]
async fn keys_that_do_not_fit_the_client_are_an_error_of_settings() {
    for (keys, code, field) in [
        (
            Credentials::palpluss(Secret::new("pp_1")),
            "keys_of_another_gateway",
            "credentials_provider",
        ),
        (
            Credentials::upesipay_login("shop", Secret::new("word")),
            "keys_of_another_gateway",
            "credentials_provider",
        ),
        (
            Credentials::access_token(
                Secret::new("two words"),
                lipia::values::ShortCode::parse(SHORT_CODE).unwrap(),
            ),
            "access_token_unreadable",
            "access_token",
        ),
    ] {
        let (sandbox, client, script) = stand(Script::new([Some(keys), Some(good())])).await;
        let payment = client.reserve(sale(PAYS)).unwrap();
        let error = client.push(&payment).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)));
        assert_eq!(in_short(&error), "not_sent configuration");
        assert_eq!(payment.snapshot().state(), PaymentState::Reserved);
        assert_eq!(sandbox.counters().push_attempts, 0);
        client.push(&payment).await.unwrap();
        assert_eq!(script.asked(), 2);
    }
}

#[tokio::test]
async fn what_needs_no_keys_asks_for_none() {
    let script = Script::always(good());
    script.close();
    let client = builder("http://127.0.0.1:9", &script).build().unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let body = support::success_body("ws_CO_1", "150", PAYS, Some("RECEIPT123"));
    let path = support::path_of(&payment);
    let incoming = lipia::IncomingCallback::new(&path, &body);
    let received = client
        .receive_callback(incoming, lipia::callback::Confirm::Never)
        .await
        .unwrap();
    assert_eq!(received.payment_id, *payment.id());
    // What is sealed by chance is another client's secret to nobody.
    let other = builder("http://127.0.0.1:9", &script).build().unwrap();
    let error = other.callback_secrets().verify(&path).unwrap_err();
    assert_eq!(error.code(), "callback_token_wrong");
    client.forget_credentials();
    let wrong = StkPush::new(PAYS, 0, "INV");
    assert_eq!(client.reserve(wrong).unwrap_err().field(), Some("amount"));
    assert_eq!(script.asked(), 0);
    let shown = format!("{client:?} {:?} {:?}", builder("http://x", &script), good());
    for secret in ["4711", CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
