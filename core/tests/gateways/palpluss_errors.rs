//! PalPluss's refusals: what each means for the money.

use crate::palpluss::*;
use crate::server::Told;
use lipia::client::CallOptions;
use lipia::payment::PaymentState;
use lipia::{Disposition, Error, ErrorKind};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_answer_that_names_no_prompt_leaves_it_open() {
    let bare = json!({ "transactionId": ID, "status": "PENDING", "resultCode": "0" });
    for (told, accepted) in [
        (
            Told::new(201, json!({ "provider_checkout_id": CHECKOUT }).to_string()),
            true,
        ),
        (data(&bare), true),
        (data(&json!({ "providerCheckoutId": "not an id" })), false),
        (
            Told::new(
                200,
                json!({ "success": false, "data": { "providerCheckoutId": CHECKOUT } }).to_string(),
            ),
            false,
        ),
        (Told::new(200, "<html>"), false),
        (Told::new(200, ""), false),
        (Told::new(301, ""), false),
        (Told::nothing(), false),
    ] {
        let (server, client) = server([told.clone()]);
        let answer = client.stk_push(push()).await;
        assert_eq!(answer.is_ok(), accepted, "{told:?}");
        if let Err(error) = answer {
            assert_eq!(
                (error.disposition(), error.retryable()),
                (Disposition::Unknown, false),
                "{told:?}"
            );
        }
        assert_eq!(server.asked().len(), 1, "{told:?}");
    }
}

async fn refused(told: Told) -> (Error, usize) {
    let (server, client) = server([told]);
    let client = client.with_options(CallOptions::default().timeout(Duration::from_millis(400)));
    let payment = client.reserve(push()).unwrap();
    let error = client.push(&payment).await.unwrap_err();
    let open = error.disposition() == Disposition::Unknown;
    assert_eq!(payment.snapshot().state() == PaymentState::Unknown, open);
    (error, server.asked().len())
}

#[tokio::test]
async fn every_documented_error_is_told_from_the_others() {
    use Disposition::{NotSent, Rejected, Unknown};
    use ErrorKind::{
        Authentication, Blocked, Credentials, InvalidRequest, ProviderError, RateLimited,
    };
    for (status, code, kind, disposition) in [
        (401, "AUTH_HEADER_INVALID", Authentication, Rejected),
        (401, "INVALID_API_KEY", Authentication, Rejected),
        (401, "TENANT_INACTIVE", Authentication, Rejected),
        (403, "INSUFFICIENT_SCOPE", Authentication, Rejected),
        (403, "ACCOUNT_INACTIVE", InvalidRequest, Rejected),
        (403, "KYC_NOT_VERIFIED", InvalidRequest, Rejected),
        (
            402,
            "INSUFFICIENT_SERVICE_BALANCE",
            InvalidRequest,
            Rejected,
        ),
        (400, "INVALID_PHONE", InvalidRequest, Rejected),
        (404, "CHANNEL_NOT_FOUND", InvalidRequest, Rejected),
        (400, "NO_PAYMENT_CHANNELS", InvalidRequest, Rejected),
        (400, "NO_DEFAULT_CHANNEL", InvalidRequest, Rejected),
        (400, "INVALID_IDEMPOTENCY_KEY", InvalidRequest, Rejected),
        (400, "INVALID_CURSOR", InvalidRequest, Rejected),
        (400, "INVALID_UUID", InvalidRequest, Rejected),
        (400, "EMPTY_UPDATE", InvalidRequest, Rejected),
        (400, "UNSUPPORTED_CURRENCY", InvalidRequest, Rejected),
        (404, "CREDENTIAL_NOT_FOUND", Credentials, Rejected),
        (409, "CREDENTIAL_INACTIVE", Credentials, Rejected),
        (404, "TRANSACTION_NOT_FOUND", InvalidRequest, Rejected),
        (404, "WALLET_NOT_FOUND", InvalidRequest, Rejected),
        (409, "WALLET_INACTIVE", InvalidRequest, Rejected),
        (409, "INSUFFICIENT_FUNDS", InvalidRequest, Rejected),
        (409, "DUPLICATE_SHORTCODE", InvalidRequest, Rejected),
        (409, "DUPLICATE_IDEMPOTENCY_KEY", InvalidRequest, Unknown),
        (409, "CHANNEL_IN_USE", InvalidRequest, Rejected),
        (429, "RATE_LIMIT_EXCEEDED", RateLimited, NotSent),
        (429, "STK_TEMP_BANNED", Blocked, Rejected),
        (
            500,
            "PLATFORM_CREDENTIALS_NOT_CONFIGURED",
            Credentials,
            Rejected,
        ),
        // The code decides, whatever the status.
        (200, "INVALID_PHONE", InvalidRequest, Rejected),
        (503, "STK_TEMP_BANNED", Blocked, Rejected),
        // Codes that nobody knows.
        (422, "SOMETHING_NEW", InvalidRequest, Rejected),
        (409, "SOMETHING_NEW", ProviderError, Unknown),
        (429, "STK_PERM_BANNED", Blocked, Rejected),
        (500, "SOMETHING_NEW", ProviderError, Unknown),
    ] {
        let (error, count) = refused(refusal(status, code, &json!({}))).await;
        assert_eq!(
            (error.kind(), error.disposition()),
            (kind, disposition),
            "{status} {code}"
        );
        assert_eq!((error.code(), error.http_status()), (code, Some(status)));
        assert_eq!(error.request_id(), Some("r-9"), "{code}");
        assert!(error.hint().is_some(), "{code}");
        assert_eq!(count, 1, "{code}");
    }
    let (error, _) = refused(refusal(402, "INSUFFICIENT_SERVICE_BALANCE", &json!({}))).await;
    assert!(error.hint().unwrap().contains("service wallet"));
}

#[tokio::test]
async fn answers_without_an_envelope_say_nothing_about_the_phone_unless_the_key_is_refused() {
    for (status, body, kind, disposition) in [
        (500, "", ErrorKind::ProviderError, Disposition::Unknown),
        (
            502,
            "<html>Bad Gateway</html>",
            ErrorKind::ProviderError,
            Disposition::Unknown,
        ),
        (403, "<html>", ErrorKind::Blocked, Disposition::Unknown),
        (
            503,
            "<title>Attention Required! | Cloudflare</title>",
            ErrorKind::Blocked,
            Disposition::Unknown,
        ),
        (401, "no", ErrorKind::Authentication, Disposition::Rejected),
        (
            400,
            r#"{"message":"?"}"#,
            ErrorKind::UnreadableAnswer,
            Disposition::Unknown,
        ),
        (
            400,
            r#"{"success":false,"error":"INVALID_PHONE"}"#,
            ErrorKind::UnreadableAnswer,
            Disposition::Unknown,
        ),
        (429, "", ErrorKind::RateLimited, Disposition::NotSent),
    ] {
        let (error, count) = refused(Told::new(status, body)).await;
        assert_eq!(
            (error.kind(), error.disposition(), count),
            (kind, disposition, 1),
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn a_ban_is_never_sent_again_and_says_how_long_it_lasts() {
    for (told, seconds) in [
        (
            refusal(429, "STK_TEMP_BANNED", &json!({ "retryAfterSeconds": 1 })),
            1,
        ),
        (
            refusal(
                429,
                "STK_TEMP_BANNED",
                &json!({ "retryAfterSeconds": "1200" }),
            ),
            1200,
        ),
        (
            refusal(429, "STK_TEMP_BANNED", &json!({ "retryAfterSeconds": 1.5 }))
                .header("retry-after", "7"),
            2,
        ),
        (
            refusal(
                429,
                "STK_TEMP_BANNED",
                &json!({ "retryAfterSeconds": "soon" }),
            )
            .header("retry-after", "7"),
            7,
        ),
        (
            refusal(429, "STK_TEMP_BANNED", &json!({})).header("retry-after", "0"),
            // A block that is over at once is not a block: the documents' hour holds.
            3600,
        ),
        (refusal(429, "STK_TEMP_BANNED", &Value::Null), 3600),
        (
            refusal(
                429,
                "STK_TEMP_BANNED",
                &json!({ "retryAfterSeconds": 1e30 }),
            ),
            3600,
        ),
        (
            refusal(
                429,
                "STK_TEMP_BANNED",
                &json!({ "retryAfterSeconds": u64::MAX }),
            ),
            31 * 24 * 3600,
        ),
    ] {
        let (server, client) = server([told.clone(), accepted()]);
        let error = client.stk_push(push()).await.unwrap_err();
        assert_eq!(
            error.retry_after(),
            Some(Duration::from_secs(seconds)),
            "{told:?}"
        );
        assert_eq!(
            (error.kind(), error.retryable()),
            (ErrorKind::Blocked, false)
        );
        assert_eq!(server.asked().len(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_where_there_is_time() {
    let limited = || refusal(429, "RATE_LIMIT_EXCEEDED", &Value::Null);
    let (server, client) = server([limited().header("retry-after", "1"), accepted()]);
    let began = Instant::now();
    client.stk_push(push()).await.unwrap();
    assert_eq!(server.asked().len(), 2);
    assert!(began.elapsed() >= Duration::from_secs(1));

    let reset = |seconds: u64| {
        limited()
            .header("date", "Sun, 01 Mar 2026 08:00:00 GMT")
            .header("x-ratelimit-remaining", "0")
            .header("x-ratelimit-reset", &(1_772_352_000 + seconds).to_string())
    };
    for (told, seconds) in [
        (reset(42), Some(42)),
        (reset(42).header("retry-after", "50"), Some(50)),
        (reset(3_000_000), None),
        (limited().header("x-ratelimit-reset", "1772352042"), None),
        (limited(), None),
    ] {
        let (error, count) = refused(told.clone()).await;
        assert_eq!(
            error.retry_after(),
            seconds.map(Duration::from_secs),
            "{told:?}"
        );
        assert_eq!((count, error.retryable()), (1, true));
    }
}
