//! The table of result codes.

use crate::words::{Confidence, Fault, Outcome};

/// The meaning of a result code: one row of the table.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ResultCode {
    /// The code, as text: some have letters. `*` is the row for any other code.
    pub code: String,
    /// The outcome of the push.
    pub outcome: Outcome,
    /// Whether no later answer for the same push is expected to change the outcome.
    pub is_final: bool,
    /// The side on which the cause lies.
    pub fault: Fault,
    /// What the code means, for the developer.
    pub meaning: String,
    /// What to do next, for the developer.
    pub advice: String,
    /// A sentence for the payer, in English.
    pub customer_message_en: String,
    /// A sentence for the payer, in Swahili.
    pub customer_message_sw: String,
    /// How well the meaning is known.
    pub confidence: Confidence,
}

impl From<&lipia::result_codes::ResultCode> for ResultCode {
    fn from(row: &lipia::result_codes::ResultCode) -> Self {
        Self {
            code: row.code.to_owned(),
            outcome: row.outcome.into(),
            is_final: row.is_final,
            fault: row.fault.into(),
            meaning: row.meaning.to_owned(),
            advice: row.advice.to_owned(),
            customer_message_en: row.customer_message_en.to_owned(),
            customer_message_sw: row.customer_message_sw.to_owned(),
            confidence: row.confidence.into(),
        }
    }
}

/// The meaning of a result code: its row of the table, with a sentence for the customer in English and Swahili. An unknown
/// code has the row `*`.
#[uniffi::export]
#[must_use]
pub fn describe(code: &str) -> ResultCode {
    lipia::result_codes::describe(code).into()
}

/// The row of a result code or, where the code is not known, the row of an outcome.
pub(crate) fn described(outcome: Outcome, code: Option<&str>) -> ResultCode {
    lipia::result_codes::describe_word(code.unwrap_or_default(), Some(&outcome.word())).into()
}

/// Whether the table knows a result code.
#[uniffi::export]
#[must_use]
pub fn is_known_result_code(code: &str) -> bool {
    lipia::result_codes::lookup(code).is_some()
}

/// Every row of the table of result codes.
#[uniffi::export]
#[must_use]
pub fn result_codes() -> Vec<ResultCode> {
    lipia::result_codes::all()
        .iter()
        .map(ResultCode::from)
        .collect()
}
