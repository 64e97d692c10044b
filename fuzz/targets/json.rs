//! The JSON reader: it agrees with `serde_json`, except for what it refuses on purpose.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lipia::json::{Json, JsonError, read};
use serde_json::Value;

const MAX_BYTES: usize = 64 * 1024;

fuzz_target!(|body: &[u8]| {
    let ours = read(body, MAX_BYTES);
    // `serde_json` tolerates no byte-order mark.
    let theirs = serde_json::from_slice::<Value>(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => assert!(same(ours, theirs), "{ours:?} is not {theirs:?}"),
        (Ok(_), Err(error)) => assert!(error.to_string().contains("out of range"), "accepted, but {error}"),
        (Err(JsonError::TooLarge), _) => assert!(body.len() > MAX_BYTES),
        (Err(JsonError::TooDeep | JsonError::DuplicateKey), _) | (Err(_), Err(_)) => {}
        (Err(error), Ok(_)) => panic!("refused: {error}"),
    }
    match ours {
        Err(JsonError::InvalidUtf8) => assert!(std::str::from_utf8(body).is_err()),
        Err(JsonError::EmptyBody) => assert!(body.iter().all(|byte| b" \t\r\n\xEF\xBB\xBF".contains(byte))),
        Ok(json) => assert!(levels(&json) <= 64),
        Err(_) => {}
    }
});

fn same(ours: &Json<'_>, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(one), Value::Bool(other)) => one == other,
        (Json::Number(text), Value::Number(number)) => {
            let (ours, theirs) = (text.parse::<f64>().unwrap(), number.as_f64().unwrap());
            (ours - theirs).abs() <= (ours.abs() * 1e-14).max(f64::MIN_POSITIVE)
        }
        (Json::Text(one), Value::String(other)) => one == other,
        (Json::List(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(one, other)| same(one, other))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, one)| theirs.get(name.as_ref()).is_some_and(|other| same(one, other)))
        }
        _ => false,
    }
}

fn levels(json: &Json<'_>) -> usize {
    match json {
        Json::List(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Json::Object(members) => 1 + members.iter().map(|(_, value)| levels(value)).max().unwrap_or(0),
        _ => 0,
    }
}
