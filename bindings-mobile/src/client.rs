//! The client as the shells call it: one method a verb.

use crate::callback::{Event, ReceivedCallback};
use crate::credentials::CredentialsProvider;
use crate::error::NativeError;
use crate::leaving::{NativeLeaving, unless_left};
use crate::log;
use crate::numbers::Seconds;
use crate::payment::{Payment, PaymentHandle, StkPush};
use crate::sale::NativeSale;
use crate::settings::{ClientSettings, NativeGateway, WaitOptions};
use crate::status::{Acceptance, Status};
use crate::store::PaymentStore;
use crate::wait::NativeWatch;
use crate::words::{GatewayName, Verdict};
use lipia::{CallOptions, Client, Confirm, Error, IncomingCallback};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// One merchant at one gateway.
#[derive(uniffi::Object)]
pub struct NativeClient {
    client: Client,
    wait: lipia::WaitOptions,
}

impl fmt::Debug for NativeClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

impl NativeClient {
    /// The client for one call.
    fn client(&self, timeout: Option<Seconds>) -> Result<Client, Error> {
        Ok(match timeout {
            None => self.client.clone(),
            Some(Seconds(seconds)) => self
                .client
                .with_options(CallOptions::default().timeout_seconds(seconds)?),
        })
    }

    fn wait(&self, options: Option<WaitOptions>) -> Result<lipia::WaitOptions, Error> {
        options.map_or(Ok(self.wait), |options| options.over(self.wait))
    }
}

#[uniffi::export]
impl NativeClient {
    /// Makes a client, and starts nothing.
    #[uniffi::constructor]
    pub fn new(
        gateway: NativeGateway,
        settings: ClientSettings,
        credentials: Arc<dyn CredentialsProvider>,
        store: Option<Arc<dyn PaymentStore>>,
    ) -> Result<Arc<Self>, NativeError> {
        log::tell_panics();
        let wait = settings.wait.unwrap_or_default();
        Ok(Arc::new(Self {
            client: gateway.with(settings, credentials, store).build()?,
            wait: wait.over(lipia::WaitOptions::default())?,
        }))
    }

    /// Which gateway it speaks to.
    pub fn gateway(&self) -> GatewayName {
        self.client.gateway().into()
    }

    /// Makes a payment, and sends nothing.
    pub fn reserve(&self, push: StkPush) -> Result<Arc<PaymentHandle>, NativeError> {
        Ok(PaymentHandle::new(self.client.reserve(push.into())?))
    }

    /// Makes a payment for a call that alone knows it.
    pub fn begin_sale(
        &self,
        push: StkPush,
        timeout: Option<Seconds>,
        wait: Option<WaitOptions>,
    ) -> Result<Arc<NativeSale>, NativeError> {
        let client = self.client(timeout)?;
        let wait = self.wait(wait)?;
        let payment = client.reserve(push.into())?;
        Ok(NativeSale::new(client, wait, payment))
    }

    /// Takes up a payment that was saved.
    pub fn resume(&self, json: &str) -> Result<Arc<PaymentHandle>, NativeError> {
        let payment = lipia::Payment::from_json(json)?;
        Ok(PaymentHandle::new(self.client.resume(payment)?))
    }

    /// The live payment of that id.
    pub fn find(&self, id: &str) -> Result<Option<Arc<PaymentHandle>>, NativeError> {
        Ok(self.client.find(&id.parse()?).map(PaymentHandle::new))
    }

    /// The payments of callers that went away. Each is handed out once.
    pub fn unclaimed(&self) -> Vec<Arc<PaymentHandle>> {
        let unclaimed = self.client.unclaimed();
        unclaimed.into_iter().map(PaymentHandle::new).collect()
    }

    /// Whether nothing of it goes on in the background.
    pub fn is_at_rest(&self) -> bool {
        self.client.is_at_rest()
    }

    /// Wipes credentials and token from memory; the next call asks for them again.
    pub fn forget_credentials(&self) {
        self.client.forget_keys();
    }

    /// Reads what was posted to a callback URL of this gateway.
    pub fn parse_callback(&self, body: Vec<u8>) -> Result<Event, NativeError> {
        Ok(Event::from(&self.client.parse_callback(&body)?))
    }

    /// Waits for a payment, piece by piece.
    pub fn watch(
        &self,
        payment: &PaymentHandle,
        wait: Option<WaitOptions>,
    ) -> Result<Arc<NativeWatch>, NativeError> {
        let watch = self.client.watch(&payment.handle, self.wait(wait)?)?;
        Ok(NativeWatch::new(watch))
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeClient {
    /// Prompts the customer of a payment that was reserved.
    pub async fn push(
        &self,
        payment: &PaymentHandle,
        timeout: Option<Seconds>,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Acceptance, NativeError> {
        unless_left(leaving, async {
            let accepted = self.client(timeout)?.push(&payment.handle).await?;
            Ok(Acceptance::from(&accepted))
        })
        .await
    }

    /// Asks what became of a prompt.
    pub async fn stk_query(
        &self,
        checkout_request_id: &str,
        timeout: Option<Seconds>,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Status, NativeError> {
        unless_left(leaving, async {
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
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Payment, NativeError> {
        unless_left(leaving, async {
            let ended = self.client.wait(&payment.handle, self.wait(wait)?).await?;
            Ok(Payment::from(&ended))
        })
        .await
    }

    /// Waits for a prompt of which nothing is known but its id.
    pub async fn wait_by_id(
        &self,
        checkout_request_id: &str,
        wait: Option<WaitOptions>,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Status, NativeError> {
        unless_left(leaving, async {
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
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Payment, NativeError> {
        unless_left(leaving, async {
            let options = self.wait(wait)?;
            let ended = self
                .client
                .collect_payment(&payment.handle, options)
                .await?;
            Ok(Payment::from(&ended))
        })
        .await
    }

    /// Takes in what was posted to a callback URL.
    pub async fn receive_callback(
        &self,
        path: &str,
        body: Vec<u8>,
        peer: Option<String>,
        forwarded_for: Vec<String>,
        confirm: bool,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<ReceivedCallback, NativeError> {
        unless_left(leaving, async {
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

    /// Hands an event that came on a payment's own URL to that payment.
    pub async fn believe(
        &self,
        payment: &PaymentHandle,
        event: Event,
        confirm: bool,
        leaving: Option<Arc<NativeLeaving>>,
    ) -> Result<Verdict, NativeError> {
        unless_left(leaving, async {
            let event = self.client.parse_callback(&event.body)?;
            let verdict = self
                .client
                .believe(&payment.handle, &event, confirm_if(confirm))
                .await;
            Ok(verdict.into())
        })
        .await
    }

    /// Waits until nothing of it goes on in the background.
    pub async fn at_rest(&self, leaving: Option<Arc<NativeLeaving>>) -> Result<(), NativeError> {
        unless_left(leaving, async {
            self.client.at_rest().await;
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
