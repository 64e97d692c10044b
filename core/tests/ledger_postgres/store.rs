//! The store by itself: the contract, and what a database keeps.

use crate::rows::{LEASE, claim, claim_two, finds_the_second_alone, payment, row, scope};
use crate::server::{Server, new_name, shared};
use lipia::Payment;
use lipia::ledger::{
    Callback, Claimed, LedgerStore, Party, PostgresLedger, Replaced, Row, TellingEnd, Version,
    conformance,
};
use lipia::values::{EatTime, Receipt};
use std::time::Duration;

/// A ledger of the test's own, and the name of its schema.
async fn ledger() -> (&'static Server, String, PostgresLedger) {
    let schema = new_name("store");
    let store = PostgresLedger::at(&shared().address(&schema)).unwrap();
    store.check().await.unwrap();
    (shared(), schema, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds() {
    let broken = conformance::check(&shared().store()).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn of_two_who_claim_over_the_same_payment_one_gets_the_order() {
    let (_, _, store) = ledger().await;
    for round in 0..30 {
        let order = format!("order {round}");
        let (earlier, _) = claim(&store, &order).await.unwrap();
        let rows: Vec<Row> = (0..4).map(|_| row(payment(), &order)).collect();
        let claims = (rows.iter()).map(|row| store.claim(row, Some(Version::of(&earlier)), LEASE));
        let claimed = futures_util::future::join_all(claims).await;
        let mut taken = Vec::new();
        let mut held = Vec::new();
        for claimed in claimed {
            match claimed.unwrap() {
                Claimed::Taken(row) => taken.push(row.id().clone()),
                Claimed::Held(row) => held.push(row.id().clone()),
            }
        }
        assert_eq!(taken.len(), 1, "{taken:?}");
        assert!(held.iter().all(|id| *id == taken[0]), "{held:?} {taken:?}");
        let freed = store.load(earlier.id()).await.unwrap().unwrap();
        assert_eq!((freed.holds_order, freed.version), (false, 2));
    }
}

#[tokio::test]
async fn members_that_a_later_version_wrote_survive_a_write_of_this_one() {
    let (server, schema, store) = ledger().await;
    let (read, _) = claim(&store, "17").await.unwrap();
    server.sql(&format!(
        "UPDATE {schema}.payments SET payment = payment || '{{\"later\": [1, 2]}}'"
    ));
    let asked = Row { asks: 1, ..read };
    assert_eq!(store.replace(&asked).await.unwrap(), Replaced::Written);
    let query = |what: &str| server.sql(&format!("SELECT {what} FROM {schema}.payments"));
    assert_eq!(query("asks"), "1");
    assert_eq!(query("payment -> 'later'"), "[1, 2]");
    let read = Payment::from_json(&query("payment")).unwrap();
    assert_eq!(read.id(), asked.id());
}

#[tokio::test]
async fn what_a_gateway_wrote_with_the_character_nul_is_kept() {
    let (server, schema, store) = ledger().await;
    let (read, _) = claim(&store, "17").await.unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&read.payment.to_json()).unwrap();
    json["receipt"] = "SKL\u{0}1".into();
    let written = Row {
        payment: Payment::from_json(&json.to_string()).unwrap(),
        trouble: Some("the shop said \u{0}".to_owned()),
        ..read
    };
    assert_eq!(store.replace(&written).await.unwrap(), Replaced::Written);
    let read = store.load(written.id()).await.unwrap().unwrap();
    assert_eq!(
        read.payment.receipt().map(Receipt::as_str),
        Some("SKL\u{FFFD}1")
    );
    assert_eq!(read.trouble.as_deref(), Some("the shop said \u{FFFD}"));
    let column = server.sql(&format!("SELECT receipt FROM {schema}.payments"));
    assert_eq!(column, "SKL\u{FFFD}1");
    // A body is bytes, and stays as it came.
    let callback = Callback {
        payment: written.id().clone(),
        digest: "0".repeat(64),
        body: b"\0\xff{".to_vec(),
        received_at: EatTime::from_unix_millis(0),
        verdict: None,
    };
    store.keep(&callback, None).await.unwrap();
    let scope = scope();
    let party = Party {
        scope: &scope,
        account: &written.account,
    };
    let waiting = store.waiting(party, 10).await.unwrap();
    assert_eq!(waiting[0].body, callback.body);
}

#[tokio::test]
async fn every_look_up_uses_an_index() {
    let (server, schema, store) = ledger().await;
    claim(&store, "first").await.unwrap();
    // 20,000 more payments, most of them long settled, since of a small table PostgreSQL rightly reads all.
    let table = format!("{schema}.payments");
    server.sql(&format!(
        "CREATE TEMPORARY TABLE one AS SELECT * FROM {table};
         ALTER TABLE one DROP COLUMN seq;
         INSERT INTO {table} (id, version, environment, shop, account, order_name, holds_order, gateway, state, outcome,
                              is_paid, amount, phone, reference, receipt, reserved_at, lease_until, ask_after, asks, news, told,
                              owed_after, attempts, payment)
         SELECT md5(n::text), 1, environment, shop, account, n::text, true, gateway,
                CASE n % 1000 WHEN 0 THEN 'unknown' ELSE 'settled' END, outcome, true, amount, n::text, n::text, n::text, now(),
                CASE n % 1000 WHEN 0 THEN now() END, CASE n % 1000 WHEN 0 THEN now() END, 0,
                CASE n % 1000 WHEN 0 THEN 1 ELSE 0 END, 0, now(), 0, payment
         FROM one, generate_series(1, 20000) AS n;
         ANALYZE {table}"
    ));
    let scoped = "environment = 'sandbox' AND shop = 'default'";
    for (condition, index) in [
        ("id = 'x' AND version = 1", "payments_id_key"),
        ("id = ANY('{x,y}')", "payments_id_key"),
        (
            &format!("{scoped} AND order_name = 'o' AND holds_order"),
            // That of claims or that of orders: a paid order has few payments.
            "Index Scan using payments_",
        ),
        (
            &format!("{scoped} AND order_name = 'o' ORDER BY seq DESC LIMIT 9"),
            "payments_order",
        ),
        (
            &format!("{scoped} AND lease_until <= now() ORDER BY lease_until, seq LIMIT 9"),
            "payments_leased",
        ),
        (
            &format!(
                "{scoped} AND account = 'daraja:174379' AND ask_after <= now() ORDER BY ask_after, seq LIMIT 9"
            ),
            "payments_due",
        ),
        (
            &format!(
                "{scoped} AND news > told AND owed_after <= now() ORDER BY owed_after, seq LIMIT 9"
            ),
            "payments_owed",
        ),
        (
            &format!(
                "{scoped} AND state <> 'settled' AND state = 'unknown' ORDER BY seq DESC LIMIT 9"
            ),
            "payments_open",
        ),
        (
            &format!("{scoped} AND receipt = 'r' ORDER BY seq DESC LIMIT 9"),
            "payments_receipt",
        ),
        (
            &format!("{scoped} AND phone = 'p' ORDER BY seq DESC LIMIT 9"),
            "payments_phone",
        ),
        (
            &format!("{scoped} AND reference = 'r' ORDER BY seq DESC LIMIT 9"),
            "payments_reference",
        ),
    ] {
        let plan = server.sql(&format!(
            "EXPLAIN SELECT payment FROM {table} WHERE {condition}"
        ));
        assert!(plan.contains(index), "{condition}: {plan}");
        assert!(!plan.contains("Seq Scan"), "{condition}: {plan}");
    }
    // What an id begins with is a range of its index, whatever the language of the database.
    let condition = "id >= '0c51' AND id < '0c51~'";
    let plan = server.sql(&format!(
        "EXPLAIN SELECT payment FROM {table} WHERE {condition}"
    ));
    assert!(plan.contains("Index Cond: ((id >= "), "{plan}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_row_from_being_found() {
    let (server, schema, store) = ledger().await;
    let rows = claim_two(&store).await;
    server.sql(&format!(
        "UPDATE {schema}.payments SET payment = '{{}}' WHERE order_name = '16'"
    ));
    finds_the_second_alone(&store, &rows).await;
}

/// The telling of a payment that is owed.
async fn telling(store: &PostgresLedger, order: &str) -> Row {
    let (row, _) = claim(store, order).await.unwrap();
    let owed = Row { news: 1, ..row };
    assert_eq!(store.replace(&owed).await.unwrap(), Replaced::Written);
    let mut owed = store.owed(&scope(), LEASE, 1).await.unwrap();
    owed.remove(0).row
}

#[tokio::test]
async fn a_telling_is_acknowledged_in_the_shops_own_transaction_or_not_at_all() {
    let (server, schema, store) = ledger().await;
    server.sql(&format!(
        "CREATE TABLE {schema}.orders (name text PRIMARY KEY)"
    ));
    let row = telling(&store, "17").await;
    let acknowledge = |attempt: u32, end: &str| {
        server.sql_as(
            "shop",
            crate::server::PASSWORD,
            &format!(
                "BEGIN; INSERT INTO {schema}.orders VALUES ('17');
                 SELECT {schema}.acknowledge('{}', {attempt}); {end}",
                row.id()
            ),
        )
    };
    let orders = || server.sql(&format!("SELECT count(*) FROM {schema}.orders"));
    let stored = async || store.load(row.id()).await.unwrap().unwrap();

    // Undone with the shop's own work.
    acknowledge(row.attempts, "ROLLBACK").unwrap();
    assert!(stored().await.is_owed());

    // Another telling has begun: this one's work is undone.
    let late = acknowledge(row.attempts + 1, "COMMIT").unwrap_err();
    assert!(late.contains("was told again since attempt"), "{late}");
    assert_eq!(orders(), "0");
    assert!(stored().await.is_owed());

    // Committed with the shop's own work. News that came since the telling began is still owed.
    let more = Row {
        news: 2,
        ..stored().await
    };
    assert_eq!(store.replace(&more).await.unwrap(), Replaced::Written);
    acknowledge(row.attempts, "COMMIT").unwrap();
    assert_eq!(orders(), "1");
    let told = stored().await;
    assert_eq!((told.told, told.news), (1, 2));

    // The store's own acknowledgement afterwards changes nothing.
    let end = TellingEnd::Taken { news: 1 };
    assert!(store.told(row.id(), row.attempts, &end).await.unwrap());
    assert_eq!(stored().await.told, 1);
}

#[tokio::test]
async fn tellers_do_not_wait_for_a_row_that_a_transaction_of_the_shops_holds() {
    let (server, schema, store) = ledger().await;
    let held = telling(&store, "16").await;
    let free = Row {
        news: 1,
        ..claim(&store, "17").await.unwrap().0
    };
    assert_eq!(store.replace(&free).await.unwrap(), Replaced::Written);
    let end = TellingEnd::Failed {
        again_in: Duration::ZERO,
        trouble: "the shop is closed".to_owned(),
    };
    assert!(store.told(held.id(), held.attempts, &end).await.unwrap());
    let sleeps = std::thread::spawn({
        let statements = format!(
            "BEGIN; SELECT {schema}.acknowledge('{}', {}); SELECT pg_sleep(15); ROLLBACK",
            held.id(),
            held.attempts
        );
        move || {
            server
                .sql_as("shop", crate::server::PASSWORD, &statements)
                .unwrap_err()
        }
    });
    let waits = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{}%pg_sleep%' AND wait_event = 'PgSleep'",
        held.id()
    );
    while server.sql(&waits) != "1" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let began = std::time::Instant::now();
    let owed = store.owed(&scope(), LEASE, 10).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(8));
    let ids: Vec<_> = owed.iter().map(|telling| telling.row.id()).collect();
    assert_eq!(ids, [free.id()]);
    server.sql(&waits.replace("count(*)", "pg_terminate_backend(pid)"));
    sleeps.join().unwrap();
}
