//! The `lipia` command, as a library: the binary runs it, and so do the packages that bring the command along
//! (`python -m lipia`, `npx lipia`). Its arguments, its JSON and its exit statuses are a contract that other programs rely on:
//! `docs/command-line.md` states it, and it changes only with a note in the changelog.

mod accepted;
mod arguments;
mod callback;
mod check;
mod connect;
mod demo;
mod endings;
mod exit;
mod explain;
mod ledger_place;
mod listen;
mod listener;
mod loopback;
mod output;
mod payments;
mod phone;
mod post;
mod progress;
mod push;
mod query;
mod refusal;
mod replay;
mod request;
mod sandbox;
mod shop_post;
mod stop;
mod target;
mod times;
mod trigger;
mod wait;

use arguments::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use std::ffi::OsString;

/// Runs the command and returns its exit status. The first of the arguments is the command's own name.
///
/// Where the arguments cannot be read it prints why, or the help that was asked for, and ends as any command does.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help that nobody reads any more (`| head`) is not a failure.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    lipia::client::log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&format!("No threads could be started: {error}."));
            return Exit::CouldNotRun.into();
        }
    };
    let exit = runtime.block_on(carry_out(arguments.command));
    // A send that is still on its way (the user pressed Ctrl-C twice) is not waited for.
    runtime.shutdown_background();
    exit.into()
}

async fn carry_out(command: Command) -> Exit {
    match command {
        Command::Phone(arguments) => phone::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Callback(arguments) => callback::run(&arguments),
        Command::Check(arguments) => check::run(arguments).await,
        Command::Push(arguments) => push::run(*arguments).await,
        Command::Query(arguments) => query::run(arguments).await,
        Command::Wait(arguments) => wait::run(arguments).await,
        Command::Payments(command) => payments::run(command).await,
        Command::Listen(arguments) => listen::run(*arguments).await,
        Command::Trigger(arguments) => trigger::run(&arguments).await,
        Command::Replay(arguments) => replay::run(&arguments).await,
        Command::Sandbox(arguments) => sandbox::run(&arguments).await,
        Command::Demo(arguments) => demo::run(&arguments).await,
    }
}
