//! What became of one prompt: the closed list of words that every layer and language shares.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of a push. A closed list: the same words in every language, in JSON and on the command line.
///
/// Only [`Outcome::Success`] is money received. `Pending` and `Unknown` are *not* failures: the customer may
/// still pay or may have paid already, so neither is ever a reason to prompt again.
///
/// ```
/// use lipia::Outcome;
/// assert!(Outcome::Success.is_paid());
/// assert!(!Outcome::Pending.is_final());
/// assert_eq!(Outcome::InsufficientFunds.as_str(), "insufficient_funds");
/// assert_eq!("wrong_pin".parse::<Outcome>().unwrap(), Outcome::WrongPin);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The customer paid.
    Success,
    /// The customer cancelled the prompt.
    Cancelled,
    /// The phone could not be reached, or nobody answered the prompt.
    Timeout,
    /// The customer's balance, with any overdraft, is too low.
    InsufficientFunds,
    /// The customer entered a wrong M-Pesa PIN.
    WrongPin,
    /// A limit on amount, day or balance stands in the way.
    Limit,
    /// The prompt or its session ran out before it was completed.
    Expired,
    /// The prompt never reached the phone.
    PushNotDelivered,
    /// The customer has another M-Pesa session open.
    SubscriberBusy,
    /// The customer's PIN is locked.
    CustomerLocked,
    /// The customer's M-Pesa account does not allow the payment.
    CustomerAccountState,
    /// The merchant's short code, till or product is not set up for this.
    MerchantConfig,
    /// M-Pesa or the gateway failed.
    ProviderError,
    /// Not paid, and no reason is known.
    Failed,
    /// Paid, and the money was returned.
    Reversed,
    /// The prompt is live or the payment is being processed.
    Pending,
    /// Nobody can say yet: it may have been paid. Ask, do not prompt again.
    Unknown,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::Success,
        Self::Cancelled,
        Self::Timeout,
        Self::InsufficientFunds,
        Self::WrongPin,
        Self::Limit,
        Self::Expired,
        Self::PushNotDelivered,
        Self::SubscriberBusy,
        Self::CustomerLocked,
        Self::CustomerAccountState,
        Self::MerchantConfig,
        Self::ProviderError,
        Self::Failed,
        Self::Reversed,
        Self::Pending,
        Self::Unknown,
    ];

    /// The word, as it is written in JSON, logs and every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Cancelled => "cancelled",
            Self::Timeout => "timeout",
            Self::InsufficientFunds => "insufficient_funds",
            Self::WrongPin => "wrong_pin",
            Self::Limit => "limit",
            Self::Expired => "expired",
            Self::PushNotDelivered => "push_not_delivered",
            Self::SubscriberBusy => "subscriber_busy",
            Self::CustomerLocked => "customer_locked",
            Self::CustomerAccountState => "customer_account_state",
            Self::MerchantConfig => "merchant_config",
            Self::ProviderError => "provider_error",
            Self::Failed => "failed",
            Self::Reversed => "reversed",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the merchant has the money. True for [`Outcome::Success`] alone.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Success)
    }

    /// Whether no later answer for the same prompt is expected to change it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Unknown)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Outcome {
    type Err = crate::Error;

    /// Reads one of the words.
    ///
    /// # Errors
    /// `outcome_unknown_word` for anything that is not on the list.
    fn from_str(word: &str) -> Result<Self, crate::Error> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word).ok_or_else(|| {
            crate::Error::invalid("outcome", "outcome_unknown_word", "This is not one of Lipia's outcomes.")
                .with_hint("Outcomes are written like `success`, `cancelled`, `insufficient_funds` or `pending`.")
        })
    }
}
