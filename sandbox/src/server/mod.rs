//! The HTTP server: takes connections and serves each in its own task.

pub(crate) mod connection;
pub(crate) mod control;
pub(crate) mod phone_page;
pub(crate) mod phone_state;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::engine::Engine;
use crate::local_page::access::AllowedHosts;
use crate::local_page::token::PageToken;
use crate::server::connection::BreakableStream;
use crate::wire::switch::ConnectionSwitch;

/// How long to wait when the system has no more sockets to give.
const BREATH: Duration = Duration::from_millis(20);

/// All routes of all gateways, the control API, and the page with the phone.
fn routes(engine: Arc<Engine>, page: &PageToken, hosts: AllowedHosts) -> Router {
    let gateways = engine.gateways();
    let own = control::routes(hosts).merge(phone_page::routes(page, hosts));
    gateways
        .fold(own, |routes, gateway| {
            routes.merge(Arc::clone(gateway).routes())
        })
        .with_state(Arc::clone(&engine))
}

/// Takes connections until the task is aborted.
pub(crate) async fn serve(
    engine: Arc<Engine>,
    listener: TcpListener,
    page: PageToken,
    hosts: AllowedHosts,
) {
    let routes = routes(Arc::clone(&engine), &page, hosts);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = serve_connection(Arc::clone(&engine), stream, routes.clone());
                engine.background.spawn(connection);
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

async fn serve_connection(engine: Arc<Engine>, stream: TcpStream, routes: Router) {
    // Answers are small and one packet each: waiting to fill a packet only adds delay.
    stream.set_nodelay(true).ok();
    let switch = ConnectionSwitch::default();
    let stream = BreakableStream::new(stream, switch.clone(), engine);
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(switch.clone());
        routes.call(request)
    });
    // A connection that breaks is the client's affair, or a fault that was asked for.
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}
