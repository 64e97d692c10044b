//! Which gateway to speak to, and with which keys: the environment's, or a sandbox of our own where there are none.

use crate::arguments::{Connection, Gateway};
use crate::exit::Exit;
use crate::listener::Listener;
use crate::output;
use crate::saved::SavedPayment;
use lipia::{Client, ClientBuilder, Daraja, DarajaBuilder, Error, PalPluss, UpesiPay};
use lipia_sandbox::{
    PALPLUSS_API_KEY, Sandbox, SandboxOptions, UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN,
};
use std::sync::Arc;
use std::time::Duration;

/// A client, and what must live as long as it does.
pub(crate) struct Connected {
    pub(crate) client: Client,
    /// The sandbox that plays the gateway, where no credentials are set.
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
    pub(crate) fn report(&self, as_json: bool) -> Exit {
        match self {
            Self::Lipia(error) => {
                output::error(error, as_json);
                Exit::of_error(error)
            }
            Self::Machine(message) => {
                output::complain(message);
                Exit::CouldNotRun
            }
        }
    }
}

impl Gateway {
    /// The variables that hold its credentials, without which it needs a sandbox.
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
        }
    }

    fn base_url_variable(self) -> &'static str {
        match self {
            Self::Daraja => "MPESA_BASE_URL",
            Self::Palpluss => "PALPLUSS_BASE_URL",
            Self::Upesipay => "UPESIPAY_BASE_URL",
        }
    }

    /// Its base URL at a sandbox.
    fn at(self, sandbox: &Sandbox) -> String {
        match self {
            Self::Daraja | Self::Upesipay => sandbox.base_url(),
            Self::Palpluss => format!("{}/v1", sandbox.base_url()),
        }
    }
}

/// Whose keys open the door.
#[derive(Clone, Copy)]
enum Keys {
    TheEnvironments,
    TheSandboxs,
}

/// What every gateway's builder is told alike.
#[derive(Default)]
struct Settings {
    base_url: Option<String>,
    callback_url: Option<String>,
    /// Whether all of it stays on this machine, where no rule of production's makes sense.
    is_local: bool,
    timeout: Option<Duration>,
    store: Option<Arc<SavedPayment>>,
}

impl Settings {
    fn tell<K>(self, mut builder: ClientBuilder<K>) -> ClientBuilder<K> {
        if let Some(url) = self.base_url {
            builder = builder.base_url(url);
        }
        if let Some(url) = self.callback_url {
            builder = builder.callback_url(url);
        }
        if self.is_local {
            builder = builder.environment("sandbox");
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        match self.store {
            Some(store) => builder.store(store),
            None => builder,
        }
    }

    fn client(self, gateway: Gateway, keys: Keys) -> Result<Client, Error> {
        match (gateway, keys) {
            (Gateway::Daraja, Keys::TheEnvironments) => {
                self.tell(Daraja::builder_from_env()?).build()
            }
            (Gateway::Daraja, Keys::TheSandboxs) => self.tell(sandbox_keys()).build(),
            (Gateway::Palpluss, Keys::TheEnvironments) => {
                self.tell(PalPluss::builder_from_env()?).build()
            }
            (Gateway::Palpluss, Keys::TheSandboxs) => self
                .tell(PalPluss::builder().api_key(PALPLUSS_API_KEY))
                .build(),
            (Gateway::Upesipay, Keys::TheEnvironments) => {
                self.tell(UpesiPay::builder_from_env()?).build()
            }
            (Gateway::Upesipay, Keys::TheSandboxs) => {
                let channel = UPESIPAY_CHANNEL_ID.to_string();
                self.tell(
                    UpesiPay::builder()
                        .auth_token(UPESIPAY_TOKEN)
                        .channel_id(channel),
                )
                .build()
            }
        }
    }
}

pub(crate) async fn connect(connection: &Connection, wishes: Wishes) -> Result<Connected, Trouble> {
    let gateway = connection.gateway;
    let mut base_url = connection
        .base_url
        .clone()
        .or_else(|| text_of(gateway.base_url_variable()));
    let no_credentials = gateway.credentials().iter().all(|name| !is_set(name));
    let on_this_machine = base_url.as_deref().is_some_and(is_on_this_machine);
    let mut sandbox = None;
    let keys = if !no_credentials {
        Keys::TheEnvironments
    } else if on_this_machine {
        output::tell("No credentials are set: using the sandbox's public ones.");
        Keys::TheSandboxs
    } else if base_url.is_none() && wishes.may_embed_sandbox {
        output::tell(
            "No credentials are set, so this uses a built-in sandbox: no real phone is prompted.",
        );
        let started = start_sandbox(SandboxOptions::default().time_scale(10.0)).await?;
        base_url = Some(gateway.at(&started));
        sandbox = Some(started);
        Keys::TheSandboxs
    } else {
        Keys::TheEnvironments
    };
    let listener = if wishes.needs_callback
        && (on_this_machine || sandbox.is_some())
        && !is_set("MPESA_CALLBACK_URL")
    {
        Some(
            Listener::bind()
                .await
                .map_err(|error| Trouble::Machine(format!("No port to listen on: {error}.")))?,
        )
    } else {
        None
    };
    let settings = Settings {
        base_url,
        callback_url: listener
            .as_ref()
            .map(Listener::url)
            .or_else(|| text_of("MPESA_CALLBACK_URL")),
        is_local: listener.is_some(),
        timeout: wishes.timeout,
        store: wishes.store,
    };
    let client = settings.client(gateway, keys)?;
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

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// A variable's text. One that is no text is the core's to complain about.
fn text_of(variable: &str) -> Option<String> {
    std::env::var(variable)
        .ok()
        .filter(|text| !text.trim().is_empty())
}

/// Whether an address is this machine's. Only decides on comfort: what may be sent there in the clear, the core
/// decides.
fn is_on_this_machine(url: &str) -> bool {
    let host = url.trim().split_once("://").map_or("", |(_, rest)| rest);
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|start| host.starts_with(start))
}
