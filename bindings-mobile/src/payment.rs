//! Payments, each the life of one sale: snapshots and live ones.

use crate::callback::Event;
use crate::error::{ErrorDetails, NativeError};
use crate::integers::{Money, Shillings, instant};
use crate::result_code::{ResultCode, described};
use crate::status::Acceptance;
use crate::values::{Fit, Remark};
use crate::words::{Change, GatewayName, Outcome, PaymentState, TransactionType};
use lipia::client::LedgerPayment;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A push: the payer, the amount and the reference of the sale. It is checked when the payment is reserved; an argument
/// that is not valid is refused with an error that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct StkPush {
    /// The payer's Kenyan mobile number, in any usual spelling, such as `0712 345 678`.
    pub phone_number: String,
    /// The amount in whole KES, as digits. A fraction is refused unless `roundAmount` is set.
    pub amount: String,
    /// The reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12 characters.
    pub account_reference: String,
    /// A description of the sale, at most 13 characters. Default: the account reference.
    #[uniffi(default = "")]
    pub transaction_desc: String,
    /// The URL for the result of this push, used exactly as given. Default: the client's callback URL with this payment's own
    /// token.
    #[uniffi(default = None)]
    pub callback_url: Option<String>,
    /// The treatment of a text that is too long. By default it is refused.
    pub fit: Fit,
    /// Whether a fraction of a shilling is rounded half up. By default it is refused.
    #[uniffi(default = false)]
    pub round_amount: bool,
    /// Daraja: pay bill or till, for this push. Default: the client's.
    #[uniffi(default = None)]
    pub transaction_type: Option<TransactionType>,
    /// Daraja: the till that receives the money of this push. Default: the client's.
    #[uniffi(default = None)]
    pub party_b: Option<String>,
    /// PalPluss, UpesiPay and PayHero: the payment channel that receives the money. Default: the client's.
    #[uniffi(default = None)]
    pub channel_id: Option<String>,
    /// PalPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials there. Default: the client's.
    #[uniffi(default = None)]
    pub credential_id: Option<String>,
    /// UpesiPay and PayHero: the payer's name.
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
        if ours.fit == Fit::Truncate {
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

/// The validated push of a payment: payer, amount, reference and callback URL.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Push {
    /// The payer's phone number: `2547…`.
    pub phone_number: String,
    /// The amount in whole KES.
    pub amount: Shillings,
    /// The merchant's reference for the sale.
    pub account_reference: String,
    /// The description of the sale.
    pub transaction_desc: String,
    /// The URL that the gateway posts the result to. It ends with this payment's own secret token.
    pub callback_url: String,
    /// Options that only one gateway has.
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

/// A flag: a callback or an answer that was not believed. The payment keeps it for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Flag {
    /// The time at which it came.
    pub at: SystemTime,
    /// Why it was not believed: `amount_differs`, `phone_differs`, `success_incomplete` …
    pub reason: String,
    /// The body of a callback, cut at 4 KiB.
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

/// A snapshot of one sale's payment. `toJson()` saves it. A client's `resume` makes it live again, in another process or a day
/// later, and never prompts twice.
///
/// It has the customer's phone number and a secret URL: keep it as safe as an order.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
#[uniffi::export(Display)]
pub struct Payment {
    /// The payment's own id, made before anything was sent.
    pub id: String,
    /// The gateway that prompts the phone.
    pub gateway: GatewayName,
    /// How far the payment has come.
    pub state: PaymentState,
    /// The outcome so far. Only `success` is money; `pending` and `unknown` are not final.
    pub outcome: Outcome,
    /// Whether the money was received.
    pub is_paid: bool,
    /// The push: payer, amount, reference and callback URL.
    pub push: Push,
    /// Remarks on a push that is valid and may still fail: odd characters in the reference, words in the callback URL.
    pub warnings: Vec<Remark>,
    /// The gateway's acceptance, once there is one.
    pub acceptance: Option<Acceptance>,
    /// The prompt's id, once it is known. It embeds the payer's phone number.
    pub checkout_request_id: Option<String>,
    /// M-Pesa's code for the outcome, once there is one.
    pub result_code: Option<String>,
    /// M-Pesa's receipt. With Daraja it comes with the callback, or with version 2 of the query (`queryVersion`).
    pub receipt: Option<String>,
    /// The amount paid in KES, once an event or a query states it.
    pub paid_amount: Option<Money>,
    /// The payer's phone number, once an event states it.
    pub paid_by: Option<String>,
    /// The time of the payment by M-Pesa's clock, once an event states it.
    pub paid_at: Option<SystemTime>,
    /// The time at which the payment was reserved.
    pub reserved_at: SystemTime,
    /// The time at which its push was last begun.
    pub sent_at: Option<SystemTime>,
    /// The time at which its outcome was first known.
    pub settled_at: Option<SystemTime>,
    /// When to ask again about a failure that only says "nobody answered in time", because the customer may have paid since. A
    /// time in the past means now. Absent for every other payment.
    pub look_again_at: Option<SystemTime>,
    /// Until when such a failure holds its order. Do not prompt the customer again before this time.
    pub order_free_at: Option<SystemTime>,
    /// The number of changes so far, by which a store can refuse to overwrite a later copy with an earlier one.
    pub revision: i64,
    /// Callbacks and answers that were not believed.
    pub flags: Vec<Flag>,
    /// The error of its last push, where that did not end in an acceptance.
    pub last_error: Option<ErrorDetails>,
    /// What `toJson()` returns.
    pub json: String,
    /// The app's own name for the sale, of a payment that came from the ledger.
    pub order: Option<String>,
    /// Whether the order is paid: by this payment, or, in a telling, by another one of the same order.
    pub order_is_paid: bool,
    /// Whether another payment of the same order was paid as well, so that one of the two is to be given back.
    pub is_paid_twice: bool,
    /// Whether the order had this payment already when it was requested: that call sent nothing.
    pub is_existing: bool,
}

impl Payment {
    /// The payment with what the ledger knows of it.
    pub(crate) fn of_ledger(payment: &LedgerPayment) -> Self {
        Self {
            order: payment.order().map(str::to_owned),
            order_is_paid: payment.order_is_paid(),
            is_paid_twice: payment.is_paid_twice(),
            is_existing: payment.is_existing(),
            ..Self::from(payment.payment())
        }
    }

    /// The payment that a wait ended with, with its order where the client's ledger has the payment.
    pub(crate) async fn waited_for(payment: &lipia::Payment, client: &lipia::Client) -> Self {
        match client.payments().of_collected(payment).await {
            Some(of_ledger) => Self::of_ledger(&of_ledger),
            None => Self::from(payment),
        }
    }
}

#[uniffi::export]
impl Payment {
    /// The payment as JSON text, to save. A client's `resume` reads it. The text does not have what the ledger knows: `order`,
    /// `orderIsPaid`, `isPaidTwice`, `isExisting`. Save the order beside it, or look the payment up in the ledger by its id.
    pub fn to_json(&self) -> String {
        self.json.clone()
    }

    /// The meaning of the result code, with a sentence for the customer.
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
            order: None,
            order_is_paid: payment.is_paid(),
            is_paid_twice: false,
            is_existing: false,
        }
    }
}

/// Reads a payment that was saved with `toJson()`, to look at it.
#[uniffi::export]
pub fn native_read_payment(json: &str) -> Result<Payment, NativeError> {
    Ok(Payment::from(&lipia::Payment::from_json(json)?))
}

/// A live payment of this process. The acceptance and the outcome arrive here, whatever happens to the call that pushed it.
/// All handles with the same id are the same payment.
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

    /// The gateway that prompts the phone.
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

    /// Marks the push as about to leave. The shells' `begin()`.
    pub fn native_begin(&self) -> Result<(), NativeError> {
        Ok(self.handle.begin()?)
    }

    /// Applies an event that came on this payment's own callback URL, without asking the gateway. The shells' `notify`.
    pub fn native_notify(&self, event: Event) -> Result<Change, NativeError> {
        Ok(self.handle.notify(&event.read()?).into())
    }
}
