//! Rules of reading: what is found, in which order, and how much of it.

use super::bench::{Bench, Broken, Rule, demand, failed, new_id, new_receipt, paid, rule};
use crate::ledger::row::Row;
use crate::ledger::search::Search;
use crate::payment::PaymentState;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;
use std::time::Duration;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(the_payments_of_an_order_come_newest_first),
        rule!(versions_are_those_of_the_rows),
        rule!(a_search_finds_what_fits_every_filter),
        rule!(a_search_comes_in_pages),
        rule!(what_is_not_there_is_not_found),
        rule!(a_search_finds_what_is_open_and_what_is_owed),
        rule!(a_report_counts_its_scope),
    ]
}

async fn the_payments_of_an_order_come_newest_first(bench: Bench<'_>) -> Result<(), Broken> {
    let mut ids = Vec::new();
    for _ in 0..3 {
        let row = bench.claimed("17").await?;
        ids.insert(0, row.id().clone());
        bench
            .write(&Row {
                holds_order: false,
                ..row
            })
            .await?;
    }
    bench.claimed("18").await?;
    let order = bench.row("17")?.order.ok_or("an order was lost")?;
    let earlier = bench
        .store
        .earlier(&bench.scope, &order)
        .await
        .map_err(failed)?;
    let found: Vec<_> = earlier.rows.iter().map(|row| row.id().clone()).collect();
    demand!(
        found == ids,
        "{} payments, of three, or in another order",
        found.len()
    );
    let has_time = earlier.rows.iter().all(|row| row.read_at == earlier.now);
    demand!(has_time, "the rows and the answer have different clocks");
    Ok(())
}

async fn versions_are_those_of_the_rows(bench: Bench<'_>) -> Result<(), Broken> {
    let first = bench.claimed("17").await?;
    let second = bench.write(&bench.claimed("18").await?).await?;
    let ids = [first.id().clone(), second.id().clone(), new_id()?];
    let mut versions = bench.store.versions(&ids).await.map_err(failed)?;
    versions.sort_by_key(|(_, version)| *version);
    let expected = [(first.id().clone(), 1), (second.id().clone(), 2)];
    demand!(versions == expected, "{} versions, of two", versions.len());
    Ok(())
}

async fn found(bench: &Bench<'_>, search: &Search) -> Result<Vec<Row>, Broken> {
    bench.store.list(search, None, 100).await.map_err(failed)
}

async fn a_search_finds_what_fits_every_filter(bench: Bench<'_>) -> Result<(), Broken> {
    let open = bench.claimed("17").await?;
    let receipt = new_receipt()?;
    let claimed = bench.claimed("18").await?;
    let payment = paid(&claimed.payment, &receipt)?;
    let paid = bench.write(&Row { payment, ..claimed }).await?;
    let mut other = bench.row("17")?;
    other.scope = bench.other_shop.clone();
    bench.claim(&other).await?;
    let all = Search::of(bench.scope.clone());
    let reserved = open.payment.reserved_at();
    let later = reserved.plus(Duration::from_millis(1));
    let phone = |text| PhoneNumber::parse(text).map_err(|error| error.to_string());
    let prefix = |row: &Row, digits| row.id().as_str().get(..digits).map(str::to_owned);
    let cases: Vec<(&str, Search, Vec<&Row>)> = vec![
        ("a shop", all.clone(), vec![&paid, &open]),
        (
            "a state",
            Search {
                state: Some(PaymentState::Settled),
                ..all.clone()
            },
            vec![&paid],
        ),
        (
            "another state",
            Search {
                state: Some(PaymentState::Sending),
                ..all.clone()
            },
            vec![&open],
        ),
        (
            "a receipt",
            Search {
                receipt: Some(receipt.clone()),
                ..all.clone()
            },
            vec![&paid],
        ),
        (
            "another receipt",
            Search {
                receipt: Some("SKL0000000".to_owned()),
                ..all.clone()
            },
            vec![],
        ),
        (
            "a phone",
            Search {
                phone_number: Some(phone("254712345678")?),
                ..all.clone()
            },
            vec![&paid, &open],
        ),
        (
            "another phone",
            Search {
                phone_number: Some(phone("254712345679")?),
                ..all.clone()
            },
            vec![],
        ),
        (
            "a reference",
            Search {
                reference: Some("INV-001".to_owned()),
                ..all.clone()
            },
            vec![&paid, &open],
        ),
        (
            "another reference",
            Search {
                reference: Some("INV-00".to_owned()),
                ..all.clone()
            },
            vec![],
        ),
        (
            "a time",
            Search {
                since: Some(reserved),
                ..all.clone()
            },
            vec![&paid, &open],
        ),
        (
            "a later time",
            Search {
                since: Some(later),
                ..all.clone()
            },
            vec![],
        ),
        (
            "an id",
            Search {
                id_prefix: prefix(&open, 32),
                ..all.clone()
            },
            vec![&open],
        ),
        (
            "a beginning",
            Search {
                id_prefix: prefix(&paid, 12),
                ..all.clone()
            },
            vec![&paid],
        ),
        (
            "an order",
            Search {
                order: open.order.clone(),
                ..all.clone()
            },
            vec![&open],
        ),
        (
            "two filters",
            Search {
                state: Some(PaymentState::Sending),
                receipt: Some(receipt),
                ..all
            },
            vec![],
        ),
    ];
    for (what, search, expected) in cases {
        let rows = found(&bench, &search).await?;
        let ids: Vec<_> = rows.iter().map(Row::id).collect();
        let expected: Vec<_> = expected.into_iter().map(Row::id).collect();
        demand!(
            ids == expected,
            "{what} finds {} rows, of {}",
            ids.len(),
            expected.len()
        );
    }
    Ok(())
}

async fn a_search_comes_in_pages(bench: Bench<'_>) -> Result<(), Broken> {
    for number in 0..5 {
        bench.claimed(&format!("order {number}")).await?;
    }
    let all = Search::of(bench.scope.clone());
    let (mut before, mut orders) = (None, Vec::new());
    for _ in 0..4 {
        let page = bench.store.list(&all, before, 2).await.map_err(failed)?;
        demand!(
            page.len() <= 2,
            "a page of {} rows, of two at most",
            page.len()
        );
        before = page.last().map(|row| row.seq).or(before);
        orders.extend(page.iter().filter_map(|row| row.order.clone()));
    }
    let expected = ["order 4", "order 3", "order 2", "order 1", "order 0"];
    let orders: Vec<&str> = orders.iter().map(|order| order.as_str()).collect();
    demand!(orders == expected, "the pages have {orders:?}");
    Ok(())
}

async fn what_is_not_there_is_not_found(bench: Bench<'_>) -> Result<(), Broken> {
    let load = bench.store.load(&new_id()?).await.map_err(failed)?;
    demand!(load.is_none(), "a payment that was never claimed is there");
    let order = bench.row("17")?.order.ok_or("an order was lost")?;
    let earlier = bench
        .store
        .earlier(&bench.scope, &order)
        .await
        .map_err(failed)?;
    demand!(
        earlier.rows.is_empty(),
        "an order that was never claimed has payments"
    );
    let year_2000 = EatTime::from_unix_millis(946_684_800_000);
    demand!(
        earlier.now > year_2000,
        "the store's clock stands at {}",
        earlier.now
    );
    Ok(())
}

/// Rows of one shop: one that is being sent, one that was refused and is free, and one that is paid and owed.
async fn of_three_kinds(bench: &Bench<'_>) -> Result<[Row; 3], Broken> {
    let open = bench.claimed("17").await?;
    let claimed = bench.claimed("18").await?;
    let payment = super::bench::with(&claimed.payment, &[("state", "reserved".into())])?;
    let refused = bench
        .write(&Row {
            payment,
            holds_order: false,
            ..claimed
        })
        .await?;
    let claimed = bench.claimed("19").await?;
    let payment = paid(&claimed.payment, &new_receipt()?)?;
    let owed = bench
        .write(&Row {
            payment,
            news: 1,
            ..claimed
        })
        .await?;
    Ok([open, refused, owed])
}

async fn a_search_finds_what_is_open_and_what_is_owed(bench: Bench<'_>) -> Result<(), Broken> {
    let [open, _, owed] = of_three_kinds(&bench).await?;
    let mut search = Search::of(bench.scope.clone());
    search.only_open = true;
    let rows = found(&bench, &search).await?;
    let is_open: Vec<_> = rows.iter().map(Row::id).collect();
    demand!(is_open == [open.id()], "{} are open, of one", rows.len());
    search.only_owed = true;
    let rows = found(&bench, &search).await?;
    demand!(rows.is_empty(), "{} are open and owed, of none", rows.len());
    search.only_open = false;
    let rows = found(&bench, &search).await?;
    let is_owed: Vec<_> = rows.iter().map(Row::id).collect();
    demand!(is_owed == [owed.id()], "{} are owed, of one", rows.len());
    Ok(())
}

async fn a_report_counts_its_scope(bench: Bench<'_>) -> Result<(), Broken> {
    of_three_kinds(&bench).await?;
    let mut other = bench.row("17")?;
    other.scope = bench.other_shop.clone();
    bench.claim(&other).await?;
    let report = bench.store.report(&bench.scope).await.map_err(failed)?;
    let counts = (report.payments, report.open, report.owed);
    demand!(
        counts == (3, 1, 1),
        "payments, open and owed are {counts:?}, of (3, 1, 1)"
    );
    demand!(!report.place.is_empty(), "the report names no place");
    Ok(())
}
