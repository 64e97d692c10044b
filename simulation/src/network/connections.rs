//! Connections that are kept open: what comes late or twice on one meets the next request on it. Whether a connection carries
//! another request is the core's own decision.

use crate::world::delivered::Delivered;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;

/// The connections of one process that are not in use, by the core's number for each.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<BTreeMap<u64, Connection>>);

/// A connection, and the answers that may yet come on it.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    due: Vec<Receiver<Delivered>>,
}

impl Connections {
    /// The connection of that number. One on which something has come since its last answer is opened anew, as the HTTP
    /// library does that looks at the socket.
    pub(crate) fn take(&self, number: u64) -> Connection {
        let mut connection = self.lock().remove(&number).unwrap_or_default();
        if connection.is_silent() {
            connection
        } else {
            Connection::default()
        }
    }

    /// An answer has come on it.
    pub(crate) fn put_back(&self, number: u64, connection: Connection) {
        self.lock().insert(number, connection);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request has left, and these answers to it may come.
    pub(crate) fn expects(&mut self, answers: [Receiver<Delivered>; 2]) {
        self.due.extend(answers);
    }

    /// The first answer that comes, whichever request it is to; `None` where none ever will.
    pub(crate) async fn next(&mut self) -> Option<Delivered> {
        std::future::poll_fn(|context| {
            let mut place = 0;
            while let Some(answer) = self.due.get_mut(place) {
                match Pin::new(answer).poll(context) {
                    Poll::Pending => place += 1,
                    Poll::Ready(told) => {
                        self.due.remove(place);
                        if let Ok(delivered) = told {
                            return Poll::Ready(Some(delivered));
                        }
                    }
                }
            }
            if self.due.is_empty() {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// Whether nothing has come since the last answer.
    fn is_silent(&mut self) -> bool {
        let mut has_come = false;
        self.due.retain_mut(|answer| match answer.try_recv() {
            Err(TryRecvError::Closed) => false,
            Err(TryRecvError::Empty) => true,
            Ok(_) => {
                has_come = true;
                true
            }
        });
        !has_come
    }
}

#[cfg(test)]
mod tests {
    use super::{Connection, Connections};
    use crate::world::delivered::Delivered;
    use lipia::simulation::Lost;
    use tokio::sync::oneshot;

    fn delivered(prompt: usize) -> Delivered {
        Delivered {
            result: Err(Lost),
            token: None,
            refuses_token: false,
            banned_until_ms: None,
            is_announced: false,
            named: Some(prompt),
        }
    }

    #[test]
    fn a_late_answer_meets_the_next_request_unless_it_was_there_before() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let connections = Connections::default();
            let mut connection = connections.take(1);
            let (answer, first) = oneshot::channel();
            let (late, second) = oneshot::channel();
            connection.expects([first, second]);
            answer.send(delivered(1)).unwrap();
            assert_eq!(connection.next().await.unwrap().named, Some(1));
            connections.put_back(1, connection);

            let mut connection = connections.take(1);
            let (own, third) = oneshot::channel();
            let (_, fourth) = oneshot::channel();
            connection.expects([third, fourth]);
            late.send(delivered(2)).unwrap();
            own.send(delivered(3)).unwrap();
            assert_eq!(connection.next().await.unwrap().named, Some(2), "late");
            connections.put_back(1, connection);

            assert!(connections.take(1).due.is_empty(), "its own came unasked");
            let mut fresh = Connection::default();
            assert!(fresh.next().await.is_none(), "nothing was asked");
        });
    }
}
