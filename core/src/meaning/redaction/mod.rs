//! Redaction of what a gateway says. A gateway may repeat what it was sent: the token, the password, the callback URL, the
//! customer's number. None of these may reach an error, a log line or a saved payment by way of the gateway's words.
//!
//! Ids are read before redaction, and texts are cut after it, so that no half of a secret stays at the cut.

pub(crate) mod spelling;

use crate::values::daraja_credentials::Secret;
use crate::values::phone::PhoneNumber;
use crate::values::push::Push;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use spelling::Unit;
use std::collections::HashSet;
use std::ops::Range;

/// The longest message that is kept of a gateway's words, in bytes.
const MAX_MESSAGE_BYTES: usize = 600;
/// The longest code or request id that is kept, in bytes. Every one seen has under 64.
const MAX_WORD_BYTES: usize = 128;
/// How far behind the cut secrets are looked for: one that begins before it may end this much later.
const LOOK_AHEAD_BYTES: usize = 4 * 1024;
/// Shorter texts are part of ordinary words, and removing them would shred the gateway's sentence.
const MIN_SECRET_CHARACTERS: usize = 4;
/// A piece of a secret this long counts as the secret: gateways also cut what they repeat.
const PIECE_CHARACTERS: usize = 12;
/// The national number, without country code or trunk zero.
const NATIONAL_DIGITS: usize = 9;
/// Base64 within base64 (a password within an encoded header) is followed this deep.
const MAX_ENCODING_DEPTH: usize = 2;

const REDACTED: &str = "[redacted]";

/// What a gateway was sent and its words must not repeat.
#[derive(Clone, Default)]
pub(crate) struct Redaction {
    secrets: Vec<Secret>,
    phone: Option<PhoneNumber>,
}

impl Redaction {
    /// Adds secrets: keys of the merchant.
    pub(crate) fn with_secrets<'s>(
        mut self,
        secrets: impl IntoIterator<Item = &'s Secret>,
    ) -> Self {
        self.secrets.extend(secrets.into_iter().cloned());
        self
    }

    /// Adds what an `Authorization` header holds: the token, and of HTTP's Basic scheme user and password too.
    pub(crate) fn with_header(mut self, header: &HeaderValue) -> Self {
        let Ok(text) = header.to_str() else {
            return self;
        };
        let token = text.split_once(' ').map_or(text, |(_, token)| token);
        if let Ok(decoded) = STANDARD.decode(token)
            && let Ok(pair) = String::from_utf8(decoded)
        {
            self.secrets.extend(
                pair.split(':')
                    .filter(|part| !part.is_empty())
                    .map(Secret::new),
            );
        }
        self.secrets.push(Secret::new(token));
        self
    }

    /// Adds what a push holds of the customer and of the merchant's server: the phone number and the callback URL's path.
    pub(crate) fn with_push(mut self, push: &Push) -> Self {
        self.phone = Some(push.phone_number.clone());
        let url = push.callback_url.as_str();
        let behind_scheme = url.find("://").map_or(0, |at| at + 3);
        // With its slash: the word `callback` alone is also one of the gateway's own.
        if let Some(path) = url
            .get(behind_scheme..)
            .and_then(|rest| rest.get(rest.find('/')?..))
        {
            self.secrets.push(Secret::new(path));
        }
        self
    }

    /// A gateway's sentence: redacted, in one line, and of sane length.
    pub(crate) fn message(&self, text: &str) -> String {
        self.clean(text, MAX_MESSAGE_BYTES, true)
    }

    /// A gateway's code or id for a request. Such an id may end with the customer's number by its form, so the number
    /// stays.
    pub(crate) fn word(&self, text: &str) -> String {
        self.clean(text, MAX_WORD_BYTES, false)
    }

    /// The beginning of a body that is kept for a person to look at.
    pub(crate) fn body(&self, body: &[u8], max_bytes: usize) -> String {
        let whole = body.get(..max_bytes + LOOK_AHEAD_BYTES).unwrap_or(body);
        self.clean(&String::from_utf8_lossy(whole), max_bytes, true)
    }

    fn clean(&self, text: &str, max_bytes: usize, hides_phone: bool) -> String {
        let mut looked_at = text.len().min(max_bytes + LOOK_AHEAD_BYTES);
        while !text.is_char_boundary(looked_at) {
            looked_at -= 1;
        }
        let text = text.get(..looked_at).unwrap_or(text);
        let hidden = if self.is_harmless(text) {
            Vec::new()
        } else {
            self.hidden(text, hides_phone, 0)
        };
        self.written(text, max_bytes, &hidden)
    }

    /// Whether a text is a plain sentence, as nearly every answer has one, that holds no secret: it has no digit, and no word
    /// long enough for a piece of a secret that has no blanks.
    fn is_harmless(&self, text: &str) -> bool {
        let is_of_a_sentence = |byte: &u8| byte.is_ascii_alphabetic() || b" .,'-".contains(byte);
        text.bytes().all(|byte| is_of_a_sentence(&byte))
            && text.split(' ').all(|word| word.len() < PIECE_CHARACTERS)
            && self.secrets.iter().all(|secret| {
                let secret = secret.expose().as_bytes();
                match secret.len() {
                    ..MIN_SECRET_CHARACTERS => true,
                    MIN_SECRET_CHARACTERS..PIECE_CHARACTERS => !text
                        .as_bytes()
                        .windows(secret.len())
                        .any(|window| window.eq_ignore_ascii_case(secret)),
                    _ => !secret.contains(&b' '),
                }
            })
    }

    /// The places of a text that repeat what was sent, in order, with what stands there instead. A text is looked at in
    /// each of its forms, since taking escapes away can also take a secret apart.
    fn hidden(&self, text: &str, hides_phone: bool, depth: usize) -> Vec<(Range<usize>, String)> {
        let mut hidden = Vec::new();
        for form in spelling::forms(text) {
            let places = self.hidden_in(&form, hides_phone, depth);
            hidden.extend(
                places.into_iter().filter_map(|(place, instead)| {
                    Some((spelling::source(&form, place)?, instead))
                }),
            );
        }
        hidden.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
        hidden
    }

    fn hidden_in(
        &self,
        text: &[Unit],
        hides_phone: bool,
        depth: usize,
    ) -> Vec<(Range<usize>, String)> {
        let mut hidden: Vec<(Range<usize>, String)> = self
            .secret_places(text)
            .into_iter()
            .map(|place| (place, REDACTED.to_owned()))
            .collect();
        if let Some(phone) = self.phone.as_ref().filter(|_| hides_phone) {
            let places = phone_places(text, phone);
            hidden.extend(places.into_iter().map(|place| (place, phone.masked())));
        }
        if depth < MAX_ENCODING_DEPTH {
            let runs = spelling::base64_runs(text).into_iter();
            let telling = runs.filter(|run| {
                spelling::decoded(text.get(run.clone()).unwrap_or_default())
                    .iter()
                    .any(|inner| !self.hidden(inner, true, depth + 1).is_empty())
            });
            hidden.extend(telling.map(|run| (run, REDACTED.to_owned())));
        }
        hidden
    }

    fn secret_places(&self, text: &[Unit]) -> Vec<Range<usize>> {
        let lower: Vec<char> = text
            .iter()
            .map(|unit| unit.character.to_ascii_lowercase())
            .collect();
        let mut all = Vec::new();
        for secret in &self.secrets {
            let secret: Vec<char> = secret
                .expose()
                .chars()
                .map(|character| character.to_ascii_lowercase())
                .collect();
            if secret.len() < MIN_SECRET_CHARACTERS {
                continue;
            }
            let piece = secret.len().min(PIECE_CHARACTERS);
            let pieces: HashSet<&[char]> = secret.windows(piece).collect();
            // Almost all of a text is told apart by two characters, which cost less than a hash.
            let mut starts = vec![false; STARTS];
            for piece in &pieces {
                if let Some(start) = starts.get_mut(start_of(piece)) {
                    *start = true;
                }
            }
            let may_begin = |window: &[char]| starts.get(start_of(window)) == Some(&true);
            let found = lower
                .windows(piece)
                .enumerate()
                .filter(|(_, window)| may_begin(window) && pieces.contains(window));
            let mut places: Vec<Range<usize>> = Vec::new();
            for (start, _) in found {
                match places.last_mut() {
                    Some(Range { end, .. }) if *end >= start => *end = start + piece,
                    _ => places.push(start..start + piece),
                }
            }
            all.extend(places);
        }
        all
    }

    /// The text with other words in the hidden places, without control characters, cut at a length.
    fn written(&self, text: &str, max_bytes: usize, hidden: &[(Range<usize>, String)]) -> String {
        let mut written = String::with_capacity(text.len().min(max_bytes));
        let mut hidden = hidden.iter().peekable();
        let mut behind = 0;
        let mut is_cut = false;
        for (at, character) in text.char_indices() {
            if at < behind {
                continue;
            }
            if at >= max_bytes || written.len() >= max_bytes {
                is_cut = true;
                break;
            }
            while hidden.next_if(|(place, _)| place.end <= at).is_some() {}
            if let Some((place, instead)) = hidden.next_if(|(place, _)| place.start <= at) {
                written.push_str(instead);
                behind = place.end;
                // Overlapping places are one: the longest that begins inside is hidden with it.
                while let Some((inner, _)) = hidden.next_if(|(inner, _)| inner.start < behind) {
                    behind = behind.max(inner.end);
                }
            } else if is_written(character) {
                written.push(character);
            } else {
                written.push(' ');
            }
        }
        let mut written = written.trim().to_owned();
        if is_cut {
            written.push('…');
        }
        written
    }
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redaction")
    }
}

/// How many beginnings of pieces are told apart before a piece is hashed.
const STARTS: usize = 4_096;

fn start_of(piece: &[char]) -> usize {
    match piece {
        [first, second, ..] => (*first as usize * 67 + *second as usize) % STARTS,
        _ => 0,
    }
}

/// Whether a character may stand in a log line: a line break forges a second one, and a mark that turns the direction of
/// writing shows another text than the one that is there.
fn is_written(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Where a phone number stands, however it is written: `0712345678`, `+254 712 345 678`, `254-712-345678`.
fn phone_places(text: &[Unit], phone: &PhoneNumber) -> Vec<Range<usize>> {
    let digits: Vec<char> = phone.as_str().chars().collect();
    let national = digits
        .get(digits.len().saturating_sub(NATIONAL_DIGITS)..)
        .unwrap_or_default();
    let mut places: Vec<Range<usize>> = Vec::new();
    for start in 0..text.len() {
        let Some(end) = digits_end(text, start, national) else {
            continue;
        };
        // The digits and the sign before it belong to the number: its country code, or its zero.
        let before = text
            .get(..start)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|unit| {
                unit.character.is_ascii_digit() || matches!(unit.character, '+' | ' ' | '-')
            })
            .count();
        let start = text
            .iter()
            .enumerate()
            .skip(start - before)
            .find(|(_, unit)| unit.character.is_ascii_digit() || unit.character == '+')
            .map_or(start, |(place, _)| place);
        places.push(start..end);
    }
    places
}

/// Where some digits end that begin at a place, with separators between them ignored.
fn digits_end(text: &[Unit], start: usize, digits: &[char]) -> Option<usize> {
    let mut wanted = digits.iter();
    let mut next = wanted.next()?;
    let mut separators = 0;
    for (place, unit) in text.iter().enumerate().skip(start) {
        if unit.character == *next {
            separators = 0;
            match wanted.next() {
                Some(digit) => next = digit,
                None => return Some(place + 1),
            }
        } else if place > start && separators < 2 && is_separator(unit.character) {
            separators += 1;
        } else {
            return None;
        }
    }
    None
}

fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')
}

/// What a gateway's answer holds of its own words.
pub(crate) trait Worded {
    /// Redacts the words and leaves the ids.
    fn redact(&mut self, redaction: &Redaction);
}

/// Redacts a text that may be there.
pub(crate) fn redact_text(text: &mut Option<String>, redaction: &Redaction) {
    if let Some(text) = text {
        *text = redaction.message(text);
    }
}

#[cfg(test)]
mod tests;
