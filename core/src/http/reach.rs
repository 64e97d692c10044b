//! How a connection is made: directly, or through the proxy that the environment names.

use super::unasked::Unasked;
use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// How long a connection may take before trying anew makes more sense than waiting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes connections. `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are followed, except to this machine: a proxy has
/// no business between a test and its own sandbox.
#[derive(Clone)]
pub(super) struct Reach {
    direct: HttpConnector,
    proxies: Option<Arc<Matcher>>,
}

impl Reach {
    pub(super) fn new(loopback: bool) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        direct.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let proxies = (!loopback).then(|| Arc::new(Matcher::from_env()));
        Self { direct, proxies }
    }
}

impl Service<Uri> for Reach {
    type Response = TokioIo<Unasked>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let proxy = self
            .proxies
            .as_ref()
            .and_then(|proxies| proxies.intercept(&destination));
        let mut direct = self.direct.clone();
        Box::pin(async move {
            let stream = match proxy {
                Some(proxy) => {
                    let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
                    if let Some(authorization) = proxy.basic_auth() {
                        tunnel = tunnel.with_auth(authorization.clone());
                    }
                    tunnel.call(destination).await?
                }
                None => direct.call(destination).await?,
            };
            Ok(TokioIo::new(Unasked::new(stream.into_inner())))
        })
    }
}
