//! A small HTTP client, a shop that takes callbacks, and waits with a limit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const PUSH: &str = "/mpesa/stkpush/v1/processrequest";
pub(crate) const QUERY: &str = "/mpesa/stkpushquery/v1/query";
pub(crate) const QUERY_V2: &str = "/mpesa/stkpushquery/v2/query";
pub(crate) const OAUTH: &str = "/oauth/v1/generate?grant_type=client_credentials";
pub(crate) const TIMESTAMP: &str = "20261121101112";

/// What came back on a connection before it was closed.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) raw: Vec<u8>,
}

impl Reply {
    fn head(&self) -> String {
        let text = String::from_utf8_lossy(&self.raw);
        text.split_once("\r\n\r\n")
            .map(|(head, _)| head.to_owned())
            .unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head().lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    pub(crate) fn status(&self) -> u16 {
        self.head()
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0)
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let end = self.raw.windows(4).position(|window| window == b"\r\n\r\n");
        end.map(|end| self.raw[end + 4..].to_vec())
            .unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.header("content-length")
            .is_some_and(|length| length == self.body().len().to_string())
    }

    /// Status, error code and message.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        assert!(
            body["requestId"].as_str().is_some_and(|id| !id.is_empty()),
            "{body}"
        );
        let member = |name: &str| body[name].as_str().unwrap().to_owned();
        (self.status(), member("errorCode"), member("errorMessage"))
    }
}

/// Sends one request on a connection of its own and reads until it is closed.
pub(crate) async fn send(
    base_url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let exchange = async {
        let address = base_url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {length}\r\n\r\n"));
        let mut raw = head.into_bytes();
        raw.extend_from_slice(body);
        // A connection that is closed unread breaks these as well: what counts is what came back.
        write_all(&stream, &raw).await.ok();
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = read_some(&stream, &mut piece).await {
            answer.extend_from_slice(&piece[..read]);
        }
        Reply { raw: answer }
    };
    tokio::time::timeout(Duration::from_secs(10), exchange)
        .await
        .expect("the sandbox answers or closes")
}

/// Reads what there is, at least a byte unless the connection was closed.
pub(crate) async fn read_some(stream: &TcpStream, buffer: &mut [u8]) -> std::io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

pub(crate) async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            written => bytes = &bytes[written?..],
        }
    }
    Ok(())
}

/// Waits until something holds, for at most half a minute.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..15_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it never happened: {what}");
}

#[derive(Default)]
struct Ear {
    received: Mutex<Vec<(HeaderMap, Vec<u8>)>>,
    /// The statuses to answer the next callbacks with; 200 when there is none.
    answers: Mutex<VecDeque<u16>>,
}

/// A merchant: a sandbox, a token, and an ear for callbacks.
pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) token: String,
    pub(crate) callback_url: String,
    ear: Arc<Ear>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(SandboxOptions::default().time_scale(1000.0)).await
    }

    pub(crate) async fn with(options: SandboxOptions) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let ear = Arc::new(Ear::default());
        let routes = Router::new()
            .route("/{*secret}", post(hear))
            .with_state(Arc::clone(&ear));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback_url = format!("http://{}/paid/Secret-1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut shop = Self {
            sandbox,
            token: String::new(),
            callback_url,
            ear,
        };
        shop.token = shop.new_token().await;
        shop
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(&self.sandbox.base_url(), "GET", path, &[], b"").await
    }

    /// As a browser asks that was led here by the name of another host.
    pub(crate) async fn get_from(&self, host: &str, path: &str) -> Reply {
        let address = self.sandbox.base_url().replace("http://", "");
        let stream = TcpStream::connect(&address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        write_all(&stream, request.as_bytes()).await.unwrap();
        let (mut raw, mut piece) = (Vec::new(), [0; 4096]);
        while let Ok(read @ 1..) = read_some(&stream, &mut piece).await {
            raw.extend_from_slice(&piece[..read]);
        }
        Reply { raw }
    }

    pub(crate) async fn oauth(&self, key: &str, secret: &str) -> Reply {
        let basic = format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")));
        send(
            &self.sandbox.base_url(),
            "GET",
            OAUTH,
            &[("Authorization", &basic)],
            b"",
        )
        .await
    }

    pub(crate) async fn good_oauth(&self) -> Reply {
        self.oauth(CONSUMER_KEY, CONSUMER_SECRET).await
    }

    pub(crate) async fn new_token(&self) -> String {
        self.good_oauth().await.json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn push_body(&self, phone: &str) -> Value {
        json!({
            "BusinessShortCode": 174379, "Password": password(), "Timestamp": TIMESTAMP,
            "TransactionType": "CustomerPayBillOnline", "Amount": "450", "PartyA": phone, "PartyB": SHORT_CODE,
            "PhoneNumber": phone, "CallBackURL": self.callback_url, "AccountReference": "INV-7",
            "TransactionDesc": "Books",
        })
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        send(
            &self.sandbox.base_url(),
            "POST",
            path,
            &headers,
            body.to_string().as_bytes(),
        )
        .await
    }

    pub(crate) async fn push(&self, phone: &str) -> Reply {
        self.post(PUSH, &self.push_body(phone)).await
    }

    /// Pushes and returns the CheckoutRequestID.
    pub(crate) async fn accepted(&self, phone: &str) -> String {
        let reply = self.push(phone).await;
        assert_eq!(reply.status(), 200, "{reply:?}");
        reply.json()["CheckoutRequestID"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn query(&self, id: &str) -> Reply {
        let body = json!({
            "BusinessShortCode": SHORT_CODE, "Password": password(), "Timestamp": TIMESTAMP, "CheckoutRequestID": id,
        });
        self.post(QUERY, &body).await
    }

    pub(crate) fn raw_callbacks(&self) -> Vec<(HeaderMap, Vec<u8>)> {
        self.ear.received.lock().unwrap().clone()
    }

    /// The bodies that arrived, in order.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let read = |(_, body): (HeaderMap, Vec<u8>)| serde_json::from_slice(&body).unwrap();
        self.raw_callbacks().into_iter().map(read).collect()
    }

    /// The first body that arrives.
    pub(crate) async fn body(&self) -> Value {
        until("a callback", || !self.bodies().is_empty()).await;
        self.bodies()[0].clone()
    }

    /// Answers the next callbacks with these statuses.
    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        self.ear.answers.lock().unwrap().extend(statuses);
    }

    /// The `stkCallback`s that arrived, in order.
    pub(crate) fn callbacks(&self) -> Vec<Value> {
        let read = |(_, body): (HeaderMap, Vec<u8>)| {
            serde_json::from_slice::<Value>(&body).unwrap()["Body"]["stkCallback"].clone()
        };
        self.raw_callbacks().into_iter().map(read).collect()
    }

    pub(crate) async fn callback(&self) -> Value {
        until("a callback", || !self.callbacks().is_empty()).await;
        self.callbacks()[0].clone()
    }
}

/// The value of a metadata item.
pub(crate) fn item(callback: &Value, name: &str) -> Option<Value> {
    let items = callback["CallbackMetadata"]["Item"].as_array()?;
    items
        .iter()
        .find(|item| item["Name"] == name)?
        .get("Value")
        .cloned()
}

pub(crate) fn password() -> String {
    STANDARD.encode(format!("{SHORT_CODE}{PASS_KEY}{TIMESTAMP}"))
}

async fn hear(
    State(ear): State<Arc<Ear>>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> (StatusCode, &'static str) {
    ear.received.lock().unwrap().push((headers, body.to_vec()));
    let status = ear.answers.lock().unwrap().pop_front().unwrap_or(200);
    (
        StatusCode::from_u16(status).unwrap(),
        r#"{"ResultCode":0,"ResultDesc":"Accepted"}"#,
    )
}
