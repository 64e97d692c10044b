//! What Lipia costs beside the floor: a hand-written request with the same HTTP library, and `serde_json` into a
//! plain struct. Everything is a ratio from one run on one machine; `bench/README.md` says what it does not show.

mod callback;
mod push;
mod rounds;
mod server;
mod waits;

use std::process::ExitCode;

fn main() -> ExitCode {
    let part = std::env::args().nth(1).unwrap_or_default();
    match part.as_str() {
        // The server is this program once more, in a process of its own: its CPU time is not ours.
        "serve" => server::serve(),
        // Memory is measured in a process that has done nothing else.
        "waits" => waits::measure(),
        "" => {
            push::compare();
            callback::compare();
            let own_process = std::env::current_exe().and_then(|this| std::process::Command::new(this).arg("waits").status());
            if let Err(error) = own_process {
                eprintln!("the waits could not be measured: {error}");
                return ExitCode::FAILURE;
            }
        }
        other => {
            eprintln!("there is no part `{other}`: run without arguments");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
