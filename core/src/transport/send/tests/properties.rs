//! Properties of the retry rule: what holds for every answer and every moment, beyond those in the table.

use super::*;
use proptest::prelude::*;

fn meaning() -> impl Strategy<Value = Meaning> {
    prop_oneof![
        Just(Meaning::TokenRefused),
        Just(Meaning::Busy),
        Just(Meaning::SaidNo),
        Just(Meaning::Unclear),
    ]
}

fn refused(meaning: Meaning, retry_after: Option<u64>) -> Refusal {
    Refusal {
        retry_after: retry_after.map(Duration::from_secs),
        is_own_form: true,
        ..Refusal::new(&answer(200, ""), meaning, ProviderError, "", "")
    }
}

/// An answer that is near enough to a real one to find the edges.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let code = prop_oneof![
        Just("\"0\"".to_owned()),
        Just("0".to_owned()),
        Just("\"00\"".to_owned()),
        Just("0.0".to_owned()),
        Just("null".to_owned()),
        "\"[ -~&&[^\"\\\\]]{0,4}\"",
    ];
    let id = prop_oneof![
        Just("\"ws_CO_1\"".to_owned()),
        Just("7".to_owned()),
        "\"[ -~&&[^\"\\\\]]{0,4}\"",
    ];
    let name = prop_oneof![Just("ResponseCode"), Just("errorCode"), Just("ResultCode")];
    let near = (name, code, id, 0..200_usize).prop_map(|(name, code, id, cut)| {
        let mut body = format!(r#"{{"{name}":{code},"CheckoutRequestID":{id}}}"#).into_bytes();
        body.truncate(cut.max(1));
        body
    });
    prop_oneof![
        3 => near,
        1 => proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

/// The judge is another JSON library, and the rule is written a second time.
fn is_acceptance(status: u16, body: &[u8]) -> bool {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else {
        return false;
    };
    let code = members.get("ResponseCode");
    let id = members.get("CheckoutRequestID").and_then(|id| id.as_str());
    (200..300).contains(&status)
        && !members.contains_key("errorCode")
        && !members.contains_key("ResultCode")
        && code.is_some_and(|code| {
            let zero = |text: &str| !text.trim().is_empty() && text.trim().parse() == Ok(0.0);
            code.as_f64() == Some(0.0) || code.as_str().is_some_and(zero)
        })
        && id.is_some_and(|id| {
            !["0", "-", "na", "nan", "n/a", "nil"].contains(&id.to_ascii_lowercase().as_str())
                && (1..=100).contains(&id.len())
                && id.bytes().all(|byte| (33..127).contains(&byte))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_push_is_sent_again_only_where_nothing_left_or_the_gateway_refused_before_acting(
        meaning in meaning(),
        retry_after in proptest::option::of(any::<u64>()),
        reach in 0..3_u8,
        tokens_spent in any::<bool>(),
        resends in any::<u32>(),
        remaining in any::<u64>(),
        jitter in any::<f64>(),
    ) {
        let refusal = refused(meaning, retry_after);
        let reached = match reach {
            0 => Reached::NotConnected,
            1 => Reached::BytesLeft,
            _ => Reached::Answered(&refusal),
        };
        let remaining = Duration::from_millis(remaining);
        let spent = Spent { tokens_spent, resends, remaining };
        let answered = reach == 2;
        match decide(Push, reached, spent, jitter) {
            Decision::Resend { after } => {
                prop_assert!(reach == 0 || answered && meaning == Meaning::Busy);
                prop_assert!(after < remaining && resends < 4);
                prop_assert!(after >= refusal.retry_after.unwrap_or_default() || !answered);
            }
            Decision::RenewToken => {
                prop_assert!(answered && meaning == Meaning::TokenRefused && !tokens_spent);
            }
            Decision::Fail { disposition } => {
                let may_have_prompted = reach == 1 || answered && meaning == Meaning::Unclear;
                prop_assert_eq!(disposition == Unknown, may_have_prompted);
            }
        }
    }

    #[test]
    fn no_bytes_make_reading_panic_and_only_an_exact_acceptance_is_one(
        status in 100..1_000_u16,
        ok in any::<bool>(),
        body in body(),
    ) {
        let client = client();
        let status = if ok { 200 } else { status };
        let answer = Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.clone()) };
        for call in [Query, Token] {
            make(&client, call, &Came::Answer(answer.clone()), FRESH);
        }
        let made = make(&client, Push, &Came::Answer(answer), FRESH);
        prop_assert_eq!(made == Done, is_acceptance(status, &body), "{:?}", String::from_utf8_lossy(&body));
    }
}
