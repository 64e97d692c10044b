//! `lipia check`: checks whether a shop with these settings can be paid. Prompts nobody.

use crate::arguments;
use crate::connect::{CliError, ConnectOptions, connect};
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output::{Output, bold};
use crate::progress::Spinner;
use crate::refusal::Refusal;
use crate::target::Target;
use lipia::client::{CheckLine, CheckOptions, CheckPart, CheckState, Checkup};
use lipia::error::Spelling;
use std::time::Duration;

pub(crate) async fn run(arguments: arguments::CheckSettings) -> Exit {
    let output = Output::of(&arguments.connection);
    let target = match Target::of(&arguments.connection) {
        Ok(target) => target,
        Err(refusal) => return refusal.report(output),
    };
    let output = output.speaking_to(&target);
    // A ledger that is not there is not made: it would be this user's, and not the shop's.
    let (ledger, missing) = match LedgerAt::of(&arguments.ledger) {
        None => (None, None),
        Some(_) => match LedgerAt::existing(&arguments.ledger) {
            Ok(ledger) => (Some(ledger), None),
            Err(refusal) => (None, Some(refusal)),
        },
    };
    let connection = ConnectOptions {
        timeout: Some(Duration::from_secs_f64(arguments.timeout)),
        ledger,
        ..ConnectOptions::default()
    };
    let spinner = Spinner::start("asking the gateway");
    let (mut checkup, refused) = match connect(target, connection).await {
        Ok(connected) => {
            // Nobody else waits for this process.
            let options = CheckOptions::default()
                .read_ledger_whole()
                .reach_callback(arguments.reach);
            let checkup = connected.client.check(options).await;
            connected.end().await;
            (checkup, None)
        }
        Err(CliError::Lipia(error)) => (
            Checkup::of_refused_settings(&error),
            Some(Exit::of_error(&error)),
        ),
        Err(error) => return error.report(output),
    };
    drop(spinner);
    if let Some(refusal) = missing {
        say_not_there(&mut checkup, &refusal);
    }
    let checkup = checkup.spelled(Spelling::CommandLine);
    for line in &checkup.lines {
        print(line, output);
    }
    refused.unwrap_or_else(|| exit_of(&checkup))
}

/// The ledger's line where there is no file at its path yet.
fn say_not_there(checkup: &mut Checkup, refusal: &Refusal) {
    let mut lines = checkup.lines.iter_mut();
    let Some(line) = lines.find(|line| line.part == CheckPart::Ledger) else {
        return;
    };
    if line.state == CheckState::NotChecked {
        return;
    }
    line.state = CheckState::Remarkable;
    line.message.clone_from(&refusal.message);
    line.hint = Some(
        "The shop makes it with its first payment. If it has had payments: look for a mistake in the path."
            .to_owned(),
    );
    line.code = Some(refusal.code.as_str().to_owned());
}

fn print(line: &CheckLine, output: Output) {
    if output.as_json {
        output.json(line);
        return;
    }
    let mark = match line.state {
        CheckState::Good => "ok".to_owned(),
        CheckState::Remarkable => "??".to_owned(),
        CheckState::Broken => bold("!!"),
        CheckState::NotChecked => "--".to_owned(),
    };
    let part = line.part.as_str();
    output.line(&format!(" {mark}  {part:<11}  {}", line.message));
    if let Some(hint) = &line.hint {
        output.line(&format!("                  {}", hint));
    }
}

/// Ends as a push with these settings would: not sent where the gateway cannot be reached, refused where a setting is wrong.
fn exit_of(checkup: &Checkup) -> Exit {
    let mut broken = checkup.broken().map(|line| line.part);
    match broken.next() {
        None => Exit::Done,
        Some(CheckPart::Connection) if broken.next().is_none() => Exit::NotSent,
        Some(_) => Exit::RefusedBeforeSending,
    }
}
