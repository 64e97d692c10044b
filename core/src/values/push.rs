//! Pushes: as the caller writes one ([`StkPush`]), and once every part of it is valid ([`Push`]).

use crate::error::{Error, mask};
use crate::values::amount::{Amount, AmountRules};
use crate::values::callback_url::{self, CallbackUrl};
use crate::values::phone::PhoneNumber;
use crate::values::reference::{AccountReference, Fit, TransactionDesc};
use crate::values::warning::Warning;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A push as the caller writes it: what to ask of whom. Nothing is checked until it is handed to a client: what is valid
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
    /// The description of the sale; at most 13 characters. The account reference is used where it is empty, as
    /// far as it fits.
    pub transaction_desc: String,
    /// The URL to which the gateway posts the result of this one push, used to the letter. Where it is `None` the client's
    /// callback URL is used, with a token of this payment's own appended.
    pub callback_url: Option<String>,
    /// Whether a reference or description that is too long is refused or cut.
    pub fit: Fit,
    /// Whether a fraction of a shilling is rounded (half up) or refused.
    pub round_amount: bool,
    /// What only one gateway has, by that gateway's name for it; see the `stk_push` options of each gateway.
    pub options: BTreeMap<String, String>,
    /// The shop's own name for the sale, of 1 to 128 characters: see [`Client::request`](crate::Client::request).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
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

    /// The description of the sale; at most 13 characters.
    #[must_use]
    pub fn transaction_desc(mut self, text: impl Into<String>) -> Self {
        self.transaction_desc = text.into();
        self
    }

    /// The URL to which the gateway posts the result of this one push, used to the letter.
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

    /// An option that only one gateway has, by that gateway's name for it.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// The shop's own name for the sale, of 1 to 128 characters: the order has one open or paid payment, however often it is
    /// requested. [`Client::request`](crate::Client::request) and [`Client::collect`](crate::Client::collect) take it.
    #[must_use]
    pub fn order(mut self, order: impl Into<String>) -> Self {
        self.order = Some(order.into());
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
        // The reference stands whole beside a description that is its beginning.
        let (description, description_fit) = if self.transaction_desc.trim().is_empty() {
            (&reference, Fit::Truncate)
        } else {
            (&self.transaction_desc, self.fit)
        };
        Ok(Push {
            phone_number: PhoneNumber::parse(&self.phone_number)?,
            amount: Amount::parse(&self.amount, &amount_rules)?,
            account_reference: AccountReference::parse_with_limit(
                &reference,
                rules.account_reference_characters,
                self.fit,
            )
            .map_err(|error| rules.with_longer_references(error))?,
            transaction_desc: TransactionDesc::parse_with_limit(
                description,
                rules.transaction_desc_characters,
                description_fit,
            )?,
            callback_url,
            options: self.options,
            warnings: Vec::new(),
        })
    }
}

impl fmt::Debug for StkPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StkPush")
            .field(
                "phone_number",
                &crate::error::mask::phone(&self.phone_number),
            )
            .field("amount", &self.amount)
            .field("account_reference", &self.account_reference)
            .field("transaction_desc", &self.transaction_desc)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

/// What a gateway accepts in a push.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PushRules {
    pub(crate) amount: AmountRules,
    /// The documented limit of the account reference.
    pub(crate) account_reference_characters: usize,
    /// What a merchant may raise that limit to: the longest that production is known to take.
    pub(crate) most_reference_characters: usize,
    pub(crate) transaction_desc_characters: usize,
}

impl PushRules {
    /// A refusal of an account reference; where it is too long, with the limit that can be raised.
    pub(crate) fn with_longer_references(&self, error: Error) -> Error {
        let most = self.most_reference_characters;
        if error.code() != "account_reference_too_long" || self.account_reference_characters >= most
        {
            return error;
        }
        error.with_hint(format!(
            "Shorten it, or raise `max_reference_characters` on the client, to {most} at most: a bank's pay bill wants the \
             account number. Where losing the end does no harm, allow truncation (`fit = truncate`)."
        ))
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

impl Push {
    /// The reference for logs: a shop may name its sales by their customers' numbers.
    pub(crate) fn masked_reference(&self) -> String {
        mask::phone_in(self.account_reference.as_str(), self.phone_number.as_str())
    }

    /// Notes what is valid in this push and may still make it fail. A gateway on this machine reaches the addresses of this
    /// machine, so a callback URL is not remarked on for being one.
    pub(crate) fn noting_warnings(mut self, gateway_is_local: bool) -> Self {
        let mut warnings = self.account_reference.warnings();
        if self.transaction_desc.as_str() != self.account_reference.as_str() {
            warnings.extend(self.transaction_desc.warnings());
        }
        let of_url = self.callback_url.warnings().into_iter();
        warnings.extend(
            of_url.filter(|warning| !gateway_is_local || !callback_url::is_of_reach(warning)),
        );
        self.warnings = warnings;
        self
    }

    /// Remarks on what is valid and may still make the push fail: characters that gateways stumble over, and words, hosts
    /// and ports in a callback URL that Safaricom may not call.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Deletes what says who pays and for what. Amount and callback URL are left.
    pub(crate) fn erase(&mut self) {
        self.phone_number = PhoneNumber::ERASED;
        self.account_reference = AccountReference::erased();
        self.transaction_desc = TransactionDesc::erased();
        self.options.clear();
        self.warnings.clear();
    }

    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// The options that only one gateway has, by name.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn option_names(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{PushRules, StkPush};
    use crate::values::amount::AmountRules;
    use crate::values::callback_url::CallbackUrl;
    use crate::values::environment::Environment;
    use crate::values::warning::Warning;

    /// The codes of the warnings about a push.
    fn warned_of(push: StkPush, url: &str, gateway_is_local: bool) -> Vec<String> {
        let rules = PushRules {
            amount: AmountRules::default(),
            account_reference_characters: 12,
            most_reference_characters: 12,
            transaction_desc_characters: 13,
        };
        let url = CallbackUrl::parse(url, Environment::Sandbox).unwrap();
        let push = push.check(&rules, url).unwrap();
        let push = push.noting_warnings(gateway_is_local);
        let codes = push.warnings().iter().map(Warning::code);
        codes.map(str::to_owned).collect()
    }

    #[test]
    fn a_gateway_on_this_machine_is_not_warned_of_this_machine() {
        let sale = || StkPush::new("0712345678", 150, "INV-1");
        for (url, elsewhere, here) in [
            ("https://shop.example/pay", vec![], vec![]),
            (
                "http://127.0.0.1:8000/pay",
                vec!["callback_url_private_host"],
                vec![],
            ),
            (
                "https://shop.example:8443/cmd",
                vec!["callback_url_discouraged_word", "callback_url_port"],
                vec!["callback_url_discouraged_word"],
            ),
        ] {
            assert_eq!(warned_of(sale(), url, false), elsewhere, "{url}");
            assert_eq!(warned_of(sale(), url, true), here, "{url}");
        }
    }

    #[test]
    fn a_reference_that_is_the_description_too_is_remarked_on_once() {
        let of_reference = "account_reference_unusual_character";
        let sale = || StkPush::new("0712345678", 150, "INV#1");
        let url = "https://shop.example/pay";
        assert_eq!(warned_of(sale(), url, false), [of_reference]);
        let described = sale().transaction_desc("2 coffees & tea");
        assert_eq!(
            warned_of(described.truncate(), url, false),
            [of_reference, "transaction_desc_unusual_character"]
        );
    }
}
