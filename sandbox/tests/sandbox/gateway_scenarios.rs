//! Scenarios at PalPluss and UpesiPay: every phone number does what the table says.

use std::time::Duration;

use lipia_sandbox::{SCENARIOS, Scenario, ScenarioRow};
use serde_json::{Value, json};

use crate::support::{Shop, until};
use crate::till::{FIRST, PHONE, SECOND};

/// What webhooks say, in order, and what is read in the end.
fn webhooks(name: &str) -> (Vec<(&'static str, &'static str)>, &'static str) {
    let paid = ("SUCCESS", "0");
    let one = |status, code| (vec![(status, code)], status);
    match name {
        "cancel" => one("CANCELLED", "1032"),
        "cancel_old_code" => one("CANCELLED", "1031"),
        "time_out" | "phone_off" => one("EXPIRED", "1037"),
        "unreachable" => one("EXPIRED", "1036"),
        "expire" => one("EXPIRED", "1019"),
        "no_money" => one("FAILED", "1"),
        "wrong_pin" => one("FAILED", "2001"),
        "busy" | "refuse_busy" => one("FAILED", "1001"),
        "amount_limit" => one("FAILED", "2"),
        "daily_limit" => one("FAILED", "4"),
        "rule_limit" => one("FAILED", "17"),
        "not_delivered" => one("FAILED", "1025"),
        "not_delivered_no_reason" => one("FAILED", "9999"),
        "pin_locked" => one("FAILED", "8006"),
        "account_state" => one("FAILED", "11"),
        "not_allowed" => one("FAILED", "2028"),
        "till_mismatch" => one("FAILED", "2002"),
        "unresolved_reason" => one("FAILED", "2029"),
        "prompt_too_long" => one("FAILED", "1101"),
        "no_receiver" => one("FAILED", "SFC_IC0003"),
        "system_busy" => one("FAILED", "26"),
        "unknown_code" => one("FAILED", "7777"),
        "manual" | "silent" => (vec![], "PENDING"),
        "pay_without_callback" => (vec![], "SUCCESS"),
        "cancel_without_callback" => (vec![], "CANCELLED"),
        "pay_callback_twice" => (vec![paid, paid], "SUCCESS"),
        "pay_then_late_failure" => (vec![paid, ("EXPIRED", "1037")], "SUCCESS"),
        "time_out_then_pay" => (vec![("EXPIRED", "1037"), paid], "SUCCESS"),
        "time_out_then_pay_without_callback" => (vec![("EXPIRED", "1037")], "SUCCESS"),
        "cancel_callback_first" | "cancel_soon" => one("CANCELLED", "1032"),
        "forged_success" => (vec![paid, ("CANCELLED", "1032")], "CANCELLED"),
        _ => one("SUCCESS", "0"),
    }
}

/// What phones do by their numbers. A held phone waits for its person: the tests of the page have it.
fn played_by_numbers() -> impl Iterator<Item = &'static ScenarioRow> {
    SCENARIOS.iter().filter(|row| row.name != "held")
}

#[tokio::test]
async fn at_palpluss_every_phone_number_does_what_the_table_says() {
    let shop = Shop::open().await;
    let mut pushed = Vec::new();
    for row in played_by_numbers() {
        let ending = if row.phone_ending.is_empty() {
            "5678"
        } else {
            row.phone_ending
        };
        let id = shop.palpluss_accepted(&format!("25471200{ending}")).await;
        pushed.push((row.name, id));
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    let all: usize = pushed.iter().map(|(name, _)| webhooks(name).0.len()).sum();
    until("all webhooks", || shop.bodies().len() >= all).await;
    for (name, id) in &pushed {
        let (said, last) = webhooks(name);
        let bodies = shop.bodies();
        let transactions = bodies
            .iter()
            .map(|body| &body["transaction"])
            .filter(|transaction| transaction["id"] == id.as_str());
        let got: Vec<_> = transactions
            .clone()
            .map(|transaction| {
                (
                    transaction["status"].as_str().unwrap(),
                    transaction["result_code"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(got, said, "{name}");
        for transaction in transactions.filter(|transaction| transaction["status"] != "SUCCESS") {
            assert_eq!(transaction["mpesa_receipt"], Value::Null, "{name}");
            assert_eq!(transaction["transaction_fee"], 0.0, "{name}");
        }
        if *name != "pay_flaky_query" {
            assert_eq!(shop.palpluss_status(id).await["status"], last, "{name}");
        }
    }
    assert_eq!(shop.bodies().len(), all, "and no webhook more");
    let counters = shop.sandbox.counters();
    assert_eq!(
        counters.palpluss.prompts,
        played_by_numbers().count() as u64 - 1,
        "a busy phone is not prompted"
    );
    assert_eq!(counters.palpluss.bans, 0);
}

#[tokio::test]
async fn a_held_phone_is_not_prompted_again() {
    let shop = Shop::open().await;
    shop.sandbox.script_phone(PHONE, Scenario::Manual);
    shop.palpluss_accepted(PHONE).await;
    let second = shop.palpluss_accepted(PHONE).await;
    let webhook = shop.body().await;
    assert_eq!(webhook["transaction"]["id"], second.as_str());
    assert_eq!(webhook["transaction"]["result_code"], "1001");
    assert_eq!(shop.sandbox.counters().prompts_by_phone[PHONE], 1);
    // The first prompt still holds the phone, whichever gateway asks.
    assert_eq!(shop.push(PHONE).await.error().1, "500.001.1001");
}

#[tokio::test]
async fn webhooks_can_lie() {
    type Check = fn(&Value);
    let table: [(&str, Check); 5] = [
        ("9009", |said| assert!(said.get("mpesa_receipt").is_none())),
        ("9010", |said| assert_eq!(said["amount"], 1)),
        ("9011", |said| {
            assert_eq!(said["phone_number"], "254712***011")
        }),
        ("9015", |said| {
            assert_eq!(said["mpesa_receipt"].as_str().unwrap().len(), 10)
        }),
        ("9016", |said| {
            assert_eq!(said["amount"].to_string(), "450.0")
        }),
    ];
    for (ending, check) in table {
        let shop = Shop::open().await;
        shop.palpluss_accepted(&format!("25471200{ending}")).await;
        let webhook = shop.body().await;
        assert_eq!(webhook["event_type"], "transaction.success");
        check(&webhook["transaction"]);
    }
}

/// The first generation's callback codes and the second's callback words, in order, and the second's last status.
fn callbacks(name: &str) -> (Vec<Value>, Vec<&'static str>, &'static str) {
    let one = |code: Value, word| (vec![code], vec![word], word);
    match name {
        "cancel" => one(json!(1032), "cancelled"),
        "cancel_old_code" => one(json!(1031), "cancelled"),
        "time_out" | "phone_off" => one(json!(1037), "timeout"),
        "unreachable" => one(json!(1036), "timeout"),
        "expire" => one(json!(1019), "timeout"),
        "no_money" => one(json!(1), "failed"),
        "wrong_pin" => one(json!(2001), "failed"),
        "busy" | "refuse_busy" => one(json!(1001), "failed"),
        "amount_limit" => one(json!(2), "failed"),
        "daily_limit" => one(json!(4), "failed"),
        "rule_limit" => one(json!(17), "failed"),
        "not_delivered" => one(json!(1025), "failed"),
        "not_delivered_no_reason" => one(json!(9999), "failed"),
        "pin_locked" => one(json!(8006), "failed"),
        "account_state" => one(json!(11), "failed"),
        "not_allowed" => one(json!(2028), "failed"),
        "till_mismatch" => one(json!(2002), "failed"),
        "unresolved_reason" => one(json!(2029), "failed"),
        "prompt_too_long" => one(json!(1101), "failed"),
        "no_receiver" => one(json!("SFC_IC0003"), "failed"),
        "system_busy" => one(json!(26), "failed"),
        "unknown_code" => one(json!(7777), "failed"),
        "manual" | "silent" => (vec![], vec![], "sent"),
        "pay_without_callback" => (vec![], vec![], "success"),
        "cancel_without_callback" => (vec![], vec![], "cancelled"),
        "pay_callback_twice" => (
            vec![json!(0), json!(0)],
            vec!["success", "success"],
            "success",
        ),
        "pay_then_late_failure" => (
            vec![json!(0), json!(1037)],
            vec!["success", "timeout"],
            "success",
        ),
        "time_out_then_pay" => (
            vec![json!(1037), json!(0)],
            vec!["timeout", "success"],
            "success",
        ),
        "time_out_then_pay_without_callback" => (vec![json!(1037)], vec!["timeout"], "success"),
        "cancel_callback_first" | "cancel_soon" => {
            (vec![json!(1032)], vec!["cancelled"], "cancelled")
        }
        "forged_success" => (
            vec![json!(0), json!(1032)],
            vec!["success", "cancelled"],
            "cancelled",
        ),
        _ => one(json!(0), "success"),
    }
}

#[tokio::test]
async fn at_upesipay_every_phone_number_does_what_the_table_says() {
    for path in [FIRST, SECOND] {
        let shop = Shop::open().await;
        let mut pushed = Vec::new();
        for row in played_by_numbers() {
            let ending = if row.phone_ending.is_empty() {
                "5678"
            } else {
                row.phone_ending
            };
            let id = shop
                .upesipay_accepted(path, &format!("25471200{ending}"))
                .await;
            let payments = shop.sandbox.payments();
            pushed.push((
                row.name,
                id,
                payments.last().unwrap().checkout_request_id.clone(),
            ));
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        let all: usize = pushed
            .iter()
            .map(|(name, ..)| callbacks(name).0.len())
            .sum();
        until("all callbacks", || shop.bodies().len() >= all).await;
        for (name, id, checkout_id) in &pushed {
            let (codes, words, last) = callbacks(name);
            let bodies = shop.bodies();
            if path == FIRST {
                let own = bodies
                    .iter()
                    .filter(|body| body["response"]["CheckoutRequestID"] == checkout_id.as_str());
                let got: Vec<_> = own
                    .clone()
                    .map(|body| body["response"]["ResultCode"].clone())
                    .collect();
                assert_eq!(got, codes, "{name}");
                for body in own {
                    let paid = body["response"]["ResultCode"] == 0;
                    assert_eq!(body["response"]["Status"] == "Success", paid, "{name}");
                    assert_eq!(body["status"], paid, "{name}");
                }
            } else {
                let own = bodies
                    .iter()
                    .filter(|body| body["checkout_request_id"] == checkout_id.as_str());
                let got: Vec<_> = own
                    .clone()
                    .map(|body| body["status"].as_str().unwrap())
                    .collect();
                assert_eq!(got, words, "{name}");
                for body in own {
                    let has_receipt =
                        body["status"] == "success" && *name != "pay_without_metadata";
                    assert_eq!(body["reference_id"].is_string(), has_receipt, "{name}");
                }
            }
            if *name != "pay_flaky_query" {
                let status = shop.upesipay_status(id).await.json();
                let first = match last {
                    "success" => "SUCCESS",
                    "sent" => "QUEUED",
                    _ => "FAILED",
                };
                let (got, wanted) = if path == FIRST {
                    (&status["status"], first)
                } else {
                    (&status["data"]["status"], last)
                };
                assert_eq!(got, wanted, "{name}");
            }
        }
        let counters = shop.sandbox.counters();
        assert_eq!(
            counters.upesipay.prompts,
            played_by_numbers().count() as u64 - 1
        );
        assert_eq!(
            (counters.upesipay.bans, counters.upesipay.blocked_phones),
            (0, 0)
        );
    }
}
