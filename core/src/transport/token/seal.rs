//! The seal of a shared token: only who has the merchant's own keys can read it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use std::fmt;
use zeroize::Zeroizing;

use crate::values::hexadecimal::hexadecimal;

/// What the keys are derived for, so that the merchant's secret used elsewhere never makes the same ones.
const PURPOSE: &[u8] = b"lipia ledger token 1";

/// The keys that seal and name the token of one merchant at one address. They follow from the merchant's own keys, so that
/// every process that has those opens the seal, and nobody who reads the ledger does.
pub(super) struct Seal {
    key: LessSafeKey,
    names: hmac::Key,
}

impl Seal {
    /// The seal for a merchant whose keys make this header, at that base URL.
    pub(super) fn of(own_header: &HeaderValue, base_url: &str) -> Option<Self> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, PURPOSE);
        let root = salt.extract(own_header.as_bytes());
        let at = base_url.as_bytes();
        let key: UnboundKey = (root.expand(&[b"seal:", at], &AES_256_GCM).ok()?).into();
        let names: hmac::Key = (root.expand(&[b"names:", at], hmac::HMAC_SHA256).ok()?).into();
        Some(Self {
            key: LessSafeKey::new(key),
            names,
        })
    }

    /// The key of the note that has the token.
    pub(super) fn note_key(&self) -> String {
        format!("token:{}", self.digest(b"the note"))
    }

    /// Tells one token from another, and tells nothing else.
    pub(super) fn digest(&self, token: &[u8]) -> String {
        let tag = hmac::sign(&self.names, token);
        let half = tag.as_ref().get(..16).unwrap_or_default();
        hexadecimal(half)
    }

    /// Seals a token. `for_what` has to be the same when the seal is opened; the nonce must be new each time.
    pub(super) fn seal(
        &self,
        token: &[u8],
        nonce: [u8; NONCE_LEN],
        for_what: &str,
    ) -> Option<String> {
        let mut sealed = token.to_vec();
        let aad = Aad::from(for_what.as_bytes());
        let done = self.key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            aad,
            &mut sealed,
        );
        done.ok()?;
        Some(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// The token below a seal; `None` where other keys made the seal, or somebody changed it.
    pub(super) fn open(&self, sealed: &str, for_what: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let aad = Aad::from(for_what.as_bytes());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.key.open_in_place(nonce, aad, &mut rest).ok()?.len();
        rest.truncate(length);
        Some(rest)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(keys: &str, base_url: &str) -> Seal {
        Seal::of(&HeaderValue::from_str(keys).unwrap(), base_url).unwrap()
    }

    #[test]
    fn only_the_same_keys_at_the_same_address_open_a_seal_that_nobody_changed() {
        let ours = seal("Basic a2V5OnNlY3JldA==", "https://api.example");
        let sealed = ours.seal(b"Bearer abc", [7; 12], "until 17").unwrap();
        let again = seal("Basic a2V5OnNlY3JldA==", "https://api.example");
        let opened = again.open(&sealed, "until 17").unwrap();
        assert_eq!(opened.as_slice(), b"Bearer abc");
        assert_eq!(again.note_key(), ours.note_key());
        let bytes = STANDARD.decode(&sealed).unwrap();
        let shows_text = bytes.windows(3).any(|part| part == b"abc");
        assert!(!shows_text && !ours.note_key().contains("a2V5"));
        for other in [
            seal("Basic a2V5Om90aGVyIQ==", "https://api.example"),
            seal("Basic a2V5OnNlY3JldA==", "https://sandbox.example"),
        ] {
            assert!(other.open(&sealed, "until 17").is_none());
            assert_ne!(other.note_key(), ours.note_key());
            assert_ne!(other.digest(b"Bearer abc"), ours.digest(b"Bearer abc"));
        }
        assert!(ours.open(&sealed, "until 18").is_none());
        let mut bytes = STANDARD.decode(&sealed).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert!(ours.open(&STANDARD.encode(bytes), "until 17").is_none());
        for garbage in ["", "?", "QUJD"] {
            assert!(ours.open(garbage, "until 17").is_none(), "{garbage}");
        }
    }
}
