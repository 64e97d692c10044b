//! A shop with a ledger, and a payment's whole life in it.

use crate::Trouble;
use crate::by_hand::phone;
use crate::gateway::{Connections, Gateway, SystemChance};
use crate::place;
use lipia::callback::Confirm;
use lipia::client::LedgerPayment;
use lipia::{Client, Daraja, IncomingCallback, StkPush};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// What every payment asks for, in whole KES.
pub(crate) const AMOUNT: u32 = 150;

/// The account of the shop's payments in the ledger.
pub(crate) const ACCOUNT: &str = "daraja:174379";

/// A client, its gateway, and what its handler was told.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) gateway: Arc<Gateway>,
    told: Arc<(AtomicUsize, Notify)>,
}

impl Shop {
    /// A shop whose payments are in the ledger at an address.
    pub(crate) fn open(address: &str) -> Result<Self, Trouble> {
        let gateway = Gateway::new();
        let client = Daraja::builder()
            .consumer_key("a-key")
            .consumer_secret("a-secret")
            .short_code("174379")
            .pass_key("bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919")
            .callback_url("https://shop.example/pay")
            .callback_secrets(["a secret of the shop's, long enough"])
            .ledger(place::open(address)?)
            .simulated(
                Arc::new(Connections(Arc::clone(&gateway))),
                Arc::new(SystemChance::open()?),
            )
            .build()?;
        Ok(Self {
            client,
            gateway,
            told: Arc::default(),
        })
    }

    /// Has the handler count what it is told.
    pub(crate) fn listen(&self) {
        let told = Arc::clone(&self.told);
        self.client.on_outcome(move |payment| {
            let told = Arc::clone(&told);
            async move {
                if !payment.is_paid() {
                    return Err("it is not paid");
                }
                told.0.fetch_add(1, Ordering::AcqRel);
                told.1.notify_one();
                Ok(())
            }
        });
    }

    /// Waits until the handler was told of so many payments.
    pub(crate) async fn has_told(&self, payments: usize) {
        while self.told.0.load(Ordering::Acquire) < payments {
            self.told.1.notified().await;
        }
    }

    /// Requests a payment.
    pub(crate) async fn request(&self, name: &str) -> Result<LedgerPayment, Trouble> {
        Ok(self.client.request(push(name)).await?)
    }

    /// Takes in the callback of a payment that was requested, which says that it is paid.
    pub(crate) async fn pay(&self, name: &str) -> Result<(), Trouble> {
        let callback = self.gateway.callback(name);
        let (path, body) = callback.ok_or("nobody was prompted")?;
        let incoming = IncomingCallback::new(&path, &body);
        let received = self
            .client
            .receive_callback(incoming, Confirm::Never)
            .await?;
        if received.verdict == Some(lipia::Verdict::Believed) {
            Ok(())
        } else {
            Err(format!("a callback is not believed: {received:?}").into())
        }
    }
}

/// The push of the payment with that name: its order, its reference, and a phone of its own.
pub(crate) fn push(name: &str) -> StkPush {
    push_without_order(name).order(name)
}

/// The same push of a payment whose order is claimed by hand.
pub(crate) fn push_without_order(name: &str) -> StkPush {
    StkPush::new(phone(name), AMOUNT, name)
}
