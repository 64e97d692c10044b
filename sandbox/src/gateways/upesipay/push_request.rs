//! The members of a push, checked. A pure function.

use http::Uri;
use serde_json::{Map, Value};

use super::errors::UpesiPayError;
use super::generation::Generation;
use super::options::UpesiPayOptions;
use crate::records::payment::PushRequest;
use crate::wire::request::{amount, phone};

/// Reads a push of one generation.
pub(super) fn read(
    members: &Map<String, Value>,
    generation: Generation,
    options: &UpesiPayOptions,
) -> Result<PushRequest, UpesiPayError> {
    let text = |name: &'static str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(UpesiPayError::Invalid(name)),
    };
    let amount = amount(members.get("amount")).ok_or(UpesiPayError::Invalid("amount"))?;
    let phone = text("phone_number")?
        .as_deref()
        .and_then(phone)
        .ok_or(UpesiPayError::Invalid("phone_number"))?;
    let channel_id = members
        .get("channel_id")
        .and_then(|channel| match channel {
            Value::Number(id) if id.as_u64() == Some(options.channel_id) => Some(id.to_string()),
            Value::String(word) if generation == Generation::Second && word == "wallet" => {
                Some(word.clone())
            }
            _ => None,
        })
        .ok_or(UpesiPayError::Invalid("channel_id"))?;
    if generation == Generation::First && text("provider")?.as_deref() != Some("m-pesa") {
        return Err(UpesiPayError::Invalid("provider"));
    }
    for optional in ["customer_name", "credential_id"] {
        text(optional)?;
    }
    let callback_url = text("callback_url")?.unwrap_or_default();
    if !callback_url.is_empty() && !is_whole_url(&callback_url) {
        return Err(UpesiPayError::Invalid("callback_url"));
    }
    Ok(PushRequest {
        phone,
        amount,
        reference: text("external_reference")?.unwrap_or_default(),
        callback_url,
        channel_id: Some(channel_id),
        ..PushRequest::default()
    })
}

fn is_whole_url(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}
