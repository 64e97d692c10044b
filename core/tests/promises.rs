//! Promises of the crate, whatever it is asked: types that travel, secrets that are never shown, settings that name
//! their fault, and nothing that starts by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::{Confirm, ReceivedCallback};
use lipia::client::{DarajaBuilder, Watch};
use lipia::{
    Client, Error, Event, IncomingCallback, Payment, PaymentHandle, Progress, Status, StkPush,
};
use lipia_sandbox::{PASS_KEY, Sandbox};
use support::{PAYS, builder, fast, hurried, none_of, phone_ending, sale};

fn travels<T: Send + Sync + 'static>() {}
fn is_send<T: Send>(_: T) {}

#[test]
fn what_is_handed_out_travels_between_threads() {
    travels::<Client>();
    travels::<DarajaBuilder>();
    travels::<PaymentHandle>();
    travels::<Payment>();
    travels::<Event>();
    travels::<Status>();
    travels::<Error>();
    travels::<StkPush>();
    travels::<Progress>();
    travels::<ReceivedCallback>();
    travels::<Watch>();
    let client = builder("http://127.0.0.1:9").build().unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    is_send(client.stk_push(sale(PAYS)));
    is_send(client.push(&payment));
    is_send(client.stk_query("ws_CO_1"));
    is_send(client.wait(&payment, hurried()));
    is_send(client.wait_by_id("ws_CO_1", hurried()));
    is_send(client.collect(sale(PAYS), hurried()));
    is_send(client.collect_payment(&payment, hurried()));
    is_send(client.receive_callback(IncomingCallback::new("/", b""), Confirm::Never));
}

/// Fails with every secret that is found in a text.
fn shows_none(text: &str, secrets: &[&str], failures: &mut Vec<String>, name: &str) {
    for secret in secrets {
        if text.contains(secret) {
            failures.push(format!("{name} shows {secret}: {text}"));
        }
    }
}

const KEY: &str = "ckey-5f1d9b";
const SECRET: &str = "csecret-77e0c2";
const CALLBACK_SECRET: &str = "callback-secret-9d41aa";

fn secretive(base_url: &str) -> DarajaBuilder {
    builder(base_url)
        .consumer_key(KEY)
        .consumer_secret(SECRET)
        .callback_secrets([CALLBACK_SECRET])
}

#[tokio::test]
async fn no_secret_and_no_whole_phone_number_is_in_anything_that_can_be_printed() {
    use base64::Engine as _;
    let sandbox = Sandbox::start(fast().credentials(KEY, SECRET))
        .await
        .unwrap();
    let built = secretive(&sandbox.base_url());
    let client = built.clone().build().unwrap();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:{SECRET}"));
    let phone = phone_ending("9000");
    let payment = client.reserve(sale(&phone)).unwrap();
    let acceptance = client.push(&payment).await.unwrap();
    let id = acceptance.id().to_owned();
    let status = client.stk_query(&id).await.unwrap();
    let requests = sandbox.requests();
    let push = requests
        .iter()
        .find(|seen| seen.path.contains("stkpush"))
        .unwrap();
    let bearer = push.headers["authorization"]
        .strip_prefix("Bearer ")
        .unwrap();
    let body: serde_json::Value = serde_json::from_str(&push.body).unwrap();
    let password = body["Password"].as_str().unwrap();
    let again = client.push(&payment).await.unwrap_err();
    let wrong = secretive(&sandbox.base_url())
        .pass_key("wrong-pass-key")
        .build()
        .unwrap();
    let refused = wrong.stk_push(sale(PAYS)).await.unwrap_err();
    let watch = client.watch(&payment, hurried()).unwrap();
    let secrets = [
        KEY,
        SECRET,
        CALLBACK_SECRET,
        PASS_KEY,
        "wrong-pass-key",
        &basic,
        bearer,
        password,
        &phone,
        &phone[3..],
        &id,
    ];
    let mut failures = Vec::new();
    for (name, text) in [
        (
            "builder",
            format!("{built:?} {:?}", DarajaBuilder::default()),
        ),
        (
            "client",
            format!("{client:?} {:?}", client.callback_secrets()),
        ),
        ("push", format!("{:?}", sale(&phone))),
        ("payment", format!("{payment:?} {:?}", payment.snapshot())),
        ("acceptance", format!("{acceptance:?}")),
        ("status", format!("{status:?}")),
        ("watch", format!("{watch:?}")),
        ("an error", format!("{again} {again:?}")),
        ("another error", format!("{refused} {refused:?}")),
    ] {
        shows_none(&text, &secrets, &mut failures, name);
    }
    none_of(&failures);
}
