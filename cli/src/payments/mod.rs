//! `lipia payments`: the commands for the payments of a ledger.

mod check;
mod decide;
mod import;
mod list;
mod print;
mod prune;
mod reconcile;
mod retell;
mod serve;
mod show;

pub(crate) use print::{Shown, members};

use crate::arguments::{PaymentsCommand, Place};
use crate::connect::{CliError, ConnectOptions, Connected, connect};
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output::Output;
use crate::target::Target;
use lipia::client::Ledger;
use lipia::values::Environment;
use std::time::Duration;

pub(crate) async fn run(command: PaymentsCommand) -> Exit {
    let ended = match command {
        PaymentsCommand::List(arguments) => list::run(&arguments).await,
        PaymentsCommand::Show(arguments) => show::run(&arguments).await,
        PaymentsCommand::Ask(arguments) => decide::ask(&arguments).await,
        PaymentsCommand::Resolve(arguments) => decide::resolve(&arguments).await,
        PaymentsCommand::Release(arguments) => decide::release(&arguments).await,
        PaymentsCommand::Reconcile(arguments) => reconcile::run(&arguments).await,
        PaymentsCommand::Retell(arguments) => retell::run(&arguments).await,
        PaymentsCommand::Prune(arguments) => prune::run(&arguments).await,
        PaymentsCommand::Import(arguments) => import::run(&arguments).await,
        PaymentsCommand::Check(arguments) => check::run(&arguments).await,
        PaymentsCommand::Migrate(arguments) => check::migrate(&arguments).await,
        PaymentsCommand::Serve(arguments) => serve::run(arguments).await,
    };
    // The error was printed where it was met.
    ended.unwrap_or_else(|exit| exit)
}

/// How a command ends; `Err` where it ended before its work was done, and said why.
type Ended = Result<Exit, Exit>;

impl Place {
    /// How the command prints: a line about payments of the sandbox environment says so, whoever answers.
    fn output(&self) -> Output {
        let output = Output::of(&self.connection);
        let environment = Target::of(&self.connection).map(|target| target.environment());
        Output {
            is_sandbox: matches!(environment, Ok(Ok(Environment::Sandbox))),
            ..output
        }
    }

    /// A ledger that is there, for a command that needs no gateway.
    fn ledger(&self) -> Result<Ledger, Exit> {
        LedgerAt::opened(&self.ledger, &self.connection, self.output())
    }

    /// A client with a ledger that is there, for a command that asks the gateway.
    async fn connect(&self, timeout: Option<Duration>) -> Result<Connected, Exit> {
        let connected = self.client(timeout).await;
        connected.map_err(|error| error.report(self.output()))
    }

    /// The same, with an error that is not printed yet.
    async fn client(&self, timeout: Option<Duration>) -> Result<Connected, CliError> {
        let options = ConnectOptions {
            timeout,
            ledger: Some(LedgerAt::existing(&self.ledger)?),
            ..ConnectOptions::default()
        };
        connect(Target::of(&self.connection)?, options).await
    }
}
