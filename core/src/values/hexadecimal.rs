//! Hexadecimal digits.

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.extend(
            [byte >> 4, byte & 15]
                .map(|value| char::from_digit(u32::from(value), 16).unwrap_or('0')),
        );
    }
    text
}
