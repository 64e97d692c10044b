//! Waiting for a prompt of which nothing is known but its id.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::Outcome;
use lipia_sandbox::{Fault, FaultKind, Step};
use std::time::Duration;
use support::{hurried, in_short, phone_ending, sale, stand};

#[tokio::test]
async fn a_prompt_can_be_waited_for_by_its_id_alone() {
    let (_sandbox, client) = stand().await;
    let pays = client.stk_push(sale(&phone_ending("9003"))).await.unwrap();
    let status = client.wait_by_id(pays.id(), hurried()).await.unwrap();
    assert_eq!((status.outcome, status.is_final), (Outcome::Success, true));
    let open = client.stk_push(sale(&phone_ending("9001"))).await.unwrap();
    let options = hurried().timeout(Duration::from_millis(100));
    let status = client.wait_by_id(open.id(), options).await.unwrap();
    assert_eq!((status.outcome, status.is_final), (Outcome::Pending, false));
    let status = client
        .wait_by_id("ws_CO_nobody_knows_it", options)
        .await
        .unwrap();
    assert_eq!((status.outcome, status.is_final), (Outcome::Unknown, false));
    let error = client.wait_by_id("no id", options).await.unwrap_err();
    assert_eq!(error.code(), "checkout_request_id_unreadable");
}

#[tokio::test]
async fn a_wait_by_id_tells_the_trouble_where_no_question_was_ever_answered() {
    let (sandbox, client) = stand().await;
    let fault = Fault::new(Step::Query, FaultKind::UnavailableHtml).forever();
    sandbox.inject(fault).unwrap();
    let options = hurried().timeout(Duration::from_millis(100));
    let error = client.wait_by_id("ws_CO_1", options).await.unwrap_err();
    assert_eq!(in_short(&error), "unknown provider_error retryable");
}
