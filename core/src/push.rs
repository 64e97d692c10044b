//! What a push asks for: as the caller writes it ([`StkPush`]), and once every part of it is valid ([`Push`]).

use crate::gateway::{PushRules, daraja};
use crate::{
    AccountReference, Amount, AmountRules, CallbackUrl, Error, Fit, PhoneNumber, TransactionDesc,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What to ask of whom, as the caller writes it. Nothing is checked until it is handed to a client: what is valid
/// depends on the client's settings.
///
/// ```
/// use lipia::StkPush;
/// let push = StkPush::new("0712 345 678", 150, "INV-001").transaction_desc("Two coffees");
/// # let _ = push;
/// ```
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct StkPush {
    /// Who pays: any usual spelling of a Kenyan mobile number.
    pub phone_number: String,
    /// Whole KES, as text.
    pub amount: String,
    /// What the merchant knows the sale by; the customer sees it. At most 12 characters.
    pub account_reference: String,
    /// What the sale is; at most 13 characters. The account reference is used where it is empty.
    pub transaction_desc: String,
    /// Where the gateway posts the result of this one push, used to the letter. Where it is `None` the client's
    /// callback URL is used, with a token of this payment's own appended.
    pub callback_url: Option<String>,
    /// Whether a reference or description that is too long is refused or cut.
    pub fit: Fit,
    /// Whether a fraction of a shilling is rounded (half up) or refused.
    pub round_amount: bool,
    /// What only one gateway has, by that gateway's name for it; see the `stk_push` options of each gateway.
    pub options: BTreeMap<String, String>,
}

impl StkPush {
    /// A push for `amount` whole KES to `phone_number`, known to the merchant as `account_reference`.
    #[must_use]
    pub fn new(
        phone_number: impl Into<String>,
        amount: impl ToString,
        account_reference: impl Into<String>,
    ) -> Self {
        Self {
            phone_number: phone_number.into(),
            amount: amount.to_string(),
            account_reference: account_reference.into(),
            ..Self::default()
        }
    }

    /// What the sale is; at most 13 characters.
    #[must_use]
    pub fn transaction_desc(mut self, text: impl Into<String>) -> Self {
        self.transaction_desc = text.into();
        self
    }

    /// Where the gateway posts the result of this one push, used to the letter.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Cuts a reference or description that is too long instead of refusing it.
    #[must_use]
    pub fn truncate(mut self) -> Self {
        self.fit = Fit::Truncate;
        self
    }

    /// Rounds a fraction of a shilling half up instead of refusing it.
    #[must_use]
    pub fn round_amount(mut self) -> Self {
        self.round_amount = true;
        self
    }

    /// Daraja: pay bill or till, for this one push.
    #[must_use]
    pub fn transaction_type(self, transaction_type: daraja::TransactionType) -> Self {
        self.option(daraja::options::TRANSACTION_TYPE, transaction_type.as_str())
    }

    /// Daraja: the till that receives the money of this one push.
    #[must_use]
    pub fn party_b(self, number: impl Into<String>) -> Self {
        self.option(daraja::options::PARTY_B, number)
    }

    /// What only one gateway has, by that gateway's name for it.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// Checks every part. `callback_url` is where the result goes.
    ///
    /// # Errors
    /// `InvalidInput`, naming the field.
    pub(crate) fn check(self, rules: &PushRules, callback_url: CallbackUrl) -> Result<Push, Error> {
        let amount_rules = AmountRules {
            round: self.round_amount,
            ..rules.amount
        };
        let reference = self.account_reference;
        let description = if self.transaction_desc.trim().is_empty() {
            &reference
        } else {
            &self.transaction_desc
        };
        Ok(Push {
            phone_number: PhoneNumber::parse(&self.phone_number)?,
            amount: Amount::parse(&self.amount, &amount_rules)?,
            account_reference: AccountReference::parse_with_limit(
                &reference,
                rules.account_reference_characters,
                self.fit,
            )?,
            transaction_desc: TransactionDesc::parse_with_limit(
                description,
                rules.transaction_desc_characters,
                self.fit,
            )?,
            callback_url,
            options: self.options,
        })
    }
}

impl fmt::Debug for StkPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StkPush")
            .field("phone_number", &crate::mask::phone(&self.phone_number))
            .field("amount", &self.amount)
            .field("account_reference", &self.account_reference)
            .field("transaction_desc", &self.transaction_desc)
            .finish_non_exhaustive()
    }
}

/// A push whose every part is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Push {
    /// Who pays.
    pub phone_number: PhoneNumber,
    /// How much, in whole KES.
    pub amount: Amount,
    /// What the merchant knows the sale by.
    pub account_reference: AccountReference,
    /// What the sale is.
    pub transaction_desc: TransactionDesc,
    /// Where the gateway posts the result.
    pub callback_url: CallbackUrl,
    /// What only one gateway has.
    #[serde(default)]
    options: BTreeMap<String, String>,
}

impl Push {
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// What only one gateway has, by name.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn option_names(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }
}
