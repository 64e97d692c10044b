//! Settings of gateways from the environment.

use lipia::client::{ClientSettings, PalPlussBuilder, UpesiPayBuilder, client_from_env};
use lipia::gateway::UpesiPayGeneration;
use lipia::{Client, Error, GatewayName, PalPluss, PayHero, UpesiPay};
use std::ffi::OsString;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn value(pairs: Pairs<'_>, name: &str) -> Option<OsString> {
    pairs
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| OsString::from(value))
}

fn upesipay(pairs: Pairs<'_>) -> Result<Client, Error> {
    UpesiPay::builder_from_variables(|name| value(pairs, name)).and_then(UpesiPayBuilder::build)
}

fn payhero(pairs: Pairs<'_>) -> Result<Client, Error> {
    PayHero::builder_from_variables(|name| value(pairs, name)).and_then(UpesiPayBuilder::build)
}

fn palpluss(pairs: Pairs<'_>) -> Result<Client, Error> {
    PalPluss::builder_from_variables(|name| value(pairs, name)).and_then(PalPlussBuilder::build)
}

#[test]
fn a_missing_variable_is_named() {
    for (result, variable) in [
        (palpluss(&[]), "PALPLUSS_API_KEY"),
        (upesipay(&[]), "UPESIPAY_AUTH_TOKEN"),
        (upesipay(&[("UPESIPAY_USERNAME", "u")]), "UPESIPAY_PASSWORD"),
        (payhero(&[]), "PAYHERO_AUTH_TOKEN"),
        (payhero(&[("PAYHERO_USERNAME", "u")]), "PAYHERO_PASSWORD"),
    ] {
        assert_eq!(result.unwrap_err().field(), Some(variable));
    }
    for (name, variable) in [
        (GatewayName::Daraja, "MPESA_CONSUMER_KEY"),
        (GatewayName::PalPluss, "PALPLUSS_API_KEY"),
        (GatewayName::UpesiPay, "UPESIPAY_AUTH_TOKEN"),
        (GatewayName::PayHero, "PAYHERO_AUTH_TOKEN"),
    ] {
        // Whoever runs the tests may have real keys set, or a pair instead of a token.
        if std::env::var_os(variable).is_none() && std::env::var_os("UPESIPAY_USERNAME").is_none() {
            assert_eq!(client_from_env(name).unwrap_err().field(), Some(variable));
        }
    }
}

#[test]
fn upesipay_takes_a_token_or_a_pair_and_a_generation() {
    let token = ("UPESIPAY_AUTH_TOKEN", "t");
    assert!(upesipay(&[("UPESIPAY_USERNAME", "u"), ("UPESIPAY_PASSWORD", "p")]).is_ok());
    for (generation, channel, code) in [
        ("1", "134", None),
        ("2", "wallet", None),
        ("1", "wallet", Some("channel_id_unreadable")),
        ("3", "134", Some("generation_unknown")),
    ] {
        let client = upesipay(&[
            token,
            ("UPESIPAY_GENERATION", generation),
            ("UPESIPAY_CHANNEL_ID", channel),
        ]);
        assert_eq!(client.as_ref().err().map(Error::code), code);
    }
}

#[test]
fn payhero_has_no_address_of_its_own_and_one_generation() {
    let token = ("PAYHERO_AUTH_TOKEN", "t");
    let base = ("PAYHERO_BASE_URL", "https://payhero.example");
    payhero(&[token, base]).unwrap();
    let error = payhero(&[token]).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("base_url_missing", Some("base_url"))
    );
    assert!(
        error.message().contains("authorization confirmed"),
        "{error}"
    );
    assert!(
        error.hint().unwrap().contains("PAYHERO_BASE_URL"),
        "{error}"
    );
    // What cannot be done without is asked for together.
    let message = payhero(&[]).unwrap_err().message().to_owned();
    for name in [
        "PAYHERO_AUTH_TOKEN",
        "PAYHERO_CHANNEL_ID",
        "PAYHERO_BASE_URL",
    ] {
        assert!(message.contains(name), "{message}");
    }
    // UpesiPay's variables are not read for it.
    let other = [token, ("UPESIPAY_BASE_URL", "https://payhero.example")];
    assert_eq!(payhero(&other).unwrap_err().code(), "base_url_missing");
    let second = PayHero::builder()
        .auth_token("t")
        .base_url("https://payhero.example")
        .generation(UpesiPayGeneration::Two);
    assert_eq!(
        second.build().unwrap_err().code(),
        "generation_not_available"
    );
    let mut settings = ClientSettings::new(GatewayName::PayHero);
    settings.auth_token = Some("t".to_owned());
    assert_eq!(
        settings.clone().build().unwrap_err().code(),
        "base_url_missing"
    );
    settings.base_url = Some("https://payhero.example".to_owned());
    assert_eq!(
        settings.clone().build().unwrap().gateway(),
        GatewayName::PayHero
    );
    settings.generation = Some("1".to_owned());
    assert_eq!(
        settings.build().unwrap_err().code(),
        "setting_of_another_gateway"
    );
    let pair = ("PAY_HERO_AUTH_TOKEN", "t");
    let hint = payhero(&[pair]).unwrap_err().hint().unwrap().to_owned();
    assert!(hint.contains("PAY_HERO_AUTH_TOKEN is set"), "{hint}");
}

#[test]
fn callback_urls_keep_productions_rules_unless_it_is_said_otherwise_or_everything_is_local() {
    let key = ("PALPLUSS_API_KEY", "k");
    let local = ("MPESA_CALLBACK_URL", "http://127.0.0.1:1/x");
    let base = |url| ("PALPLUSS_BASE_URL", url);
    let environment = |word| ("MPESA_ENVIRONMENT", word);
    for (more, accepted) in [
        (None, false),
        (Some(environment("sandbox")), true),
        (Some(environment("production")), false),
        (Some(base("http://127.0.0.1:1/v1")), true),
        (Some(base("http://localhost:1/v1")), true),
        (Some(base("https://sandbox.palpluss.com/v1")), false),
    ] {
        let pairs: Vec<_> = [key, local].into_iter().chain(more).collect();
        assert_eq!(palpluss(&pairs).is_ok(), accepted, "{more:?}");
    }
    let strict = [
        key,
        local,
        base("http://127.0.0.1:1"),
        environment("production"),
    ];
    assert!(palpluss(&strict).is_err());
}
