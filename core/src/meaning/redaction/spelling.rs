//! The spellings of one text: percent-, JSON- and HTML-escaped, and base64.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
use std::ops::Range;

/// One character of a text with its escapes taken away, and where it stands in the text as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) character: char,
    start: usize,
    end: usize,
}

/// Escapes within escapes are taken away this often: `%2537` is `%37` is `7`.
const MAX_PASSES: usize = 3;

/// Base64 shorter than this holds nothing that would be hidden.
const MIN_RUN_CHARACTERS: usize = 8;

/// Whatever the end of a run is: the run may have been cut.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The forms of a text: as it came, and with its escapes taken away once, twice …
pub(super) fn forms(text: &str) -> Vec<Vec<Unit>> {
    let mut latest: Vec<Unit> = text
        .char_indices()
        .map(|(start, character)| Unit {
            character,
            start,
            end: start + character.len_utf8(),
        })
        .collect();
    let mut forms = Vec::new();
    for _ in 0..MAX_PASSES {
        let plainer = without_escapes(&latest);
        if plainer.len() == latest.len() {
            break;
        }
        forms.push(std::mem::replace(&mut latest, plainer));
    }
    forms.push(latest);
    forms
}

fn without_escapes(units: &[Unit]) -> Vec<Unit> {
    let mut plain = Vec::with_capacity(units.len());
    let mut rest = units;
    while let Some(first) = rest.first() {
        let (character, length) = escape(rest).unwrap_or((first.character, 1));
        let (escaped, behind) = rest.split_at(length.min(rest.len()));
        plain.push(Unit {
            character,
            start: first.start,
            end: escaped.last().map_or(first.end, |last| last.end),
        });
        rest = behind;
    }
    plain
}

/// The character that an escape at the beginning stands for, and how long the escape is.
fn escape(units: &[Unit]) -> Option<(char, usize)> {
    let at = |place: usize| units.get(place).map(|unit| unit.character);
    let number = |digits: Range<usize>, radix: u32| {
        let text: String = units
            .get(digits)?
            .iter()
            .map(|unit| unit.character)
            .collect();
        text.chars().all(|digit| digit.is_digit(radix)).then(|| {
            u32::from_str_radix(&text, radix)
                .ok()
                .and_then(char::from_u32)
        })?
    };
    match (at(0)?, at(1)?) {
        ('%', _) => Some((number(1..3, 16)?, 3)),
        ('\\', 'u') => Some((number(2..6, 16)?, 6)),
        ('\\', 'x') => Some((number(2..4, 16)?, 4)),
        ('\\', escaped @ ('/' | '"' | '\\')) => Some((escaped, 2)),
        ('&', '#') => {
            let end = units
                .iter()
                .take(10)
                .position(|unit| unit.character == ';')?;
            let character = match at(2)? {
                'x' | 'X' => number(3..end, 16)?,
                _ => number(2..end, 10)?,
            };
            Some((character, end + 1))
        }
        _ => None,
    }
}

/// The stretches of a text that may be base64.
pub(super) fn base64_runs(text: &[Unit]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for place in 0..=text.len() {
        let belongs = text
            .get(place)
            .is_some_and(|unit| is_base64(unit.character));
        if belongs {
            continue;
        }
        if place - start >= MIN_RUN_CHARACTERS {
            let padding = text
                .iter()
                .skip(place)
                .take(2)
                .take_while(|unit| unit.character == '=')
                .count();
            runs.push(start..place + padding);
        }
        start = place + 1;
    }
    runs
}

fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_')
}

/// What a stretch of base64 says, from each of the places where its beginning may be.
pub(super) fn decoded(run: &[Unit]) -> Vec<String> {
    let standard: String = run
        .iter()
        .filter(|unit| unit.character != '=')
        .map(|unit| match unit.character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    (0..4)
        .filter_map(|start| {
            let from_here = standard.get(start..)?;
            // One character alone holds no byte.
            let whole = from_here.len() - usize::from(from_here.len() % 4 == 1);
            let bytes = LENIENT.decode(from_here.get(..whole)?).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect()
}

/// Where a place of the plain text stands in the text as it came.
pub(super) fn source(text: &[Unit], place: Range<usize>) -> Option<Range<usize>> {
    let first = text.get(place.start)?;
    let last = text.get(place.end.checked_sub(1)?)?;
    Some(first.start..last.end)
}
