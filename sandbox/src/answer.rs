//! What a request is answered with, before it becomes an HTTP response.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const PLAIN: &str = "text/plain";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    /// Seconds for the `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        // Serialising plain structs of text and numbers into memory has no way to fail.
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self {
            status,
            content_type: JSON,
            retry_after: None,
            body: body.into(),
        }
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: &'static str) -> Self {
        Self {
            status,
            content_type,
            retry_after: None,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    /// The same answer, cut to half of its body, with a length that fits what is left.
    pub(crate) fn truncated(self) -> Self {
        let half = self.body.len() / 2;
        Self {
            body: self.body.slice(..half),
            ..self
        }
    }

    /// The same answer with a member of its JSON object replaced, or removed.
    pub(crate) fn with_member(self, name: &str, value: Option<&str>) -> Self {
        let Ok(serde_json::Value::Object(mut members)) = serde_json::from_slice(&self.body) else {
            return self;
        };
        members.remove(name);
        if let Some(value) = value {
            members.insert(name.to_owned(), value.into());
        }
        let body = serde_json::to_vec(&members).unwrap_or_default().into();
        Self { body, ..self }
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
