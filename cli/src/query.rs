//! `lipia query`: asks the gateway for the state of a prompt.

use crate::connect::{ConnectOptions, connect};
use crate::exit::Exit;
use crate::output::Output;
use crate::target::Target;
use crate::{arguments, output};
use lipia::{Outcome, Status};
use serde_json::json;
use std::time::Duration;

pub(crate) async fn run(arguments: arguments::Query) -> Exit {
    let output = Output::of(&arguments.connection);
    let target = match Target::of(&arguments.connection) {
        Ok(target) => target,
        Err(refusal) => return refusal.report(output),
    };
    let output = output.speaking_to(&target);
    let connection = ConnectOptions {
        timeout: Some(Duration::from_secs_f64(arguments.timeout)),
        ..ConnectOptions::default()
    };
    let connected = match connect(target, connection).await {
        Ok(connected) => connected,
        Err(error) => return error.report(output),
    };
    let mut exit = Exit::Done;
    for id in &arguments.ids {
        let ended = match connected.client.stk_query(id).await {
            Ok(status) => {
                print(id, &status, output);
                Exit::of_outcome(status.outcome)
            }
            Err(error) => {
                output.error_with(&error, &json!({ "id": id }));
                Exit::of_error(&error)
            }
        };
        exit = exit.or(ended);
    }
    connected.end().await;
    exit
}

/// Prints what a query told: the gateway's own sentence, what it means and what to do.
pub(crate) fn print(id: &str, status: &Status, output: Output) {
    let (meaning, advice) = meaning_and_advice(status);
    if output.as_json {
        let mut line = serde_json::to_value(status).unwrap_or_default();
        if let Some(members) = line.as_object_mut() {
            members.insert("id".to_owned(), id.into());
            members.insert("meaning".to_owned(), meaning.into());
            members.insert("advice".to_owned(), advice.into());
        }
        output.json(&line);
        return;
    }
    let code = status
        .result_code
        .as_deref()
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    let said = status.result_desc.as_deref().unwrap_or(meaning);
    output.line(&format!("{}{code}: {said}", status.outcome));
    if said != meaning {
        output.line(&format!("  Meaning: {meaning}"));
    }
    if let Some(receipt) = &status.receipt {
        output.line(&format!("  Receipt: {receipt}"));
    }
    if !status.outcome.is_paid() {
        output.line(&format!("  What to do: {advice}"));
    }
}

/// What a status means and what to do, in a sentence each. A gateway that tells nothing is asked with a wrong id as a rule.
fn meaning_and_advice(status: &Status) -> (&'static str, &'static str) {
    if status.outcome == Outcome::Unknown && status.result_code.is_none() {
        return (
            "The gateway tells nothing about this id.",
            "Of a prompt that is seconds old, ask again in a few seconds. Else check the id, the gateway and MPESA_ENVIRONMENT. Do not \
             push again until a callback or a later answer says what happened.",
        );
    }
    let described = status.describe();
    (described.meaning, described.advice)
}

/// What the gateway said, in one line.
pub(crate) fn in_short(status: &Status) -> String {
    match &status.result_desc {
        Some(said) => format!("{}: {said}", status.outcome),
        None => status.outcome.to_string(),
    }
}

/// Tells how a wait for an id goes on.
pub(crate) fn tell_waiting(id: &str) {
    output::tell(&format!("Asking about {id} until its outcome is known ..."));
}
