//! The place of a ledger, from the arguments and the environment's variables.

use crate::arguments::{Connection, LedgerArguments};
use crate::exit::Exit;
use crate::output::Output;
use crate::refusal::Refusal;
use crate::target::{Target, text_of};
use lipia::client::Ledger;
use lipia::error::ErrorCode;
use lipia::ledger::Scope;
use lipia::{Error, values::Environment};
use std::path::Path;

/// The variable that names a ledger.
pub(crate) const LEDGER_VARIABLE: &str = "LIPIA_LEDGER";

/// A ledger that is not opened yet.
#[derive(Clone, Debug)]
pub(crate) struct LedgerAt {
    /// It may hold a password.
    pub(crate) address: String,
    pub(crate) shop: Option<String>,
}

impl LedgerAt {
    /// The ledger that the arguments name, or else the environment; `None` where nobody names one.
    pub(crate) fn of(arguments: &LedgerArguments) -> Option<Self> {
        let address = arguments
            .ledger
            .clone()
            .or_else(|| text_of(LEDGER_VARIABLE))?;
        Some(Self {
            address,
            shop: arguments.shop.clone(),
        })
    }

    /// The ledger of a command that cannot do without one.
    ///
    /// # Errors
    /// `ledger_missing`.
    pub(crate) fn needed(arguments: &LedgerArguments) -> Result<Self, Box<Refusal>> {
        Self::of(arguments).ok_or_else(|| {
            Box::new(Refusal {
                code: ErrorCode::LedgerMissing,
                field: "ledger",
                message: "This command needs a ledger.".to_owned(),
                hint: format!(
                    "Give --ledger sqlite:///var/lib/shop/payments.db, say, or set {LEDGER_VARIABLE}."
                ),
                payment_id: None,
                exit: Exit::RefusedBeforeSending,
            })
        })
    }

    /// The ledger of a command that does not make one. A path with a mistake in it would else be an empty ledger.
    ///
    /// # Errors
    /// `ledger_missing`; `ledger_path_refused` where there is no such file.
    pub(crate) fn existing(arguments: &LedgerArguments) -> Result<Self, Box<Refusal>> {
        let place = Self::needed(arguments)?;
        let path = place.address.strip_prefix("sqlite://").map(Path::new);
        let Some(path) = path.filter(|path| path.is_absolute() && !path.exists()) else {
            return Ok(place);
        };
        Err(Box::new(Refusal {
            code: ErrorCode::LedgerPathRefused,
            field: "ledger",
            message: format!("There is no ledger at {}.", path.display()),
            hint: "Look for a mistake in the path. `lipia payments migrate` makes a new ledger."
                .to_owned(),
            payment_id: None,
            exit: Exit::RefusedBeforeSending,
        }))
    }

    /// The ledger for commands that need no gateway, with the payments that a client for this target has. Opens nothing.
    ///
    /// # Errors
    /// What is wrong with the address, the shop or the environment.
    pub(crate) fn open(&self, connection: &Connection) -> Result<Ledger, OpenError> {
        let target = Target::of(connection)?;
        let scope = self.scope(target.environment()?)?;
        Ok(Ledger::at(&self.address, scope)?)
    }

    /// The ledger of a command that does not make one, opened. What stands in the way is printed.
    ///
    /// # Errors
    /// How the command ends then.
    pub(crate) fn opened(
        arguments: &LedgerArguments,
        connection: &Connection,
        output: Output,
    ) -> Result<Ledger, Exit> {
        let place = Self::existing(arguments).map_err(|refusal| refusal.report(output))?;
        place.open(connection).map_err(|error| error.report(output))
    }

    fn scope(&self, environment: Environment) -> Result<Scope, Error> {
        match &self.shop {
            Some(shop) => Scope::new(environment, shop),
            None => Ok(Scope::default_of(environment)),
        }
    }
}

/// Why a ledger cannot be opened.
pub(crate) enum OpenError {
    Refused(Box<Refusal>),
    Lipia(Box<Error>),
}

impl From<Box<Refusal>> for OpenError {
    fn from(refusal: Box<Refusal>) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Lipia(Box::new(error))
    }
}

impl OpenError {
    /// Prints it, and says how the command ends.
    pub(crate) fn report(&self, output: Output) -> Exit {
        match self {
            Self::Refused(refusal) => refusal.report(output),
            Self::Lipia(error) => output.fail(error),
        }
    }
}
