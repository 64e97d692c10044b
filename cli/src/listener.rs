//! Receives callbacks on this machine: for a sandbox that runs here, there is no other way.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Uri, header};
use axum::response::IntoResponse;
use lipia::{Client, Confirm, IncomingCallback, accepted_reply};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A web server with one address.
pub(crate) struct Listener {
    socket: Mutex<Option<TcpListener>>,
    address: SocketAddr,
    arrivals: watch::Sender<Vec<String>>,
}

impl Listener {
    pub(crate) async fn bind() -> io::Result<Self> {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket: Mutex::new(Some(socket)),
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
    pub(crate) fn serve(&self, client: Client) {
        let Some(socket) = self
            .socket
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return;
        };
        let state = Arc::new((client, self.arrivals.clone()));
        let router = Router::new()
            .fallback(receive)
            .layer(DefaultBodyLimit::max(128 * 1024))
            .with_state(state);
        tokio::spawn(async move {
            if let Err(error) = axum::serve(socket, router).await {
                crate::output::complain(&format!("Callbacks can no longer be received: {error}."));
            }
        });
    }
}

async fn receive(
    State(state): State<Arc<(Client, watch::Sender<Vec<String>>)>>,
    uri: Uri,
    body: Bytes,
) -> impl IntoResponse {
    let (client, arrivals) = &*state;
    let incoming = IncomingCallback::new(uri.path(), &body);
    if let Err(error) = client.receive_callback(incoming, Confirm::Never).await {
        crate::output::complain(&format!("a callback was not believed: {error}"));
    }
    arrivals.send_modify(|list| list.push(String::from_utf8_lossy(&body).into_owned()));
    (
        [(header::CONTENT_TYPE, "application/json")],
        accepted_reply(),
    )
}
