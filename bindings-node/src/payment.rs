//! A live payment, and a wait for one.

use crate::answer::{Snapshot, Told, answer, json, refusal};
use crate::calls::Thread;
use lipia::client::Watch;
use lipia::{Client, Error, Payment, PaymentHandle};
use napi::Env;
use napi_derive::napi;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A live payment of this process.
#[napi]
pub struct NativePayment {
    pub(crate) handle: PaymentHandle,
}

impl NativePayment {
    pub(crate) const fn new(handle: PaymentHandle) -> Self {
        Self { handle }
    }
}

#[napi]
impl NativePayment {
    #[napi(getter)]
    pub fn id(&self) -> String {
        self.handle.id().as_str().to_owned()
    }

    #[napi(getter)]
    pub fn gateway(&self) -> &'static str {
        self.handle.gateway().as_str()
    }

    #[napi]
    pub fn snapshot(&self) -> String {
        json(&Snapshot::new(&self.handle.snapshot()))
    }

    /// Announces that the push is about to leave.
    #[napi]
    pub fn begin(&self) -> Option<String> {
        self.handle.begin().err().map(|error| refusal(&error))
    }

    /// Hands in the body of a callback; what that did.
    #[napi]
    pub fn notify(&self, body: &[u8]) -> String {
        let event = lipia::parse_callback(Some(self.handle.gateway()), body);
        answer(
            event
                .as_ref()
                .map(|event| self.handle.notify(event).as_str()),
        )
    }
}

/// The fields of a payment that was saved.
#[napi]
pub fn read_payment(payment: String) -> String {
    let payment = Payment::from_json(&payment);
    answer(payment.as_ref().map(Snapshot::new))
}

/// What a customer may be shown of a payment that was saved.
#[napi]
pub fn payment_for_customer(payment: String) -> String {
    answer(Payment::from_json(&payment).map(|payment| payment.for_customer()))
}

/// A wait that tells what happens.
#[napi]
pub struct NativeWatch {
    thread: Thread,
    client: Client,
    watch: Arc<Mutex<Watch>>,
}

impl NativeWatch {
    pub(crate) fn new(thread: Thread, client: Client, watch: Watch) -> Self {
        Self {
            thread,
            client,
            watch: Arc::new(Mutex::new(watch)),
        }
    }
}

#[napi]
impl NativeWatch {
    /// The next piece of news. After the last there is `null`.
    #[napi]
    pub fn next(&self, env: Env, call: u32) -> napi::Result<()> {
        let (watch, client) = (Arc::clone(&self.watch), self.client.clone());
        self.thread.start(&env, call, async move {
            let progress = watch.lock().await.next().await;
            Ok::<_, Error>(match progress {
                Some(progress) => Some(Told::new(progress, &client).await),
                None => None,
            })
        })
    }
}
