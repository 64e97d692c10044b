//! Keys that are asked for, at every gateway: refused once and then good; and never beside keys of the builder's own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::{
    Client, ClientSettings, Credentials, Daraja, Error, GatewayName, Keys, PalPluss, Secret,
    UpesiPay,
};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Gateway, PALPLUSS_API_KEY, PASS_KEY, SHORT_CODE, Sandbox,
    UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN,
};
use std::sync::Arc;
use support::{NO_SHOP, PAYS, Script, bounded, fast, in_short, sale};

fn daraja(secret: &str) -> Keys {
    Keys::daraja(Credentials::parse(CONSUMER_KEY, secret, SHORT_CODE, PASS_KEY).unwrap())
}

/// Plain settings, as a binding hands them over.
fn settings(gateway: GatewayName, sandbox: &Sandbox, script: &Arc<Script>) -> ClientSettings {
    let mut settings = ClientSettings::new(gateway);
    settings.keys_provider = Some(script.clone());
    settings.callback_url = Some(NO_SHOP.to_owned());
    settings.base_url = Some(match gateway {
        GatewayName::PalPluss => format!("{}/v1", sandbox.base_url()),
        _ => sandbox.base_url(),
    });
    settings.channel_id =
        (gateway == GatewayName::UpesiPay).then(|| UPESIPAY_CHANNEL_ID.to_string());
    settings
}

#[tokio::test]
async fn refused_keys_are_asked_for_again_by_the_next_call() {
    let secret = |text: &str| Secret::new(text);
    for (gateway, wrong, good) in [
        (Gateway::Daraja, daraja("wrong"), daraja(CONSUMER_SECRET)),
        (
            Gateway::PalPluss,
            Keys::palpluss(secret("pp_wrong")),
            Keys::palpluss(secret(PALPLUSS_API_KEY)),
        ),
        (
            Gateway::UpesiPay,
            Keys::upesipay_login("wrong", secret("word")),
            Keys::upesipay(secret(UPESIPAY_TOKEN)),
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
    let daraja = || Daraja::builder().keys_provider(script.clone());
    let palpluss = || PalPluss::builder().keys_provider(script.clone());
    let upesipay = || UpesiPay::builder().keys_provider(script.clone());
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
    settings.keys_provider = Some(Script::always(daraja(CONSUMER_SECRET)));
    assert!(!format!("{settings:?}").contains("4711"));
    settings.clone().build().unwrap();
    settings.variables = Some(std::collections::BTreeMap::new());
    let error = settings.build().unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("keys_twice", Some("variables"))
    );
    let read: Result<ClientSettings, _> =
        serde_json::from_str(r#"{"gateway":"daraja","keys_provider":{}}"#);
    assert!(read.unwrap_err().to_string().contains("keys_provider"));
    let read: ClientSettings = serde_json::from_str(r#"{"gateway":"daraja"}"#).unwrap();
    assert!(read.keys_provider.is_none());
}
