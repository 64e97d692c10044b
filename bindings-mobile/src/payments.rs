//! The payments of a client's ledger: looking them up, and what a person does about them.

use crate::cancellation::{NativeCancellation, unless_cancelled};
use crate::client::NativeClient;
use crate::error::NativeError;
use crate::integers::{Seconds, WholeNumber, instant, unix_milliseconds};
use crate::payment::Payment;
use crate::words::PaymentState;
use lipia::client::{Import, LedgerPayment, Resolution};
use lipia::ledger::{Order, Search};
use lipia::values::EatTime;
use lipia::{Error, PhoneNumber};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The filters of a search among the payments of the ledger; all that are given must hold. Texts are compared whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct PaymentSearch {
    /// How far the payment has come.
    #[uniffi(default = None)]
    pub state: Option<PaymentState>,
    /// M-Pesa's receipt.
    #[uniffi(default = None)]
    pub receipt: Option<String>,
    /// The phone that was to be prompted, in any usual spelling.
    #[uniffi(default = None)]
    pub phone_number: Option<String>,
    /// The account reference.
    #[uniffi(default = None)]
    pub reference: Option<String>,
    /// Payments that were reserved then or later.
    #[uniffi(default = None)]
    pub since: Option<SystemTime>,
    /// The app's name for the sale.
    #[uniffi(default = None)]
    pub order: Option<String>,
    /// Whether only payments are found that may yet be paid.
    #[uniffi(default = false)]
    pub only_open: bool,
    /// Whether only payments are found of which the app has yet to acknowledge something.
    #[uniffi(default = false)]
    pub only_owed: bool,
}

/// A page of payments, the newest first.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct PaymentPage {
    /// The payments.
    pub payments: Vec<Payment>,
    /// What the next page is asked for with; absent after the last.
    pub next: Option<i64>,
}

/// What one pass over the ledger did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Reconciled {
    /// Payments whose push was cut off by the end of a process, and that are `unknown` now.
    pub senders_died: WholeNumber,
    /// Callbacks that were judged.
    pub judged: WholeNumber,
    /// Payments that the gateway was asked about.
    pub asked: WholeNumber,
    /// Payments that the app acknowledged, or of which there was nothing to tell any more.
    pub told: WholeNumber,
    /// Payments that the app did not acknowledge: they are told again.
    pub not_told: WholeNumber,
}

/// What a prune did, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Pruned {
    /// Payments whose personal data were deleted.
    pub payments: i64,
    /// Payments that are as old and were left, since something is still to be learnt or told of them.
    pub unfinished: i64,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ImportedPayment {
    /// The payment as the ledger has it now.
    pub payment: Payment,
    /// `new`, `merged` (the ledger learnt something) or `known`.
    pub change: String,
    /// Whether another payment holds the order that was named, so that this one does not.
    pub order_is_held: bool,
}

/// A callback that the ledger has kept.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct KeptCallback {
    /// The time at which it came.
    pub received_at: SystemTime,
    /// The verdict on it; absent while it waits for one.
    pub verdict: Option<String>,
    /// Its body. It holds the customer's phone number.
    pub body: Vec<u8>,
}

/// Everything that the ledger has of one payment.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct PaymentStory {
    /// The payment.
    pub payment: Payment,
    /// The merchant's account at the gateway, such as `daraja:174379`.
    pub account: String,
    /// Whether the payment holds its order, so that nobody is prompted for it again.
    pub holds_order: bool,
    /// When the gateway is asked next.
    pub ask_after: Option<SystemTime>,
    /// When the gateway was last asked.
    pub asked_at: Option<SystemTime>,
    /// How often the gateway was asked.
    pub asks: WholeNumber,
    /// Whether the app has yet to acknowledge something.
    pub is_owed: bool,
    /// How often the app was told.
    pub attempts: WholeNumber,
    /// Why the last telling failed.
    pub trouble: Option<String>,
    /// When a person released its order.
    pub released_at: Option<SystemTime>,
    /// Its callbacks, in the order in which they came.
    pub callbacks: Vec<KeptCallback>,
    /// The other payments of its order, the newest first.
    pub others: Vec<Payment>,
}

/// The ledger's report on itself.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LedgerReport {
    /// The path of the file.
    pub place: String,
    /// The size of the file in bytes.
    pub bytes: Option<i64>,
    /// What a person should see to, in sentences: damage, a folder that is emptied.
    pub warnings: Vec<String>,
    /// How many payments the ledger has.
    pub payments: i64,
    /// Of these, those that may yet be paid.
    pub open: i64,
    /// Of these, those of which the app has yet to acknowledge something.
    pub owed: i64,
}

fn whole(count: usize) -> WholeNumber {
    WholeNumber(i32::try_from(count).unwrap_or(i32::MAX))
}

fn large(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn all(payments: &[LedgerPayment]) -> Vec<Payment> {
    payments.iter().map(Payment::of_ledger).collect()
}

fn order_of(order: Option<String>) -> Result<Option<Order>, Error> {
    order.as_deref().map(Order::parse).transpose()
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeClient {
    /// The payment with this id, or the only one whose id begins so.
    pub async fn ledger_payment(&self, id: String) -> Result<Payment, NativeError> {
        let found = self.core().payments().get(&id).await?;
        Ok(Payment::of_ledger(&found))
    }

    /// The payments of an order, the newest first.
    pub async fn payments_of_order(&self, order: String) -> Result<Vec<Payment>, NativeError> {
        Ok(all(&self.core().payments().of_order(&order).await?))
    }

    /// A page of payments that fit every filter, the newest first.
    pub async fn search_payments(
        &self,
        search: PaymentSearch,
        page: Option<i64>,
        limit: u32,
    ) -> Result<PaymentPage, NativeError> {
        let payments = self.core().payments();
        let mut wanted = Search::of(payments.scope().clone());
        wanted.state = search.state.map(Into::into);
        wanted.receipt = search.receipt;
        let phone = search.phone_number.as_deref().map(PhoneNumber::parse);
        wanted.phone_number = phone.transpose()?;
        wanted.reference = search.reference;
        let since = search.since.map(unix_milliseconds);
        wanted.since = since.map(EatTime::from_unix_millis);
        wanted.order = order_of(search.order)?;
        wanted.only_open = search.only_open;
        wanted.only_owed = search.only_owed;
        let page = page.and_then(|page| u64::try_from(page).ok());
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = payments.search(&wanted, page, limit).await?;
        Ok(PaymentPage {
            payments: all(&found.payments),
            next: found.next.map(large),
        })
    }

    /// Everything that the ledger has of a payment.
    pub async fn payment_story(&self, id: String) -> Result<PaymentStory, NativeError> {
        let story = self.core().payments().story(&id).await?;
        let payment = Payment::of_ledger(&story.payment());
        let callbacks = story.callbacks.into_iter().map(|kept| KeptCallback {
            received_at: instant(kept.received_at),
            verdict: kept.verdict,
            body: kept.body,
        });
        let row = story.row;
        Ok(PaymentStory {
            payment,
            callbacks: callbacks.collect(),
            others: all(&story.others),
            holds_order: row.holds_order,
            ask_after: row.ask_after.map(instant),
            asked_at: row.asked_at.map(instant),
            asks: WholeNumber(i32::try_from(row.asks).unwrap_or(i32::MAX)),
            is_owed: row.is_owed(),
            attempts: WholeNumber(i32::try_from(row.attempts).unwrap_or(i32::MAX)),
            trouble: row.trouble,
            released_at: row.released_at.map(instant),
            account: row.account,
        })
    }

    /// Asks the gateway about a payment now, and writes what is learnt.
    pub async fn ask_payment(
        &self,
        id: String,
        timeout: Option<Seconds>,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Payment, NativeError> {
        unless_cancelled(cancellation, async {
            let asked = self.client(timeout)?.payments().ask(&id).await?;
            Ok(Payment::of_ledger(&asked))
        })
        .await
    }

    /// Gives up an order, so that it can be requested again although its payment may still be paid.
    pub async fn release_order(&self, order: String) -> Result<Payment, NativeError> {
        let released = self.core().payments().release(&order).await?;
        Ok(Payment::of_ledger(&released))
    }

    /// Settles an open payment as a person decided: paid with this receipt, or without one not paid.
    pub async fn resolve_payment(
        &self,
        id: String,
        receipt: Option<String>,
    ) -> Result<Payment, NativeError> {
        let resolution = match receipt {
            Some(receipt) => Resolution::Paid { receipt },
            None => Resolution::NotPaid,
        };
        let resolved = self.core().payments().resolve(&id, &resolution).await?;
        Ok(Payment::of_ledger(&resolved))
    }

    /// Has the app told once more of a payment whose outcome is known.
    pub async fn retell_payment(&self, id: String) -> Result<Payment, NativeError> {
        let told = self.core().payments().retell(&id).await?;
        Ok(Payment::of_ledger(&told))
    }

    /// Deletes the personal data of payments that have been settled and told for that long, or only counts them.
    pub async fn prune_payments(
        &self,
        older_than: Seconds,
        dry_run: bool,
    ) -> Result<Pruned, NativeError> {
        let age = Duration::try_from_secs_f64(older_than.0.max(0.0)).unwrap_or(Duration::MAX);
        let payments = self.core().payments();
        let pruned = if dry_run {
            payments.prunable(age).await?
        } else {
            payments.prune(age).await?
        };
        Ok(Pruned {
            payments: large(pruned.payments),
            unfinished: large(pruned.unfinished),
        })
    }

    /// Takes a payment into the ledger that the app kept as JSON.
    pub async fn import_payment(
        &self,
        json: String,
        order: Option<String>,
        tell: bool,
    ) -> Result<ImportedPayment, NativeError> {
        let mut import = Import::default().told(tell);
        import.order = order_of(order)?;
        let payment = lipia::Payment::from_json(&json)?;
        let imported = self.core().payments().import(payment, &import).await?;
        Ok(ImportedPayment {
            payment: Payment::of_ledger(&imported.payment),
            change: imported.change.as_str().to_owned(),
            order_is_held: imported.order_is_held,
        })
    }

    /// The ledger's report on itself.
    pub async fn ledger_report(&self) -> Result<LedgerReport, NativeError> {
        let report = self.core().payments().report().await?;
        Ok(LedgerReport {
            place: report.place,
            bytes: report.bytes.map(large),
            warnings: report.warnings,
            payments: large(report.payments),
            open: large(report.open),
            owed: large(report.owed),
        })
    }

    /// One pass over the ledger: pushes that were cut off become `unknown`, the gateway is asked what is due, and whoever
    /// listens is told what is owed.
    pub async fn reconcile(
        &self,
        cancellation: Option<Arc<NativeCancellation>>,
    ) -> Result<Reconciled, NativeError> {
        unless_cancelled(cancellation, async {
            let pass = self.core().payments().reconcile().await?;
            Ok(Reconciled {
                senders_died: whole(pass.senders_died),
                judged: whole(pass.judged),
                asked: whole(pass.asked),
                told: whole(pass.told),
                not_told: whole(pass.not_told),
            })
        })
        .await
    }
}
