//! `lipia listen --list`: the callbacks that the app has not taken.

use super::kept::{Kept, KeptFile};
use super::report::name_of;
use crate::exit::Exit;
use crate::output::{Output, tell};
use lipia::values::EatTime;
use serde_json::json;
use std::path::Path;

pub(super) fn run(path: &Path, output: Output) -> Exit {
    if !path.exists() {
        tell(&format!(
            "No relay has kept callbacks in {}.",
            path.display()
        ));
        return Exit::Done;
    }
    let mut number = 0_u64;
    let read = KeptFile::read(path).and_then(|file| {
        file.each(|kept| {
            number = number.saturating_add(1);
            print(kept, output);
        })?;
        Ok(())
    });
    if let Err(error) = read {
        return super::not_opened(path, error).report(output);
    }
    if number == 0 {
        tell("The app has everything.");
    }
    Exit::Done
}

fn print(kept: &Kept, output: Output) {
    let arrived = &kept.arrived;
    let received_at = EatTime::from_unix_millis(arrived.received_at);
    if output.as_json {
        output.json(&json!({
            "id": kept.id,
            "payment_id": arrived.payment,
            "received_at": received_at,
            "bytes": arrived.body.len(),
            "attempts": kept.attempts,
            "set_aside": kept.is_set_aside,
            "trouble": kept.trouble,
        }));
        return;
    }
    let state = match (kept.is_set_aside, kept.attempts) {
        (true, _) => "set aside",
        (false, 0) => "waiting",
        (false, _) => "put off",
    };
    let trouble = kept.trouble.as_deref().unwrap_or("the app was not reached");
    output.line(&format!(
        "{:<10}  {state:<9}  {received_at}  {} attempts  {trouble}",
        name_of(arrived.payment.as_deref(), kept.id),
        kept.attempts,
    ));
}
