//! The columns of a payment's row in an SQL database, which the stores in this library share.

/// The columns that a row is read from; the payment's JSON is the last.
pub(crate) const READ: &str = "seq, version, environment, shop, account, order_name, holds_order, lease_until, ask_after, \
     asked_at, asks, news, told, owed_after, attempts, trouble, released_at, payment";

/// The columns that a row is written to; the payment's JSON is the last.
pub(crate) const WRITTEN: [&str; 28] = [
    "environment",
    "shop",
    "account",
    "order_name",
    "holds_order",
    "gateway",
    "state",
    "outcome",
    "is_paid",
    "amount",
    "phone",
    "reference",
    "checkout_request_id",
    "receipt",
    "reserved_at",
    "settled_at",
    "lease_until",
    "ask_after",
    "asked_at",
    "asks",
    "news",
    "told",
    "owed_after",
    "attempts",
    "trouble",
    "released_at",
    "id",
    "payment",
];

/// A count as a database keeps it: no ledger counts to 9,223,372,036,854,775,807.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as a database kept it.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
