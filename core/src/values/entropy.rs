//! Randomness: ids that nobody can guess, and pauses of different length for different processes.

use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use ring::rand::SecureRandom;
use std::fmt;

/// A source of chance. A simulation gives its own, so that a run can be repeated.
pub(crate) trait Entropy: Send + Sync + fmt::Debug {
    /// Fills `bytes` with chance that nobody can guess.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error>;

    /// A number in `0.0..1.0`, for jitter: without chance it is simply the middle.
    fn fraction(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        match self.fill(&mut bytes) {
            Ok(()) => f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0),
            Err(_) => 0.5,
        }
    }
}

/// The operating system's.
#[derive(Debug)]
pub(crate) struct SystemEntropy(ring::rand::SystemRandom);

impl SystemEntropy {
    pub(crate) fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.fill(bytes).map_err(|_| {
            Error::new(ErrorCode::NoEntropy, Disposition::NotSent,
                "The operating system gives no random numbers, so no unguessable payment id can be made.",
            )
        })
    }
}
