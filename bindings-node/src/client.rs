//! The client that the package calls, with one method for each verb. A verb returns the error of a call that cannot begin;
//! any other result is delivered with the call's number.

use crate::answer::{Shown, data, refusal};
use crate::calls::{NativeCalls, Thread};
use crate::payment::{NativePayment, NativeWatch};
use crate::runtime;
use lipia::callback::Confirm;
use lipia::client::{CallOptions, CheckOptions, ClientSettings};
use lipia::payment::WaitSeconds;
use lipia::{Client, Error, Event, IncomingCallback, Payment, PhoneNumber, StkPush, WaitOptions};
use napi::Env;
use napi::bindgen_prelude::{Either, Null};
use napi_derive::napi;
use std::future::Future;

/// A thing, or in its place the error that kept it from being made.
type OrRefusal<T> = Either<T, String>;

fn or_refusal<T>(result: Result<T, Error>) -> OrRefusal<T> {
    match result {
        Ok(made) => Either::A(made),
        Err(error) => Either::B(refusal(&error)),
    }
}

/// What stands between a call and its beginning: an error of the core's, or of the border itself.
pub(crate) enum NotBegun {
    Refused(Error),
    Broken(napi::Error),
}

impl From<Error> for NotBegun {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<napi::Error> for NotBegun {
    fn from(error: napi::Error) -> Self {
        Self::Broken(error)
    }
}

/// What a verb returns.
pub(crate) type Begun = napi::Result<Option<String>>;

pub(crate) fn begun(result: Result<(), NotBegun>) -> Begun {
    match result {
        Ok(()) => Ok(None),
        Err(NotBegun::Refused(error)) => Ok(Some(refusal(&error))),
        Err(NotBegun::Broken(error)) => Err(error),
    }
}

/// One merchant at one gateway.
#[napi]
pub struct NativeClient {
    pub(crate) thread: Thread,
    pub(crate) client: Client,
    options: CallOptions,
    wait: WaitOptions,
}

/// Makes a client, and starts nothing.
#[napi]
pub fn open_client(
    calls: &NativeCalls,
    settings: String,
    wait: Option<String>,
) -> napi::Result<OrRefusal<NativeClient>> {
    let settings: ClientSettings = data(&settings)?;
    let timeout = settings.timeout_seconds;
    let wait = wait.as_deref().map(data::<WaitSeconds>).transpose()?;
    let make = || {
        Ok(NativeClient {
            thread: calls.thread(),
            client: settings.build()?,
            options: options_with(CallOptions::default(), timeout)?,
            wait: wait_with(WaitOptions::default(), wait.as_ref())?,
        })
    };
    Ok(or_refusal(make()))
}

fn options_with(base: CallOptions, timeout_seconds: Option<f64>) -> Result<CallOptions, Error> {
    timeout_seconds.map_or(Ok(base), |seconds| base.timeout_seconds(seconds))
}

fn wait_with(base: WaitOptions, wait: Option<&WaitSeconds>) -> Result<WaitOptions, Error> {
    wait.map_or(Ok(base), |seconds| base.in_seconds(seconds))
}

impl NativeClient {
    /// The client for one call.
    fn client(&self, timeout_seconds: Option<f64>) -> Result<Client, Error> {
        Ok(match timeout_seconds {
            None => self.client.clone(),
            Some(_) => self
                .client
                .with_options(options_with(self.options, timeout_seconds)?),
        })
    }

    fn wait_options(&self, wait: Option<&str>) -> Result<WaitOptions, NotBegun> {
        let wait = wait.map(data::<WaitSeconds>).transpose()?;
        Ok(wait_with(self.wait, wait.as_ref())?)
    }

    /// Begins a call with the client for it.
    pub(crate) fn with_client(
        &self,
        timeout_seconds: Option<f64>,
        begin: impl FnOnce(Client) -> Result<(), NotBegun>,
    ) -> Begun {
        let client = self.client(timeout_seconds).map_err(NotBegun::from);
        begun(client.and_then(begin))
    }

    /// Begins a wait.
    pub(crate) fn with_wait(
        &self,
        wait: Option<&str>,
        begin: impl FnOnce(Client, WaitOptions) -> Result<(), NotBegun>,
    ) -> Begun {
        let options = self.wait_options(wait);
        begun(options.and_then(|options| begin(self.client.clone(), options)))
    }

    /// Does something with the client in the runtime of the process, where its background work runs.
    pub(crate) fn within_runtime(&self, work: impl FnOnce(&Client)) -> napi::Result<()> {
        let runtime = runtime::for_node()?;
        let _runtime = runtime.enter();
        work(&self.client);
        Ok(())
    }

    pub(crate) fn start<T: Shown>(
        &self,
        env: &Env,
        call: u32,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<(), NotBegun> {
        Ok(self.thread.start(env, call, work)?)
    }
}

#[napi]
impl NativeClient {
    #[napi]
    pub fn with_options(
        &self,
        timeout_seconds: Option<f64>,
        wait: Option<String>,
    ) -> napi::Result<OrRefusal<NativeClient>> {
        let wait = wait.as_deref().map(data::<WaitSeconds>).transpose()?;
        let make = || {
            let options = options_with(self.options, timeout_seconds)?;
            Ok(NativeClient {
                thread: self.thread.clone(),
                client: self.client(timeout_seconds)?,
                options,
                wait: wait_with(self.wait, wait.as_ref())?,
            })
        };
        Ok(or_refusal(make()))
    }

    #[napi]
    pub fn reserve(&self, push: String) -> napi::Result<OrRefusal<NativePayment>> {
        let push: StkPush = data(&push)?;
        let handle = self.client.reserve(push);
        Ok(or_refusal(handle.map(NativePayment::new)))
    }

    #[napi]
    pub fn resume(&self, payment: String) -> OrRefusal<NativePayment> {
        let handle = Payment::from_json(&payment).and_then(|payment| self.client.resume(payment));
        or_refusal(handle.map(NativePayment::new))
    }

    #[napi]
    pub fn find(&self, id: String) -> Either<OrRefusal<NativePayment>, Null> {
        match id.parse().map(|id| self.client.find(&id)) {
            Ok(None) => Either::B(Null),
            Ok(Some(handle)) => Either::A(Either::A(NativePayment::new(handle))),
            Err(error) => Either::A(Either::B(refusal(&error))),
        }
    }

    /// Whether pushes can be paid, line by line.
    #[napi]
    pub fn check(&self, env: Env, call: u32, reach_callback: bool) -> Begun {
        let client = self.client.clone();
        let options = CheckOptions::default().reach_callback(reach_callback);
        begun(self.start(&env, call, async move { Ok(client.check(options).await) }))
    }

    /// How close a phone and the account are to being refused.
    #[napi]
    pub fn guard_standing(&self, env: Env, call: u32, phone_number: String) -> Begun {
        let client = self.client.clone();
        begun(
            PhoneNumber::parse(&phone_number)
                .map_err(NotBegun::from)
                .and_then(|phone| {
                    self.start(
                        &env,
                        call,
                        async move { client.guard_standing(&phone).await },
                    )
                }),
        )
    }

    #[napi]
    pub fn is_at_rest(&self) -> bool {
        self.client.is_at_rest()
    }

    #[napi]
    pub fn drain(&self, env: Env, call: u32) -> Begun {
        let client = self.client.clone();
        begun(self.start(&env, call, async move {
            client.drain().await;
            Ok(())
        }))
    }

    #[napi]
    pub fn push(
        &self,
        env: Env,
        call: u32,
        payment: &NativePayment,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        self.with_client(timeout_seconds, |client| {
            let thread = &self.thread;
            Ok(thread.start_push(&env, call, &client, &payment.handle)?)
        })
    }

    /// Asks about a payment now, and writes what is learnt into it.
    #[napi]
    pub fn ask(
        &self,
        env: Env,
        call: u32,
        payment: &NativePayment,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        let payment = payment.handle.clone();
        self.with_client(timeout_seconds, |client| {
            self.start(&env, call, async move { client.ask(&payment).await })
        })
    }

    #[napi]
    pub fn stk_query(
        &self,
        env: Env,
        call: u32,
        checkout_request_id: String,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        self.with_client(timeout_seconds, |client| {
            self.start(&env, call, async move {
                client.stk_query(&checkout_request_id).await
            })
        })
    }

    #[napi]
    pub fn watch(
        &self,
        payment: &NativePayment,
        wait: Option<String>,
    ) -> napi::Result<OrRefusal<NativeWatch>> {
        let watch = self
            .wait_options(wait.as_deref())
            .and_then(|options| Ok(self.client.watch(&payment.handle, options)?));
        match watch {
            Ok(watch) => Ok(Either::A(NativeWatch::new(
                self.thread.clone(),
                self.client.clone(),
                watch,
            ))),
            Err(NotBegun::Refused(error)) => Ok(Either::B(refusal(&error))),
            Err(NotBegun::Broken(error)) => Err(error),
        }
    }

    #[napi]
    pub fn wait_by_id(
        &self,
        env: Env,
        call: u32,
        checkout_request_id: String,
        wait: Option<String>,
    ) -> Begun {
        self.with_wait(wait.as_deref(), |client, options| {
            self.start(&env, call, async move {
                client.wait_by_id(&checkout_request_id, options).await
            })
        })
    }

    #[napi]
    pub fn collect_payment(
        &self,
        env: Env,
        call: u32,
        payment: &NativePayment,
        wait: Option<String>,
    ) -> Begun {
        let payment = payment.handle.clone();
        self.with_wait(wait.as_deref(), |client, options| {
            self.start(&env, call, async move {
                client.collect_payment(&payment, options).await
            })
        })
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the package gives each by its place"
    )]
    #[napi]
    pub fn receive_callback(
        &self,
        env: Env,
        call: u32,
        path: String,
        body: &[u8],
        peer: Option<String>,
        forwarded_for: Vec<String>,
        has_store: bool,
        confirm: bool,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        let body = body.to_vec();
        self.with_client(timeout_seconds, |client| {
            self.start(&env, call, async move {
                let hops: Vec<&str> = forwarded_for.iter().map(String::as_str).collect();
                let mut incoming = IncomingCallback::new(&path, &body);
                if let Some(peer) = &peer {
                    incoming = incoming.from_peer_text(peer, &hops);
                }
                if has_store {
                    incoming = incoming.with_store();
                }
                client.receive_callback(incoming, confirm_if(confirm)).await
            })
        })
    }

    #[napi]
    pub fn believe(
        &self,
        env: Env,
        call: u32,
        payment: &NativePayment,
        body: &[u8],
        confirm: bool,
        timeout_seconds: Option<f64>,
    ) -> Begun {
        let payment = payment.handle.clone();
        self.with_client(timeout_seconds, |client| {
            let event: Event = client.parse_callback(body)?;
            self.start(&env, call, async move {
                let verdict = client.believe(&payment, &event, confirm_if(confirm)).await;
                Ok(verdict)
            })
        })
    }
}

const fn confirm_if(confirm: bool) -> Confirm {
    if confirm {
        Confirm::Successes
    } else {
        Confirm::Never
    }
}
