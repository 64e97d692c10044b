//! An answer to a request, before it becomes an HTTP response.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

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

    /// The same answer with more members in its JSON object.
    pub(crate) fn with_added(self, added: &[(&str, &str)]) -> Self {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(&self.body) else {
            return self;
        };
        for (name, value) in added {
            members.insert((*name).to_owned(), (*value).into());
        }
        Self {
            body: Value::Object(members).to_string().into(),
            ..self
        }
    }

    /// The answer as it stands on the wire.
    pub(crate) fn raw(&self) -> Bytes {
        let mut raw = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            self.status,
            self.content_type,
            self.body.len()
        )
        .into_bytes();
        raw.extend_from_slice(&self.body);
        raw.into()
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
