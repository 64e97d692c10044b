//! One program over every gateway, and the guard that keeps a merchant from being blocked by two of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

use lipia::gateway::UpesiPayGeneration;
use lipia::{
    Client, Daraja, Error, ErrorKind, GatewayName, Outcome, PalPluss, PayHero, Payment, StkPush,
    UpesiPay, WaitOptions,
};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Fault, FaultKind, Gateway, GatewayCounters, PALPLUSS_API_KEY,
    PASS_KEY, PAYHERO_CHANNEL_ID, PAYHERO_TOKEN, PalPlussOptions, SHORT_CODE, Sandbox,
    SandboxOptions, Step, UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN,
};
use std::time::Duration;

/// Nobody listens there: what these tests learn, they learn by asking.
const CALLBACK_URL: &str = "http://127.0.0.1:9/pay";

async fn sandbox() -> Sandbox {
    sandbox_at(500.0).await
}

async fn sandbox_at(time_scale: f64) -> Sandbox {
    let options = SandboxOptions::default()
        .time_scale(time_scale)
        .token_lifetime_seconds(30_000_000);
    Sandbox::start(options).await.unwrap()
}

fn upesipay(sandbox: &Sandbox, generation: UpesiPayGeneration) -> lipia::client::UpesiPayBuilder {
    UpesiPay::builder()
        .auth_token(UPESIPAY_TOKEN)
        .channel_id(UPESIPAY_CHANNEL_ID.to_string())
        .generation(generation)
        .base_url(sandbox.base_url())
        .callback_url(CALLBACK_URL)
}

fn palpluss(sandbox: &Sandbox) -> lipia::client::PalPlussBuilder {
    PalPluss::builder()
        .api_key(PALPLUSS_API_KEY)
        .base_url(format!("{}/v1", sandbox.base_url()))
        .callback_url(CALLBACK_URL)
}

fn payhero(sandbox: &Sandbox) -> lipia::client::PayHeroBuilder {
    PayHero::builder()
        .auth_token(PAYHERO_TOKEN)
        .channel_id(PAYHERO_CHANNEL_ID.to_string())
        .base_url(sandbox.base_url_of(Gateway::PayHero))
        .callback_url(CALLBACK_URL)
}

fn every_client(sandbox: &Sandbox) -> Vec<Client> {
    let daraja = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .base_url(sandbox.base_url())
        .callback_url(CALLBACK_URL);
    vec![
        daraja.build().unwrap(),
        palpluss(sandbox).build().unwrap(),
        upesipay(sandbox, UpesiPayGeneration::One).build().unwrap(),
        upesipay(sandbox, UpesiPayGeneration::Two).build().unwrap(),
        payhero(sandbox).build().unwrap(),
    ]
}

fn hurried() -> WaitOptions {
    let soon = Duration::from_millis(20);
    WaitOptions::default()
        .timeout(Duration::from_secs(20))
        .query(soon, soon)
}

/// What a shop does: it does not know whom it asks.
async fn sell(client: &Client, phone: &str, reference: &str) -> Result<Payment, Error> {
    client
        .collect(StkPush::new(phone, 10, reference), hurried())
        .await
}

#[tokio::test]
async fn one_program_sells_through_every_gateway_and_learns_the_same_words() {
    for (phone, wanted) in [
        ("0712345678", Outcome::Success),
        ("0712341032", Outcome::Cancelled),
    ] {
        let sandbox = sandbox().await;
        for client in every_client(&sandbox) {
            let payment = sell(&client, phone, "INV-1").await.unwrap();
            // UpesiPay's status address knows one word for everything that is not paid.
            let told = payment.outcome();
            assert!(
                told == wanted || told == Outcome::Failed && !wanted.is_paid(),
                "{}: {told}",
                client.gateway()
            );
            assert_eq!(payment.is_paid(), wanted == Outcome::Success);
        }
        assert_eq!(sandbox.counters().prompts, 5);
        assert_eq!(sandbox.counters().payhero.prompts, 1);
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_lost_answer_prompts_once_through_every_gateway() {
    // Slow enough for the sandbox's clock to stay near ours: a transaction that was made much later is another's.
    let sandbox = sandbox_at(60.0).await;
    for (number, client) in every_client(&sandbox).into_iter().enumerate() {
        sandbox
            .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
            .unwrap();
        let before = sandbox.counters().prompts;
        let phone = format!("07123450{number:02}");
        let push = StkPush::new(phone, 10, format!("LOST-{number}"));
        let result = client
            .collect(push, hurried().timeout(Duration::from_millis(1500)))
            .await;
        assert_eq!(
            sandbox.counters().prompts,
            before + 1,
            "{}",
            client.gateway()
        );
        // PalPluss has a list to look in; the others have nothing to ask by without the callback.
        match client.gateway() {
            GatewayName::PalPluss => assert!(result.unwrap().is_paid()),
            _ => assert_eq!(
                result.unwrap_err().disposition(),
                lipia::Disposition::Unknown
            ),
        }
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn payhero_names_itself_and_never_reads_upesipays_payments() {
    let sandbox = sandbox().await;
    let hero = payhero(&sandbox).build().unwrap();
    let push = || StkPush::new("0712345678", 10, "INV-1");
    let accepted = hero.stk_push(push()).await.unwrap();
    assert_eq!(accepted.gateway, GatewayName::PayHero);
    let other = upesipay(&sandbox, UpesiPayGeneration::One).build().unwrap();
    let unknown = other.stk_query(accepted.id()).await.unwrap();
    assert_eq!(unknown.outcome, Outcome::Unknown);
    let status = hero.wait_by_id(accepted.id(), hurried()).await.unwrap();
    assert_eq!(status.outcome, Outcome::Success);
    assert!(status.receipt.is_some());
    // A payment of UpesiPay's is not taken up by PayHero's client, nor the other way round.
    let payment = hero.reserve(push()).unwrap().snapshot();
    assert_eq!(payment.gateway(), GatewayName::PayHero);
    assert!(other.resume(payment.clone()).is_err());
    hero.resume(payment).unwrap();
    sandbox.stop().await;
}

#[tokio::test]
async fn payhero_has_no_limits_to_guard_but_minds_an_announced_block() {
    let sandbox = sandbox().await;
    let hero = payhero(&sandbox).build().unwrap();
    for _ in 0..12 {
        sell(&hero, "0712341032", "INV-1").await.unwrap();
    }
    let fault = Fault::new(Step::Push, FaultKind::AccountBlocked).gateway(Gateway::PayHero);
    sandbox.inject(fault).unwrap();
    for requests in [13, 13] {
        let push = StkPush::new("0712345678", 10, "INV-1");
        let error = hero.stk_push(push).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked, "{error}");
        assert_eq!(sandbox.counters().payhero.push_attempts, requests);
    }
    sandbox.stop().await;
}

fn upesipay_counters(sandbox: &Sandbox) -> GatewayCounters {
    sandbox.counters().of(Gateway::UpesiPay).clone()
}

#[tokio::test]
async fn twelve_cancelled_pushes_get_a_phone_blocked_unless_the_guard_refuses_the_eleventh() {
    for generation in [UpesiPayGeneration::One, UpesiPayGeneration::Two] {
        let sandbox = sandbox().await;
        let unguarded = upesipay(&sandbox, generation)
            .without_guard()
            .build()
            .unwrap();
        for number in 1..=12 {
            let sold = sell(&unguarded, "0712341032", "INV-1").await;
            assert_eq!(sold.is_ok(), number <= 11, "push {number}: {sold:?}");
        }
        assert_eq!(upesipay_counters(&sandbox).blocked_phones, 1);
        sandbox.stop().await;
    }

    let sandbox = sandbox().await;
    let guarded = upesipay(&sandbox, UpesiPayGeneration::One).build().unwrap();
    for number in 1..=12 {
        let sold = sell(&guarded, "0712341032", "INV-1").await;
        if number <= 10 {
            assert!(!sold.unwrap().is_paid(), "push {number}");
            continue;
        }
        let refused = sold.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.code()),
            (ErrorKind::Blocked, "guard_phone_closed")
        );
        assert_eq!(refused.disposition(), lipia::Disposition::NotSent);
        let opens = refused.retry_after().unwrap();
        assert!(opens > Duration::from_secs(23 * 3600) && opens <= Duration::from_secs(24 * 3600));
    }
    let counters = upesipay_counters(&sandbox);
    assert_eq!((counters.push_attempts, counters.blocked_phones), (10, 0));
    // Another phone is served as ever.
    assert!(
        sell(&guarded, "0712345678", "INV-1")
            .await
            .unwrap()
            .is_paid()
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn fifty_failures_get_an_account_blocked_unless_the_guard_stops_before() {
    let phones: Vec<String> = (0..60)
        .map(|number| format!("07{number:02}341032"))
        .collect();

    let sandbox = sandbox().await;
    let unguarded = upesipay(&sandbox, UpesiPayGeneration::One)
        .without_guard()
        .build()
        .unwrap();
    for phone in &phones {
        let _ = sell(&unguarded, phone, "INV-1").await;
    }
    assert!(upesipay_counters(&sandbox).bans >= 1);
    assert!(upesipay_counters(&sandbox).refused_while_blocked >= 1);
    sandbox.stop().await;

    let sandbox = self::sandbox().await;
    let guarded = upesipay(&sandbox, UpesiPayGeneration::One).build().unwrap();
    let mut refused = 0;
    for phone in &phones {
        if let Err(error) = sell(&guarded, phone, "INV-1").await {
            assert_eq!(error.code(), "guard_account_closed", "{error:?}");
            refused += 1;
        }
    }
    let counters = upesipay_counters(&sandbox);
    assert_eq!((counters.push_attempts, refused), (49, 11));
    assert_eq!((counters.bans, counters.refused_while_blocked), (0, 0));
    sandbox.stop().await;
}

#[tokio::test]
async fn during_a_palpluss_ban_one_request_learns_of_it_and_the_others_stay_here() {
    let options = SandboxOptions::default()
        .time_scale(500.0)
        .palpluss(PalPlussOptions::default().ban_after(3, 100_000, 20));
    for guarded in [false, true] {
        let sandbox = Sandbox::start(options.clone()).await.unwrap();
        let builder = palpluss(&sandbox);
        let builder = if guarded {
            builder
        } else {
            builder.without_guard()
        };
        let client = builder.build().unwrap();
        for number in 0..3 {
            let sold = sell(&client, &format!("07{number:02}341032"), "INV-1").await;
            assert_eq!(sold.unwrap().outcome(), Outcome::Cancelled);
        }
        let before = sandbox.counters().of(Gateway::PalPluss).push_attempts;
        for number in 10..15 {
            let error = sell(&client, &format!("07{number:02}345678"), "INV-1")
                .await
                .unwrap_err();
            let code = if number == 10 || !guarded {
                "STK_TEMP_BANNED"
            } else {
                "guard_gateway_ban"
            };
            assert_eq!(
                (error.code(), error.kind()),
                (code, ErrorKind::Blocked),
                "{error:?}"
            );
            assert!(error.retry_after().is_some() && !error.retryable());
        }
        let reached = sandbox.counters().of(Gateway::PalPluss).push_attempts - before;
        assert_eq!(reached, if guarded { 1 } else { 5 });
        sandbox.stop().await;
    }
}
