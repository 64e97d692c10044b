//! Callbacks that the vectors do not reach.

use lipia::{Event, GatewayName, Outcome, parse_callback};
use serde_json::{Value, json};

fn palpluss(event_type: &str, members: Value) -> Result<Event, lipia::Error> {
    let mut transaction = json!({
        "id": "fa98a577-95ea-4a8f-8467-1fbe74f5d6f4", "type": "STK", "amount": 10, "currency": "KES",
        "phone_number": "254708374149", "provider_request_id": "1-2-3", "provider_checkout_id": "ws_CO_1",
        "updated_at": "2026-03-01T08:01:30.000Z",
    });
    for (name, value) in members.as_object().unwrap() {
        transaction[name] = value.clone();
    }
    let body = json!({ "event": "transaction.updated", "event_type": event_type, "transaction": transaction });
    parse_callback(None, body.to_string().as_bytes())
}

fn words(event: &Event) -> Vec<&'static str> {
    event
        .warnings
        .iter()
        .map(|warning| warning.as_str())
        .collect()
}

#[test]
fn a_palpluss_status_and_code_are_read_together() {
    const PAID: &str = "LGR019G3J2";
    for (status, code, receipt, outcome, warnings) in [
        ("SUCCESS", json!("0"), json!(PAID), Outcome::Success, vec![]),
        ("success", json!(0), json!(PAID), Outcome::Success, vec![]),
        (
            "SUCCESS",
            Value::Null,
            json!(PAID),
            Outcome::Success,
            vec![],
        ),
        (
            "SUCCESS",
            json!("00"),
            json!(PAID),
            Outcome::Unknown,
            vec!["status_code_mismatch"],
        ),
        (
            "SUCCESS",
            json!("4999"),
            json!(PAID),
            Outcome::Unknown,
            vec!["status_code_mismatch"],
        ),
        (
            "SUCCESS",
            json!("0"),
            json!("<b>x</b>"),
            Outcome::Success,
            vec!["receipt_unreadable"],
        ),
        ("PENDING", json!("0"), json!(PAID), Outcome::Pending, vec![]),
        (
            "PROCESSING",
            json!("1032"),
            Value::Null,
            Outcome::Pending,
            vec![],
        ),
        (
            "FAILED",
            json!("2001"),
            Value::Null,
            Outcome::WrongPin,
            vec![],
        ),
        (
            "FAILED",
            json!("7777"),
            Value::Null,
            Outcome::Failed,
            vec![],
        ),
        (
            "FAILED",
            json!("4999"),
            Value::Null,
            Outcome::Failed,
            vec![],
        ),
        ("FAILED", Value::Null, json!(""), Outcome::Failed, vec![]),
        // The 0 of the acceptance may stay behind; with a receipt it is more than that.
        ("FAILED", json!("0"), Value::Null, Outcome::Failed, vec![]),
        (
            "FAILED",
            json!("0"),
            json!(PAID),
            Outcome::Unknown,
            vec!["status_code_mismatch"],
        ),
        ("EXPIRED", json!("0"), Value::Null, Outcome::Expired, vec![]),
        (
            "EXPIRED",
            json!("1037"),
            Value::Null,
            Outcome::Timeout,
            vec![],
        ),
        (
            "CANCELLED",
            json!("1037"),
            Value::Null,
            Outcome::Cancelled,
            vec![],
        ),
        (
            "REVERSED",
            json!("0"),
            json!(PAID),
            Outcome::Reversed,
            vec![],
        ),
        (
            "SETTLED_LATER",
            json!("0"),
            json!(PAID),
            Outcome::Unknown,
            vec![],
        ),
    ] {
        let event = palpluss(
            "transaction.updated",
            json!({ "status": status, "result_code": code, "mpesa_receipt": receipt }),
        )
        .unwrap();
        let case = format!("{status} {code} {receipt}");
        assert_eq!(
            (event.outcome, words(&event)),
            (outcome, warnings),
            "{case}"
        );
        assert_eq!(event.is_final, outcome.is_final(), "{case}");
        let shows =
            matches!(outcome, Outcome::Success | Outcome::Reversed) && receipt == json!(PAID);
        assert_eq!(event.receipt.is_some(), shows, "{case}");
    }
}

#[test]
fn a_palpluss_event_type_must_fit_the_status() {
    for (event_type, status, agrees) in [
        ("transaction.success", "SUCCESS", true),
        ("transaction.failed", "FAILED", true),
        ("transaction.cancelled", "CANCELLED", true),
        ("transaction.expired", "EXPIRED", true),
        ("transaction.updated", "REVERSED", true),
        ("transaction.settled", "SUCCESS", true),
        ("transaction.failed", "SUCCESS", false),
        ("transaction.success", "PENDING", false),
        ("transaction.cancelled", "FAILED", false),
    ] {
        let event = palpluss(
            event_type,
            json!({ "status": status, "mpesa_receipt": "LGR019G3J2" }),
        )
        .unwrap();
        assert_eq!(words(&event).is_empty(), agrees, "{event_type} {status}");
        assert_eq!(
            event.outcome == Outcome::Unknown,
            !agrees,
            "{event_type} {status}"
        );
    }
}

#[test]
fn a_palpluss_webhook_that_is_odd_is_told() {
    let success = |members: Value| {
        let mut all =
            json!({ "status": "SUCCESS", "result_code": "0", "mpesa_receipt": "LGR019G3J2" });
        for (name, value) in members.as_object().unwrap() {
            all[name] = value.clone();
        }
        palpluss("transaction.success", all)
    };
    for (members, warnings, complete) in [
        (
            json!({ "currency": "USD" }),
            vec!["amount_unreadable"],
            false,
        ),
        (json!({ "amount": null }), vec!["amount_missing"], false),
        (json!({ "amount": "10.00" }), vec![], true),
        (json!({ "amount": 0 }), vec!["amount_not_positive"], false),
        (
            json!({ "amount": 10.005 }),
            vec!["amount_unreadable"],
            false,
        ),
        (
            json!({ "phone_number": null, "updated_at": null }),
            vec!["phone_missing", "date_missing"],
            true,
        ),
        (
            json!({ "updated_at": "20260301080130" }),
            vec!["date_unreadable"],
            true,
        ),
        (
            json!({ "provider_request_id": null }),
            vec!["merchant_request_id_missing"],
            true,
        ),
        (json!({ "type": "WALLET_TOPUP" }), vec!["not_stk"], true),
        (json!({ "provider_checkout_id": null }), vec![], true),
    ] {
        let event = success(members.clone()).unwrap();
        assert_eq!(
            (words(&event), event.complete),
            (warnings, complete),
            "{members}"
        );
    }
    for (members, code) in [
        (json!({ "result_code": true }), "bad_result_code"),
        (json!({ "result_code": [0] }), "bad_result_code"),
        (json!({ "result_code": 0.5 }), "bad_result_code"),
        (
            json!({ "provider_checkout_id": "ws CO" }),
            "bad_checkout_request_id",
        ),
        (json!({ "id": " " }), "missing_transaction_id"),
        (json!({ "id": 5 }), "missing_transaction_id"),
        (json!({ "status": true }), "missing_status"),
    ] {
        assert_eq!(
            success(members.clone()).unwrap_err().code(),
            code,
            "{members}"
        );
    }
    assert_eq!(
        success(json!({ "fee": 2.5 }))
            .unwrap()
            .value("fee")
            .as_deref(),
        Some("2.5")
    );
}

#[test]
fn an_upesipay_word_may_not_contradict_its_code() {
    for (code, word, outcome, warnings) in [
        (json!(0), json!("SUCCESS"), Outcome::Success, vec![]),
        (json!(0), Value::Null, Outcome::Success, vec![]),
        (
            json!(0),
            json!("Queued"),
            Outcome::Unknown,
            vec!["status_code_mismatch"],
        ),
        (
            json!(0),
            json!(true),
            Outcome::Unknown,
            vec!["status_code_mismatch"],
        ),
        (
            json!(1032),
            json!("Success"),
            Outcome::Unknown,
            vec!["status_code_mismatch"],
        ),
        (json!("2001"), json!("Failed"), Outcome::WrongPin, vec![]),
        (json!(4999), json!("Queued"), Outcome::Pending, vec![]),
        (json!(7777), json!("Failed"), Outcome::Unknown, vec![]),
        (json!("00"), json!("Failed"), Outcome::Unknown, vec![]),
    ] {
        let body = json!({ "status": true, "response": {
            "Amount": 10, "CheckoutRequestID": "ws_CO_1", "MerchantRequestID": "1-2-3", "Phone": "0708374149",
            "MpesaReceiptNumber": "SAE3YULR0Y", "ResultCode": code, "Status": word } });
        let event = parse_callback(None, body.to_string().as_bytes()).unwrap();
        assert_eq!(
            (event.outcome, words(&event)),
            (outcome, warnings),
            "{code} {word}"
        );
        assert_eq!(
            event.receipt.is_some(),
            outcome == Outcome::Success,
            "{code} {word}"
        );
        assert_eq!(event.is_final, outcome.is_final(), "{code} {word}");
    }
    for (code, error) in [
        (json!(false), "bad_result_code"),
        (Value::Null, "bad_result_code"),
        (json!(""), "bad_result_code"),
    ] {
        let body = json!({ "response": { "CheckoutRequestID": "ws_CO_1", "ResultCode": code } })
            .to_string();
        assert_eq!(
            parse_callback(None, body.as_bytes()).unwrap_err().code(),
            error,
            "{code}"
        );
    }
}

#[test]
fn upesipays_second_generation_is_told_by_its_words() {
    for (status, outcome) in [
        (json!("SUCCESS"), Ok(Outcome::Success)),
        (json!("sent"), Ok(Outcome::Pending)),
        (json!("queued"), Ok(Outcome::Pending)),
        (json!("pending"), Ok(Outcome::Pending)),
        (json!("refunding"), Ok(Outcome::Unknown)),
        (json!(true), Err("missing_status")),
        (json!(" "), Err("missing_status")),
    ] {
        let body = json!({ "checkout_request_id": "ws_CO_1", "merchant_request_id": "1", "status": status }).to_string();
        let parsed = parse_callback(None, body.as_bytes());
        assert_eq!(
            parsed
                .as_ref()
                .map(|event| event.outcome)
                .map_err(lipia::Error::code),
            outcome,
            "{status}"
        );
    }
    let named = |body: &[u8]| {
        parse_callback(Some(GatewayName::UpesiPay), body)
            .unwrap_err()
            .code()
            .to_owned()
    };
    assert_eq!(named(br#"{"response":[]}"#), "unrecognised_shape");
    assert_eq!(
        named(br#"{"response":null,"checkout_request_id":"ws_CO_1","status":"success"}"#),
        "unrecognised_shape"
    );
    assert_eq!(named(b"[]"), "not_an_object");
    assert_eq!(
        named(br#"{"status":"success","status":"failed"}"#),
        "duplicate_key"
    );
}
