//! M-Pesa's result codes: what each means, what to do next, and what to tell the payer.
//!
//! One row per code; to add a code, add a row. A code that is not here is `unknown`: not a success, and not
//! asserted to have failed either.

pub(crate) mod error_texts;
pub(crate) mod table;
pub(crate) mod texts;

pub use table::{all, lookup};
pub use texts::CustomerMessage;

use crate::meaning::outcome::Outcome;
use serde::{Deserialize, Serialize};

/// One row of the table of result codes.
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
    /// Whether a failure with this code only says that nobody answered in time, so that the customer may still pay.
    #[serde(skip)]
    pub(crate) unanswered: Unanswered,
    /// What became of the push where a query gave the code.
    #[serde(skip)]
    pub(crate) by_query: Outcome,
}

/// Whether a failure only says that nobody answered in time. Such a failure is asked about again: see
/// [`Payment::look_again_at`](crate::Payment::look_again_at).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It says more: the customer or M-Pesa ended it.
    No,
    /// It says so where its words do: the same code also means that the customer cancelled.
    ByItsWords,
    /// It says no more.
    Yes,
}

impl Unanswered {
    /// Whether a failure with these words only says so. Where the words are not understood they say nothing.
    pub(crate) fn is_said_by(self, words: Option<&str>) -> bool {
        const LAPSED: [&str; 7] = [
            "timeout",
            "time out",
            "timed out",
            "lapse",
            "expire",
            "no response",
            "not respond",
        ];
        match self {
            Self::No => false,
            Self::Yes => true,
            Self::ByItsWords => words.is_some_and(|words| {
                let words = words.to_ascii_lowercase();
                LAPSED.iter().any(|lapsed| words.contains(lapsed))
            }),
        }
    }
}

word_list! {
    /// On whose side the cause of a result code lies.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Fault {
        /// Nobody: nothing is wrong.
        None = "none",
        /// The payer.
        Customer = "customer",
        /// The merchant, or the merchant's developer.
        Merchant = "merchant",
        /// Safaricom, or the gateway.
        Provider = "provider",
        /// The payer or Safaricom; the code does not tell.
        CustomerOrProvider = "customer_or_provider",
        /// The merchant or Safaricom; the code does not tell.
        MerchantOrProvider = "merchant_or_provider",
        /// Not known.
        Unknown = "unknown",
    }
}

word_list! {
    /// How well the meaning of a result code is known. Safaricom does not publish a complete list.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Confidence {
        /// Seen in real traffic.
        Observed = "observed",
        /// Two or more independent sources agree.
        Confirmed = "confirmed",
        /// One source says so.
        OneSource = "one_source",
        /// Sources contradict each other.
        Contested = "contested",
        /// Carried over from another product, or inferred.
        Guess = "guess",
        /// No source at all.
        NotFound = "not_found",
    }
}

/// The row for a code, or the row `*` for any other.
#[must_use]
pub fn describe(code: &str) -> &'static ResultCode {
    lookup(code).unwrap_or(&table::ANY_OTHER)
}

/// The row for what became of a push: the row of its code, or where there is no code, or the table has none for it, the
/// row of its outcome.
///
/// ```
/// use lipia::{Outcome, result_codes};
/// let row = result_codes::describe_outcome(Outcome::Cancelled, None);
/// assert!(row.customer_message_en.starts_with("You cancelled"));
/// ```
#[must_use]
pub fn describe_outcome(outcome: Outcome, code: Option<&str>) -> &'static ResultCode {
    let own_row = |code| lookup(code).filter(|row| row.outcome == outcome);
    code.and_then(|code| own_row(code).or_else(|| table::by_query(code, outcome)))
        .unwrap_or_else(|| table::of_outcome(outcome))
}

/// The row for a code, or for an outcome by its word where the code is not known: for a binding, which has both as text.
#[must_use]
pub fn describe_word(code: &str, outcome: Option<&str>) -> &'static ResultCode {
    match outcome.and_then(|word| word.parse().ok()) {
        Some(outcome) => describe_outcome(outcome, Some(code)),
        None => describe(code),
    }
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
        assert_eq!(count, 39);
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
    fn without_a_code_the_outcome_speaks() {
        for outcome in Outcome::ALL {
            for code in [None, Some(""), Some("7777"), Some("*"), Some("none")] {
                let row = describe_outcome(outcome, code);
                assert_eq!(row.outcome, outcome, "{code:?}");
                assert_eq!(row.is_final, outcome.is_final(), "{outcome}");
                let message = outcome.customer_message();
                assert_eq!(row.customer_message_en, message.en, "{outcome}");
                assert_eq!(row.customer_message_sw, message.sw, "{outcome}");
                assert!(
                    row.meaning.ends_with('.') && row.advice.ends_with('.'),
                    "{outcome}"
                );
                assert!(!row.meaning.contains("other code"), "{outcome}");
            }
        }
        assert_eq!(
            describe_outcome(Outcome::Cancelled, Some("1031")).code,
            "1031"
        );
        // A code that a query gave may say less than its row.
        let early = describe_outcome(Outcome::Unknown, Some("2029"));
        assert!(!early.is_final && early.meaning.contains("early query"));
        assert_eq!(describe("2029").outcome, Outcome::MerchantConfig);
    }

    #[test]
    fn a_phone_that_was_not_reached_is_told_of_the_sim_update() {
        for code in ["1036", "1037"] {
            let row = describe(code);
            assert!(row.customer_message_en.contains("*234*1*6#"), "{code}");
            assert!(row.customer_message_sw.contains("*234*1*6#"), "{code}");
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
