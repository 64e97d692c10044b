//! Daraja's protocol, written from `docs/wire/daraja.md` alone.

use super::messages::{Ask, PushAsk, Question};
use super::prompt::{Claims, Prompt};
use super::protocol::{Protocol, Says};
use super::responses::{description, json, path_of, respond, retry_after};
use crate::plan::faults::Oddity;
use crate::plan::sale_of;
use crate::time::eat_time;
use lipia::simulation::{Request, Response};
use serde::Deserialize;

#[derive(Deserialize)]
struct PushBody {
    #[serde(rename = "Amount")]
    amount: String,
    #[serde(rename = "PhoneNumber")]
    phone_number: String,
    #[serde(rename = "CallBackURL")]
    callback_url: String,
    #[serde(rename = "AccountReference")]
    account_reference: String,
}

#[derive(Deserialize)]
struct QueryBody {
    #[serde(rename = "CheckoutRequestID")]
    checkout_request_id: String,
}

/// Safaricom's own gateway.
pub(crate) struct Daraja;

impl Protocol for Daraja {
    fn read(&self, request: &Request) -> Ask {
        let header = request.authorization.clone().unwrap_or_default();
        let body = request.body.as_deref().unwrap_or_default();
        match request.path.as_str() {
            "/oauth/v1/generate?grant_type=client_credentials" => Ask::Token,
            "/mpesa/stkpush/v1/processrequest" => read_push(body, header).unwrap_or(Ask::Nonsense),
            "/mpesa/stkpushquery/v1/query" => match serde_json::from_slice::<QueryBody>(body) {
                Ok(query) => Ask::Query {
                    question: Question::Of(query.checkout_request_id),
                    header,
                },
                Err(_) => Ask::Nonsense,
            },
            _ => Ask::Nonsense,
        }
    }

    fn fixed_header(&self) -> Option<&'static str> {
        None
    }

    fn is_known_by(&self, prompt: &Prompt, id: &str) -> bool {
        prompt.checkout_request_id == id
    }

    fn posts_again_after_ms(&self) -> &'static [u64] {
        &[]
    }

    fn knows_after_ms(&self, _prompt: &Prompt) -> u64 {
        0
    }

    fn not_found(&self) -> Response {
        envelope(404, "404.001.01", "Resource not found")
    }

    fn header_refused(&self, ask: &Ask) -> Response {
        match ask {
            Ask::Push(_) => self.push_header_refused(),
            _ => envelope(400, "400.003.01", "Invalid Access Token"),
        }
    }

    fn push_header_refused(&self) -> Response {
        envelope(404, "404.001.03", "Invalid Access Token")
    }

    fn busy(&self, retry_after_seconds: Option<u64>) -> Response {
        if retry_after_seconds.is_none() {
            return envelope(
                500,
                "500.003.02",
                "System is busy. Please try again in few minutes.",
            );
        }
        let response = respond(429, "text/plain", "Too Many Requests".to_owned());
        retry_after(response, retry_after_seconds)
    }

    fn banned(&self, seconds: Option<u64>) -> Response {
        self.busy(seconds)
    }

    fn refused(&self) -> Response {
        envelope(400, "400.002.02", "Bad Request - Invalid PhoneNumber")
    }

    fn subscriber_busy(&self) -> Response {
        envelope(
            500,
            "500.001.1001",
            "Unable to lock subscriber, a transaction is already in process for the current subscriber",
        )
    }

    fn internal_error(&self) -> Response {
        envelope(500, "500.003.1001", "Internal Server Error")
    }

    fn acceptance(&self, prompt: &Prompt) -> Response {
        let Prompt {
            merchant_request_id,
            checkout_request_id,
            ..
        } = prompt;
        json(
            200,
            format!(
                r#"{{"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}}"#
            ),
        )
    }

    fn odd_acceptance(&self, prompt: &Prompt, oddity: Oddity) -> Response {
        let Prompt {
            merchant_request_id,
            checkout_request_id,
            ..
        } = prompt;
        let (status, code, beside) = match oddity {
            Oddity::ZeroPointZero => (200, "0.0", ""),
            Oddity::MinusZero => (200, "-0", ""),
            Oddity::Word => (200, "Success", ""),
            Oddity::Busy => (
                500,
                "0",
                r#""errorCode":"500.003.02","errorMessage":"System is busy. Please try again in few minutes.","#,
            ),
        };
        json(
            status,
            format!(
                r#"{{{beside}"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResponseCode":"{code}","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}}"#
            ),
        )
    }

    fn unnamed_success(&self, _question: &Question) -> Response {
        json(
            200,
            r#"{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully","ResultCode":"0","ResultDesc":"The service request is processed successfully."}"#.to_owned(),
        )
    }

    fn tell(&self, question: &Question, prompts: &[Prompt], says: Says) -> Response {
        match (says, prompts) {
            (Says::Truth, [prompt, ..]) => status(prompt),
            (Says::StillProcessing, _) => still_processing(),
            (Says::StillProcessingOtherwise, _) => still_processing_otherwise(question),
            (Says::NoInformation, _) => envelope(500, "500.001.1001", ""),
            (Says::Truth | Says::DoesNotExist, _) => {
                envelope(500, "500.001.1001", "The transaction does not Exist")
            }
        }
    }

    fn callback(&self, prompt: &Prompt, at_ms: u64) -> Vec<u8> {
        match prompt.decided {
            Some(0) | None => self.success(&Claims::of(prompt), at_ms),
            Some(code) => bare(&Claims::of(prompt), code),
        }
    }

    fn unknown_callback(&self, prompt: &Prompt, code: u32, _at_ms: u64) -> Vec<u8> {
        bare(&Claims::of(prompt), code)
    }

    fn early_callback(&self, _prompt: &Prompt, _at_ms: u64) -> Option<Vec<u8>> {
        None
    }

    fn success(&self, claims: &Claims<'_>, at_ms: u64) -> Vec<u8> {
        let Claims {
            merchant_request_id,
            checkout_request_id,
            amount,
            phone_number,
            receipt,
            ..
        } = claims;
        let date = eat_time(at_ms).to_wire();
        format!(
            r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{{"Item":[{{"Name":"Amount","Value":{amount}.00}},{{"Name":"MpesaReceiptNumber","Value":"{receipt}"}},{{"Name":"Balance"}},{{"Name":"TransactionDate","Value":{date}}},{{"Name":"PhoneNumber","Value":{phone_number}}}]}}}}}}}}"#
        )
        .into_bytes()
    }

    fn bare_success(&self, claims: &Claims<'_>, _at_ms: u64) -> Vec<u8> {
        bare(claims, 0)
    }

    fn names_the_money(&self) -> bool {
        false
    }
}

fn read_push(body: &[u8], header: String) -> Option<Ask> {
    let push: PushBody = serde_json::from_slice(body).ok()?;
    Some(Ask::Push(PushAsk {
        sale: sale_of(&push.account_reference)?,
        reference: push.account_reference,
        amount: push.amount.parse().ok()?,
        phone_number: push.phone_number,
        callback_path: path_of(&push.callback_url),
        header,
    }))
}

fn envelope(status: u16, code: &str, message: &str) -> Response {
    json(
        status,
        format!(r#"{{"requestId":"4801-5","errorCode":"{code}","errorMessage":"{message}"}}"#),
    )
}

pub(crate) fn token(value: &str, seconds: u64) -> Response {
    json(
        200,
        format!(r#"{{"access_token":"{value}","expires_in":"{seconds}"}}"#),
    )
}

pub(crate) fn keys_refused() -> Response {
    envelope(400, "400.008.01", "Invalid Authentication passed")
}

/// The truth about a prompt, as a query has it: no receipt, no amount.
fn status(prompt: &Prompt) -> Response {
    let Some(code) = prompt.decided else {
        return still_processing();
    };
    let Prompt {
        merchant_request_id,
        checkout_request_id,
        ..
    } = prompt;
    let description = description(code);
    json(
        200,
        format!(
            r#"{{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully","MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResultCode":"{code}","ResultDesc":"{description}"}}"#
        ),
    )
}

fn still_processing() -> Response {
    envelope(500, "500.001.1001", "The transaction is being processed")
}

fn still_processing_otherwise(question: &Question) -> Response {
    let checkout_request_id = match question {
        Question::Of(id) => id,
        Question::List(_) => "",
    };
    json(
        200,
        format!(
            r#"{{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully","MerchantRequestID":"1-1-1","CheckoutRequestID":"{checkout_request_id}","ResultCode":"4999","ResultDesc":"The transaction is still under processing"}}"#
        ),
    )
}

/// A result without anything of the money: what failed, or a success that says too little.
fn bare(claims: &Claims<'_>, code: u32) -> Vec<u8> {
    let Claims {
        merchant_request_id,
        checkout_request_id,
        ..
    } = claims;
    let description = description(code);
    format!(
        r#"{{"Body":{{"stkCallback":{{"MerchantRequestID":"{merchant_request_id}","CheckoutRequestID":"{checkout_request_id}","ResultCode":{code},"ResultDesc":"{description}"}}}}}}"#
    )
    .into_bytes()
}
