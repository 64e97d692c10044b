//! Values by themselves: parsed, described, compared.

use crate::data::{Handover, to_python};
use crate::errors::or_raise;
use lipia::{
    AccountReference, Amount, AmountRules, CallbackUrl, EatTime, EventWarning, Expected, Fit,
    GatewayName, Money, Outcome, PassKey, PhoneNumber, Remedy, ShortCode, TransactionDesc, Warning,
};
use pyo3::prelude::*;

/// Number, masked number, network's name.
#[pyfunction]
pub(crate) fn parse_phone_number(
    py: Python<'_>,
    text: &str,
) -> PyResult<(String, String, Option<&'static str>)> {
    let phone = or_raise(py, PhoneNumber::parse(text))?;
    let network = phone.network_hint().map(lipia::Network::as_str);
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
    let password = lipia::password(&short_code, &pass_key, at);
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
        fields.map(lipia::FieldCheck::as_str).to_vec(),
        check.is_match(),
    ))
}

/// The row of the table for a code, and whether the table knows it.
#[pyfunction]
pub(crate) fn describe(py: Python<'_>, code: &str) -> PyResult<(Py<PyAny>, bool)> {
    let row = to_python(py, lipia::result_codes::describe(code))?.unbind();
    Ok((row, lipia::result_codes::lookup(code).is_some()))
}

/// Every row of the table.
#[pyfunction]
pub(crate) fn result_codes(py: Python<'_>) -> PyResult<Py<PyAny>> {
    Ok(to_python(py, &lipia::result_codes::all())?.unbind())
}

#[pyfunction]
pub(crate) const fn accepted_reply() -> &'static str {
    lipia::accepted_reply()
}

/// The words of a closed list, for the test that Python's enums have them all.
#[pyfunction]
pub(crate) fn words(list: &str) -> Vec<&'static str> {
    match list {
        "outcome" => Outcome::ALL.map(Outcome::as_str).to_vec(),
        "gateway" => GatewayName::ALL.map(GatewayName::as_str).to_vec(),
        "remedy" => Remedy::ALL.map(Remedy::as_str).to_vec(),
        "event_warning" => EventWarning::ALL
            .iter()
            .map(|warning| warning.as_str())
            .collect(),
        _ => Vec::new(),
    }
}
