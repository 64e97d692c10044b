//! Money as gateways report it: exact, in cents, never through a double.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The most cents that every language can hold exactly: 2^53 - 1, JavaScript's largest safe integer.
const MAX_CENTS: i64 = (1 << 53) - 1;

/// An exact sum in Kenya shillings with at most two decimals, as read from a callback or an answer. It may be zero
/// or negative: it is what a gateway said, not what was asked for (that is an [`Amount`](crate::Amount)).
///
/// ```
/// use lipia::Amount;
/// use lipia::values::Money;
/// let paid = Money::parse_json_number("1.05e1").unwrap();
/// assert_eq!(paid.cents(), 1050);
/// assert_eq!(paid.to_string(), "10.5");
/// assert!(Money::parse("450.00").unwrap() == Amount::new(450).unwrap());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    cents: i64,
}

/// Why a sum could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MoneyTrouble {
    /// Not a number, or more than two decimals by value.
    Unreadable,
    /// More than 2^53 - 1 cents.
    OutOfRange,
}

impl Money {
    /// Reads plain decimal text: an optional minus, digits without a leading zero, optional decimals.
    ///
    /// # Errors
    /// `amount_unreadable` for anything else and for more than two decimals (by value: `1.500` is fine),
    /// `amount_out_of_range` beyond 2^53 - 1 cents.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_decimal_text(text).map_err(refused)
    }

    /// Reads the exact text of a JSON number, which may have an exponent.
    ///
    /// # Errors
    /// As [`Money::parse`].
    pub fn parse_json_number(text: &str) -> Result<Self, Error> {
        Self::from_json_number(text).map_err(refused)
    }

    /// A sum of so many cents, held within plus and minus 2^53 - 1.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        let held = if cents > MAX_CENTS {
            MAX_CENTS
        } else if cents < -MAX_CENTS {
            -MAX_CENTS
        } else {
            cents
        };
        Self { cents: held }
    }

    /// Cents: hundredths of a shilling.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.cents
    }

    /// Whether it is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.cents > 0
    }

    pub(crate) fn from_decimal_text(text: &str) -> Result<Self, MoneyTrouble> {
        if text.contains(['e', 'E']) {
            Err(MoneyTrouble::Unreadable)
        } else {
            Self::from_json_number(text)
        }
    }

    pub(crate) fn from_json_number(text: &str) -> Result<Self, MoneyTrouble> {
        // The sums of nearly every callback: a few plain digits, with no more than `.0` or `.00` behind them.
        let quick = text
            .strip_suffix(".00")
            .or_else(|| text.strip_suffix(".0"))
            .unwrap_or(text);
        if let (1..=9, Ok(shillings)) = (quick.len(), quick.parse::<u32>())
            && (quick == "0" || !quick.starts_with(['0', '+']))
        {
            return Ok(Self {
                cents: i64::from(shillings) * 100,
            });
        }
        Decimal::read(text).ok_or(MoneyTrouble::Unreadable)?.cents()
    }
}

/// A number as its significant digits and a power of ten: `-digits × 10^exponent`.
///
/// Digits of hostile numbers run to thousands, so they stay text until it is certain that they fit.
#[derive(Debug)]
pub(crate) struct Decimal {
    pub(crate) negative: bool,
    /// Without leading or trailing zeros; empty for zero.
    pub(crate) digits: String,
    pub(crate) exponent: i64,
}

impl Decimal {
    /// Reads a number by the grammar of JSON.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return None,
            None => (mantissa, ""),
        };
        if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let significant = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - significant.len()).ok()?;
        let decimals = i64::try_from(fraction.len()).ok()?;
        Some(Self {
            negative,
            digits: significant.trim_start_matches('0').to_owned(),
            exponent: exponent.saturating_add(dropped).saturating_sub(decimals),
        })
    }

    fn cents(&self) -> Result<Money, MoneyTrouble> {
        if self.digits.is_empty() {
            return Ok(Money { cents: 0 });
        }
        let zeros = self.exponent.saturating_add(2);
        let Ok(zeros) = usize::try_from(zeros) else {
            return Err(MoneyTrouble::Unreadable);
        };
        // 2^53 - 1 has sixteen digits.
        if zeros > 16 || self.digits.len() + zeros > 16 {
            return Err(MoneyTrouble::OutOfRange);
        }
        let unsigned: i64 = format!("{}{:0<zeros$}", self.digits, "")
            .parse()
            .map_err(|_| MoneyTrouble::OutOfRange)?;
        if unsigned > MAX_CENTS {
            return Err(MoneyTrouble::OutOfRange);
        }
        Ok(Money {
            cents: if self.negative { -unsigned } else { unsigned },
        })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The exponent, or a thousand million where it is beyond that: no number that is kept comes near.
fn read_exponent(text: &str) -> Option<i64> {
    const BEYOND: i64 = 1_000_000_000;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(digits) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(BEYOND).min(BEYOND);
    Some(if negative { -size } else { size })
}

fn refused(trouble: MoneyTrouble) -> Error {
    match trouble {
        MoneyTrouble::Unreadable => Error::invalid(
            "amount",
            ErrorCode::AmountUnreadable,
            "This is not a sum of money in shillings and cents.",
        )
        .with_hint("Sums are written like 450 or 10.50, with at most two decimals."),
        MoneyTrouble::OutOfRange => Error::invalid(
            "amount",
            ErrorCode::AmountOutOfRange,
            "The sum is larger than can be held exactly.",
        )
        .with_hint("Sums go up to 90,071,992,547,409.91."),
    }
}

impl fmt::Display for Money {
    /// The shortest exact decimal: `1`, `450`, `10.5`, `-0.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let size = self.cents.unsigned_abs();
        let (shillings, cents) = (size / 100, size % 100);
        match (cents, cents % 10) {
            (0, _) => write!(f, "{sign}{shillings}"),
            (_, 0) => write!(f, "{sign}{shillings}.{}", cents / 10),
            _ => write!(f, "{sign}{shillings}.{cents:02}"),
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money(KES {self})")
    }
}

impl Serialize for Money {
    /// As its exact text: a JSON number would pass through a double in half the world's parsers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(cents in -MAX_CENTS..=MAX_CENTS) {
            let money = Money::from_cents(cents);
            prop_assert_eq!(Money::parse(&money.to_string()).unwrap(), money);
            let saved = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&saved).unwrap(), money);
        }

        #[test]
        fn an_exponent_changes_nothing_about_the_value(cents in 1_i64..=999_999_999, zeros in 2_usize..=40) {
            let expected = Money::from_cents(cents);
            let long = format!("{cents}{:0<zeros$}E-{}", "", zeros + 2);
            prop_assert_eq!(Money::parse_json_number(&long).unwrap(), expected);
            let small = format!("-0.{:0>zeros$}{cents}e+{}", "", zeros + cents.to_string().len() - 2);
            prop_assert_eq!(Money::parse_json_number(&small).unwrap(), Money::from_cents(-cents));
        }

        #[test]
        fn no_text_panics(text in "[-+0-9.eE]{0,40}") {
            if let Ok(money) = Money::parse_json_number(&text) {
                prop_assert!(money.cents().abs() <= MAX_CENTS);
            }
        }
    }
}
