//! Credentials from a provider, at every gateway: refused once and then good; and never beside keys of the builder's own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::ClientSettings;
use lipia::values::DarajaCredentials;
use lipia::{Client, Credentials, Daraja, Error, GatewayName, PalPluss, Secret, UpesiPay};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Gateway, PALPLUSS_API_KEY, PASS_KEY, PAYHERO_CHANNEL_ID,
    PAYHERO_TOKEN, SHORT_CODE, Sandbox, UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN,
};
use std::sync::Arc;
use support::{NO_SHOP, PAYS, Script, bounded, fast, in_short, sale};

fn daraja(secret: &str) -> Credentials {
    Credentials::daraja(
        DarajaCredentials::parse(CONSUMER_KEY, secret, SHORT_CODE, PASS_KEY).unwrap(),
    )
}

/// Plain settings, as a binding hands them over.
fn settings(gateway: GatewayName, sandbox: &Sandbox, script: &Arc<Script>) -> ClientSettings {
    let mut settings = ClientSettings::new(gateway);
    settings.credentials_provider = Some(script.clone());
    settings.callback_url = Some(NO_SHOP.to_owned());
    let (played, channel_id) = match gateway {
        GatewayName::PalPluss => (Gateway::PalPluss, None),
        GatewayName::UpesiPay => (Gateway::UpesiPay, Some(UPESIPAY_CHANNEL_ID)),
        GatewayName::PayHero => (Gateway::PayHero, Some(PAYHERO_CHANNEL_ID)),
        _ => (Gateway::Daraja, None),
    };
    settings.base_url = Some(sandbox.base_url_of(played));
    settings.channel_id = channel_id.map(|id| id.to_string());
    settings
}

#[tokio::test]
async fn refused_keys_are_asked_for_again_by_the_next_call() {
    let secret = |text: &str| Secret::new(text);
    for (gateway, wrong, good) in [
        (Gateway::Daraja, daraja("wrong"), daraja(CONSUMER_SECRET)),
        (
            Gateway::PalPluss,
            Credentials::palpluss(secret("pp_wrong")),
            Credentials::palpluss(secret(PALPLUSS_API_KEY)),
        ),
        (
            Gateway::UpesiPay,
            Credentials::upesipay_login("wrong", secret("word")),
            Credentials::upesipay(secret(UPESIPAY_TOKEN)),
        ),
        (
            Gateway::PayHero,
            Credentials::payhero_login("wrong", secret("word")),
            Credentials::payhero(secret(PAYHERO_TOKEN)),
        ),
    ] {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let script = Script::new([Some(wrong), Some(good.clone())]);
        let client = settings(good.gateway(), &sandbox, &script).build().unwrap();
        let payment = client.reserve(sale(PAYS)).unwrap();
        assert_eq!(script.asked(), 0);
        let error = bounded(client.push(&payment)).await.unwrap_err();
        assert_eq!(in_short(&error), "rejected authentication", "{gateway:?}");
        bounded(client.push(&payment)).await.unwrap();
        assert_eq!(script.asked(), 2, "{gateway:?}");
        let counters = sandbox.counters();
        assert_eq!(counters.prompts_by_phone.get(PAYS), Some(&1), "{gateway:?}");
    }
}

#[test]
fn keys_of_ones_own_beside_a_provider_are_refused_by_name() {
    let script = Script::always(daraja(CONSUMER_SECRET));
    let daraja = || Daraja::builder().credentials_provider(script.clone());
    let palpluss = || PalPluss::builder().credentials_provider(script.clone());
    let upesipay = || UpesiPay::builder().credentials_provider(script.clone());
    let wrong: [(Result<Client, Error>, &str); 8] = [
        (daraja().consumer_key("key").build(), "consumer_key"),
        (
            daraja().consumer_secret("secret").build(),
            "consumer_secret",
        ),
        (daraja().short_code("174379").build(), "short_code"),
        (daraja().pass_key("pass").build(), "pass_key"),
        (palpluss().api_key("pp_1").build(), "api_key"),
        (upesipay().auth_token("token").build(), "auth_token"),
        (upesipay().username("shop").build(), "username"),
        (upesipay().password("word").build(), "password"),
    ];
    for (built, field) in wrong {
        let error = built.unwrap_err();
        assert_eq!((error.code(), error.field()), ("keys_twice", Some(field)));
    }
    for built in [
        daraja().party_b("174380").build(),
        palpluss().plain_api_key(true).build(),
        upesipay().channel_id("134").build(),
    ] {
        built.unwrap();
    }
}

#[test]
fn plain_settings_have_a_provider_in_place_of_variables_and_never_in_a_file() {
    let mut settings = ClientSettings::new(GatewayName::Daraja);
    settings.credentials_provider = Some(Script::always(daraja(CONSUMER_SECRET)));
    assert!(!format!("{settings:?}").contains("4711"));
    settings.clone().build().unwrap();
    settings.variables = Some(std::collections::BTreeMap::new());
    let error = settings.build().unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("keys_twice", Some("variables"))
    );
    let read: Result<ClientSettings, _> =
        serde_json::from_str(r#"{"gateway":"daraja","credentials_provider":{}}"#);
    assert!(
        read.unwrap_err()
            .to_string()
            .contains("credentials_provider")
    );
    let read: ClientSettings = serde_json::from_str(r#"{"gateway":"daraja"}"#).unwrap();
    assert!(read.credentials_provider.is_none());
}
