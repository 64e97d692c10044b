//! The `lipia` binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lipia_cli::run(std::env::args_os()).into()
}
