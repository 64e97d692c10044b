//! The evidence of a run: the gateway's records, the shop's tellings, and the ledger at the end.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a run leaves behind. Nothing in it is taken from what a process believed, but for the ledger's own rows.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The gateway's books.
    pub prompts: Vec<Prompt>,
    /// The callbacks that a shop's process answered with 200.
    pub delivered: Vec<Delivered>,
    /// What the shop's handlers wrote down.
    pub told: Vec<Told>,
    /// The ledger at the end.
    pub rows: Vec<LedgerRow>,
    /// Processes that were killed or stopped, by the number of their life.
    pub troubled: BTreeSet<u64>,
    /// Whether the database itself crashed: any acknowledgement may have been lost then.
    pub database_crashed: bool,
    /// Whether nothing was made to go wrong.
    pub is_calm: bool,
    /// Requests whose process lived on, and that were not answered.
    pub unanswered: Vec<String>,
}

/// A prompt in the gateway's books.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The payment that its callback URL names.
    pub payment: String,
    /// The order, by the account reference.
    pub order: String,
    /// When the phone was prompted, in seconds of the gateway's clock.
    pub accepted_at: f64,
    /// How it ended.
    pub ended: Ended,
}

/// How a prompt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// It has not.
    Open,
    /// The customer paid.
    Paid {
        /// M-Pesa's receipt.
        receipt: String,
    },
    /// It ended without money.
    NotPaid {
        /// When, in seconds of the gateway's clock.
        at: f64,
    },
}

/// A callback that was answered with 200: the gateway does not send it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The payment that its URL names.
    pub payment: String,
    /// Whether it says that the money came.
    pub is_success: bool,
}

/// A line that the shop's handler wrote down, and that was on the disk before it went on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The payment.
    pub payment: String,
    /// The shop's name for the sale.
    pub order: String,
    /// What was told.
    pub news: News,
    /// How often the payment was told, this time counted in.
    pub attempt: u32,
    /// The life of the process.
    pub life: u64,
}

/// What a handler was told of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The outcome's word.
    pub outcome: String,
    /// Whether the payment is paid.
    pub is_paid: bool,
    /// M-Pesa's receipt.
    pub receipt: Option<String>,
    /// Whether another payment of the order was paid as well.
    pub is_paid_twice: bool,
}

/// A row of the ledger at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its place among all rows, in the order in which they were claimed.
    pub seq: u64,
    /// The payment.
    pub payment: String,
    /// The shop's name for the sale.
    pub order: String,
    /// Whether its outcome is known.
    pub is_settled: bool,
    /// Whether its push never left, or was refused: there is nothing to tell.
    pub is_not_sent: bool,
    /// What a handler is told of it.
    pub news: News,
    /// Whether the gateway can be asked about it: its prompt's id is known.
    pub can_be_asked: bool,
    /// Whether the ledger says that the shop has yet to be told.
    pub is_owed: bool,
    /// Whether it holds its order.
    pub holds_order: bool,
}

/// The payment that a callback's URL or path names: what its last segment has before the seal.
#[must_use]
pub fn payment_of_url(url: &str) -> Option<&str> {
    let (id, _seal) = url
        .trim_end_matches('/')
        .rsplit('/')
        .next()?
        .split_once('-')?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_url_names_its_payment() {
        let url = "http://127.0.0.1:1/pay/0c51c758-9f2e/";
        assert_eq!(payment_of_url(url), Some("0c51c758"));
        assert_eq!(payment_of_url("http://127.0.0.1/pay"), None);
    }
}
