//! Known limits: right expectations that the code does not meet yet.
mod support;
use lipia::client::{CallOptions, TlsRoots};
use lipia::*;
use lipia_sandbox::{Fault, FaultKind, Step};
use std::time::{Duration, Instant};
use support::*;

#[tokio::test]
async fn a_wait_ends_in_time_although_the_gateway_is_slow_to_answer_a_question() {
    let (sandbox, client) = stand().await;
    let payment = client.reserve(sale(&phone_ending("9000"))).unwrap();
    client.push(&payment).await.unwrap();
    sandbox
        .inject(
            Fault::new(Step::Query, FaultKind::SlowAfter)
                .seconds(100_000.0)
                .forever(),
        )
        .unwrap();
    let began = Instant::now();
    let client = client.with_options(CallOptions::default().timeout(Duration::from_secs(20)));
    client
        .wait(&payment, hurried().timeout(Duration::from_millis(200)))
        .await
        .unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_wait_without_end_does_not_panic() {
    let (sandbox, client) = stand().await;
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let payment = client.reserve(sale(PAYS)).unwrap();
    client.push(&payment).await.unwrap_err();
    let wait = client.wait(&payment, WaitOptions::default().timeout(Duration::MAX));
    assert!(
        tokio::time::timeout(Duration::from_millis(100), wait)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_question_every_eternity_does_not_panic() {
    let (_s, client) = stand().await;
    let options = WaitOptions::default()
        .timeout(Duration::from_millis(500))
        .query(Duration::ZERO, Duration::MAX);
    let a = client.stk_push(sale(&phone_ending("9000"))).await.unwrap();
    client.wait_by_id(a.id(), options).await.unwrap();
}

#[tokio::test]
async fn a_call_without_deadline_is_sent() {
    let (_s, client) = stand().await;
    client
        .with_options(CallOptions::default().timeout(Duration::MAX))
        .stk_push(sale(PAYS))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_bad_bundle_is_a_configuration_error_of_build() {
    let error = builder("https://localhost:9")
        .tls_roots(TlsRoots::Pem(b"garbage".to_vec()))
        .build()
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.field(), error.retryable()),
        (ErrorKind::Configuration, Some("tls_roots"), false)
    );
}

#[tokio::test]
async fn an_odd_response_code_beside_an_id_is_unknown_and_no_refusal() {
    let mut failures = Vec::new();
    for code in ["\"\"", "\"00\"", "\" 0\"", "0.0", "0e0", "-0"] {
        let body = format!(
            r#"{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"ws_CO_1","ResponseCode":{code}}}"#
        );
        let server = RawServer::on_push(move || Play::json(200, &body)).await;
        let r = builder(&server.base_url)
            .build()
            .unwrap()
            .stk_push(sale(PAYS))
            .await;
        if let Err(e) = &r
            && e.disposition() == Disposition::Rejected
        {
            failures.push(format!("{code}: {}", in_short(e)));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_forged_incomplete_success_does_not_bind_a_lost_payment_to_the_forgers_id() {
    let sandbox = lipia_sandbox::Sandbox::start(fast()).await.unwrap();
    let shop = Shop::open(builder(&sandbox.base_url())).await;
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let payment = shop.client.reserve(sale(PAYS)).unwrap();
    let push = tokio::spawn({
        let (c, p) = (shop.client.clone(), payment.clone());
        async move { c.push(&p).await }
    });
    push.await.unwrap().unwrap_err();
    let event = shop
        .client
        .parse_callback(&success_body("ws_CO_forged", "150", PAYS, None))
        .unwrap();
    payment.notify(&event);
    let settled = shop
        .client
        .wait(&payment, without_asking(Duration::from_secs(1)))
        .await
        .unwrap();
    assert!(
        settled.is_paid(),
        "{} {:?}",
        settled.state().as_str(),
        settled
            .flags()
            .iter()
            .map(|f| &f.reason)
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_firewall_that_refuses_the_token_is_not_asked_again_at_once() {
    let (sandbox, client) = stand().await;
    sandbox
        .inject(Fault::new(Step::Oauth, FaultKind::FirewallHtml).forever())
        .unwrap();
    client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(sandbox.counters().oauth_calls, 1);
}
