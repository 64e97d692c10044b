//! The client that Python's half of the package calls. A verb returns a [`NativeCall`], which blocks or is awaited.

use crate::call::{About, NativeCall, Whether};
use crate::data::from_python;
use crate::errors::{or_raise, or_raise_about};
use crate::ledger::NativeLedger;
use crate::log;
use crate::payment::{NativePayment, NativeWatch, Received, VerdictWord, Waited};
use crate::per_process::PerProcess;
use crate::store::PythonStore;
use lipia::callback::Confirm;
use lipia::client::{CallOptions, CheckOptions, ClientSettings};
use lipia::payment::WaitSeconds;
use lipia::{
    Client, Event, IncomingCallback, Payment, PaymentHandle, PhoneNumber, StkPush, WaitOptions,
};
use pyo3::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// One merchant at one gateway.
#[pyclass(frozen, skip_from_py_object, module = "lipia._native")]
#[derive(Clone)]
pub(crate) struct NativeClient {
    made: Arc<Made>,
    options: Option<CallOptions>,
    wait: WaitOptions,
}

/// The client of this process, and what a child makes its own of.
struct Made {
    settings: ClientSettings,
    client: PerProcess<Client>,
}

impl NativeClient {
    pub(crate) fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let made = &self.made;
        let client = made.client.get_or_make(|| made.settings.clone().build());
        let client = or_raise(py, client)?;
        Ok(match self.options {
            Some(options) => client.with_options(options),
            None => Client::clone(&client),
        })
    }

    /// The waits of this client, with what one call wants otherwise.
    pub(crate) fn wait_options(
        &self,
        py: Python<'_>,
        seconds: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<WaitOptions> {
        wait_options(py, self.wait, seconds)
    }

    /// A payment that only this call knows, kept should its caller not learn what came of it.
    fn reserved(
        &self,
        py: Python<'_>,
        push: &Bound<'_, PyAny>,
    ) -> PyResult<(Client, PaymentHandle, About)> {
        let client = self.client(py)?;
        let push: StkPush = from_python(push)?;
        let payment = or_raise(py, client.reserve(push))?;
        let about = About::NewPayment(payment.clone());
        Ok((client, payment, about))
    }

    /// The client and the payment of a call about that payment.
    fn about(
        &self,
        py: Python<'_>,
        payment: &NativePayment,
    ) -> PyResult<(Client, PaymentHandle, About)> {
        let (client, payment) = (self.client(py)?, payment.handle(py)?.clone());
        let about = About::Payment(payment.clone());
        Ok((client, payment, about))
    }
}

fn wait_options(
    py: Python<'_>,
    base: WaitOptions,
    seconds: Option<&Bound<'_, PyAny>>,
) -> PyResult<WaitOptions> {
    let Some(seconds) = seconds else {
        return Ok(base);
    };
    let seconds: WaitSeconds = from_python(seconds)?;
    or_raise(py, base.in_seconds(&seconds))
}

/// A callback as Python gives it: everything it borrows is its own, so that it can be awaited.
struct OwnedCallback {
    path: String,
    body: Vec<u8>,
    peer: Option<String>,
    forwarded_for: Vec<String>,
    confirm: Confirm,
    has_store: bool,
}

impl OwnedCallback {
    async fn receive(self, client: &Client) -> Result<Received, lipia::Error> {
        let hops: Vec<&str> = self.forwarded_for.iter().map(String::as_str).collect();
        let mut incoming = IncomingCallback::new(&self.path, &self.body);
        if let Some(peer) = &self.peer {
            incoming = incoming.from_peer_text(peer, &hops);
        }
        if self.has_store {
            incoming = incoming.with_store();
        }
        client
            .receive_callback(incoming, self.confirm)
            .await
            .map(Received)
    }
}

const fn confirm_if(confirm: bool) -> Confirm {
    if confirm {
        Confirm::Successes
    } else {
        Confirm::Never
    }
}

#[pymethods]
impl NativeClient {
    #[new]
    fn new(
        py: Python<'_>,
        settings: &Bound<'_, PyAny>,
        wait: Option<&Bound<'_, PyAny>>,
        ledger: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        log::listen();
        log::look_at_level(py);
        let mut settings: ClientSettings = from_python(settings)?;
        if let Some(store) = ledger {
            let store = PythonStore::new(store)?;
            settings.ledger_account = store.account();
            settings.ledger_store = Some(Arc::new(store));
        }
        // Built now, so that a mistake in the settings shows where they are written.
        let client = or_raise(py, settings.clone().build());
        log::pass_on(py);
        Ok(Self {
            made: Arc::new(Made {
                settings,
                client: PerProcess::of(client?),
            }),
            options: None,
            wait: wait_options(py, WaitOptions::default(), wait)?,
        })
    }

    fn with_options(
        &self,
        py: Python<'_>,
        timeout_seconds: Option<f64>,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let options = match timeout_seconds {
            Some(seconds) => {
                let options = self.options.unwrap_or_default().timeout_seconds(seconds);
                Some(or_raise(py, options)?)
            }
            None => self.options,
        };
        Ok(Self {
            made: Arc::clone(&self.made),
            options,
            wait: self.wait_options(py, wait)?,
        })
    }

    fn ledger(&self) -> NativeLedger {
        NativeLedger::new(self.clone())
    }

    fn reserve(&self, py: Python<'_>, push: &Bound<'_, PyAny>) -> PyResult<NativePayment> {
        let push: StkPush = from_python(push)?;
        or_raise(py, self.client(py)?.reserve(push)).map(NativePayment::new)
    }

    fn resume(&self, py: Python<'_>, json: &str) -> PyResult<NativePayment> {
        let payment = or_raise(py, Payment::from_json(json))?;
        or_raise(py, self.client(py)?.resume(payment)).map(NativePayment::new)
    }

    fn find(&self, py: Python<'_>, id: &str) -> PyResult<Option<NativePayment>> {
        let id = or_raise(py, id.parse())?;
        Ok(self.client(py)?.find(&id).map(NativePayment::new))
    }

    fn unclaimed(&self, py: Python<'_>) -> PyResult<Vec<NativePayment>> {
        let unclaimed = self.client(py)?.unclaimed();
        Ok(unclaimed.into_iter().map(NativePayment::new).collect())
    }

    fn guard_standing(&self, py: Python<'_>, phone_number: &str) -> PyResult<NativeCall> {
        let phone = or_raise(py, PhoneNumber::parse(phone_number))?;
        let client = self.client(py)?;
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move { client.guard_standing(&phone).await },
        ))
    }

    fn check(&self, py: Python<'_>, reach_callback: bool) -> PyResult<NativeCall> {
        let options = CheckOptions::default().reach_callback(reach_callback);
        let client = self.client(py)?;
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move { Ok(client.check(options).await) },
        ))
    }

    fn is_at_rest(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.client(py)?.is_at_rest())
    }

    /// Waits for what goes on in the background, so long; whether it has ended.
    fn drain(&self, py: Python<'_>, timeout_seconds: f64) -> PyResult<NativeCall> {
        let client = self.client(py)?;
        let longest = Duration::try_from_secs_f64(timeout_seconds).unwrap_or(Duration::MAX);
        Ok(NativeCall::apart(async move {
            let drained = tokio::time::timeout(longest, client.drain()).await;
            Ok(Whether(drained.is_ok()))
        }))
    }

    fn stk_push(&self, py: Python<'_>, push: &Bound<'_, PyAny>) -> PyResult<NativeCall> {
        let (client, payment, about) = self.reserved(py, push)?;
        Ok(NativeCall::new(client, about, |client| async move {
            client.push(&payment).await
        }))
    }

    fn push(&self, py: Python<'_>, payment: &NativePayment) -> PyResult<NativeCall> {
        let (client, payment, about) = self.about(py, payment)?;
        Ok(NativeCall::new(client, about, |client| async move {
            client.push(&payment).await
        }))
    }

    fn ask(&self, py: Python<'_>, payment: &NativePayment) -> PyResult<NativeCall> {
        let (client, payment, about) = self.about(py, payment)?;
        Ok(NativeCall::new(client, about, |client| async move {
            client.ask(&payment).await
        }))
    }

    fn stk_query(&self, py: Python<'_>, checkout_request_id: String) -> PyResult<NativeCall> {
        let client = self.client(py)?;
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move { client.stk_query(&checkout_request_id).await },
        ))
    }

    fn wait(
        &self,
        py: Python<'_>,
        payment: &NativePayment,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeCall> {
        let (client, payment, about) = self.about(py, payment)?;
        let options = self.wait_options(py, wait)?;
        Ok(NativeCall::new(client, about, |client| async move {
            let ended = client.wait(&payment, options).await?;
            Ok(Waited::new(ended, &client).await)
        }))
    }

    fn wait_by_id(
        &self,
        py: Python<'_>,
        checkout_request_id: String,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeCall> {
        let client = self.client(py)?;
        let options = self.wait_options(py, wait)?;
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move { client.wait_by_id(&checkout_request_id, options).await },
        ))
    }

    fn watch(
        &self,
        py: Python<'_>,
        payment: &NativePayment,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeWatch> {
        let (client, payment) = (self.client(py)?, payment.handle(py)?);
        let options = self.wait_options(py, wait)?;
        let watch = or_raise_about(py, Some(&payment), client.watch(&payment, options))?;
        Ok(NativeWatch::new(client, payment.clone(), watch))
    }

    fn collect(
        &self,
        py: Python<'_>,
        push: &Bound<'_, PyAny>,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeCall> {
        let options = self.wait_options(py, wait)?;
        let (client, payment, about) = self.reserved(py, push)?;
        Ok(NativeCall::new(client, about, |client| async move {
            client.collect_payment(&payment, options).await
        }))
    }

    fn collect_payment(
        &self,
        py: Python<'_>,
        payment: &NativePayment,
        wait: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeCall> {
        let (client, payment, about) = self.about(py, payment)?;
        let options = self.wait_options(py, wait)?;
        Ok(NativeCall::new(client, about, |client| async move {
            client.collect_payment(&payment, options).await
        }))
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "Python's half gives each by its place"
    )]
    fn receive_callback(
        &self,
        py: Python<'_>,
        path: String,
        body: Vec<u8>,
        peer: Option<String>,
        forwarded_for: Vec<String>,
        confirm: bool,
        has_store: bool,
    ) -> PyResult<NativeCall> {
        let callback = OwnedCallback {
            path,
            body,
            peer,
            forwarded_for,
            confirm: confirm_if(confirm),
            has_store,
        };
        let client = self.client(py)?;
        Ok(NativeCall::new(
            client,
            About::Nothing,
            |client| async move { callback.receive(&client).await },
        ))
    }

    fn believe(
        &self,
        py: Python<'_>,
        payment: &NativePayment,
        body: &[u8],
        confirm: bool,
    ) -> PyResult<NativeCall> {
        let (client, payment, about) = self.about(py, payment)?;
        let event: Event = or_raise(py, client.parse_callback(body))?;
        Ok(NativeCall::new(client, about, |client| async move {
            let verdict = client.believe(&payment, &event, confirm_if(confirm)).await;
            Ok(VerdictWord(verdict))
        }))
    }
}
