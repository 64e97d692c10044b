//! Settings: each that is missing or not valid is named, and nothing starts before it is asked for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::{Client, Daraja, Error, ErrorKind, StkPush, TlsRoots};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY};
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;
use support::{NO_SHOP, PAYS, Play, RawServer, builder, none_of, sale};

/// A whole set of variables.
fn variables() -> HashMap<&'static str, OsString> {
    [
        ("MPESA_CONSUMER_KEY", CONSUMER_KEY),
        ("MPESA_CONSUMER_SECRET", CONSUMER_SECRET),
        ("MPESA_SHORTCODE", "174379"),
        ("MPESA_PASSKEY", PASS_KEY),
        ("MPESA_ENVIRONMENT", "production"),
        ("MPESA_CALLBACK_URL", NO_SHOP),
        ("MPESA_BASE_URL", "http://127.0.0.1:9"),
    ]
    .map(|(name, value)| (name, OsString::from(value)))
    .into()
}

fn from_variables(set: &HashMap<&'static str, OsString>) -> Result<Client, Error> {
    Daraja::builder_from_variables(|name| set.get(name).cloned())?.build()
}

#[test]
fn a_variable_that_is_missing_empty_or_no_text_is_named() {
    from_variables(&variables()).unwrap();
    let mut failures = Vec::new();
    let optional = ["MPESA_ENVIRONMENT", "MPESA_CALLBACK_URL", "MPESA_BASE_URL"];
    for name in variables().keys() {
        let needed = !optional.contains(name);
        for (what, value, fails, code) in [
            ("missing", None, needed, "variable_missing"),
            ("empty", Some(OsString::new()), needed, "variable_missing"),
            (
                "blank",
                Some(OsString::from(" \n")),
                needed,
                "variable_missing",
            ),
            (
                "no text",
                Some(OsString::from_vec(vec![b'a', 0xff])),
                true,
                "variable_not_text",
            ),
        ] {
            let mut set = variables();
            match value {
                Some(value) => set.insert(name, value),
                None => set.remove(name),
            };
            match from_variables(&set) {
                Ok(_) if !fails => {}
                Err(error)
                    if fails
                        && error.code() == code
                        && error.field() == Some(name)
                        && error.message().contains(name)
                        && error.kind() == ErrorKind::Configuration => {}
                other => failures.push(format!("{name} {what}: {other:?}")),
            }
        }
    }
    none_of(&failures);
}

#[test]
fn a_setting_that_is_not_valid_is_named_before_anything_starts() {
    let ok = || builder("http://127.0.0.1:9");
    let mut failures = Vec::new();
    for (built, field, code) in [
        (
            ok().base_url("http://api.safaricom.co.ke"),
            "base_url",
            "base_url_not_https",
        ),
        (
            ok().base_url("http://10.0.0.1"),
            "base_url",
            "base_url_not_https",
        ),
        (
            ok().base_url("http://localhost.evil.example"),
            "base_url",
            "base_url_not_https",
        ),
        (
            ok().base_url("http://127.0.0.1.evil.example"),
            "base_url",
            "base_url_not_https",
        ),
        (
            ok().base_url("ftp://127.0.0.1"),
            "base_url",
            "base_url_not_https",
        ),
        (
            ok().base_url("api.safaricom.co.ke"),
            "base_url",
            "base_url_unreadable",
        ),
        (
            ok().base_url("https://user:pw@api.safaricom.co.ke"),
            "base_url",
            "base_url_unreadable",
        ),
        (ok().base_url(""), "base_url", "base_url_unreadable"),
        (ok().timeout(Duration::ZERO), "timeout", "timeout_zero"),
        (
            ok().environment("test"),
            "environment",
            "environment_unknown",
        ),
        (
            ok().callback_url("shop.example/pay"),
            "callback_url",
            "callback_url_unreadable",
        ),
        (
            ok().callback_secrets(["short"]),
            "callback_secrets",
            "callback_secret_too_short",
        ),
        (ok().short_code("12"), "short_code", "short_code_unreadable"),
        (ok().party_b("12"), "party_b", "short_code_unreadable"),
        (ok().pass_key(""), "pass_key", "pass_key_empty"),
        (
            ok().consumer_key("a b"),
            "consumer_key",
            "consumer_key_unreadable",
        ),
        (
            ok().environment("production")
                .callback_url("http://shop.example/pay"),
            "callback_url",
            "callback_url_not_https",
        ),
        (
            ok().environment("production")
                .callback_url("https://localhost/pay"),
            "callback_url",
            "callback_url_private_host",
        ),
        (
            ok().environment("production")
                .callback_url("https://127.0.0.1/pay"),
            "callback_url",
            "callback_url_ip_host",
        ),
        (
            ok().environment("production")
                .callback_url("https://shop.internal/pay"),
            "callback_url",
            "callback_url_private_host",
        ),
    ] {
        match built.build() {
            Err(error) if error.code() == code && error.field() == Some(field) => {}
            other => failures.push(format!("{code}: {other:?}")),
        }
    }
    for url in [
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080",
        "http://localhost:8080/path",
        "https://api.safaricom.co.ke",
        " https://api.safaricom.co.ke\n",
    ] {
        if let Err(error) = ok().base_url(url).build() {
            failures.push(format!("{url}: {error:?}"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn a_single_push_in_production_may_not_name_a_callback_url_that_the_client_may_not() {
    let client = builder("http://127.0.0.1:9")
        .environment("production")
        .build()
        .unwrap();
    for url in ["http://shop.example/pay", "https://localhost/pay"] {
        let error = client.reserve(sale(PAYS).callback_url(url)).unwrap_err();
        assert_eq!(error.field(), Some("callback_url"));
    }
    let without = Daraja::builder()
        .consumer_key("k")
        .consumer_secret("s")
        .short_code("174379")
        .pass_key("p")
        .build()
        .unwrap();
    assert_eq!(
        without.reserve(sale(PAYS)).unwrap_err().code(),
        "callback_url_missing"
    );
    without.reserve(sale(PAYS).callback_url(NO_SHOP)).unwrap();
}

#[test]
fn the_largest_amount_is_a_setting() {
    let reserve = |client: &Client, amount: u32| client.reserve(StkPush::new(PAYS, amount, "INV"));
    let usual = builder("http://127.0.0.1:9").build().unwrap();
    reserve(&usual, 250_000).unwrap();
    assert_eq!(
        reserve(&usual, 250_001).unwrap_err().field(),
        Some("amount")
    );
    let careful = builder("http://127.0.0.1:9")
        .max_amount(1_000)
        .build()
        .unwrap();
    reserve(&careful, 1_000).unwrap();
    assert_eq!(
        reserve(&careful, 1_001).unwrap_err().field(),
        Some("amount")
    );
}

#[test]
fn making_a_client_needs_no_runtime_opens_no_connection_and_starts_no_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(RawServer::start(|_| Play::Hang));
    let client = builder(&server.base_url).build().unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let _ = (
        client.clone(),
        client.find(payment.id()),
        client.unclaimed(),
    );
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(50)).await });
    assert_eq!(server.connections(), 0);
    assert_eq!(
        builder(&server.base_url)
            .tls_roots(TlsRoots::Bundled)
            .build()
            .unwrap()
            .gateway(),
        client.gateway()
    );
}
