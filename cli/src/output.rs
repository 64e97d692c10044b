//! What is printed: results to stdout, everything else to stderr.

use lipia::Error;
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// Prints one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) {
    line(&serde_json::to_string(value).unwrap_or_default());
}

/// Prints one line of text to stdout.
pub(crate) fn line(text: &str) {
    // A reader that went away (`| head`) is no reason to fail: what there was to do is done.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Tells the user something that is no result.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells the user that something is wrong.
pub(crate) fn complain(text: &str) {
    tell(&format!("lipia: {text}"));
}

/// Prints an error: as JSON on stdout where JSON is wanted, else as sentences on stderr.
pub(crate) fn error(error: &Error, as_json: bool) {
    if as_json {
        json_line(&serde_json::json!({ "error": error }));
        return;
    }
    complain(error.message());
    if let Some(hint) = error.hint() {
        tell(&format!("       {hint}"));
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
