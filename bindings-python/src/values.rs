//! Single values: parsed, described, compared.

use crate::data::{Handover, from_python, to_python};
use crate::errors::or_raise;
use lipia::client::ClientSettings;
use lipia::event::Expected;
use lipia::values::{
    AccountReference, AmountRules, CallbackUrl, EatTime, Fit, Money, PassKey, ShortCode,
    TransactionDesc, Warning,
};
use lipia::{Amount, GatewayName, PhoneNumber};
use pyo3::prelude::*;

/// Number, masked number, network's name.
#[pyfunction]
pub(crate) fn parse_phone_number(
    py: Python<'_>,
    text: &str,
) -> PyResult<(String, String, Option<&'static str>)> {
    let phone = or_raise(py, PhoneNumber::parse(text))?;
    let network = phone.network_hint().map(lipia::values::Network::as_str);
    Ok((phone.as_str().to_owned(), phone.masked(), network))
}

#[pyfunction]
pub(crate) fn parse_amount(
    py: Python<'_>,
    text: &str,
    max: Option<u32>,
    round: bool,
) -> PyResult<u32> {
    let rules = AmountRules {
        max: max.unwrap_or(AmountRules::default().max),
        round,
    };
    or_raise(py, Amount::parse(text, &rules)).map(Amount::get)
}

/// Text of the amount, and cents.
#[pyfunction]
pub(crate) fn parse_money(
    py: Python<'_>,
    text: &str,
    json_number: bool,
) -> PyResult<(String, i64)> {
    let money = if json_number {
        Money::parse_json_number(text)
    } else {
        Money::parse(text)
    };
    or_raise(py, money).map(|money| (money.to_string(), money.cents()))
}

type Remarks = Vec<(String, String)>;

fn remarks(warnings: &[Warning]) -> Remarks {
    warnings
        .iter()
        .map(|warning| (warning.code().to_owned(), warning.message().to_owned()))
        .collect()
}

const fn fit(truncate: bool) -> Fit {
    if truncate { Fit::Truncate } else { Fit::Refuse }
}

#[pyfunction]
pub(crate) fn parse_account_reference(
    py: Python<'_>,
    text: &str,
    limit: Option<usize>,
    truncate: bool,
) -> PyResult<(String, Remarks)> {
    let limit = limit.unwrap_or(AccountReference::LIMIT);
    let reference = AccountReference::parse_with_limit(text, limit, fit(truncate));
    or_raise(py, reference).map(|reference| {
        (
            reference.as_str().to_owned(),
            remarks(&reference.warnings()),
        )
    })
}

#[pyfunction]
pub(crate) fn parse_transaction_desc(
    py: Python<'_>,
    text: &str,
    limit: Option<usize>,
    truncate: bool,
) -> PyResult<(String, Remarks)> {
    let limit = limit.unwrap_or(TransactionDesc::LIMIT);
    let description = TransactionDesc::parse_with_limit(text, limit, fit(truncate));
    or_raise(py, description).map(|description| {
        (
            description.as_str().to_owned(),
            remarks(&description.warnings()),
        )
    })
}

#[pyfunction]
pub(crate) fn parse_callback_url(
    py: Python<'_>,
    text: &str,
    environment: &str,
) -> PyResult<(String, Remarks)> {
    let environment = or_raise(py, environment.parse())?;
    or_raise(py, CallbackUrl::parse(text, environment))
        .map(|url| (url.as_str().to_owned(), remarks(&url.warnings())))
}

/// Whether a client that is made from environment variables wants the one of this name.
#[pyfunction]
pub(crate) fn wants_variable(name: &str) -> bool {
    ClientSettings::wants_variable(name)
}

/// The password of a Daraja push at an instant, and the timestamp that goes with it.
#[pyfunction]
pub(crate) fn password(
    py: Python<'_>,
    short_code: &str,
    pass_key: &str,
    unix_milliseconds: i64,
) -> PyResult<(String, String)> {
    let short_code = or_raise(py, ShortCode::parse(short_code))?;
    let pass_key = or_raise(py, PassKey::parse(pass_key))?;
    let at = EatTime::from_unix_millis(unix_milliseconds);
    let password = lipia::values::password(&short_code, &pass_key, at);
    Ok((password.expose().to_owned(), at.to_wire()))
}

fn gateway_named(py: Python<'_>, gateway: Option<&str>) -> PyResult<Option<GatewayName>> {
    gateway.map(|name| or_raise(py, name.parse())).transpose()
}

#[pyfunction]
pub(crate) fn parse_callback(
    py: Python<'_>,
    gateway: Option<&str>,
    body: &[u8],
) -> PyResult<Py<PyAny>> {
    let gateway = gateway_named(py, gateway)?;
    or_raise(py, lipia::parse_callback(gateway, body))?.hand_over(py)
}

#[pyfunction]
pub(crate) fn event_value(
    py: Python<'_>,
    gateway: &str,
    body: &[u8],
    name: &str,
) -> PyResult<Option<String>> {
    let gateway = gateway_named(py, Some(gateway))?;
    Ok(or_raise(py, lipia::parse_callback(gateway, body))?.value(name))
}

/// How a callback compares with what was asked for: the four fields in their order, and whether it is a match.
#[pyfunction]
pub(crate) fn check_event(
    py: Python<'_>,
    gateway: &str,
    body: &[u8],
    amount: Option<&str>,
    phone_number: Option<&str>,
    checkout_request_id: Option<&str>,
    merchant_request_id: Option<&str>,
) -> PyResult<(Vec<&'static str>, bool)> {
    let gateway = gateway_named(py, Some(gateway))?;
    let event = or_raise(py, lipia::parse_callback(gateway, body))?;
    let expected = Expected::from_texts(
        amount,
        phone_number,
        checkout_request_id,
        merchant_request_id,
    );
    let check = event.check(&or_raise(py, expected)?);
    let fields = [
        check.amount,
        check.phone,
        check.checkout_request_id,
        check.merchant_request_id,
    ];
    Ok((
        fields.map(lipia::event::FieldCheck::as_str).to_vec(),
        check.is_match(),
    ))
}

/// The row of the table for a code, or where an outcome is given and the code is not known, the row of that outcome; and
/// whether the table knows the code.
#[pyfunction]
#[pyo3(signature = (code, outcome=None))]
pub(crate) fn describe(
    py: Python<'_>,
    code: &str,
    outcome: Option<&str>,
) -> PyResult<(Py<PyAny>, bool)> {
    let row = lipia::result_codes::describe_word(code, outcome);
    let is_known = lipia::result_codes::lookup(code).is_some();
    Ok((to_python(py, row)?.unbind(), is_known))
}

/// The sentences for a customer, in English and Swahili, of an error that was made in Python.
#[pyfunction]
pub(crate) fn customer_message(error: &Bound<'_, PyAny>) -> PyResult<(&'static str, &'static str)> {
    let message = from_python::<lipia::Error>(error)?.customer_message();
    Ok((message.en, message.sw))
}

/// Every row of the table.
#[pyfunction]
pub(crate) fn result_codes(py: Python<'_>) -> PyResult<Py<PyAny>> {
    Ok(to_python(py, &lipia::result_codes::all())?.unbind())
}

#[pyfunction]
pub(crate) const fn accepted_reply() -> &'static str {
    lipia::event::accepted_reply()
}
