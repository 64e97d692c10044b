//! PalPluss's protocol, written from `docs/wire/palpluss.md` alone.

use super::messages::{Ask, PushAsk, Question};
use super::prompt::{Claims, Prompt};
use super::protocol::{Protocol, Says};
use super::responses::{description, json, path_of, retry_after, utc};
use crate::plan::faults::{BlockWords, Oddity};
use crate::plan::sale_of;
use lipia::simulation::{Request, Response};
use serde::Deserialize;

/// The documents' key, as HTTP writes it down.
const HEADER: &str = "Basic cHBfbGl2ZV8wMTIzNDU2Nzg5Og==";

const REQUEST_ID: &str = "5b7c2f0e-0000-4000-8000-000000000001";
const TENANT_ID: &str = "0e8b1c55-0000-4000-8000-000000000002";

/// How far its clock is behind.
const CLOCK_BEHIND_MS: u64 = 2_000;

#[derive(Deserialize)]
struct PushBody {
    amount: u32,
    phone: String,
    #[serde(rename = "accountReference")]
    account_reference: String,
    #[serde(rename = "callbackUrl")]
    callback_url: String,
}

/// PalPluss, whose answers about transactions have names in the one way or the other: documents and OpenAPI file
/// disagree.
pub(crate) struct PalPluss {
    pub(crate) snake_case: bool,
}

impl Protocol for PalPluss {
    fn read(&self, request: &Request) -> Ask {
        read(request).unwrap_or(Ask::Nonsense)
    }

    fn fixed_header(&self) -> Option<&'static str> {
        Some(HEADER)
    }

    fn is_known_by(&self, prompt: &Prompt, id: &str) -> bool {
        prompt.own_id == id
    }

    fn bans(&self) -> bool {
        true
    }

    fn announces_blocks(&self) -> bool {
        true
    }

    fn posts_again_after_ms(&self) -> &'static [u64] {
        &[10_000, 30_000, 60_000, 120_000, 300_000]
    }

    fn knows_after_ms(&self, _prompt: &Prompt) -> u64 {
        0
    }

    fn not_found(&self) -> Response {
        envelope(404, "NOT_FOUND", "Not found", "{}")
    }

    fn header_refused(&self, _ask: &Ask) -> Response {
        self.push_header_refused()
    }

    fn push_header_refused(&self) -> Response {
        envelope(401, "INVALID_API_KEY", "Invalid API key", "{}")
    }

    fn busy(&self, retry_after_seconds: Option<u64>) -> Response {
        let answer = envelope(429, "RATE_LIMIT_EXCEEDED", "Too many requests", "{}");
        retry_after(answer, retry_after_seconds)
    }

    fn banned(&self, seconds: Option<u64>) -> Response {
        let details = seconds.map_or_else(
            || "{}".to_owned(),
            |seconds| format!(r#"{{"retryAfterSeconds":{seconds}}}"#),
        );
        let message = "STK pushes are temporarily banned";
        envelope(429, "STK_TEMP_BANNED", message, &details)
    }

    /// None of these codes stands in the documents but the last one's.
    fn blocked(&self, words: BlockWords, seconds: Option<u64>) -> Response {
        let details = seconds.map_or_else(
            || "{}".to_owned(),
            |seconds| format!(r#"{{"retry_after_seconds":{seconds}}}"#),
        );
        let (status, code, message) = match words {
            BlockWords::Sentence => (
                403,
                "FORBIDDEN",
                "This account is restricted for 4 hours: too many pushes were not paid",
            ),
            BlockWords::AccountRestricted => (403, "ACCOUNT_RESTRICTED", "Account restricted"),
            BlockWords::StkBanned => (429, "STK_BANNED", "STK pushes are banned"),
            BlockWords::SmallLetters => (429, "stk_temp_banned", "stk pushes are banned"),
        };
        envelope(status, code, message, &details)
    }

    fn refused(&self) -> Response {
        envelope(400, "INVALID_PHONE", "Invalid phone number", "{}")
    }

    fn subscriber_busy(&self) -> Response {
        // The codes have none for it. This one is not in the documents either: its status says no.
        let message = "A transaction is already in process for the current subscriber";
        envelope(400, "PROVIDER_REJECTED", message, "{}")
    }

    fn internal_error(&self) -> Response {
        envelope(500, "INTERNAL_ERROR", "Internal server error", "{}")
    }

    fn acceptance(&self, prompt: &Prompt) -> Response {
        let open = Prompt {
            decided: None,
            ..prompt.clone()
        };
        // The push is documented in one way of writing names alone.
        let data = transaction(&open, "PENDING", "0", false);
        json(200, success_of(&data))
    }

    fn odd_acceptance(&self, prompt: &Prompt, oddity: Oddity) -> Response {
        let word = match oddity {
            Oddity::ZeroPointZero => "0.0",
            Oddity::MinusZero => "-0",
            Oddity::Word | Oddity::Busy => "ACCEPTED",
        };
        let data = transaction(prompt, word, word, false);
        if oddity == Oddity::Busy {
            return json(
                429,
                format!(
                    r#"{{"success":false,"error":{{"message":"Too many requests","code":"RATE_LIMIT_EXCEEDED","details":{{}}}},"data":{data},"requestId":"{REQUEST_ID}"}}"#
                ),
            );
        }
        json(
            400,
            format!(r#"{{"success":false,"data":{data},"requestId":"{REQUEST_ID}"}}"#),
        )
    }

    fn unnamed_success(&self, question: &Question) -> Response {
        let data = r#"{"type":"STK","status":"SUCCESS","currency":"KES","resultCode":"0"}"#;
        match question {
            Question::Of(_) => json(200, success_of(data)),
            Question::List(_) => json(
                200,
                success_of(&format!(r#"{{"items":[{data}],"next_cursor":null}}"#)),
            ),
        }
    }

    fn tell(&self, question: &Question, prompts: &[Prompt], says: Says) -> Response {
        let told = |prompt: &Prompt| {
            let (status, code) = match says {
                Says::Truth => words(prompt),
                Says::StillProcessing => ("PENDING", "0".to_owned()),
                _ => ("PROCESSING", "0".to_owned()),
            };
            transaction(prompt, status, &code, self.snake_case)
        };
        match (question, prompts) {
            (Question::Of(_), [prompt, ..]) if says != Says::DoesNotExist => {
                json(200, success_of(&told(prompt)))
            }
            (Question::Of(_), _) => {
                envelope(404, "TRANSACTION_NOT_FOUND", "Transaction not found", "{}")
            }
            (Question::List(_), _) => {
                let items: Vec<String> = match says {
                    Says::DoesNotExist => Vec::new(),
                    _ => prompts.iter().map(told).collect(),
                };
                let cursor = if self.snake_case {
                    "next_cursor"
                } else {
                    "nextCursor"
                };
                let items = items.join(",");
                json(
                    200,
                    success_of(&format!(r#"{{"items":[{items}],"{cursor}":null}}"#)),
                )
            }
        }
    }

    fn callback(&self, prompt: &Prompt, at_ms: u64) -> Vec<u8> {
        let (status, code) = words(prompt);
        // The older sample of the documents has no receipt.
        let receipt = (status == "SUCCESS" && prompt.number % 4 != 1).then_some(&*prompt.receipt);
        webhook(&Claims::of(prompt), status, &code, receipt, at_ms)
    }

    fn unknown_callback(&self, prompt: &Prompt, code: u32, at_ms: u64) -> Vec<u8> {
        webhook(
            &Claims::of(prompt),
            "ON_HOLD",
            &code.to_string(),
            None,
            at_ms,
        )
    }

    fn early_callback(&self, prompt: &Prompt, at_ms: u64) -> Option<Vec<u8>> {
        Some(webhook(&Claims::of(prompt), "PROCESSING", "0", None, at_ms))
    }

    fn success(&self, claims: &Claims<'_>, at_ms: u64) -> Vec<u8> {
        webhook(claims, "SUCCESS", "0", Some(claims.receipt), at_ms)
    }

    fn bare_success(&self, claims: &Claims<'_>, at_ms: u64) -> Vec<u8> {
        let date = utc(at_ms);
        format!(
            r#"{{"event":"transaction.updated","event_type":"transaction.success","transaction":{{"id":"{}","type":"STK","status":"SUCCESS","provider_checkout_id":"{}","result_code":"0","mpesa_receipt":null,"updated_at":"{date}"}}}}"#,
            claims.own_id, claims.checkout_request_id
        )
        .into_bytes()
    }

    fn names_the_money(&self) -> bool {
        true
    }
}

fn read(request: &Request) -> Option<Ask> {
    let header = request.authorization.clone().unwrap_or_default();
    let path = request.path.strip_prefix("/v1")?;
    if path == "/payments/stk" {
        let push: PushBody = serde_json::from_slice(request.body.as_deref()?).ok()?;
        return Some(Ask::Push(PushAsk {
            sale: sale_of(&push.account_reference)?,
            reference: push.account_reference,
            amount: push.amount,
            phone_number: push.phone,
            callback_path: path_of(&push.callback_url),
            header,
        }));
    }
    let question = match path.strip_prefix("/transactions")? {
        list if list.starts_with('?') => {
            let reference = list
                .trim_start_matches('?')
                .split('&')
                .find_map(|pair| pair.strip_prefix("q="));
            Question::List(reference.map(str::to_owned))
        }
        one => Question::Of(one.strip_prefix('/')?.to_owned()),
    };
    Some(Ask::Query { question, header })
}

fn envelope(status: u16, code: &str, message: &str, details: &str) -> Response {
    json(
        status,
        format!(
            r#"{{"success":false,"error":{{"message":"{message}","code":"{code}","details":{details}}},"requestId":"{REQUEST_ID}"}}"#
        ),
    )
}

fn success_of(data: &str) -> String {
    format!(r#"{{"success":true,"data":{data},"requestId":"{REQUEST_ID}"}}"#)
}

/// Status and code. The `0` of the acceptance stays behind now and then.
fn words(prompt: &Prompt) -> (&'static str, String) {
    let Some(code) = prompt.decided else {
        return ("PENDING", "0".to_owned());
    };
    let status = match code {
        0 => "SUCCESS",
        1032 => "CANCELLED",
        1019 => "EXPIRED",
        1037 if prompt.number % 2 == 1 => "EXPIRED",
        _ => "FAILED",
    };
    let code = if prompt.number % 5 == 4 { 0 } else { code };
    (status, code.to_string())
}

fn transaction(prompt: &Prompt, status: &str, code: &str, snake_case: bool) -> String {
    let Prompt {
        own_id,
        amount,
        phone_number,
        reference,
        merchant_request_id,
        ..
    } = prompt;
    // The documents have text or null.
    let checkout_request_id = if prompt.ids_left_out {
        "null".to_owned()
    } else {
        format!(r#""{}""#, prompt.checkout_request_id)
    };
    let at = |at_ms: u64| utc(at_ms.saturating_sub(CLOCK_BEHIND_MS));
    let made = at(prompt.made_at_ms);
    let changed = at(prompt.decided_at_ms.max(prompt.made_at_ms));
    let said = prompt.decided.map_or("Accepted", description);
    if snake_case {
        format!(
            r#"{{"transaction_id":"{own_id}","tenant_id":"{TENANT_ID}","channel_id":null,"type":"STK","status":"{status}","amount":{amount},"currency":"KES","phone_number":"{phone_number}","external_reference":"{reference}","provider_request_id":"{merchant_request_id}","provider_checkout_id":{checkout_request_id},"transaction_fee":1,"result_code":"{code}","result_desc":"{said}","created_at":"{made}","updated_at":"{changed}"}}"#
        )
    } else {
        format!(
            r#"{{"transactionId":"{own_id}","tenantId":"{TENANT_ID}","channelId":null,"type":"STK","status":"{status}","amount":{amount},"currency":"KES","phone":"{phone_number}","accountReference":"{reference}","transactionDesc":"Payment","providerRequestId":"{merchant_request_id}","providerCheckoutId":{checkout_request_id},"transactionFee":1,"resultCode":"{code}","resultDesc":"{said}","createdAt":"{made}","updatedAt":"{changed}"}}"#
        )
    }
}

fn webhook(
    claims: &Claims<'_>,
    status: &str,
    code: &str,
    receipt: Option<&str>,
    at_ms: u64,
) -> Vec<u8> {
    let Claims {
        own_id,
        reference,
        merchant_request_id,
        checkout_request_id,
        amount,
        phone_number,
        ..
    } = claims;
    let event_type = match status {
        "SUCCESS" => "transaction.success",
        "FAILED" => "transaction.failed",
        "CANCELLED" => "transaction.cancelled",
        "EXPIRED" => "transaction.expired",
        _ => "transaction.updated",
    };
    let date = utc(at_ms.saturating_sub(CLOCK_BEHIND_MS));
    let receipt = receipt.map_or_else(|| "null".to_owned(), |text| format!(r#""{text}""#));
    format!(
        r#"{{"event":"transaction.updated","event_type":"{event_type}","transaction":{{"id":"{own_id}","tenant_id":"{TENANT_ID}","type":"STK","status":"{status}","amount":{amount},"currency":"KES","phone_number":"{phone_number}","external_reference":"{reference}","provider":"m-pesa","provider_request_id":"{merchant_request_id}","provider_checkout_id":"{checkout_request_id}","result_code":"{code}","result_desc":"…","mpesa_receipt":{receipt},"transaction_fee":1,"created_at":"{date}","updated_at":"{date}"}}}}"#
    )
    .into_bytes()
}
