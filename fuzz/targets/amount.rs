//! Amounts and sums are exact: whatever is accepted is the text's own value, worked out here digit by digit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lipia::Amount;
use lipia::values::{AmountRules, Money};

fuzz_target!(|text: &str| {
    for max in [250_000, 1, u32::MAX] {
        let strict = Amount::parse(text, &AmountRules { max, round: false });
        let rounded = Amount::parse(text, &AmountRules { max, round: true });
        if let Ok(amount) = strict {
            assert_eq!(rounded.as_ref().ok(), Some(&amount));
        }
        match rounded {
            Ok(amount) => {
                assert!((1..=max).contains(&amount.get()));
                let plain = text.trim_ascii();
                let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
                let whole: u64 = whole.parse().unwrap();
                let up = fraction.as_bytes()[0] >= b'5';
                assert_eq!(u64::from(amount.get()), whole + u64::from(up));
                assert_eq!(strict.is_ok(), fraction.bytes().all(|digit| digit == b'0'));
            }
            Err(error) => assert!(error.code().starts_with("amount_") && error.hint().is_some()),
        }
    }
    let number = Money::parse_json_number(text);
    if let Ok(money) = Money::parse(text) {
        assert_eq!(number.as_ref().ok(), Some(&money), "text is read as a number is");
    }
    if let Ok(money) = number {
        assert!(money.cents().unsigned_abs() < 1 << 53);
        assert_eq!(Money::parse(&money.to_string()).unwrap(), money);
        // Every number that is read is one, and a double comes near it.
        let double = serde_json::from_str::<f64>(text).unwrap();
        #[allow(clippy::cast_precision_loss, reason = "nearness is all that is asked")]
        let exact = money.cents() as f64 / 100.0;
        assert!((double - exact).abs() <= exact.abs() * 1e-12, "{double} is not near {exact}");
    }
});
