//! Payments, one sale's life each: as a snapshot, and live.

use crate::callback::Event;
use crate::error::{ErrorDetails, NativeError};
use crate::integers::{Money, Shillings, instant};
use crate::result_code::{ResultCode, described};
use crate::status::Acceptance;
use crate::values::Remark;
use crate::words::{Change, GatewayName, Outcome, PaymentState, TransactionType};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A push as the app writes it. It is checked when the payment is reserved: what is not valid is refused with an
/// error that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct StkPush {
    /// Who pays: any way of writing a Kenyan mobile number, such as `0712 345 678`.
    pub phone_number: String,
    /// How much, in whole KES, as digits. A fraction is refused unless `roundAmount` is set.
    pub amount: String,
    /// What you know the sale by, such as an invoice number: at most 12 characters with Daraja. The customer sees it.
    pub account_reference: String,
    /// What the sale is, in a few words; the account reference where it is left out.
    #[uniffi(default = "")]
    pub transaction_desc: String,
    /// Where the result is posted, in place of the client's own callback URL. No token is appended to it.
    #[uniffi(default = None)]
    pub callback_url: Option<String>,
    /// Whether texts that are too long are cut instead of refused.
    #[uniffi(default = false)]
    pub truncate: bool,
    /// Whether a fraction of a shilling is rounded instead of refused.
    #[uniffi(default = false)]
    pub round_amount: bool,
    /// Daraja: pay bill or till, where that is not the client's own.
    #[uniffi(default = None)]
    pub transaction_type: Option<TransactionType>,
    /// Daraja: the till that is paid, where that is not the client's own.
    #[uniffi(default = None)]
    pub party_b: Option<String>,
    /// PalPluss, UpesiPay and PayHero: the payment channel that is paid, where that is not the client's own.
    #[uniffi(default = None)]
    pub channel_id: Option<String>,
    /// PalPluss, UpesiPay and PayHero: the merchant's own Daraja credentials, by their id at the gateway.
    #[uniffi(default = None)]
    pub credential_id: Option<String>,
    /// UpesiPay and PayHero: who pays, by name.
    #[uniffi(default = None)]
    pub customer_name: Option<String>,
}

impl fmt::Display for StkPush {
    /// Without the customer's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StkPush(amount={}, accountReference={})",
            self.amount, self.account_reference
        )
    }
}

impl From<StkPush> for lipia::StkPush {
    fn from(ours: StkPush) -> Self {
        let mut push = Self::new(ours.phone_number, ours.amount, ours.account_reference)
            .transaction_desc(ours.transaction_desc);
        push.callback_url = ours.callback_url;
        if ours.truncate {
            push = push.truncate();
        }
        if ours.round_amount {
            push = push.round_amount();
        }
        if let Some(transaction_type) = ours.transaction_type {
            push = push.transaction_type(transaction_type.into());
        }
        for (name, value) in [
            ("party_b", ours.party_b),
            ("channel_id", ours.channel_id),
            ("credential_id", ours.credential_id),
            ("customer_name", ours.customer_name),
        ] {
            if let Some(value) = value {
                push = push.option(name, value);
            }
        }
        push
    }
}

/// The push of a payment: what was asked of whom, every part of it valid.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Push {
    /// Who pays: `2547…`.
    pub phone_number: String,
    /// How much, in whole KES.
    pub amount: Shillings,
    /// What the merchant knows the sale by.
    pub account_reference: String,
    /// What the sale is.
    pub transaction_desc: String,
    /// Where the gateway posts the result; it ends with this payment's own secret token.
    pub callback_url: String,
    /// What only one gateway has.
    pub options: HashMap<String, String>,
}

impl fmt::Display for Push {
    /// Without the customer's number and the secret token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Push(amount={}, accountReference={})",
            self.amount.0, self.account_reference
        )
    }
}

impl From<&lipia::values::Push> for Push {
    fn from(push: &lipia::values::Push) -> Self {
        Self {
            phone_number: push.phone_number.as_str().to_owned(),
            amount: Shillings(push.amount.get().into()),
            account_reference: push.account_reference.as_str().to_owned(),
            transaction_desc: push.transaction_desc.as_str().to_owned(),
            callback_url: push.callback_url.as_str().to_owned(),
            options: push
                .options()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

/// A flag: something that was handed to a payment and not believed, kept for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Flag {
    /// When it came.
    pub at: SystemTime,
    /// Why it was not believed: `amount_differs`, `phone_differs`, `success_incomplete` …
    pub reason: String,
    /// The body as it came, where it was an event; cut at 4 KiB.
    pub body: Option<String>,
}

impl fmt::Display for Flag {
    /// Without the body, which holds the customer's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flag(reason={})", self.reason)
    }
}

impl From<&lipia::payment::Flag> for Flag {
    fn from(flag: &lipia::payment::Flag) -> Self {
        Self {
            at: instant(flag.at),
            reason: flag.reason.clone(),
            body: flag.body.clone(),
        }
    }
}

/// A payment: one sale's life at one moment, from before the first byte left. `toJson()` saves it, a client's `resume` takes it
/// up again, in another process or a day later, and never prompts twice.
///
/// It holds the customer's phone number and a secret URL: treat it as you treat an order.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Payment {
    /// Its own id, made before anything was sent.
    pub id: String,
    /// The gateway that is asked to prompt the phone.
    pub gateway: GatewayName,
    /// How far it has come.
    pub state: PaymentState,
    /// What became of it. Only `success` is money; `pending` and `unknown` are still being asked.
    pub outcome: Outcome,
    /// Whether the money was received.
    pub is_paid: bool,
    /// What was asked of whom.
    pub push: Push,
    /// What is valid in the push and may still make it fail: odd characters in the reference, words in the callback URL.
    pub warnings: Vec<Remark>,
    /// The gateway's acceptance, once there is one.
    pub acceptance: Option<Acceptance>,
    /// The prompt's id, once it is known. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// M-Pesa's code for the outcome, once there is one.
    pub result_code: Option<String>,
    /// M-Pesa's receipt. With Daraja it comes with the callback alone.
    pub receipt: Option<String>,
    /// What was paid in KES, once an event or a query says so.
    pub paid_amount: Option<Money>,
    /// Who paid, once an event says so.
    pub paid_by: Option<String>,
    /// When it was paid by M-Pesa's clock, once an event says so.
    pub paid_at: Option<SystemTime>,
    /// When it was reserved.
    pub reserved_at: SystemTime,
    /// When its push was last begun.
    pub sent_at: Option<SystemTime>,
    /// When its outcome was first known.
    pub settled_at: Option<SystemTime>,
    /// When to ask about it again although it is settled: its failure only says that nobody answered in time, and the
    /// customer may yet pay. A time in the past means now.
    pub look_again_at: Option<SystemTime>,
    /// Until when such a failure holds its order: do not prompt the customer again before.
    pub order_free_at: Option<SystemTime>,
    /// Counts its changes: a store can refuse to overwrite a later one with an earlier.
    pub revision: i64,
    /// What was handed in and not believed.
    pub flags: Vec<Flag>,
    /// Why its last push did not end in an acceptance.
    pub last_error: Option<ErrorDetails>,
    /// What `toJson()` returns.
    pub json: String,
}

#[uniffi::export]
impl Payment {
    /// The payment as JSON text, to save. A client's `resume` reads it.
    pub fn to_json(&self) -> String {
        self.json.clone()
    }

    /// Describes the result code: what it means, and what to tell the customer.
    pub fn describe(&self) -> ResultCode {
        described(self.outcome, self.result_code.as_deref())
    }
}

impl fmt::Display for Payment {
    /// Without the customer's number and the secret URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, outcome) = (self.state.word(), self.outcome.word());
        write!(
            f,
            "Payment(id={}, state={state}, outcome={outcome})",
            self.id
        )
    }
}

impl From<&lipia::Payment> for Payment {
    fn from(payment: &lipia::Payment) -> Self {
        Self {
            id: payment.id().as_str().to_owned(),
            gateway: payment.gateway().into(),
            state: payment.state().into(),
            outcome: payment.outcome().into(),
            is_paid: payment.is_paid(),
            push: payment.push().into(),
            warnings: payment.warnings().iter().map(Remark::from).collect(),
            acceptance: payment.acceptance().map(Acceptance::from),
            checkout_request_id: payment.checkout_request_id().cloned().map(String::from),
            result_code: payment.result_code().map(str::to_owned),
            receipt: payment.receipt().cloned().map(String::from),
            paid_amount: payment.paid_amount().map(Money::from),
            paid_by: payment.paid_by().map(|phone| phone.as_str().to_owned()),
            paid_at: payment.paid_at().map(instant),
            reserved_at: instant(payment.reserved_at()),
            sent_at: payment.sent_at().map(instant),
            settled_at: payment.settled_at().map(instant),
            look_again_at: payment.look_again_at().map(instant),
            order_free_at: payment.order_free_at().map(instant),
            revision: i64::try_from(payment.revision()).unwrap_or(i64::MAX),
            flags: payment.flags().iter().map(Flag::from).collect(),
            last_error: payment.last_error().map(ErrorDetails::from),
            json: payment.to_json(),
        }
    }
}

/// Reads a payment that was saved with `toJson()`, without taking it up.
#[uniffi::export]
pub fn native_read_payment(json: &str) -> Result<Payment, NativeError> {
    Ok(Payment::from(&lipia::Payment::from_json(json)?))
}

/// A live payment: whatever happens to the call that pushed it, this is where the acceptance and the outcome arrive. All
/// objects of one payment are the same payment.
#[derive(Debug, uniffi::Object)]
#[uniffi::export(Display)]
pub struct PaymentHandle {
    pub(crate) handle: lipia::PaymentHandle,
}

impl PaymentHandle {
    pub(crate) fn new(handle: lipia::PaymentHandle) -> Arc<Self> {
        Arc::new(Self { handle })
    }
}

impl fmt::Display for PaymentHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentHandle(id={})", self.handle.id())
    }
}

#[uniffi::export]
impl PaymentHandle {
    /// The payment's own id, made before anything was sent.
    pub fn id(&self) -> String {
        self.handle.id().as_str().to_owned()
    }

    /// The gateway that is asked to prompt the phone.
    pub fn gateway(&self) -> GatewayName {
        self.handle.gateway().into()
    }

    /// The payment as it is now.
    pub fn snapshot(&self) -> Payment {
        Payment::from(&self.handle.snapshot())
    }

    /// The payment as JSON text, to save. A client's `resume` reads it.
    pub fn to_json(&self) -> String {
        self.handle.to_json()
    }

    /// Announces that the push is about to leave. The shells' `begin()`.
    pub fn native_begin(&self) -> Result<(), NativeError> {
        Ok(self.handle.begin()?)
    }

    /// Hands in an event that came to this payment's own callback URL, without asking the gateway. The shells' `notify`.
    pub fn native_notify(&self, event: Event) -> Result<Change, NativeError> {
        Ok(self.handle.notify(&event.read()?).into())
    }
}
