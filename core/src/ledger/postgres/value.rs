//! Values of a statement's parameters, and JSON as PostgreSQL sends it.

use crate::values::clock::EatTime;
use bytes::BytesMut;
use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;
use time::OffsetDateTime;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// The value of a parameter.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(Option<String>),
    Texts(Vec<String>),
    Flag(bool),
    Number(i64),
    Time(Option<OffsetDateTime>),
    Bytes(Vec<u8>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(Some(without_nul(text).into_owned()))
    }

    pub(super) fn optional(text: Option<&str>) -> Self {
        text.map_or(Self::Text(None), Self::text)
    }

    pub(super) fn time(time: EatTime) -> Self {
        Self::optional_time(Some(time))
    }

    pub(super) fn optional_time(time: Option<EatTime>) -> Self {
        Self::Time(time.and_then(|time| {
            let nanos = i128::from(time.unix_millis()) * 1_000_000;
            OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
        }))
    }

    /// A length of time in microseconds, at most a century: for `now() + $1 * interval '1 microsecond'`.
    pub(super) fn micros(length: Duration) -> Self {
        const CENTURY: i64 = 100 * 366 * 24 * 3_600 * 1_000_000;
        let micros = i64::try_from(length.as_micros()).unwrap_or(CENTURY);
        Self::Number(micros.min(CENTURY))
    }

    /// A payment's JSON as text, without what PostgreSQL cannot keep.
    pub(super) fn json(json: &str) -> Self {
        Self::Text(Some(json_without_nul(json).into_owned()))
    }

    pub(super) fn type_of(&self) -> Type {
        match self {
            Self::Text(_) => Type::TEXT,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Flag(_) => Type::BOOL,
            Self::Number(_) => Type::INT8,
            Self::Time(_) => Type::TIMESTAMPTZ,
            Self::Bytes(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Text(text) => text.to_sql(ty, out),
            Self::Texts(texts) => texts.to_sql(ty, out),
            Self::Flag(flag) => flag.to_sql(ty, out),
            Self::Number(number) => number.to_sql(ty, out),
            Self::Time(time) => time.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A text without the character NUL, which PostgreSQL keeps in no text. A gateway's sentence may have one.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// JSON text without the character NUL in its strings. Within JSON it is written with six characters, which also end a
/// string that has a backslash before `u0000`: only a reader tells the two apart.
fn json_without_nul(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u0000") {
        return Cow::Borrowed(json);
    }
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(json) else {
        return Cow::Borrowed(json);
    };
    replace_nul(&mut value);
    Cow::Owned(value.to_string())
}

fn replace_nul(value: &mut serde_json::Value) {
    use serde_json::Value as Json;
    match value {
        Json::String(text) => *text = without_nul(text).into_owned(),
        Json::Array(values) => values.iter_mut().for_each(replace_nul),
        Json::Object(members) => {
            *members = std::mem::take(members)
                .into_iter()
                .map(|(name, mut value)| {
                    replace_nul(&mut value);
                    (without_nul(&name).into_owned(), value)
                })
                .collect();
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The text of a `jsonb` value.
pub(super) struct Json<'a>(pub(super) &'a str);

impl<'a> FromSql<'a> for Json<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        match raw.split_first() {
            Some((1, text)) => Ok(Self(std::str::from_utf8(text)?)),
            _ => Err("a form of jsonb that is not known".into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_replaced_in_strings_and_an_escaped_backslash_is_left_alone() {
        let json = r#"{"a":"x\u0000y","b":["\\u0000"],"c\u0000":1}"#;
        let read: serde_json::Value = serde_json::from_str(&json_without_nul(json)).unwrap();
        let expected = serde_json::json!({"a": "x\u{FFFD}y", "b": ["\\u0000"], "c\u{FFFD}": 1});
        assert_eq!(read, expected);
        assert!(matches!(json_without_nul(r#"{"a":1}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn a_length_of_time_without_end_is_a_century() {
        let Value::Number(micros) = Value::micros(Duration::MAX) else {
            panic!("a number");
        };
        assert_eq!(micros / 1_000_000 / 3_600 / 24 / 366, 100);
    }
}
