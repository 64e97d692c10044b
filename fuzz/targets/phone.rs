//! Phone numbers: whatever is accepted is `254`, 7 or 1, and eight digits, and all of them stood in the text in that order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lipia::PhoneNumber;

fuzz_target!(|text: &str| {
    match PhoneNumber::parse(text) {
        Ok(phone) => {
            let number = phone.as_str();
            assert_eq!(number.len(), 12);
            assert!(number.starts_with("2547") || number.starts_with("2541"));
            assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
            assert_eq!(PhoneNumber::parse(number).unwrap(), phone);
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let prefix = digits.strip_suffix(&number[3..]).expect("the last nine digits are the number");
            assert!(
                ["", "0", "254", "2540", "00254", "002540", "000254", "0002540"].contains(&prefix),
                "an unknown prefix: {prefix}"
            );
            assert!(!text.chars().any(|character| character.is_alphabetic() || "*_,;:#'\"<>".contains(character)));
            assert!(text.matches('+').count() <= 1);
            assert_eq!(text.matches('(').count(), text.matches(')').count());
            assert!(!format!("{phone:?}").contains(number));
            if let Ok(integer) = digits.parse::<u64>()
                && !digits.starts_with('0')
            {
                assert_eq!(PhoneNumber::try_from(integer).unwrap(), phone);
            }
        }
        Err(error) => {
            assert!(error.code().starts_with("phone_") && error.hint().is_some());
            assert_eq!(error.field(), Some("phone_number"));
        }
    }
});
