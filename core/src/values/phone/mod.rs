//! Kenyan mobile numbers: what people type, and the one form that gateways take.

use crate::error::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

pub(crate) mod network;
pub(crate) mod refusals;

use network::Network;
use refusals::{
    bad_brackets, bad_plus, bad_separator, empty, not_kenyan, not_mobile, too_long, too_short,
    unreadable,
};

/// A Kenyan mobile number, held as `254` and nine digits. `Display` and JSON show it whole, `Debug` masks it.
///
/// Numbers are never refused for their network: they can be ported, and new ranges open.
///
/// ```
/// use lipia::PhoneNumber;
/// let phone = PhoneNumber::parse("+254 (0)712 345-678").unwrap();
/// assert_eq!(phone.as_str(), "254712345678");
/// assert_eq!(phone.masked(), "2547***678");
/// assert_eq!(PhoneNumber::try_from(712_345_678_u64).unwrap(), phone);
/// assert_eq!(PhoneNumber::parse("+1 202 555 0123").unwrap_err().code(), "phone_not_kenyan");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    /// `254` and nine ASCII digits: as text they need no allocation and no second check.
    digits: [u8; 12],
}

impl PhoneNumber {
    /// Reads a number as people write it: `0712…`, `712…`, `254712…`, `+254 712…`, `00254…`, also with a trunk zero
    /// after the country code, with white space and invisible marks anywhere, with `.`, `-` or a dash between
    /// digits, and with round brackets.
    ///
    /// # Errors
    /// `phone_empty`, `phone_too_short`, `phone_too_long`, `phone_not_mobile`, `phone_not_kenyan`,
    /// `phone_unreadable_character`, `phone_bad_plus`, `phone_bad_brackets` or `phone_bad_separator`; no message
    /// repeats the number.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let written = Written::read(text)?;
        let digits = written.digits()?;
        let national = national_digits(digits, written.plus)?;
        let mut held = *b"254000000000";
        for (place, digit) in held.iter_mut().skip(3).zip(national) {
            *place = *digit;
        }
        Ok(Self { digits: held })
    }

    /// The number as gateways take it: `254` and nine digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The twelve bytes are ASCII digits by construction, so the default is never used.
        std::str::from_utf8(&self.digits).unwrap_or_default()
    }

    /// The number in the place of one that was deleted. It is not a mobile number, so that no customer has it.
    pub(crate) const ERASED: Self = Self {
        digits: *b"254000000000",
    };

    /// Whether this stands in the place of a number that was deleted.
    pub(crate) fn is_erased(&self) -> bool {
        *self == Self::ERASED
    }

    /// The number with its middle hidden, for logs: `2547***678`.
    #[must_use]
    pub fn masked(&self) -> String {
        crate::error::mask::phone(self.as_str())
    }

    /// The network this range was given to. A guess for display only: numbers can be ported, the ranges are known
    /// approximately, and `None` says nothing against a number.
    #[must_use]
    pub fn network_hint(&self) -> Option<Network> {
        Network::of_range(self.as_str().get(3..6)?.parse().ok()?)
    }
}

/// What is left of the text once everything that may be ignored is gone. No form is longer than seventeen digits
/// (`000254` + `0` + nine is sixteen), so further digits are only counted.
struct Written {
    kept: [u8; 17],
    count: usize,
    plus: bool,
}

impl Written {
    fn read(text: &str) -> Result<Self, Error> {
        let mut written = Self {
            kept: [0; 17],
            count: 0,
            plus: false,
        };
        let mut in_brackets = false;
        // What stood last, ignoring marks and brackets: a separator needs a digit on either side.
        let mut last = Last::Nothing;
        for character in text.chars() {
            match character {
                '0'..='9' => {
                    if let (Some(place), Ok(digit)) =
                        (written.kept.get_mut(written.count), u8::try_from(character))
                    {
                        *place = digit;
                    }
                    written.count += 1;
                    last = Last::Digit;
                }
                '+' if last == Last::Nothing => {
                    written.plus = true;
                    last = Last::Plus;
                }
                '+' => return Err(bad_plus()),
                '(' | ')' => {
                    if in_brackets == (character == '(') {
                        return Err(bad_brackets());
                    }
                    in_brackets = character == '(';
                }
                _ if is_separator(character) => {
                    if last != Last::Digit {
                        return Err(bad_separator());
                    }
                    last = Last::Separator;
                }
                _ if is_ignored(character) => {}
                _ => return Err(unreadable()),
            }
        }
        if in_brackets {
            return Err(bad_brackets());
        }
        match last {
            Last::Separator => Err(bad_separator()),
            Last::Plus => Err(too_short()),
            Last::Nothing => Err(empty()),
            Last::Digit => Ok(written),
        }
    }

    fn digits(&self) -> Result<&[u8], Error> {
        self.kept.get(..self.count).ok_or_else(too_long)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Plus,
    Digit,
    Separator,
}

/// The nine national digits, without any of the prefixes.
fn national_digits(digits: &[u8], plus: bool) -> Result<&[u8], Error> {
    let international = if plus {
        match digits.strip_prefix(b"254") {
            Some(rest) => Some(rest),
            None if digits.first() == Some(&b'0') => return Err(bad_plus()),
            None if b"254".starts_with(digits) => return Err(too_short()),
            None => return Err(not_kenyan()),
        }
    } else {
        // 00 dials out of most countries, 000 out of Kenya.
        [b"000254".as_slice(), b"00254", b"254"]
            .into_iter()
            .find_map(|prefix| digits.strip_prefix(prefix))
    };
    let national = match (international, digits) {
        (Some([b'0', rest @ ..]), _) => rest,
        (Some(rest), _) => rest,
        (None, [b'0', b'0', rest @ ..]) if rest.len() >= 8 => return Err(not_kenyan()),
        (None, [b'0', rest @ ..]) => rest,
        (None, bare) => bare,
    };
    let mobile = matches!(national.first(), Some(b'7' | b'1'));
    match national.len() {
        9 if mobile => Ok(national),
        9 => Err(not_mobile()),
        0..9 => Err(too_short()),
        // Ten digits and more without one of our prefixes that do not even start like a mobile number carry
        // another country's code.
        _ if international.is_none() && digits.first() != Some(&b'0') && !mobile => {
            Err(not_kenyan())
        }
        _ => Err(too_long()),
    }
}

/// Unicode's dash punctuation (Pd), the minus sign and the full stop.
fn is_separator(character: char) -> bool {
    matches!(
        character,
        '-' | '.' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2212}'
                | '\u{058A}'
                | '\u{05BE}'
                | '\u{1400}'
                | '\u{1806}'
                | '\u{2E17}'
                | '\u{2E1A}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{2E40}'
                | '\u{2E5D}'
                | '\u{301C}'
                | '\u{3030}'
                | '\u{30A0}'
                | '\u{FE31}'
                | '\u{FE32}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{10D6E}'
                | '\u{10EAD}'
    )
}

/// White space, and the invisible marks that come along when a number is pasted from a contact list, a
/// spreadsheet or a right-to-left text.
fn is_ignored(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'
                | '\u{2066}'..='\u{2069}'
                | '\u{061C}'
                | '\u{FEFF}'
                | '\u{180E}'
                | '\u{00AD}'
        )
}

impl TryFrom<u64> for PhoneNumber {
    type Error = Error;

    /// Reads a number that lost its text on the way, such as a spreadsheet's 712345678.
    fn try_from(number: u64) -> Result<Self, Error> {
        Self::parse(&number.to_string())
    }
}

impl TryFrom<&str> for PhoneNumber {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl std::str::FromStr for PhoneNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == Self::ERASED.as_str() {
            return Ok(Self::ERASED);
        }
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> String {
        PhoneNumber::parse(text)
            .map_or_else(|error| error.code().to_owned(), |_| "accepted".to_owned())
    }

    #[test]
    fn every_refusal_has_its_own_code() {
        for (text, expected) in [
            ("", "phone_empty"),
            (" \u{200B}()", "phone_empty"),
            ("+", "phone_too_short"),
            ("+25", "phone_too_short"),
            ("0", "phone_too_short"),
            ("254", "phone_too_short"),
            ("00000", "phone_too_short"),
            ("07123456789", "phone_too_long"),
            ("25407123456789", "phone_too_long"),
            ("0712345678 0722345678", "phone_too_long"),
            ("0212345678", "phone_not_mobile"),
            ("254812345678", "phone_not_mobile"),
            ("255712345678", "phone_not_kenyan"),
            ("+255712345678", "phone_not_kenyan"),
            ("00712345678", "phone_not_kenyan"),
            ("+00254712345678", "phone_bad_plus"),
            ("+0712345678", "phone_bad_plus"),
            ("++254712345678", "phone_bad_plus"),
            ("0712345678+", "phone_bad_plus"),
            ("0712345678x", "phone_unreadable_character"),
            ("٠٧١٢٣٤٥٦٧٨", "phone_unreadable_character"),
            ("((0712)345678)", "phone_bad_brackets"),
            (")0712345678(", "phone_bad_brackets"),
            ("-0712345678", "phone_bad_separator"),
            ("0712345678.", "phone_bad_separator"),
            ("0712--345678", "phone_bad_separator"),
            ("+-254712345678", "phone_bad_separator"),
            ("(0712)-345-678", "accepted"),
            ("000254 0 712 345 678", "accepted"),
            ("+(254)712345678", "accepted"),
            ("0712 \u{2013} 345 \u{2212} 678", "accepted"),
        ] {
            assert_eq!(code(text), expected, "{text:?}");
        }
    }

    #[test]
    fn ranges_hint_at_a_network_and_nothing_depends_on_it() {
        let hint = |text: &str| PhoneNumber::parse(text).unwrap().network_hint();
        assert_eq!(hint("0708374149"), Some(Network::Safaricom));
        assert_eq!(hint("0181000001"), Some(Network::Safaricom));
        assert_eq!(hint("0733000001"), Some(Network::Airtel));
        assert_eq!(hint("0770000001"), None);
    }

    #[test]
    fn what_is_saved_is_read_back_and_checked() {
        let phone = PhoneNumber::parse("0712345678").unwrap();
        let saved = serde_json::to_string(&phone).unwrap();
        assert_eq!(saved, "\"254712345678\"");
        assert_eq!(serde_json::from_str::<PhoneNumber>(&saved).unwrap(), phone);
        assert!(serde_json::from_str::<PhoneNumber>("\"0212345678\"").is_err());
        assert_eq!(format!("{phone:?}"), "PhoneNumber(2547***678)");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_error_repeats_the_digits(text in "[+0-9() .x\u{2011}\u{200B}-]{0,24}") {
            match PhoneNumber::parse(&text) {
                Ok(phone) => {
                    prop_assert_eq!(phone.as_str().len(), 12);
                    prop_assert_eq!(PhoneNumber::parse(phone.as_str()).unwrap(), phone);
                }
                Err(error) => {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    prop_assert!(digits.len() < 9 || !error.message().contains(&digits));
                }
            }
        }

        #[test]
        fn every_prefix_reads_as_the_same_number(national in "[17][0-9]{8}") {
            let expected = format!("254{national}");
            for prefix in ["", "0", "254", "+254", "00254", "000254", "2540", "+2540", "002540", "0002540"] {
                let parsed = PhoneNumber::parse(&format!("{prefix}{national}")).unwrap();
                prop_assert_eq!(parsed.as_str(), expected.as_str());
            }
        }
    }
}
