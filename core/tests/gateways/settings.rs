//! Clients from the environment.

use lipia::{
    Client, Error, GatewayName, PalPluss, PalPlussBuilder, UpesiPay, UpesiPayBuilder,
    client_from_env,
};
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

fn palpluss(pairs: Pairs<'_>) -> Result<Client, Error> {
    PalPluss::builder_from_variables(|name| value(pairs, name)).and_then(PalPlussBuilder::build)
}

#[test]
fn a_missing_variable_is_named() {
    for (result, variable) in [
        (palpluss(&[]), "PALPLUSS_API_KEY"),
        (upesipay(&[]), "UPESIPAY_AUTH_TOKEN"),
        (upesipay(&[("UPESIPAY_USERNAME", "u")]), "UPESIPAY_PASSWORD"),
    ] {
        assert_eq!(result.unwrap_err().field(), Some(variable));
    }
    for (name, variable) in [
        (GatewayName::Daraja, "MPESA_CONSUMER_KEY"),
        (GatewayName::PalPluss, "PALPLUSS_API_KEY"),
        (GatewayName::UpesiPay, "UPESIPAY_AUTH_TOKEN"),
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
