//! An app that takes callbacks, and a relay in front of it, as processes and servers of a test.

use super::{Folder, command};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header::LOCATION};
use axum::response::{IntoResponse as _, Response};
use lipia::{Daraja, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The credentials of a shop at Daraja's sandbox, as variables.
pub const CREDENTIALS: [(&str, &str); 5] = [
    ("MPESA_ENVIRONMENT", "sandbox"),
    ("MPESA_CONSUMER_KEY", CONSUMER_KEY),
    ("MPESA_CONSUMER_SECRET", CONSUMER_SECRET),
    ("MPESA_SHORTCODE", SHORT_CODE),
    ("MPESA_PASSKEY", PASS_KEY),
];

/// A request that came to an app.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What an app answers.
#[derive(Clone, Debug)]
pub enum Answer {
    Status(u16),
    Redirect(String),
    Never,
}

type Rule = Arc<dyn Fn(&Seen) -> Answer + Send + Sync>;

#[derive(Clone)]
struct Memory {
    seen: Arc<Mutex<Vec<Seen>>>,
    rule: Rule,
}

/// An app on this machine that remembers what came.
pub struct App {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    serving: JoinHandle<()>,
}

impl App {
    /// An app that takes everything.
    pub async fn start() -> Self {
        Self::with(0, |_| Answer::Status(200)).await
    }

    pub async fn with(port: u16, rule: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let seen = Arc::default();
        let memory = Memory {
            seen: Arc::clone(&seen),
            rule: Arc::new(rule),
        };
        let router = Router::new().fallback(answer).with_state(memory);
        let serving = tokio::spawn(async move {
            axum::serve(socket, router).await.unwrap();
        });
        Self {
            port,
            seen,
            serving,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.path).collect()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(memory): State<Memory>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let seen = Seen {
        path: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    };
    memory.seen.lock().unwrap().push(seen.clone());
    match (memory.rule)(&seen) {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Redirect(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
        Answer::Never => std::future::pending().await,
    }
}

/// A port on which nobody listens.
pub async fn free_port() -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    socket.local_addr().unwrap().port()
}

/// `lipia listen` as a process. It ends with the test.
pub struct Relay {
    child: Child,
    /// Host and port.
    pub address: String,
    pub first: Value,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Relay {
    /// A relay with the credentials of the shop.
    pub fn start(folder: &Folder, forward: &str, more: &[&str]) -> Self {
        let mut command = command();
        command.envs(CREDENTIALS);
        Self::run(command, folder, forward, more)
    }

    /// A relay without any credentials.
    pub fn unverified(folder: &Folder, forward: &str, more: &[&str]) -> Self {
        Self::run(command(), folder, forward, more)
    }

    pub fn run(mut command: Command, folder: &Folder, forward: &str, more: &[&str]) -> Self {
        let file = folder.file("relay.db");
        let mut child = command
            .args(["listen", "--json", "--file", &file])
            .args(["--forward", forward])
            .args(more)
            .args(if more.contains(&"--port") {
                &[][..]
            } else {
                &["--port", "0"]
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let first: Value = serde_json::from_str(&line).unwrap();
        let address = first["address"].as_str().unwrap_or_default();
        let address = address.trim_start_matches("http://").to_owned();
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let told = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                told.lock()
                    .unwrap()
                    .push(serde_json::from_str(&line).unwrap());
            }
        });
        Self {
            child,
            address,
            first,
            lines,
        }
    }

    /// The events that were told so far, of one kind.
    pub fn events(&self, event: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        let of_kind = lines.iter().filter(|line| line["event"] == event);
        of_kind.cloned().collect()
    }

    /// Ends the process as a crash does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end, and returns its exit status.
    #[cfg(unix)]
    pub async fn end(&mut self) -> i32 {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.unwrap().success());
        let mut status = None;
        super::until("the relay ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap().code().expect("ended by itself")
    }

    pub async fn post(&self, path: &str, body: &[u8]) -> u16 {
        let json = [("Content-Type", "application/json")];
        post(&self.address, path, &json, body).await.unwrap()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Posts a body, and returns the status; `None` where the connection ended without one.
pub async fn post(address: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<u16> {
    let length = body.len().to_string();
    let headers = [headers, &[("Content-Length", length.as_str())]].concat();
    exchange(address, path, &headers, body).await
}

/// Posts a body in pieces whose number is not told before.
pub async fn post_chunked(address: &str, path: &str, body: &[u8]) -> Option<u16> {
    let mut wire = Vec::new();
    for chunk in body.chunks(1_000) {
        wire.extend(format!("{:x}\r\n", chunk.len()).bytes());
        wire.extend(chunk);
        wire.extend(b"\r\n");
    }
    wire.extend(b"0\r\n\r\n");
    exchange(address, path, &[("Transfer-Encoding", "chunked")], &wire).await
}

async fn exchange(address: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    // Who refuses a body may do so before all of it came.
    stream.write_all(body).await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split(' ').nth(1)?.parse().ok()
}

/// The paths of callback URLs that the shop has told the gateway, one for each of so many payments.
pub fn sealed_paths(number: usize) -> Vec<String> {
    let client = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .callback_url("http://127.0.0.1:1/pay")
        .environment("sandbox")
        .build()
        .unwrap();
    let path = |_| {
        let payment = client
            .reserve(StkPush::new("0712345678", 10, "INV-1"))
            .unwrap();
        let url = payment.snapshot().push().callback_url.as_str().to_owned();
        url.trim_start_matches("http://127.0.0.1:1").to_owned()
    };
    (0..number).map(path).collect()
}
