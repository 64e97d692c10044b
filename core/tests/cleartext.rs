//! Cleartext hosts: plain http to a developer's own sandbox on another host, with the sandbox's public credentials and no others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a broken expectation should stop the test where it stands, and a test that cannot run says so"
)]

mod support;

#[path = "support/elsewhere.rs"]
mod elsewhere;

use elsewhere::sandbox_elsewhere;
use lipia::client::ClientSettings;
use lipia::values::{DarajaCredentials, ShortCode};
use lipia::{Client, Credentials, Daraja, Error, GatewayName, Secret, StkPush};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Gateway, PALPLUSS_API_KEY, PASS_KEY, PAYHERO_CHANNEL_ID,
    PAYHERO_TOKEN, SHORT_CODE, Sandbox, UPESIPAY_CHANNEL_ID, UPESIPAY_PASSWORD, UPESIPAY_TOKEN,
    UPESIPAY_USERNAME,
};
use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::Arc;
use support::{NO_SHOP, PAYS, Script, bounded, fast, hurried, in_short, paying_phone, sale};

const OTHER: &str = "of-the-shop";
const GATEWAYS: [GatewayName; 4] = [
    GatewayName::Daraja,
    GatewayName::PalPluss,
    GatewayName::UpesiPay,
    GatewayName::PayHero,
];

/// Settings without credentials, for a sandbox at an address that is never connected to.
fn bare(gateway: GatewayName) -> ClientSettings {
    let mut settings = ClientSettings::new(gateway);
    settings.callback_url = Some(NO_SHOP.to_owned());
    settings.base_url = Some("http://sandbox:8600".to_owned());
    settings.cleartext_hosts = Some(vec!["10.0.2.2".to_owned(), "Sandbox".to_owned()]);
    settings.channel_id = match gateway {
        GatewayName::UpesiPay => Some(UPESIPAY_CHANNEL_ID.to_string()),
        GatewayName::PayHero => Some(PAYHERO_CHANNEL_ID.to_string()),
        _ => None,
    };
    settings
}

/// Settings with the sandbox's public credentials.
fn public(gateway: GatewayName) -> ClientSettings {
    let mut settings = bare(gateway);
    let given = |text: &str| Some(text.to_owned());
    match gateway {
        GatewayName::PalPluss => settings.api_key = given(PALPLUSS_API_KEY),
        GatewayName::UpesiPay => settings.auth_token = given(UPESIPAY_TOKEN),
        GatewayName::PayHero => settings.auth_token = given(PAYHERO_TOKEN),
        _ => {
            settings.consumer_key = given(CONSUMER_KEY);
            settings.consumer_secret = given(CONSUMER_SECRET);
            settings.short_code = given(SHORT_CODE);
            settings.pass_key = given(PASS_KEY);
        }
    }
    settings
}

fn with_login(gateway: GatewayName, username: &str, password: &str) -> ClientSettings {
    let mut settings = bare(gateway);
    settings.username = Some(username.to_owned());
    settings.password = Some(password.to_owned());
    settings
}

fn daraja(key: &str, secret: &str, pass_key: &str) -> Credentials {
    Credentials::daraja(DarajaCredentials::parse(key, secret, SHORT_CODE, pass_key).unwrap())
}

fn at(sandbox: &Sandbox, address: IpAddr, mut settings: ClientSettings) -> ClientSettings {
    settings.base_url = Some(sandbox.base_url_of(match settings.gateway {
        GatewayName::PalPluss => Gateway::PalPluss,
        GatewayName::UpesiPay => Gateway::UpesiPay,
        GatewayName::PayHero => Gateway::PayHero,
        _ => Gateway::Daraja,
    }));
    settings.cleartext_hosts = Some(vec![address.to_string()]);
    settings
}

fn refusal(settings: ClientSettings) -> (String, String) {
    let error = settings.build().unwrap_err();
    let shown = format!("{error:?} {error} {:?}", error.hint());
    assert!(!shown.contains(OTHER), "{shown}");
    let field = error.field().unwrap_or_default().to_owned();
    (error.code().to_owned(), field)
}

#[tokio::test]
async fn a_payment_is_made_at_a_cleartext_host_through_every_gateway() {
    let Some((sandbox, address)) = sandbox_elsewhere(fast()).await else {
        return;
    };
    for (number, gateway) in GATEWAYS.into_iter().enumerate() {
        let client = at(&sandbox, address, public(gateway)).build().unwrap();
        let push = sale(&paying_phone(number));
        let payment = bounded(client.collect(push, hurried())).await.unwrap();
        assert!(payment.is_paid(), "{gateway}: {:?}", payment.outcome());
    }
    let login = with_login(GatewayName::UpesiPay, UPESIPAY_USERNAME, UPESIPAY_PASSWORD);
    let client = at(&sandbox, address, login).build().unwrap();
    bounded(client.stk_push(sale(&paying_phone(9))))
        .await
        .unwrap();
    assert_eq!(sandbox.counters().prompts, 5);
}

#[tokio::test]
async fn questions_to_a_cleartext_host_are_not_paced() {
    let Some((sandbox, address)) = sandbox_elsewhere(fast()).await else {
        return;
    };
    let mut settings = at(&sandbox, address, public(GatewayName::Daraja));
    // The pace of Safaricom's sandbox would let the second question leave after 12 seconds.
    settings.timeout_seconds = Some(5.0);
    let client = settings.build().unwrap();
    for _ in 0..20 {
        let answered = bounded(client.stk_query("ws_CO_010120200000000000254700000000")).await;
        let code = answered.err().map(|error| error.code().to_owned());
        assert_ne!(code.as_deref(), Some("question_paced"));
    }
    assert_eq!(sandbox.counters().queries, 20);
}

#[tokio::test]
async fn a_sandbox_that_is_not_there_is_said_to_need_a_bind() {
    let Some((sandbox, address)) = sandbox_elsewhere(fast()).await else {
        return;
    };
    let settings = at(&sandbox, address, public(GatewayName::PalPluss));
    sandbox.stop().await;
    let error = push(&settings.build().unwrap(), 0).await.unwrap_err();
    assert_eq!(error.code(), "not_connected");
    assert!(
        error.hint().unwrap().contains("--bind 0.0.0.0"),
        "{error:?}"
    );
}

#[test]
fn one_secret_that_is_not_public_is_refused_when_the_client_is_built() {
    for gateway in GATEWAYS {
        public(gateway).build().unwrap();
    }
    let other = || Some(OTHER.to_owned());
    let with = |gateway, change: &dyn Fn(&mut ClientSettings)| {
        let mut settings = public(gateway);
        change(&mut settings);
        settings
    };
    let (upesipay, payhero) = (GatewayName::UpesiPay, GatewayName::PayHero);
    for (settings, field) in [
        (
            with(GatewayName::Daraja, &|it| it.consumer_key = other()),
            "consumer_key",
        ),
        (
            with(GatewayName::Daraja, &|it| it.consumer_secret = other()),
            "consumer_secret",
        ),
        (
            with(GatewayName::Daraja, &|it| it.pass_key = other()),
            "pass_key",
        ),
        (
            with(GatewayName::PalPluss, &|it| it.api_key = other()),
            "api_key",
        ),
        (
            with(GatewayName::PalPluss, &|it| {
                it.api_key = other();
                it.plain_api_key = Some(true);
            }),
            "api_key",
        ),
        (with(upesipay, &|it| it.auth_token = other()), "auth_token"),
        (with(payhero, &|it| it.auth_token = other()), "auth_token"),
        (with_login(upesipay, OTHER, UPESIPAY_PASSWORD), "username"),
        (with_login(upesipay, UPESIPAY_USERNAME, OTHER), "password"),
        (with_login(payhero, OTHER, UPESIPAY_PASSWORD), "username"),
        (with_login(payhero, UPESIPAY_USERNAME, OTHER), "password"),
    ] {
        let wanted = ("cleartext_keys".to_owned(), field.to_owned());
        assert_eq!(refusal(settings), wanted);
    }
    for gateway in [upesipay, payhero] {
        let login = with_login(gateway, UPESIPAY_USERNAME, UPESIPAY_PASSWORD);
        login.build().unwrap();
    }
    // Who is paid is not a secret.
    with(GatewayName::Daraja, &|it| {
        it.short_code = Some("600000".to_owned());
    })
    .build()
    .unwrap();
}

#[test]
fn any_credentials_go_over_https_and_to_this_machine() {
    for base_url in [
        "https://sandbox",
        "https://10.0.2.2:8443",
        "https://api.safaricom.co.ke",
        "http://127.0.0.1:8600",
        "http://localhost:8600",
    ] {
        for environment in ["sandbox", "production"] {
            let mut settings = public(GatewayName::Daraja);
            settings.consumer_secret = Some(OTHER.to_owned());
            settings.pass_key = Some(OTHER.to_owned());
            settings.base_url = Some(base_url.to_owned());
            settings.environment = Some(environment.to_owned());
            let hosts = ["sandbox", "10.0.2.2", "127.0.0.1", "localhost"];
            settings.cleartext_hosts = Some(hosts.map(str::to_owned).into());
            settings.build().expect(base_url);
        }
    }
}

#[test]
fn a_host_that_is_not_listed_is_refused_whatever_the_credentials() {
    for base_url in [
        "http://10.0.2.2.example.com",
        "http://10.0.2.2@evil.example",
        "http://sandbox.evil.example",
        "http://evil.example#@sandbox",
        "http://10.0.2.3",
    ] {
        let mut settings = public(GatewayName::Daraja);
        settings.base_url = Some(base_url.to_owned());
        let (code, field) = refusal(settings);
        assert_eq!(
            (code.as_str(), field.as_str()),
            ("base_url_not_https", "base_url")
        );
    }
    for entry in [
        "",
        "http://sandbox",
        "sandbox:8600",
        "10.0.0.0/8",
        "*",
        "a b",
    ] {
        for gateway in GATEWAYS {
            let mut settings = public(gateway);
            settings.base_url = Some("https://api.example".to_owned());
            settings.cleartext_hosts = Some(vec![entry.to_owned()]);
            let (code, field) = refusal(settings);
            let wanted = ("cleartext_host_unreadable", "cleartext_hosts");
            assert_eq!((code.as_str(), field.as_str()), wanted, "{entry}");
        }
    }
}

#[test]
fn a_cleartext_host_is_a_sandbox_and_never_production() {
    for gateway in GATEWAYS {
        let of = |environment: Option<&str>| {
            let mut settings = public(gateway);
            settings.environment = environment.map(str::to_owned);
            // Production's rules refuse it.
            settings.callback_url = Some("http://127.0.0.1:8000/pay".to_owned());
            settings
        };
        for environment in [None, Some("sandbox")] {
            let client = of(environment).build().unwrap();
            let payment = client.reserve(sale(PAYS)).unwrap().snapshot();
            let warnings = payment.push().warnings();
            assert!(warnings.is_empty(), "{gateway}: {warnings:?}");
        }
        let wanted = (
            "cleartext_in_production".to_owned(),
            "environment".to_owned(),
        );
        assert_eq!(refusal(of(Some("production"))), wanted, "{gateway}");
    }
}

async fn push(client: &Client, phone: usize) -> Result<(), Error> {
    let push: StkPush = sale(&paying_phone(phone));
    bounded(client.stk_push(push)).await.map(drop)
}

#[tokio::test]
async fn a_providers_other_credentials_are_refused_before_anything_is_sent() {
    let gateways = sandbox_elsewhere(fast()).await;
    let secret = |text: &str| Secret::new(text);
    let login = |name: &str, word: &str| Credentials::upesipay_login(name, secret(word));
    let mut refused = vec![
        (daraja(OTHER, CONSUMER_SECRET, PASS_KEY), "consumer_key"),
        (daraja(CONSUMER_KEY, OTHER, PASS_KEY), "consumer_secret"),
        (daraja(CONSUMER_KEY, CONSUMER_SECRET, OTHER), "pass_key"),
        (Credentials::palpluss(secret(OTHER)), "api_key"),
        (Credentials::upesipay(secret(OTHER)), "auth_token"),
        (login(OTHER, UPESIPAY_PASSWORD), "username"),
        (login(UPESIPAY_USERNAME, OTHER), "password"),
        (Credentials::payhero(secret(OTHER)), "auth_token"),
    ];
    let token = Credentials::access_token(secret(OTHER), ShortCode::parse(SHORT_CODE).unwrap());
    refused.push((token, "access_token"));
    for (credentials, field) in refused {
        let script = Script::always(credentials.clone());
        let mut settings = bare(credentials.gateway());
        settings.credentials_provider = Some(script.clone());
        if let Some((sandbox, address)) = &gateways {
            settings = at(sandbox, *address, settings);
        }
        let client = settings.build().unwrap();
        for _ in 0..2 {
            let error = push(&client, 0).await.unwrap_err();
            assert_eq!(
                (error.code(), error.field(), in_short(&error).as_str()),
                ("cleartext_keys", Some(field), "not_sent configuration"),
                "{error}"
            );
            assert!(!format!("{error:?} {error}").contains(OTHER), "{error}");
        }
        let query = bounded(client.stk_query("ws_CO_010120200000000000254700000000")).await;
        assert_eq!(query.unwrap_err().code(), "cleartext_keys");
        // Refused credentials are not kept: the provider may have others by the next call.
        assert_eq!(script.asked(), 3, "{field}");
    }
    if let Some((sandbox, _)) = gateways {
        assert!(sandbox.requests().is_empty(), "{:?}", sandbox.requests());
    }
}

#[tokio::test]
async fn a_provider_is_refused_and_taken_by_what_it_gives_each_time() {
    let Some((sandbox, address)) = sandbox_elsewhere(fast()).await else {
        return;
    };
    let good = || Some(daraja(CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY));
    let other = Some(daraja(CONSUMER_KEY, OTHER, PASS_KEY));
    let script = Script::new([other.clone(), good(), other, good()]);
    let mut settings = at(&sandbox, address, bare(GatewayName::Daraja));
    settings.credentials_provider = Some(script.clone());
    let client = settings.build().unwrap();
    for (phone, is_taken) in [(0, false), (1, true), (2, false), (3, true)] {
        let before = sandbox.requests().len();
        let pushed = push(&client, phone).await;
        assert_eq!(pushed.is_ok(), is_taken, "{phone}: {pushed:?}");
        assert_eq!(sandbox.requests().len() > before, is_taken, "{phone}");
        client.forget_credentials();
    }
    assert_eq!((script.asked(), sandbox.counters().prompts), (4, 2));
}

#[test]
fn the_variable_lists_hosts_for_a_client_of_the_environment() {
    let of = |hosts: &str, secret: &str| {
        let variables = [
            ("MPESA_CONSUMER_KEY", CONSUMER_KEY),
            ("MPESA_CONSUMER_SECRET", secret),
            ("MPESA_SHORTCODE", SHORT_CODE),
            ("MPESA_PASSKEY", PASS_KEY),
            ("MPESA_BASE_URL", "http://sandbox:8600"),
            ("LIPIA_CLEARTEXT_HOSTS", hosts),
        ];
        let lookup = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let built = Daraja::builder_from_variables(lookup)?.build();
        built.map(drop)
    };
    let code = |hosts, secret| of(hosts, secret).unwrap_err().code().to_owned();
    of("sandbox", CONSUMER_SECRET).unwrap();
    of(" 10.0.2.2 , SANDBOX ", CONSUMER_SECRET).unwrap();
    assert_eq!(code("sandbox", OTHER), "cleartext_keys");
    assert_eq!(code(" ", CONSUMER_SECRET), "base_url_not_https");
    assert_eq!(code("10.0.2.2", CONSUMER_SECRET), "base_url_not_https");
    assert_eq!(
        code("sandbox,", CONSUMER_SECRET),
        "cleartext_host_unreadable"
    );
    assert_eq!(
        code("sandbox other", CONSUMER_SECRET),
        "cleartext_host_unreadable"
    );
}

#[test]
fn every_gateway_reads_the_variable_and_a_setting_goes_before_it() {
    for (gateway, own) in [
        (
            GatewayName::PalPluss,
            vec![
                ("PALPLUSS_API_KEY", PALPLUSS_API_KEY),
                ("PALPLUSS_BASE_URL", "http://sandbox/v1"),
            ],
        ),
        (
            GatewayName::UpesiPay,
            vec![
                ("UPESIPAY_AUTH_TOKEN", UPESIPAY_TOKEN),
                ("UPESIPAY_BASE_URL", "http://sandbox"),
            ],
        ),
        (
            GatewayName::PayHero,
            vec![
                ("PAYHERO_AUTH_TOKEN", PAYHERO_TOKEN),
                ("PAYHERO_BASE_URL", "http://sandbox/payhero"),
            ],
        ),
    ] {
        assert!(ClientSettings::wants_variable("LIPIA_CLEARTEXT_HOSTS"));
        let mut settings = ClientSettings::new(gateway);
        let hosts = [("LIPIA_CLEARTEXT_HOSTS", "sandbox")];
        let variables = own.into_iter().chain(hosts);
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        settings.variables = Some(variables.map(owned).collect());
        settings.channel_id = Some("1234".to_owned()).filter(|_| gateway != GatewayName::PalPluss);
        settings.clone().build().expect("the variable's host");
        settings.cleartext_hosts = Some(vec!["other".to_owned()]);
        assert_eq!(refusal(settings).0, "base_url_not_https");
    }
}

#[test]
fn a_command_asks_the_same_rule_what_is_a_cleartext_host() {
    let hosts = ["10.0.2.2".to_owned(), "sandbox".to_owned()];
    let is = |url: &str| ClientSettings::is_cleartext(url, &hosts).unwrap();
    for url in [
        "http://10.0.2.2:8600",
        "http://Sandbox/v1",
        " http://sandbox ",
    ] {
        assert!(is(url), "{url}");
    }
    for url in [
        "https://sandbox",
        "http://127.0.0.1",
        "http://sandbox.example.com",
        "http://u@sandbox",
        "sandbox",
        "",
    ] {
        assert!(!is(url), "{url}");
    }
    let error = ClientSettings::is_cleartext("http://x", &["a:1".to_owned()]).unwrap_err();
    assert_eq!(error.code(), "cleartext_host_unreadable");
}

/// A provider is asked by nobody before the first call, so the client is built whatever it will give.
#[test]
fn a_client_with_a_provider_is_built() {
    let mut settings = bare(GatewayName::Daraja);
    let script: Arc<Script> = Script::always(daraja(CONSUMER_KEY, OTHER, PASS_KEY));
    settings.credentials_provider = Some(script.clone());
    settings.build().unwrap();
    assert_eq!(script.asked(), 0);
}
