//! The arguments of `lipia payments`.

use super::{Connection, LedgerArguments};
use crate::times::{age, instant};
use clap::{Args, Subcommand};
use lipia::values::EatTime;
use std::net::IpAddr;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(crate) enum PaymentsCommand {
    /// Lists payments, the newest first
    List(List),
    /// Tells the story of a payment: what was sent, asked, called back and told
    Show(Show),
    /// Asks the gateway about payments now, and writes what is learnt
    Ask(Ask),
    /// Settles a payment that nobody knows about, once you have seen the merchant's statement
    Resolve(Resolve),
    /// Gives up an order, so that it can be pushed again: its customer may be prompted twice
    Release(Release),
    /// Asks about everything that is due, and judges the callbacks that wait
    Reconcile(Reconcile),
    /// Has the shop's handler told of payments once more
    Retell(Retell),
    /// Deletes personal data of payments that are settled and told; a paid order stays paid
    Prune(Prune),
    /// Takes payments over that a program kept as JSON
    Import(Import),
    /// Says whether the ledger can be used, where it is, and how many payments are open and owed
    Check(Check),
    /// Makes the ledger, or brings its tables to this version
    Migrate(Check),
    /// Shows the ledger as a page for a browser on this machine: lists, a search, and the story of each payment
    Serve(Serve),
}

/// Which ledger, and whose payments in it.
#[derive(Args, Debug)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) ledger: LedgerArguments,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only payments of this state; `open` are those that may yet be paid, `owed` those that the shop has yet to be told of
    #[arg(long, value_name = "STATE", value_parser = ["open", "owed", "reserved", "sending", "unknown", "accepted", "settled"])]
    pub(crate) state: Option<String>,
    /// Only the payment with this receipt
    #[arg(long, value_name = "R")]
    pub(crate) receipt: Option<String>,
    /// Only payments of this phone, in any usual spelling
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    pub(crate) phone: Option<String>,
    /// Only payments with this account reference
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    pub(crate) reference: Option<String>,
    /// Only payments of this order
    #[arg(long, value_name = "O")]
    pub(crate) order: Option<String>,
    /// Only payments reserved then or later: 2026-11-29, 2026-11-29T10:00:00+03:00, or 12h for the last 12 hours
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) since: Option<EatTime>,
    /// The most payments to list
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) limit: u16,
    /// Where to go on: what the list before this one ended with
    #[arg(long, value_name = "N")]
    pub(crate) page: Option<u64>,
    /// Lists all of them
    #[arg(long, conflicts_with_all = ["limit", "page"])]
    pub(crate) all: bool,
    /// Shows phone numbers, and the ids that hold them, whole
    #[arg(long)]
    pub(crate) unmasked: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The payment's id, or the first 8 digits of it or more
    #[arg(value_name = "PAYMENT")]
    pub(crate) payment: String,
    /// Shows phone numbers, the ids that hold them, and the bodies of callbacks
    #[arg(long)]
    pub(crate) unmasked: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Ask {
    /// The payments' ids, or the first 8 digits of them or more
    #[arg(required = true, value_name = "PAYMENT")]
    pub(crate) payments: Vec<String>,
    /// Seconds for each question
    #[arg(long, value_name = "S", value_parser = super::seconds, default_value = "30")]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Resolve {
    /// The payment's id, or the first 8 digits of it or more
    #[arg(value_name = "PAYMENT")]
    pub(crate) payment: String,
    /// The money came: give the receipt too
    #[arg(long, requires = "receipt", required_unless_present = "not_paid")]
    pub(crate) paid: bool,
    /// M-Pesa's receipt, as the statement shows it
    #[arg(long, value_name = "R", requires = "paid")]
    pub(crate) receipt: Option<String>,
    /// The money did not come
    #[arg(long, conflicts_with_all = ["paid", "receipt"])]
    pub(crate) not_paid: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Release {
    /// The order
    #[arg(value_name = "ORDER", required_unless_present = "older_than")]
    pub(crate) order: Option<String>,
    /// All orders whose payments were accepted that long ago and are open still: 12h, 30d
    #[arg(long, value_name = "AGE", value_parser = age, conflicts_with = "order")]
    pub(crate) older_than: Option<Duration>,
    /// With --older-than: you have seen the merchant's statement, and none of those payments that are `unknown` is on it. They are
    /// settled as not paid
    #[arg(long, requires = "older_than")]
    pub(crate) not_paid: bool,
    /// With --older-than: says what would be released, and changes nothing
    #[arg(long, requires = "older_than")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Retell {
    /// The payments' ids, or the first 8 digits of them or more
    #[arg(value_name = "PAYMENT", required_unless_present = "since")]
    pub(crate) payments: Vec<String>,
    /// All settled payments that were reserved then or later: 2026-11-29, 2026-11-29T10:00:00+03:00, or 12h
    #[arg(long, value_name = "TIME", value_parser = instant, conflicts_with = "payments")]
    pub(crate) since: Option<EatTime>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Prune {
    /// How long the outcome has been known at least: 90d, 12w
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) older_than: Duration,
    /// Says how many payments it would be, and deletes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// Files of payments as their programs kept them with `to_json`: one, or one a line; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<std::ffi::OsString>,
    /// The account reference is the order's name
    #[arg(long)]
    pub(crate) order_is_reference: bool,
    /// Has the shop's handler told of outcomes that are known already
    #[arg(long)]
    pub(crate) tell: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The port; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// The address to listen on. On any other than this machine's own, whoever has the page's address and reaches it is let in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: IpAddr,
    /// Lets the page ask the gateway, settle payments and give up orders. Without it the page only reads
    #[arg(long)]
    pub(crate) allow_changes: bool,
    /// Seconds for each question to the gateway
    #[arg(long, value_name = "S", value_parser = super::seconds, default_value = "30")]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) place: Place,
}
