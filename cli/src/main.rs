//! The `lipia` command. Its arguments, its JSON and its exit statuses are a contract that other programs rely on:
//! `docs/command-line.md` states it, and it changes only with a note in the changelog.

mod arguments;
mod callback;
mod connect;
mod demo;
mod exit;
mod listener;
mod output;
mod phone;
mod progress;
mod push;
mod query;
mod sandbox;
mod saved;
mod wait;

use arguments::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
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
    let exit = runtime.block_on(run(arguments.command));
    // A send that is still on its way (the user pressed Ctrl-C twice) is not waited for.
    runtime.shutdown_background();
    exit.into()
}

async fn run(command: Command) -> Exit {
    match command {
        Command::Phone(arguments) => phone::run(&arguments),
        Command::Callback(arguments) => callback::run(&arguments),
        Command::Push(arguments) => push::run(arguments).await,
        Command::Query(arguments) => query::run(arguments).await,
        Command::Wait(arguments) => wait::run(arguments).await,
        Command::Sandbox(arguments) => sandbox::run(&arguments).await,
        Command::Demo(arguments) => demo::run(&arguments).await,
    }
}
