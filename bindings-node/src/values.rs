//! Single values: parsed, described, compared. Each returns an answer as JSON text.

use crate::answer::{EventData, answer, data, json};
use lipia::client::ClientSettings;
use lipia::event::Expected;
use lipia::values::{
    AccountReference, AmountRules, CallbackUrl, EatTime, Fit, Money, Network, PassKey, ShortCode,
    TransactionDesc, Warning,
};
use lipia::{Amount, Error, GatewayName, PhoneNumber};
use napi_derive::napi;
use serde::{Deserialize, Serialize};

#[napi]
pub const fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Whether a client that is made from environment variables wants the one of this name.
#[napi]
pub fn wants_variable(name: String) -> bool {
    ClientSettings::wants_variable(&name)
}

#[derive(Serialize)]
struct Phone {
    number: String,
    masked: String,
    network: Option<&'static str>,
}

#[napi]
pub fn parse_phone_number(text: String) -> String {
    answer(PhoneNumber::parse(&text).map(|phone| Phone {
        number: phone.as_str().to_owned(),
        masked: phone.masked(),
        network: phone.network_hint().map(Network::as_str),
    }))
}

#[napi]
pub fn parse_amount(text: String, max: Option<u32>, round: bool) -> String {
    let rules = AmountRules {
        max: max.unwrap_or(AmountRules::default().max),
        round,
    };
    answer(Amount::parse(&text, &rules).map(Amount::get))
}

/// In cents.
#[napi]
pub fn parse_money(text: String, json_number: bool) -> String {
    let money = if json_number {
        Money::parse_json_number(&text)
    } else {
        Money::parse(&text)
    };
    answer(money.map(Money::cents))
}

#[derive(Serialize)]
struct Remark {
    code: String,
    message: String,
}

#[derive(Serialize)]
struct CheckedText {
    value: String,
    remarks: Vec<Remark>,
}

impl CheckedText {
    fn new(value: &str, warnings: &[Warning]) -> Self {
        Self {
            value: value.to_owned(),
            remarks: warnings
                .iter()
                .map(|warning| Remark {
                    code: warning.code().to_owned(),
                    message: warning.message().to_owned(),
                })
                .collect(),
        }
    }
}

const fn fit(truncate: bool) -> Fit {
    if truncate { Fit::Truncate } else { Fit::Refuse }
}

/// As many as there are; no limit of a gateway's is near it.
fn limit_of(limit: Option<u32>, usual: usize) -> usize {
    limit.map_or(usual, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

#[napi]
pub fn parse_account_reference(text: String, limit: Option<u32>, truncate: bool) -> String {
    let limit = limit_of(limit, AccountReference::LIMIT);
    let reference = AccountReference::parse_with_limit(&text, limit, fit(truncate));
    answer(reference.map(|value| CheckedText::new(value.as_str(), &value.warnings())))
}

#[napi]
pub fn parse_transaction_desc(text: String, limit: Option<u32>, truncate: bool) -> String {
    let limit = limit_of(limit, TransactionDesc::LIMIT);
    let description = TransactionDesc::parse_with_limit(&text, limit, fit(truncate));
    answer(description.map(|value| CheckedText::new(value.as_str(), &value.warnings())))
}

#[napi]
pub fn parse_callback_url(text: String, environment: String) -> String {
    let url = environment
        .parse()
        .and_then(|environment| CallbackUrl::parse(&text, environment));
    answer(url.map(|url| CheckedText::new(url.as_str(), &url.warnings())))
}

#[derive(Serialize)]
struct Password {
    password: String,
    timestamp: String,
}

/// The password of a Daraja push at an instant, and the timestamp that goes with it.
#[napi]
pub fn password(short_code: String, pass_key: String, unix_milliseconds: i64) -> String {
    let made = || -> Result<Password, Error> {
        let short_code = ShortCode::parse(&short_code)?;
        let pass_key = PassKey::parse(&pass_key)?;
        let at = EatTime::from_unix_millis(unix_milliseconds);
        Ok(Password {
            password: lipia::values::password(&short_code, &pass_key, at)
                .expose()
                .to_owned(),
            timestamp: at.to_wire(),
        })
    };
    answer(made())
}

fn gateway_named(gateway: Option<&str>) -> Result<Option<GatewayName>, Error> {
    gateway.map(str::parse).transpose()
}

fn event(gateway: Option<&str>, body: &[u8]) -> Result<lipia::Event, Error> {
    lipia::parse_callback(gateway_named(gateway)?, body)
}

#[napi]
pub fn parse_callback_text(gateway: Option<String>, body: String) -> String {
    parse_callback_bytes(gateway, body.as_bytes())
}

#[napi]
pub fn parse_callback_bytes(gateway: Option<String>, body: &[u8]) -> String {
    let event = event(gateway.as_deref(), body);
    answer(event.as_ref().map(EventData::new))
}

#[napi]
pub fn event_value(gateway: String, body: &[u8], name: String) -> String {
    answer(event(Some(&gateway), body).map(|event| event.value(&name)))
}

/// What was asked for, as text.
#[derive(Deserialize)]
struct ExpectedData {
    amount: Option<String>,
    phone_number: Option<String>,
    checkout_request_id: Option<String>,
    merchant_request_id: Option<String>,
}

impl ExpectedData {
    fn expected(self) -> Result<Expected, Error> {
        Expected::from_texts(
            self.amount.as_deref(),
            self.phone_number.as_deref(),
            self.checkout_request_id.as_deref(),
            self.merchant_request_id.as_deref(),
        )
    }
}

/// How a callback compares with what was asked for: the four fields in their order, and whether it is a match.
#[napi]
pub fn check_event(gateway: String, body: &[u8], expected: String) -> napi::Result<String> {
    let expected: ExpectedData = data(&expected)?;
    let checked = || -> Result<_, Error> {
        let check = event(Some(&gateway), body)?.check(&expected.expected()?);
        Ok((
            check.amount.as_str(),
            check.phone.as_str(),
            check.checkout_request_id.as_str(),
            check.merchant_request_id.as_str(),
            check.is_match(),
        ))
    };
    Ok(answer(checked()))
}

/// The sentence for the payer of an error that the package makes itself.
#[napi]
pub fn customer_message(
    kind: String,
    disposition: String,
    field: Option<String>,
) -> napi::Result<String> {
    let error = serde_json::json!({
        "kind": kind, "disposition": disposition, "code": "", "message": "", "field": field,
    });
    let error: Error = data(&error.to_string())?;
    Ok(json(&error.customer_message()))
}

/// The row of the table for a code, or where an outcome is given and the code is not known, the row of that outcome; and
/// whether the table knows the code.
#[napi]
pub fn describe(code: String, outcome: Option<String>) -> String {
    answer(Ok::<_, Error>((
        lipia::result_codes::describe_word(&code, outcome.as_deref()),
        lipia::result_codes::lookup(&code).is_some(),
    )))
}

/// Every row of the table.
#[napi]
pub fn result_codes() -> String {
    answer(Ok::<_, Error>(lipia::result_codes::all()))
}

#[napi]
pub const fn accepted_reply() -> &'static str {
    lipia::event::accepted_reply()
}
