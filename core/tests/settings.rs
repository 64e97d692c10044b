//! Settings: each that is missing or not valid is named, and nothing starts before it is asked for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::{ClientSettings, TlsRoots};
use lipia::{Client, Daraja, Error, ErrorKind, StkPush};
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
        ("MPESA_QUERY_VERSION", "v2"),
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
    let optional = [
        "MPESA_ENVIRONMENT",
        "MPESA_CALLBACK_URL",
        "MPESA_BASE_URL",
        "MPESA_QUERY_VERSION",
    ];
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
fn every_missing_variable_stands_in_one_message() {
    let error = from_variables(&HashMap::new()).unwrap_err();
    assert_eq!(error.code(), "variable_missing");
    assert_eq!(
        error.message(),
        "The environment variables MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET, MPESA_SHORTCODE and MPESA_PASSKEY are \
         not set."
    );
    let none = |_: &str| None;
    let error = lipia::UpesiPay::builder_from_variables(none).unwrap_err();
    assert!(
        error
            .message()
            .contains("UPESIPAY_AUTH_TOKEN and UPESIPAY_CHANNEL_ID"),
        "{error}"
    );
    let error = lipia::PalPluss::builder_from_variables(none).unwrap_err();
    assert_eq!(
        error.message(),
        "The environment variable PALPLUSS_API_KEY is not set."
    );
}

#[test]
fn a_variable_under_another_usual_name_is_noticed() {
    for (set, read) in [
        ("DARAJA_CONSUMER_KEY", "MPESA_CONSUMER_KEY"),
        ("CONSUMER_SECRET", "MPESA_CONSUMER_SECRET"),
        ("MPESA_SHORT_CODE", "MPESA_SHORTCODE"),
        ("SAFARICOM_PASS_KEY", "MPESA_PASSKEY"),
    ] {
        let variables = HashMap::from([(set, OsString::from("value"))]);
        let error = from_variables(&variables).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(
            hint.contains(&format!("{set} is set; Lipia reads {read}.")),
            "{hint}"
        );
        assert!(!hint.contains("value"), "{hint}");
    }
}

#[test]
fn a_setting_under_another_name_is_never_ignored_without_a_word() {
    for (set, read) in [
        ("MPESA_ENV", "MPESA_ENVIRONMENT"),
        ("DARAJA_ENVIRONMENT", "MPESA_ENVIRONMENT"),
        ("mpesa_environment", "MPESA_ENVIRONMENT"),
        ("MPESA_CALL_BACK_URL", "MPESA_CALLBACK_URL"),
        ("DARAJA_BASE_URL", "MPESA_BASE_URL"),
        ("MPESA_TILL", "MPESA_TILL_NUMBER"),
        ("DARAJA_TRANSACTION_TYPE", "MPESA_TRANSACTION_TYPE"),
    ] {
        let mut variables = variables();
        variables.remove(read);
        variables.insert(set, OsString::from("production"));
        let error = from_variables(&variables).unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            ("variable_misnamed", Some(read)),
            "{error}"
        );
        assert!(
            error.message().contains(set) && error.message().contains(read),
            "{error}"
        );
        assert!(ClientSettings::wants_variable(set), "{set}");
        // With the right name set as well, the other one belongs to another program.
        variables.insert(
            read,
            self::variables()
                .get(read)
                .cloned()
                .unwrap_or_else(|| "6500001".into()),
        );
        if read != "MPESA_TRANSACTION_TYPE" {
            from_variables(&variables).unwrap();
        }
    }
    // `ENVIRONMENT` and the like may mean anything.
    let mut other = variables();
    other.remove("MPESA_ENVIRONMENT");
    other.insert("ENVIRONMENT", OsString::from("staging"));
    other.insert(
        "UPESIPAY_CALLBACK_URL",
        OsString::from("https://other.example/pay"),
    );
    from_variables(&other).unwrap();
    assert!(!ClientSettings::wants_variable("ENVIRONMENT"));
    let upesipay = HashMap::from([
        ("UPESIPAY_AUTH_TOKEN", OsString::from("dG9rZW4=")),
        (
            "UPESIPAY_CALLBACK_URL",
            OsString::from("https://other.example/pay"),
        ),
    ]);
    let error =
        lipia::UpesiPay::builder_from_variables(|name| upesipay.get(name).cloned()).unwrap_err();
    assert_eq!(error.field(), Some("MPESA_CALLBACK_URL"));
}

#[test]
fn quotation_marks_that_are_part_of_a_value_are_named() {
    for name in variables().keys() {
        for quoted in ["\"abc\"", "'abc'", "abc\"", "\u{201c}abc\u{201d}"] {
            let mut set = variables();
            set.insert(name, OsString::from(quoted));
            let error = from_variables(&set).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                ("variable_in_quotes", Some(*name))
            );
            assert!(error.message().contains("quotation marks"), "{error}");
        }
    }
    let error = builder("http://127.0.0.1:9")
        .consumer_secret("\"abc\"")
        .build()
        .unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("consumer_secret_in_quotes", Some("consumer_secret"))
    );
    let palpluss = lipia::PalPluss::builder()
        .api_key("'pp_live_1'")
        .build()
        .unwrap_err();
    assert_eq!(palpluss.code(), "api_key_in_quotes");
}

#[test]
fn what_was_pasted_in_the_place_of_a_pass_key_is_named() {
    // The Password of one request, and 344 characters of a security credential.
    let password = lipia::values::password(
        &lipia::values::ShortCode::parse("174379").unwrap(),
        &lipia::values::PassKey::parse(PASS_KEY).unwrap(),
        lipia::values::EatTime::parse_wire("20261121093000").unwrap(),
    );
    let credential = format!("{}==", "w8PD".repeat(85) + "ww");
    assert_eq!(credential.len(), 344);
    for (pasted, code, word) in [
        (password.expose(), "pass_key_is_password", "Password"),
        (
            &credential,
            "pass_key_is_security_credential",
            "security credential",
        ),
    ] {
        for error in [
            builder("http://127.0.0.1:9")
                .pass_key(pasted)
                .build()
                .unwrap_err(),
            from_variables(&{
                let mut set = variables();
                set.insert("MPESA_PASSKEY", OsString::from(pasted));
                set
            })
            .unwrap_err(),
        ] {
            assert_eq!((error.code(), error.field()), (code, Some("pass_key")));
            assert!(error.message().contains(word), "{error}");
            assert!(!format!("{error} {error:?}").contains(pasted), "{error}");
        }
    }
    builder("http://127.0.0.1:9")
        .pass_key(PASS_KEY)
        .build()
        .unwrap();
}

#[test]
fn a_blank_in_a_key_is_named_with_its_place() {
    for (key, what) in [
        ("abc def", "a blank"),
        ("abc\ndef", "a line break"),
        ("abc:def", "a colon"),
    ] {
        let error = builder("http://127.0.0.1:9")
            .consumer_key(key)
            .build()
            .unwrap_err();
        assert_eq!(error.code(), "consumer_key_unreadable");
        assert!(
            error.message().contains("Character 4") && error.message().contains(what),
            "{error}"
        );
        assert!(!error.message().contains("def"), "{error}");
    }
}

/// What a push of a client that is set up by these variables says of type and receiver.
async fn pushed_with(more: &[(&'static str, &str)]) -> (String, String) {
    let server = RawServer::on_push(|| Play::Hang).await;
    let mut set = variables();
    set.insert("MPESA_BASE_URL", OsString::from(&server.base_url));
    set.extend(
        more.iter()
            .map(|(name, value)| (*name, OsString::from(value))),
    );
    let client = from_variables(&set).unwrap();
    let options = lipia::client::CallOptions::default().timeout(Duration::from_millis(300));
    client
        .with_options(options)
        .stk_push(sale(PAYS))
        .await
        .unwrap_err();
    let push = server
        .seen()
        .into_iter()
        .find(|seen| seen.is_push())
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&push.body).unwrap();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("TransactionType"), text("PartyB"))
}

#[tokio::test]
async fn a_till_is_set_up_by_the_environment() {
    let till = ("CustomerBuyGoodsOnline".to_owned(), "6500001".to_owned());
    for more in [
        &[("MPESA_TILL_NUMBER", "6500001")][..],
        &[
            ("MPESA_TILL_NUMBER", "6500001"),
            ("MPESA_TRANSACTION_TYPE", "CustomerBuyGoodsOnline"),
        ],
    ] {
        assert_eq!(pushed_with(more).await, till);
    }
    let pay_bill = ("CustomerPayBillOnline".to_owned(), "174379".to_owned());
    assert_eq!(pushed_with(&[]).await, pay_bill);
    for (name, value, code) in [
        (
            "MPESA_TRANSACTION_TYPE",
            "CustomerPayBillOnline",
            "till_number_of_a_pay_bill",
        ),
        ("MPESA_TRANSACTION_TYPE", "Till", "transaction_type_unknown"),
        ("MPESA_TILL_NUMBER", "12", "short_code_unreadable"),
    ] {
        let mut set = variables();
        set.insert("MPESA_TILL_NUMBER", OsString::from("6500001"));
        set.insert(name, OsString::from(value));
        let error = from_variables(&set).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.field().unwrap().starts_with("MPESA_T"), "{error}");
    }
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
fn the_longest_reference_is_a_setting_up_to_what_production_takes() {
    let reserve = |client: &Client, characters: usize| {
        client.reserve(StkPush::new(PAYS, 1, "1".repeat(characters)))
    };
    let usual = builder("http://127.0.0.1:9").build().unwrap();
    let error = reserve(&usual, 13).unwrap_err();
    assert_eq!(error.code(), "account_reference_too_long");
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("`max_reference_characters`") && hint.contains("14"),
        "{hint}"
    );
    let raised = builder("http://127.0.0.1:9")
        .max_reference_characters(14)
        .build()
        .unwrap();
    let payment = reserve(&raised, 14).unwrap().snapshot();
    assert_eq!(payment.push().account_reference.as_str().len(), 14);
    let error = reserve(&raised, 15).unwrap_err();
    assert!(!error.hint().unwrap().contains("raise"), "{error:?}");
    for (characters, field) in [
        (0, "max_reference_characters"),
        (15, "max_reference_characters"),
    ] {
        let built = builder("http://127.0.0.1:9")
            .max_reference_characters(characters)
            .build();
        let error = built.unwrap_err();
        assert_eq!(error.code(), "max_reference_characters_out_of_range");
        assert_eq!(error.field(), Some(field));
        assert!(error.hint().unwrap().contains("1 to 14"), "{error:?}");
    }
    let palpluss = lipia::PalPluss::builder()
        .api_key("pp_live_1")
        .callback_url(NO_SHOP)
        .base_url("http://127.0.0.1:9")
        .max_reference_characters(120)
        .build()
        .unwrap();
    reserve(&palpluss, 120).unwrap();
    assert!(reserve(&palpluss, 121).is_err());
}

#[tokio::test]
async fn every_request_names_lipia_and_then_the_program() {
    for (application, expected) in [(None, ""), (Some("duka/2.1"), " duka/2.1")] {
        let server = RawServer::on_push(Play::acceptance).await;
        let usual = builder(&server.base_url);
        let named = match application {
            Some(application) => usual.application(application),
            None => usual,
        };
        named.build().unwrap().stk_push(sale(PAYS)).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen.len(), 2, "a token and a push");
        for request in seen {
            let lipia = concat!("lipia/", env!("CARGO_PKG_VERSION"));
            let expected = format!("{lipia}{expected}");
            assert_eq!(request.header("user-agent"), Some(expected.as_str()));
        }
    }
    let mut settings = ClientSettings::new(lipia::GatewayName::PalPluss);
    settings.api_key = Some("pk_1".to_owned());
    settings.application = Some("duka la mama".to_owned());
    settings.clone().build().unwrap();
    settings.application = Some("duka (new)".to_owned());
    assert_eq!(
        settings.build().unwrap_err().code(),
        "application_unreadable"
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
