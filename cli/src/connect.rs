//! The connection of a command to its gateway: the client, and what must live as long as the client.

use crate::arguments::Gateway;
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::listener::Listener;
use crate::output::{self, Output};
use crate::refusal::Refusal;
use crate::target::{CredentialsFrom, Target, text_of};
use lipia::callback::Confirm;
use lipia::client::{ClientBuilder, DarajaBuilder};
use lipia::error::ErrorCode;
use lipia::gateway::{QueryVersion, UpesiPayGeneration};
use lipia::values::Environment;
use lipia::{Client, Daraja, Error, PalPluss, PayHero, UpesiPay};
use lipia_sandbox::{
    PALPLUSS_API_KEY, PAYHERO_CHANNEL_ID, PAYHERO_TOKEN, Sandbox, SandboxOptions,
    UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN,
};
use serde_json::json;
use std::time::Duration;

/// A client, and what must live as long as it does.
pub(crate) struct Connected {
    pub(crate) client: Client,
    /// The sandbox that plays the gateway, where `--sandbox` was given.
    sandbox: Option<Sandbox>,
    /// What takes callbacks, where they go to this machine.
    listener: Option<Listener>,
}

impl Connected {
    /// Ends what lived beside the client.
    pub(crate) async fn end(self) {
        if let Some(listener) = self.listener {
            listener.stop().await;
        }
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// The options of a connection that come from a command's own arguments.
#[derive(Debug, Default)]
pub(crate) struct ConnectOptions {
    pub(crate) timeout: Option<Duration>,
    /// Whether a callback will come that somebody must receive.
    pub(crate) needs_callback: bool,
    /// Whether a success that a callback reports is asked about before it is believed.
    pub(crate) confirms: bool,
    /// Which of UpesiPay's interfaces is spoken to, where the arguments say so.
    pub(crate) generation: Option<UpesiPayGeneration>,
    /// The most characters of an account reference, where the usual limit is raised.
    pub(crate) max_reference: Option<u32>,
    /// Where payments are kept.
    pub(crate) ledger: Option<LedgerAt>,
}

/// The error that kept a command from having a client.
pub(crate) enum CliError {
    /// An argument or a setting, as the core refuses it.
    Lipia(Box<Error>),
    /// An argument or a setting that the command itself refuses.
    Refused(Box<Refusal>),
    /// This machine.
    Machine(String),
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        Self::Lipia(Box::new(error))
    }
}

impl From<Box<Refusal>> for CliError {
    fn from(refusal: Box<Refusal>) -> Self {
        Self::Refused(refusal)
    }
}

impl CliError {
    /// Prints it, and says how the command ends.
    pub(crate) fn report(&self, output: Output) -> Exit {
        match self {
            Self::Lipia(error) => output.fail(error),
            Self::Refused(refusal) => refusal.report(output),
            Self::Machine(message) => {
                output::complain(message);
                if output.as_json {
                    let error =
                        json!({ "code": ErrorCode::CouldNotRun.as_str(), "message": message });
                    output.json(&json!({ "error": error }));
                }
                Exit::CouldNotRun
            }
        }
    }
}

/// What every gateway's builder is told alike.
#[derive(Default)]
struct Settings {
    base_url: Option<String>,
    cleartext_hosts: Vec<String>,
    callback_url: Option<String>,
    /// Whether all of it stays on this machine, where none of production's rules makes sense.
    is_local: bool,
    generation: Option<UpesiPayGeneration>,
    query_version: Option<QueryVersion>,
    timeout: Option<Duration>,
    max_reference: Option<u32>,
    ledger: Option<LedgerAt>,
}

impl Settings {
    fn tell<K>(self, builder: ClientBuilder<K>) -> ClientBuilder<K> {
        let mut builder = builder.application(concat!("lipia-cli/", env!("CARGO_PKG_VERSION")));
        if let Some(url) = self.base_url {
            builder = builder.base_url(url);
        }
        builder = builder.cleartext_hosts(self.cleartext_hosts);
        if let Some(url) = self.callback_url {
            builder = builder.callback_url(url);
        }
        if self.is_local {
            builder = builder.environment("sandbox");
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(characters) = self.max_reference {
            builder = builder.max_reference_characters(characters);
        }
        if let Some(ledger) = self.ledger {
            builder = builder.ledger_at(ledger.address);
            if let Some(shop) = ledger.shop {
                builder = builder.shop(shop);
            }
        }
        builder
    }

    fn client(self, gateway: Gateway, keys: CredentialsFrom) -> Result<Client, Error> {
        match (gateway, keys) {
            (Gateway::Daraja, _) => {
                let mut builder = match keys {
                    CredentialsFrom::Environment => Daraja::builder_from_env()?,
                    CredentialsFrom::Sandbox => sandbox_keys(),
                };
                if let Some(version) = self.query_version {
                    builder = builder.query_version(version);
                }
                self.tell(builder).build()
            }
            (Gateway::Palpluss, CredentialsFrom::Environment) => {
                self.tell(PalPluss::builder_from_env()?).build()
            }
            (Gateway::Palpluss, CredentialsFrom::Sandbox) => self
                .tell(PalPluss::builder().api_key(PALPLUSS_API_KEY))
                .build(),
            (Gateway::Payhero, _) => {
                let builder = match keys {
                    CredentialsFrom::Environment => PayHero::builder_from_env()?,
                    CredentialsFrom::Sandbox => PayHero::builder()
                        .auth_token(PAYHERO_TOKEN)
                        .channel_id(PAYHERO_CHANNEL_ID.to_string()),
                };
                self.tell(builder).build()
            }
            (Gateway::Upesipay, _) => {
                let mut builder = match keys {
                    CredentialsFrom::Environment => UpesiPay::builder_from_env()?,
                    CredentialsFrom::Sandbox => UpesiPay::builder()
                        .auth_token(UPESIPAY_TOKEN)
                        .channel_id(UPESIPAY_CHANNEL_ID.to_string()),
                };
                if let Some(generation) = self.generation {
                    builder = builder.generation(generation);
                }
                self.tell(builder).build()
            }
        }
    }
}

/// How many times faster than life the embedded sandbox is: a customer pays within two seconds.
const EMBEDDED_TIME_SCALE: f64 = 10.0;

pub(crate) async fn connect(
    target: Target,
    options: ConnectOptions,
) -> Result<Connected, CliError> {
    let gateway = target.gateway;
    let query_version = target
        .query_version
        .as_deref()
        .map(str::parse)
        .transpose()?;
    let environment = target.environment()?;
    let mut base_url = target.base_url;
    let mut sandbox = None;
    if target.is_embedded {
        let started =
            start_sandbox(SandboxOptions::default().time_scale(EMBEDDED_TIME_SCALE)).await?;
        base_url = Some(gateway.at(&started));
        sandbox = Some(started);
    }
    if target.is_sandbox {
        output::tell("This is a sandbox: no real phone is prompted and no money moves.");
    }
    // The callback URL of the environment is a public one, which an embedded sandbox cannot reach.
    let own_callback_url = text_of("MPESA_CALLBACK_URL").filter(|_| !target.is_embedded);
    // Payments of production are not kept beside those of a sandbox because they are called back here.
    let may_listen = options.ledger.is_none() || environment == Environment::Sandbox;
    let needs_listener = options.needs_callback && target.is_local && may_listen;
    let listener = if needs_listener && own_callback_url.is_none() {
        let listener = Listener::bind().await;
        Some(
            listener
                .map_err(|error| CliError::Machine(format!("No port to listen on: {error}.")))?,
        )
    } else {
        None
    };
    let settings = Settings {
        base_url,
        cleartext_hosts: target.cleartext_hosts,
        callback_url: listener.as_ref().map(Listener::url).or(own_callback_url),
        is_local: listener.is_some() || target.keys == CredentialsFrom::Sandbox,
        generation: options.generation,
        query_version,
        timeout: options.timeout,
        max_reference: options.max_reference,
        ledger: options.ledger,
    };
    let client = settings.client(gateway, target.keys)?;
    if let Some(listener) = &listener {
        let confirm = if options.confirms {
            Confirm::Successes
        } else {
            Confirm::Never
        };
        listener.serve(client.clone(), confirm);
    }
    Ok(Connected {
        client,
        sandbox,
        listener,
    })
}

pub(crate) async fn start_sandbox(options: SandboxOptions) -> Result<Sandbox, CliError> {
    Sandbox::start(options)
        .await
        .map_err(|error| CliError::Machine(format!("The sandbox could not start: {error}.")))
}

/// A builder with the keys that every sandbox of ours takes.
pub(crate) fn sandbox_keys() -> DarajaBuilder {
    let options = SandboxOptions::default();
    Daraja::builder()
        .consumer_key(options.consumer_key)
        .consumer_secret(options.consumer_secret)
        .short_code(options.short_code)
        .pass_key(options.pass_key)
}
