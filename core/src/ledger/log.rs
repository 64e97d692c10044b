//! Log lines about a row: each has its payment, its reference and its order, with the customer's number masked.

/// Logs a line about a row: the level, the row, further fields and the sentence, as `tracing` takes them.
macro_rules! log_row {
    ($level:ident, $row:expr, $($fields_and_sentence:tt)+) => {{
        let row: &$crate::ledger::row::Row = $row;
        tracing::$level!(
            target: "lipia",
            payment_id = %row.id(),
            reference = row.payment.push().masked_reference(),
            order = row.masked_order(),
            $($fields_and_sentence)+
        );
    }};
}

pub(crate) use log_row;
