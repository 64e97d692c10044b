//! The members of a push, checked. A pure function.

use http::Uri;
use serde_json::{Map, Value};

use super::errors::PalPlussError;
use super::options::PalPlussOptions;
use crate::records::payment::PushRequest;
use crate::wire::loopback::is_deliverable;
use crate::wire::request::{amount, phone};

/// How long the documentation lets a reference be.
const LONGEST_REFERENCE: usize = 12;
/// How long a description may be: the documentation says 13 and shows 29, the SDKs say 255.
const LONGEST_DESCRIPTION: usize = 255;
const LONGEST_URL: usize = 500;

/// Reads a push.
pub(super) fn read(
    members: &Map<String, Value>,
    options: &PalPlussOptions,
) -> Result<PushRequest, PalPlussError> {
    let wrong = |what| PalPlussError::Validation { what };
    let text = |name: &'static str, longest: usize| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= longest => Ok(Some(text.clone())),
        Some(_) => Err(wrong(name)),
    };
    let amount = amount(members.get("amount")).ok_or(wrong("amount"))?;
    let phone = members
        .get("phone")
        .and_then(Value::as_str)
        .and_then(phone)
        .ok_or(PalPlussError::PHONE)?;
    if members
        .get("currency")
        .is_some_and(|currency| currency != "KES")
    {
        return Err(PalPlussError::CURRENCY);
    }
    let reference = text("accountReference", LONGEST_REFERENCE)?;
    let description = text("transactionDesc", LONGEST_DESCRIPTION)?;
    let callback_url = text("callbackUrl", LONGEST_URL)?;
    if callback_url
        .as_deref()
        .is_some_and(|url| !is_callback_url(url))
    {
        return Err(wrong("callbackUrl"));
    }
    let known = |name, known: &str, error: PalPlussError| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(id) if id == known => Ok(Some(known.to_owned())),
        Some(_) => Err(error),
    };
    let channel_id = known("channelId", &options.channel_id, PalPlussError::CHANNEL)?;
    known(
        "credential_id",
        &options.credential_id,
        PalPlussError::CREDENTIAL,
    )?;
    Ok(PushRequest {
        phone,
        amount,
        reference: reference.unwrap_or_default(),
        description,
        callback_url: callback_url.unwrap_or_default(),
        channel_id,
        ..PushRequest::default()
    })
}

/// A whole `https` URL. Plain `http` is taken too where it leads to this machine: the sandbox delivers nowhere else.
fn is_callback_url(text: &str) -> bool {
    let is_https = text.parse::<Uri>().is_ok_and(|uri| {
        uri.scheme_str() == Some("https") && uri.host().is_some_and(|host| !host.is_empty())
    });
    is_https || is_deliverable(text)
}
