//! What a word means: error codes, result codes, gateways' codes, and the closed lists of words, looked up by their text.
//!
//! `lipia explain` prints what stands here, and `docs/errors.md` is made from it.

mod lists;

use crate::callback::received::Verdict;
use crate::client::checkup::{CheckPart, CheckState};
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, ErrorKind, Remedy};
use crate::gateway::codes::{self, GatewayCode};
use crate::gateway::daraja::query_version::QueryVersion;
use crate::gateway::daraja::transaction_type::TransactionType;
use crate::gateway::upesipay::generation::UpesiPayGeneration;
use crate::meaning::event::check::FieldCheck;
use crate::meaning::event::warning::EventWarning;
use crate::meaning::outcome::Outcome;
use crate::meaning::result_codes::{self, Confidence, Fault, ResultCode};
use crate::payment::flag_reason::FlagReason;
use crate::payment::{Change, PaymentState};
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use crate::values::phone::network::Network;
use crate::values::warning::WarningCode;
pub use crate::word_list::{Word, WordList};
use serde::Serialize;

/// One meaning of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The word.
    pub word: &'static str,
    /// What it is a word of.
    pub is: WordOf,
    /// Whose code it is, for a gateway's code.
    pub gateway: Option<GatewayName>,
    /// The step that a gateway's code means this for: `token`, `push` or `query`.
    pub step: Option<&'static str>,
    /// Words that the gateway's message must have, where a gateway's code means several things.
    pub says: Option<&'static str>,
    /// The kind of an error with the code.
    pub kind: Option<ErrorKind>,
    /// What an error with the code says about the customer's money, where the code decides that.
    pub disposition: Option<Disposition>,
    /// What became of the push, for a result code.
    pub outcome: Option<Outcome>,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// A sentence for the payer, in English.
    pub customer_message_en: Option<&'static str>,
    /// A sentence for the payer, in Swahili.
    pub customer_message_sw: Option<&'static str>,
    /// How well the meaning of a result code is known.
    pub confidence: Option<Confidence>,
}

/// The list that a word stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WordOf {
    /// Lipia's own error codes.
    ErrorCode,
    /// M-Pesa's result codes.
    ResultCode,
    /// A gateway's error codes.
    GatewayCode,
    /// Outcomes.
    Outcome,
    /// Verdicts on callbacks.
    Verdict,
    /// Dispositions of errors.
    Disposition,
    /// Remedies of errors.
    Remedy,
    /// Kinds of errors.
    ErrorKind,
    /// Reasons of a payment's flags.
    PaymentFlag,
    /// Warnings about a callback's body.
    EventWarning,
    /// Warnings about a push that is valid.
    PushWarning,
}

impl WordOf {
    /// The word, as it is written in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ErrorCode => "error_code",
            Self::ResultCode => "result_code",
            Self::GatewayCode => "gateway_code",
            Self::Outcome => "outcome",
            Self::Verdict => "verdict",
            Self::Disposition => "disposition",
            Self::Remedy => "remedy",
            Self::ErrorKind => "error_kind",
            Self::PaymentFlag => "payment_flag",
            Self::EventWarning => "event_warning",
            Self::PushWarning => "push_warning",
        }
    }
}

/// Every closed list of words. Each language declares the lists again, made from these.
///
/// ```
/// use lipia::words;
/// let outcomes = words::closed_lists().iter().find(|list| list.name == "Outcome").unwrap();
/// assert_eq!(outcomes.words[0].word, "success");
/// ```
#[must_use]
pub const fn closed_lists() -> &'static [WordList] {
    const LISTS: [WordList; 21] = [
        Change::LIST,
        CheckPart::LIST,
        CheckState::LIST,
        Confidence::LIST,
        Disposition::LIST,
        Environment::LIST,
        ErrorKind::LIST,
        EventWarning::LIST,
        Fault::LIST,
        FieldCheck::LIST,
        FlagReason::LIST,
        GatewayName::LIST,
        Network::LIST,
        Outcome::LIST,
        PaymentState::LIST,
        QueryVersion::LIST,
        Remedy::LIST,
        TransactionType::LIST,
        UpesiPayGeneration::LIST,
        Verdict::LIST,
        WarningCode::LIST,
    ];
    &LISTS
}

/// Every meaning of a word; none where it is not known. Upper and lower case are the same.
///
/// ```
/// use lipia::words;
/// assert_eq!(words::explain("1032")[0].outcome, Some(lipia::Outcome::Cancelled));
/// assert!(words::explain("no_such_code").is_empty());
/// ```
#[must_use]
pub fn explain(word: &str) -> Vec<Explanation> {
    let word = word.trim();
    all()
        .filter(|explanation| explanation.word.eq_ignore_ascii_case(word))
        .collect()
}

/// At most three words that are spelt nearly like this one, nearest first, and then words that have it as a part.
///
/// ```
/// use lipia::words;
/// assert_eq!(words::nearest("phone_to_short"), ["phone_too_short"]);
/// ```
#[must_use]
pub fn nearest(word: &str) -> Vec<&'static str> {
    let word = word.trim().to_ascii_lowercase();
    let furthest = (word.chars().count() / 4).clamp(1, 4);
    let has_it = |known: &str| word.chars().count() >= 3 && known.contains(&word);
    let mut near: Vec<(usize, &'static str)> = all()
        .map(|explanation| explanation.word)
        .filter_map(|known| {
            let lower = known.to_ascii_lowercase();
            let letters = distance(&word, &lower);
            (letters <= furthest || has_it(&lower)).then_some((letters, known))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, known)| known).take(3).collect()
}

/// Every meaning of every word, list by list.
pub fn all() -> impl Iterator<Item = Explanation> {
    let result_codes = result_codes::all().iter().filter(|row| row.code != "*");
    let errors = ErrorCode::ALL.iter().copied().map(of_error_code);
    errors
        .chain(result_codes.map(of_result_code))
        .chain(codes::all().map(of_gateway_code))
        .chain(Outcome::ALL.into_iter().map(of_outcome))
        .chain(of_list(
            WordOf::Verdict,
            &Verdict::ALL,
            Verdict::as_str,
            lists::of_verdict,
        ))
        .chain(of_list(
            WordOf::Disposition,
            &Disposition::ALL,
            Disposition::as_str,
            lists::of_disposition,
        ))
        .chain(of_list(
            WordOf::Remedy,
            &Remedy::ALL,
            Remedy::as_str,
            lists::of_remedy,
        ))
        .chain(of_list(
            WordOf::ErrorKind,
            &ErrorKind::ALL,
            ErrorKind::as_str,
            lists::of_kind,
        ))
        .chain(of_list(
            WordOf::PaymentFlag,
            FlagReason::ALL,
            FlagReason::as_str,
            |reason| (reason.meaning(), reason.advice()),
        ))
        .chain(of_list(
            WordOf::EventWarning,
            EventWarning::ALL,
            EventWarning::as_str,
            |warning| (warning.meaning(), warning.advice()),
        ))
        .chain(of_list(
            WordOf::PushWarning,
            WarningCode::ALL,
            WarningCode::as_str,
            |code| (code.meaning(), code.advice()),
        ))
}

const fn plain(
    is: WordOf,
    word: &'static str,
    meaning: &'static str,
    advice: &'static str,
) -> Explanation {
    Explanation {
        word,
        is,
        gateway: None,
        step: None,
        says: None,
        kind: None,
        disposition: None,
        outcome: None,
        meaning,
        advice,
        customer_message_en: None,
        customer_message_sw: None,
        confidence: None,
    }
}

fn of_error_code(code: ErrorCode) -> Explanation {
    Explanation {
        kind: Some(code.kind()),
        ..plain(
            WordOf::ErrorCode,
            code.as_str(),
            code.meaning(),
            code.advice(),
        )
    }
}

fn of_row(is: WordOf, word: &'static str, row: &ResultCode) -> Explanation {
    Explanation {
        outcome: Some(row.outcome),
        customer_message_en: Some(row.customer_message_en),
        customer_message_sw: Some(row.customer_message_sw),
        ..plain(is, word, row.meaning, row.advice)
    }
}

fn of_result_code(row: &ResultCode) -> Explanation {
    Explanation {
        confidence: Some(row.confidence),
        ..of_row(WordOf::ResultCode, row.code, row)
    }
}

fn of_outcome(outcome: Outcome) -> Explanation {
    let row = result_codes::describe_outcome(outcome, None);
    of_row(WordOf::Outcome, outcome.as_str(), row)
}

fn of_gateway_code(row: GatewayCode) -> Explanation {
    Explanation {
        gateway: Some(row.gateway),
        step: row.step,
        says: row.says,
        kind: Some(row.kind),
        disposition: Some(row.disposition),
        ..plain(WordOf::GatewayCode, row.code, row.meaning, row.advice)
    }
}

fn of_list<T: Copy>(
    is: WordOf,
    words: &'static [T],
    word: fn(T) -> &'static str,
    text: fn(T) -> (&'static str, &'static str),
) -> impl Iterator<Item = Explanation> {
    words.iter().map(move |one| {
        let (meaning, advice) = text(*one);
        plain(is, word(*one), meaning, advice)
    })
}

/// How many letters have to be added, left out or changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (at, another) in other.iter().enumerate() {
            let above = row.get(at + 1).copied().unwrap_or(usize::MAX - 1);
            left = (diagonal + usize::from(letter != *another))
                .min(left + 1)
                .min(above + 1);
            next.push(left);
            diagonal = above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{WordOf, all, distance, explain, nearest};

    #[test]
    fn every_word_explains_itself() {
        for explanation in all() {
            assert!(!explanation.word.is_empty());
            for text in [explanation.meaning, explanation.advice] {
                assert!(
                    text.ends_with('.') && !text.contains("  "),
                    "{}: {text:?}",
                    explanation.word
                );
            }
        }
    }

    #[test]
    fn a_word_of_several_lists_has_a_meaning_of_each() {
        let lists: Vec<WordOf> = explain("unknown").iter().map(|one| one.is).collect();
        assert_eq!(lists, [WordOf::Outcome, WordOf::Disposition]);
        let several = explain("500.001.1001");
        assert!(several.len() >= 4, "{several:?}");
        assert!(several.iter().any(|one| one.says.is_some()));
        assert_eq!(explain(" PHONE_EMPTY\n").len(), 1);
    }

    #[test]
    fn a_word_that_is_not_known_has_nearest_ones() {
        assert!(explain("*").is_empty());
        assert_eq!(nearest("amount_fractions"), ["amount_fraction"]);
        assert!(nearest("1033").contains(&"1032"));
        assert_eq!(nearest("firewall"), ["firewall_page"]);
        assert!(nearest("something else altogether").is_empty());
    }

    #[test]
    fn letters_are_counted() {
        for (one, other, letters) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("wrong_pin", "wrong_pin", 0),
        ] {
            assert_eq!(distance(one, other), letters, "{one} {other}");
        }
    }
}
