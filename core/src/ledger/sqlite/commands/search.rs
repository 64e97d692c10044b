//! Searches for payments.

use super::lookups;
use crate::ledger::conditions::{Compared, conditions};
use crate::ledger::row::Row;
use crate::ledger::search::Search;
use crate::values::clock::EatTime;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The rows that a search finds, the newest first.
pub(in crate::ledger::sqlite) fn list(
    connection: &Connection,
    search: &Search,
    before: Option<u64>,
    most: usize,
    now: EatTime,
) -> Result<Vec<Row>, rusqlite::Error> {
    let mut values = Vec::new();
    let conditions: Vec<String> = conditions(search, before)
        .into_iter()
        .map(|(condition, compared)| match compared {
            Some(compared) => {
                values.push(value(compared));
                format!("{condition} ?")
            }
            None => condition.to_owned(),
        })
        .collect();
    let condition = format!("{} ORDER BY seq DESC", conditions.join(" AND "));
    lookups::readable_rows(connection, &condition, params_from_iter(values), most, now)
}

fn value(compared: Compared) -> Value {
    match compared {
        Compared::Text(text) => Value::Text(text),
        Compared::Number(number) => Value::Integer(number),
        Compared::Time(time) => Value::Integer(time.unix_millis()),
    }
}
