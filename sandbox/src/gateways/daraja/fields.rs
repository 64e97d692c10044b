//! The fields that pushes and queries have in common: token, body, short code, password.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value};

use super::Daraja;
use super::errors::DarajaError;
use super::options::DarajaOptions;
use crate::values::clock::is_timestamp;
use crate::wire::request::{BadBody, Received, json_object};

/// Refuses a request without a token that lives.
pub(super) fn check_token(
    gateway: &Daraja,
    headers: &HeaderMap,
    now: Duration,
    invalid: DarajaError,
) -> Result<(), DarajaError> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or(DarajaError::NO_AUTHORIZATION)?;
    let Some((scheme, token)) = header.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Err(DarajaError::NO_AUTHORIZATION);
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(DarajaError::NO_AUTHORIZATION);
    }
    if gateway.tokens(|tokens| tokens.is_valid(token.trim(), now)) {
        Ok(())
    } else {
        Err(invalid)
    }
}

/// The members of a JSON object.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a request's body.
    pub(super) fn read(request: &Received) -> Result<Self, DarajaError> {
        json_object(request).map(Self).map_err(|bad| match bad {
            BadBody::ContentType => DarajaError::invalid("Content-Type"),
            BadBody::Payload => DarajaError::invalid("Request Payload"),
        })
    }

    /// A member that is text or a whole number, as text; what is empty counts as missing.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => number.as_u64().map(|number| number.to_string()),
            _ => None,
        }
    }

    /// A member that passes a check.
    pub(super) fn checked(
        &self,
        name: &str,
        check: impl FnOnce(&str) -> bool,
    ) -> Result<String, DarajaError> {
        self.text(name)
            .filter(|text| check(text))
            .ok_or_else(|| DarajaError::invalid(name))
    }
}

/// Who asks: the members that pushes and queries share.
#[derive(Debug)]
pub(super) struct Merchant {
    pub(super) short_code: String,
    timestamp: String,
    password: String,
}

impl Merchant {
    pub(super) fn read(fields: &Fields) -> Result<Self, DarajaError> {
        Ok(Self {
            short_code: fields.checked("BusinessShortCode", is_short_code)?,
            timestamp: fields.checked("Timestamp", is_timestamp)?,
            password: fields.checked("Password", |_| true)?,
        })
    }

    /// Whether the merchant exists and its password was made of the pass key and this very timestamp.
    pub(super) fn check(
        &self,
        options: &DarajaOptions,
        wrong_password: DarajaError,
    ) -> Result<(), DarajaError> {
        if self.short_code != options.short_code {
            return Err(DarajaError::NO_MERCHANT);
        }
        let expected = STANDARD.encode(format!(
            "{}{}{}",
            options.short_code, options.pass_key, self.timestamp
        ));
        if self.password == expected {
            Ok(())
        } else {
            Err(wrong_password)
        }
    }
}

/// Five to seven digits.
pub(super) fn is_short_code(text: &str) -> bool {
    (5..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
