//! The ledger as the package calls it: orders, payments, and the handler of outcomes.

use crate::answer::{Shown, Snapshot, data};
use crate::client::{Begun, NativeClient, NotBegun, begun};
use lipia::client::{LedgerPayment, PaymentPage, Reconciled, Resolution};
use lipia::ledger::Search;
use lipia::payment::PaymentState;
use lipia::values::EatTime;
use lipia::{Client, Error, Payment, PhoneNumber, StkPush, WaitOptions};
use napi::Env;
use napi_derive::napi;
use serde::{Deserialize, Serialize};

/// A payment of the ledger, as JavaScript has it.
#[derive(Serialize)]
pub(crate) struct LedgerData<'a> {
    #[serde(flatten)]
    snapshot: Snapshot<'a>,
    order: Option<&'a str>,
    order_is_paid: bool,
    is_paid_twice: bool,
    attempt: u32,
}

impl<'a> LedgerData<'a> {
    pub(crate) fn new(payment: &'a LedgerPayment) -> Self {
        Self {
            snapshot: Snapshot::new(payment),
            order: payment.order(),
            order_is_paid: payment.order_is_paid(),
            is_paid_twice: payment.is_paid_twice(),
            attempt: payment.attempt(),
        }
    }
}

impl Shown for LedgerPayment {
    fn shown(&self) -> impl Serialize {
        LedgerData::new(self)
    }
}

impl Shown for Vec<LedgerPayment> {
    fn shown(&self) -> impl Serialize {
        self.iter().map(LedgerData::new).collect::<Vec<_>>()
    }
}

/// The payments of a page, and what the next page is asked for with.
impl Shown for PaymentPage {
    fn shown(&self) -> impl Serialize {
        (self.payments.shown(), self.next)
    }
}

impl Shown for Reconciled {
    fn shown(&self) -> impl Serialize {
        (
            self.senders_died,
            self.judged,
            self.asked,
            self.told,
            self.not_told,
        )
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
                attempt: 0,
            },
        }
    }
}

async fn collect(client: Client, push: StkPush, options: WaitOptions) -> Result<Collected, Error> {
    let order = push.order.clone();
    let payment = client.collect(push, options).await?;
    let of_ledger = client.payments().get(payment.id().as_str()).await;
    let is_behind =
        |row: &LedgerPayment| row.settled_at().is_none() && payment.settled_at().is_some();
    Ok(match of_ledger {
        Ok(of_ledger) if !is_behind(&of_ledger) => Collected::OfLedger(Box::new(of_ledger)),
        _ => Collected::OfProcess(Box::new(payment), order),
    })
}

/// The filters of a search, as plain data.
#[derive(Deserialize)]
struct SearchData {
    state: Option<PaymentState>,
    receipt: Option<String>,
    phone_number: Option<String>,
    reference: Option<String>,
    /// Milliseconds since 1970.
    since: Option<i64>,
}

impl SearchData {
    fn search(self, client: &Client) -> Result<Search, Error> {
        let mut search = Search::of(client.payments().scope().clone());
        search.state = self.state;
        search.receipt = self.receipt;
        search.phone_number = match self.phone_number {
            Some(text) => Some(PhoneNumber::parse(&text)?),
            None => None,
        };
        search.reference = self.reference;
        search.since = self.since.map(EatTime::from_unix_millis);
        Ok(search)
    }
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

    /// Ends the background work, and waits for tellings that have begun.
    #[napi]
    pub fn stop_telling(&self, env: Env, call: u32) -> Begun {
        let client = self.client.clone();
        begun(self.start(&env, call, async move {
            client.stop().await;
            Ok(())
        }))
    }

    #[napi]
    pub fn payment_of_ledger(&self, env: Env, call: u32, id: String) -> Begun {
        let client = self.client.clone();
        begun(self.start(&env, call, async move { client.payments().get(&id).await }))
    }

    #[napi]
    pub fn payments_of_order(&self, env: Env, call: u32, order: String) -> Begun {
        let client = self.client.clone();
        begun(self.start(&env, call, async move {
            client.payments().of_order(&order).await
        }))
    }

    #[napi]
    pub fn search_payments(
        &self,
        env: Env,
        call: u32,
        search: String,
        page: Option<i64>,
        most: u32,
    ) -> Begun {
        let search: SearchData = data(&search)?;
        let client = self.client.clone();
        begun(
            search
                .search(&client)
                .map_err(NotBegun::from)
                .and_then(|search| {
                    self.start(&env, call, async move {
                        let page = page.and_then(|page| u64::try_from(page).ok());
                        let most = usize::try_from(most).unwrap_or(usize::MAX);
                        client.payments().search(&search, page, most).await
                    })
                }),
        )
    }

    #[napi]
    pub fn ask_payment(
        &self,
        env: Env,
        call: u32,
        id: String,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        self.with_client(timeout_seconds, |client| {
            self.start(&env, call, async move { client.payments().ask(&id).await })
        })
    }

    #[napi]
    pub fn release_order(&self, env: Env, call: u32, order: String) -> Begun {
        let client = self.client.clone();
        begun(self.start(&env, call, async move {
            client.payments().release(&order).await
        }))
    }

    /// With a receipt it was paid, without one it was not.
    #[napi]
    pub fn resolve_payment(
        &self,
        env: Env,
        call: u32,
        id: String,
        receipt: Option<String>,
    ) -> Begun {
        let client = self.client.clone();
        let resolution = match receipt {
            Some(receipt) => Resolution::Paid { receipt },
            None => Resolution::NotPaid,
        };
        begun(self.start(&env, call, async move {
            client.payments().resolve(&id, &resolution).await
        }))
    }

    #[napi]
    pub fn reconcile(&self, env: Env, call: u32) -> Begun {
        let client = self.client.clone();
        begun(self.start(
            &env,
            call,
            async move { client.payments().reconcile().await },
        ))
    }
}
