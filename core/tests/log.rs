//! The log. A process of its own, because a log's level is decided once for a whole process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::IncomingCallback;
use lipia::callback::Confirm;
use lipia::client::DarajaBuilder;
use lipia_sandbox::{PASS_KEY, Sandbox};
use support::{Log, PAYS, Shop, bounded, builder, fast, hurried, none_of, phone_ending, sale};

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

const CANCELLED: &[u8] =
    br#"{"Body":{"stkCallback":{"MerchantRequestID":"1-2-3","CheckoutRequestID":"ws_CO_1",
    "ResultCode":1032,"ResultDesc":"Request Cancelled by user."}}}"#;

#[tokio::test]
async fn the_log_at_its_most_talkative_holds_no_secret_no_phone_number_and_no_id() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let sandbox = Sandbox::start(fast().credentials(KEY, SECRET))
        .await
        .unwrap();
    let shop = Shop::open_confirming(secretive(&sandbox.base_url()), Confirm::Successes).await;
    let phones = [
        PAYS.to_owned(),
        phone_ending("1032"),
        phone_ending("9015"),
        phone_ending("9012"),
    ];
    let mut secrets: Vec<String> = [KEY, SECRET, CALLBACK_SECRET, PASS_KEY, "Bearer", "Basic"]
        .map(str::to_owned)
        .to_vec();
    for phone in &phones {
        if let Ok(payment) = bounded(shop.client.collect(sale(phone), hurried())).await {
            secrets.push(payment.checkout_request_id().unwrap().as_str().to_owned());
            secrets.push(payment.push().callback_url.as_str().to_owned());
        }
        secrets.extend([phone.clone(), phone[3..].to_owned()]);
    }
    // Two callbacks for a payment of another process: the first is told with what to do, the second in a line.
    let elsewhere = shop.client.reserve(sale(PAYS)).unwrap();
    let url = elsewhere.snapshot().push().callback_url.as_str().to_owned();
    let orphan = elsewhere.id().to_string();
    secrets.push(url.clone());
    drop(elsewhere);
    for _ in 0..2 {
        let incoming = IncomingCallback::new(&url, CANCELLED);
        let received = shop.client.receive_callback(incoming, Confirm::Never);
        assert!(received.await.unwrap().verdict.is_none());
    }
    // A remark on a reference is a warning in the log once, and only for who looks for it after that.
    for phone in ["0712000145", "0712000155"] {
        let mut odd = sale(phone);
        "INV#1".clone_into(&mut odd.account_reference);
        let accepted = shop.client.stk_push(odd).await.unwrap();
        assert_eq!(
            accepted.warnings[0].code(),
            "account_reference_unusual_character"
        );
    }
    // A shop that names its orders and references by its customers' numbers.
    let mut table = sale("0712000165").order("table 4, 0712000165");
    "07120001650".clone_into(&mut table.account_reference);
    shop.client.request(table).await.unwrap();
    secrets.push("712000165".to_owned());
    sandbox.kill_tokens();
    shop.client.stk_push(sale("0712000125")).await.unwrap();
    sandbox.stop().await;
    shop.client.stk_push(sale("0712000135")).await.unwrap_err();
    let text = log.text();
    assert!(
        text.contains("the push was accepted") && text.contains("2547***111"),
        "{text}"
    );
    assert!(text.contains("the push was not accepted"));
    let named = "reference=\"07***1650\" order=\"table 4, 07***165\"";
    assert!(text.contains(named), "{text}");
    // The spans of the calls stand before their lines, and what they come to is counted.
    assert!(
        text.contains("lipia.push{") && text.contains("lipia.phone_number=\"2547***111\""),
        "{text}"
    );
    let counted = "lipia::counters: monotonic_counter.lipia.pushes=1 lipia.gateway=\"daraja\" lipia.environment=\"sandbox\" lipia.result=\"accepted\"";
    assert!(text.contains(counted), "{text}");
    let is_counted = |line: &str| line.contains("lipia::counters");
    let orphaned: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(&orphan) && !is_counted(line))
        .collect();
    assert!(
        matches!(orphaned[..], [first, second]
            if first.contains("ERROR") && first.contains("LIPIA_LEDGER") && second.contains("WARN")),
        "{orphaned:?}"
    );
    let remarked: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("The account reference contains '#'"))
        .collect();
    assert!(
        matches!(remarked[..], [first, second] if first.contains("WARN") && second.contains("DEBUG")),
        "{remarked:?}"
    );
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let mut failures = Vec::new();
    for line in text.lines() {
        shows_none(line, &secrets, &mut failures, "the log");
    }
    none_of(&failures);
}
