//! The names of payments at their gateways: each is one payment's.

use crate::error::ids::PaymentId;
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::record::{self, cell};
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;

/// Each of these names that a payment has, with that payment.
pub(in crate::ledger::postgres) async fn owners(
    on: &Session,
    names: &[String],
) -> Result<Vec<(String, PaymentId)>, Failure> {
    let query = "SELECT name, payment FROM {schema}.names WHERE name = ANY($1)";
    let rows = on.query(query, &[Value::Texts(names.to_vec())]).await?;
    let owner = |row| Ok((cell(row, 0)?, record::read_id(row, 1)?));
    rows.iter().map(owner).collect()
}
