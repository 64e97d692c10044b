//! Random ids: tokens, receipts, request ids. They are unique enough for tests, and not fit for secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

const HEXADECIMAL: &[u8] = b"0123456789abcdef";
const UPPER_CASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const MIXED_CASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A small generator (splitmix64), seeded by the standard library.
#[derive(Debug)]
pub(crate) struct RandomIds {
    state: u64,
}

impl RandomIds {
    pub(crate) fn new() -> Self {
        Self {
            state: RandomState::new().build_hasher().finish(),
        }
    }

    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .filter_map(|_| {
                let size = u64::try_from(alphabet.len()).ok()?;
                let place = usize::try_from(self.draw().checked_rem(size)?).ok()?;
                alphabet.get(place).map(|byte| char::from(*byte))
            })
            .collect()
    }

    /// An access token: 28 letters and digits.
    pub(crate) fn token(&mut self) -> String {
        self.text(MIXED_CASE, 28)
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> String {
        let [first, second, third, fourth, fifth] =
            [8, 4, 3, 3, 12].map(|length| self.text(HEXADECIMAL, length));
        format!("{first}-{second}-4{third}-8{fourth}-{fifth}")
    }

    /// A receipt, or another reference of this form: ten upper-case letters and digits.
    pub(crate) fn receipt(&mut self) -> String {
        self.text(UPPER_CASE, 10)
    }

    /// A request id in the newer form, `dd71-416b-aa9f-` and twelve hexadecimal digits, then `tail`.
    pub(crate) fn request_id(&mut self, tail: u64) -> String {
        let groups = [4, 4, 4].map(|length| self.text(HEXADECIMAL, length));
        format!("{}-{}{tail}", groups.join("-"), self.text(HEXADECIMAL, 12))
    }
}
