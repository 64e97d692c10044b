//! `lipia query`: what the gateway says of a prompt.

use crate::connect::{Wishes, connect};
use crate::exit::Exit;
use crate::{arguments, output};
use lipia::Status;
use std::time::Duration;

pub(crate) async fn run(arguments: arguments::Query) -> Exit {
    let as_json = arguments.connection.json;
    let wishes = Wishes {
        timeout: Some(Duration::from_secs_f64(arguments.timeout)),
        ..Wishes::default()
    };
    let connected = match connect(&arguments.connection, wishes).await {
        Ok(connected) => connected,
        Err(trouble) => return trouble.report(as_json),
    };
    let mut exit = Exit::Done;
    for id in &arguments.ids {
        match connected.client.stk_query(id).await {
            Ok(status) => print(&status, as_json),
            Err(error) => {
                output::error(&error, as_json);
                exit = Exit::of_error(&error);
            }
        }
    }
    exit
}

/// Prints what a query told.
pub(crate) fn print(status: &Status, as_json: bool) {
    if as_json {
        output::json_line(status);
        return;
    }
    let described = status.describe();
    let code = status
        .result_code
        .as_deref()
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    output::line(&format!("{}{code}: {}", status.outcome, described.meaning));
    if !status.outcome.is_paid() {
        output::line(&format!("  What to do: {}", described.advice));
    }
}
