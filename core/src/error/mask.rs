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
}
