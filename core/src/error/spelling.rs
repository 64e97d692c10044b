//! The spelling of a hint's code in the language of its reader. Hints are written once, with options as `name` and
//! `name = value` in backticks.

use std::fmt::Write as _;

/// The language that a hint is read in.
///
/// ```
/// use lipia::error::Spelling;
/// let hint = "Shorten it, or allow truncation (`fit = truncate`).";
/// assert!(Spelling::Python.of(hint).contains("`fit=\"truncate\"`"));
/// assert!(Spelling::JavaScript.of("Set `callback_url`.").contains("`callbackUrl`"));
/// assert!(Spelling::CommandLine.of(hint).contains("`--truncate`"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `fit="truncate"`.
    Python,
    /// `fit: 'truncate'`, and names in camel case.
    JavaScript,
    /// Kotlin and Swift, whose enums differ: the value is named beside the option, in camel case. Each language writes its own
    /// assignment of the two.
    Mobile,
    /// `--truncate`.
    CommandLine,
}

/// The command line's options and variables for what the core calls otherwise.
const ON_THE_COMMAND_LINE: [(&str, &str); 13] = [
    ("fit = truncate", "--truncate"),
    ("round_amount = true", "--round"),
    ("max_reference_characters", "--max-reference"),
    ("phone_number", "--phone"),
    ("amount", "--amount"),
    ("account_reference", "--reference"),
    ("transaction_desc", "--description"),
    ("callback_url", "--callback-url"),
    ("transaction_type", "--transaction-type"),
    ("party_b", "--party-b"),
    ("channel_id", "--channel-id"),
    ("credential_id", "--credential-id"),
    ("short_code", "MPESA_SHORTCODE"),
];

impl Spelling {
    /// A sentence with its code as this language writes it.
    #[must_use]
    pub fn of(self, sentence: &str) -> String {
        let mut spelled = String::with_capacity(sentence.len());
        for (index, part) in sentence.split('`').enumerate() {
            if index > 0 {
                spelled.push('`');
            }
            // Every other part stands between two backticks.
            if index % 2 == 1 && self.knows(part) {
                self.write(&mut spelled, part);
            } else {
                spelled.push_str(part);
            }
        }
        spelled
    }

    /// An option's name as this language writes it.
    ///
    /// ```
    /// assert_eq!(lipia::error::Spelling::Mobile.name("phone_number"), "phoneNumber");
    /// ```
    #[must_use]
    pub fn name(self, name: &str) -> String {
        let mut spelled = String::with_capacity(name.len());
        self.write(&mut spelled, name);
        spelled
    }

    /// Whether a text between backticks has a spelling of this language's own. `to_json` turns a payment into text, under
    /// another name in every language; only Kotlin's and Swift's is known here.
    fn knows(self, text: &str) -> bool {
        match text {
            "to_json" => self == Self::Mobile,
            _ => is_code(text),
        }
    }

    fn write(self, text: &mut String, code: &str) {
        let assignment = code.split_once(" = ");
        let is_flag = |value: &str| matches!(value, "true" | "false");
        // Writing to a text does not fail.
        let _ = match (self, assignment) {
            (Self::Python, Some((name, "true"))) => write!(text, "{name}=True"),
            (Self::Python, Some((name, "false"))) => write!(text, "{name}=False"),
            (Self::Python, Some((name, value))) => write!(text, "{name}=\"{value}\""),
            (Self::Python, None) => write!(text, "{code}"),
            (Self::JavaScript, Some((name, value))) if is_flag(value) => {
                write!(text, "{}: {value}", in_camel_case(name))
            }
            (Self::JavaScript, Some((name, value))) => {
                write!(text, "{}: '{value}'", in_camel_case(name))
            }
            (Self::Mobile, Some((name, value))) => {
                write!(text, "{}` set to `{value}", in_camel_case(name))
            }
            (Self::Mobile, None) if code == "to_json" => write!(text, "toJson()"),
            (Self::JavaScript | Self::Mobile, None) => write!(text, "{}", in_camel_case(code)),
            (Self::CommandLine, _) => {
                let found = ON_THE_COMMAND_LINE.iter().find(|(core, _)| *core == code);
                write!(text, "{}", found.map_or(code, |(_, option)| option))
            }
        };
    }
}

/// Whether a text between backticks is an option or a verb of Lipia's: lower case, in words that underscores join, with
/// a value or without.
fn is_code(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    match text.split_once(" = ") {
        Some((name, value)) => is_name(name) && is_name(value),
        None => is_name(text) && (text.contains('_') || text == "amount"),
    }
}

/// `phone_number` as `phoneNumber`.
fn in_camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut whole, word| {
        let mut letters = word.chars();
        whole.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        whole + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::Spelling::{CommandLine, JavaScript, Mobile, Python};

    #[test]
    fn a_hint_is_spelled_as_its_reader_writes() {
        let hint = "Allow `fit = truncate`, `round_amount = true`, set `party_b`; see `Thing`, `x y` and `collect`.";
        for (spelling, expected) in [
            (
                Python,
                "Allow `fit=\"truncate\"`, `round_amount=True`, set `party_b`; see `Thing`, `x y` and `collect`.",
            ),
            (
                JavaScript,
                "Allow `fit: 'truncate'`, `roundAmount: true`, set `partyB`; see `Thing`, `x y` and `collect`.",
            ),
            (
                Mobile,
                "Allow `fit` set to `truncate`, `roundAmount` set to `true`, set `partyB`; see `Thing`, `x y` and `collect`.",
            ),
            (
                CommandLine,
                "Allow `--truncate`, `--round`, set `--party-b`; see `Thing`, `x y` and `collect`.",
            ),
        ] {
            assert_eq!(spelling.of(hint), expected);
        }
        for spelling in [Python, JavaScript, Mobile, CommandLine] {
            for text in ["", "`", "plain", "an open ` tick_mark", "`MPESA_SHORTCODE`"] {
                assert_eq!(spelling.of(text), text);
            }
        }
        for (spelling, expected) in [
            (Python, "`to_json`"),
            (JavaScript, "`to_json`"),
            (Mobile, "`toJson()`"),
            (CommandLine, "`to_json`"),
        ] {
            assert_eq!(spelling.of("`to_json`"), expected);
        }
    }
}
