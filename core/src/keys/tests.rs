//! What is wiped, and when: seen in the memory itself, as far as it is Lipia's.

use super::{KeySource, Keys, KeysProvider};
use crate::gateway::{Access, Authorization, Gateway};
use crate::under_way::UnderWay;
use crate::wiped::tests::WIPED;
use crate::{
    Client, Credentials, Daraja, PalPluss, Secret, ShortCode, StkPush, SystemClock, UpesiPay,
};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

fn credentials() -> Credentials {
    Credentials::parse("key", "secret", "174379", "pass").unwrap()
}

/// A client that is never asked for its keys here.
fn client(keys: Keys) -> Client {
    let provider = Arc::new(Fixed(keys));
    let built = match provider.0.gateway() {
        crate::GatewayName::Daraja => Daraja::builder().keys_provider(provider).build(),
        crate::GatewayName::PalPluss => PalPluss::builder().keys_provider(provider).build(),
        crate::GatewayName::UpesiPay => UpesiPay::builder()
            .channel_id("134")
            .keys_provider(provider)
            .build(),
    };
    built.unwrap()
}

#[derive(Debug)]
struct Fixed(Keys);

impl KeysProvider for Fixed {
    fn keys(&self) -> BoxFuture<'_, Result<Keys, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// Every kind of keys, and the length of the header that they make.
fn every_kind() -> [(Keys, usize); 5] {
    [
        (Keys::daraja(credentials()), "Basic a2V5OnNlY3JldA==".len()),
        (Keys::palpluss(Secret::new("pp_1")), "Basic cHBfMTo=".len()),
        (
            Keys::upesipay(Secret::new("Basic c2hvcA==")),
            "Basic c2hvcA==".len(),
        ),
        (
            Keys::upesipay_login("shop", Secret::new("word")),
            "Basic c2hvcDp3b3Jk".len(),
        ),
        (
            Keys::access_token(Secret::new("token"), ShortCode::parse("174379").unwrap()),
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
        let ready = client.ready().await.unwrap();
        let header = match ready.access.authorization() {
            Authorization::Token(exchange) => exchange.request.authorization.clone().unwrap(),
            Authorization::Fixed(header) => header.clone(),
        };
        assert!(header.is_sensitive());
        WIPED.take();
        client.forget_keys();
        drop(ready);
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
        let ready = client.ready().await.unwrap();
        let push = payment.snapshot().push().clone();
        let request = ready
            .access
            .push_request(&push, client.shared.line.clock.now());
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
    let gateway: Arc<dyn Gateway> = Arc::clone(&client(Keys::daraja(credentials())).shared.gateway);
    let provider = Arc::new(Fixed(Keys::daraja(credentials())));
    let source = KeySource::provided(provider, gateway, Arc::new(SystemClock));
    let (under_way, timeout) = (UnderWay::default(), Duration::from_secs(5));
    let first = source.ready(&under_way, timeout).await.unwrap();
    let second = source.ready(&under_way, timeout).await.unwrap();
    assert!(Arc::ptr_eq(&first.access, &second.access));
    let gone = Arc::downgrade(&first.access);
    source.forget();
    drop((first, second));
    assert!(gone.upgrade().is_none(), "nothing but the calls held them");
    let third: Arc<dyn Access> = source.ready(&under_way, timeout).await.unwrap().access;
    drop(source);
    assert_eq!(Arc::strong_count(&third), 1);
}

#[test]
fn keys_that_differ_in_anything_are_other_keys() {
    let short_code = || ShortCode::parse("174379").unwrap();
    let token = |text: &str| Keys::access_token(Secret::new(text), short_code());
    let daraja = |parts: [&str; 4]| {
        let [key, secret, short_code, pass_key] = parts;
        Keys::daraja(Credentials::parse(key, secret, short_code, pass_key).unwrap())
    };
    let all = [
        daraja(["key", "secret", "174379", "pass"]),
        daraja(["other", "secret", "174379", "pass"]),
        daraja(["key", "other", "174379", "pass"]),
        daraja(["key", "secret", "174380", "pass"]),
        daraja(["key", "secret", "174379", "other"]),
        token("token"),
        token("other"),
        Keys::access_token(Secret::new("token"), ShortCode::parse("174380").unwrap()),
        Keys::palpluss(Secret::new("token")),
        Keys::palpluss(Secret::new("other")),
        Keys::upesipay(Secret::new("token")),
        Keys::upesipay(Secret::new("other")),
        Keys::upesipay_login("shop", Secret::new("token")),
        Keys::upesipay_login("other", Secret::new("token")),
        Keys::upesipay_login("shop", Secret::new("other")),
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
