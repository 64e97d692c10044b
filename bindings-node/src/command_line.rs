//! `npx lipia`: the same command line as the `lipia` binary.

use napi_derive::napi;

/// Runs the command line; the first argument is the command's own name. Returns its exit status.
#[napi]
pub fn run_command_line(args: Vec<String>) -> u8 {
    lipia_cli::run(args.into_iter().map(Into::into))
}
