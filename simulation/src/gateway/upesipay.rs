//! UpesiPay's bytes, written from `docs/wire/upesipay.md` alone: the generation that it documents, and the one that
//! programs use.

use super::messages::{Ask, PushAsk, Question};
use super::prompt::{Claims, Prompt};
use super::protocol::{Protocol, Says};
use super::responses::{description, json, national, path_of, retry_after, utc};
use crate::plan::faults::{BlockWords, Oddity};
use crate::plan::sale_of;
use lipia::simulation::{Request, Response};
use serde::Deserialize;

/// The ready token, as the dashboard shows it.
const HEADER: &str = "Basic c2hvcDpzZWNyZXQ=";

#[derive(Deserialize)]
struct PushBody {
    amount: u32,
    phone_number: String,
    channel_id: u64,
    /// The first generation alone has it.
    provider: Option<String>,
    external_reference: String,
    callback_url: String,
}

/// UpesiPay.
pub(crate) struct UpesiPay {
    pub(crate) is_second: bool,
}

impl Protocol for UpesiPay {
    fn read(&self, request: &Request) -> Ask {
        self.read_request(request).unwrap_or(Ask::Nonsense)
    }

    fn fixed_header(&self) -> Option<&'static str> {
        Some(HEADER)
    }

    /// The first generation is asked by its own reference or by the receipt, the second by the prompt's id.
    fn is_known_by(&self, prompt: &Prompt, id: &str) -> bool {
        if self.is_second {
            return prompt.checkout_request_id == id;
        }
        prompt.own_id == id || (prompt.is_paid() && prompt.receipt == id)
    }

    fn blocks(&self) -> bool {
        true
    }

    fn announces_blocks(&self) -> bool {
        true
    }

    /// That it posts again is known, when is not.
    fn posts_again_after_ms(&self) -> &'static [u64] {
        &[60_000, 300_000]
    }

    /// Right after a push it says "not found" for a while.
    fn knows_after_ms(&self, prompt: &Prompt) -> u64 {
        (prompt.made_at_ms * 131) % 20_000
    }

    fn not_found(&self) -> Response {
        self.error(404, "Not found")
    }

    fn header_refused(&self, _ask: &Ask) -> Response {
        self.push_header_refused()
    }

    fn push_header_refused(&self) -> Response {
        self.error(401, "Invalid token")
    }

    fn busy(&self, retry_after_seconds: Option<u64>) -> Response {
        retry_after(self.error(429, "Too many requests"), retry_after_seconds)
    }

    /// How it says so is not documented.
    fn banned(&self, _seconds: Option<u64>) -> Response {
        self.error(403, "This account is temporarily blocked")
    }

    fn blocked(&self, words: BlockWords, seconds: Option<u64>) -> Response {
        let seconds = seconds.map_or_else(String::new, |seconds| {
            format!(r#","retry_after_seconds":{seconds}"#)
        });
        let (status, code, message) = match words {
            BlockWords::Sentence => (
                403,
                "E403",
                "Your account is restricted for 4 hours due to failed transactions",
            ),
            BlockWords::AccountRestricted => (403, "ACCOUNT_RESTRICTED", "Account restricted"),
            BlockWords::StkBanned => (429, "STK_BANNED", "STK pushes are banned"),
            BlockWords::SmallLetters => (429, "stk_banned", "stk pushes are banned"),
        };
        let body = if self.is_second {
            format!(
                r#"{{"success":false,"status_code":{status},"message":"{message}","error_code":"{code}","details":null{seconds}}}"#
            )
        } else {
            format!(r#"{{"error_code":"{code}","error_message":"{message}"{seconds}}}"#)
        };
        json(status, body)
    }

    fn refused(&self) -> Response {
        self.error(400, "Invalid request")
    }

    fn subscriber_busy(&self) -> Response {
        let message = "A transaction is already in process for the current subscriber";
        self.error(400, message)
    }

    fn internal_error(&self) -> Response {
        self.error(500, "Internal server error")
    }

    fn acceptance(&self, prompt: &Prompt) -> Response {
        let Prompt {
            own_id,
            merchant_request_id,
            checkout_request_id,
            phone_number,
            amount,
            ..
        } = prompt;
        if self.is_second {
            return json(
                200,
                format!(
                    r#"{{"success":true,"status_code":200,"message":"STK push sent","data":{{"checkout_request_id":"{checkout_request_id}","merchant_request_id":"{merchant_request_id}","phone_number":"{phone_number}","amount":{amount},"status":"sent"}},"request_id":"r1"}}"#
                ),
            );
        }
        let prompt_id = prompt_id(prompt);
        json(
            201,
            format!(r#"{{"success":true,"status":"QUEUED","reference":"{own_id}"{prompt_id}}}"#),
        )
    }

    fn odd_acceptance(&self, prompt: &Prompt, oddity: Oddity) -> Response {
        let Prompt {
            own_id,
            checkout_request_id,
            ..
        } = prompt;
        let (status, word) = match oddity {
            Oddity::ZeroPointZero => (200, "0.0"),
            Oddity::MinusZero => (200, "-0"),
            Oddity::Word => (400, "failed"),
            Oddity::Busy => (429, "busy"),
        };
        let ids = if self.is_second {
            format!(r#""data":{{"checkout_request_id":"{checkout_request_id}","status":"{word}"}}"#)
        } else {
            format!(
                r#""status":"{word}","reference":"{own_id}","CheckoutRequestID":"{checkout_request_id}""#
            )
        };
        json(
            status,
            format!(r#"{{"success":false,"error_message":"{word}","message":"{word}",{ids}}}"#),
        )
    }

    fn unnamed_success(&self, _question: &Question) -> Response {
        let body = if self.is_second {
            r#"{"success":true,"data":{"type":"collection","status":"success"}}"#
        } else {
            r#"{"success":true,"status":"SUCCESS"}"#
        };
        json(200, body.to_owned())
    }

    fn tell(&self, _question: &Question, prompts: &[Prompt], says: Says) -> Response {
        let Some(prompt) = prompts.first().filter(|_| says != Says::DoesNotExist) else {
            return self.not_found();
        };
        let word = match (says, self.is_second) {
            (Says::Truth, _) => self.word(prompt),
            (Says::StillProcessing, false) => "QUEUED",
            (Says::StillProcessing, true) => "sent",
            (Says::StillProcessingOtherwise, false) => "PROCESSING",
            (Says::StillProcessingOtherwise, true) => "pending",
            // A word that nobody has heard of.
            (_, _) => "accepted_by_operator",
        };
        let receipt = if says == Says::Truth && prompt.is_paid() {
            &*prompt.receipt
        } else {
            ""
        };
        self.transaction(prompt, word, receipt)
    }

    fn callback(&self, prompt: &Prompt, at_ms: u64) -> Vec<u8> {
        let claims = Claims::of(prompt);
        match prompt.decided {
            Some(0) | None => self.success(&claims, at_ms),
            Some(_) if self.is_second => second_callback(&claims, self.word(prompt), ""),
            Some(code) => first_callback(&claims, code, "Failed", ""),
        }
    }

    fn unknown_callback(&self, prompt: &Prompt, code: u32, _at_ms: u64) -> Vec<u8> {
        let claims = Claims::of(prompt);
        if self.is_second {
            return second_callback(&claims, &format!("on_hold_{code}"), "");
        }
        first_callback(&claims, code, "On hold", "")
    }

    fn early_callback(&self, _prompt: &Prompt, _at_ms: u64) -> Option<Vec<u8>> {
        None
    }

    fn success(&self, claims: &Claims<'_>, _at_ms: u64) -> Vec<u8> {
        if self.is_second {
            // One program takes `reference_id` for the receipt. Were it something else that looks like one, nobody
            // could tell.
            return second_callback(claims, "success", claims.receipt);
        }
        let money = format!(
            r#""Amount":{},"MpesaReceiptNumber":"{}","Phone":"+{}","#,
            claims.amount, claims.receipt, claims.phone_number
        );
        first_callback(claims, 0, "Success", &money)
    }

    fn bare_success(&self, claims: &Claims<'_>, _at_ms: u64) -> Vec<u8> {
        if self.is_second {
            return second_callback(claims, "success", "");
        }
        first_callback(claims, 0, "Success", "")
    }

    fn names_the_money(&self) -> bool {
        false
    }

    fn successes_name_the_money(&self) -> bool {
        !self.is_second
    }
}

impl UpesiPay {
    fn read_request(&self, request: &Request) -> Option<Ask> {
        let header = request.authorization.clone().unwrap_or_default();
        if let Some(query) = request.path.strip_prefix("/api/v2/transaction-status?") {
            let id = query.strip_prefix("reference=")?.to_owned();
            let question = Question::Of(id);
            return Some(Ask::Query { question, header });
        }
        let (path, provider) = if self.is_second {
            ("/api/v2/collections/initiate/", None)
        } else {
            ("/api/v2/payments", Some("m-pesa"))
        };
        let push: PushBody = serde_json::from_slice(request.body.as_deref()?).ok()?;
        let fits =
            request.path == path && push.provider.as_deref() == provider && push.channel_id == 134;
        fits.then_some(())?;
        Some(Ask::Push(PushAsk {
            sale: sale_of(&push.external_reference)?,
            reference: push.external_reference,
            amount: push.amount,
            phone_number: push.phone_number,
            callback_path: path_of(&push.callback_url),
            header,
        }))
    }

    fn error(&self, status: u16, message: &str) -> Response {
        let body = if self.is_second {
            format!(
                r#"{{"success":false,"status_code":{status},"message":"{message}","error_code":"E{status}","details":null}}"#
            )
        } else {
            format!(r#"{{"error_message":"{message}"}}"#)
        };
        json(status, body)
    }

    /// The first generation has one word for all that was not paid.
    fn word(&self, prompt: &Prompt) -> &'static str {
        match (prompt.decided, self.is_second) {
            (None, false) => "QUEUED",
            (None, true) => "pending",
            (Some(0), false) => "SUCCESS",
            (Some(0), true) => "success",
            (Some(_), false) => "FAILED",
            (Some(1032), true) => "cancelled",
            (Some(1037 | 1019), true) => "timeout",
            (Some(_), true) => "failed",
        }
    }

    /// `success` at the top says that the question was answered.
    fn transaction(&self, prompt: &Prompt, word: &str, receipt: &str) -> Response {
        let Prompt {
            own_id,
            amount,
            phone_number,
            ..
        } = prompt;
        let prompt_id = prompt_id(prompt);
        let date = utc(prompt.made_at_ms);
        if !self.is_second {
            return json(
                200,
                format!(
                    r#"{{"transaction_date":"{date}","provider":"m-pesa","success":true,"merchant":"Shop","payment_reference":"","third_party_reference":"{receipt}","status":"{word}","reference":"{own_id}"{prompt_id},"provider_reference":"{receipt}"}}"#
                ),
            );
        }
        // Two programs look for the receipt in two places; this is one of them.
        let receipt = if receipt.is_empty() || prompt.number % 2 == 1 {
            String::new()
        } else {
            format!(r#","mpesa_receipt_number":"{receipt}""#)
        };
        json(
            200,
            format!(
                r#"{{"success":true,"data":{{"id":"{own_id}","type":"collection","status":"{word}","amount":{amount},"charge":1,"phone_number":"0{}","created_at":"{date}","updated_at":"{date}"{receipt}}}}}"#,
                national(phone_number)
            ),
        )
    }
}

/// The prompt's id, which the first generation leaves out of some of its answers.
fn prompt_id(prompt: &Prompt) -> String {
    if prompt.ids_left_out {
        return String::new();
    }
    format!(r#","CheckoutRequestID":"{}""#, prompt.checkout_request_id)
}

/// No sample of a failure was found: it is read like a success with another code. The outer `status` proves nothing.
fn first_callback(claims: &Claims<'_>, code: u32, word: &str, money: &str) -> Vec<u8> {
    let Claims {
        reference,
        merchant_request_id,
        checkout_request_id,
        ..
    } = claims;
    let description = description(code);
    format!(
        r#"{{"forward_url":"","response":{{{money}"CheckoutRequestID":"{checkout_request_id}","ExternalReference":"{reference}","MerchantRequestID":"{merchant_request_id}","ResultCode":{code},"ResultDesc":"{description}","Status":"{word}"}},"status":true}}"#
    )
    .into_bytes()
}

fn second_callback(claims: &Claims<'_>, word: &str, receipt: &str) -> Vec<u8> {
    let Claims {
        merchant_request_id,
        checkout_request_id,
        ..
    } = claims;
    format!(
        r#"{{"merchant_request_id":"{merchant_request_id}","checkout_request_id":"{checkout_request_id}","reference_id":"{receipt}","status":"{word}"}}"#
    )
    .into_bytes()
}
