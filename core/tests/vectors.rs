//! Runs every case under `vectors/` through the public API: the same cases that every other language runs.
//!
//! A failing run names all failing cases at once, so that a change of policy shows its whole extent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken vector should stop the test where it stands"
)]

use lipia::values::{
    AccountReference, AmountRules, CallbackUrl, EatTime, Environment, Fit, Money, PassKey,
    ShortCode, TransactionDesc, Warning, password,
};
use lipia::{Amount, Daraja, Error, PhoneNumber, result_codes};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs `actual` on every case of a file and compares the fields it returns with those of the case.
fn run(name: &str, least: usize, actual: fn(&Value) -> Value) {
    let vectors = read(name);
    let cases = vectors["cases"].as_array().unwrap();
    assert!(
        cases.len() >= least,
        "{name} has lost cases: {}",
        cases.len()
    );
    let failures: Vec<String> = cases
        .iter()
        .enumerate()
        .flat_map(|(index, case)| {
            let reason = case["reason"].as_str().unwrap_or_default();
            differences(case, &actual(case))
                .into_iter()
                .map(move |difference| format!("{index} ({reason}): {difference}"))
        })
        .collect();
    report(name, &failures);
}

fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let members = actual.as_object().unwrap();
    members
        .iter()
        .filter(|(field, value)| {
            expected
                .get(field.as_str())
                .unwrap_or_else(|| panic!("no {field:?} in {expected}"))
                != *value
        })
        .map(|(field, value)| format!("{field} is {value}, expected {}", expected[field]))
        .collect()
}

fn report(name: &str, failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{name}: {} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn code_of<T>(result: &Result<T, Error>) -> Option<&str> {
    result.as_ref().err().map(Error::code)
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text {field:?} in {case}"))
}

fn codes(warnings: &[Warning]) -> Vec<&str> {
    warnings.iter().map(Warning::code).collect()
}

#[test]
fn phones() {
    run("phones.json", 109, |case| {
        let input = &case["input"];
        let parsed = match case["input_type"].as_str().unwrap() {
            "string" => PhoneNumber::parse(input.as_str().unwrap()).ok(),
            "number" => input
                .as_u64()
                .and_then(|number| PhoneNumber::try_from(number).ok()),
            // A typed language has nothing to refuse here.
            _ => None,
        };
        json!({ "normalised": parsed.as_ref().map(PhoneNumber::as_str) })
    });
}

#[test]
fn amounts() {
    run("amounts.json", 50, |case| {
        let default = AmountRules::default();
        let rules = AmountRules {
            max: case["max"]
                .as_u64()
                .map_or(default.max, |max| u32::try_from(max).unwrap()),
            round: case["round"].as_bool().unwrap_or(default.round),
        };
        let parsed = Amount::parse(text(case, "input"), &rules);
        json!({ "amount": parsed.as_ref().ok().map(|amount| amount.get()), "error": code_of(&parsed) })
    });
}

#[test]
fn money() {
    run("money.json", 50, |case| {
        let parsed = match text(case, "kind") {
            "number" => Money::parse_json_number(text(case, "input")),
            _ => Money::parse(text(case, "input")),
        };
        json!({
            "amount": parsed.as_ref().ok().map(ToString::to_string),
            "cents": parsed.as_ref().ok().map(|money| money.cents()),
            "error": code_of(&parsed),
        })
    });
}

#[test]
fn references() {
    run("references.json", 30, |case| {
        let fit = case.get("fit").map_or(Fit::default(), |fit| {
            serde_json::from_value(fit.clone()).unwrap()
        });
        let limit = case["limit"]
            .as_u64()
            .map(|limit| usize::try_from(limit).unwrap());
        let input = text(case, "input");
        let (value, error, warnings) = match text(case, "field") {
            "account_reference" => {
                let limit = limit.unwrap_or(AccountReference::LIMIT);
                match AccountReference::parse_with_limit(input, limit, fit) {
                    Ok(parsed) => (Some(parsed.as_str().to_owned()), None, parsed.warnings()),
                    Err(error) => (None, Some(error), Vec::new()),
                }
            }
            _ => match TransactionDesc::parse_with_limit(
                input,
                limit.unwrap_or(TransactionDesc::LIMIT),
                fit,
            ) {
                Ok(parsed) => (Some(parsed.as_str().to_owned()), None, parsed.warnings()),
                Err(error) => (None, Some(error), Vec::new()),
            },
        };
        json!({ "value": value, "error": error.as_ref().map(Error::code), "warnings": codes(&warnings) })
    });
}

#[test]
fn callback_urls() {
    run("callback_urls.json", 60, |case| {
        let environment: Environment = text(case, "environment").parse().unwrap();
        let parsed = CallbackUrl::parse(text(case, "input"), environment);
        let warnings = parsed
            .as_ref()
            .map(CallbackUrl::warnings)
            .unwrap_or_default();
        json!({
            "value": parsed.as_ref().ok().map(CallbackUrl::as_str),
            "error": code_of(&parsed),
            "warnings": codes(&warnings),
        })
    });
}

#[test]
fn passwords() {
    run("passwords.json", 20, |case| {
        let at = EatTime::parse_rfc3339(text(case, "at")).unwrap();
        let made = ShortCode::parse(text(case, "short_code")).and_then(|short_code| {
            Ok(password(
                &short_code,
                &PassKey::parse(text(case, "pass_key"))?,
                at,
            ))
        });
        json!({
            "password": made.as_ref().ok().map(|password| password.expose()),
            "timestamp": made.as_ref().ok().map(|_| at.to_wire()),
            "error": code_of(&made),
        })
    });
}

#[test]
fn codes_of_results() {
    run("result_codes.json", 50, |case| {
        let code = text(case, "code");
        let row = result_codes::describe(code);
        json!({
            "known": result_codes::lookup(code).is_some(),
            "outcome": row.outcome.as_str(),
            "final": row.is_final,
            "fault": row.fault.as_str(),
        })
    });
    let listed = read("result_codes.json");
    let known = listed["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["known"] == true)
        .count();
    assert_eq!(known + 1, result_codes::all().len(), "a row has no vector");
}

#[test]
fn daraja_callbacks() {
    let expected = read("callbacks/expected.json");
    let cases: Vec<(&String, &Value)> = expected
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, case)| case["provider"] == "daraja")
        .collect();
    assert!(
        cases.len() >= 99,
        "the corpus has lost cases: {}",
        cases.len()
    );
    let failures: Vec<String> = cases
        .into_iter()
        .flat_map(|(name, case)| {
            let body = std::fs::read(folder().join("callbacks").join(name)).unwrap();
            differences(case, &what_is_said(&body))
                .into_iter()
                .map(move |difference| format!("{name}: {difference}"))
        })
        .collect();
    report("callbacks", &failures);
}

fn what_is_said(body: &[u8]) -> Value {
    match Daraja::parse_callback(body) {
        Ok(event) => {
            assert_eq!(event.raw(), body);
            let mut said: Value = serde_json::from_str(&event.to_json()).unwrap();
            said["parses"] = json!(true);
            said["error"] = Value::Null;
            said
        }
        Err(error) => json!({ "parses": false, "error": error.code() }),
    }
}
