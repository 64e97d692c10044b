//! Callback bodies: none may panic the parser, and whatever it accepts keeps the promises that money depends on.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lipia::{Amount, Daraja, Disposition, ErrorKind, GatewayName, Outcome};
use lipia::event::Expected;

/// The gateways whose callbacks are read beside Daraja's: the promises that hold for all of them.
fn every_gateway(body: &[u8]) {
    let named = GatewayName::ALL.into_iter().filter(|name| *name != GatewayName::Daraja);
    for gateway in std::iter::once(None).chain(named.map(Some)) {
        match lipia::parse_callback(gateway, body) {
            Ok(event) => {
                if event.is_success() {
                    assert!(event.result_code.as_deref().is_none_or(|code| code == "0"), "{event:?}");
                }
                let proven = event.receipt.is_some() && event.amount.is_some_and(|amount| amount.is_positive());
                assert_eq!(event.complete, !event.is_success() || proven);
                assert!(serde_json::from_str::<serde_json::Value>(&event.to_json()).is_ok());
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::InvalidCallback);
                assert!(!error.retryable() && error.hint().is_some());
            }
        }
    }
}

fuzz_target!(|body: &[u8]| {
    every_gateway(body);
    match Daraja::parse_callback(body) {
        Ok(event) => {
            let is_zero = event.result_code.as_deref() == Some("0");
            assert_eq!(event.outcome == Outcome::Success, is_zero, "success is exactly the code 0");
            assert_eq!(event.is_success(), is_zero);
            let proven = event.receipt.is_some() && event.amount.is_some_and(|amount| amount.is_positive());
            assert_eq!(event.complete, !is_zero || proven);
            if !is_zero {
                assert!(event.receipt.is_none() && event.amount.is_none() && event.phone.is_none());
            }
            if let Some(receipt) = &event.receipt {
                let receipt = receipt.as_str();
                assert!((6..=20).contains(&receipt.len()));
                assert!(receipt.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
            }
            let id = event.checkout_request_id.as_ref().unwrap().as_str();
            assert!((1..=128).contains(&id.len()));
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'));
            let mut words = event.warnings.clone();
            words.dedup();
            assert_eq!(words, event.warnings, "a warning is given twice");
            assert_eq!(event.raw(), body);
            assert!(body.len() <= 64 * 1024);

            let json: serde_json::Value = serde_json::from_str(&event.to_json()).unwrap();
            assert_eq!(json["complete"], event.complete);
            for name in ["Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber", "Balance"] {
                let value = event.value(name);
                assert!(is_zero || value.is_none());
            }
            let check = event.check(&Expected::new().amount(Amount::new(1).unwrap()));
            assert!(!check.is_match() || !is_zero || event.amount.unwrap().cents() == 100);
            if let Some(phone) = &event.phone {
                // A receipt and an amount are shown as they are, and may have the digits of a number.
                let amount = event.amount.map(|amount| format!("{amount:?}"));
                let is_amount = amount.is_some_and(|text| text.contains(phone.as_str()));
                let is_shown = format!("{event:?}").contains(phone.as_str());
                assert!(!is_shown || is_amount || event.receipt.is_some());
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidCallback);
            assert_eq!(error.disposition(), Disposition::Unknown);
            assert!(!error.retryable() && error.hint().is_some());
        }
    }
});
