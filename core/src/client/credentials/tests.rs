//! Tests of zeroizing: which copies of a secret are wiped, and when, seen in the memory itself.

use super::CredentialsProvider;
use super::source::{Admission, CredentialSource, TokenShares};
use crate::client::Client;
use crate::client::daraja::Daraja;
use crate::client::palpluss::PalPluss;
use crate::client::payhero::PayHero;
use crate::client::upesipay::UpesiPay;
use crate::gateway::contract::{Authorization, Gateway};
use crate::transport::in_flight::InFlight;
use crate::values::clock::SystemClock;
use crate::values::credentials::Credentials;
use crate::values::daraja_credentials::{DarajaCredentials, Secret, ShortCode};
use crate::values::push::StkPush;
use crate::values::zeroizing::tests::WIPED;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

fn credentials() -> DarajaCredentials {
    DarajaCredentials::parse("key", "secret", "174379", "pass").unwrap()
}

/// A client that is never asked for its keys here.
fn client(credentials: Credentials) -> Client {
    let provider = Arc::new(Fixed(credentials));
    let built = match provider.0.gateway() {
        crate::values::gateway_name::GatewayName::Daraja => {
            Daraja::builder().credentials_provider(provider).build()
        }
        crate::values::gateway_name::GatewayName::PalPluss => {
            PalPluss::builder().credentials_provider(provider).build()
        }
        crate::values::gateway_name::GatewayName::UpesiPay => UpesiPay::builder()
            .channel_id("134")
            .credentials_provider(provider)
            .build(),
        crate::GatewayName::PayHero => PayHero::builder()
            .base_url("https://payhero.example")
            .channel_id("134")
            .credentials_provider(provider)
            .build(),
    };
    built.unwrap()
}

#[derive(Debug)]
struct Fixed(Credentials);

impl CredentialsProvider for Fixed {
    fn credentials(
        &self,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// Every kind of keys, and the length of the header that they make.
fn every_kind() -> [(Credentials, usize); 7] {
    [
        (
            Credentials::daraja(credentials()),
            "Basic a2V5OnNlY3JldA==".len(),
        ),
        (
            Credentials::palpluss(Secret::new("pp_1")),
            "Basic cHBfMTo=".len(),
        ),
        (
            Credentials::upesipay(Secret::new("Basic c2hvcA==")),
            "Basic c2hvcA==".len(),
        ),
        (
            Credentials::upesipay_login("shop", Secret::new("word")),
            "Basic c2hvcDp3b3Jk".len(),
        ),
        (
            Credentials::payhero(Secret::new("c2hvcDp3b3Jk")),
            "Basic c2hvcDp3b3Jk".len(),
        ),
        (
            Credentials::payhero_login("hero", Secret::new("word")),
            "Basic aGVybzp3b3Jk".len(),
        ),
        (
            Credentials::access_token(Secret::new("token"), ShortCode::parse("174379").unwrap()),
            "Bearer token".len(),
        ),
    ]
}

/// Whether that many bytes were wiped on this thread since last asked, and nothing was dropped unwiped.
fn were_wiped(length: usize) -> bool {
    let wiped = WIPED.take();
    let all_zero = wiped.iter().flatten().all(|byte| *byte == 0);
    assert!(all_zero, "{wiped:?}");
    wiped.iter().any(|bytes| bytes.len() == length)
}

#[tokio::test]
async fn forgotten_keys_leave_no_header_behind() {
    for (keys, length) in every_kind() {
        let client = client(keys);
        let call = client.authorize().await.unwrap();
        let header = match call.merchant.access.authorization() {
            Authorization::Token(exchange) => exchange.header.clone(),
            Authorization::Fixed(header) => header.clone(),
        };
        assert!(header.is_sensitive());
        WIPED.take();
        client.forget_credentials();
        drop(call);
        assert!(!were_wiped(length), "a copy is still in use");
        drop(header);
        assert!(were_wiped(length), "{:?}", client.gateway());
    }
}

#[tokio::test]
async fn the_body_of_a_push_goes_with_its_last_copy() {
    for (keys, _) in every_kind() {
        let client = client(keys);
        let push = StkPush::new("0712345678", 150, "INV").callback_url("https://shop.example/pay");
        let payment = client.reserve(push).unwrap();
        let call = client.authorize().await.unwrap();
        let push = payment.snapshot().push().clone();
        let request = call
            .merchant
            .access
            .push_request(&push, client.shared.context.clock.now());
        let body = request.body.clone().unwrap();
        WIPED.take();
        drop(request);
        assert!(!were_wiped(body.len()), "a copy is still in use");
        let length = body.len();
        drop(body);
        assert!(were_wiped(length), "{:?}", client.gateway());
    }
}

#[tokio::test]
async fn a_call_that_has_its_keys_keeps_them_when_they_are_forgotten() {
    let gateway: Arc<dyn Gateway> =
        Arc::clone(&client(Credentials::daraja(credentials())).shared.gateway);
    let provider = Arc::new(Fixed(Credentials::daraja(credentials())));
    let admission = Admission {
        gateway,
        is_cleartext: false,
        shares: TokenShares::default(),
    };
    let source = CredentialSource::provided(provider, admission, Arc::new(SystemClock));
    let (in_flight, timeout) = (InFlight::default(), Duration::from_secs(5));
    let first = source.authorize(&in_flight, timeout).await.unwrap();
    let second = source.authorize(&in_flight, timeout).await.unwrap();
    assert!(Arc::ptr_eq(&first.merchant, &second.merchant));
    let gone = Arc::downgrade(&first.merchant);
    source.forget();
    drop((first, second));
    assert!(gone.upgrade().is_none(), "nothing but the calls held them");
    let third = source
        .authorize(&in_flight, timeout)
        .await
        .unwrap()
        .merchant;
    drop(source);
    assert_eq!(Arc::strong_count(&third), 1);
}

#[test]
fn keys_that_differ_in_anything_are_other_keys() {
    let short_code = || ShortCode::parse("174379").unwrap();
    let token = |text: &str| Credentials::access_token(Secret::new(text), short_code());
    let daraja = |parts: [&str; 4]| {
        let [key, secret, short_code, pass_key] = parts;
        Credentials::daraja(DarajaCredentials::parse(key, secret, short_code, pass_key).unwrap())
    };
    let all = [
        daraja(["key", "secret", "174379", "pass"]),
        daraja(["other", "secret", "174379", "pass"]),
        daraja(["key", "other", "174379", "pass"]),
        daraja(["key", "secret", "174380", "pass"]),
        daraja(["key", "secret", "174379", "other"]),
        token("token"),
        token("other"),
        Credentials::access_token(Secret::new("token"), ShortCode::parse("174380").unwrap()),
        Credentials::palpluss(Secret::new("token")),
        Credentials::palpluss(Secret::new("other")),
        Credentials::upesipay(Secret::new("token")),
        Credentials::upesipay(Secret::new("other")),
        Credentials::upesipay_login("shop", Secret::new("token")),
        Credentials::upesipay_login("other", Secret::new("token")),
        Credentials::upesipay_login("shop", Secret::new("other")),
        Credentials::payhero(Secret::new("token")),
        Credentials::payhero_login("shop", Secret::new("token")),
    ];
    for (number, keys) in all.iter().enumerate() {
        for (other_number, other) in all.iter().enumerate() {
            assert_eq!(
                keys.are_the_same(&other.clone().lifetime(Duration::from_secs(1))),
                number == other_number,
                "{number} and {other_number}"
            );
        }
    }
}
