//! The command line arguments, as they are read and as `--help` explains them.

mod payments;
mod relay;

pub(crate) use payments::*;
pub(crate) use relay::*;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;

/// M-Pesa STK Push done right: never prompt a customer twice, never lose a payment, never believe a forged one.
#[derive(Debug, Parser)]
#[command(
    name = "lipia",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(
    after_help = "Credentials come from MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET, MPESA_SHORTCODE and \
    MPESA_PASSKEY; see also MPESA_ENVIRONMENT, MPESA_CALLBACK_URL, MPESA_BASE_URL and, for a till, MPESA_TILL_NUMBER. To try without any, give \
    --sandbox: a sandbox inside the command answers, and no real phone is prompted.\n\n\
    Exit status: 0 done (accepted; with --wait: paid), 1 the command could not run, 2 refused before sending, \
    3 not sent, 4 rejected by the gateway, 5 unknown: a phone may have been prompted, 6 not paid."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tells the whole story on a built-in sandbox: a payment, and a lost answer that charges nobody twice
    Demo(Demo),
    /// Says whether a shop with these settings can be paid, without prompting anybody
    Check(CheckSettings),
    /// Prompts a phone, once
    Push(Box<Push>),
    /// Asks what became of a prompt
    Query(Query),
    /// Waits for the outcome of a prompt, or of a payment of the ledger
    Wait(Wait),
    /// Looks after the payments of a ledger
    #[command(subcommand)]
    Payments(PaymentsCommand),
    /// Takes callbacks, keeps each before it answers, and forwards it until your app has it
    Listen(Box<Listen>),
    /// Posts the callback that a sandbox's gateway would post for an outcome
    Trigger(Trigger),
    /// Posts the callbacks of a payment to the shop once more
    Replay(Replay),
    /// Reads callback bodies and says what they mean
    Callback(Callback),
    /// Reads phone numbers and writes them as M-Pesa wants them
    Phone(Phone),
    /// Says what a code means and what to do: Lipia's, M-Pesa's or a gateway's
    Explain(Explain),
    /// Runs the sandbox: an M-Pesa of your own on this machine
    Sandbox(Sandbox),
}

#[derive(Args, Debug)]
pub(crate) struct Phone {
    /// Phone numbers, in any usual spelling
    #[arg(required = true, value_name = "INPUT", allow_hyphen_values = true)]
    pub(crate) inputs: Vec<OsString>,
    /// Accepted for symmetry: the answer is always one JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// Error codes, result codes, codes of a gateway, outcomes, verdicts and other words
    #[arg(required = true, value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// One JSON object per line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Callback {
    /// Whose callbacks they are; `auto` tells by their shape
    #[arg(long, value_enum, default_value_t = CallbackGateway::Auto)]
    pub(crate) gateway: CallbackGateway,
    /// Files with one body each; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<OsString>,
    /// Accepted for symmetry: the answer is always one JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallbackGateway {
    Auto,
    Daraja,
    Palpluss,
    Upesipay,
    Payhero,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gateway {
    #[default]
    Daraja,
    Palpluss,
    Upesipay,
    Payhero,
}

/// Where to connect to.
#[derive(Args, Debug)]
pub(crate) struct Connection {
    /// Through whom
    #[arg(long, value_enum, default_value_t = Gateway::Daraja)]
    pub(crate) gateway: Gateway,
    /// Another address than the environment's: https, or http on this machine [env: MPESA_BASE_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Daraja: which version of the STK query asks, v1 (the default) or v2, which tells the receipt [env: MPESA_QUERY_VERSION]
    #[arg(long, value_name = "V")]
    pub(crate) query_version: Option<String>,
    /// A sandbox inside this command answers: no real phone is prompted, and every line says so
    #[arg(long, conflicts_with = "base_url")]
    pub(crate) sandbox: bool,
    /// One JSON object per line on stdout; everything else goes to stderr
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where payments are kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct LedgerArguments {
    /// Where payments are kept, such as sqlite:///var/lib/shop/payments.db [env: LIPIA_LEDGER]
    #[arg(long, value_name = "URL")]
    pub(crate) ledger: Option<String>,
    /// Whose payments, where several shops share a ledger [default: default]
    #[arg(long, value_name = "NAME")]
    pub(crate) shop: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Push {
    /// Who pays, in any usual spelling
    #[arg(long, value_name = "P", allow_hyphen_values = true)]
    pub(crate) phone: String,
    /// How much, in whole KES
    #[arg(long, value_name = "A", allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// What you know the sale by; the customer sees it (at most 12 characters)
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    pub(crate) reference: String,
    /// What the sale is (at most 13 characters) [default: the reference]
    #[arg(
        long,
        value_name = "D",
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) description: String,
    /// Where the result is posted, used to the letter [env: MPESA_CALLBACK_URL, with the payment's token appended]
    #[arg(long, value_name = "U")]
    pub(crate) callback_url: Option<String>,
    /// Waits for the outcome
    #[arg(long)]
    pub(crate) wait: bool,
    /// Seconds for the push, and with --wait for the whole wait [default: 30, and 120 for the wait]
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(crate) timeout: Option<f64>,
    /// With --wait: seconds between questions to the gateway
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "10")]
    pub(crate) query_every: f64,
    /// Your name for the sale, which is prompted once: a payment of this order that is open or paid is what a second run
    /// finds. Needs a ledger
    #[arg(long, value_name = "O")]
    pub(crate) order: Option<String>,
    #[command(flatten)]
    pub(crate) ledger: LedgerArguments,
    /// Asks the gateway before a success that a callback reports is believed
    #[arg(long, requires = "wait")]
    pub(crate) confirm: bool,
    #[command(flatten)]
    pub(crate) options: PushOptions,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// What only some gateways have, and what happens to values that do not fit.
#[derive(Args, Debug)]
pub(crate) struct PushOptions {
    /// Daraja: CustomerPayBillOnline or CustomerBuyGoodsOnline
    #[arg(long, value_name = "TYPE")]
    pub(crate) transaction_type: Option<String>,
    /// Daraja: who receives the money, for CustomerBuyGoodsOnline the till
    #[arg(long, value_name = "NUMBER")]
    pub(crate) party_b: Option<String>,
    /// Daraja: the till that is paid. The transaction type is then CustomerBuyGoodsOnline [env: MPESA_TILL_NUMBER]
    #[arg(long, value_name = "NUMBER", conflicts_with = "party_b")]
    pub(crate) till: Option<String>,
    /// PalPluss, UpesiPay and PayHero: the payment channel that is paid [env: UPESIPAY_CHANNEL_ID, PAYHERO_CHANNEL_ID]
    #[arg(long, value_name = "ID")]
    pub(crate) channel_id: Option<String>,
    /// PalPluss, UpesiPay (generation 1) and PayHero: your own Daraja credentials that are kept there
    #[arg(long, value_name = "ID")]
    pub(crate) credential_id: Option<String>,
    /// UpesiPay and PayHero: who pays, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) customer_name: Option<String>,
    /// UpesiPay: which of its interfaces, 1 or 2 [env: UPESIPAY_GENERATION]
    #[arg(long, value_name = "N")]
    pub(crate) generation: Option<String>,
    /// The most characters of the reference, where 12 are too few (Daraja takes 14, PalPluss 120)
    #[arg(long, value_name = "N")]
    pub(crate) max_reference: Option<u32>,
    /// Cuts a reference or description that is too long instead of refusing it
    #[arg(long)]
    pub(crate) truncate: bool,
    /// Rounds a fraction of a shilling (half up) instead of refusing it
    #[arg(long, visible_alias = "round-amount")]
    pub(crate) round: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CheckSettings {
    /// Posts to the callback URL as well: the shop must be running. Its handler keeps nothing of the request
    #[arg(long)]
    pub(crate) reach: bool,
    /// Seconds for the question to the gateway
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "30")]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) ledger: LedgerArguments,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Query {
    /// Ids that acceptances carried: the CheckoutRequestID or the gateway's own
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Seconds for each question
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "30")]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Wait {
    /// An id that the acceptance carried: the CheckoutRequestID or the gateway's own
    #[arg(value_name = "ID", required_unless_present_any = ["payment", "order"])]
    pub(crate) id: Option<String>,
    /// A payment of the ledger: its id, or the first 8 digits of it or more
    #[arg(long, value_name = "PAYMENT", conflicts_with = "id")]
    pub(crate) payment: Option<String>,
    /// The payment of this order in the ledger
    #[arg(long, value_name = "O", conflicts_with_all = ["id", "payment"])]
    pub(crate) order: Option<String>,
    #[command(flatten)]
    pub(crate) ledger: LedgerArguments,
    /// Seconds to wait in all
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "120")]
    pub(crate) timeout: f64,
    /// Seconds between questions to the gateway
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "10")]
    pub(crate) query_every: f64,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Sandbox {
    /// The port; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// The address to listen on. On any other than this machine's own, whoever reaches it can push and steer the sandbox
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: std::net::IpAddr,
    /// Lists the phone numbers and what each does, and ends
    #[arg(long)]
    pub(crate) numbers: bool,
    /// How many times faster than life customers and networks are: at 10 a customer pays within two seconds
    #[arg(long, value_name = "X", value_parser = time_scale, default_value = "10")]
    pub(crate) time_scale: f64,
    /// One JSON object per line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// How many times faster than life the customers are
    #[arg(long, value_name = "X", value_parser = time_scale, default_value = "10")]
    pub(crate) time_scale: f64,
}

/// A number of seconds: a day at most, so that no arithmetic on it can go wrong.
fn seconds(text: &str) -> Result<f64, String> {
    number_within(
        text,
        0.001,
        86_400.0,
        "a number of seconds, more than 0 and at most 86400 (a day)",
    )
}

fn time_scale(text: &str) -> Result<f64, String> {
    number_within(text, 0.01, 100_000.0, "a factor between 0.01 and 100000")
}

fn number_within(text: &str, least: f64, most: f64, what: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("give {what}")),
    }
}
