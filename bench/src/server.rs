//! A gateway that accepts everything at once: what is measured is the client.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

static TOKENS: AtomicU64 = AtomicU64::new(0);

/// Serves until the process that started it ends it; prints its port first.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address").port());
        // Ends with its parent, whichever way that ends.
        std::thread::spawn(|| {
            let _ = std::io::stdin().lines().count();
            std::process::exit(0);
        });
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let _ = socket.set_nodelay(true);
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(socket), service_fn(answer));
                let _ = connection.await;
            });
        }
    });
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match request.uri().path() {
        "/oauth/v1/generate" => {
            TOKENS.fetch_add(1, Ordering::Relaxed);
            // Long enough for a herd to gather at the door.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            (200, r#"{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":"3599"}"#.to_owned())
        }
        "/mpesa/stkpush/v1/processrequest" => (200, ACCEPTANCE.to_owned()),
        "/mpesa/stkpushquery/v1/query" => (500, IN_FLIGHT.to_owned()),
        "/tokens" => (200, TOKENS.load(Ordering::Relaxed).to_string()),
        _ => (404, String::new()),
    };
    // A keep-alive connection must be read to the end of the request.
    let _ = http_body_util::BodyExt::collect(request.into_body()).await;
    let response = Response::builder().status(status).header("content-type", "application/json").body(Full::from(body));
    Ok(response.unwrap_or_default())
}

pub const ACCEPTANCE: &str = r#"{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"ws_CO_191220191020363925","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}"#;
const IN_FLIGHT: &str =
    r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":"The transaction is being processed"}"#;

/// The server in a process of its own; ended when dropped.
pub struct Server {
    child: Child,
    pub base_url: String,
}

impl Server {
    pub fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut port = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut port).expect("its port");
        Self { child, base_url: format!("http://127.0.0.1:{}", port.trim()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
