//! Which gateway to speak to, and with which keys: the environment's, or a sandbox of our own where there are none.

use crate::arguments::{Connection, Gateway};
use crate::listener::Listener;
use crate::output;
use crate::saved::SavedPayment;
use lipia::{Client, Daraja, DarajaBuilder, Error};
use lipia_sandbox::{Sandbox, SandboxOptions};
use std::sync::Arc;
use std::time::Duration;

/// A client, and what must live as long as it does.
pub(crate) struct Connected {
    pub(crate) client: Client,
    /// The sandbox that plays M-Pesa, where no credentials are set.
    pub(crate) sandbox: Option<Sandbox>,
}

/// What the caller's own arguments say about the connection.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) timeout: Option<Duration>,
    /// Whether a callback will come that somebody must receive.
    pub(crate) needs_callback: bool,
    /// Whether a built-in sandbox makes sense where there are no credentials.
    pub(crate) may_embed_sandbox: bool,
    /// Where the payment is saved.
    pub(crate) store: Option<Arc<SavedPayment>>,
}

/// The credentials by which `push` decides whether there are any.
const CREDENTIALS: [&str; 4] = [
    "MPESA_CONSUMER_KEY",
    "MPESA_CONSUMER_SECRET",
    "MPESA_SHORTCODE",
    "MPESA_PASSKEY",
];

/// Why there is no client.
pub(crate) enum Trouble {
    /// An argument or a setting.
    Lipia(Box<Error>),
    /// This machine.
    Machine(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Lipia(Box::new(error))
    }
}

impl Trouble {
    /// Prints it, and says how the command ends.
    pub(crate) fn report(&self, as_json: bool) -> crate::exit::Exit {
        match self {
            Self::Lipia(error) => {
                output::error(error, as_json);
                crate::exit::Exit::of_error(error)
            }
            Self::Machine(message) => {
                output::complain(message);
                crate::exit::Exit::CouldNotRun
            }
        }
    }
}

pub(crate) async fn connect(connection: &Connection, wishes: Wishes) -> Result<Connected, Trouble> {
    if connection.gateway != Gateway::Daraja {
        return Err(Trouble::Machine(
            "This version speaks to Daraja alone; PalPluss and UpesiPay are not built yet."
                .to_owned(),
        ));
    }
    let base_url = connection.base_url.clone().or_else(|| {
        std::env::var("MPESA_BASE_URL")
            .ok()
            .filter(|url| !url.trim().is_empty())
    });
    let no_credentials = CREDENTIALS
        .iter()
        .all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty()));
    let (builder, sandbox) = match &base_url {
        None if no_credentials && wishes.may_embed_sandbox => {
            let sandbox = start_sandbox(SandboxOptions::default().time_scale(10.0)).await?;
            output::tell(
                "No credentials are set, so this uses a built-in sandbox: no real phone is prompted.",
            );
            (sandbox_keys().base_url(sandbox.base_url()), Some(sandbox))
        }
        Some(url) if no_credentials && is_on_this_machine(url) => {
            output::tell("No credentials are set: using the sandbox's public ones.");
            (sandbox_keys(), None)
        }
        _ => (Daraja::builder_from_env()?, None),
    };
    let mut builder = match base_url {
        Some(url) => builder.base_url(url),
        None => builder,
    };
    if let Some(timeout) = wishes.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(store) = wishes.store {
        builder = builder.store(store);
    }
    let local = sandbox.is_some() || connection_is_local(connection);
    let listener = if wishes.needs_callback && local && !callback_url_is_set() {
        Some(
            Listener::bind()
                .await
                .map_err(|error| Trouble::Machine(format!("No port to listen on: {error}.")))?,
        )
    } else {
        None
    };
    if let Some(listener) = &listener {
        builder = builder.callback_url(listener.url());
    }
    let client = builder.build()?;
    if let Some(listener) = &listener {
        listener.serve(client.clone());
    }
    Ok(Connected { client, sandbox })
}

pub(crate) async fn start_sandbox(options: SandboxOptions) -> Result<Sandbox, Trouble> {
    Sandbox::start(options)
        .await
        .map_err(|error| Trouble::Machine(format!("The sandbox could not start: {error}.")))
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

fn callback_url_is_set() -> bool {
    std::env::var_os("MPESA_CALLBACK_URL").is_some_and(|url| !url.is_empty())
}

fn connection_is_local(connection: &Connection) -> bool {
    let from_environment = std::env::var("MPESA_BASE_URL").ok();
    connection
        .base_url
        .as_deref()
        .or(from_environment.as_deref())
        .is_some_and(is_on_this_machine)
}

/// Whether an address is this machine's. Only decides on comfort: what may be sent there in the clear, the core
/// decides.
fn is_on_this_machine(url: &str) -> bool {
    let host = url.trim().split_once("://").map_or("", |(_, rest)| rest);
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|start| host.starts_with(start))
}
