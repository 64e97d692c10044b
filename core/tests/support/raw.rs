//! A server that says exactly what it is told to, byte for byte.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What to do with one request.
pub(crate) enum Play {
    /// Write these bytes and take the next request.
    Say(Vec<u8>),
    /// Write these bytes and close.
    SayAndClose(Vec<u8>),
    /// Close without a byte.
    Close,
    /// Never answer.
    Hang,
}

impl Play {
    /// A token that lives for an hour.
    pub(crate) fn token() -> Self {
        Self::json(200, r#"{"access_token":"raw-token","expires_in":"3599"}"#)
    }

    /// An acceptance of a prompt of its own.
    pub(crate) fn acceptance() -> Self {
        static PROMPTS: AtomicU64 = AtomicU64::new(0);
        let prompt = PROMPTS.fetch_add(1, Ordering::Relaxed);
        Self::json(
            200,
            &format!(
                r#"{{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"ws_CO_21112026101112{prompt:03}712000111","ResponseCode":"0","ResponseDescription":"Success","CustomerMessage":"Success"}}"#
            ),
        )
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Say(answer(
            status,
            &[("content-type", "application/json")],
            body.as_bytes(),
        ))
    }
}

/// A whole HTTP answer.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `POST /path HTTP/1.1`, then the headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn is_oauth(&self) -> bool {
        self.head.starts_with("GET /oauth/")
    }

    /// A header's value, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn is_push(&self) -> bool {
        self.head.contains("/mpesa/stkpush/")
    }
}

/// A server on loopback that plays a function.
pub(crate) struct RawServer {
    pub(crate) base_url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl RawServer {
    pub(crate) async fn start(play: impl Fn(&Seen) -> Play + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let connections: Arc<AtomicUsize> = Arc::default();
        let play = Arc::new(play);
        let (log, count) = (Arc::clone(&seen), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (play, log) = (Arc::clone(&play), Arc::clone(&log));
                tokio::spawn(async move { serve(stream, &*play, &log).await });
            }
        });
        Self {
            base_url,
            seen,
            connections,
            task,
        }
    }

    /// A server that gives out tokens and plays something on every push.
    pub(crate) async fn on_push(play: impl Fn() -> Play + Send + Sync + 'static) -> Self {
        Self::start(move |seen| {
            if seen.is_oauth() {
                Play::token()
            } else {
                play()
            }
        })
        .await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn pushes(&self) -> usize {
        self.seen().iter().filter(|seen| seen.is_push()).count()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one connection until it ends.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    play: &(dyn Fn(&Seen) -> Play + Send + Sync),
    log: &Mutex<Vec<Seen>>,
) {
    while let Some(request) = read_request(&mut stream).await {
        log.lock().unwrap().push(request.clone());
        match play(&request) {
            Play::Say(bytes) => {
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
            Play::SayAndClose(bytes) => {
                stream.write_all(&bytes).await.ok();
                stream.shutdown().await.ok();
                return;
            }
            Play::Close => return,
            Play::Hang => std::future::pending().await,
        }
    }
}

pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length = head
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        })
        .unwrap_or(0);
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen {
        head,
        body: String::from_utf8_lossy(&bytes[head_end..head_end + length]).into_owned(),
    })
}
