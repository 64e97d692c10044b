//! Tests of redaction: each spelling of each secret in a gateway's words, and what has to stay readable.

use super::Redaction;
use crate::values::daraja_credentials::Secret;
use crate::values::phone::PhoneNumber;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;

const TOKEN: &str = "SGWcJPtNtYNPGm6uSYR9yPYrAI3Bm";
const PASS_KEY: &str = "9f2c41d07ab54e86b0d3c5a7e8f1924b";
const PATH: &str = "/pay/mpesa/Zk3qP0vT8sLw2XyR7nBd5A";

fn redaction() -> Redaction {
    let header = HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap();
    Redaction {
        secrets: vec![Secret::new(PASS_KEY), Secret::new(PATH)],
        phone: Some(PhoneNumber::parse("0712345678").unwrap()),
    }
    .with_header(&header)
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The spellings in which a gateway may repeat a text.
fn spellings(text: &str) -> Vec<String> {
    let json: String = text
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let html: String = text
        .chars()
        .map(|c| format!("&#{};", u32::from(c)))
        .collect();
    let twice = percent(text).replace('%', "%25");
    let password = STANDARD.encode(format!("174379{text}20261128210000"));
    vec![
        text.to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        text.replace('/', "\\/"),
        percent(text),
        twice,
        json,
        html,
        STANDARD.encode(text),
        URL_SAFE_NO_PAD.encode(text),
        STANDARD.encode(format!("{text}:and more")),
        STANDARD.encode(format!("Basic {}", STANDARD.encode(text))),
        password.clone(),
        percent(&password),
        password.trim_end_matches('=').to_owned(),
    ]
}

#[test]
fn no_spelling_of_a_secret_stays() {
    for secret in [TOKEN, PASS_KEY, PATH] {
        for spelled in spellings(secret) {
            for (before, behind) in [
                ("Invalid Access Token - ", ""),
                ("", " is not valid"),
                ("{\"a\":\"", "\"}"),
                ("token=", "&b=1"),
                ("x\u{202e}é ", "…"),
            ] {
                let said = redaction().message(&format!("{before}{spelled}{behind}"));
                assert!(said.contains("[redacted]"), "{spelled}: {said}");
                assert!(!said.contains(&spelled), "{spelled}: {said}");
                let longest = spelled.get(4..18).unwrap();
                assert!(!said.contains(longest), "{spelled}: {said}");
            }
        }
    }
}

#[test]
fn half_a_secret_is_hidden_too() {
    for cut in [TOKEN.get(..14), TOKEN.get(9..), PASS_KEY.get(3..20)] {
        let said = redaction().message(&format!("Invalid: {}", cut.unwrap()));
        assert_eq!(said, "Invalid: [redacted]");
    }
}

#[test]
fn a_phone_number_is_masked_however_it_is_written() {
    for number in [
        "254712345678",
        "+254712345678",
        "00254712345678",
        "0712345678",
        "712345678",
        "0712 345 678",
        "+254 712-345-678",
        "(0712) 345.678",
        "254%20712%20345%20678",
        "\\u0032547\\u00312345678",
    ] {
        for (before, behind) in [("The subscriber ", " is busy"), ("", ""), ("a:", ",b")] {
            let said = redaction().message(&format!("{before}{number}{behind}"));
            assert!(said.contains("2547***678"), "{number}: {said}");
            assert!(
                !said.contains("712345678")
                    && !said.contains("345 678")
                    && !said.contains("12345678"),
                "{number}: {said}"
            );
        }
    }
    let encoded = STANDARD.encode("254712345678");
    assert_eq!(
        redaction().message(&format!("Sent {encoded}.")),
        "Sent [redacted]."
    );
    assert_eq!(
        redaction().message("The transaction ws_CO_28112026210000712345678 does not Exist"),
        "The transaction ws_CO_2547***678 does not Exist"
    );
}

#[test]
fn what_support_needs_stays() {
    for text in [
        "Success. Request accepted for processing",
        "Bad Request - Invalid PhoneNumber",
        "Invalid CallBackURL",
        "[MerchantValidate] - Wrong credentials",
        "The amount 150 of INV-017 for 174379 is over the limit of 250000.",
        "Unable to lock subscriber, a transaction is already in process for the current subscriber",
        "Ombi limekubaliwa. Subiri…",
        "254798765432 is another customer",
    ] {
        assert_eq!(redaction().message(text), text);
    }
    assert_eq!(redaction().word("500.001.1001"), "500.001.1001");
    let id = "ws_CO_28112026210000712345678";
    assert_eq!(
        redaction().word(id),
        id,
        "an id ends with the number by its form"
    );
    assert_eq!(redaction().word(&format!("req-{TOKEN}")), "req-[redacted]");
}

#[test]
fn a_line_break_forges_no_line() {
    assert_eq!(
        redaction().word("500\r\n2026 INFO lipia: the push was paid\u{1b}[31m"),
        "500  2026 INFO lipia: the push was paid [31m"
    );
    assert_eq!(redaction().message("a\u{2028}b\u{202e}c\u{0}"), "a b c");
}

#[test]
fn a_text_is_cut_after_it_was_redacted() {
    for filler in 560..640 {
        let said = redaction().message(&format!("{}{TOKEN} and more", "x ".repeat(filler / 2)));
        assert!(said.len() < 640, "{}", said.len());
        for length in 6..TOKEN.len() {
            assert!(!said.contains(TOKEN.get(..length).unwrap()), "{said}");
        }
    }
    assert!(redaction().message(&"é".repeat(100_000)).ends_with('…'));
}

#[test]
fn a_kept_body_keeps_all_but_the_secrets() {
    let body = format!(
        r#"{{"url":"https://shop.example{PATH}","PhoneNumber":254712345678,"Amount":150}}"#
    );
    assert_eq!(
        redaction().body(body.as_bytes(), 4096),
        r#"{"url":"https://shop.example[redacted]","PhoneNumber":2547***678,"Amount":150}"#
    );
    assert_eq!(redaction().body(&[0xff, b'a', 0x00], 4096), "\u{fffd}a");
}

#[test]
fn the_parts_of_a_basic_header_are_secrets() {
    let header = HeaderValue::from_str(&format!(
        "Basic {}",
        STANDARD.encode("theConsumerKey:theConsumerSecret")
    ))
    .unwrap();
    let redaction = Redaction::default().with_header(&header);
    assert_eq!(
        redaction.message("theConsumerSecret of theConsumerKey is not known"),
        "[redacted] of [redacted] is not known"
    );
}

mod any_text {
    use super::{TOKEN, percent, redaction};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_cleaned_without_a_panic(text in ".{0,200}", behind in ".{0,40}") {
            for secret in [TOKEN.to_owned(), percent(TOKEN), "254712345678".to_owned()] {
                let said = redaction().message(&format!("{text}{secret}{behind}"));
                prop_assert!(!said.contains(&secret));
                prop_assert!(!said.contains(TOKEN));
                prop_assert!(said.chars().all(|c| !c.is_control()));
            }
        }

        #[test]
        fn of_bytes_is_cleaned_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = redaction().body(&bytes, 100);
        }
    }
}
