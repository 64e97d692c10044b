//! Runs every callback of PalPluss, UpesiPay and PayHero under `vectors/` through the public API: with the gateway named,
//! and told apart by shape.

use lipia::{GatewayName, parse_callback};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/callbacks")
}

fn said(gateway: Option<GatewayName>, body: &[u8]) -> Value {
    match parse_callback(gateway, body) {
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

fn differences(name: &str, how: &str, expected: &Value, actual: &Value) -> Vec<String> {
    actual
        .as_object()
        .unwrap()
        .iter()
        .filter(|(field, value)| expected[field.as_str()] != **value)
        .map(|(field, value)| {
            format!(
                "{name} ({how}): {field} is {value}, expected {}",
                expected[field]
            )
        })
        .collect()
}

/// What is told when nobody says who sent it, where that differs: a shape that no gateway has, and another
/// gateway's own.
fn expected_by_shape(name: &str, expected: &Value) -> Value {
    match name {
        "p029_data_wrapped.json" => json!({ "parses": false, "error": "unrecognised_shape" }),
        "u030_raw_daraja_body_forwarded.json" => {
            let daraja = std::fs::read(folder().join(name)).unwrap();
            said(Some(GatewayName::Daraja), &daraja)
        }
        // PayHero's bodies have UpesiPay's shape.
        _ if expected["provider"] == json!("payhero") && expected["parses"] == json!(true) => {
            let mut expected = expected.clone();
            expected["provider"] = json!("upesipay");
            expected
        }
        _ => expected.clone(),
    }
}

#[test]
fn callbacks() {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for (name, expected) in vectors.as_object().unwrap() {
        let Ok(gateway) = expected["provider"]
            .as_str()
            .unwrap()
            .parse::<GatewayName>()
        else {
            continue;
        };
        let body = std::fs::read(folder().join(name)).unwrap();
        if gateway != GatewayName::Daraja {
            count += 1;
            failures.extend(differences(
                name,
                "named",
                expected,
                &said(Some(gateway), &body),
            ));
        }
        let by_shape = said(None, &body);
        if gateway == GatewayName::Daraja && by_shape["parses"] == json!(false) {
            // No hostile body of Daraja's may pass as another gateway's.
            failures.extend(
                (expected["parses"] == json!(true)).then(|| format!("{name}: not told apart")),
            );
        } else {
            failures.extend(differences(
                name,
                "by shape",
                &expected_by_shape(name, expected),
                &by_shape,
            ));
        }
    }
    assert!(count >= 47, "the corpus has lost cases: {count}");
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}
