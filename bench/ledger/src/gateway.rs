//! A gateway in this process's memory, which accepts every push at once: its part of the time and of the CPU is small.

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, header};
use lipia::simulation::{Chance, Lost, Network, Request, Response};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The gateway, as Daraja speaks.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// Ids begin with it: two processes share a ledger.
    process: u32,
    prompts: AtomicU64,
    /// By account reference: path and body of the callback about a push that was paid.
    callbacks: Mutex<HashMap<String, (String, Vec<u8>)>>,
}

impl Gateway {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            process: std::process::id(),
            prompts: AtomicU64::new(0),
            callbacks: Mutex::default(),
        })
    }

    /// Path and body of the callback about the push with that account reference.
    pub(crate) fn callback(&self, reference: &str) -> Option<(String, Vec<u8>)> {
        let callbacks = self.callbacks.lock();
        callbacks
            .unwrap_or_else(PoisonError::into_inner)
            .remove(reference)
    }

    fn push(&self, body: &Value) -> Option<String> {
        let number = self.prompts.fetch_add(1, Ordering::Relaxed);
        let process = self.process;
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let phone = text("PhoneNumber")?;
        let amount = text("Amount")?;
        let url = text("CallBackURL")?;
        let (_, path) = url.strip_prefix("https://")?.split_once('/')?;
        let ids = format!(
            r#""MerchantRequestID":"29115-{process}-{number}","CheckoutRequestID":"ws_CO_{process}_{number}""#
        );
        let callback = format!(
            r#"{{"Body":{{"stkCallback":{{{ids},"ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{{"Item":[{{"Name":"Amount","Value":{amount}.00}},{{"Name":"MpesaReceiptNumber","Value":"{}"}},{{"Name":"Balance"}},{{"Name":"TransactionDate","Value":20261129102115}},{{"Name":"PhoneNumber","Value":{phone}}}]}}}}}}}}"#,
            receipt(u64::from(process), number)
        );
        self.callbacks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                text("AccountReference")?.to_owned(),
                (format!("/{path}"), callback.into_bytes()),
            );
        Some(format!(
            r#"{{{ids},"ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}}"#
        ))
    }

    fn answer(&self, request: &Request) -> Response {
        let body = request.body.as_deref().unwrap_or_default();
        let (status, text) = if request.path.starts_with("/oauth/") {
            let token = r#"{"access_token":"a-token-of-the-bench","expires_in":"3599"}"#;
            (200, token.to_owned())
        } else if request.path.ends_with("/processrequest") {
            let answer = serde_json::from_slice(body).ok();
            match answer.and_then(|body| self.push(&body)) {
                Some(accepted) => (200, accepted),
                None => (400, String::new()),
            }
        } else {
            let waits = r#"{"requestId":"4801-5","errorCode":"500.001.1001","errorMessage":"The transaction is being processed"}"#;
            (500, waits.to_owned())
        };
        let json = HeaderValue::from_static("application/json");
        Response {
            status,
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
            body: text.into(),
        }
    }
}

/// A receipt of ten letters and digits that no other prompt has.
fn receipt(process: u64, number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = process << 32 | number;
    let digits = (0..9).map(|_| {
        let digit = usize::try_from(rest % 36).unwrap_or(0);
        rest /= 36;
        char::from(DIGITS.get(digit).copied().unwrap_or(b'0'))
    });
    std::iter::once('S').chain(digits).collect()
}

/// A client's connections to the gateway.
#[derive(Debug)]
pub(crate) struct Connections(pub(crate) Arc<Gateway>);

impl Network for Connections {
    fn send(&self, request: Request) -> BoxFuture<'static, Result<Response, Lost>> {
        request.depart();
        let answer = self.0.answer(&request);
        Box::pin(async move { Ok(answer) })
    }
}

/// The system's own chance.
#[derive(Debug)]
pub(crate) struct SystemChance(File);

impl SystemChance {
    pub(crate) fn open() -> std::io::Result<Self> {
        Ok(Self(File::open("/dev/urandom")?))
    }
}

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        (&self.0)
            .read_exact(bytes)
            .expect("the system has no random bytes");
    }
}
