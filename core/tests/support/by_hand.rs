//! A gateway that is played by hand: the test takes each request and writes what it likes, on whichever connection.

use super::raw::{Play, Seen, read_request};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

/// The number of a connection, from 0 on, and what came on it; `None` once the client has closed it.
type Came = (usize, Option<Seen>);

pub(crate) struct ByHand {
    pub(crate) base_url: String,
    connections: Arc<Mutex<Vec<OwnedWriteHalf>>>,
    came: UnboundedReceiver<Came>,
    task: JoinHandle<()>,
}

impl ByHand {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let connections: Arc<Mutex<Vec<OwnedWriteHalf>>> = Arc::default();
        let (tells, came) = unbounded_channel();
        let kept = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                // Else an answer may wait until the client acknowledges the one before, with its next request.
                stream.set_nodelay(true).unwrap();
                let (mut reading, writing) = stream.into_split();
                kept.lock().await.push(writing);
                let tells = tells.clone();
                tokio::spawn(async move {
                    while let Some(seen) = read_request(&mut reading).await {
                        tells.send((number, Some(seen))).ok();
                    }
                    tells.send((number, None)).ok();
                });
            }
        });
        Self {
            base_url,
            connections,
            came,
            task,
        }
    }

    /// The next request and its connection; tokens are given out by the way.
    pub(crate) async fn next(&mut self) -> (usize, Seen) {
        loop {
            match self.came.recv().await.unwrap() {
                (number, Some(seen)) if seen.is_oauth() => {
                    if let Play::Say(token) = Play::token() {
                        self.say(number, &token).await;
                    }
                }
                (number, Some(seen)) => return (number, seen),
                (_, None) => {}
            }
        }
    }

    /// Waits until the client has closed that connection, and nothing else came.
    pub(crate) async fn closed(&mut self, number: usize) {
        let (closed, seen) = self.came.recv().await.unwrap();
        assert!(seen.is_none(), "a request came");
        assert_eq!(closed, number);
    }

    /// Writes to a connection, whatever it has carried. A client that has closed it hears nothing.
    pub(crate) async fn say(&self, number: usize, bytes: &[u8]) {
        self.connections.lock().await[number]
            .write_all(bytes)
            .await
            .ok();
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.task.abort();
    }
}
