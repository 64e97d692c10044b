//! Tests of what the reader takes and refuses, and that it otherwise agrees with `serde_json`.

use super::*;
use proptest::prelude::*;

fn code(body: &[u8]) -> &'static str {
    read(body, MAX_BYTES).map_or_else(JsonError::code, |_| "read")
}

#[test]
fn every_refusal_has_its_word() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    for (body, expected) in [
        ("", "empty_body"),
        (" \t\r\n", "empty_body"),
        ("\u{FEFF}", "empty_body"),
        ("\u{FEFF} \n", "empty_body"),
        ("\u{FEFF}{}", "read"),
        ("\u{FEFF}\u{FEFF}{}", "invalid_json"),
        (" \u{FEFF}{}", "invalid_json"),
        ("\u{A0}", "invalid_json"),
        (nested(64).as_str(), "read"),
        (nested(65).as_str(), "too_deep"),
        (objects(64).as_str(), "read"),
        (objects(65).as_str(), "too_deep"),
        ("[".repeat(20_000).as_str(), "too_deep"),
        (format!("[{}[]]", "[],{},".repeat(100)).as_str(), "read"),
        (r#"{"a":1,"a":1}"#, "duplicate_key"),
        (r#"{"a":1,"\u0061":2}"#, "duplicate_key"),
        (r#"[{"x":{"":1,"":1}}]"#, "duplicate_key"),
        (r#"{"a":1,"A":1,"á":1}"#, "read"),
        (r#"[{"a":1},{"a":1}]"#, "read"),
        ("{}{}", "invalid_json"),
        ("{} x", "invalid_json"),
        ("{,}", "invalid_json"),
        ("[1,]", "invalid_json"),
        (r#"{"a":1,}"#, "invalid_json"),
        (r#"{"a" 1}"#, "invalid_json"),
        ("{a:1}", "invalid_json"),
        ("01", "invalid_json"),
        ("-", "invalid_json"),
        ("1.", "invalid_json"),
        (".5", "invalid_json"),
        ("+1", "invalid_json"),
        ("1e", "invalid_json"),
        ("0x1", "invalid_json"),
        ("-0.0e+00", "read"),
        ("1e400", "read"),
        ("NaN", "invalid_json"),
        ("tru", "invalid_json"),
        ("nulll", "invalid_json"),
        ("\"a\tb\"", "invalid_json"),
        ("\"a\u{7f}\u{2028}b\"", "read"),
        (r#""\x""#, "invalid_json"),
        (r#""\u12g4""#, "invalid_json"),
        (r#""\ud800""#, "invalid_json"),
        (r#""\udc00""#, "invalid_json"),
        (r#""\ud800\u0041""#, "invalid_json"),
        (r#""\ud800\ud7ff""#, "invalid_json"),
        (r#""\ud800\ud800""#, "invalid_json"),
        (r#""\ud800\ue000""#, "invalid_json"),
        (r#""\udbff\udfff""#, "read"),
        (r#""\ud83c\udf89""#, "read"),
        (r#""abc"#, "invalid_json"),
        ("// c\n1", "invalid_json"),
    ] {
        assert_eq!(
            code(body.as_bytes()),
            expected,
            "{:?}",
            body.get(..40).unwrap_or(body)
        );
    }
    assert_eq!(code(b"\"\xff\""), "invalid_utf8");
    assert_eq!(code(b"\"\xed\xa0\x80\""), "invalid_utf8");
    assert_eq!(read(b"[1, 2]", 5).unwrap_err(), JsonError::TooLarge);
    assert!(read(b"[1,2]", 5).is_ok());
    assert_eq!(
        read(b"\xff\xff\xff\xff\xff\xff", 5).unwrap_err(),
        JsonError::TooLarge
    );
}

#[test]
fn a_repeated_name_is_found_among_thousands() {
    let names: Vec<String> = (0..9_000).map(|number| format!("\"{number}\":0")).collect();
    assert!(read(format!("{{{}}}", names.join(",")).as_bytes(), usize::MAX).is_ok());
    let repeated = format!("{{{},\"\\u0034321\":1}}", names.join(","));
    assert_eq!(
        read(repeated.as_bytes(), usize::MAX).unwrap_err(),
        JsonError::DuplicateKey
    );
}

#[test]
fn numbers_keep_their_text_and_plain_texts_are_borrowed() {
    let json = read(
        br#"{"n":1.00e+05,"t":"plain","e":"\ud83c\udf89\n\/"}"#,
        MAX_BYTES,
    )
    .unwrap();
    assert_eq!(json.text_or_number("n"), Some("1.00e+05"));
    assert!(matches!(
        json.get("t"),
        Some(Json::Text(Cow::Borrowed("plain")))
    ));
    assert_eq!(json.text("e"), Some("\u{1F389}\n/"));
    assert_eq!(json.text("n"), None);
}

/// The same document as `serde_json` sees it; its own limits are not ours.
fn same(ours: &Json<'_>, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Json::Null, serde_json::Value::Null) => true,
        (Json::Bool(one), serde_json::Value::Bool(other)) => one == other,
        (Json::Number(text), serde_json::Value::Number(number)) => same_number(text, number),
        (Json::Text(one), serde_json::Value::String(other)) => one == other,
        (Json::List(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(one, other)| same(one, other))
        }
        (Json::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, one)| {
                    theirs
                        .get(name.as_ref())
                        .is_some_and(|other| same(one, other))
                })
        }
        _ => false,
    }
}

/// `serde_json` rounds a decimal to one of the two nearest doubles, the standard library to the nearest.
fn same_number(text: &str, number: &serde_json::Number) -> bool {
    let (ours, theirs) = (text.parse::<f64>().unwrap(), number.as_f64().unwrap());
    (ours - theirs).abs() <= (ours.abs() * 1e-15).max(f64::MIN_POSITIVE)
}

fn agrees(body: &str) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_str::<serde_json::Value>(body);
    match (read(body.as_bytes(), MAX_BYTES), theirs) {
        (Ok(ours), Ok(theirs)) => {
            prop_assert!(same(&ours, &theirs), "{body:?}: {ours:?} {theirs:?}")
        }
        // A number beyond a double is only refused by those who make a double of it.
        (Ok(_), Err(error)) => prop_assert!(
            error.to_string().contains("out of range"),
            "{body:?}: {error}"
        ),
        (Err(JsonError::DuplicateKey | JsonError::TooDeep), Ok(_)) | (Err(_), Err(_)) => {}
        (
            Err(
                JsonError::EmptyBody
                | JsonError::InvalidUtf8
                | JsonError::TooLarge
                | JsonError::InvalidJson,
            ),
            Ok(_),
        ) => {
            prop_assert!(false, "{body:?} is refused");
        }
    }
    Ok(())
}

fn documents() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        ".{0,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::hash_map(".{0,6}", inner, 0..24)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn documents_are_read_as_written(document in documents(), pretty in any::<bool>()) {
        let body = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
        let ours = read(body.as_bytes(), usize::MAX).unwrap();
        prop_assert!(same(&ours, &document), "{body}");
    }

    #[test]
    fn damaged_documents_are_read_alike(document in documents(), at in any::<prop::sample::Index>(), with in "[\\[\\]{}:,\"\\\\0-9eE.+\\-a-fu \n\u{1}\u{e9}]{0,3}") {
        let body = serde_json::to_string(&document).unwrap();
        let places: Vec<usize> = body.char_indices().map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        let next = body[place..].chars().next().unwrap().len_utf8();
        agrees(&format!("{}{with}{}", &body[..place], &body[place..]))?;
        agrees(&format!("{}{with}{}", &body[..place], &body[place + next..]))?;
        agrees(&body[..place])?;
    }

    #[test]
    fn soup_is_read_alike(body in "[\\[\\]{}:,\"\\\\0-9eE.+\\-truefalsn \n\u{1}ud8]{0,24}") {
        agrees(&body)?;
    }
}
