//! The comparison of two copies of one payment that different processes have changed.

use super::{Payment, PaymentState};
use crate::meaning::outcome::Outcome;

/// What the holder of one copy of a payment learns from another copy: see [`Payment::gain_from`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gain {
    /// Nothing: as much was known, or more.
    Nothing,
    /// There is something to keep: a flag, an id, an acceptance.
    Keep,
    /// The payment has moved forward to where its owner wants to hear of it: an outcome, or the receipt that a success lacked.
    Forward,
}

impl Gain {
    /// The word, as every language has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Keep => "keep",
            Self::Forward => "forward",
        }
    }
}

impl Payment {
    /// What the holder of this copy learns from another copy of the same payment. A store keeps the other copy unless the
    /// gain is [`Gain::Nothing`].
    ///
    /// Revisions alone do not tell: processes that hold copies of one payment each count revisions of their own, and one
    /// that was flagged often counts higher than one that was paid.
    #[must_use]
    pub fn gain_from(&self, other: &Self) -> Gain {
        let (before, after) = (self.standing(), other.standing());
        if after > before {
            if other.state == PaymentState::Settled {
                Gain::Forward
            } else {
                Gain::Keep
            }
        } else if after == before && other.revision > self.revision {
            Gain::Keep
        } else {
            Gain::Nothing
        }
    }

    /// This copy, to be saved in place of a stored one: its revision is above that one's. Else a store could have the same
    /// revision twice with different contents, and what compares revisions would take one for the other.
    #[must_use]
    pub fn replacing(mut self, stored: &Self) -> Self {
        self.revision = self.revision.max(stored.revision.saturating_add(1));
        self
    }

    /// How far it has come, and whether the receipt is known.
    pub(super) fn standing(&self) -> (u8, bool) {
        (self.stage(), self.receipt.is_some())
    }

    /// How far it has come, as money counts.
    pub(super) fn stage(&self) -> u8 {
        match (self.state, self.outcome) {
            (PaymentState::Settled, Outcome::Reversed) => 4,
            (PaymentState::Settled, Outcome::Success) => 3,
            (PaymentState::Settled, _) => 2,
            (PaymentState::Accepted, _) => 1,
            // A push that was refused is `reserved` again: that is news about one that was being sent.
            _ => 0,
        }
    }
}
