//! The handle of a running sandbox: starts, steers and stops it from Rust.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::engine::Engine;
use crate::engine::background::Background;
use crate::engine::payment_run::{self, CannotAct};
use crate::faults::Fault;
use crate::local_page::access::AllowedHosts;
use crate::local_page::token::PageToken;
use crate::options::SandboxOptions;
use crate::records::counters::Counters;
use crate::records::news::News;
use crate::records::payment::PaymentView;
use crate::records::request_log::RecordedRequest;
use crate::scenarios::{Ending, Scenario};
use crate::server::{self, phone_page};
use crate::values::clock::seconds;
use crate::values::gateway::Gateway;

/// A running sandbox. Dropping it ends it; [`stop`](Self::stop) also waits for the end.
#[derive(Debug)]
pub struct Sandbox {
    engine: Arc<Engine>,
    address: SocketAddr,
    page: PageToken,
}

/// Why the sandbox does not do what it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// What was asked for makes no sense; the text says what would.
    Invalid(String),
    /// No such payment.
    UnknownPayment(String),
    /// The payment ended already, this way.
    AlreadyDecided(Ending),
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => formatter.write_str(text),
            Self::UnknownPayment(id) => {
                write!(formatter, "no payment has the id {id}")
            }
            Self::AlreadyDecided(ending) => write!(
                formatter,
                "the payment is already decided: {}",
                ending.name()
            ),
        }
    }
}

impl std::error::Error for Refused {}

impl Sandbox {
    /// Starts a sandbox, on 127.0.0.1 where the options name no other address. It runs on the tokio runtime this is called on.
    ///
    /// # Errors
    /// When the port is taken, the address is not this machine's, or an option makes no sense.
    pub async fn start(options: SandboxOptions) -> io::Result<Self> {
        options.check()?;
        let listener = TcpListener::bind((options.bind, options.port)).await?;
        let hosts = AllowedHosts::of(options.bind);
        let address = SocketAddr::new(hosts.address(), listener.local_addr()?.port());
        let engine = Arc::new(Engine::new(
            options.time_scale,
            seconds(options.held_prompt_seconds),
            options.gateways(),
            Background::new(Handle::current()),
        ));
        let page = PageToken::new()?;
        engine.background.spawn(server::serve(
            Arc::clone(&engine),
            listener,
            page.clone(),
            hosts,
        ));
        Ok(Self {
            engine,
            address,
            page,
        })
    }

    /// Where it listens, as a base URL for a client of Daraja or UpesiPay: `http://127.0.0.1:PORT`, without a slash at the
    /// end. For any gateway, see [`Sandbox::base_url_of`].
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL for a client of a gateway.
    #[must_use]
    pub fn base_url_of(&self, gateway: Gateway) -> String {
        format!("{}{}", self.base_url(), gateway.base_path())
    }

    /// The address of a page for a browser on this machine: a phone that shows the prompt and takes a PIN, and beside it what
    /// goes over the wire. A phone that is open there waits for its person; every other phone does what its number says.
    /// Whoever knows the address drives the sandbox: it has a token that is random at each start.
    #[must_use]
    pub fn phone_url(&self) -> String {
        format!("{}{}", self.base_url(), self.page.path(phone_page::PAGE))
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends it and waits until its tasks are gone and its port is free. Open prompts end without a callback.
    pub async fn stop(self) {
        self.engine.background.end().await;
    }

    /// What happened so far, in numbers.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.engine.with(|world| world.counters.clone())
    }

    /// What happens from now on: a piece of news for each prompt, ending, callback and refusal. A listener that does not
    /// read misses what comes after the first thousand.
    ///
    /// ```no_run
    /// # fn example(sandbox: &lipia_sandbox::Sandbox) {
    /// let news = sandbox.news();
    /// std::thread::spawn(move || {
    ///     for news in news {
    ///         eprintln!("{news}");
    ///     }
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn news(&self) -> std::sync::mpsc::Receiver<News> {
        self.engine.listeners.add()
    }

    /// The accepted pushes, oldest first.
    #[must_use]
    pub fn payments(&self) -> Vec<PaymentView> {
        self.engine.with(|world| world.views())
    }

    /// The last 1000 requests, oldest first; the control API's own are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.engine.with(|world| world.requests.all())
    }

    /// From the next push on, this phone number (254 and nine digits) does this, whatever its last digits say.
    pub fn script_phone(&self, phone: impl Into<String>, scenario: Scenario) {
        self.engine
            .with(|world| world.script(phone.into(), scenario));
    }

    /// Lets something go wrong, after what was injected before at the same step.
    ///
    /// # Errors
    /// When this kind cannot happen at this step, or not with these settings.
    pub fn inject(&self, fault: Fault) -> Result<(), Refused> {
        fault.check().map_err(Refused::Invalid)?;
        self.engine.change(|world| world.faults.add(fault));
        Ok(())
    }

    /// Lets something go wrong `times` times.
    ///
    /// # Errors
    /// As [`inject`](Self::inject).
    pub fn inject_n(&self, fault: Fault, times: u32) -> Result<(), Refused> {
        self.inject(fault.times(times))
    }

    /// Takes back every fault that has not happened yet.
    pub fn clear_faults(&self) {
        self.engine.change(|world| world.faults.clear());
    }

    /// Makes every token invalid, now.
    pub fn kill_tokens(&self) {
        self.engine.kill_tokens();
    }

    /// Decides an open payment in the customer's place; its callback is sent at once. The id is M-Pesa's
    /// CheckoutRequestID or the gateway's own.
    ///
    /// # Errors
    /// When there is no such payment, or it is decided already.
    pub fn act(&self, id: &str, ending: Ending) -> Result<(), Refused> {
        payment_run::act(&self.engine, id, ending).map_err(|cannot| match cannot {
            CannotAct::Unknown => Refused::UnknownPayment(id.to_owned()),
            CannotAct::AlreadyDecided(ending) => Refused::AlreadyDecided(ending),
        })
    }

    /// Forgets everything: counters, payments (open prompts end silently), requests, scripts, faults, tokens and bans.
    pub fn reset(&self) {
        self.engine.reset();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.engine.background.abort();
    }
}
