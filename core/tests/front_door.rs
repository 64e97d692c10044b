//! The front door of Daraja (its proxies and firewalls): the words of its refusals, over HTTP.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::Error;
use support::*;

/// What one push ends with, and how many tokens and pushes it took.
async fn push_after(
    oauth: (u16, &'static str),
    push: (u16, &'static str),
) -> (Error, usize, usize) {
    let server = RawServer::start(move |seen| {
        let (status, body) = if seen.is_oauth() { oauth } else { push };
        Play::json(status, body)
    })
    .await;
    let client = builder(&server.base_url).build().unwrap();
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    let tokens = server.seen().iter().filter(|seen| seen.is_oauth()).count();
    (error, tokens, server.pushes())
}

const TOKEN: (u16, &str) = (200, r#"{"access_token":"t","expires_in":"3599"}"#);
const NO_ADDRESS: &str = r#"{"fault":{"faultstring":"Unable to identify proxy for host: secure and url: /x","detail":{"errorcode":"messaging.adaptors.http.flow.ApplicationNotFound"}}}"#;
const CALLOUT: &str = r#"{"Envelope":{"Body":{"Fault":{"faultcode":"soap:Server","faultstring":"Execution of ServiceCallout SCO-X failed.","detail":{"source":{"errorcode":"steps.servicecallout.ExecutionFailed"}}}}}}"#;
const NO_ADDRESS_IN_XML: &str = "<Error><faultstring>Unable to identify proxy for host: secure and url: /x</faultstring></Error>";
const PAGE: &str = "<html><body>Request unsuccessful. Incapsula incident ID: 1-1</body></html>";

#[tokio::test]
async fn the_front_door_is_read_before_the_envelope() {
    for (oauth, push, said, code, tokens, pushes) in [
        (
            TOKEN,
            (404, NO_ADDRESS),
            "rejected invalid_request",
            "messaging.adaptors.http.flow.ApplicationNotFound",
            1,
            1,
        ),
        (
            (404, NO_ADDRESS),
            TOKEN,
            "rejected invalid_request",
            "messaging.adaptors.http.flow.ApplicationNotFound",
            1,
            0,
        ),
        (
            TOKEN,
            (404, NO_ADDRESS_IN_XML),
            "rejected invalid_request",
            "no_such_address",
            1,
            1,
        ),
        (
            TOKEN,
            (500, CALLOUT),
            "unknown provider_error",
            "steps.servicecallout.ExecutionFailed",
            1,
            1,
        ),
        (
            (503, PAGE),
            TOKEN,
            "rejected blocked",
            "firewall_page",
            1,
            0,
        ),
        (
            (200, PAGE),
            TOKEN,
            "rejected blocked",
            "firewall_page",
            1,
            0,
        ),
        (TOKEN, (200, PAGE), "unknown blocked", "firewall_page", 1, 1),
        (TOKEN, (503, PAGE), "unknown blocked", "firewall_page", 1, 1),
        (TOKEN, (403, PAGE), "unknown blocked", "firewall_page", 1, 1),
        (TOKEN, (403, ""), "unknown blocked", "http_403", 1, 1),
        (
            (
                401,
                r#"{"resultCode":"999991","resultDesc":"Invalid client id passed"}"#,
            ),
            TOKEN,
            "rejected authentication",
            "http_401",
            1,
            0,
        ),
    ] {
        let (error, asked, sent) = push_after(oauth, push).await;
        assert_eq!(
            (in_short(&error).as_str(), error.code(), asked, sent),
            (said, code, tokens, pushes),
            "{error}"
        );
        assert!(error.hint().is_some());
    }
    let (error, ..) = push_after(TOKEN, (500, CALLOUT)).await;
    assert!(error.message().contains("SCO-X") && error.hint().unwrap().contains("Safaricom's"));
    let (error, ..) = push_after(TOKEN, (404, NO_ADDRESS)).await;
    assert!(error.message().contains("Unable to identify proxy"));
}

#[tokio::test]
async fn a_token_that_is_refused_by_words_alone_is_renewed() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let server = RawServer::on_push(move || {
        if calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            Play::json(404, r#"{"requestId":"1","errorCode":"404.001.04","errorMessage":"Invalid Access Token"}"#)
        } else {
            Play::acceptance()
        }
    })
    .await;
    builder(&server.base_url)
        .build()
        .unwrap()
        .stk_push(sale(PAYS))
        .await
        .unwrap();
    assert_eq!(server.pushes(), 2);
}

#[tokio::test]
async fn a_refused_field_is_named_as_the_api_names_it() {
    for (body, field) in [
        (
            r#"{"requestId":"1","errorCode":"400.002.02","errorMessage":"Bad Request - Invalid CallBackURL"}"#,
            "callback_url",
        ),
        (
            r#"{"requestId":"1","errorCode":"400.002.02","errorMessage":"Bad Request - Invalid Timestamp"}"#,
            "timestamp",
        ),
        (
            r#"{"requestId":"1","errorCode":"400.002.02","errorMessage":"Bad Request - Invalid BusinessShortCode"}"#,
            "short_code",
        ),
        (
            r#"{"requestId":"1","errorCode":"400.002.02","errorMessage":"Bad Request - Invalid TransactionType"}"#,
            "transaction_type",
        ),
        (
            r#"{"requestId":"1","errorCode":"400.002.02","errorMessage":"Bad Request - Invalid Amount"}"#,
            "amount",
        ),
    ] {
        let (error, ..) = push_after(TOKEN, (400, body)).await;
        assert_eq!(
            (in_short(&error).as_str(), error.field()),
            ("rejected invalid_request", Some(field))
        );
    }
}
