//! Outcomes, what became of one prompt: the closed list of words that every layer and language shares.

use crate::error::codes::ErrorCode;
use serde::{Deserialize, Serialize};

word_list! {
    /// What came of a push. Only `success` is money received.
    ///
    /// `pending` and `unknown` are *not* failures: the customer may still pay or may have paid already, so neither is
    /// ever a reason to prompt again.
    ///
    /// ```
    /// use lipia::Outcome;
    /// assert!(Outcome::Success.is_paid());
    /// assert!(!Outcome::Pending.is_final());
    /// assert_eq!(Outcome::InsufficientFunds.as_str(), "insufficient_funds");
    /// assert_eq!("wrong_pin".parse::<Outcome>().unwrap(), Outcome::WrongPin);
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Outcome {
        /// The customer paid.
        Success = "success",
        /// The customer cancelled the prompt.
        Cancelled = "cancelled",
        /// The phone could not be reached, or nobody answered the prompt.
        Timeout = "timeout",
        /// The customer's balance, with any overdraft, is too low.
        InsufficientFunds = "insufficient_funds",
        /// The customer entered a wrong M-Pesa PIN.
        WrongPin = "wrong_pin",
        /// A limit on amount, day or balance stands in the way.
        Limit = "limit",
        /// The prompt or its session ran out before it was completed.
        Expired = "expired",
        /// The prompt never reached the phone.
        PushNotDelivered = "push_not_delivered",
        /// The customer has another M-Pesa session open.
        SubscriberBusy = "subscriber_busy",
        /// The customer's PIN is locked.
        CustomerLocked = "customer_locked",
        /// The customer's M-Pesa account does not allow the payment.
        CustomerAccountState = "customer_account_state",
        /// The merchant's short code, till or product is not set up for this.
        MerchantConfig = "merchant_config",
        /// M-Pesa or the gateway failed.
        ProviderError = "provider_error",
        /// Not paid, and no reason is known.
        Failed = "failed",
        /// Paid, and the money was returned.
        Reversed = "reversed",
        /// The prompt is live or the payment is being processed.
        Pending = "pending",
        /// Nobody can say yet: it may have been paid. Ask, do not prompt again.
        Unknown = "unknown",
    }
}

impl Outcome {
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

impl std::str::FromStr for Outcome {
    type Err = crate::error::Error;

    /// Reads one of the words.
    ///
    /// # Errors
    /// `outcome_unknown_word` for anything that is not on the list.
    fn from_str(word: &str) -> Result<Self, crate::error::Error> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word).ok_or_else(|| {
            crate::error::Error::invalid("outcome", ErrorCode::OutcomeUnknownWord, "This is not one of Lipia's outcomes.")
                .with_hint("Outcomes are written like `success`, `cancelled`, `insufficient_funds` or `pending`.")
        })
    }
}
