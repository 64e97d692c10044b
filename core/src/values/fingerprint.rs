//! A fingerprint of keys: tells whether two clients have the same ones, and tells nothing else.

use crate::values::hexadecimal::hexadecimal;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::sync::OnceLock;

/// HMAC-SHA-256 of what an account is known by, under a key that this process made by chance: of no use to anybody
/// who reads it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint {
    of_process: [u8; 32],
    lasting: [u8; 3],
}

impl Fingerprint {
    /// The fingerprint of a text that only this account has, such as its API key.
    pub(crate) fn of(text: &str) -> Self {
        static SALT: OnceLock<[u8; 32]> = OnceLock::new();
        let salt = SALT.get_or_init(|| {
            let mut salt = [0; 32];
            // Without chance the fingerprints are still fingerprints, only ones that can be tried out.
            let _filled = SystemRandom::new().fill(&mut salt);
            salt
        });
        Self {
            of_process: digest(salt, text),
            lasting: digest(b"lipia account 1", text),
        }
    }

    /// Six digits that are the same in every process: they tell the accounts of one merchant apart. Somebody who reads them
    /// learns 24 bits of a digest, too few to try keys out.
    pub(crate) fn lasting(&self) -> String {
        hexadecimal(&self.lasting)
    }
}

/// The first bytes of a text's HMAC.
fn digest<const N: usize>(key: &[u8], text: &str) -> [u8; N] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let mut bytes = [0; N];
    for (byte, of_tag) in bytes.iter_mut().zip(tag.as_ref()) {
        *byte = *of_tag;
    }
    bytes
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}
