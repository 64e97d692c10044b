//! Requests as a gateway writes them, and answers as it reads them.

use crate::json;
use crate::json::Json;
use crate::values::zeroizing::ZeroizingBytes;
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// A request, before the base URL and the authorization are added.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query, starting with `/`.
    pub(crate) path: Cow<'static, str>,
    /// JSON, or nothing.
    pub(crate) body: Option<Bytes>,
}

impl Request {
    /// With a JSON body. A struct of texts and numbers always serialises; were it ever not to, every gateway
    /// refuses an empty body.
    pub(crate) fn post(path: impl Into<Cow<'static, str>>, body: &impl Serialize) -> Self {
        // A push has some 650 bytes: one allocation instead of four.
        let mut bytes = ZeroizingBytes::with_capacity(1024);
        let written = serde_json::to_writer(&mut bytes, body);
        Self {
            method: Method::POST,
            path: path.into(),
            body: Some(written.map_or_else(|_| Bytes::new(), |()| bytes.into_bytes())),
        }
    }

    pub(crate) fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: None,
        }
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// `Retry-After`: seconds, or an HTTP date, which counts from the answer's own `Date` where it has one, because the two
    /// clocks may differ.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let header = |name| self.headers.get(name)?.to_str().ok().map(str::trim);
        let text = header(http::header::RETRY_AFTER)?;
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = |text: &str| OffsetDateTime::parse(text, &Rfc2822).ok();
        let then = date(text)?;
        let now = header(http::header::DATE)
            .and_then(date)
            .unwrap_or_else(OffsetDateTime::now_utc);
        // A date that has passed means "now".
        let seconds = u64::try_from((then - now).whole_seconds()).unwrap_or_default();
        Some(Duration::from_secs(seconds))
    }

    /// Whether the status says that the request was carried out.
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The status, what kind of body came with it and the words in it, in a sentence. What becomes of it is redacted and
    /// cut like all that a gateway says.
    pub(crate) fn described(&self) -> String {
        let kind = kind_of_body(&self.body);
        let status = self.status;
        match words_in(&self.body) {
            Some(words) => format!("The gateway answered HTTP {status} with {kind}: \"{words}\"."),
            None => format!("The gateway answered HTTP {status} with {kind}."),
        }
    }
}

/// The most characters of an unknown body's words that are told.
const MAX_TOLD: usize = 160;

/// What a body of no known form says to a person: the text of a page, or the sentence in a JSON object.
fn words_in(body: &[u8]) -> Option<String> {
    let words = match json::read(body, json::MAX_BYTES) {
        Ok(object @ Json::Object(_)) => sentence_of(&object)?.to_owned(),
        _ if body.trim_ascii_start().starts_with(b"<") => text_of_page(body),
        _ => return None,
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    let told: String = words.join(" ").chars().take(MAX_TOLD).collect();
    let told = told.trim_end_matches(['.', ' ']);
    (!told.is_empty()).then(|| told.to_owned())
}

/// The sentence of an error in the forms of other systems.
fn sentence_of<'j>(object: &'j Json<'j>) -> Option<&'j str> {
    const NAMES: [&str; 11] = [
        "errorMessage",
        "error_message",
        "error_description",
        "resultDesc",
        "ResultDesc",
        "ResponseDescription",
        "responseDescription",
        "message",
        "detail",
        "title",
        "error",
    ];
    let said = |object: &'j Json<'j>| NAMES.iter().find_map(|name| object.text(name));
    said(object).or_else(|| said(object.object("error")?))
}

/// The text of a page, without its tags, scripts and styles.
fn text_of_page(body: &[u8]) -> String {
    const START: usize = 8 * 1024;
    let start = String::from_utf8_lossy(body.get(..START).unwrap_or(body));
    let mut text = String::new();
    let mut hidden = false;
    for (index, piece) in start.split('<').enumerate() {
        let (tag, said) = piece.split_once('>').unwrap_or(("", piece));
        if index > 0 {
            let name = tag.trim_start_matches('/').to_ascii_lowercase();
            if ["script", "style"]
                .iter()
                .any(|word| name.starts_with(word))
            {
                hidden = !tag.starts_with('/');
            }
            text.push(' ');
        }
        if !hidden {
            text.push_str(said);
        }
    }
    without_entities(text)
}

/// The usual entities as the characters that they stand for.
fn without_entities(text: String) -> String {
    const ENTITIES: [(&str, &str); 7] = [
        ("&nbsp;", " "),
        ("&#32;", " "),
        ("&#39;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(text, |text, (entity, character)| {
        text.replace(entity, character)
    })
}

fn kind_of_body(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start();
    if start.is_empty() {
        "an empty body"
    } else if start.first() == Some(&b'<') {
        "a page of HTML or XML instead of JSON"
    } else if start.first() == Some(&b'{') {
        "JSON of no known shape, or cut short"
    } else {
        "a body that is not a JSON object"
    }
}

#[cfg(test)]
mod tests {
    use super::words_in;

    #[test]
    fn the_words_of_an_unknown_answer_are_told() {
        for (body, words) in [
            (
                r#"{"resultCode":"999991","resultDesc":"Invalid client id passed"}"#,
                Some("Invalid client id passed"),
            ),
            (
                r#"{"error":{"message":"No such\nkey."}}"#,
                Some("No such key"),
            ),
            (r#"{"error":"invalid_client"}"#, Some("invalid_client")),
            (r#"{"access_token":"secret"}"#, None),
            (r#"{"message":""}"#, None),
            (
                "<html><head><style>a{}</style><script>let x = 1 < 2;</script></head><body>Request \
                 unsuccessful. <b>Incapsula</b> incident ID: 1-1</body></html>",
                Some("Request unsuccessful. Incapsula incident ID: 1-1"),
            ),
            (
                "<p>Reference&#32;#18.1 &amp;lt; it&#39;s</p>",
                Some("Reference #18.1 &lt; it's"),
            ),
            ("<html></html>", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(words_in(body.as_bytes()).as_deref(), words, "{body}");
        }
        assert_eq!(
            words_in("<p>x".repeat(9_000).as_bytes()).unwrap().len(),
            159
        );
    }
}
