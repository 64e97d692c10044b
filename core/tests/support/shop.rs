//! A shop's web server: it hands every callback to the client and remembers what came of it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use lipia::callback::{Confirm, ReceivedCallback};
use lipia::client::DarajaBuilder;
use lipia::{Client, Error, IncomingCallback, Verdict};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

type Received = Arc<Mutex<Vec<Result<ReceivedCallback, Error>>>>;

/// A running shop. Its client's callback URL is its own.
pub(crate) struct Shop {
    pub(crate) client: Client,
    received: Received,
    paths: Arc<Mutex<Vec<String>>>,
    url: String,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Desk {
    client: Client,
    confirm: Confirm,
    received: Received,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    pub(crate) async fn open(builder: DarajaBuilder) -> Self {
        Self::open_confirming(builder, Confirm::Never).await
    }

    pub(crate) async fn open_confirming(builder: DarajaBuilder, confirm: Confirm) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/pay", listener.local_addr().unwrap());
        let client = builder.callback_url(&url).build().unwrap();
        let desk = Desk {
            client: client.clone(),
            confirm,
            received: Arc::default(),
            paths: Arc::default(),
        };
        let (received, paths) = (Arc::clone(&desk.received), Arc::clone(&desk.paths));
        let app = Router::new().fallback(take).with_state(desk);
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.ok();
        });
        Self {
            client,
            received,
            paths,
            url,
            task,
        }
    }

    /// Where it takes callbacks.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What came of every callback so far.
    pub(crate) fn received(&self) -> Vec<Result<ReceivedCallback, Error>> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn verdicts(&self) -> Vec<Option<Verdict>> {
        self.received()
            .into_iter()
            .map(|received| received.unwrap().verdict)
            .collect()
    }

    /// The paths that callbacks came to.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.paths.lock().unwrap().clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(desk): State<Desk>, uri: Uri, body: Bytes) -> &'static str {
    desk.paths.lock().unwrap().push(uri.path().to_owned());
    let incoming = IncomingCallback::new(uri.path(), &body);
    let received = desk.client.receive_callback(incoming, desk.confirm).await;
    desk.received.lock().unwrap().push(received);
    lipia::event::accepted_reply()
}
