//! The client: one merchant at one gateway. What it can do is one file a verb, under `verbs/`.

pub(crate) mod apply_settings;
pub(crate) mod builder;
pub(crate) mod call_options;
pub(crate) mod checkup;
pub(crate) mod credentials;
pub(crate) mod daraja;
pub(crate) mod from_env;
pub(crate) mod ledger;
pub(crate) mod log_level;
pub(crate) mod log_lines;
pub(crate) mod palpluss;
pub mod parameters;
pub(crate) mod payhero;
pub(crate) mod payments;
pub(crate) mod settings;
pub(crate) mod spans;
pub(crate) mod until_claimed;
pub(crate) mod upesipay;
pub(crate) mod variables;
pub(crate) mod verbs;
pub mod words;

pub use crate::transport::tls::TlsRoots;
pub use builder::ClientBuilder;
pub use call_options::CallOptions;
pub use checkup::{CheckLine, CheckOptions, CheckPart, CheckState, Checkup};
pub use credentials::CredentialsProvider;
pub use daraja::{Daraja, DarajaBuilder, DarajaSettings};
pub use from_env::client_from_env;
pub use ledger::pass::Reconciled;
pub use ledger::payment::LedgerPayment;
pub use log_level::LogLevel;
pub use log_lines::{log_to_stderr, tell_log_lines, write_log_line};
pub use palpluss::{PalPluss, PalPlussBuilder, PalPlussSettings};
pub use payhero::{PayHero, PayHeroBuilder};
pub use payments::Payments;
pub use payments::decisions::Resolution;
pub use payments::importing::{Import, ImportChange, Imported};
pub use payments::ledger::{Ledger, PaymentPage, PaymentStory};
pub use payments::pruning::Pruned;
pub use settings::ClientSettings;
pub use until_claimed::UntilClaimed;
pub use upesipay::{UpesiPay, UpesiPayBuilder, UpesiPaySettings};
pub use verbs::on_outcome::Heard;
pub use verbs::wait::Watch;

use crate::callback::addresses::SourceAddresses;
use crate::callback::{CallbackSecrets, CallbackUrls};
use crate::client::credentials::source::{AuthorizedCall, CredentialSource};
use crate::client::ledger::ClientLedger;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::ids::PaymentId;
use crate::gateway::contract::Gateway;
use crate::guard::Guard;
use crate::guard::account::AccountOf;
use crate::guard::pace::QuestionPace;
use crate::guard::standing::Standing;
use crate::meaning::event::Event;
use crate::payment::Payment;
use crate::payment::handle::registry::Registry;
use crate::payment::handle::{PaymentHandle, PaymentStore};
use crate::transport::send_context::SendContext;
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use crate::values::phone::PhoneNumber;
use crate::values::push::PushRules;
use crate::values::push::StkPush;
use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A client: one merchant at one gateway. Made by [`Daraja::builder`](crate::Daraja::builder) or
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
    pub(crate) credentials: CredentialSource,
    pub(crate) context: Arc<SendContext>,
    pub(crate) environment: Environment,
    pub(crate) callbacks: CallbackUrls,
    pub(crate) addresses: Option<SourceAddresses>,
    pub(crate) store: Option<Arc<dyn PaymentStore>>,
    pub(crate) ledger: ClientLedger,
    pub(crate) account: AccountOf,
    pub(crate) pace: QuestionPace,
    rules: PushRules,
    pub(crate) registry: Arc<Registry>,
    /// How many waits may ask at the same moment.
    pub(crate) questions: Semaphore,
    unclaimed: Mutex<Vec<PaymentHandle>>,
    told_of_orphan: AtomicBool,
    /// The codes of the warnings that the log has.
    warned_of: Mutex<HashSet<String>>,
    /// Whether the gateway's newer query was found not to be at this address.
    pub(crate) newer_query_is_missing: AtomicBool,
}

impl Shared {
    #[allow(
        clippy::too_many_arguments,
        reason = "called by the builder alone, with every part by its name"
    )]
    pub(crate) fn new(
        gateway: Arc<dyn Gateway>,
        credentials: CredentialSource,
        context: Arc<SendContext>,
        environment: Environment,
        callbacks: CallbackUrls,
        addresses: Option<SourceAddresses>,
        store: Option<Arc<dyn PaymentStore>>,
        ledger: ClientLedger,
        account: AccountOf,
        pace: QuestionPace,
        rules: PushRules,
    ) -> Self {
        let registry = Arc::new(Registry::new(account.is_guarded()));
        // The client's own writer, which is set up here alone.
        let _first = ledger.writer.live.set(Arc::downgrade(&registry));
        Self {
            gateway,
            credentials,
            context,
            environment,
            callbacks,
            addresses,
            store,
            ledger,
            registry,
            account,
            pace,
            rules,
            questions: Semaphore::new(MAX_QUESTIONS),
            unclaimed: Mutex::default(),
            told_of_orphan: AtomicBool::new(false),
            warned_of: Mutex::default(),
            newer_query_is_missing: AtomicBool::new(false),
        }
    }

    pub(super) fn keep_unclaimed(&self, payment: PaymentHandle) {
        self.unclaimed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(payment);
    }

    /// Tells the log what is remarked on in a push. The same remark is made of every push of a shop that numbers its
    /// invoices with a `#`, so each is a warning once and of interest to somebody who looks for it after that.
    pub(crate) fn tell_of_warnings(&self, payment: &PaymentHandle) {
        for warning in payment.read(|payment| payment.warnings().to_vec()) {
            let (payment_id, code) = (payment.id(), warning.code());
            let is_first = {
                let warned_of = self.warned_of.lock();
                let mut warned_of = warned_of.unwrap_or_else(PoisonError::into_inner);
                warned_of.insert(code.to_owned())
            };
            // Without the lock: a subscriber of the log may come back to this client.
            if is_first {
                tracing::warn!(target: "lipia", %payment_id, code, "{warning}");
            } else {
                tracing::debug!(target: "lipia", %payment_id, code, "{warning}");
            }
        }
    }

    /// Says what to do about callbacks that find no owner: once, at the first one.
    pub(crate) fn tell_of_orphan(&self, payment_id: &PaymentId) {
        if self.told_of_orphan.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "lipia", %payment_id, "a callback came for a payment that this client does not hold");
            return;
        }
        let advice = if self.ledger.is_given {
            "The ledger keeps the callback, and does not have the payment: it was pushed with another ledger, or is in a table of your own"
        } else {
            "The payment was pushed by another process, or before a restart: give all processes one ledger (LIPIA_LEDGER), such as `sqlite:///var/lib/shop/payments.db`"
        };
        tracing::error!(
            target: "lipia",
            %payment_id,
            "a callback came for a payment that this client does not hold, so nobody was told of it. {advice}. A program that saves its payments itself loads this one by its id, resumes it and hands the callback to it"
        );
    }
}

/// How many waits may ask at the same moment: ten thousand that began together would otherwise open ten thousand
/// connections, and the gateway's firewall would answer them all.
const MAX_QUESTIONS: usize = 32;

/// The verb claims no orders, and the push names one.
fn order_needs_request() -> Error {
    Error::invalid(
        "order",
        ErrorCode::OrderNeedsRequest,
        "This verb does not claim orders, and the push names one.",
    )
    .with_hint("Use `request` or `collect`, which do. Or leave the order out.")
}

impl Client {
    /// A copy of this client with other options for its calls.
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
        if push.order.is_some() {
            return Err(order_needs_request());
        }
        Ok(self.handle(self.draft(push)?))
    }

    /// A payment that no one holds yet.
    pub(crate) fn draft(&self, push: StkPush) -> Result<Payment, Error> {
        let shared = &self.shared;
        let id = PaymentId::random(shared.context.entropy.as_ref())?;
        let callback_url = match &push.callback_url {
            Some(own) => crate::values::callback_url::CallbackUrl::parse(own, shared.environment)?,
            None => shared.callbacks.for_payment(&id)?,
        };
        let push = push.check(&shared.rules, callback_url)?;
        shared.gateway.check_options(&push)?;
        let push = push.noting_warnings(shared.context.origin.is_own_sandbox());
        let payment = Payment::reserve(id, shared.gateway.name(), push, shared.context.clock.now())
            .confirming_successes(shared.gateway.success_needs_query());
        Ok(payment)
    }

    /// Takes up a payment that was saved, in this process or another. One that was being sent when it was saved
    /// may have reached the customer: it is `unknown`, and is not pushed again. Where this client holds the payment
    /// already, that is what is returned, with whatever the saved one knows beyond it. A payment of a ledger is never pushed
    /// from here: [`Client::request`] its order.
    ///
    /// # Errors
    /// `payment_of_another_gateway` where it was reserved with another gateway.
    pub fn resume(&self, mut payment: Payment) -> Result<PaymentHandle, Error> {
        if payment.gateway() != self.gateway() {
            return Err(Error::invalid(
                "payment",
                ErrorCode::PaymentOfAnotherGateway,
                format!(
                    "This payment was reserved with {}, and this client speaks to {}.",
                    payment.gateway(),
                    self.gateway()
                ),
            )
            .of_payment(payment.id()));
        }
        if let Some(live) = self.find(payment.id()) {
            live.catch_up(&payment);
            return Ok(live);
        }
        payment.after_restart();
        Ok(if payment.is_in_ledger() {
            self.ledger_handle(payment)
        } else {
            self.handle(payment)
        })
    }

    /// The live payment of that id, if this client holds one: what somebody has a handle to, and what this client pushed,
    /// until an hour after it was settled, or for a day while nobody knows what became of it.
    #[must_use]
    pub fn find(&self, id: &PaymentId) -> Option<PaymentHandle> {
        self.shared.registry.find(id)
    }

    /// Payments whose callers went away (a dropped future, a cancelled task) while the send went on, and that may yet be
    /// paid. Each is handed out once, and stays here until then. A payment whose caller is still there is not among them:
    /// one that ended with an error is found by [`Error::payment_id`] and [`Client::find`].
    #[must_use]
    pub fn unclaimed(&self) -> Vec<PaymentHandle> {
        let unclaimed = {
            let unclaimed = self.shared.unclaimed.lock();
            std::mem::take(&mut *unclaimed.unwrap_or_else(PoisonError::into_inner))
        };
        // What has not left when nothing is under way never will.
        let at_rest = self.is_at_rest();
        unclaimed
            .into_iter()
            .filter(|payment| !at_rest || payment.was_pushed())
            .collect()
    }

    /// Whether nothing of this client goes on in the background: no send whose caller went away, no token being
    /// renewed ahead of time.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.shared.context.in_flight.is_none()
    }

    /// Waits for pushes and requests for tokens that are in flight, until [`Client::is_at_rest`]. A wait or a query that is
    /// running is its caller's. Call it before your program ends, with a limit of your own: a push whose caller went away then
    /// still learns its answer.
    pub async fn drain(&self) {
        self.shared.context.in_flight.until_none().await;
    }

    /// Reads a body that was posted to a callback URL. An event is data, not proof: see
    /// [`Client::receive_callback`].
    ///
    /// # Errors
    /// `InvalidCallback`, with a code that says what is wrong with the body.
    pub fn parse_callback(&self, body: &[u8]) -> Result<Event, Error> {
        self.shared.gateway.parse_callback(body)
    }

    /// Wipes from memory what can be had again: the credentials that a [`CredentialsProvider`] gave, and the token
    /// that was fetched with credentials. The next call that needs them asks again; what is under way goes on with what it has.
    ///
    /// Call it when a user signs out, say. Credentials that the builder was given stay, since nobody could be asked for them.
    pub fn forget_credentials(&self) {
        self.shared.credentials.forget();
    }

    /// What a call makes its requests with.
    pub(crate) async fn authorize(&self) -> Result<AuthorizedCall, Error> {
        let shared = &self.shared;
        let in_flight = &shared.context.in_flight;
        let call = shared
            .credentials
            .authorize(in_flight, self.options.timeout)
            .await?;
        shared.account.learn(call.merchant.access.account());
        Ok(call)
    }

    /// The guard, which keeps the merchant from being blocked, where there is one. Where the keys come later, the account is
    /// known, and with it the guard, once they were needed.
    #[must_use]
    pub fn guard(&self) -> Option<Guard> {
        self.shared.account.guard()
    }

    /// Tells the guard everything that was learnt of payments and that it does not know yet.
    pub(crate) async fn tell_guard(&self) {
        let Some(guard) = self.guard() else {
            return;
        };
        while let Some(news) = self.shared.registry.next_news() {
            if let Some(learnt) = news.learnt() {
                guard.learn(learnt, self.shared.context.clock.now()).await;
            }
            news.told();
        }
    }

    /// How close this phone and the account are to being refused, and until when they are; `None` without a guard.
    ///
    /// # Errors
    /// `guard_store_failed` where the guard's store did not answer.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) -> Result<(), lipia::Error> {
    /// let phone = lipia::PhoneNumber::parse("0712345678")?;
    /// if let Some(opens_at) = client.guard_standing(&phone).await?.and_then(|standing| standing.opens_at()) {
    ///     println!("no push to this phone before {opens_at}");
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn guard_standing(&self, phone: &PhoneNumber) -> Result<Option<Standing>, Error> {
        match self.guard() {
            Some(guard) => {
                self.tell_guard().await;
                let standing = guard.standing(phone, self.shared.context.clock.now());
                standing.await.map(Some)
            }
            None => Ok(None),
        }
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
            Arc::clone(&shared.context.clock),
            shared.store.clone(),
            false,
            &shared.registry,
        )
    }

    /// A live payment that the ledger has.
    pub(crate) fn ledger_handle(&self, payment: Payment) -> PaymentHandle {
        let shared = &self.shared;
        let store: Arc<dyn PaymentStore> = Arc::clone(&shared.ledger.writer) as _;
        PaymentHandle::new(
            payment,
            Arc::clone(&shared.context.clock),
            Some(store),
            true,
            &shared.registry,
        )
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("gateway", &self.shared.gateway)
            .field("base_url", &self.shared.context.origin)
            .field("environment", &self.shared.environment)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
