//! The route that the gateway's callbacks come to.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::post;
use bytes::Bytes;
use lipia::callback::Confirm;
use lipia::{Client, IncomingCallback};
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Listens on a free port of this machine, and returns the port.
///
/// # Errors
/// Why it cannot listen.
pub(super) async fn listen(client: Client) -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(|error| error.to_string())?;
    let port = listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port();
    let routes = Router::new().fallback(post(receive)).with_state(client);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(port)
}

async fn receive(State(client): State<Client>, uri: Uri, body: Bytes) -> StatusCode {
    let incoming = IncomingCallback::new(uri.path(), &body);
    match client.receive_callback(incoming, Confirm::Never).await {
        Err(error) if error.code().starts_with("ledger_") => StatusCode::SERVICE_UNAVAILABLE,
        Ok(_) | Err(_) => StatusCode::OK,
    }
}
