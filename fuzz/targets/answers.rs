//! Gateways' answers: none may panic a reader, be taken for an acceptance that it is not, or let a push be sent again
//! unless the gateway said that it had refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lipia::Outcome;
use lipia::fuzzing::read_answer;
use serde_json::Value;

/// Whether a response code is zero, however it is written.
fn is_zero(code: &Value) -> bool {
    let text = match code {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return false,
    };
    text.trim().parse::<f64>().is_ok_and(|number| number == 0.0)
}

/// What may let a push be sent again, whatever else stands in the body.
const REFUSED_BEFORE_ACTING: [&str; 7] =
    ["404.001.03", "400.003.01", "401.002.01", "401.003.01", "500.003.02", "500.003.03", "429"];

fuzz_target!(|input: &[u8]| {
    let Some((head, body)) = input.split_first_chunk::<2>() else { return };
    let status = 100 + u16::from_le_bytes(*head) % 500;
    let readings = read_answer(status, body);
    let json: Option<Value> = serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok();
    if json.is_none() && lipia::json::read(body, 64 * 1024).is_ok() {
        // A number that no double can hold: serde_json refuses the body, and there is nothing to compare with. The
        // target `json` holds the two readers against each other.
        return;
    }
    let member = |name: &str| json.as_ref().and_then(|json| json.get(name)).cloned().unwrap_or(Value::Null);
    let is = |name: &str, code: &str| member(name) == code || member(name).as_number().is_some_and(|number| number.to_string() == code);

    if let Some(acceptance) = &readings.acceptance {
        assert!((200..300).contains(&status), "accepted under HTTP {status}");
        assert!(is_zero(&member("ResponseCode")) && member("errorCode").is_null());
        assert_eq!(member("CheckoutRequestID"), acceptance.id());
        assert!(!readings.push_is_resent);
    }
    if readings.push_is_resent {
        let named = REFUSED_BEFORE_ACTING.iter().any(|code| is("errorCode", code));
        // A token's refusal and a rate limit are known by their words too.
        // The front door says so in a page too, which is not JSON.
        let words = String::from_utf8_lossy(body).to_lowercase() + &json.as_ref().map(Value::to_string).unwrap_or_default().to_lowercase();
        let said = ["token", "spikearrest", "quotaviolation"].iter().any(|word| words.contains(word));
        assert!(named || said || status == 401 || status == 429, "resent after HTTP {status}");
    }
    if let Some(told) = &readings.status {
        assert_eq!(told.is_final, told.outcome.is_final() && told.result_code.is_some(), "{told:?}");
        if told.outcome == Outcome::Success {
            assert!((200..300).contains(&status) && member("errorCode").is_null());
        }
    }
    if readings.has_token {
        assert!(member("access_token").is_string());
    }
});
