//! The store by itself: the contract, and what a file keeps.

use crate::folder::Folder;
use crate::rows::{claim, claim_two, finds_the_second_alone, payment, row, scope};
use lipia::Payment;
use lipia::client::{Import, Ledger};
use lipia::ledger::{Callback, LedgerStore, Replaced, Row, Search, SqliteLedger, conformance};
use lipia::values::EatTime;

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds() {
    let folder = Folder::new();
    let broken = conformance::check(&folder.store()).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn a_file_that_was_closed_is_opened_again_with_what_it_had() {
    let folder = Folder::new();
    let store = folder.store();
    let (first, _) = claim(&store, "17").await.unwrap();
    store.close();
    assert!(
        !folder.path().join("payments.db-wal").exists(),
        "the file is still open"
    );
    let (holder, is_new) = claim(&store, "17").await.unwrap();
    assert!(!is_new);
    assert_eq!(holder.id(), first.id());
}

#[tokio::test]
async fn closing_ends_the_commands_that_were_begun() {
    let folder = Folder::new();
    let store = folder.store();
    store.check().await.unwrap();
    let given: Vec<Row> = (0..100).map(|n| row(payment(), &n.to_string())).collect();
    let claims: Vec<_> = (given.iter())
        .map(|row| store.claim(row, None, crate::rows::LEASE))
        .collect();
    let claims = futures_util::future::join_all(claims);
    let closes = async {
        // The commands are sent before: `join!` polls in this order.
        store.close();
    };
    let (claims, ()) = tokio::join!(claims, closes);
    assert!(claims.iter().all(Result::is_ok), "{claims:?}");
}

#[tokio::test]
async fn members_that_a_later_version_wrote_survive_a_write_of_this_one() {
    let folder = Folder::new();
    let store = folder.store();
    let (read, _) = claim(&store, "17").await.unwrap();
    let file = rusqlite::Connection::open(folder.file()).unwrap();
    file.execute(
        "UPDATE payments SET payment = json_set(payment, '$.later', json('[1,2]'))",
        [],
    )
    .unwrap();
    let asked = Row { asks: 1, ..read };
    assert_eq!(store.replace(&asked).await.unwrap(), Replaced::Written);
    let (asks, json): (u32, String) = file
        .query_row("SELECT asks, payment FROM payments", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(asks, 1);
    assert!(json.contains(r#""later":[1,2]"#), "{json}");
    assert_eq!(Payment::from_json(&json).unwrap().id(), asked.id());
}

#[tokio::test]
async fn every_look_up_uses_an_index() {
    let folder = Folder::new();
    folder.store().check().await.unwrap();
    let file = rusqlite::Connection::open(folder.file()).unwrap();
    let scoped = "environment = ?1 AND shop = ?2";
    for (condition, index) in [
        ("id = ?1", "sqlite_autoindex_payments_1"),
        ("id = ?1 AND version = ?2", "sqlite_autoindex_payments_1"),
        (
            "environment = ?1 AND shop = ?2 AND order_name = ?3 AND holds_order = 1",
            "payments_claim",
        ),
        (
            "environment = ?1 AND shop = ?2 AND order_name = ?3 ORDER BY seq DESC",
            "payments_order",
        ),
        (
            "environment = ?1 AND shop = ?2 AND lease_until <= ?3 ORDER BY lease_until, seq",
            "payments_leased",
        ),
        (
            "environment = ?1 AND shop = ?2 AND account = ?3 AND ask_after <= ?4 ORDER BY ask_after, seq",
            "payments_due",
        ),
        (
            "environment = ?1 AND shop = ?2 AND news > told AND owed_after <= ?3 ORDER BY owed_after, seq",
            "payments_owed",
        ),
        (
            &format!("{scoped} AND state <> 'settled' AND state = ?3 ORDER BY seq DESC"),
            "payments_open",
        ),
        (
            &format!("{scoped} AND receipt = ?3 ORDER BY seq DESC"),
            "payments_receipt",
        ),
        (
            &format!("{scoped} AND phone = ?3 ORDER BY seq DESC"),
            "payments_phone",
        ),
        (
            &format!("{scoped} AND reference = ?3 ORDER BY seq DESC"),
            "payments_reference",
        ),
    ] {
        let plan = format!("EXPLAIN QUERY PLAN SELECT payment FROM payments WHERE {condition}");
        let mut plan = file.prepare(&plan).unwrap();
        // A plan needs no values of the parameters.
        let plan: Vec<String> = plan
            .raw_query()
            .mapped(|row| row.get(3))
            .map(Result::unwrap)
            .collect();
        let uses = format!("SEARCH payments USING INDEX {index} ");
        assert!(
            plan.iter().all(|step| step.starts_with(&uses)),
            "{condition}: {plan:?}"
        );
    }
}

#[test]
fn a_store_is_made_without_a_file() {
    let folder = Folder::new();
    let address = format!("sqlite://{}", folder.file().display());
    let store = SqliteLedger::from_address(&address).unwrap();
    assert_eq!(store.path(), folder.file());
    assert!(!folder.file().exists());
    assert_eq!(
        SqliteLedger::at("payments.db").unwrap_err().code(),
        "ledger_path_refused"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_row_from_being_found() {
    let folder = Folder::new();
    let store = folder.store();
    let rows = claim_two(&store).await;
    store.close();
    let file = rusqlite::Connection::open(folder.file()).unwrap();
    let spoil = "UPDATE payments SET payment = 'of a later version' WHERE order_name = '16'";
    assert_eq!(file.execute(spoil, []).unwrap(), 1);
    drop(file);
    finds_the_second_alone(&store, &rows).await;
}

/// A payment that was paid with the receipt of that number, as a program kept it.
fn paid(number: u32) -> Payment {
    let receipt = format!("SKL{number:07}");
    let mut json: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&payment().to_json()).unwrap();
    for (name, value) in [
        ("state", "settled"),
        ("outcome", "success"),
        ("receipt", receipt.as_str()),
        ("settled_at", "2026-01-22T10:00:00.000+03:00"),
    ] {
        json.insert(name.to_owned(), value.into());
    }
    Payment::from_json(&serde_json::to_string(&json).unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_pruned_leaves_the_file() {
    let folder = Folder::new();
    let store = folder.store();
    let ledger = Ledger::over(std::sync::Arc::new(store.clone()), scope());
    // Longer than a page, so that pages of its own become free.
    let body = format!("{:>9000}", "254712345678").into_bytes();
    for number in 0..20_u32 {
        let payment = paid(number);
        let callback = Callback {
            payment: payment.id().clone(),
            digest: format!("{number:064}"),
            body: body.clone(),
            received_at: EatTime::from_unix_millis(0),
            verdict: Some("believed".to_owned()),
        };
        ledger.import(payment, &Import::default()).await.unwrap();
        store.keep(&callback, None).await.unwrap();
    }
    let contents = || {
        store.close();
        let bytes = std::fs::read(folder.file()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        (holds("254712345678"), holds("INV-001"), holds("SKL0000007"))
    };
    assert_eq!(contents(), (true, true, true));
    let pruned = ledger.prune(std::time::Duration::ZERO).await.unwrap();
    assert_eq!(pruned.payments, 20);
    assert_eq!(contents(), (false, false, true));
    let mut search = Search::of(scope());
    search.receipt = Some("SKL0000007".to_owned());
    let found = ledger.search(&search, None, 100).await.unwrap();
    assert_eq!(found.payments.len(), 1);
}

#[tokio::test]
async fn a_report_names_the_file_and_sees_a_damaged_page() {
    let folder = Folder::new();
    let store = folder.store();
    let ledger = Ledger::over(std::sync::Arc::new(store.clone()), scope());
    for number in 0..50 {
        ledger
            .import(paid(number), &Import::default())
            .await
            .unwrap();
    }
    let report = ledger.report().await.unwrap();
    assert_eq!(report.place, folder.file().display().to_string());
    assert_eq!((report.version, report.payments), (Some(2), 50));
    assert!(
        report.bytes.is_some_and(|bytes| bytes > 50_000),
        "{report:?}"
    );
    store.close();
    let mut bytes = std::fs::read(folder.file()).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    let page = bytes.get_mut(middle..middle + 64).unwrap();
    page.fill(0xAB);
    std::fs::write(folder.file(), bytes).unwrap();
    let damaged = ledger.report().await.unwrap_err();
    assert_eq!(damaged.code(), "ledger_corrupt");
}
