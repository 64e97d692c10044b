//! The target of a command: its gateway, address and credentials, decided from the arguments and the environment's variables alone.

use crate::arguments::{Connection, Gateway};
use crate::exit::Exit;
use crate::loopback;
use crate::refusal::Refusal;
use lipia::Error;
use lipia::client::ClientSettings;
use lipia::error::ErrorCode;
use lipia::values::Environment;
use lipia_sandbox::{CONSUMER_KEY, PALPLUSS_API_KEY, PAYHERO_TOKEN, Sandbox, UPESIPAY_TOKEN};

/// Whom a command speaks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) gateway: Gateway,
    /// The address that the arguments or the environment name.
    pub(crate) base_url: Option<String>,
    /// The hosts besides this machine that the address may name with `http`, from the environment.
    pub(crate) cleartext_hosts: Vec<String>,
    /// Which version of Daraja's query the arguments want.
    pub(crate) query_version: Option<String>,
    pub(crate) keys: CredentialsFrom,
    /// Whether any of its credentials are there.
    pub(crate) has_credentials: bool,
    /// Whether a sandbox is started inside the command.
    pub(crate) is_embedded: bool,
    /// Whether the address is on this machine.
    pub(crate) is_local: bool,
    /// Whether the developer's own sandbox is at the address: on this machine, or at a cleartext host.
    pub(crate) is_own_sandbox: bool,
    /// Whether a sandbox answers: no real phone can be prompted.
    pub(crate) is_sandbox: bool,
}

/// Where a command's credentials come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialsFrom {
    Environment,
    Sandbox,
}

/// The variable that lists hosts besides this machine which a base URL may name with `http`.
const CLEARTEXT_HOSTS: &str = "LIPIA_CLEARTEXT_HOSTS";

/// Names under which an environment is set; Lipia itself reads the first.
const ENVIRONMENT_NAMES: [&str; 4] = [
    "MPESA_ENVIRONMENT",
    "MPESA_ENV",
    "DARAJA_ENVIRONMENT",
    "DARAJA_ENV",
];

impl Gateway {
    /// The variables that hold its credentials.
    fn credentials(self) -> &'static [&'static str] {
        match self {
            Self::Daraja => &[
                "MPESA_CONSUMER_KEY",
                "MPESA_CONSUMER_SECRET",
                "MPESA_SHORTCODE",
                "MPESA_PASSKEY",
            ],
            Self::Palpluss => &["PALPLUSS_API_KEY"],
            Self::Upesipay => &[
                "UPESIPAY_AUTH_TOKEN",
                "UPESIPAY_USERNAME",
                "UPESIPAY_PASSWORD",
                "UPESIPAY_CHANNEL_ID",
            ],
            Self::Payhero => &[
                "PAYHERO_AUTH_TOKEN",
                "PAYHERO_USERNAME",
                "PAYHERO_PASSWORD",
                "PAYHERO_CHANNEL_ID",
            ],
        }
    }

    /// The variable whose value tells a sandbox's public key, and that key.
    fn sandbox_key(self) -> (&'static str, &'static str) {
        match self {
            Self::Daraja => ("MPESA_CONSUMER_KEY", CONSUMER_KEY),
            Self::Palpluss => ("PALPLUSS_API_KEY", PALPLUSS_API_KEY),
            Self::Upesipay => ("UPESIPAY_AUTH_TOKEN", UPESIPAY_TOKEN),
            Self::Payhero => ("PAYHERO_AUTH_TOKEN", PAYHERO_TOKEN),
        }
    }

    fn base_url_variable(self) -> &'static str {
        match self {
            Self::Daraja => "MPESA_BASE_URL",
            Self::Palpluss => "PALPLUSS_BASE_URL",
            Self::Upesipay => "UPESIPAY_BASE_URL",
            Self::Payhero => "PAYHERO_BASE_URL",
        }
    }

    /// Its base URL at a sandbox.
    pub(crate) fn at(self, sandbox: &Sandbox) -> String {
        sandbox.base_url_of(match self {
            Self::Daraja => lipia_sandbox::Gateway::Daraja,
            Self::Palpluss => lipia_sandbox::Gateway::PalPluss,
            Self::Upesipay => lipia_sandbox::Gateway::UpesiPay,
            Self::Payhero => lipia_sandbox::Gateway::PayHero,
        })
    }
}

impl Target {
    /// Decides from the process's own environment.
    ///
    /// # Errors
    /// Where a sandbox is asked for in production, or an option is another gateway's.
    pub(crate) fn of(connection: &Connection) -> Result<Self, Box<Refusal>> {
        Self::decide(connection, &text_of)
    }

    /// The environment of the payments that this target has, as the core decides it for a client.
    ///
    /// # Errors
    /// For a word in `MPESA_ENVIRONMENT` that is not an environment.
    pub(crate) fn environment(&self) -> Result<Environment, Error> {
        self.environment_by(text_of("MPESA_ENVIRONMENT"))
    }

    /// Whether real money may move at this target, as far as settings can tell: an environment that may be production, a gateway
    /// that has no sandbox, or an address that is neither the developer's own sandbox nor Safaricom's.
    pub(crate) fn may_move_money(&self) -> bool {
        self.may_move_money_by(&text_of)
    }

    fn may_move_money_by(&self, lookup: &dyn Fn(&str) -> Option<String>) -> bool {
        let says_production = ENVIRONMENT_NAMES
            .into_iter()
            .any(|name| lookup(name).is_some_and(|word| may_mean_production(name, &word)));
        let has_a_sandbox = match &self.base_url {
            _ if self.is_own_sandbox => true,
            None => self.gateway == Gateway::Daraja,
            Some(url) => url.trim().starts_with("https://sandbox."),
        };
        says_production || !has_a_sandbox
    }

    fn environment_by(&self, word: Option<String>) -> Result<Environment, Error> {
        let has_one_address = self.gateway != Gateway::Daraja;
        match word {
            _ if self.keys == CredentialsFrom::Sandbox => Ok(Environment::Sandbox),
            Some(word) => word.parse(),
            None if has_one_address && !self.is_own_sandbox => Ok(Environment::Production),
            None => Ok(Environment::Sandbox),
        }
    }

    /// Decides. A sandbox answers only where it was asked for by name, or by an address on this machine or at a cleartext host for
    /// which there are no credentials: a variable that is missing never makes one.
    fn decide(
        connection: &Connection,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Box<Refusal>> {
        let gateway = connection.gateway;
        let query_version = connection.query_version.clone();
        if query_version.is_some() && gateway != Gateway::Daraja {
            return Err(query_version_elsewhere());
        }
        let production = ENVIRONMENT_NAMES
            .into_iter()
            .find(|name| lookup(name).is_some_and(|word| may_mean_production(name, &word)));
        if connection.sandbox {
            return match production {
                Some(name) => Err(sandbox_in_production(name)),
                None => Ok(Self {
                    gateway,
                    base_url: None,
                    cleartext_hosts: Vec::new(),
                    query_version,
                    keys: CredentialsFrom::Sandbox,
                    has_credentials: true,
                    is_embedded: true,
                    is_local: true,
                    is_own_sandbox: true,
                    is_sandbox: true,
                }),
            };
        }
        let base_url = connection
            .base_url
            .clone()
            .or_else(|| lookup(gateway.base_url_variable()));
        let is_local = base_url.as_deref().is_some_and(loopback::is_at);
        let cleartext_hosts: Vec<String> = lookup(CLEARTEXT_HOSTS)
            .map(|list| list.split(',').map(|host| host.trim().to_owned()).collect())
            .unwrap_or_default();
        let address = base_url.as_deref().unwrap_or_default();
        let is_cleartext = ClientSettings::is_cleartext(address, &cleartext_hosts)
            .map_err(|error| cleartext_hosts_unreadable(&error))?;
        let is_own_sandbox = is_local || is_cleartext;
        let has_none = gateway
            .credentials()
            .iter()
            .all(|name| lookup(name).is_none());
        let (variable, public_key) = gateway.sandbox_key();
        let has_public_key = lookup(variable).as_deref() == Some(public_key);
        let keys = if is_own_sandbox && has_none && production.is_none() {
            CredentialsFrom::Sandbox
        } else {
            CredentialsFrom::Environment
        };
        Ok(Self {
            gateway,
            base_url,
            cleartext_hosts,
            query_version,
            keys,
            has_credentials: keys == CredentialsFrom::Sandbox || !has_none,
            is_embedded: false,
            is_local,
            is_own_sandbox,
            is_sandbox: keys == CredentialsFrom::Sandbox || (is_own_sandbox && has_public_key),
        })
    }
}

/// Whether an environment may be production. A word that Lipia does not read is one that it must not guess.
fn may_mean_production(name: &str, word: &str) -> bool {
    match word.parse::<Environment>() {
        Ok(environment) => environment == Environment::Production,
        Err(_) if name == "MPESA_ENVIRONMENT" => true,
        Err(_) => {
            let word = word.to_ascii_lowercase();
            ["prod", "live"].iter().any(|start| word.starts_with(start))
        }
    }
}

fn sandbox_in_production(variable: &str) -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::SandboxInProduction,
        field: "sandbox",
        message: format!("--sandbox was given, and {variable} does not say sandbox."),
        hint: format!(
            "Leave --sandbox out to prompt a real phone, or unset {variable} to play with a sandbox."
        ),
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    })
}

/// The core's own refusal of an entry.
fn cleartext_hosts_unreadable(error: &Error) -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::CleartextHostUnreadable,
        field: "cleartext_hosts",
        message: error.message().to_owned(),
        hint: error.hint().unwrap_or_default().to_owned(),
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    })
}

fn query_version_elsewhere() -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::SettingOfAnotherGateway,
        field: "query_version",
        message: "--query-version is an option of Daraja's alone.".to_owned(),
        hint: "Leave it out, or give --gateway daraja.".to_owned(),
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    })
}

/// A variable's text; a blank one counts as absent. One that is not text is for the core to complain about.
pub(crate) fn text_of(variable: &str) -> Option<String> {
    let value = std::env::var_os(variable)?;
    let text = value.to_string_lossy().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
