//! `lipia explain`: what a code or a word means, and what to do.

use crate::exit::Exit;
use crate::{arguments, output};
use lipia::words::{self, Explanation, WordOf};
use serde_json::json;

pub(crate) fn run(arguments: &arguments::Explain) -> Exit {
    let mut exit = Exit::Done;
    for word in &arguments.codes {
        let found = words::explain(word);
        let nearest = if found.is_empty() {
            exit = Exit::RefusedBeforeSending;
            words::nearest(word)
        } else {
            Vec::new()
        };
        if arguments.json {
            output::json_line(&json!({
                "code": word,
                "known": !found.is_empty(),
                "meanings": found,
                "nearest": nearest,
            }));
        } else if found.is_empty() {
            output::complain(&not_known(word, &nearest));
        } else {
            for explanation in &found {
                print(explanation);
            }
        }
    }
    exit
}

fn not_known(word: &str, nearest: &[&str]) -> String {
    match nearest {
        [] => format!("{word} is not known here. All codes stand in docs/errors.md."),
        _ => format!("{word} is not known here. Nearest: {}.", nearest.join(", ")),
    }
}

fn print(explanation: &Explanation) {
    output::line(&format!(
        "{}: {}",
        output::bold(explanation.word),
        what_it_is(explanation)
    ));
    output::line(&format!("  Meaning: {}", explanation.meaning));
    output::line(&format!("  What to do: {}", explanation.advice));
    if let Some(sentence) = explanation.customer_message_en {
        output::line(&format!("  To the customer: {sentence}"));
    }
    if let Some(sentence) = explanation.customer_message_sw {
        output::line(&format!("  In Swahili: {sentence}"));
    }
    if let Some(confidence) = explanation.confidence {
        output::line(&format!("  How sure: {confidence}"));
    }
}

/// The list that the word stands in, and what the code decides: `M-Pesa result code, outcome cancelled`.
fn what_it_is(explanation: &Explanation) -> String {
    let mut parts = vec![match (explanation.is, explanation.gateway) {
        (WordOf::ErrorCode, _) => "Lipia error code".to_owned(),
        (WordOf::ResultCode, _) => "M-Pesa result code".to_owned(),
        (WordOf::GatewayCode, Some(gateway)) => format!("error code at {gateway}"),
        (other, _) => other.as_str().replace('_', " "),
    }];
    parts.extend(explanation.step.map(|step| format!("step {step}")));
    parts.extend(
        explanation
            .says
            .map(|words| format!("where it says \"{words}\"")),
    );
    if explanation.is != WordOf::Outcome {
        parts.extend(
            explanation
                .outcome
                .map(|outcome| format!("outcome {outcome}")),
        );
    }
    parts.extend(explanation.kind.map(|kind| format!("kind {kind}")));
    parts.extend(
        explanation
            .disposition
            .map(|disposition| format!("disposition {disposition}")),
    );
    parts.join(", ")
}
