//! Parsers of single values, and Daraja's password.

use crate::error::NativeError;
use crate::integers::{Money, Shillings, unix_milliseconds};
use crate::words::GatewayEnvironment;
use lipia::Secret;
use lipia::values::{
    AccountReference, AmountRules, CallbackUrl, EatTime, PassKey, ShortCode, TransactionDesc,
    Warning,
};
use std::fmt;
use std::time::SystemTime;

/// A Kenyan mobile number.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct PhoneNumber {
    /// The number in twelve digits: `2547…` or `2541…`.
    pub number: String,
    /// The masked number, for logs and receipts: `2547*****678`.
    pub masked: String,
    /// The network that the number's range was given to, `safaricom` or `airtel`, where known. A hint: numbers move between
    /// networks.
    pub network: Option<String>,
}

impl fmt::Display for PhoneNumber {
    /// The masked number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked)
    }
}

/// Reads a phone number. The shells' `parsePhoneNumber`.
#[uniffi::export]
pub fn native_parse_phone_number(text: &str) -> Result<PhoneNumber, NativeError> {
    let phone = lipia::PhoneNumber::parse(text)?;
    Ok(PhoneNumber {
        number: phone.as_str().to_owned(),
        masked: phone.masked(),
        network: phone
            .network_hint()
            .map(|network| network.as_str().to_owned()),
    })
}

/// Reads an amount in whole KES. The shells' `parseAmount`.
#[uniffi::export]
pub fn native_parse_amount(
    text: &str,
    max_amount: Option<Shillings>,
    round_amount: bool,
) -> Result<Shillings, NativeError> {
    let usual = AmountRules::default().max;
    let rules = AmountRules {
        max: max_amount.map_or(usual, Shillings::limit),
        round: round_amount,
    };
    Ok(Shillings(lipia::Amount::parse(text, &rules)?.get().into()))
}

/// Reads an amount of money to the cent, also from a JSON number. The shells' `parseMoney`.
#[uniffi::export]
pub fn native_parse_money(text: &str, json_number: bool) -> Result<Money, NativeError> {
    let money = if json_number {
        lipia::values::Money::parse_json_number(text)
    } else {
        lipia::values::Money::parse(text)
    };
    Ok(money?.into())
}

/// A remark about a value that is valid and may still cause trouble.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Remark {
    /// A stable word for programs.
    pub code: String,
    /// A sentence or two for a person.
    pub message: String,
}

impl From<&Warning> for Remark {
    fn from(warning: &Warning) -> Self {
        Self {
            code: warning.code().to_owned(),
            message: warning.message().to_owned(),
        }
    }
}

/// A valid text, and the remarks on it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CheckedText {
    /// The text as it is sent.
    pub value: String,
    /// Remarks on what may still cause trouble.
    pub remarks: Vec<Remark>,
}

impl CheckedText {
    fn new(value: &str, warnings: &[Warning]) -> Self {
        Self {
            value: value.to_owned(),
            remarks: warnings.iter().map(Remark::from).collect(),
        }
    }
}

/// The treatment of a text that is too long for its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum Fit {
    /// The text is refused, with an error that names the field.
    Refuse,
    /// The text is cut at the limit.
    Truncate,
}

impl From<Fit> for lipia::values::Fit {
    fn from(fit: Fit) -> Self {
        match fit {
            Fit::Refuse => Self::Refuse,
            Fit::Truncate => Self::Truncate,
        }
    }
}

/// The limit as a `usize`. No gateway's limit is near its end.
fn limit_of(limit: Option<u32>, usual: usize) -> usize {
    limit.map_or(usual, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Checks an account reference. The shells' `parseAccountReference`.
#[uniffi::export]
pub fn native_parse_account_reference(
    text: &str,
    limit: Option<u32>,
    fit: Fit,
) -> Result<CheckedText, NativeError> {
    let limit = limit_of(limit, AccountReference::LIMIT);
    let checked = AccountReference::parse_with_limit(text, limit, fit.into())?;
    Ok(CheckedText::new(checked.as_str(), &checked.warnings()))
}

/// Checks a description. The shells' `parseTransactionDesc`.
#[uniffi::export]
pub fn native_parse_transaction_desc(
    text: &str,
    limit: Option<u32>,
    fit: Fit,
) -> Result<CheckedText, NativeError> {
    let limit = limit_of(limit, TransactionDesc::LIMIT);
    let checked = TransactionDesc::parse_with_limit(text, limit, fit.into())?;
    Ok(CheckedText::new(checked.as_str(), &checked.warnings()))
}

/// Checks a callback URL. The shells' `parseCallbackUrl`.
#[uniffi::export]
pub fn native_parse_callback_url(
    text: &str,
    environment: GatewayEnvironment,
) -> Result<CheckedText, NativeError> {
    let url = CallbackUrl::parse(text, environment.into())?;
    Ok(CheckedText::new(url.as_str(), &url.warnings()))
}

/// The password of a Daraja request at one instant, and the timestamp that goes with it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct TimedPassword {
    /// Base64 of short code, pass key and timestamp: a secret.
    pub password: String,
    /// `YYYYMMDDHHMMSS`, East Africa Time.
    pub timestamp: String,
}

impl fmt::Display for TimedPassword {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimedPassword(timestamp={})", self.timestamp)
    }
}

/// Computes a password. The shells' `password`.
#[uniffi::export]
pub fn native_password(
    short_code: &str,
    pass_key: String,
    at: SystemTime,
) -> Result<TimedPassword, NativeError> {
    let pass_key = Secret::new(pass_key);
    let short_code = ShortCode::parse(short_code)?;
    let pass_key = PassKey::parse(pass_key.expose())?;
    let at = EatTime::from_unix_millis(unix_milliseconds(at));
    Ok(TimedPassword {
        password: lipia::values::password(&short_code, &pass_key, at)
            .expose()
            .to_owned(),
        timestamp: at.to_wire(),
    })
}
