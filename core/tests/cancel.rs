//! A caller that goes away does not lose a payment: the send goes on, and its acceptance is kept.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::payment::PaymentState;
use lipia::{Client, Outcome, PaymentHandle};
use lipia_sandbox::{Fault, FaultKind, Sandbox, Step};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use support::{PAYS, eventually, hurried, phone_ending, sale, stand};

/// A stand whose next push is answered 100 real milliseconds after the phone was prompted.
async fn slow_stand() -> (Sandbox, Client) {
    let (sandbox, client) = stand().await;
    client.stk_push(sale("0712000995")).await.unwrap();
    let slow = Fault::new(Step::Push, FaultKind::SlowAfter).seconds(50.0);
    sandbox.inject(slow).unwrap();
    (sandbox, client)
}

async fn prompted(sandbox: &Sandbox) {
    eventually("the phone is prompted", || {
        sandbox.counters().prompts_by_phone.contains_key(PAYS)
    })
    .await;
}

/// The one payment that nobody claimed, once its send has ended.
async fn unclaimed(client: &Client) -> PaymentHandle {
    let mut kept = client.unclaimed();
    assert_eq!(kept.len(), 1);
    assert!(client.unclaimed().is_empty(), "each is handed out once");
    let payment = kept.remove(0);
    eventually("the send has ended", || {
        payment.snapshot().state() > PaymentState::Sending
    })
    .await;
    payment
}

#[tokio::test]
async fn a_dropped_push_is_accepted_all_the_same_and_its_payment_can_be_claimed() {
    let (sandbox, client) = slow_stand().await;
    {
        let push = client.stk_push(sale(PAYS));
        let mut push = pin!(push);
        tokio::select! {
            _ = &mut push => panic!("the answer takes its time"),
            () = prompted(&sandbox) => {}
        }
    }
    let payment = unclaimed(&client).await;
    assert_eq!(payment.snapshot().state(), PaymentState::Accepted);
    let id = payment
        .snapshot()
        .checkout_request_id()
        .unwrap()
        .as_str()
        .to_owned();
    assert!(
        sandbox
            .payments()
            .iter()
            .any(|seen| seen.checkout_request_id == id)
    );
    assert_eq!(sandbox.counters().prompts_by_phone[PAYS], 1);
    let settled = client.wait(&payment, hurried()).await.unwrap();
    assert_eq!(settled.outcome(), Outcome::Success);
}

#[tokio::test]
async fn an_aborted_task_loses_nothing() {
    let (sandbox, client) = slow_stand().await;
    let task = tokio::spawn({
        let client = client.clone();
        async move { client.stk_push(sale(PAYS)).await }
    });
    prompted(&sandbox).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let payment = unclaimed(&client).await;
    assert_eq!(payment.snapshot().state(), PaymentState::Accepted);
    assert_eq!(sandbox.counters().prompts_by_phone[PAYS], 1);
}

#[tokio::test]
async fn a_push_whose_answer_is_lost_after_its_caller_left_is_kept_as_unknown() {
    let (sandbox, client) = stand().await;
    client.stk_push(sale("0712000995")).await.unwrap();
    sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    let task = tokio::spawn({
        let client = client.clone();
        async move { client.stk_push(sale(PAYS)).await }
    });
    tokio::task::yield_now().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let payment = unclaimed(&client).await;
    assert_eq!(payment.snapshot().state(), PaymentState::Unknown);
    assert_eq!(sandbox.counters().prompts_by_phone[PAYS], 1);
}

#[tokio::test]
async fn a_push_that_was_never_polled_never_was() {
    let (sandbox, client) = stand().await;
    drop(client.stk_push(sale(PAYS)));
    assert!(client.unclaimed().is_empty());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_push_that_was_polled_once_says_at_once_that_it_is_being_sent() {
    let (sandbox, client) = slow_stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    {
        let mut push = pin!(client.push(&payment));
        let mut context = Context::from_waker(Waker::noop());
        assert!(push.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(payment.snapshot().state(), PaymentState::Sending);
    let again = client.push(&payment).await.unwrap_err();
    assert_eq!(again.code(), "payment_already_sent");
    client.drain().await;
    assert_eq!(sandbox.counters().prompts_by_phone[PAYS], 1);
}

#[tokio::test]
async fn a_push_that_is_dropped_before_a_byte_left_is_claimed_too() {
    let (sandbox, client) = stand().await;
    let slow = Fault::new(Step::Oauth, FaultKind::SlowAfter).seconds(50.0);
    sandbox.inject(slow).unwrap();
    {
        let mut push = pin!(client.stk_push(sale(PAYS)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(push.as_mut().poll(&mut context), Poll::Pending));
    }
    assert_eq!(sandbox.counters().prompts, 0);
    let payment = unclaimed(&client).await;
    assert_eq!(payment.snapshot().state(), PaymentState::Accepted);
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_call_whose_caller_knows_what_came_of_it_leaves_nothing_to_claim() {
    let (_sandbox, client) = stand().await;
    client.stk_push(sale(PAYS)).await.unwrap();
    client
        .stk_push(sale(&phone_ending("9012")))
        .await
        .unwrap_err();
    client.collect(sale("0712000125"), hurried()).await.unwrap();
    assert!(client.unclaimed().is_empty());
}

#[tokio::test]
async fn a_collect_that_is_dropped_while_it_waits_is_claimed_with_its_acceptance() {
    let (sandbox, client) = stand().await;
    let phone = phone_ending("9000");
    let task = tokio::spawn({
        let (client, push) = (client.clone(), sale(&phone));
        async move { client.collect(push, hurried()).await }
    });
    eventually("the gateway is asked", || sandbox.counters().queries > 0).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let payment = unclaimed(&client).await;
    let id = payment
        .snapshot()
        .checkout_request_id()
        .unwrap()
        .as_str()
        .to_owned();
    sandbox.act(&id, lipia_sandbox::Ending::Cancel).unwrap();
    let settled = client.wait(&payment, hurried()).await.unwrap();
    assert_eq!(settled.outcome(), Outcome::Cancelled);
    assert_eq!(sandbox.counters().prompts, 1);
}

#[tokio::test]
async fn a_handle_learns_the_acceptance_of_a_push_that_was_dropped() {
    let (sandbox, client) = slow_stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    {
        let mut push = pin!(client.push(&payment));
        tokio::select! {
            _ = &mut push => panic!("the answer takes its time"),
            () = prompted(&sandbox) => {}
        }
    }
    assert_eq!(payment.snapshot().state(), PaymentState::Sending);
    // Whoever tries again meanwhile prompts nobody.
    let again = client.push(&payment).await.unwrap_err();
    assert_eq!(again.code(), "payment_already_sent");
    eventually("the acceptance arrives", || {
        payment.snapshot().state() == PaymentState::Accepted
    })
    .await;
    assert_eq!(sandbox.counters().prompts_by_phone[PAYS], 1);
    assert!(client.unclaimed().is_empty(), "its owner has it already");
}

#[tokio::test]
async fn a_wait_can_begin_while_the_push_is_still_on_its_way() {
    let (sandbox, client) = slow_stand().await;
    let payment = client.reserve(sale(PAYS)).unwrap();
    let push = tokio::spawn({
        let (client, payment) = (client.clone(), payment.clone());
        async move { client.push(&payment).await }
    });
    prompted(&sandbox).await;
    let settled = client.wait(&payment, hurried()).await.unwrap();
    assert_eq!(settled.outcome(), Outcome::Success);
    push.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_is_at_rest_once_the_push_of_a_caller_that_left_has_its_answer() {
    let (sandbox, client) = slow_stand().await;
    assert!(client.is_at_rest());
    {
        let mut push = pin!(client.stk_push(sale(PAYS)));
        tokio::select! {
            _ = &mut push => panic!("the answer takes its time"),
            () = prompted(&sandbox) => {}
        }
    }
    assert!(!client.is_at_rest());
    client.drain().await;
    let payment = client.unclaimed().remove(0);
    assert_eq!(payment.snapshot().state(), PaymentState::Accepted);
}

#[tokio::test]
async fn a_push_whose_answer_was_lost_is_found_by_its_error_and_is_nobody_elses() {
    let (sandbox, client) = stand().await;
    sandbox
        .inject(Fault::new(Step::Push, FaultKind::AnswerLost))
        .unwrap();
    let error = client.stk_push(sale(PAYS)).await.unwrap_err();
    assert_eq!(error.remedy(), lipia::Remedy::FindOut);
    assert!(client.unclaimed().is_empty(), "its caller has it");
    let payment = client.find(error.payment_id().unwrap()).unwrap();
    assert_eq!(payment.snapshot().state(), PaymentState::Unknown);
    assert_eq!(sandbox.counters().prompts, 1);
}
