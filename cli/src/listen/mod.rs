//! `lipia listen`: a relay for callbacks. It keeps each before it answers, and forwards each until the app has it, however
//! long the app is down.

mod admit;
mod backoff;
mod disk;
mod forward;
mod kept;
mod list;
mod place;
mod report;
mod server;
mod shared;

use crate::arguments::{self, Connection};
use crate::connect::{CliError, ConnectOptions, connect};
use crate::exit::Exit;
use crate::output::{Output, tell};
use crate::post::{self, App};
use crate::refusal::Refusal;
use crate::stop::{LONGEST_END, Stop, serve_until_asked};
use crate::target::{Target, text_of};
use admit::{Allowance, Door};
use forward::Forwarder;
use kept::{KeptFile, NotOpened};
use lipia::error::ErrorCode;
use report::{Reporter, callbacks};
use serde_json::json;
use server::Counter;
use shared::Shared;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::watch;

const BYTES_OF_A_MEGABYTE: u64 = 1_000_000;

pub(crate) async fn run(arguments: arguments::Listen) -> Exit {
    let connection = Connection {
        gateway: arguments.gateway,
        base_url: None,
        query_version: None,
        sandbox: false,
        json: arguments.json,
    };
    let target = match Target::of(&connection) {
        Ok(target) => target,
        Err(refusal) => return refusal.report(Output::of(&connection)),
    };
    let output = Output::of(&connection).speaking_to(&target);
    let path = match path_of(&arguments) {
        Ok(path) => path,
        Err(refusal) => return refusal.report(output),
    };
    if arguments.list {
        return list::run(&path, output);
    }
    let forward = arguments.forward.as_deref().unwrap_or_default();
    let app = match App::parse(forward, &arguments.allow_host, "forward") {
        Ok(app) => app,
        Err(refusal) => return refusal.report(output),
    };
    let door = if arguments.unverified || !target.has_credentials {
        Door::TakesAll(Allowance::full(Instant::now()))
    } else {
        match connect(target, ConnectOptions::default()).await {
            Ok(connected) => {
                let secrets = connected.client.callback_secrets().clone();
                connected.end().await;
                Door::Verifies(secrets)
            }
            Err(error) => return error.report(output),
        }
    };
    let most = u64::from(arguments.max_disk).saturating_mul(BYTES_OF_A_MEGABYTE);
    let file = match KeptFile::open(&path, most) {
        Ok(file) => file,
        Err(error) => return not_opened(&path, error).report(output),
    };
    let address = SocketAddr::new(arguments.bind, arguments.port);
    let socket = match TcpListener::bind(address).await {
        Ok(socket) => socket,
        Err(error) => {
            let message = format!(
                "{address} cannot be listened on: {error}. Give another --port, or end the program that has this one."
            );
            return CliError::Machine(message).report(output);
        }
    };
    let address = socket.local_addr().unwrap_or(address);
    if app.is_own_port(address.port()) {
        let message = format!("{} is the relay's own address.", app.shown());
        let hint = "Give the app's port with --forward, or the relay another one with --port.";
        return post::refused("forward", message, hint.to_owned()).report(output);
    }
    relay(socket, address, app, door, file, &path, output).await
}

/// Listens and forwards until the command is asked to end.
async fn relay(
    socket: TcpListener,
    address: SocketAddr,
    app: App,
    door: Door,
    file: KeptFile,
    path: &Path,
    output: Output,
) -> Exit {
    let (waiting, _) = file.count().unwrap_or_default();
    let verifies = matches!(door, Door::Verifies(_));
    let stop = Stop::listen();
    begin(address, &app, path, waiting, verifies, output);
    let shared = Shared::new(file);
    let (reporter, printed) = Reporter::start(output);
    let (end, ended) = watch::channel(false);
    let router = Counter::new(shared.clone(), reporter.clone(), door).router();
    let forwarding = Forwarder::new(shared.clone(), app, reporter.clone()).run(ended);
    let forwarding = tokio::spawn(forwarding);
    let broken = "Callbacks can no longer be received.";
    let exit = serve_until_asked(socket, router, stop, &end, broken).await;
    let _ = tokio::time::timeout(LONGEST_END, forwarding).await;
    let (waiting, aside) = shared.with(|file| file.count()).unwrap_or_default();
    let of_them = match aside {
        0 => String::new(),
        _ => format!(", {aside} of them set aside"),
    };
    let text = match waiting {
        0 => "ended     the app has everything".to_owned(),
        _ => format!(
            "ended     {} waiting in {}{of_them}; the next start forwards what waits",
            callbacks(waiting),
            path.display()
        ),
    };
    let members = json!({ "waiting": waiting, "set_aside": aside });
    reporter.event("ended", members, text);
    drop(reporter);
    printed.wait();
    exit
}

/// Tells how the relay begins.
fn begin(
    address: SocketAddr,
    app: &App,
    path: &Path,
    waiting: u64,
    verifies: bool,
    output: Output,
) {
    let listening = format!("http://{address}");
    if output.as_json {
        output.json(&json!({
            "event": "listening",
            "address": listening,
            "forward": app.shown(),
            "file": path.display().to_string(),
            "waiting": waiting,
            "verifies": verifies,
        }));
    } else {
        output.line(&listening);
    }
    tell(&format!(
        "Callbacks that come to {listening} are forwarded to {}, path included. Ctrl-C ends.",
        app.shown()
    ));
    let wait = match waiting {
        0 => "none waits".to_owned(),
        _ => format!("{} waiting from before", callbacks(waiting)),
    };
    tell(&format!("They are kept in {}; {wait}.", path.display()));
    if verifies {
        tell(
            "The token in each URL is verified. Without a token of these credentials: 404, and nothing is kept.",
        );
    } else {
        tell(
            "lipia: warning: tokens are not verified, so anybody who finds the address can post. Set the shop's credentials to verify, and --gateway where it is not Daraja. \
             Taken are 10 callbacks a second, of 64 KiB each; the shop verifies them itself.",
        );
    }
}

fn path_of(arguments: &arguments::Listen) -> Result<PathBuf, Box<Refusal>> {
    let ledger = arguments.ledger.clone();
    let ledger = ledger.or_else(|| text_of(crate::ledger_place::LEDGER_VARIABLE));
    let variable = |name: &str| std::env::var_os(name);
    let named = arguments.file.as_deref();
    place::file(named, ledger.as_deref(), arguments.port, variable).ok_or_else(|| {
        file_refused(
            "There is no folder in which callbacks can be kept.".to_owned(),
            "Name a file with --file.".to_owned(),
        )
    })
}

/// The refusal of a file that cannot be opened.
fn not_opened(path: &Path, error: NotOpened) -> Box<Refusal> {
    match error {
        NotOpened::InUse => Box::new(Refusal {
            code: ErrorCode::RelayFileInUse,
            ..*file_refused(
                format!(
                    "Another `lipia listen` keeps its callbacks in {}.",
                    path.display()
                ),
                "End the other one, or give this one a file of its own with --file.".to_owned(),
            )
        }),
        NotOpened::Failed(why) => file_refused(
            format!("Callbacks cannot be kept in {}: {why}.", path.display()),
            "Give a path in a folder of this machine that you may write to, with --file."
                .to_owned(),
        ),
    }
}

fn file_refused(message: String, hint: String) -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::RelayFileRefused,
        field: "file",
        message,
        hint,
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    })
}
