//! A listener for callbacks on this machine, for a sandbox that runs here.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;
use lipia::callback::Confirm;
use lipia::event::accepted_reply;
use lipia::{Client, ErrorKind, IncomingCallback};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// How long an answer to a callback may take once the command is done.
const LONGEST_ANSWER: Duration = Duration::from_secs(2);

/// A web server with one address.
pub(crate) struct Listener {
    socket: Mutex<Option<TcpListener>>,
    serving: Mutex<Option<JoinHandle<()>>>,
    stop: Arc<Notify>,
    address: SocketAddr,
    arrivals: watch::Sender<Vec<String>>,
}

impl Listener {
    pub(crate) async fn bind() -> io::Result<Self> {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket: Mutex::new(Some(socket)),
            serving: Mutex::new(None),
            stop: Arc::default(),
            address,
            arrivals: watch::Sender::default(),
        })
    }

    /// What to give as the callback URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/callback", self.address)
    }

    /// The bodies that came so far, and how to wait for more.
    pub(crate) fn arrivals(&self) -> watch::Receiver<Vec<String>> {
        self.arrivals.subscribe()
    }

    /// Starts receiving for this client, until the program ends.
    pub(crate) fn serve(&self, client: Client, confirm: Confirm) {
        let Some(socket) = self
            .socket
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return;
        };
        let state = Arc::new(Receiver {
            client,
            confirm,
            arrivals: self.arrivals.clone(),
        });
        let router = Router::new()
            .fallback(receive)
            .layer(DefaultBodyLimit::max(128 * 1024))
            .with_state(state);
        let stop = Arc::clone(&self.stop);
        let serving = tokio::spawn(async move {
            let stopped = async move { stop.notified().await };
            let serving = axum::serve(socket, router).with_graceful_shutdown(stopped);
            if let Err(error) = serving.await {
                crate::output::complain(&format!("Callbacks can no longer be received: {error}."));
            }
        });
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
    }

    /// Stops receiving, once callbacks that have arrived are answered: the gateway takes a callback without an answer for
    /// one that failed.
    pub(crate) async fn stop(&self) {
        let serving = self
            .serving
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.stop.notify_one();
        if let Some(serving) = serving {
            // What is not answered by then is not waited for.
            let _ = tokio::time::timeout(LONGEST_ANSWER, serving).await;
        }
    }
}

/// What a callback is handed to.
struct Receiver {
    client: Client,
    confirm: Confirm,
    arrivals: watch::Sender<Vec<String>>,
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    uri: Uri,
    body: Bytes,
) -> impl IntoResponse {
    let incoming = IncomingCallback::new(uri.path(), &body);
    let received = receiver
        .client
        .receive_callback(incoming, receiver.confirm)
        .await;
    // What the ledger does not have is to be posted again.
    let status = match &received {
        Err(error) if error.kind() == ErrorKind::Storage => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    if let Err(error) = received {
        crate::output::complain(&format!("a callback was not believed: {error}"));
    }
    receiver
        .arrivals
        .send_modify(|list| list.push(String::from_utf8_lossy(&body).into_owned()));
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        accepted_reply(),
    )
}
