//! The amount of a push: whole Kenya shillings, decided before anything is sent.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use serde::{Deserialize, Deserializer, Serialize};
use std::cmp::Ordering;
use std::fmt;

const FIELD: &str = "amount";

/// The rules of an amount.
///
/// ```
/// use lipia::Amount;
/// use lipia::values::AmountRules;
/// let rules = AmountRules { max: 500_000, round: true };
/// assert_eq!(Amount::parse("99.5", &rules).unwrap().get(), 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountRules {
    /// The most that one push may ask for, in whole shillings. M-Pesa's limit has changed before, and some
    /// gateways have their own.
    pub max: u32,
    /// Whether a fraction is rounded, half up, to whole shillings. Off by default: what a customer pays never
    /// changes silently.
    pub round: bool,
}

impl Default for AmountRules {
    /// Up to KES 250,000, M-Pesa's limit for one transaction, and no rounding.
    fn default() -> Self {
        Self {
            max: 250_000,
            round: false,
        }
    }
}

/// An amount to ask for, in whole Kenya shillings: at least 1.
///
/// ```
/// use lipia::Amount;
/// use lipia::values::AmountRules;
/// let rules = AmountRules::default();
/// assert_eq!(Amount::parse("100.00", &rules).unwrap(), Amount::new(100).unwrap());
/// assert_eq!(Amount::parse("99.9", &rules).unwrap_err().code(), "amount_fraction");
/// assert_eq!(Amount::new(0).unwrap_err().code(), "amount_below_minimum");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Amount {
    shillings: u32,
}

impl Amount {
    /// An amount under the default rules.
    ///
    /// # Errors
    /// `amount_below_minimum` for 0, `amount_above_maximum` above KES 250,000.
    pub fn new(shillings: u32) -> Result<Self, Error> {
        Self::with_rules(shillings, &AmountRules::default())
    }

    /// An amount under other rules.
    ///
    /// # Errors
    /// `amount_below_minimum` for 0, `amount_above_maximum` above `rules.max`.
    pub fn with_rules(shillings: u32, rules: &AmountRules) -> Result<Self, Error> {
        match shillings {
            0 => Err(below_minimum()),
            more if more > rules.max => Err(above_maximum(rules.max)),
            _ => Ok(Self { shillings }),
        }
    }

    /// Reads plain decimal text such as `100` or `100.00`, exactly: the value never passes through a double.
    /// White space (ASCII) around it is tolerated.
    ///
    /// # Errors
    /// `amount_unreadable` for anything that is not plain decimal text (`1,000`, `1e3`, `+5`, `007`),
    /// `amount_fraction` for a fraction unless `rules.round` is set, `amount_below_minimum` below 1 and for
    /// negative numbers, `amount_above_maximum` above `rules.max`.
    pub fn parse(text: &str, rules: &AmountRules) -> Result<Self, Error> {
        let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        if !is_plain_whole(whole) || !fraction.is_none_or(is_digits) {
            return Err(unreadable());
        }
        if negative {
            return Err(below_minimum());
        }
        let fraction = fraction.unwrap_or_default().as_bytes();
        let has_fraction = fraction.iter().any(|digit| *digit != b'0');
        if has_fraction && !rules.round {
            return Err(has_a_fraction());
        }
        let half_or_more = fraction.first().is_some_and(|digit| *digit >= b'5');
        // Only digits are left, so the one thing that can go wrong is that they are too many.
        let rounded = whole
            .parse::<u32>()
            .ok()
            .and_then(|whole| whole.checked_add(u32::from(half_or_more)));
        Self::with_rules(rounded.ok_or_else(|| above_maximum(rules.max))?, rules)
    }

    /// The amount in whole shillings.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.shillings
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits without a leading zero: `007` is a till number or a mistake, not an amount.
fn is_plain_whole(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
}

fn unreadable() -> Error {
    Error::invalid(FIELD, ErrorCode::AmountUnreadable, "The amount is not a plain number of Kenya shillings.")
        .with_hint("Write whole shillings in digits only, such as 1000: no commas, signs, exponents or currency.")
}

fn has_a_fraction() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::AmountFraction,
        "The amount has a fraction, and M-Pesa takes whole shillings only.",
    )
    .with_hint("Round it where the customer can see the new price, or allow rounding (`round_amount = true`).")
}

fn below_minimum() -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::AmountBelowMinimum,
        "The amount is below KES 1.",
    )
    .with_hint("The least that can be asked for is 1.")
}

fn above_maximum(max: u32) -> Error {
    Error::invalid(
        FIELD,
        ErrorCode::AmountAboveMaximum,
        format!("The amount is above the limit of KES {max}."),
    )
    .with_hint("Ask for less; raise `max_amount` in the settings only if your gateway allows more.")
}

impl TryFrom<u32> for Amount {
    type Error = Error;

    fn try_from(shillings: u32) -> Result<Self, Error> {
        Self::new(shillings)
    }
}

impl std::str::FromStr for Amount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text, &AmountRules::default())
    }
}

impl<'de> Deserialize<'de> for Amount {
    /// Reads what was saved. It may have been allowed under a higher limit than the default, so only 0 is refused.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rules = AmountRules {
            max: u32::MAX,
            round: false,
        };
        Self::with_rules(u32::deserialize(deserializer)?, &rules).map_err(serde::de::Error::custom)
    }
}

impl PartialEq<Amount> for crate::values::money::Money {
    fn eq(&self, other: &Amount) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd<Amount> for crate::values::money::Money {
    fn partial_cmp(&self, other: &Amount) -> Option<Ordering> {
        Some(self.cents().cmp(&(i64::from(other.get()) * 100)))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shillings)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount(KES {})", self.shillings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_saved_under_a_higher_limit_is_read_back() {
        let saved = Amount::with_rules(
            500_000,
            &AmountRules {
                max: 500_000,
                round: false,
            },
        )
        .unwrap();
        let text = serde_json::to_string(&saved).unwrap();
        assert_eq!(text, "500000");
        assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), saved);
        assert!(serde_json::from_str::<Amount>("0").is_err());
        assert!(serde_json::from_str::<Amount>("1.5").is_err());
        assert!(serde_json::from_str::<Amount>("\"5\"").is_err());
    }

    #[test]
    fn the_largest_limit_does_not_wrap() {
        let rules = AmountRules {
            max: u32::MAX,
            round: true,
        };
        assert_eq!(
            Amount::parse("4294967295.5", &rules).unwrap_err().code(),
            "amount_above_maximum"
        );
        assert_eq!(
            Amount::parse("4294967296", &rules).unwrap_err().code(),
            "amount_above_maximum"
        );
        assert_eq!(
            Amount::parse("4294967294.4", &rules).unwrap().get(),
            4_294_967_294
        );
    }

    #[test]
    fn money_and_amounts_compare_exactly() {
        let ten = Amount::new(10).unwrap();
        assert!(crate::values::money::Money::from_cents(1000) == ten);
        assert!(crate::values::money::Money::from_cents(999) < ten);
        assert!(crate::values::money::Money::from_cents(1001) > ten);
    }

    proptest! {
        #[test]
        fn rounding_is_half_up_and_exact(whole in 1_u32..250_000, thousandths in 0_u32..1000) {
            let text = format!("{whole}.{thousandths:03}");
            let rounded = Amount::parse(&text, &AmountRules { round: true, ..AmountRules::default() }).unwrap();
            prop_assert_eq!(rounded.get(), whole + u32::from(thousandths >= 500));
            let strict = Amount::parse(&text, &AmountRules::default());
            prop_assert_eq!(strict.is_ok(), thousandths == 0);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[-+0-9.,eE ]{0,30}") {
            if let Ok(amount) = Amount::parse(&text, &AmountRules { max: u32::MAX, round: true }) {
                prop_assert!(amount.get() >= 1);
            }
        }
    }
}
