//! Orders, and the handler of outcomes, for the package.

use crate::answer::{Shown, Snapshot, data};
use crate::client::{Begun, NativeClient, begun};
use lipia::client::LedgerPayment;
use lipia::{Client, Error, Payment, StkPush, WaitOptions};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;

/// A payment of the ledger, as JavaScript has it.
#[derive(Serialize)]
pub(crate) struct LedgerData<'a> {
    #[serde(flatten)]
    snapshot: Snapshot<'a>,
    order: Option<&'a str>,
    order_is_paid: bool,
    is_paid_twice: bool,
    is_existing: bool,
    attempt: u32,
}

impl<'a> LedgerData<'a> {
    pub(crate) fn new(payment: &'a LedgerPayment) -> Self {
        Self {
            snapshot: Snapshot::new(payment),
            order: payment.order(),
            order_is_paid: payment.order_is_paid(),
            is_paid_twice: payment.is_paid_twice(),
            is_existing: payment.is_existing(),
            attempt: payment.attempt(),
        }
    }
}

impl Shown for LedgerPayment {
    fn shown(&self) -> impl Serialize {
        LedgerData::new(self)
    }
}

/// What came of a collect: as the ledger has the payment, or as this process has it where the ledger is behind.
enum Collected {
    OfLedger(Box<LedgerPayment>),
    OfProcess(Box<Payment>, Option<String>),
}

impl Shown for Collected {
    fn shown(&self) -> impl Serialize {
        match self {
            Self::OfLedger(payment) => LedgerData::new(payment),
            Self::OfProcess(payment, order) => LedgerData {
                snapshot: Snapshot::new(payment),
                order: order.as_deref(),
                order_is_paid: payment.is_paid(),
                is_paid_twice: false,
                is_existing: false,
                attempt: 0,
            },
        }
    }
}

async fn collect(client: Client, push: StkPush, options: WaitOptions) -> Result<Collected, Error> {
    let order = push.order.clone();
    let payment = client.collect(push, options).await?;
    Ok(match client.payments().of_collected(&payment).await {
        Some(of_ledger) => Collected::OfLedger(Box::new(of_ledger)),
        None => Collected::OfProcess(Box::new(payment), order),
    })
}

#[napi]
impl NativeClient {
    #[napi]
    pub fn request(
        &self,
        env: Env,
        call: u32,
        push: String,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        let push: StkPush = data(&push)?;
        self.with_client(timeout_seconds, |client| {
            self.start(&env, call, async move { client.request(push).await })
        })
    }

    #[napi]
    pub fn collect_order(&self, env: Env, call: u32, push: String, wait: Option<String>) -> Begun {
        let push: StkPush = data(&push)?;
        self.with_wait(wait.as_deref(), |client, options| {
            self.start(&env, call, collect(client, push, options))
        })
    }

    /// Tells what becomes of payments to the thread's function, under this number.
    #[napi]
    pub fn on_outcome(&self, handler: u32) -> napi::Result<()> {
        let thread = self.thread.clone();
        thread.has_handler(handler, &self.client);
        self.within_runtime(|client| {
            client.on_outcome(move |payment| {
                let told = thread.tell_outcome(handler, payment);
                async move { told.heard().await }
            });
        })
    }

    #[napi]
    pub fn start_telling(&self) -> napi::Result<()> {
        self.within_runtime(Client::start)
    }

    /// Ends the background work, and waits for tellings that have begun. The handler of that number is not needed any more.
    #[napi]
    pub fn stop_telling(&self, env: Env, call: u32, handler: u32) -> Begun {
        self.thread.lets_handler_go(handler);
        let client = self.client.clone();
        begun(self.start(&env, call, async move {
            client.stop().await;
            Ok(())
        }))
    }
}
