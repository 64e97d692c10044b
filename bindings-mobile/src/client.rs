//! The client that the shells call, with one method for each verb.

use crate::callback::{Event, ReceivedCallback};
use crate::cancellation::{NativeCancellation, unless_cancelled};
use crate::credentials::CredentialsProvider;
use crate::error::NativeError;
use crate::integers::Seconds;
use crate::ledger::Listeners;
use crate::log;
use crate::payment::{Payment, PaymentHandle, StkPush};
use crate::settings::{ClientSettings, NativeGateway, WaitOptions};
use crate::status::{Acceptance, Status};
use crate::unclaimed_payment::NativeUnclaimedPayment;
use crate::wait::NativeWatch;
use crate::words::{GatewayName, Verdict};
use lipia::callback::Confirm;
use lipia::client::CallOptions;
use lipia::{Client, Error, IncomingCallback};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// One merchant at one gateway.
#[derive(uniffi::Object)]
pub struct NativeClient {
    client: Client,
    wait: lipia::WaitOptions,
    listeners: Arc<Listeners>,
}

impl fmt::Debug for NativeClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

impl NativeClient {
    /// The core's client.
    pub(crate) fn core(&self) -> &Client {
        &self.client
    }

    pub(crate) fn listeners(&self) -> &Arc<Listeners> {
        &self.listeners
    }

    /// The client for one call.
    pub(crate) fn client(&self, timeout: Option<Seconds>) -> Result<Client, Error> {
        Ok(match timeout {
            None => self.client.clone(),
            Some(Seconds(seconds)) => self
                .client
                .with_options(CallOptions::default().timeout_seconds(seconds)?),
        })
    }

    pub(crate) fn wait(&self, options: Option<WaitOptions>) -> Result<lipia::WaitOptions, Error> {
        options.map_or(Ok(self.wait), |options| options.over(self.wait))
    }
}

#[uniffi::export]
impl NativeClient {
    /// Makes a client, and starts nothing. `ledger`: the whole path of the ledger's file; without one the ledger is in memory.
    #[uniffi::constructor(default(ledger = None))]
    pub fn new(
        gateway: NativeGateway,
        settings: ClientSettings,
        credentials: Arc<dyn CredentialsProvider>,
        ledger: Option<String>,
    ) -> Result<Arc<Self>, NativeError> {
        log::begin();
        let wait = settings.wait.unwrap_or_default();
        let settings = gateway.with(settings, credentials, ledger)?;
        Ok(Arc::new(Self {
            client: settings.build()?,
            wait: wait.over(lipia::WaitOptions::default())?,
            listeners: Arc::default(),
        }))
    }

    /// The gateway that the client speaks to.
    pub fn gateway(&self) -> GatewayName {
        self.client.gateway().into()
    }

    /// Makes a payment, and sends nothing.
    pub fn reserve(&self, push: StkPush) -> Result<Arc<PaymentHandle>, NativeError> {
        Ok(PaymentHandle::new(self.client.reserve(push.into())?))
    }

    /// Makes a payment that only one call knows.
    pub fn reserve_unclaimed(
        &self,
        push: StkPush,
        timeout: Option<Seconds>,
        wait: Option<WaitOptions>,
    ) -> Result<Arc<NativeUnclaimedPayment>, NativeError> {
        let client = self.client(timeout)?;
        let wait = self.wait(wait)?;
        let payment = client.reserve(push.into())?;
        Ok(NativeUnclaimedPayment::new(client, wait, payment))
    }

    /// Makes a live payment of a saved one.
    pub fn resume(&self, json: &str) -> Result<Arc<PaymentHandle>, NativeError> {
        let payment = lipia::Payment::from_json(json)?;
        Ok(PaymentHandle::new(self.client.resume(payment)?))
    }

    /// The live payment with this id.
    pub fn find(&self, id: &str) -> Result<Option<Arc<PaymentHandle>>, NativeError> {
        Ok(self.client.find(&id.parse()?).map(PaymentHandle::new))
    }

    /// Live payments whose callers went away. Each is handed out once.
    pub fn unclaimed(&self) -> Vec<Arc<PaymentHandle>> {
        let unclaimed = self.client.unclaimed();
        unclaimed.into_iter().map(PaymentHandle::new).collect()
    }

    /// Whether nothing of this client is in flight.
    pub fn is_at_rest(&self) -> bool {
        self.client.is_at_rest()
    }

    /// Wipes credentials and token from memory. The next call asks the provider again.
    pub fn forget_credentials(&self) {
        self.client.forget_credentials();
    }

    /// Reads the body of a callback of this gateway.
    pub fn parse_callback(&self, body: Vec<u8>) -> Result<Event, NativeError> {
        Ok(Event::from(&self.client.parse_callback(&body)?))
    }

    /// Waits for a payment, step by step.
    pub fn watch(
        &self,
        payment: &PaymentHandle,
        wait: Option<WaitOptions>,
    ) -> Result<Arc<NativeWatch>, NativeError> {
        let watch = self.client.watch(&payment.handle, self.wait(wait)?)?;
        Ok(NativeWatch::new(watch, self.client.clone()))
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeClient {
    /// Pushes a reserved payment.
    pub async fn push(
        &self,
        payment: &PaymentHandle,
        timeout: Option<Seconds>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Acceptance, NativeError> {
        unless_cancelled(cancellation, async {
            let accepted = self.client(timeout)?.push(&payment.handle).await?;
            Ok(Acceptance::from(&accepted))
        })
        .await
    }

    /// Asks about a payment now, and writes the answer into it.
    pub async fn ask(
        &self,
        payment: &PaymentHandle,
        timeout: Option<Seconds>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let asked = self.client(timeout)?.ask(&payment.handle).await?;
            Ok(Payment::from(&asked))
        })
        .await
    }

    /// Asks for the status of a prompt.
    pub async fn stk_query(
        &self,
        checkout_request_id: &str,
        timeout: Option<Seconds>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Status, NativeError> {
        unless_cancelled(cancellation, async {
            let status = self.client(timeout)?.stk_query(checkout_request_id).await?;
            Ok(Status::from(&status))
        })
        .await
    }

    /// Waits for a payment.
    pub async fn wait_for(
        &self,
        payment: &PaymentHandle,
        wait: Option<WaitOptions>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let ended = self.client.wait(&payment.handle, self.wait(wait)?).await?;
            Ok(Payment::waited_for(&ended, &self.client).await)
        })
        .await
    }

    /// Waits for a prompt of which only the id is known.
    pub async fn wait_by_id(
        &self,
        checkout_request_id: &str,
        wait: Option<WaitOptions>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Status, NativeError> {
        unless_cancelled(cancellation, async {
            let options = self.wait(wait)?;
            let status = self.client.wait_by_id(checkout_request_id, options).await?;
            Ok(Status::from(&status))
        })
        .await
    }

    /// Pushes a payment unless it was pushed before, and waits for it.
    pub async fn collect_payment(
        &self,
        payment: &PaymentHandle,
        wait: Option<WaitOptions>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let options = self.wait(wait)?;
            let ended = self
                .client
                .collect_payment(&payment.handle, options)
                .await?;
            Ok(Payment::from(&ended))
        })
        .await
    }

    /// Verifies a callback and applies it to its payment.
    pub async fn receive_callback(
        &self,
        path: &str,
        body: Vec<u8>,
        peer: Option<String>,
        forwarded_for: Vec<String>,
        confirm: bool,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<ReceivedCallback, NativeError> {
        unless_cancelled(cancellation, async {
            let hops: Vec<&str> = forwarded_for.iter().map(String::as_str).collect();
            let mut incoming = IncomingCallback::new(path, &body);
            // An address that is none is one that is not given: where addresses are checked, that is refused.
            if let Some(peer) = peer.and_then(|address| address.parse::<IpAddr>().ok()) {
                incoming = incoming.from_peer(peer, &hops);
            }
            let received = self
                .client
                .receive_callback(incoming, confirm_if(confirm))
                .await?;
            Ok(ReceivedCallback::from(&received))
        })
        .await
    }

    /// Applies an event that came on a payment's own URL to that payment.
    pub async fn believe(
        &self,
        payment: &PaymentHandle,
        event: Event,
        confirm: bool,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Verdict, NativeError> {
        unless_cancelled(cancellation, async {
            let event = self.client.parse_callback(&event.body)?;
            let verdict = self
                .client
                .believe(&payment.handle, &event, confirm_if(confirm))
                .await;
            Ok(verdict.into())
        })
        .await
    }

    /// Waits until nothing of this client is in flight.
    pub async fn drain(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<(), NativeError> {
        unless_cancelled(cancellation, async {
            self.client.drain().await;
            Ok(())
        })
        .await
    }
}

const fn confirm_if(confirm: bool) -> Confirm {
    if confirm {
        Confirm::Successes
    } else {
        Confirm::Never
    }
}
