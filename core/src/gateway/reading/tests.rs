//! Tests of how values are read from JSON.

use super::*;
use crate::error::ids::Receipt;
use crate::json::read;

fn code(json: &str) -> Option<String> {
    result_code(&read(json.as_bytes(), 10_000).unwrap()).map(Cow::into_owned)
}

#[test]
fn an_unreadable_body_has_the_reader_s_word() {
    for error in [
        JsonError::TooLarge,
        JsonError::InvalidUtf8,
        JsonError::EmptyBody,
        JsonError::TooDeep,
        JsonError::DuplicateKey,
        JsonError::InvalidJson,
    ] {
        assert_eq!(not_readable(error).code(), error.code());
    }
}

#[test]
fn a_result_code_is_an_integer_or_a_short_token() {
    for (json, expected) in [
        ("0", Some("0")),
        ("-0", Some("0")),
        ("0.000", Some("0")),
        ("0e99999999999999999999", Some("0")),
        ("1032.0", Some("1032")),
        ("1.032E+3", Some("1032")),
        ("1e3", Some("1000")),
        ("10e-1", Some("1")),
        ("-1", Some("-1")),
        ("18446744073709551616", Some("18446744073709551616")),
        ("1e31", Some("10000000000000000000000000000000")),
        ("1e32", None),
        ("1e400", None),
        ("1e-400", None),
        ("1e99999999999999999999", None),
        ("-1e-99999999999999999999", None),
        ("0.5", None),
        ("\"00\"", Some("00")),
        ("\"SFC_IC0003\"", Some("SFC_IC0003")),
        ("\"500.001.1001\"", Some("500.001.1001")),
        ("\"-1\"", Some("-1")),
        ("\" 0\"", None),
        ("\"\"", None),
        ("\"0\\u0000\"", None),
        ("\"٠\"", None),
        (
            "\"00000000000000000000000000000000\"",
            Some("00000000000000000000000000000000"),
        ),
        ("\"000000000000000000000000000000000\"", None),
        ("true", None),
        ("null", None),
        ("[0]", None),
        ("{}", None),
    ] {
        assert_eq!(code(json).as_deref(), expected, "{json}");
    }
}

#[test]
fn a_receipt_is_six_to_twenty_capitals_and_digits() {
    let read = |text: &str| {
        receipt(&Json::Text(text.into()))
            .value
            .map(|receipt| receipt.as_str().len())
    };
    for (length, readable) in [(5, false), (6, true), (20, true), (21, false)] {
        let text = "A".repeat(length);
        assert_eq!(read(&text), readable.then_some(length));
        assert_eq!(read(&format!("\u{a0}{text}\n")), readable.then_some(length));
    }
    for text in [
        "NLJ7RT 61SV",
        "NLJ7RT\u{0}61SV",
        "ＮＬＪ７ＲＴ６１ＳＶ",
        "NLJ7-T61SV",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    for (number, expected) in [
        ("1234567890", Some("1234567890")),
        ("1.234567890E9", Some("1234567890")),
        ("1234567890.0", Some("1234567890")),
        ("12345", None),
        ("1234567890123456", None),
        ("-1234567890", None),
        ("1234567890.5", None),
    ] {
        let json = Json::Number(number);
        assert_eq!(
            receipt(&json).value.as_ref().map(Receipt::as_str),
            expected,
            "{number}"
        );
    }
}

#[test]
fn a_number_is_a_number_however_it_is_written() {
    for text in [
        "254712345678",
        "2.54712345678E11",
        "2.54712345678e+11",
        "254712345678.0",
        "254712345678000e-3",
        "712345678.00",
    ] {
        for json in [Json::Number(text), Json::Text(text.into())] {
            let read = phone(&json).value;
            assert_eq!(
                read.as_ref().map(PhoneNumber::as_str),
                Some("254712345678"),
                "{json:?}"
            );
        }
    }
    for text in [
        "20260914235630",
        "2.0260914235630E13",
        "2.026091423563e13",
        "20260914235630.0",
        "2026-09-14T23:56:30+03:00",
        "2026-09-14T20:56:30Z",
        "2026-09-14T20:56:30.250Z",
        "2026-09-14T23:56:30+0300",
        "2026-09-14T23:56:30",
        "2026-09-14 23:56:30.0",
        " 2026-09-14 23:56:30 ",
    ] {
        let read = date(&Json::Text(text.into()), DateZone::EastAfrica).value;
        assert_eq!(
            read.map(EatTime::to_wire).as_deref(),
            Some("20260914235630"),
            "{text}"
        );
    }
    let utc = date(&Json::Text("2026-09-14 20:56:30".into()), DateZone::Utc);
    assert_eq!(utc.value.unwrap().to_wire(), "20260914235630");
    for json in [
        Json::Number("2.0261314235630E13"),
        Json::Number("20260914235630.5"),
        Json::Text("14/09/2026".into()),
        Json::Text("2026-09-14".into()),
        Json::Bool(true),
    ] {
        let read = date(&json, DateZone::EastAfrica);
        assert_eq!(read.warning, Some(EventWarning::DateUnreadable), "{json:?}");
    }
}

#[test]
fn a_mask_is_told_from_a_mistake() {
    let warning = |text: &str| phone(&Json::Text(text.into())).warning;
    for text in [
        "254708***149",
        "0712XXX678",
        "2547xxxxxxxx",
        "254708•••149",
        "2547####149",
        "*",
    ] {
        assert_eq!(warning(text), Some(EventWarning::PhoneMasked), "{text}");
    }
    for text in ["xxx", "ext 5", "0712345678 ext", "#", "254708374149?"] {
        assert_eq!(warning(text), Some(EventWarning::PhoneUnreadable), "{text}");
    }
    assert_eq!(
        warning(&"0123456789abcdefABCDEF0123456789".repeat(2)),
        Some(EventWarning::PhoneHashed)
    );
    assert_eq!(warning("+254 708 374 149"), None);
    for number in [
        "71234567.8",
        "0.712345678",
        "-712345678",
        "-7.12345678E8",
        "2.54708374149e15",
    ] {
        assert_eq!(
            phone(&Json::Number(number)).warning,
            Some(EventWarning::PhoneUnreadable),
            "{number}"
        );
    }
}
