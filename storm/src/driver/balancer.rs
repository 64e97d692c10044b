//! The load balancer before the shop's processes: one address for callbacks, and a list of those that were answered with 200.

use crate::driver::workers::Workers;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::post;
use bytes::Bytes;
use lipia_storm::{Delivered, payment_of_url};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a process may take over a callback.
const LIMIT: Duration = Duration::from_secs(8);

/// The balancer of one run.
#[derive(Debug, Default)]
pub(crate) struct Balancer {
    workers: OnceLock<Arc<Workers>>,
    delivered: Mutex<Vec<Delivered>>,
    next: AtomicUsize,
}

impl Balancer {
    /// Listens on a free port of this machine, and returns the balancer with the URL for callbacks.
    ///
    /// # Errors
    /// Why it cannot listen.
    pub(crate) async fn listen() -> Result<(Arc<Self>, String), String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let balancer = Arc::new(Self::default());
        let routes = Router::new()
            .fallback(post(forward))
            .with_state(Arc::clone(&balancer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok((balancer, format!("http://{address}/pay")))
    }

    /// Names the processes that callbacks go to.
    pub(crate) fn lead_to(&self, workers: Arc<Workers>) {
        let _set_before = self.workers.set(workers);
    }

    /// The callbacks that were answered with 200.
    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        let delivered = self.delivered.lock();
        delivered.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, path: &str, body: &[u8]) {
        let says: Option<Value> = serde_json::from_slice(body).ok();
        let code = says
            .as_ref()
            .and_then(|says| says.pointer("/Body/stkCallback/ResultCode"));
        if let (Some(payment), Some(code)) = (payment_of_url(path), code) {
            let delivered = Delivered {
                payment: payment.to_owned(),
                is_success: code.as_i64() == Some(0),
            };
            self.delivered
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(delivered);
        }
    }
}

async fn forward(State(balancer): State<Arc<Balancer>>, uri: Uri, body: Bytes) -> StatusCode {
    let path = uri.path().to_owned();
    let ports = balancer
        .workers
        .get()
        .map(|workers| workers.ports())
        .unwrap_or_default();
    let first = balancer.next.fetch_add(1, Ordering::Relaxed);
    let ports: Vec<u16> = ports
        .iter()
        .cycle()
        .skip(first % ports.len().max(1))
        .take(ports.len())
        .copied()
        .collect();
    let given = (path.clone(), body.clone());
    let answered = tokio::task::spawn_blocking(move || deliver(&ports, &given.0, &given.1)).await;
    let status = answered.unwrap_or(StatusCode::BAD_GATEWAY);
    if status == StatusCode::OK {
        balancer.note(&path, &body);
    }
    status
}

/// Posts to the first process that takes the connection. What a process does not answer is not posted again, as a balancer
/// has it for a POST.
fn deliver(ports: &[u16], path: &str, body: &[u8]) -> StatusCode {
    for port in ports {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        if let Ok(connection) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) {
            let answered = exchange(connection, path, body);
            return answered.unwrap_or(StatusCode::BAD_GATEWAY);
        }
    }
    StatusCode::BAD_GATEWAY
}

fn exchange(mut connection: TcpStream, path: &str, body: &[u8]) -> io::Result<StatusCode> {
    connection.set_read_timeout(Some(LIMIT))?;
    connection.set_nodelay(true)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    connection.write_all(&request)?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    let line = String::from_utf8_lossy(&answer);
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse::<u16>().ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    status.ok_or_else(|| io::Error::other("not an HTTP answer"))
}
