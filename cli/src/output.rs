//! Output: results to stdout, everything else to stderr.

use crate::arguments::Connection;
use crate::exit::Exit;
use crate::target::Target;
use lipia::Error;
use lipia::error::Spelling;
use lipia::values::Warning;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

/// How a command that speaks to a gateway prints. Every line of a sandbox says that it is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) as_json: bool,
    /// Whether no real phone can be prompted: a sandbox answers.
    pub(crate) is_sandbox: bool,
}

/// Prints an error, and says how the command ends: for `map_err`.
pub(crate) fn reported(output: Output) -> impl Fn(Error) -> Exit {
    move |error| output.fail(&error)
}

impl Output {
    /// As the arguments say, before it is known who will answer.
    pub(crate) fn of(connection: &Connection) -> Self {
        Self {
            as_json: connection.json,
            is_sandbox: connection.sandbox,
        }
    }

    /// The same, once it is known who will answer.
    pub(crate) fn speaking_to(self, target: &Target) -> Self {
        Self {
            is_sandbox: target.is_sandbox,
            ..self
        }
    }

    /// Prints a JSON object on a line of stdout.
    pub(crate) fn json(self, value: &impl Serialize) {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        if let Value::Object(members) = &mut value {
            members.insert("sandbox".to_owned(), self.is_sandbox.into());
        }
        json_line(&value);
    }

    /// Prints a line of text on stdout.
    pub(crate) fn line(self, text: &str) {
        if self.is_sandbox {
            line(&format!("[sandbox] {text}"));
        } else {
            line(text);
        }
    }

    /// Prints an error: as JSON on stdout where JSON is wanted, else as sentences on stderr.
    pub(crate) fn error(self, error: &Error) {
        self.error_with(error, &json!({}));
    }

    /// Prints an error, and says how the command ends.
    pub(crate) fn fail(self, error: &Error) -> Exit {
        self.error(error);
        Exit::of_error(error)
    }

    /// Prints an error, in JSON with more members beside it.
    pub(crate) fn error_with(self, error: &Error, beside: &Value) {
        if self.as_json {
            let mut line = beside.clone();
            if let Value::Object(members) = &mut line {
                members.insert("error".to_owned(), in_json(error));
            }
            self.json(&line);
            return;
        }
        complain(&Spelling::CommandLine.of(error.message()));
        if let Some(hint) = error.hint() {
            tell(&format!("       {}", Spelling::CommandLine.of(hint)));
        }
        let mut facts = vec![
            format!("{} / {}", error.kind(), error.disposition()),
            error.code().to_owned(),
        ];
        facts.extend(error.http_status().map(|status| format!("HTTP {status}")));
        facts.extend(error.request_id().map(|id| format!("request {id}")));
        facts.extend(
            error
                .retry_after()
                .map(|wait| format!("again after {} s", wait.as_secs())),
        );
        tell(&format!("       [{}]", facts.join(", ")));
    }

    /// Tells warnings on stderr.
    pub(crate) fn warn(self, warnings: &[Warning]) {
        for warning in warnings {
            tell(&format!("lipia: warning: {warning} [{}]", warning.code()));
        }
    }
}

/// An error with its sentences as they are written on the command line.
fn in_json(error: &Error) -> Value {
    let mut value = serde_json::to_value(error).unwrap_or_default();
    for name in ["message", "hint"] {
        if let Some(Value::String(text)) = value.get_mut(name) {
            *text = Spelling::CommandLine.of(text);
        }
    }
    value
}

/// Prints one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) {
    line(&serde_json::to_string(value).unwrap_or_default());
}

/// Prints one line of text to stdout.
pub(crate) fn line(text: &str) {
    // A reader that went away (`| head`) is not a reason to fail: what there was to do is done.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Tells the user something that is not a result.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells the user that something is wrong.
pub(crate) fn complain(text: &str) {
    tell(&format!("lipia: {text}"));
}

/// Whether a person is watching stderr.
pub(crate) fn person_is_watching() -> bool {
    std::io::stderr().is_terminal()
}

/// A word in bold where a person is watching stdout and has not asked for plain text.
pub(crate) fn bold(text: &str) -> String {
    let plain = !std::io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
    if plain {
        text.to_owned()
    } else {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    }
}
