//! Payments that many threads change at once: no two of them wait for each other for ever.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::{Confirm, Verdict};
use lipia::{Client, IncomingCallback, PaymentHandle};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;
use support::*;

const THREADS: usize = 8;
const PAYMENTS: usize = 10;
/// How often each thread receives the callback of a payment.
const TIMES: usize = 100;

/// What each of the threads came to, all of which begin at the same moment. A thread that hangs ends the test.
fn in_many_threads<T: Send + 'static>(work: impl Fn() -> T + Send + Sync + 'static) -> Vec<T> {
    let (work, gate) = (Arc::new(work), Arc::new(Barrier::new(THREADS)));
    let (results, heard) = mpsc::channel();
    for _ in 0..THREADS {
        let (work, gate, results) = (Arc::clone(&work), Arc::clone(&gate), results.clone());
        thread::spawn(move || {
            gate.wait();
            results.send(work()).unwrap();
        });
    }
    (0..THREADS)
        .map(|_| {
            let result = heard.recv_timeout(Duration::from_secs(60));
            result.expect("threads wait for each other")
        })
        .collect()
}

/// Receives one callback again and again in this thread.
fn receive(client: &Client, payment: &PaymentHandle, body: &[u8]) -> Vec<Verdict> {
    let path = path_of(payment);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let receive = |_| {
        let incoming = IncomingCallback::new(&path, body);
        let received = runtime.block_on(client.receive_callback(incoming, Confirm::Never));
        received.unwrap().verdict.unwrap()
    };
    (0..TIMES).map(receive).collect()
}

#[test]
fn a_callback_that_many_threads_receive_at_once_is_believed_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // The customers decide nothing before the callbacks of this test.
    let (_sandbox, client) = runtime.block_on(stand_with(fast().time_scale(1.0)));
    for number in 0..PAYMENTS {
        let payment = client.reserve(sale(&paying_phone(number))).unwrap();
        let accepted = runtime.block_on(client.push(&payment)).unwrap();
        let phone = payment.snapshot().push().phone_number.to_string();
        let receipt = format!("SKL{number:07}");
        let id = accepted.checkout_request_id.unwrap();
        let body = success_body(id.as_str(), "150", &phone, Some(&receipt));
        let (theirs, pushed) = (client.clone(), payment.clone());
        let verdicts = in_many_threads(move || receive(&theirs, &pushed, &body)).concat();
        let believed = verdicts.iter().filter(|it| **it == Verdict::Believed);
        assert_eq!(believed.count(), 1, "{number}");
        assert!(payment.snapshot().is_paid());
    }
}
