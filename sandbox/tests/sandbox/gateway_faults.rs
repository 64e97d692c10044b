//! Faults of one gateway.

use std::time::{Duration, Instant};

use lipia_sandbox::{FAULTS, Fault, FaultKind, FaultRow, Gateway, Step};
use serde_json::json;

use crate::support::{Reply, Shop, send};
use crate::till::{FIRST, PHONE, SECOND, STK, TRANSACTIONS, palpluss_error, upesipay_error};

const UUID: &str = "fa98a577-95ea-4a8f-8467-1fbe74f5d6f4";

async fn at(shop: &Shop, gateway: Gateway, step: Step, path: &str) -> Reply {
    match (gateway, step) {
        (Gateway::PalPluss, Step::Push) => shop.palpluss_push(PHONE).await,
        (Gateway::PalPluss, _) => {
            shop.palpluss("GET", &format!("{TRANSACTIONS}/{UUID}"), None)
                .await
        }
        (_, Step::Push) => shop.upesipay_push(path, PHONE).await,
        _ => {
            shop.upesipay_status(if path == FIRST {
                "E8UWT7CLUW"
            } else {
                "ws_CO_1"
            })
            .await
        }
    }
}

/// The status and PalPluss's code of a fault.
fn seen(row: &FaultRow) -> (u16, &'static str) {
    match row.kind {
        FaultKind::StkTempBanned => (429, "STK_TEMP_BANNED"),
        FaultKind::RateLimited => (429, "RATE_LIMIT_EXCEEDED"),
        FaultKind::InvalidApiKey => (401, "INVALID_API_KEY"),
        FaultKind::InsufficientScope => (403, "INSUFFICIENT_SCOPE"),
        FaultKind::TenantInactive => (401, "TENANT_INACTIVE"),
        FaultKind::AccountInactive => (403, "ACCOUNT_INACTIVE"),
        FaultKind::KycNotVerified => (403, "KYC_NOT_VERIFIED"),
        FaultKind::InsufficientServiceBalance => (402, "INSUFFICIENT_SERVICE_BALANCE"),
        FaultKind::NoPaymentChannels => (400, "NO_PAYMENT_CHANNELS"),
        FaultKind::NoDefaultChannel => (400, "NO_DEFAULT_CHANNEL"),
        FaultKind::CredentialInactive => (409, "CREDENTIAL_INACTIVE"),
        FaultKind::PlatformCredentialsNotConfigured => (500, "PLATFORM_CREDENTIALS_NOT_CONFIGURED"),
        FaultKind::Status404 => (404, ""),
        FaultKind::TokenRefused => (401, ""),
        FaultKind::LowServiceBalance => (402, ""),
        FaultKind::AccountNotReady => (412, ""),
        FaultKind::AccountRestricted => (403, "ACCOUNT_RESTRICTED"),
        FaultKind::StkBanned => (403, "STK_BANNED"),
        FaultKind::StkAbuseProtection => (429, "TOO_MANY_REQUESTS"),
        FaultKind::RestrictedForFourHours => (403, ""),
        other => panic!("no expectation for {other:?}: add one"),
    }
}

#[tokio::test]
async fn every_fault_of_a_gateway_is_seen_once_and_then_it_is_over() {
    let mut played = 0;
    for gateway in [Gateway::PalPluss, Gateway::UpesiPay] {
        let rows = FAULTS.iter().filter(|row| row.gateway == Some(gateway));
        // The others are seen in tests of their own.
        for row in rows.filter(|row| row.acting_is_free && row.kind != FaultKind::AccountBlocked) {
            for (step, path) in row
                .steps
                .iter()
                .flat_map(|step| [(*step, FIRST), (*step, SECOND)])
            {
                for acts in [false, true] {
                    let shop = Shop::open().await;
                    shop.sandbox
                        .inject(Fault::new(step, row.kind).after_acting(acts))
                        .unwrap();
                    // It waits for its own gateway.
                    assert_eq!(
                        shop.push("254712345670").await.status(),
                        200,
                        "{}",
                        row.name
                    );
                    let reply = at(&shop, gateway, step, path).await;
                    let (status, code) = seen(row);
                    if gateway == Gateway::PalPluss {
                        assert_eq!(
                            palpluss_error(&reply),
                            (status, code.to_owned()),
                            "{}",
                            row.name
                        );
                    } else {
                        assert_eq!(upesipay_error(&reply, path).0, status, "{}", row.name);
                    }
                    let prompted = u64::from(acts && step == Step::Push);
                    assert_eq!(
                        shop.sandbox.counters().of(gateway).prompts,
                        prompted,
                        "{}",
                        row.name
                    );
                    if prompted == 0 {
                        let after = at(&shop, gateway, step, path).await.status();
                        assert_eq!(after < 300, step == Step::Push, "over: {}", row.name);
                    }
                    played += 1;
                }
            }
        }
    }
    assert!(played > 60, "{played}");
}

#[tokio::test]
async fn an_injected_ban_looks_like_a_real_one() {
    let shop = Shop::open().await;
    shop.sandbox
        .inject(Fault::new(Step::Push, FaultKind::StkTempBanned))
        .unwrap();
    let reply = shop.palpluss_push(PHONE).await;
    assert_eq!(
        reply.json()["error"]["details"],
        json!({ "retryAfterSeconds": 3600 })
    );
    assert_eq!(reply.header("retry-after").as_deref(), Some("3600"));
    assert!(reply.header("x-ratelimit-limit").is_some());
    shop.sandbox
        .inject(Fault::new(Step::Query, FaultKind::RateLimited).seconds(7.0))
        .unwrap();
    let reply = shop.palpluss("GET", TRANSACTIONS, None).await;
    assert_eq!(reply.header("retry-after").as_deref(), Some("7"));
    assert_eq!(
        shop.sandbox.counters().palpluss.bans,
        0,
        "nobody was banned"
    );
}

#[tokio::test]
async fn faults_of_every_gateway_happen_here_too() {
    for (path, gateway) in [
        (STK, Gateway::PalPluss),
        (FIRST, Gateway::UpesiPay),
        (SECOND, Gateway::UpesiPay),
    ] {
        let shop = Shop::open().await;
        let inject = |kind| {
            shop.sandbox
                .inject(Fault::new(Step::Push, kind).gateway(gateway))
                .unwrap()
        };
        let push = || at(&shop, gateway, Step::Push, path);
        for kind in [
            FaultKind::AnswerLost,
            FaultKind::AnswerCut,
            FaultKind::TruncatedJson,
        ] {
            shop.sandbox.reset();
            inject(kind);
            let reply = push().await;
            assert!(
                serde_json::from_slice::<serde_json::Value>(&reply.body()).is_err(),
                "{kind:?}"
            );
            assert_eq!(
                shop.sandbox.counters().of(gateway).prompts,
                1,
                "{path} {kind:?}"
            );
        }
        for kind in [
            FaultKind::ConnectionRefused,
            FaultKind::UnavailableHtml,
            FaultKind::Empty200,
        ] {
            shop.sandbox.reset();
            inject(kind);
            push().await;
            assert_eq!(shop.sandbox.counters().prompts, 0, "{path} {kind:?}");
            assert_eq!(shop.sandbox.counters().faults_played, 1, "{path} {kind:?}");
        }
        shop.sandbox.reset();
        inject(FaultKind::SlowAfter);
        let began = Instant::now();
        push().await;
        assert!(
            began.elapsed() >= Duration::from_millis(30),
            "30 s at this scale"
        );
    }
}

#[tokio::test]
async fn reads_are_refused_connections_too() {
    let shop = Shop::open().await;
    let status = "/api/v2/transaction-status?reference=x".to_owned();
    let paths = [
        TRANSACTIONS.to_owned(),
        format!("{TRANSACTIONS}/{UUID}"),
        status,
        "/api/v2/transactions".to_owned(),
    ];
    for path in paths {
        shop.sandbox
            .inject(Fault::new(Step::Query, FaultKind::ConnectionRefused))
            .unwrap();
        assert!(shop.get(&path).await.raw.is_empty(), "{path}");
        assert!(!shop.get(&path).await.raw.is_empty(), "{path}");
    }
    assert_eq!(shop.sandbox.counters().connections_refused, 4);
}

#[tokio::test]
async fn a_fault_names_a_gateway_it_can_happen_at() {
    let shop = Shop::open().await;
    let ban = Fault::new(Step::Push, FaultKind::StkTempBanned);
    assert!(shop.sandbox.inject(ban.gateway(Gateway::UpesiPay)).is_err());
    assert!(
        shop.sandbox
            .inject(Fault::new(Step::Push, FaultKind::SystemBusy).gateway(Gateway::PalPluss))
            .is_err()
    );
    assert!(
        shop.sandbox
            .inject(Fault::new(Step::Query, FaultKind::StkTempBanned))
            .is_err()
    );
    // Of two that wait at one step, each finds its own gateway.
    let inject = async |body: &str| {
        send(
            &shop.sandbox.base_url(),
            "POST",
            "/_sandbox/faults",
            &[("Content-Type", "application/json")],
            body.as_bytes(),
        )
        .await
        .status()
    };
    assert_eq!(
        inject(r#"{"step":"push","kind":"empty_500","gateway":"upesipay"}"#).await,
        200
    );
    assert_eq!(
        inject(r#"{"step":"push","kind":"stk_temp_banned"}"#).await,
        200
    );
    assert_eq!(
        inject(r#"{"step":"push","kind":"empty_500","gateway":"nobody"}"#).await,
        400
    );
    assert_eq!(
        inject(r#"{"step":"push","kind":"stk_temp_banned","gateway":"daraja"}"#).await,
        400
    );
    assert_eq!(shop.push("254712345670").await.status(), 200);
    assert_eq!(shop.palpluss_push("254712345671").await.status(), 429);
    assert_eq!(
        shop.upesipay_push(FIRST, "254712345672").await.status(),
        500
    );
}

#[tokio::test]
async fn gateways_are_told_apart_over_the_control_api() {
    let shop = Shop::open().await;
    let id = shop.palpluss_accepted("254712009000").await;
    shop.upesipay_accepted(SECOND, PHONE).await;
    let act = send(
        &shop.sandbox.base_url(),
        "POST",
        &format!("/_sandbox/payments/{id}/act"),
        &[("Content-Type", "application/json")],
        br#"{"do":"wrong_pin"}"#,
    )
    .await;
    assert_eq!(act.status(), 200, "the gateway's own id will do");
    let payments = shop.get("/_sandbox/payments").await.json();
    assert_eq!(
        (&payments[0]["gateway"], &payments[0]["ending"]),
        (&json!("palpluss"), &json!("wrong_pin"))
    );
    assert_eq!(
        (&payments[1]["gateway"], &payments[1]["generation"]),
        (&json!("upesipay"), &json!(2))
    );
    let counters = shop.get("/_sandbox/counters").await.json();
    assert_eq!(counters["palpluss"]["prompts"], 1);
    assert_eq!(
        (
            &counters["upesipay"]["prompts"],
            &counters["upesipay"]["blocked_phones"]
        ),
        (&json!(1), &json!(0))
    );
    // Nobody sees another's payments.
    let checkout_id = payments[0]["checkout_request_id"].as_str().unwrap();
    assert_eq!(
        shop.query(checkout_id).await.error().2,
        "The transaction does not Exist"
    );
    assert_eq!(shop.upesipay_status(checkout_id).await.status(), 404);
    assert_eq!(shop.upesipay_status(&id).await.status(), 404);
    let own = payments[1]["transaction_id"].as_str().unwrap();
    let reply = shop
        .palpluss("GET", &format!("{TRANSACTIONS}/{own}"), None)
        .await;
    assert_eq!(
        palpluss_error(&reply),
        (404, "TRANSACTION_NOT_FOUND".to_owned())
    );
}
