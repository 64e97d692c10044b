//! The client: one merchant at one gateway. What it can do is one file a verb, under `verbs/`.

use crate::authenticity::CallbackUrls;
use crate::clock::seconds_of;
use crate::gateway::Gateway;
use crate::keys::{KeySource, Ready};
use crate::payment::Registry;
use crate::send::Line;
use crate::{
    CallbackSecrets, Disposition, Environment, Error, Event, GatewayName, Guard, Payment,
    PaymentHandle, PaymentId, PaymentStore, SourceAddresses, StkPush,
};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// One merchant at one gateway. Made by [`Daraja::builder`](crate::Daraja::builder) or
/// [`Daraja::from_env`](crate::Daraja::from_env); cheap to clone, and all clones share connections and token.
///
/// Its calls need a Tokio runtime. Making one starts nothing: no thread, no connection.
///
/// ```no_run
/// # async fn example() -> Result<(), lipia::Error> {
/// use lipia::{Daraja, StkPush, WaitOptions};
///
/// let client = Daraja::from_env()?;
/// let payment = client.collect(StkPush::new("0712345678", 150, "INV-001"), WaitOptions::default()).await?;
/// if payment.is_paid() {
///     println!("paid: {:?}", payment.receipt());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: CallOptions,
}

pub(crate) struct Shared {
    /// Everything that needs no keys.
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) keys: KeySource,
    pub(crate) line: Arc<Line>,
    pub(crate) environment: Environment,
    pub(crate) callbacks: CallbackUrls,
    pub(crate) addresses: Option<SourceAddresses>,
    pub(crate) store: Option<Arc<dyn PaymentStore>>,
    pub(crate) guard: Option<Guard>,
    most_amount: Option<u32>,
    pub(crate) registry: Arc<Registry>,
    /// How many waits may ask at the same moment.
    pub(crate) questions: Semaphore,
    unclaimed: Mutex<VecDeque<PaymentHandle>>,
}

impl Shared {
    #[allow(
        clippy::too_many_arguments,
        reason = "called by the builder alone, with every part by its name"
    )]
    pub(crate) fn new(
        gateway: Arc<dyn Gateway>,
        keys: KeySource,
        line: Arc<Line>,
        environment: Environment,
        callbacks: CallbackUrls,
        addresses: Option<SourceAddresses>,
        store: Option<Arc<dyn PaymentStore>>,
        guard: Option<Guard>,
        most_amount: Option<u32>,
    ) -> Self {
        Self {
            gateway,
            keys,
            line,
            environment,
            callbacks,
            addresses,
            store,
            guard,
            most_amount,
            registry: Arc::default(),
            questions: Semaphore::new(MOST_QUESTIONS),
            unclaimed: Mutex::default(),
        }
    }

    fn keep_unclaimed(&self, payment: PaymentHandle) {
        let mut unclaimed = self
            .unclaimed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if unclaimed.len() == MOST_UNCLAIMED {
            unclaimed.pop_front();
            tracing::warn!(target: "lipia", "a payment whose caller went away was never claimed and is now dropped");
        }
        unclaimed.push_back(payment);
    }
}

/// How many waits may ask at the same moment: ten thousand that began together would otherwise open ten thousand
/// connections, and the gateway's firewall would answer them all.
const MOST_QUESTIONS: usize = 32;

/// How many payments of callers that went away are kept.
const MOST_UNCLAIMED: usize = 1_024;

/// What holds for the calls of one client.
///
/// ```
/// use lipia::CallOptions;
/// use std::time::Duration;
/// let options = CallOptions::default().timeout(Duration::from_secs(10));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The time for one call: token, request, answer and whatever is resent. Default: 30 seconds.
    pub timeout: Duration,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
        }
    }
}

impl CallOptions {
    /// The time for one call, in seconds.
    ///
    /// # Errors
    /// `seconds_unreadable` where it is no time, `timeout_zero` where it is none.
    pub fn timeout_seconds(self, seconds: f64) -> Result<Self, Error> {
        let timeout = seconds_of("timeout", seconds)?;
        if timeout.is_zero() {
            return Err(no_time());
        }
        Ok(self.timeout(timeout))
    }

    /// The time for one call.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// A call that could only ever fail.
pub(crate) fn no_time() -> Error {
    Error::configuration("timeout_zero", "A call needs some time.")
        .with_field("timeout")
        .with_hint("Give a timeout of a few seconds at least; the default is 30.")
}

impl Client {
    /// The same client with other options for its calls.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            options,
        }
    }

    /// Which gateway it speaks to.
    #[must_use]
    pub fn gateway(&self) -> GatewayName {
        self.shared.gateway.name()
    }

    /// Makes a payment: checked, with its own id and its own callback URL, and not sent. Save it now, and nothing
    /// that happens later can orphan it.
    ///
    /// # Errors
    /// `InvalidInput`, naming the field that is not valid.
    pub fn reserve(&self, push: StkPush) -> Result<PaymentHandle, Error> {
        let shared = &self.shared;
        let id = PaymentId::random(shared.line.entropy.as_ref())?;
        let callback_url = match &push.callback_url {
            Some(own) => crate::CallbackUrl::parse(own, shared.environment)?,
            None => shared.callbacks.for_payment(&id)?,
        };
        let mut rules = shared.gateway.rules();
        rules.amount.max = shared.most_amount.unwrap_or(rules.amount.max);
        let push = push.check(&rules, callback_url)?;
        shared.gateway.check_options(&push)?;
        let payment = Payment::reserve(id, shared.gateway.name(), push, shared.line.clock.now())
            .confirming_successes(shared.gateway.success_needs_query());
        Ok(self.handle(payment))
    }

    /// Takes up a payment that was saved, in this process or another. One that was being sent when it was saved
    /// may have reached the customer: it is `unknown`, and is not pushed again. Where this client holds the payment
    /// already, that is what is returned, with whatever the saved one knows beyond it.
    ///
    /// # Errors
    /// `payment_of_another_gateway` where it was reserved with another gateway.
    pub fn resume(&self, mut payment: Payment) -> Result<PaymentHandle, Error> {
        if payment.gateway() != self.gateway() {
            return Err(Error::invalid(
                "payment",
                "payment_of_another_gateway",
                format!(
                    "This payment was reserved with {}, and this client speaks to {}.",
                    payment.gateway(),
                    self.gateway()
                ),
            ));
        }
        if let Some(live) = self.find(payment.id()) {
            live.catch_up(payment);
            return Ok(live);
        }
        payment.after_restart();
        Ok(self.handle(payment))
    }

    /// The live payment of that id, if this client holds one.
    #[must_use]
    pub fn find(&self, id: &PaymentId) -> Option<PaymentHandle> {
        self.shared.registry.find(id)
    }

    /// Payments that nobody holds and that may yet be paid: their callers went away (a dropped future, a cancelled
    /// task) while the send went on, or were told `unknown` by a call that had made the payment itself. Each is
    /// handed out once.
    #[must_use]
    pub fn unclaimed(&self) -> Vec<PaymentHandle> {
        let mut unclaimed = self
            .shared
            .unclaimed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // What has not left when nothing is under way never will.
        let at_rest = self.is_at_rest();
        unclaimed
            .drain(..)
            .filter(|payment| !at_rest || payment.was_pushed())
            .collect()
    }

    /// Whether nothing of this client goes on in the background: no send whose caller went away, no token being
    /// renewed ahead of time.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.shared.line.under_way.is_none()
    }

    /// Waits until [`Client::is_at_rest`]. Call it before your program ends, with a limit of your own: a push whose
    /// caller went away then still learns its answer.
    pub async fn at_rest(&self) {
        self.shared.line.under_way.until_none().await;
    }

    /// What a body that was posted to a callback URL says. An event is data, not proof: see
    /// [`Client::receive_callback`].
    ///
    /// # Errors
    /// `InvalidCallback`, with a code that says what is wrong with the body.
    pub fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        self.shared.gateway.parse_callback(body)
    }

    /// Wipes from memory what can be had again: the keys that a [`KeysProvider`](crate::KeysProvider) gave, and the token
    /// that was fetched with keys. The next call that needs them asks again; what is under way goes on with what it has.
    ///
    /// Call it when a user signs out, say. Keys that the builder was given stay, since nobody could be asked for them.
    pub fn forget_keys(&self) {
        self.shared.keys.forget();
    }

    /// What a call makes its requests with.
    pub(crate) async fn ready(&self) -> Result<Ready, Error> {
        let shared = &self.shared;
        let under_way = &shared.line.under_way;
        shared.keys.ready(under_way, self.options.timeout).await
    }

    /// What keeps the merchant from being blocked, where something does: ask it how close a phone is to that.
    #[must_use]
    pub fn guard(&self) -> Option<&Guard> {
        self.shared.guard.as_ref()
    }

    /// The secrets that seal this client's callback URLs.
    #[must_use]
    pub fn callback_secrets(&self) -> &CallbackSecrets {
        &self.shared.callbacks.secrets
    }

    fn handle(&self, payment: Payment) -> PaymentHandle {
        let shared = &self.shared;
        PaymentHandle::new(
            payment,
            Arc::clone(&shared.line.clock),
            shared.store.clone(),
            &shared.registry,
        )
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("gateway", &self.shared.gateway)
            .field("base_url", &self.shared.line.origin)
            .field("environment", &self.shared.environment)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Keeps a payment for [`Client::unclaimed`] should whoever waits for it go away: dropping this keeps the payment.
///
/// The verbs use it themselves. It is for a binding, whose caller can leave after the call has ended in Rust and
/// before its result has arrived in the other language.
#[derive(Debug)]
pub struct UntilClaimed {
    client: Client,
    payment: Option<PaymentHandle>,
}

impl UntilClaimed {
    /// Begins.
    #[must_use]
    pub fn new(client: &Client, payment: PaymentHandle) -> Self {
        Self {
            client: client.clone(),
            payment: Some(payment),
        }
    }

    /// The call has ended, and its caller has the result. Where all that it was told is `unknown`, the payment is
    /// what it has to look with, so that is kept.
    pub fn unless_unknown<T>(mut self, result: &Result<T, Error>) {
        let may_be_paid =
            matches!(result, Err(error) if error.disposition() == Disposition::Unknown);
        if !may_be_paid {
            self.payment = None;
        }
    }
}

impl Drop for UntilClaimed {
    fn drop(&mut self) {
        if let Some(payment) = self.payment.take() {
            self.client.shared.keep_unclaimed(payment);
        }
    }
}
