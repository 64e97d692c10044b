//! The arguments of `lipia listen`, `lipia trigger` and `lipia replay`.

use super::{Connection, Gateway, LedgerArguments};
use clap::Args;
use std::net::IpAddr;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Listen {
    /// Where the app listens, such as http://127.0.0.1:8000: a callback's own path and query are appended
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    pub(crate) forward: Option<String>,
    /// Forwards to an app on this host too, by plain http: a container, or a machine of your own network. May be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// The port; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8799)]
    pub(crate) port: u16,
    /// The address to listen on; tunnels connect to this machine's own
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: IpAddr,
    /// Where callbacks are kept until the app has them [default: beside the SQLite file of the ledger, else in the user's
    /// state or home folder]
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    /// The most megabytes of callbacks that are kept. A callback for which there is no room is refused with 503
    #[arg(long, value_name = "MB", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_disk: u32,
    /// Takes callbacks without looking at the tokens in their URLs, at most 10 a second: for an app with callback secrets of
    /// its own
    #[arg(long)]
    pub(crate) unverified: bool,
    /// Lists the callbacks that the app has not taken, and ends
    #[arg(long, conflicts_with_all = ["forward", "allow_host", "bind", "max_disk", "unverified"])]
    pub(crate) list: bool,
    /// The shop's ledger, beside whose SQLite file callbacks are kept [env: LIPIA_LEDGER]
    #[arg(long, value_name = "URL")]
    pub(crate) ledger: Option<String>,
    /// Whose callbacks they are: the credentials of this gateway verify the tokens in their URLs
    #[arg(long, value_enum, default_value_t = Gateway::Daraja)]
    pub(crate) gateway: Gateway,
    /// One JSON object per line on stdout; everything else goes to stderr
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where a callback is posted to.
#[derive(Args, Debug)]
pub(crate) struct PostTo {
    /// Where the shop listens, such as http://127.0.0.1:8000: the path of the payment's callback URL is appended [default: the
    /// payment's callback URL, where it is on this machine]
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// Posts to this host too, by plain http: a container, or a machine of your own network. May be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Trigger {
    /// What the callback says: success, cancelled, timeout, insufficient_funds, wrong_pin and every other outcome of a
    /// payment that ended
    #[arg(value_name = "OUTCOME", value_parser = crate::endings::ending_of_word)]
    pub(crate) outcome: lipia_sandbox::Ending,
    /// A payment of the ledger: its id, or the first 8 digits of it or more [default: the newest that waits for its customer]
    #[arg(long, value_name = "PAYMENT")]
    pub(crate) payment: Option<String>,
    #[command(flatten)]
    pub(crate) to: PostTo,
    #[command(flatten)]
    pub(crate) ledger: LedgerArguments,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A payment of the ledger: its id, or the first 8 digits of it or more
    #[arg(value_name = "PAYMENT")]
    pub(crate) payment: String,
    #[command(flatten)]
    pub(crate) to: PostTo,
    #[command(flatten)]
    pub(crate) ledger: LedgerArguments,
    #[command(flatten)]
    pub(crate) connection: Connection,
}
