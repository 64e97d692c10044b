//! `lipia payments serve`: the ledger as a page for a browser on this machine.

mod answer;
mod change;
mod find;
mod page;
mod view;

use super::Ended;
use crate::arguments::{Place, Serve};
use crate::connect::CliError;
use crate::exit::Exit;
use crate::output::{Output, reported, tell};
use crate::stop::{Stop, serve_until_asked};
use crate::target::Target;
use lipia::client::Ledger;
use lipia_sandbox::local_page::access::AllowedHosts;
use lipia_sandbox::local_page::token::PageToken;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The first segment of the page's address.
const PAGE: &str = "payments";

/// What the requests share.
struct Shared {
    /// The path of the page, with its token.
    home: String,
    hosts: AllowedHosts,
    ledger: Ledger,
    /// Where the ledger and the gateway are, for questions.
    place: Place,
    /// How long a question to the gateway may take.
    timeout: Duration,
    rights: Rights,
    is_sandbox: bool,
}

/// What the page may do beside reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rights {
    /// Whether it may settle payments and give up orders.
    change: bool,
    /// Whether it may ask the gateway: that needs credentials too.
    ask: bool,
}

pub(super) async fn run(arguments: Serve) -> Ended {
    let output = arguments.place.output();
    let ledger = arguments.place.ledger()?;
    let timeout = Duration::from_secs_f64(arguments.timeout);
    let rights = rights(&arguments, timeout).await?;
    // A ledger that cannot be read is told here, and not by a page that stays empty.
    let search = lipia::ledger::Search::of(ledger.scope().clone());
    let read = ledger.search(&search, None, 1).await;
    read.map_err(reported(output))?;
    let machine = |message: String| CliError::Machine(message).report(output);
    let address = SocketAddr::new(arguments.bind, arguments.port);
    let socket = TcpListener::bind(address).await.map_err(|error| {
        machine(format!(
            "{address} cannot be listened on: {error}. Give another --port, or end the program that has this one."
        ))
    })?;
    let port = socket.local_addr().map_or(arguments.port, |it| it.port());
    let token = PageToken::new().map_err(|error| machine(format!("{error}.")))?;
    let hosts = AllowedHosts::of(arguments.bind);
    let shared = Shared {
        home: token.path(PAGE),
        hosts,
        ledger,
        place: arguments.place,
        timeout,
        rights,
        is_sandbox: output.is_sandbox,
    };
    let base_url = format!("http://{}", SocketAddr::new(hosts.address(), port));
    let stop = Stop::listen();
    begin(&base_url, arguments.bind, &shared, output);
    let (end, _) = watch::channel(false);
    let router = page::router(Arc::new(shared));
    let broken = "The page can no longer be served.";
    Ok(serve_until_asked(socket, router, stop, &end, broken).await)
}

/// What the page may do, by the arguments and by whether there are credentials. Credentials that cannot be right are refused
/// now, and not at the first question.
async fn rights(arguments: &Serve, timeout: Duration) -> Result<Rights, Exit> {
    let change = arguments.allow_changes;
    let target = Target::of(&arguments.place.connection);
    let ask = change && target.is_ok_and(|target| target.has_credentials);
    if ask {
        let connected = arguments.place.connect(Some(timeout)).await?;
        connected.end().await;
    }
    Ok(Rights { change, ask })
}

/// Tells where the page is.
fn begin(base_url: &str, bind: IpAddr, shared: &Shared, output: Output) {
    let page = format!("{base_url}{}", shared.home);
    if output.as_json {
        output.json(&json!({
            "base_url": base_url,
            "port": base_url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()),
            "page_url": page,
            "changes": shared.rights.change,
            "asks": shared.rights.ask,
        }));
    } else {
        output.line(&page);
    }
    tell(
        "Open this address in a browser on this machine. It is another one after each start. Ctrl-C ends.",
    );
    tell(match shared.rights {
        Rights { change: false, .. } => {
            "The page only reads. With --allow-changes it asks the gateway, settles payments and gives up orders."
        }
        Rights { ask: false, .. } => {
            "The page settles payments and gives up orders. It asks the gateway nothing: there are no credentials."
        }
        _ => "The page asks the gateway, settles payments and gives up orders.",
    });
    if !bind.is_loopback() {
        tell(
            "lipia: warning: other machines can connect. Whoever has the whole address is let in, and what goes over the network is not encrypted.",
        );
    }
}
