//! Tests of answers that name a prompt: such an answer is never read as "nobody was prompted": every status, every gateway.

use super::*;
use crate::client::palpluss::PalPluss;
use crate::client::upesipay::UpesiPay;
use crate::values::push::StkPush;

/// How a push ends: resent, or with a disposition; `None` where it is accepted.
fn end(client: &Client, answer: &Answer) -> Option<Decision> {
    let sale = StkPush::new("0712000111", 150, "INV-001").callback_url("https://shop.example/pay");
    let payment = client.reserve(sale).unwrap();
    let push = payment.read(|payment| payment.push().clone());
    match read_push_answer(client.shared.gateway.as_ref(), &push, answer) {
        Reading::Done(_) => None,
        Reading::Refused(refusal) => Some(decide(Push, Reached::Answered(&refusal), FRESH, 0.5)),
    }
}

fn clients() -> [Client; 3] {
    let palpluss = PalPluss::builder().api_key("k").build().unwrap();
    let upesipay = UpesiPay::builder()
        .auth_token("t")
        .channel_id("1")
        .build()
        .unwrap();
    [client(), palpluss, upesipay]
}

const DARAJA: &[&str] = &[
    ACCEPTANCE,
    r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":"0.0"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":"-0"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":"Success"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","ResponseCode":1}"#,
    r#"{"CheckoutRequestID":"ws_CO_1"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","errorCode":"500.003.02","errorMessage":"System is busy"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","errorCode":"400.002.02","errorMessage":"Bad Request"}"#,
    r#"{"CheckoutRequestID":"ws_CO_1","errorCode":"500.001.1001","errorMessage":"Wrong credentials"}"#,
    r#"{"Envelope":{"Body":{"CheckoutRequestID":"ws_CO_1"}}}"#,
    r#"{"data":{"checkoutRequestID":"ws_CO_1","ResponseCode":"0"}}"#,
    r#"[{"CheckoutRequestID":"ws_CO_1","ResponseCode":"0"}]"#,
    r#"{"CheckoutRequestID":"ws_CO_1","ResultCode":"0","ResponseCode":"0"}"#,
    r#"{"MerchantRequestID":"1","CheckoutRequestID":"ws_CO_1","Respon"#,
    r#"{"CheckoutRequestID":"ws_CO_1","CheckoutRequestID":"ws_CO_1"}"#,
];

const PALPLUSS: &[&str] = &[
    r#"{"success":true,"data":{"transactionId":"2f1a7f7e","status":"PENDING","resultCode":"0"}}"#,
    r#"{"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Slow"},"data":{"transactionId":"2f1a7f7e"}}"#,
    r#"{"success":false,"error":{"code":"INVALID_API_KEY","message":"No","details":{"provider_checkout_id":"ws_CO_1"}}}"#,
    r#"{"success":false,"error":{"code":"STK_TEMP_BANNED","message":"No"},"transaction_id":"2f1a7f7e"}"#,
    r#"{"providerCheckoutId":"ws_CO_1"}"#,
    r#"{"data":{"transactionId":"2f1a7f7e","status":"SUCCESS","resultCode":"0"}}"#,
];

const UPESIPAY: &[&str] = &[
    r#"{"success":true,"status":"QUEUED","reference":"E8UWT7CLUW"}"#,
    r#"{"success":false,"message":"No","error_code":"E1","data":{"checkout_request_id":"ws_CO_1"}}"#,
    r#"{"error_message":"Invalid request","reference":"E8UWT7CLUW"}"#,
    r#"{"error_message":"Account blocked","CheckoutRequestID":"ws_CO_1"}"#,
    r#"{"success":true,"status":"SUCCESS","reference":"E8UWT7CLUW","provider_reference":"SKL1234567"}"#,
];

#[test]
fn an_answer_that_names_a_prompt_is_accepted_or_unknown_under_every_status() {
    let mut failures = Vec::new();
    for (client, bodies) in clients().iter().zip([DARAJA, PALPLUSS, UPESIPAY]) {
        for body in bodies {
            for status in 200..=599 {
                let ended = end(client, &answer(status, body));
                let unknown = Decision::Fail {
                    disposition: Unknown,
                };
                if ended.as_ref().is_some_and(|ended| *ended != unknown) {
                    failures.push(format!(
                        "{} {status} {body}: {ended:?}",
                        client.shared.gateway.name()
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of them: {}",
        failures.len(),
        failures
            .iter()
            .take(20)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn a_request_id_and_an_empty_id_name_no_prompt() {
    let [daraja, palpluss, upesipay] = clients();
    for (client, status, body) in [
        (
            &daraja,
            400,
            r#"{"requestId":"ws_CO_1","errorCode":"400.002.02","errorMessage":"Bad Request"}"#,
        ),
        (
            &daraja,
            400,
            r#"{"MerchantRequestID":"1-2","CheckoutRequestID":"","errorCode":"400.002.02"}"#,
        ),
        (
            &daraja,
            400,
            r#"{"CheckoutRequestID":"null","errorCode":"400.002.02"}"#,
        ),
        (
            &palpluss,
            400,
            r#"{"success":false,"error":{"code":"INVALID_PHONE"},"requestId":"r-9","transactionId":null}"#,
        ),
        (
            &upesipay,
            400,
            r#"{"error_message":"No","request_id":"1","reference":"-","external_reference":"INV-1"}"#,
        ),
    ] {
        let rejected = Some(Decision::Fail {
            disposition: Rejected,
        });
        assert_eq!(end(client, &answer(status, body)), rejected, "{body}");
    }
}

#[test]
fn a_transport_status_with_a_code_that_nobody_knows_is_not_a_no() {
    let [daraja, palpluss, _] = clients();
    let code = r#"{"requestId":"1","errorCode":"409.9","errorMessage":"New"}"#;
    let other = r#"{"success":false,"error":{"code":"NEW","message":"New"}}"#;
    for status in [
        408, 409, 418, 421, 423, 424, 425, 426, 428, 444, 449, 460, 499,
    ] {
        let unknown = Some(Decision::Fail {
            disposition: Unknown,
        });
        assert_eq!(end(&daraja, &answer(status, code)), unknown, "{status}");
        assert_eq!(end(&palpluss, &answer(status, other)), unknown, "{status}");
    }
}

#[test]
fn an_acceptance_of_another_phone_or_amount_is_not_this_pushs() {
    let [_, palpluss, upesipay] = clients();
    for (client, body) in [
        (
            &palpluss,
            r#"{"data":{"transactionId":"2f1a","status":"PENDING","phone":"254712000999","amount":150}}"#,
        ),
        (
            &palpluss,
            r#"{"data":{"transactionId":"2f1a","status":"PENDING","phone":"254712000111","amount":151}}"#,
        ),
        (
            &upesipay,
            r#"{"success":true,"data":{"checkout_request_id":"ws_CO_1","phone_number":"254712000999","amount":150,"status":"sent"}}"#,
        ),
    ] {
        let unknown = Some(Decision::Fail {
            disposition: Unknown,
        });
        assert_eq!(end(client, &answer(200, body)), unknown, "{body}");
    }
}
