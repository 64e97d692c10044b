//! Tests of Daraja's callbacks beyond the vectors: repeats, junk in single items, and values by name.

use super::*;
use crate::error::{Disposition, ErrorKind};
use crate::meaning::outcome::Outcome;

fn success(items: &str) -> Event {
    parse_callback(callback("0", &format!(r#","CallbackMetadata":{{"Item":{items}}}"#)).as_bytes())
        .unwrap()
}

fn callback(code: &str, more: &str) -> String {
    format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"1-2-3","CheckoutRequestID":"ws_CO_1","ResultCode":{code}{more}}}}}}}"#
    )
}

fn items(items: &[(&str, &str)]) -> Event {
    let list: Vec<String> = items
        .iter()
        .map(|(name, value)| format!(r#"{{"Name":"{name}","Value":{value}}}"#))
        .collect();
    success(&format!("[{}]", list.join(",")))
}

fn words(event: &Event) -> Vec<&'static str> {
    event
        .warnings
        .iter()
        .map(|warning| warning.as_str())
        .collect()
}

const WHOLE: [(&str, &str); 4] = [
    ("Amount", "1.00"),
    ("MpesaReceiptNumber", "\"NLJ7RT61SV\""),
    ("TransactionDate", "20191219102115"),
    ("PhoneNumber", "254708374149"),
];

fn whole_and(more: &[(&str, &str)]) -> Event {
    items(&[WHOLE.as_slice(), more].concat())
}

#[test]
fn equal_repeats_are_one_value() {
    let event = whole_and(&[
        ("Amount", "1"),
        ("Amount", "\"1.0\""),
        ("Amount", "null"),
        ("MpesaReceiptNumber", "\" NLJ7RT61SV\""),
        ("TransactionDate", "\"20191219102115\""),
        ("PhoneNumber", "\"0708 374 149\""),
        ("PhoneNumber", "\" \""),
    ]);
    assert_eq!(words(&event), Vec::<&str>::new());
    assert!(event.complete);
    assert_eq!(event.phone_raw.as_deref(), Some("254708374149"));
}

#[test]
fn differing_repeats_are_none() {
    let event = whole_and(&[
        ("Amount", "1.01"),
        ("MpesaReceiptNumber", "\"NLJ7RT61SX\""),
        ("TransactionDate", "20191219102116"),
        ("PhoneNumber", "254708374140"),
    ]);
    assert_eq!(
        words(&event),
        [
            "receipt_conflict",
            "amount_conflict",
            "phone_conflict",
            "date_conflict"
        ]
    );
    assert_eq!(
        (&event.receipt, &event.amount, &event.phone, &event.date),
        (&None, &None, &None, &None)
    );
    assert_eq!(event.phone_raw, None);
    assert!(!event.complete);
    assert_eq!(
        words(&whole_and(&[("Amount", "true")])),
        ["amount_conflict"]
    );
    assert_eq!(
        words(&items(&[("Amount", "true"), ("Amount", "true")]))[1],
        "amount_unreadable"
    );
    assert_eq!(
        words(&items(&[
            ("PhoneNumber", "\"2547***1\""),
            ("PhoneNumber", "\"2547***2\"")
        ]))[2],
        "phone_conflict"
    );
}

#[test]
fn values_that_say_nothing_are_missing() {
    let event = items(&[
        ("Amount", "null"),
        ("MpesaReceiptNumber", "\"\\u00a0 \""),
        ("PhoneNumber", "\"\""),
    ]);
    assert_eq!(
        words(&event),
        [
            "receipt_missing",
            "amount_missing",
            "phone_missing",
            "date_missing"
        ]
    );
}

#[test]
fn metadata_of_another_kind_is_no_metadata() {
    for item in ["null", "[]", "\"x\"", "5", "true"] {
        assert_eq!(words(&success(item)), ["metadata_missing"], "{item}");
    }
    assert_eq!(words(&success("{}"))[0], "metadata_junk_items");
    assert_eq!(words(&success("[[]]")).len(), 5);
    for metadata in ["null", "[]", "\"x\"", "{}"] {
        let body = callback("0", &format!(r#","CallbackMetadata":{metadata}"#));
        assert_eq!(
            words(&parse_callback(body.as_bytes()).unwrap()),
            ["metadata_missing"],
            "{metadata}"
        );
    }
    let failure = callback(
        "1032",
        r#","CallbackMetadata":{"Item":{"Name":"Amount","Value":1}}"#,
    );
    let event = parse_callback(failure.as_bytes()).unwrap();
    assert_eq!(
        (words(&event), event.amount),
        (vec!["metadata_on_failure"], None)
    );
    assert_eq!(event.value("Amount"), None);
    let empty = callback("1032", r#","CallbackMetadata":{"Item":[]}"#);
    assert_eq!(
        words(&parse_callback(empty.as_bytes()).unwrap()),
        Vec::<&str>::new()
    );
}

#[test]
fn values_can_be_had_by_their_own_name() {
    let event = whole_and(&[
        ("Balance", "\"{Amount=5.00}\""),
        ("Fee", "1.50"),
        ("Flag", "true"),
        ("List", "[1]"),
        ("Fee", "1.50"),
        ("Twice", "1"),
        ("Twice", "2"),
        ("Nothing", "null"),
    ]);
    assert_eq!(event.value("Amount").as_deref(), Some("1.00"));
    assert_eq!(event.value("Balance").as_deref(), Some("{Amount=5.00}"));
    assert_eq!(event.value("Fee").as_deref(), Some("1.50"));
    assert_eq!(event.value("Flag").as_deref(), Some("true"));
    for name in ["List", "Twice", "Nothing", "amount", "Absent"] {
        assert_eq!(event.value(name), None, "{name}");
    }
}

#[test]
fn only_exactly_zero_is_a_success() {
    for code in ["0", "-0", "0.0", "0e5", "\"0\""] {
        assert_eq!(
            parse_callback(callback(code, "").as_bytes())
                .unwrap()
                .outcome,
            Outcome::Success,
            "{code}"
        );
    }
    for code in [
        "\"00\"",
        "\"-0\"",
        "\"0.0\"",
        "4294967296",
        "18446744073709551616",
        "-1",
        "\"0abc\"",
    ] {
        let event = parse_callback(callback(code, "").as_bytes()).unwrap();
        assert_eq!(
            (event.outcome, event.is_final, event.complete),
            (Outcome::Unknown, false, true),
            "{code}"
        );
    }
}

#[test]
fn a_refusal_says_what_to_look_at_and_leaves_the_money_open() {
    let error = parse_callback(callback("[0]", "").as_bytes()).unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::InvalidCallback, Disposition::Unknown)
    );
    assert_eq!(
        (error.code(), error.checkout_request_id().unwrap().as_str()),
        ("bad_result_code", "ws_CO_1")
    );
    assert!(!error.retryable());
    let first =
        parse_callback(br#"{"Body":{"stkCallback":{"CheckoutRequestID":"a b","ResultCode":[]}}}"#);
    assert_eq!(first.unwrap_err().code(), "bad_checkout_request_id");
}
