//! Scenarios at Daraja: every phone number does what the table says.

use std::time::Duration;

use lipia_sandbox::{Ending, PaymentState, Refused, SCENARIOS, SandboxOptions, scenario_for_phone};
use serde_json::{Value, json};

use crate::support::{Shop, item, until};

/// Callback codes, in order, and the code of the last query; None: still in flight.
fn expected(name: &str) -> (Vec<Value>, Option<&'static str>) {
    let one = |code: u32, text: &'static str| (vec![json!(code)], Some(text));
    match name {
        "cancel" => one(1032, "1032"),
        "cancel_old_code" => one(1031, "1031"),
        "no_money" => one(1, "1"),
        "wrong_pin" => one(2001, "2001"),
        "time_out" | "phone_off" => one(1037, "1037"),
        "unreachable" => one(1036, "1036"),
        "expire" => one(1019, "1019"),
        "busy" => one(1001, "1001"),
        "amount_limit" => one(2, "2"),
        "daily_limit" => one(4, "4"),
        "rule_limit" => one(17, "17"),
        "not_delivered" => one(1025, "1025"),
        "not_delivered_no_reason" => one(9999, "9999"),
        "pin_locked" => one(8006, "8006"),
        "account_state" => one(11, "11"),
        "not_allowed" => one(2028, "2028"),
        "till_mismatch" => one(2002, "2002"),
        "unresolved_reason" => one(2029, "2029"),
        "prompt_too_long" => one(1101, "1101"),
        "no_receiver" => (vec![json!("SFC_IC0003")], Some("SFC_IC0003")),
        "system_busy" => one(26, "26"),
        "unknown_code" => one(7777, "7777"),
        "manual" | "silent" => (vec![], None),
        "pay_without_callback" => (vec![], Some("0")),
        "cancel_without_callback" => (vec![], Some("1032")),
        "pay_callback_twice" => (vec![json!(0), json!(0)], Some("0")),
        "pay_then_late_failure" => (vec![json!(0), json!(1037)], Some("0")),
        "time_out_then_pay" => (vec![json!(1037), json!(0)], Some("0")),
        "time_out_then_pay_without_callback" => (vec![json!(1037)], Some("0")),
        "cancel_callback_first" | "cancel_soon" => one(1032, "1032"),
        "forged_success" => (vec![json!(0), json!(1032)], Some("1032")),
        "pay"
        | "pay_late"
        | "pay_callback_first"
        | "pay_soon"
        | "pay_under_processing"
        | "pay_flaky_query"
        | "pay_unresolved_query"
        | "pay_without_metadata"
        | "pay_wrong_amount"
        | "pay_masked_phone"
        | "pay_decimal_amount" => one(0, "0"),
        other => panic!("no expectation for {other}: add one"),
    }
}

#[tokio::test]
async fn every_phone_number_does_what_the_table_says() {
    let shop = Shop::open().await;
    let mut pushed = Vec::new();
    // A held phone waits for its person: the tests of the page have it.
    for row in SCENARIOS
        .iter()
        .filter(|row| !matches!(row.name, "refuse_busy" | "held"))
    {
        let ending = if row.phone_ending.is_empty() {
            "5678"
        } else {
            row.phone_ending
        };
        let phone = format!("25471200{ending}");
        assert_eq!(scenario_for_phone(&phone), row.scenario);
        pushed.push((row.name, shop.accepted(&phone).await));
    }
    // Longer than the longest timeline: what is to come has come.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let all: usize = pushed.iter().map(|(name, _)| expected(name).0.len()).sum();
    until("all callbacks", || shop.callbacks().len() >= all).await;
    for (name, id) in &pushed {
        let (codes, last) = expected(name);
        let callbacks: Vec<_> = shop
            .callbacks()
            .into_iter()
            .filter(|callback| callback["CheckoutRequestID"] == id.as_str())
            .collect();
        let got: Vec<_> = callbacks
            .iter()
            .map(|callback| callback["ResultCode"].clone())
            .collect();
        assert_eq!(got, codes, "{name}");
        for callback in &callbacks {
            let paid = callback["ResultCode"] == 0 && *name != "pay_without_metadata";
            assert_eq!(callback.get("CallbackMetadata").is_some(), paid, "{name}");
        }
        let payment = shop
            .sandbox
            .payments()
            .into_iter()
            .find(|payment| &payment.checkout_request_id == id)
            .unwrap();
        assert_eq!(payment.scenario, *name);
        let state = match last {
            None => PaymentState::Open,
            Some("0") => PaymentState::Paid,
            Some(_) => PaymentState::NotPaid,
        };
        assert_eq!(payment.state, state, "{name}");
        assert_eq!(
            payment.receipt.is_some(),
            state == PaymentState::Paid,
            "{name}"
        );
        if *name != "pay_flaky_query" {
            let reply = shop.query(id).await.json();
            assert_eq!(reply["ResultCode"].as_str(), last, "{name}");
        }
    }
    assert_eq!(shop.callbacks().len(), all, "and no callback more");
}

#[tokio::test]
async fn the_public_test_number_never_answers() {
    let shop = Shop::open().await;
    shop.accepted("254708374149").await;
    let callback = shop.callback().await;
    assert_eq!(callback["ResultCode"], 1037);
    assert_eq!(callback["ResultDesc"], "DS timeout user cannot be reached.");
}

#[tokio::test]
async fn a_callback_can_come_before_the_answer() {
    let shop = Shop::open().await;
    let id = shop.accepted("254712009005").await;
    let callbacks = shop.callbacks();
    assert_eq!(callbacks.len(), 1, "it is there when the answer is");
    assert_eq!(callbacks[0]["CheckoutRequestID"], id.as_str());
}

#[tokio::test]
async fn a_busy_phone_refuses_the_push() {
    let shop = Shop::open().await;
    let (status, code, message) = shop.push("254712009012").await.error();
    assert_eq!((status, code.as_str()), (500, "500.001.1001"));
    assert!(message.starts_with("Unable to lock subscriber"));
    assert_eq!(shop.sandbox.counters().prompts, 0);
}

#[tokio::test]
async fn what_somebody_decides_replaces_the_scenario() {
    let shop = Shop::with(SandboxOptions::default().time_scale(100.0)).await;
    let id = shop.accepted("254712345678").await;
    shop.sandbox.act(&id, Ending::Cancel).unwrap();
    assert_eq!(shop.callback().await["ResultCode"], 1032);
    assert_eq!(
        shop.sandbox.act(&id, Ending::Pay),
        Err(Refused::AlreadyDecided(Ending::Cancel))
    );
    assert_eq!(
        shop.sandbox.act("x", Ending::Pay),
        Err(Refused::UnknownPayment("x".to_owned()))
    );
    // Past the moment at which this number pays.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(shop.sandbox.payments()[0].state, PaymentState::NotPaid);
    assert_eq!(shop.callbacks().len(), 1);
}

type Check = fn(&Value);

#[tokio::test]
async fn callbacks_can_lie() {
    let table: [(&str, Check); 5] = [
        ("9009", |callback| {
            assert!(callback.get("CallbackMetadata").is_none())
        }),
        ("9010", |callback| {
            assert_eq!(item(callback, "Amount"), Some(json!(1)))
        }),
        ("9011", |callback| {
            assert_eq!(item(callback, "PhoneNumber"), Some(json!("254712***011")))
        }),
        ("9015", |callback| {
            assert_eq!(item(callback, "Amount"), Some(json!(450)))
        }),
        ("9016", |callback| {
            assert_eq!(item(callback, "Amount").unwrap().to_string(), "450.0");
            assert_eq!(
                callback["CallbackMetadata"]["Item"]
                    .as_array()
                    .unwrap()
                    .len(),
                4
            );
        }),
    ];
    for (ending, check) in table {
        let shop = Shop::open().await;
        shop.accepted(&format!("25471200{ending}")).await;
        let callback = shop.callback().await;
        assert_eq!(callback["ResultCode"], 0);
        check(&callback);
    }
}

#[test]
fn the_readme_has_a_row_for_every_scenario_and_fault() {
    let readme = include_str!("../../README.md");
    for row in SCENARIOS.iter().filter(|row| !row.phone_ending.is_empty()) {
        let found = readme.lines().any(|line| {
            line.starts_with(&format!("| `{}`", row.phone_ending))
                && line.contains(&format!("| `{}` |", row.name))
        });
        assert!(found, "{}", row.name);
    }
    for row in lipia_sandbox::FAULTS {
        let steps: Vec<_> = row.steps.iter().map(|step| step.name()).collect();
        let start = format!("| `{}` | {} |", row.name, steps.join(" "));
        assert!(
            readme.lines().any(|line| line.starts_with(&start)),
            "{start}"
        );
    }
}
