//! Progress on stderr while a command waits: a line for each event, and on a terminal one line that moves.

use std::io::Write;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// A line on the terminal that moves while it lives.
pub(crate) struct Spinner {
    task: Option<JoinHandle<()>>,
}

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

impl Spinner {
    pub(crate) fn start(what: &str) -> Self {
        if !crate::output::person_is_watching() {
            return Self { task: None };
        }
        let what = what.to_owned();
        let task = tokio::spawn(async move {
            let began = Instant::now();
            for frame in FRAMES.iter().cycle() {
                draw(&format!(
                    "\r{frame} {what} ({} s) ",
                    began.elapsed().as_secs()
                ));
                tokio::time::sleep(Duration::from_millis(120)).await;
            }
        });
        Self { task: Some(task) }
    }
}

impl Spinner {
    /// Says what has happened.
    pub(crate) fn say(&self, text: &str) {
        if self.task.is_some() {
            draw("\r\u{1b}[2K");
        }
        crate::output::tell(text);
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            draw("\r\u{1b}[2K");
        }
    }
}

fn draw(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // A terminal that went away is not a reason to stop waiting.
    let _ = write!(stderr, "{text}");
    let _ = stderr.flush();
}
