//! The authenticity of callbacks: secret tokens in their URLs, and the addresses that they may come from.
//!
//! No gateway signs its callbacks, and nothing in them is the caller's own except the URL. So the URL carries the
//! payment's id and a seal over it: `…/<id>-<seal>`, which any process with the same secret can verify without
//! asking a database.

pub(crate) mod addresses;
pub(crate) mod received;

pub use addresses::SourceAddresses;
pub use received::{Confirm, IncomingCallback, ReceivedCallback, Verdict};

use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::error::{Disposition, Error};
use crate::values::callback_url::CallbackUrl;
use crate::values::daraja_credentials::Secret;
use crate::values::entropy::Entropy;
use crate::values::hexadecimal::hexadecimal;
use ring::hmac;
use std::fmt;
use zeroize::Zeroizing;

/// What the seal is computed over besides the id, so that the same secret used elsewhere never makes a seal.
const PURPOSE: &[u8] = b"lipia callback url 1:";

/// The same for bodies in the spool.
const PURPOSE_OF_BODIES: &[u8] = b"lipia callback body 1:";

/// The secrets that seal callback URLs: the first seals, all verify.
///
/// To rotate, put the new secret first and keep the old one for as long as its callbacks may still arrive: a day
/// is plenty.
#[derive(Clone)]
pub struct CallbackSecrets {
    keys: Vec<hmac::Key>,
    source: SecretSource,
}

/// Where callback secrets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// A setting.
    Given,
    /// They follow from the gateway's own secret, and change with it.
    Derived,
    /// Chance: no other process has them.
    Chance,
}

impl CallbackSecrets {
    /// Secrets of your own, newest first.
    ///
    /// # Errors
    /// `callback_secret_missing` without any, `callback_secret_too_short` for one under 16 bytes.
    pub fn new(secrets: &[Secret]) -> Result<Self, Error> {
        if secrets.is_empty() {
            return Err(Error::configuration(
                ErrorCode::CallbackSecretMissing,
                "At least one callback secret is needed.",
            )
            .with_field("callback_secrets"));
        }
        if secrets.iter().any(|secret| secret.expose().len() < 16) {
            return Err(Error::configuration(
                ErrorCode::CallbackSecretTooShort,
                "A callback secret has at least 16 bytes.",
            )
            .with_field("callback_secrets")
            .with_hint("Make one with `openssl rand -hex 32`."));
        }
        Ok(Self {
            keys: secrets
                .iter()
                .map(|secret| key(secret.expose().as_bytes()))
                .collect(),
            source: SecretSource::Given,
        })
    }

    /// A secret that follows from the gateway's own: every process with the same credentials seals and verifies
    /// alike, with nothing more to set up.
    pub(crate) fn derived_from(secret: &Secret) -> Self {
        let root = hmac::sign(&key(secret.expose().as_bytes()), b"lipia callback secret 1");
        Self {
            keys: vec![key(root.as_ref())],
            source: SecretSource::Derived,
        }
    }

    /// A secret that nobody knows, and that goes with the client.
    ///
    /// # Errors
    /// `no_entropy`.
    pub(crate) fn random(entropy: &dyn Entropy) -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        entropy.fill(secret.as_mut())?;
        Ok(Self {
            keys: vec![key(secret.as_ref())],
            source: SecretSource::Chance,
        })
    }

    pub(crate) fn source(&self) -> SecretSource {
        self.source
    }

    /// Fingerprints of the secrets, newest first: they tell whether two processes have a secret in common, and make no seal.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        let fingerprint = |key: &hmac::Key| {
            let tag = hmac::sign(key, b"lipia callback secret fingerprint 1");
            hexadecimal(tag.as_ref().get(..16).unwrap_or_default())
        };
        self.keys.iter().map(fingerprint).collect()
    }

    /// The last segment of a payment's callback URL.
    pub(crate) fn seal(&self, id: &PaymentId) -> String {
        let tag = self.keys.first().map(|key| hmac::sign(key, &sealed(id)));
        let seal = tag.map(|tag| hexadecimal(tag.as_ref())).unwrap_or_default();
        format!("{id}-{seal}")
    }

    /// The payment that a callback's path names, if the seal on it is ours. The comparison takes the same time
    /// wherever the seal differs.
    ///
    /// # Errors
    /// `callback_token_missing` where the last segment has not the form, `callback_token_wrong` where the seal is
    /// not ours.
    pub fn verify(&self, path: &str) -> Result<PaymentId, Error> {
        let missing = || {
            not_authentic(ErrorCode::CallbackTokenMissing, "This URL carries no payment token.").with_hint(
                "Route everything below your callback URL to Lipia and hand over the whole path, token included.",
            )
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segment = path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let (id, seal) = segment.split_once('-').ok_or_else(missing)?;
        let id: PaymentId = id.parse().map_err(|_| missing())?;
        let seal = bytes_of(seal).ok_or_else(missing)?;
        let message = sealed(&id);
        if self
            .keys
            .iter()
            .any(|key| hmac::verify(key, &message, &seal).is_ok())
        {
            Ok(id)
        } else {
            Err(not_authentic(ErrorCode::CallbackTokenWrong, "The token in this URL was not made with any of our secrets.")
                .with_hint("It is forged, or the callback secret changed: keep the old one beside the new for a day."))
        }
    }
}

impl CallbackSecrets {
    /// The seal over a body that came on a payment's own URL, as hexadecimal digits.
    pub(crate) fn seal_body(&self, payment: &PaymentId, body: &[u8]) -> String {
        let first = self
            .keys
            .first()
            .map(|key| hmac::sign(key, &with_body(payment, body)));
        first.map_or_else(String::new, |seal| hexadecimal(seal.as_ref()))
    }

    /// Whether a seal over a body was made with one of these secrets.
    pub(crate) fn verify_body(&self, payment: &PaymentId, body: &[u8], seal: &str) -> bool {
        let (message, seal) = (with_body(payment, body), bytes_of(seal));
        let mut keys = self.keys.iter();
        seal.is_some_and(|seal| keys.any(|key| hmac::verify(key, &message, &seal).is_ok()))
    }
}

/// What the seal over a body is computed over.
fn with_body(payment: &PaymentId, body: &[u8]) -> Vec<u8> {
    [PURPOSE_OF_BODIES, payment.as_str().as_bytes(), b":", body].concat()
}

impl fmt::Debug for CallbackSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackSecrets")
            .field("keys", &self.keys.len())
            .finish()
    }
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn sealed(id: &PaymentId) -> Vec<u8> {
    [PURPOSE, id.as_str().as_bytes()].concat()
}

fn bytes_of(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = hexadecimal
        .bytes()
        .map(|digit| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let whole = !digits.is_empty() && digits.len().is_multiple_of(2);
    whole.then(|| {
        digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit))
            .collect()
    })
}

pub(crate) fn not_authentic(code: ErrorCode, message: &str) -> Error {
    Error::new(code, Disposition::Unknown, message)
}

/// Where callbacks are asked to go.
#[derive(Clone, Debug)]
pub(crate) struct CallbackUrls {
    pub(crate) base: Option<CallbackUrl>,
    pub(crate) secrets: CallbackSecrets,
    /// Whether a payment's token is appended to the base.
    pub(crate) with_token: bool,
}

impl CallbackUrls {
    /// The URL of one payment.
    ///
    /// # Errors
    /// `callback_url_missing` where none is configured.
    pub(crate) fn for_payment(&self, id: &PaymentId) -> Result<CallbackUrl, Error> {
        let base = self.base.as_ref().ok_or_else(|| {
            Error::invalid("callback_url", ErrorCode::CallbackUrlMissing, "A push needs a URL for its result.").with_hint(
                "Set `callback_url` on the client (MPESA_CALLBACK_URL), or give one with the push. It must be reachable from the internet.",
            )
        })?;
        if self.with_token {
            base.with_segment(&self.secrets.seal(id))
        } else {
            Ok(base.clone())
        }
    }
}
