//! What a relay tells: one line for each callback that was taken, forwarded or put off.

use crate::output::{Output, tell};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// How many lines wait for a reader that is slow. Later ones are lost: a reader must not stop the relay.
const MAX_LINES: usize = 10_000;

/// The longest that the last lines are waited for.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Prints from a thread of its own.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    lines: SyncSender<Line>,
    as_json: bool,
}

enum Line {
    /// On stdout.
    Json(Value),
    /// On stderr.
    Text(String),
}

/// Tells when everything was printed.
pub(super) struct Printed(Receiver<()>);

impl Reporter {
    pub(super) fn start(output: Output) -> (Self, Printed) {
        let (sender, lines) = sync_channel(MAX_LINES);
        let (done, printed) = sync_channel(1);
        std::thread::spawn(move || {
            for line in lines {
                match line {
                    Line::Json(value) => output.json(&value),
                    Line::Text(text) => tell(&text),
                }
            }
            let _ = done.send(());
        });
        let reporter = Self {
            lines: sender,
            as_json: output.as_json,
        };
        (reporter, Printed(printed))
    }

    /// Tells an event: as JSON where JSON is wanted, else as a line for people.
    pub(super) fn event(&self, event: &str, members: Value, text: String) {
        let line = if self.as_json {
            let mut line = json!({ "event": event });
            if let (Value::Object(line), Value::Object(members)) = (&mut line, members) {
                line.extend(members);
            }
            Line::Json(line)
        } else {
            Line::Text(text)
        };
        let _ = self.lines.try_send(line);
    }

    /// Tells people something, on stderr in both forms.
    pub(super) fn say(&self, text: String) {
        let _ = self.lines.try_send(Line::Text(text));
    }
}

impl Printed {
    /// Waits until the lines are out, once every reporter is gone; not for long.
    pub(super) fn wait(self) {
        let _ = self.0.recv_timeout(LAST_LINES);
    }
}

/// A callback's name for people: the first digits of its payment, or its number in the file.
pub(super) fn name_of(payment: Option<&str>, id: i64) -> String {
    match payment.and_then(|payment| payment.get(..8)) {
        Some(digits) => digits.to_owned(),
        None => format!("#{id}"),
    }
}

/// A number of things, in words.
pub(super) fn callbacks(number: u64) -> String {
    match number {
        1 => "1 callback".to_owned(),
        _ => format!("{number} callbacks"),
    }
}
