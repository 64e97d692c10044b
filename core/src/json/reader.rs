//! The reader itself: a single pass over the text.

use super::{Json, JsonError, MAX_LEVELS};
use std::borrow::Cow;

/// Up to this many members are compared with each other; beyond, the names are sorted. Real objects have a handful.
const FEW_MEMBERS: usize = 16;

pub(super) struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    levels: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            position: 0,
            levels: 0,
        }
    }

    pub(super) fn document(mut self) -> Result<Json<'a>, JsonError> {
        self.skip_white_space();
        if self.peek().is_none() {
            return Err(JsonError::EmptyBody);
        }
        let value = self.value()?;
        self.skip_white_space();
        if self.peek().is_some() {
            return Err(JsonError::InvalidJson);
        }
        Ok(value)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    /// Moves past white space. Indented bodies are half spaces, so this and the scan of texts are what the time
    /// goes into: eight spaces at a time while there are as many.
    #[inline]
    fn skip_white_space(&mut self) {
        if self.peek().is_none_or(|byte| byte > b' ') {
            return;
        }
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let is_white = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        let line_break = usize::from(rest.first() == Some(&b'\n'));
        let (words, _) = rest.get(line_break..).unwrap_or_default().as_chunks::<8>();
        let spaces = words
            .iter()
            .take_while(|word| **word == *b"        ")
            .count()
            * 8;
        self.position += line_break + spaces;
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        self.position += rest
            .iter()
            .position(|byte| !is_white(byte))
            .unwrap_or(rest.len());
    }

    /// Takes this byte if it is the next one.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.position += usize::from(is_next);
        is_next
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.takes(byte) {
            Ok(())
        } else {
            Err(JsonError::InvalidJson)
        }
    }

    fn slice(&self, from: usize, to: usize) -> Result<&'a str, JsonError> {
        self.text.get(from..to).ok_or(JsonError::InvalidJson)
    }

    /// Reads the value that starts at the present position. It calls itself through [`Reader::list`] and
    /// [`Reader::object`], and those stop at [`MAX_LEVELS`].
    fn value(&mut self) -> Result<Json<'a>, JsonError> {
        match self.peek().ok_or(JsonError::InvalidJson)? {
            b'"' => self.string().map(Json::Text),
            b'-' | b'0'..=b'9' => self.number().map(Json::Number),
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::list),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => Err(JsonError::InvalidJson),
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, JsonError> {
        let end = self.position + word.len();
        if self.bytes.get(self.position..end) != Some(word.as_bytes()) {
            return Err(JsonError::InvalidJson);
        }
        self.position = end;
        Ok(value)
    }

    fn nested(
        &mut self,
        inside: fn(&mut Self) -> Result<Json<'a>, JsonError>,
    ) -> Result<Json<'a>, JsonError> {
        if self.levels == MAX_LEVELS {
            return Err(JsonError::TooDeep);
        }
        self.levels += 1;
        self.position += 1;
        self.skip_white_space();
        let value = inside(self)?;
        self.levels -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Json<'a>, JsonError> {
        let mut items = Vec::new();
        if self.takes(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_white_space();
            if self.takes(b']') {
                return Ok(Json::List(items));
            }
            self.expect(b',')?;
            self.skip_white_space();
        }
    }

    fn object(&mut self) -> Result<Json<'a>, JsonError> {
        let mut members = Vec::new();
        if self.takes(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(JsonError::InvalidJson);
            }
            let name = self.string()?;
            self.skip_white_space();
            self.expect(b':')?;
            self.skip_white_space();
            members.push((name, self.value()?));
            self.skip_white_space();
            if self.takes(b'}') {
                return if has_repeated_name(&members) {
                    Err(JsonError::DuplicateKey)
                } else {
                    Ok(Json::Object(members))
                };
            }
            self.expect(b',')?;
            self.skip_white_space();
        }
    }

    fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.position;
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits()?;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            let _sign = self.takes(b'+') || self.takes(b'-');
            self.digits()?;
        }
        self.slice(start, self.position)
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), JsonError> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let count = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        self.position += count;
        if count == 0 {
            Err(JsonError::InvalidJson)
        } else {
            Ok(())
        }
    }

    /// Reads the text whose opening quote is next. Without an escape, as nearly always, it is borrowed.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.position += 1;
        let start = self.position;
        self.run()?;
        let plain = self.slice(start, self.position)?;
        if self.takes(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut unescaped = plain.to_owned();
        loop {
            // `run` stopped at a quote or a backslash, and it was not a quote.
            self.position += 1;
            unescaped.push(self.escape()?);
            let start = self.position;
            self.run()?;
            unescaped.push_str(self.slice(start, self.position)?);
            if self.takes(b'"') {
                return Ok(Cow::Owned(unescaped));
            }
        }
    }

    /// Moves to the next quote or backslash, eight bytes at a time while there are as many.
    #[inline]
    fn run(&mut self) -> Result<(), JsonError> {
        let (words, _) = self
            .bytes
            .get(self.position..)
            .unwrap_or_default()
            .as_chunks::<8>();
        for word in words {
            let stops = stops_in(u64::from_le_bytes(*word));
            if stops != 0 {
                self.position += (stops.trailing_zeros() / 8) as usize;
                break;
            }
            self.position += 8;
        }
        loop {
            match self.peek() {
                Some(b'"' | b'\\') => return Ok(()),
                Some(0x20..) => self.position += 1,
                Some(_) | None => return Err(JsonError::InvalidJson),
            }
        }
    }

    /// The character of an escape whose backslash has been taken.
    fn escape(&mut self) -> Result<char, JsonError> {
        let letter = self.peek().ok_or(JsonError::InvalidJson)?;
        self.position += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(JsonError::InvalidJson),
        })
    }

    /// Four hexadecimal digits, and for a high surrogate the low one that must follow.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.hexadecimal()?;
        let scalar = match first {
            0xD800..=0xDBFF => {
                self.expect(b'\\')?;
                self.expect(b'u')?;
                match self.hexadecimal()? {
                    second @ 0xDC00..=0xDFFF => {
                        0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                    }
                    _ => return Err(JsonError::InvalidJson),
                }
            }
            other => other,
        };
        // A low surrogate on its own is not a character.
        char::from_u32(scalar).ok_or(JsonError::InvalidJson)
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self
                .peek()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or(JsonError::InvalidJson)?;
            value = value << 4 | digit;
            self.position += 1;
        }
        Ok(value)
    }
}

/// Marks the bytes of a word that end a run of plain text: a quote, a backslash, a control character. Only the
/// lowest mark is certain; the borrow of a subtraction may set higher ones.
#[inline]
const fn stops_in(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    const fn below(word: u64, limit: u64) -> u64 {
        word.wrapping_sub(ONES * limit) & !word & HIGHS
    }
    below(word ^ (ONES * b'"' as u64), 1)
        | below(word ^ (ONES * b'\\' as u64), 1)
        | below(word, 0x20)
}

fn has_repeated_name(members: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    if members.len() <= FEW_MEMBERS {
        return members.iter().enumerate().any(|(index, (name, _))| {
            members
                .iter()
                .take(index)
                .any(|(earlier, _)| earlier == name)
        });
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    names
        .windows(2)
        .any(|pair| matches!(pair, [one, other] if one == other))
}
