//! Searches for payments.

use super::lookups;
use crate::ledger::conditions::{Compared, conditions};
use crate::ledger::postgres::failure::Failure;
use crate::ledger::postgres::session::Session;
use crate::ledger::postgres::value::Value;
use crate::ledger::row::Row;
use crate::ledger::search::Search;

/// The rows that a search finds, the newest first.
pub(in crate::ledger::postgres) async fn list(
    on: &Session,
    search: &Search,
    before: Option<u64>,
    most: usize,
) -> Result<Vec<Row>, Failure> {
    let mut values = Vec::new();
    let conditions: Vec<String> = conditions(search, before)
        .into_iter()
        .map(|(condition, compared)| match compared {
            Some(compared) => {
                values.push(value(compared));
                format!("{condition} ${}", values.len())
            }
            None => condition.to_owned(),
        })
        .collect();
    let condition = format!("{} ORDER BY seq DESC", conditions.join(" AND "));
    lookups::readable_rows(on, &condition, &values, most).await
}

fn value(compared: Compared) -> Value {
    match compared {
        Compared::Text(text) => Value::text(&text),
        Compared::Number(number) => Value::Number(number),
        Compared::Time(time) => Value::time(time),
    }
}
