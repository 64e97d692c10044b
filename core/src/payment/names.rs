//! The names of a payment at its gateway: its prompt, its transaction and its receipt. A name of one payment of a client is never given to
//! another, whoever says so: a push's answer, a query, a list or a callback. A client remembers it for a day.

use super::flag_reason::FlagReason;
use super::{Payment, PaymentState};
use crate::error::codes::ErrorCode;
use crate::error::ids::{CheckoutRequestId, NamedPrompt, PaymentId, Receipt};
use crate::error::{Disposition, Error};
use crate::meaning::event::Event;
use crate::meaning::status::Status;
use crate::payment::acceptance::Acceptance;
use crate::values::clock::EatTime;
use crate::values::hexadecimal::hexadecimal;
use ring::digest::{SHA256, digest};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// How far a gateway's clock may be behind this one, and how long after a push was begun it may still arrive, where a push
/// is searched for in a list. Both are short: an earlier or a later push for the same sale looks the same.
pub(crate) const CLOCKS_DIFFER_BY: Duration = Duration::from_secs(5);
pub(crate) const ARRIVES_WITHIN: Duration = Duration::from_secs(300);

/// How long a name is remembered. A late callback or a list speaks of pushes of the last hours.
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 3_600);

/// How many names and sales are remembered: some 20 MB.
const MAX_REMEMBERED: usize = 200_000;

/// Something that names a payment, as an answer or a callback states it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name<'a> {
    Prompt(&'a CheckoutRequestId),
    Transaction(&'a str),
    Receipt(&'a Receipt),
}

impl<'a> Name<'a> {
    fn text(self) -> &'a str {
        let text = match self {
            Self::Prompt(id) => id.as_str(),
            Self::Transaction(id) => id,
            Self::Receipt(id) => id.as_str(),
        };
        text.trim()
    }

    /// Gateways and forwarders differ in case and padding; no two prompts differ in these alone.
    fn key(self) -> String {
        self.text().to_ascii_lowercase()
    }

    /// The merchant's own reference, which some gateway gives back where an id could stand: several payments may share it.
    fn is_own_reference(self, payment: &Payment) -> bool {
        let reference = payment.push().account_reference.as_str();
        self.text().eq_ignore_ascii_case(reference.trim())
    }

    fn of_another(self) -> Doubt {
        match self {
            Self::Prompt(_) => Doubt::PromptOfAnother,
            Self::Transaction(_) => Doubt::TransactionOfAnother,
            Self::Receipt(_) => Doubt::ReceiptOfAnother,
        }
    }
}

/// A name as a ledger keeps it, whose payments may be of several gateways and processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LedgerName {
    /// The name within its environment, as 32 hexadecimal digits.
    pub(crate) digest: String,
    key: String,
    pub(crate) doubt: Doubt,
}

/// Names that are stated about a payment, as its ledger keeps them.
pub(crate) fn in_ledger(
    payment: &Payment,
    stated: &[Name<'_>],
    environment: &str,
) -> Vec<LedgerName> {
    let own = stated
        .iter()
        .filter(|name| !name.is_own_reference(payment) && !name.text().is_empty());
    let mut names: Vec<LedgerName> = Vec::new();
    for name in own {
        // M-Pesa gives prompts and receipts; transactions are numbered by each gateway for itself.
        let realm = match name {
            Name::Transaction(_) => payment.gateway().as_str(),
            Name::Prompt(_) | Name::Receipt(_) => "",
        };
        let key = name.key();
        let text = format!("{environment}\n{realm}\n{key}");
        let mut digest = hexadecimal(digest(&SHA256, text.as_bytes()).as_ref());
        digest.truncate(32);
        if names.iter().all(|known| known.digest != digest) {
            let doubt = name.of_another();
            names.push(LedgerName { digest, key, doubt });
        }
    }
    names
}

/// What names a payment as it is now, as its ledger keeps it.
pub(crate) fn of_payment_in_ledger(payment: &Payment, environment: &str) -> Vec<LedgerName> {
    in_ledger(payment, &of_payment(payment), environment)
}

/// Why something that names a payment is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    PromptOfAnother,
    TransactionOfAnother,
    ReceiptOfAnother,
    /// It was found by phone, amount and reference, and another payment whose answer was lost has the same.
    OfTwoPayments,
}

impl Doubt {
    /// The word, as a flag and an error have it.
    pub(crate) const fn as_str(self) -> &'static str {
        self.code().as_str()
    }

    /// The reason of a flag that says so.
    pub(super) const fn reason(self) -> FlagReason {
        match self {
            Self::PromptOfAnother => FlagReason::PromptOfAnotherPayment,
            Self::TransactionOfAnother => FlagReason::TransactionOfAnotherPayment,
            Self::ReceiptOfAnother => FlagReason::ReceiptOfAnotherPayment,
            Self::OfTwoPayments => FlagReason::TransactionOfTwoPayments,
        }
    }

    /// The code of an error that says so.
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::PromptOfAnother => ErrorCode::PromptOfAnotherPayment,
            Self::TransactionOfAnother => ErrorCode::TransactionOfAnotherPayment,
            Self::ReceiptOfAnother => ErrorCode::ReceiptOfAnotherPayment,
            Self::OfTwoPayments => ErrorCode::TransactionOfTwoPayments,
        }
    }
}

/// The names that an acceptance has.
pub(crate) fn of_acceptance(acceptance: &Acceptance) -> Vec<Name<'_>> {
    names(
        acceptance.checkout_request_id.as_ref(),
        acceptance.transaction_id.as_deref(),
        None,
    )
}

/// The names that the answer to a push states.
pub(crate) fn of_answer(answer: &Result<Acceptance, Error>) -> Vec<Name<'_>> {
    match answer {
        Ok(acceptance) => of_acceptance(acceptance),
        Err(error) => error.named().map_or_else(Vec::new, of_named),
    }
}

/// The names that the answer to a push states without accepting it.
pub(crate) fn of_named(named: &NamedPrompt) -> Vec<Name<'_>> {
    names(
        named.checkout_request_id.as_ref(),
        named.transaction_id.as_deref(),
        None,
    )
}

/// The names that a callback states.
pub(crate) fn of_event(event: &Event) -> Vec<Name<'_>> {
    names(
        event.checkout_request_id.as_ref(),
        event.transaction_id.as_deref(),
        event.receipt.as_ref(),
    )
}

/// The names that the answer to a question states.
pub(crate) fn of_status(status: &Status) -> Vec<Name<'_>> {
    names(
        status.checkout_request_id.as_ref(),
        status.transaction_id.as_deref(),
        status.receipt.as_ref(),
    )
}

pub(super) fn of_payment(payment: &Payment) -> Vec<Name<'_>> {
    let acceptance = payment.acceptance();
    names(
        payment.checkout_request_id(),
        acceptance.and_then(|acceptance| acceptance.transaction_id.as_deref()),
        payment.receipt(),
    )
}

/// When a payment was pushed, unless it was not, or was refused.
fn pushed_at(payment: &Payment) -> Option<EatTime> {
    let is_reserved = payment.state() == PaymentState::Reserved;
    payment.sent_at().filter(|_| !is_reserved)
}

/// What [`Names::note`] would note of a payment, in short: where this stays the same there is nothing to note.
pub(crate) fn mark(payment: &Payment) -> u64 {
    let mut hasher = DefaultHasher::new();
    pushed_at(payment).hash(&mut hasher);
    for name in of_payment(payment) {
        name.text().hash(&mut hasher);
    }
    hasher.finish()
}

fn names<'a>(
    prompt: Option<&'a CheckoutRequestId>,
    transaction: Option<&'a str>,
    receipt: Option<&'a Receipt>,
) -> Vec<Name<'a>> {
    let names = [
        prompt.map(Name::Prompt),
        transaction.map(Name::Transaction),
        receipt.map(Name::Receipt),
    ];
    names.into_iter().flatten().collect()
}

/// What was stated, for the person who looks at a flag.
pub(super) fn stated_as_text(stated: &[Name<'_>]) -> String {
    let stated: HashMap<&str, &str> = stated
        .iter()
        .map(|name| match name {
            Name::Prompt(id) => ("checkout_request_id", id.as_str()),
            Name::Transaction(id) => ("transaction_id", *id),
            Name::Receipt(id) => ("receipt", id.as_str()),
        })
        .collect();
    let stated: BTreeMap<_, _> = stated.into_iter().collect();
    serde_json::to_string(&stated).unwrap_or_default()
}

/// The gateway's answer names what another payment has.
pub(super) fn not_its_own(doubt: Doubt) -> Error {
    let message = match doubt {
        Doubt::OfTwoPayments => {
            "The gateway has one transaction for this phone, amount and reference, and more than one payment that it can belong to."
        }
        _ => "The gateway's answer names what belongs to another payment, so it was not believed.",
    };
    Error::new(doubt.code(), Disposition::Unknown,
        message,
    )
    .with_hint("The phone may have been prompted: do not push again. Let a person compare both payments with the gateway's own list.")
}

/// Logs that two payments have what names one. A subscriber of the log may come back to these payments, so nothing is locked
/// here.
pub(crate) fn log_names_of_others(payment: &PaymentId, names: &[Doubt]) {
    for name in names {
        tracing::error!(
            target: "lipia",
            payment_id = %payment,
            what = name.as_str(),
            "two payments have what names one: let a person look"
        );
    }
}

/// What a sale is searched by where the answer to its push was lost: phone, amount and reference, hashed with random keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Sale(u64);

/// A payment that was pushed for a sale.
#[derive(Debug)]
struct Pushed {
    payment: PaymentId,
    sent_at: EatTime,
    /// Whether anything names it, so that a search need not find it.
    is_named: bool,
}

/// The names and sales of one client's payments.
#[derive(Debug, Default)]
pub(crate) struct Names {
    owners: HashMap<Arc<str>, PaymentId>,
    sales: HashMap<Sale, Vec<Pushed>>,
    sale_hash: RandomState,
    /// Oldest first.
    ages: VecDeque<(EatTime, Remembered)>,
}

#[derive(Debug)]
enum Remembered {
    Name(Arc<str>),
    Sale(Sale, PaymentId),
}

impl Names {
    /// Why what names this payment cannot be its own, if so. `searched`: when the transaction was made, where it was found
    /// by the sale alone and not by an id of this payment.
    pub(crate) fn doubt(
        &self,
        payment: &Payment,
        stated: &[Name<'_>],
        searched: Option<EatTime>,
    ) -> Option<Doubt> {
        let is_others = |name: &&Name<'_>| {
            if name.is_own_reference(payment) {
                return false;
            }
            let owner = self.owners.get(name.key().as_str());
            owner.is_some_and(|owner| owner != payment.id())
        };
        if let Some(name) = stated.iter().find(is_others) {
            return Some(name.of_another());
        }
        let made = searched?;
        let pushed = self.sales.get(&self.sale_of(payment))?;
        let could_be = |other: &Pushed, made: EatTime| {
            other.payment != *payment.id()
                && !other.is_named
                && made.plus(CLOCKS_DIFFER_BY) >= other.sent_at
                && made <= other.sent_at.plus(ARRIVES_WITHIN)
        };
        let shared = pushed.iter().any(|other| could_be(other, made));
        shared.then_some(Doubt::OfTwoPayments)
    }

    /// Whether it is remembered whose a name is.
    pub(crate) fn knows(&self, name: &LedgerName) -> bool {
        self.owners.contains_key(name.key.as_str())
    }

    /// Remembers whose a name is, as a ledger says.
    pub(crate) fn learn_owner(&mut self, name: &LedgerName, owner: &PaymentId, now: EatTime) {
        let key: Arc<str> = name.key.as_str().into();
        let known = self.owners.insert(Arc::clone(&key), owner.clone());
        if known.is_none() {
            self.ages.push_back((now, Remembered::Name(key)));
        }
    }

    /// Remembers what names a payment as it is now. What another payment has stays with that one, and is returned: for the
    /// log, once nothing is locked any more.
    #[must_use = "two payments have what names one"]
    pub(crate) fn note(&mut self, payment: &Payment, now: EatTime) -> Vec<Doubt> {
        self.forget(now);
        let mut of_others = Vec::new();
        let stated = of_payment(payment);
        for name in &stated {
            if name.is_own_reference(payment) {
                continue;
            }
            let key: Arc<str> = name.key().into();
            match self.owners.get(&key) {
                Some(owner) if owner == payment.id() => {}
                Some(_) => of_others.push(name.of_another()),
                None => {
                    self.owners.insert(Arc::clone(&key), payment.id().clone());
                    self.ages.push_back((now, Remembered::Name(key)));
                }
            }
        }
        self.note_sale(payment, !stated.is_empty(), now);
        of_others
    }

    fn note_sale(&mut self, payment: &Payment, is_named: bool, now: EatTime) {
        let sale = self.sale_of(payment);
        let Some(sent_at) = pushed_at(payment) else {
            // Not sent, or refused: no transaction is its own.
            self.forget_sale(sale, payment.id());
            return;
        };
        let pushed = self.sales.entry(sale).or_default();
        match pushed
            .iter_mut()
            .find(|known| known.payment == *payment.id())
        {
            Some(known) => {
                known.sent_at = sent_at;
                known.is_named = is_named;
            }
            None => {
                pushed.push(Pushed {
                    payment: payment.id().clone(),
                    sent_at,
                    is_named,
                });
                self.ages
                    .push_back((now, Remembered::Sale(sale, payment.id().clone())));
            }
        }
    }

    fn sale_of(&self, payment: &Payment) -> Sale {
        let push = payment.push();
        Sale(self.sale_hash.hash_one((
            push.phone_number.as_str(),
            push.amount.get(),
            push.account_reference.as_str(),
        )))
    }

    fn forget_sale(&mut self, sale: Sale, payment: &PaymentId) {
        if let Some(pushed) = self.sales.get_mut(&sale) {
            pushed.retain(|known| known.payment != *payment);
            if pushed.is_empty() {
                self.sales.remove(&sale);
            }
        }
    }

    /// Forgets what is older than a day, and the oldest where there is too much.
    fn forget(&mut self, now: EatTime) {
        while let Some((at, _)) = self.ages.front() {
            if now.since(*at) < REMEMBERED_FOR && self.ages.len() < MAX_REMEMBERED {
                return;
            }
            match self.ages.pop_front() {
                Some((_, Remembered::Name(key))) => {
                    self.owners.remove(&key);
                }
                Some((_, Remembered::Sale(sale, payment))) => self.forget_sale(sale, &payment),
                None => return,
            }
        }
    }
}
