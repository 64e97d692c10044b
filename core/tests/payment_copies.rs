//! The comparison of two copies of one payment that different processes have changed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

use lipia::payment::Gain;
use lipia::{Daraja, Payment, StkPush};
use serde_json::{Value, json};

/// A payment as a store could have it.
fn saved(changes: &[(&str, Value)]) -> Payment {
    let client = Daraja::builder()
        .consumer_key("of-a-test-of-copies")
        .consumer_secret("of-a-test-of-copies")
        .short_code("174379")
        .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
        .environment("sandbox")
        .callback_url("https://shop.example.co.ke/pay")
        .build()
        .unwrap();
    let push = StkPush::new("0712345678", 150, "INV-001");
    let text = client.reserve(push).unwrap().to_json();
    let mut fields: Value = serde_json::from_str(&text).unwrap();
    for (name, value) in changes {
        fields[*name] = value.clone();
    }
    Payment::from_json(&fields.to_string()).unwrap()
}

/// From the least that can be known to the most.
fn standings() -> Vec<Vec<(&'static str, Value)>> {
    let settled = |outcome: &str, receipt: Option<&str>| {
        vec![
            ("state", json!("settled")),
            ("outcome", json!(outcome)),
            ("settled_at", json!("2026-11-22T10:00:00+03:00")),
            ("receipt", json!(receipt)),
        ]
    };
    vec![
        vec![("state", json!("sending")), ("outcome", json!("unknown"))],
        vec![("state", json!("accepted")), ("outcome", json!("pending"))],
        settled("timeout", None),
        settled("success", None),
        settled("success", Some("TKM1ABCDEF")),
        settled("reversed", Some("TKM1ABCDEF")),
    ]
}

#[test]
fn less_is_never_kept_over_more_whatever_the_revisions_say() {
    let standings = standings();
    for (low, less) in standings.iter().enumerate() {
        for (high, more) in standings.iter().enumerate().skip(low + 1) {
            for (early, late) in [(1, 9), (9, 1), (3, 3)] {
                let copy = |fields: &[(&'static str, Value)], revision: u64| {
                    saved(&[fields, &[("revision", json!(revision))]].concat())
                };
                let (less, more) = (copy(less, early), copy(more, late));
                let expected = if high >= 2 { Gain::Forward } else { Gain::Keep };
                assert_eq!(less.gain_from(&more), expected, "{low} to {high}");
                assert_eq!(more.gain_from(&less), Gain::Nothing, "{high} to {low}");
            }
        }
    }
}

#[test]
fn where_both_know_as_much_the_later_revision_is_kept_and_it_is_no_news() {
    for standing in standings() {
        let copy =
            |revision: u64| saved(&[&standing[..], &[("revision", json!(revision))]].concat());
        let (first, second) = (copy(3), copy(4));
        assert_eq!(first.gain_from(&second), Gain::Keep);
        assert_eq!(second.gain_from(&first), Gain::Nothing);
        assert_eq!(first.gain_from(&first), Gain::Nothing);
        assert_eq!(first.clone().replacing(&second).revision(), 5);
        assert_eq!(second.replacing(&first).revision(), 4);
    }
}
