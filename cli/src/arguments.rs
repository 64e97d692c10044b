//! The arguments, as they are read and as `--help` explains them.

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
    MPESA_PASSKEY; see also MPESA_ENVIRONMENT, MPESA_CALLBACK_URL and MPESA_BASE_URL. Without any, `demo` and \
    `push` use a built-in sandbox and no real phone is prompted.\n\n\
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
    /// Prompts a phone, once
    Push(Push),
    /// Asks what became of a prompt
    Query(Query),
    /// Waits for a prompt's outcome, or for a payment that was saved
    Wait(Wait),
    /// Reads callback bodies and says what they mean
    Callback(Callback),
    /// Reads phone numbers and writes them as M-Pesa wants them
    Phone(Phone),
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
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gateway {
    #[default]
    Daraja,
    Palpluss,
    Upesipay,
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
    /// One JSON object per line on stdout; everything else goes to stderr
    #[arg(long)]
    pub(crate) json: bool,
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
    /// Saves the payment to this file before it is sent and whenever it changes; `lipia wait --payment` takes it up
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<std::path::PathBuf>,
    /// CustomerPayBillOnline or CustomerBuyGoodsOnline
    #[arg(long, value_name = "TYPE")]
    pub(crate) transaction_type: Option<String>,
    /// The till that is paid, for CustomerBuyGoodsOnline
    #[arg(long, value_name = "NUMBER")]
    pub(crate) party_b: Option<String>,
    /// Cuts a reference or description that is too long instead of refusing it
    #[arg(long)]
    pub(crate) truncate: bool,
    /// Rounds a fraction of a shilling instead of refusing it
    #[arg(long)]
    pub(crate) round: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Query {
    /// The ids that the acceptances carried
    #[arg(required = true, value_name = "CHECKOUT_REQUEST_ID")]
    pub(crate) ids: Vec<String>,
    /// Seconds for each question
    #[arg(long, value_name = "S", value_parser = seconds, default_value = "30")]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Wait {
    /// The id that the acceptance carried
    #[arg(
        value_name = "CHECKOUT_REQUEST_ID",
        required_unless_present = "payment"
    )]
    pub(crate) id: Option<String>,
    /// A payment that `lipia push --save` saved; it is saved again when it changes
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    pub(crate) payment: Option<std::path::PathBuf>,
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
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// How many times faster than life customers and networks are
    #[arg(long, value_name = "X", value_parser = time_scale, default_value = "1")]
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
