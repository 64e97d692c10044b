//! THE table: what each of M-Pesa's result codes means, what to do next, and what to tell the payer.
//!
//! One row per code; to add a code, add a row. A code that is not here is `unknown`: not a success, and not
//! asserted to have failed either.

mod table;
mod texts;

pub use table::{all, lookup};
pub use texts::CustomerMessage;

use crate::Outcome;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One row of the table.
///
/// ```
/// use lipia::{Outcome, result_codes};
/// let row = result_codes::lookup("1032").unwrap();
/// assert_eq!(row.outcome, Outcome::Cancelled);
/// assert!(row.customer_message_sw.starts_with("Umeghairi"));
/// assert!(result_codes::lookup("7777").is_none());
/// assert_eq!(result_codes::describe("7777").outcome, Outcome::Unknown);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResultCode {
    /// The code, as text: some have letters. `*` is the row for any other code.
    pub code: &'static str,
    /// What became of the push.
    pub outcome: Outcome,
    /// Whether no later answer for the same push is expected to change that.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Who can do something about it.
    pub fault: Fault,
    /// What it means, for the developer.
    pub meaning: &'static str,
    /// What to do next, for the developer.
    pub advice: &'static str,
    /// A sentence for the payer, in English.
    pub customer_message_en: &'static str,
    /// A sentence for the payer, in Swahili.
    pub customer_message_sw: &'static str,
    /// How well the meaning is known.
    pub confidence: Confidence,
}

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nobody: nothing is wrong.
    None,
    /// The payer.
    Customer,
    /// The merchant, or the merchant's developer.
    Merchant,
    /// Safaricom, or the gateway.
    Provider,
    /// The payer or Safaricom; the code does not tell.
    CustomerOrProvider,
    /// The merchant or Safaricom; the code does not tell.
    MerchantOrProvider,
    /// Not known.
    Unknown,
}

impl Fault {
    /// The word, as it is written in JSON and every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Customer => "customer",
            Self::Merchant => "merchant",
            Self::Provider => "provider",
            Self::CustomerOrProvider => "customer_or_provider",
            Self::MerchantOrProvider => "merchant_or_provider",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How well the meaning of a code is known. Safaricom publishes no complete list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Seen in real traffic.
    Observed,
    /// Two or more independent sources agree.
    Confirmed,
    /// One source says so.
    OneSource,
    /// Sources contradict each other.
    Contested,
    /// Carried over from another product, or inferred.
    Guess,
    /// No source at all.
    NotFound,
}

impl Confidence {
    /// The word, as it is written in JSON and every other language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Confirmed => "confirmed",
            Self::OneSource => "one_source",
            Self::Contested => "contested",
            Self::Guess => "guess",
            Self::NotFound => "not_found",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The row for a code, or the row `*` for any other.
#[must_use]
pub fn describe(code: &str) -> &'static ResultCode {
    lookup(code).unwrap_or(&table::ANY_OTHER)
}

impl Outcome {
    /// What to tell the payer, where there is no code to say it more precisely.
    ///
    /// ```
    /// use lipia::Outcome;
    /// assert_eq!(Outcome::Success.customer_message().sw, "Malipo yamepokelewa. Asante.");
    /// ```
    #[must_use]
    pub const fn customer_message(self) -> CustomerMessage {
        texts::of_outcome(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_consistent() {
        let mut codes: Vec<&str> = all().iter().map(|row| row.code).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count, "a code has two rows");
        assert_eq!(count, 36);
        for row in all() {
            assert_eq!(row.is_final, row.outcome.is_final(), "{}", row.code);
            assert_eq!(row.outcome.is_paid(), row.code == "0", "{}", row.code);
            for text in [
                row.meaning,
                row.advice,
                row.customer_message_en,
                row.customer_message_sw,
            ] {
                assert!(
                    text.ends_with('.') && !text.contains("  "),
                    "{}: {text:?}",
                    row.code
                );
            }
            assert_eq!(describe(row.code), row);
        }
    }

    #[test]
    fn only_a_row_makes_a_code_known() {
        for code in ["", "*", "00", "0 ", "1032 ", "sfc_ic0003", "7777"] {
            assert_eq!(describe(code).outcome, Outcome::Unknown, "{code:?}");
            assert!(!describe(code).is_final, "{code:?}");
        }
        assert_eq!(lookup("*"), None);
    }

    #[test]
    fn nobody_is_asked_to_pay_again_while_it_is_open() {
        for outcome in Outcome::ALL {
            let message = outcome.customer_message();
            assert_eq!(
                message.en.contains("not pay again"),
                !outcome.is_final(),
                "{outcome}"
            );
            assert_eq!(
                message.sw.contains("usilipe tena"),
                !outcome.is_final(),
                "{outcome}"
            );
        }
    }
}
