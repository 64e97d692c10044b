//! Masks for personal data in logs and in `Debug`: enough is shown to recognise, too little to use.

/// A phone number with its middle hidden: `2547***149`.
pub(crate) fn phone(number: &str) -> String {
    keep_ends(number, 4, 3)
}

/// A `CheckoutRequestID` with its tail hidden. Current ids end with the payer's nine national digits
/// (`ws_CO_` + date + digits + phone), so the date is kept and the rest is not.
pub(crate) fn checkout_request_id(id: &str) -> String {
    keep_ends(id, 14, 0)
}

/// A text in which that phone number is masked, in whatever form it begins: `order-2547***149`, `0***149`.
pub(crate) fn phone_in(text: &str, number: &str) -> String {
    const NATIONAL_DIGITS: usize = 9;
    let national = number.len().checked_sub(NATIONAL_DIGITS);
    match national.and_then(|at| number.split_at_checked(at)) {
        Some((_, national)) => text.replace(national, &keep_ends(national, 1, 3)),
        None => text.to_owned(),
    }
}

/// A word of a gateway's with the digits masked that are long enough for a phone number.
pub(crate) fn long_digits(word: &str) -> String {
    const SHORTEST: usize = 9;
    let mut masked = String::with_capacity(word.len());
    for run in word.split_inclusive(|character: char| !character.is_ascii_digit()) {
        let digits = run.trim_end_matches(|character: char| !character.is_ascii_digit());
        if digits.len() < SHORTEST {
            masked.push_str(run);
        } else {
            masked.push_str("***");
            masked.push_str(run.get(digits.len()..).unwrap_or_default());
        }
    }
    masked
}

fn keep_ends(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    if length <= head + tail {
        return "***".to_owned();
    }
    let mut masked: String = text.chars().take(head).collect();
    masked.push_str("***");
    masked.extend(text.chars().skip(length - tail));
    masked
}

/// A caller's own text as an error's message shows it: in one line, and its beginning alone.
pub(crate) fn shown(text: &str) -> String {
    const MAX_CHARACTERS: usize = 60;
    let visible = |character: &char| !character.is_control();
    let mut shown: String = text.chars().filter(visible).take(MAX_CHARACTERS).collect();
    if text.chars().filter(visible).nth(MAX_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_short_is_shown_and_nothing_long_is_shown_whole() {
        assert_eq!(super::phone("254708374149"), "2547***149");
        assert_eq!(super::phone("0712"), "***");
        let masked = super::checkout_request_id("ws_CO_01062026193556196708374149");
        assert_eq!(masked, "ws_CO_01062026***");
        assert!(!masked.contains("708374149"));
        assert_eq!(super::checkout_request_id("ws_CO_1"), "***");
    }

    #[test]
    fn a_number_within_a_text_is_masked_in_every_form() {
        for (text, shown) in [
            ("order 17", "order 17"),
            ("254708374149", "2547***149"),
            ("A-0708374149/2", "A-07***149/2"),
            ("20261130001234", "20261130001234"),
        ] {
            assert_eq!(super::phone_in(text, "254708374149"), shown);
        }
        for (word, shown) in [
            ("500.001.1001", "500.001.1001"),
            ("token_unreadable", "token_unreadable"),
            ("of-0708374149-x", "of-***-x"),
            ("708374149", "***"),
        ] {
            assert_eq!(super::long_digits(word), shown);
        }
    }
}
