//! The sandbox's public credentials: the only ones that may travel in the clear. The table repeats what `lipia sandbox` accepts
//! unless it is told otherwise, because the core does not depend on the sandbox. A test compares the two.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::credentials::{Credentials, Parts};
use crate::values::daraja_credentials::DarajaCredentials;
use crate::values::gateway_name::GatewayName;
use crate::values::key_text::without_basic;

const CONSUMER_KEY: &str = "sandbox-key";
const CONSUMER_SECRET: &str = "sandbox-secret";
/// Safaricom's own sandbox publishes it for the short code 174379.
const PASS_KEY: &str = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
const PALPLUSS_API_KEY: &str = "pp_live_sandbox";
const UPESIPAY_TOKEN: &str = "sandbox-upesipay-token";
const PAYHERO_TOKEN: &str = "sandbox-payhero-token";
/// UpesiPay's and PayHero's.
const USERNAME: &str = "sandbox-user";
/// UpesiPay's and PayHero's.
const PASSWORD: &str = "sandbox-password";

/// Checks that credentials may travel in the clear: each secret among them is a public one. Short codes and channels are not secrets.
///
/// # Errors
/// `cleartext_keys`, which names the first secret that is not public and does not show it.
pub(crate) fn check_are_public(credentials: &Credentials) -> Result<(), Error> {
    match private_secret(credentials) {
        None => Ok(()),
        Some(setting) => Err(Error::configuration(
            ErrorCode::CleartextKeys,
            format!(
                "The base URL is http to another host, and `{setting}` is not the sandbox's public one: the secret would travel in the clear. Nothing was sent."
            ),
        )
        .with_field(setting)
        .with_hint(
            "Give an https:// base URL. Or give the keys that `lipia sandbox` prints: `cleartext_hosts` is for those alone.",
        )),
    }
}

/// The setting of the first secret that is not public.
fn private_secret(credentials: &Credentials) -> Option<&'static str> {
    let same = |given: &str, public: &str| given.trim() == public;
    let secrets = match &credentials.parts {
        Parts::Daraja(DarajaCredentials {
            consumer_key,
            consumer_secret,
            pass_key,
            short_code: _,
        }) => vec![
            ("consumer_key", same(consumer_key.expose(), CONSUMER_KEY)),
            (
                "consumer_secret",
                same(consumer_secret.expose(), CONSUMER_SECRET),
            ),
            ("pass_key", same(pass_key.expose(), PASS_KEY)),
        ],
        Parts::PalPluss { api_key } => {
            vec![("api_key", same(api_key.expose(), PALPLUSS_API_KEY))]
        }
        Parts::AuthToken {
            gateway,
            auth_token,
        } => {
            let token = without_basic(auth_token.expose());
            let public = match gateway {
                GatewayName::UpesiPay => Some(UPESIPAY_TOKEN),
                GatewayName::PayHero => Some(PAYHERO_TOKEN),
                GatewayName::Daraja | GatewayName::PalPluss => None,
            };
            vec![("auth_token", public.is_some_and(|it| same(token, it)))]
        }
        Parts::Login {
            gateway: _,
            username,
            password,
        } => vec![
            ("username", username.expose() == USERNAME),
            ("password", password.expose() == PASSWORD),
        ],
        // Every token of the merchant's own server is a secret: the sandbox has none that is public.
        Parts::AccessToken {
            token: _,
            short_code: _,
        } => vec![("access_token", false)],
    };
    let private = secrets.into_iter().find(|(_, is_public)| !is_public);
    private.map(|(setting, _)| setting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::daraja_credentials::{Secret, ShortCode};

    fn daraja(key: &str, secret: &str, short_code: &str, pass_key: &str) -> Credentials {
        Credentials::daraja(DarajaCredentials::parse(key, secret, short_code, pass_key).unwrap())
    }

    #[test]
    fn the_table_is_what_the_sandbox_accepts() {
        assert_eq!(CONSUMER_KEY, lipia_sandbox::CONSUMER_KEY);
        assert_eq!(CONSUMER_SECRET, lipia_sandbox::CONSUMER_SECRET);
        assert_eq!(PASS_KEY, lipia_sandbox::PASS_KEY);
        assert_eq!(PALPLUSS_API_KEY, lipia_sandbox::PALPLUSS_API_KEY);
        assert_eq!(UPESIPAY_TOKEN, lipia_sandbox::UPESIPAY_TOKEN);
        assert_eq!(PAYHERO_TOKEN, lipia_sandbox::PAYHERO_TOKEN);
        assert_eq!(USERNAME, lipia_sandbox::UPESIPAY_USERNAME);
        assert_eq!(PASSWORD, lipia_sandbox::UPESIPAY_PASSWORD);
        let options = lipia_sandbox::UpesiPayOptions::payhero();
        assert_eq!([options.username, options.password], [USERNAME, PASSWORD]);
    }

    #[test]
    fn public_credentials_may_travel_in_the_clear() {
        for credentials in [
            daraja(CONSUMER_KEY, CONSUMER_SECRET, "174379", PASS_KEY),
            // A short code is printed on every till.
            daraja(CONSUMER_KEY, CONSUMER_SECRET, "600000", PASS_KEY),
            Credentials::palpluss(Secret::new(PALPLUSS_API_KEY)),
            Credentials::palpluss(Secret::new(format!(" {PALPLUSS_API_KEY}\n"))),
            Credentials::upesipay(Secret::new(UPESIPAY_TOKEN)),
            Credentials::upesipay(Secret::new(format!("Basic {UPESIPAY_TOKEN}"))),
            Credentials::upesipay_login(USERNAME, Secret::new(PASSWORD)),
            Credentials::payhero(Secret::new(PAYHERO_TOKEN)),
            Credentials::payhero_login(USERNAME, Secret::new(PASSWORD)),
        ] {
            assert_eq!(private_secret(&credentials), None, "{credentials:?}");
            check_are_public(&credentials).unwrap();
        }
    }

    #[test]
    fn one_secret_that_is_not_public_is_enough_for_a_refusal() {
        let other = || Secret::new("of-the-shop");
        let short_code = ShortCode::parse("174379").unwrap();
        for (credentials, setting) in [
            (
                daraja("of-the-shop", CONSUMER_SECRET, "174379", PASS_KEY),
                "consumer_key",
            ),
            (
                daraja(CONSUMER_KEY, "of-the-shop", "174379", PASS_KEY),
                "consumer_secret",
            ),
            (
                daraja(CONSUMER_KEY, CONSUMER_SECRET, "174379", "of-the-shop"),
                "pass_key",
            ),
            (
                daraja(CONSUMER_SECRET, CONSUMER_KEY, "174379", PASS_KEY),
                "consumer_key",
            ),
            (
                daraja("SANDBOX-KEY", CONSUMER_SECRET, "174379", PASS_KEY),
                "consumer_key",
            ),
            (
                daraja("sandbox-key2", CONSUMER_SECRET, "174379", PASS_KEY),
                "consumer_key",
            ),
            (Credentials::palpluss(other()), "api_key"),
            (
                Credentials::palpluss(Secret::new("pp_live_sandbox2")),
                "api_key",
            ),
            (Credentials::upesipay(other()), "auth_token"),
            (
                Credentials::upesipay(Secret::new(PAYHERO_TOKEN)),
                "auth_token",
            ),
            (
                Credentials::upesipay_login("of-the-shop", Secret::new(PASSWORD)),
                "username",
            ),
            (Credentials::upesipay_login(USERNAME, other()), "password"),
            (Credentials::payhero(other()), "auth_token"),
            (
                Credentials::payhero(Secret::new(UPESIPAY_TOKEN)),
                "auth_token",
            ),
            (
                Credentials::payhero_login("of-the-shop", Secret::new(PASSWORD)),
                "username",
            ),
            (Credentials::payhero_login(USERNAME, other()), "password"),
            (
                Credentials::access_token(other(), short_code.clone()),
                "access_token",
            ),
            (
                Credentials::access_token(Secret::new(CONSUMER_SECRET), short_code),
                "access_token",
            ),
        ] {
            let error = check_are_public(&credentials).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                ("cleartext_keys", Some(setting)),
                "{setting}"
            );
            assert!(error.message().contains(setting), "{error}");
            assert!(!format!("{error:?} {error}").contains("of-the-shop"));
        }
    }
}
