//! Version 2 of Daraja's query: its receipt, and the way back to version 1 where it does not exist.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::gateway::QueryVersion;
use lipia::values::Receipt;
use lipia::{Client, Outcome};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use support::{Play, RawServer, builder, fast, hurried, phone_ending, sale};

/// A client that asks with version 2.
fn second(base_url: &str) -> Client {
    let builder = builder(base_url).query_version(QueryVersion::V2);
    builder.build().unwrap()
}

/// The versions that a sandbox was asked with, in order.
fn asked(sandbox: &Sandbox) -> Vec<&'static str> {
    let requests = sandbox.requests();
    let versions = requests.iter().filter_map(|request| {
        let path = request.path.strip_prefix("/mpesa/stkpushquery/")?;
        Some(if path == "v2/query" { "v2" } else { "v1" })
    });
    versions.collect()
}

#[tokio::test]
async fn a_payment_that_a_query_settles_has_its_receipt() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    for (client, has_one) in [
        (builder(&sandbox.base_url()).build().unwrap(), false),
        (second(&sandbox.base_url()), true),
    ] {
        let push = sale(&phone_ending("9003"));
        let paid = client.collect(push, hurried()).await.unwrap();
        assert!(paid.is_paid());
        let theirs = sandbox.payments().last().unwrap().receipt.clone();
        assert_eq!(
            paid.receipt().map(Receipt::as_str),
            theirs.as_deref().filter(|_| has_one)
        );
    }
}

#[tokio::test]
async fn where_version_2_is_missing_version_1_is_asked_from_then_on() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = second(&sandbox.base_url());
    let accepted = client.stk_push(sale(&phone_ending("9000"))).await.unwrap();
    let fault = Fault::new(Step::Query, FaultKind::QueryV2Missing).forever();
    sandbox.inject(fault).unwrap();
    for _ in 0..2 {
        let status = client.stk_query(accepted.id()).await.unwrap();
        assert_eq!(status.outcome, Outcome::Pending);
    }
    assert_eq!(asked(&sandbox), ["v2", "v1", "v1"]);
    // Its clones know as well; another client has to learn it itself.
    client.clone().stk_query(accepted.id()).await.unwrap();
    let other = second(&sandbox.base_url());
    other.stk_query(accepted.id()).await.unwrap();
    assert_eq!(asked(&sandbox), ["v2", "v1", "v1", "v1", "v2", "v1"]);
}

#[tokio::test]
async fn questions_that_meet_the_missing_address_together_all_get_an_answer() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let client = second(&sandbox.base_url());
    let accepted = client.stk_push(sale(&phone_ending("9000"))).await.unwrap();
    let fault = Fault::new(Step::Query, FaultKind::QueryV2Missing).forever();
    sandbox.inject(fault).unwrap();
    let questions = (0..20).map(|_| client.stk_query(accepted.id()));
    for status in futures_util::future::join_all(questions).await {
        assert_eq!(status.unwrap().outcome, Outcome::Pending);
    }
    let asked = asked(&sandbox);
    assert_eq!(asked.iter().filter(|version| **version == "v1").count(), 20);
}

#[tokio::test]
async fn trouble_at_an_address_that_exists_is_not_taken_for_a_missing_one() {
    for kind in [
        FaultKind::InvalidToken404,
        FaultKind::InternalError,
        FaultKind::UnavailableHtml,
        FaultKind::FirewallHtml,
        FaultKind::Empty400,
        FaultKind::Empty500,
        FaultKind::AnswerLost,
    ] {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let client = second(&sandbox.base_url());
        let accepted = client.stk_push(sale(&phone_ending("9000"))).await.unwrap();
        sandbox.inject(Fault::new(Step::Query, kind)).unwrap();
        client.stk_query(accepted.id()).await.ok();
        client.stk_query(accepted.id()).await.unwrap();
        assert!(
            asked(&sandbox).iter().all(|asked| *asked == "v2"),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn every_form_of_a_missing_address_is_known() {
    const IN_FLIGHT: &str = r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":"The transaction is being processed"}"#;
    for missing in [
        r#"{"requestId":"1","errorCode":"404.001.01","errorMessage":"Resource not found"}"#,
        r#"{"requestId":"1","errorCode":"404.003.01","errorMessage":"Resource not found"}"#,
        r#"{"fault":{"faultstring":"Unable to identify proxy for host: secure and url: /mpesa/stkpushquery/v2/query","detail":{"errorcode":"messaging.adaptors.http.flow.ApplicationNotFound"}}}"#,
        "<html><body>404 Not Found</body></html>",
        "",
    ] {
        let gateway = RawServer::start(move |seen| {
            if seen.is_oauth() {
                Play::token()
            } else if seen.head.contains("/v2/") {
                Play::json(404, missing)
            } else {
                Play::json(500, IN_FLIGHT)
            }
        })
        .await;
        let client = second(&gateway.base_url);
        let status = client.stk_query("ws_CO_1").await.unwrap();
        assert_eq!(status.outcome, Outcome::Pending, "{missing}");
        assert_eq!(queries(&gateway), ["v2", "v1"], "{missing}");
    }
}

#[tokio::test]
async fn a_missing_version_1_is_an_error_and_asked_once() {
    for version in QueryVersion::ALL {
        let gateway = RawServer::start(|seen| {
            if seen.is_oauth() {
                Play::token()
            } else {
                Play::json(404, "")
            }
        })
        .await;
        let builder = builder(&gateway.base_url).query_version(version);
        let client = builder.build().unwrap();
        client.stk_query("ws_CO_1").await.unwrap_err();
        let seen = queries(&gateway);
        assert_eq!(seen.iter().filter(|asked| **asked == "v1").count(), 1);
        client.stk_query("ws_CO_1").await.unwrap_err();
        assert_eq!(queries(&gateway).len(), seen.len() + 1, "{version:?}");
    }
}

/// The versions that a server was asked with, in order.
fn queries(gateway: &RawServer) -> Vec<&'static str> {
    let seen = gateway.seen();
    let queries = seen.iter().filter(|seen| !seen.is_oauth());
    queries
        .map(|seen| {
            if seen.head.contains("/v2/") {
                "v2"
            } else {
                "v1"
            }
        })
        .collect()
}
