//! The conformance suite of stores, on the store in memory; and that the suite finds stores that do not conform.

#![allow(
    clippy::unwrap_used,
    reason = "a broken expectation should stop the test where it stands"
)]

use lipia::ledger::{
    Callback, Claimed, Earlier, LedgerAnswer, LedgerReport, LedgerStore, MemoryLedger, Note,
    NoteWritten, Order, Party, Replaced, Row, Scope, Search, Telling, TellingEnd, Version,
    conformance,
};
use lipia::payment::PaymentId;
use std::time::Duration;

#[tokio::test]
async fn the_store_in_memory_conforms() {
    let broken = conformance::check(&MemoryLedger::default()).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

/// How a store breaks the contract.
#[derive(Clone, Copy, Debug)]
enum Fault {
    OrdersAreNotUnique,
    VersionsAreNotCompared,
    CallbacksAreForgotten,
    RowsOfCallbacksAreForgotten,
    LeasesOfTellingsAreNotTaken,
    AnyAttemptEndsATelling,
    QuestionsAreGrantedToAll,
    ShopsSeeEachOther,
    NotesAreWrittenOver,
    NotesLastForEver,
    NamesAreNotUnique,
    BodiesOutliveTheirPrune,
}

/// A store in memory with one fault.
#[derive(Debug)]
struct Faulty(MemoryLedger, Fault);

impl Faulty {
    /// The row with the version that the store has now.
    async fn newest(&self, row: &Row) -> Row {
        let stored = self.0.load(row.id()).await.unwrap();
        let version = stored.map_or(row.version, |stored| stored.version);
        Row {
            version,
            ..row.clone()
        }
    }
}

impl LedgerStore for Faulty {
    fn earlier<'a>(&'a self, scope: &'a Scope, order: &'a Order) -> LedgerAnswer<'a, Earlier> {
        self.0.earlier(scope, order)
    }

    fn load<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Option<Row>> {
        self.0.load(id)
    }

    fn claim<'a>(
        &'a self,
        row: &'a Row,
        over: Option<Version<'a>>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Claimed> {
        Box::pin(async move {
            let claimed = self.0.claim(row, over, lease).await?;
            let (Claimed::Held(holder), Fault::OrdersAreNotUnique) = (&claimed, self.1) else {
                return Ok(claimed);
            };
            self.0.claim(row, Some(Version::of(holder)), lease).await
        })
    }

    fn replace<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        Box::pin(async move {
            match self.1 {
                Fault::VersionsAreNotCompared => self.0.replace(&self.newest(row).await).await,
                Fault::NamesAreNotUnique => match self.0.replace(row).await? {
                    Replaced::NameTaken => Ok(Replaced::Written),
                    replaced => Ok(replaced),
                },
                _ => self.0.replace(row).await,
            }
        })
    }

    fn keep<'a>(
        &'a self,
        callback: &'a Callback,
        row: Option<&'a Row>,
    ) -> LedgerAnswer<'a, Replaced> {
        Box::pin(async move {
            match (self.1, row) {
                (Fault::CallbacksAreForgotten, _) => Ok(Replaced::Written),
                (Fault::RowsOfCallbacksAreForgotten, _) => self.0.keep(callback, None).await,
                _ => self.0.keep(callback, row).await,
            }
        })
    }

    fn named<'a>(&'a self, names: &'a [String]) -> LedgerAnswer<'a, Vec<(String, PaymentId)>> {
        self.0.named(names)
    }

    fn waiting<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Callback>> {
        self.0.waiting(party, most)
    }

    fn forgotten<'a>(&'a self, scope: &'a Scope, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.0.forgotten(scope, most)
    }

    fn due<'a>(&'a self, party: Party<'a>, most: usize) -> LedgerAnswer<'a, Vec<Row>> {
        self.0.due(party, most)
    }

    fn claim_question<'a>(
        &'a self,
        row: Version<'a>,
        lease: Duration,
    ) -> LedgerAnswer<'a, Option<Row>> {
        Box::pin(async move {
            if !matches!(self.1, Fault::QuestionsAreGrantedToAll) {
                return self.0.claim_question(row, lease).await;
            }
            let version = self.0.load(row.id).await?.map_or(0, |row| row.version);
            let newest = Version { version, ..row };
            self.0.claim_question(newest, lease).await
        })
    }

    fn owed<'a>(
        &'a self,
        scope: &'a Scope,
        lease: Duration,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Telling>> {
        match self.1 {
            Fault::LeasesOfTellingsAreNotTaken => self.0.owed(scope, Duration::ZERO, most),
            _ => self.0.owed(scope, lease, most),
        }
    }

    fn told<'a>(
        &'a self,
        id: &'a PaymentId,
        attempts: u32,
        end: &'a TellingEnd,
    ) -> LedgerAnswer<'a, bool> {
        Box::pin(async move {
            let attempts = match (self.1, self.0.load(id).await?) {
                (Fault::AnyAttemptEndsATelling, Some(row)) => row.attempts,
                _ => attempts,
            };
            self.0.told(id, attempts, end).await
        })
    }

    fn versions<'a>(&'a self, ids: &'a [PaymentId]) -> LedgerAnswer<'a, Vec<(PaymentId, u64)>> {
        self.0.versions(ids)
    }

    fn callbacks<'a>(&'a self, id: &'a PaymentId) -> LedgerAnswer<'a, Vec<Callback>> {
        self.0.callbacks(id)
    }

    fn prune<'a>(&'a self, row: &'a Row) -> LedgerAnswer<'a, Replaced> {
        match self.1 {
            Fault::BodiesOutliveTheirPrune => self.0.replace(row),
            _ => self.0.prune(row),
        }
    }

    fn report<'a>(&'a self, scope: &'a Scope) -> LedgerAnswer<'a, LedgerReport> {
        self.0.report(scope)
    }

    fn list<'a>(
        &'a self,
        search: &'a Search,
        before: Option<u64>,
        most: usize,
    ) -> LedgerAnswer<'a, Vec<Row>> {
        Box::pin(async move {
            let mut rows = self.0.list(search, before, most).await?;
            if matches!(self.1, Fault::ShopsSeeEachOther) {
                let other = format!("{}-other", search.scope.shop());
                let mut wider = search.clone();
                wider.scope = Scope::new(lipia::values::Environment::Sandbox, &other)?;
                rows.extend(self.0.list(&wider, before, most).await?);
            }
            Ok(rows)
        })
    }

    fn note<'a>(&'a self, key: &'a str) -> LedgerAnswer<'a, Note> {
        self.0.note(key)
    }

    fn write_note<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a str,
        lasts: Duration,
    ) -> LedgerAnswer<'a, NoteWritten> {
        Box::pin(async move {
            let (version, lasts) = match self.1 {
                Fault::NotesAreWrittenOver => (self.0.note(key).await?.version, lasts),
                Fault::NotesLastForEver => (version, lasts.max(Duration::from_secs(3_600))),
                _ => (version, lasts),
            };
            self.0.write_note(key, version, value, lasts).await
        })
    }
}

#[tokio::test]
async fn the_suite_finds_a_store_that_does_not_conform() {
    let cases = [
        (
            Fault::OrdersAreNotUnique,
            "a_second_claim_of_an_order_is_refused_with_the_first",
        ),
        (
            Fault::VersionsAreNotCompared,
            "of_many_writes_at_once_none_is_lost",
        ),
        (
            Fault::CallbacksAreForgotten,
            "a_callback_waits_until_it_is_judged",
        ),
        (
            Fault::RowsOfCallbacksAreForgotten,
            "a_callback_and_its_row_are_written_together_or_not_at_all",
        ),
        (
            Fault::LeasesOfTellingsAreNotTaken,
            "what_is_owed_is_leased_to_one",
        ),
        (
            Fault::AnyAttemptEndsATelling,
            "only_the_last_attempt_ends_a_telling",
        ),
        (
            Fault::QuestionsAreGrantedToAll,
            "of_many_who_would_ask_one_may",
        ),
        (
            Fault::ShopsSeeEachOther,
            "a_search_finds_what_fits_every_filter",
        ),
        (
            Fault::NotesAreWrittenOver,
            "of_many_who_write_a_note_one_does",
        ),
        (Fault::NotesLastForEver, "a_note_ends_when_its_time_is_up"),
        (
            Fault::NamesAreNotUnique,
            "a_name_that_another_payment_has_is_not_written",
        ),
        (
            Fault::BodiesOutliveTheirPrune,
            "a_prune_deletes_the_bodies_and_writes_the_row",
        ),
    ];
    for (fault, rule) in cases {
        let broken = conformance::check(&Faulty(MemoryLedger::default(), fault)).await;
        let is_found = broken.iter().any(|broken| broken.starts_with(rule));
        assert!(is_found, "{fault:?} breaks {broken:#?}, and not {rule}");
    }
}
