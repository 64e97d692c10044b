//! Faults of Apigee, Daraja's front door: in its own JSON, and as SOAP in JSON or in XML.

use crate::json::Json;
use std::borrow::Cow;

/// What a fault says, and its code where it has one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault<'a> {
    pub(super) words: Cow<'a, str>,
    pub(super) code: Option<Cow<'a, str>>,
}

/// The fault in a JSON object.
pub(super) fn in_json<'j>(json: &'j Json<'j>) -> Option<Fault<'j>> {
    let in_envelope = || member(member(member(json, "Envelope")?, "Body")?, "Fault");
    let fault = member(json, "fault").or_else(in_envelope)?;
    let words = member(fault, "faultstring")?.as_text()?;
    let detail = member(fault, "detail");
    let code_in = |json: Option<&'j Json<'j>>| member(json?, "errorcode")?.as_text();
    let code = code_in(detail).or_else(|| code_in(member(detail?, "source")));
    Some(Fault {
        words: Cow::Borrowed(words),
        code: code.map(Cow::Borrowed),
    })
}

/// The fault in a page of XML.
pub(super) fn in_xml(body: &[u8]) -> Option<Fault<'static>> {
    const MAX_BYTES: usize = 8 * 1024;
    if !body.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let text = String::from_utf8_lossy(body.get(..MAX_BYTES).unwrap_or(body));
    Some(Fault {
        words: Cow::Owned(element(&text, "faultstring")?.to_owned()),
        code: element(&text, "errorcode").map(|code| Cow::Owned(code.to_owned())),
    })
}

/// A member by its name, which may have the prefix of an XML namespace.
fn member<'j>(json: &'j Json<'j>, name: &str) -> Option<&'j Json<'j>> {
    let Json::Object(members) = json else {
        return None;
    };
    let is_it = |key: &str| key.rsplit(':').next() == Some(name);
    members
        .iter()
        .find_map(|(key, value)| is_it(key).then_some(value))
}

/// The text of an element, which may have attributes and the prefix of a namespace.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split('<').find_map(|piece| {
        let (tag, said) = piece.split_once('>')?;
        let tag = tag.split_whitespace().next()?;
        let said = said.trim();
        (tag.rsplit(':').next() == Some(name) && !tag.starts_with('/') && !said.is_empty())
            .then_some(said)
    })
}

#[cfg(test)]
mod tests {
    use super::{in_json, in_xml};
    use crate::json::read;

    #[test]
    fn a_fault_is_read_in_each_of_its_forms() {
        for body in [
            r#"{"fault":{"faultstring":"no","detail":{"errorcode":"a.b"}}}"#,
            r#"{"Envelope":{"Body":{"Fault":{"faultstring":"no","detail":{"source":{"errorcode":"a.b"}}}}}}"#,
            r#"{"soapenv:Envelope":{"soapenv:Body":{"soapenv:Fault":{"faultstring":"no","detail":{"errorcode":"a.b"}}}}}"#,
        ] {
            let json = read(body.as_bytes(), 10_000).unwrap();
            let fault = in_json(&json).unwrap();
            assert_eq!((&*fault.words, fault.code.as_deref()), ("no", Some("a.b")));
        }
        for body in [
            "<?xml version=\"1.0\"?>\n<s:Envelope><s:Body><s:Fault><s:faultstring xml:lang=\"en\"> no </s:faultstring><errorcode>a.b</errorcode></s:Fault></s:Body></s:Envelope>",
            "<Error><errorcode>a.b</errorcode><faultstring>no</faultstring></Error>",
        ] {
            let fault = in_xml(body.as_bytes()).unwrap();
            assert_eq!((&*fault.words, fault.code.as_deref()), ("no", Some("a.b")));
        }
        for body in [
            r#"{"fault":"no"}"#,
            r#"{"Body":{"stkCallback":{}}}"#,
            r#"{"Envelope":{"Body":{}}}"#,
        ] {
            assert_eq!(
                in_json(&read(body.as_bytes(), 10_000).unwrap()),
                None,
                "{body}"
            );
        }
        for body in [
            "",
            "faultstring>no",
            "<html>no</html>",
            "<faultstring></faultstring>",
        ] {
            assert_eq!(in_xml(body.as_bytes()), None, "{body}");
        }
    }
}
