//! Rules of writing rows: nobody overwrites what somebody else has written.

use super::bench::{Bench, Broken, Rule, demand, difference, failed, new_receipt, paid, rule};
use crate::ledger::contract::Replaced;
use crate::ledger::row::Row;
use crate::values::clock::EatTime;
use futures_util::future::join_all;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(a_write_keeps_every_field),
        rule!(a_stale_write_changes_nothing),
        rule!(of_many_writes_at_once_none_is_lost),
        rule!(a_payment_without_a_row_is_not_written),
        rule!(an_order_that_another_holds_is_not_taken_by_a_write),
        rule!(an_order_that_was_given_up_can_be_held_again),
    ]
}

async fn a_write_keeps_every_field(bench: Bench<'_>) -> Result<(), Broken> {
    let claimed = bench.claimed("17").await?;
    let at = |millis: i64| Some(EatTime::from_unix_millis(1_790_000_000_123 + millis));
    let row = Row {
        payment: paid(&claimed.payment, &new_receipt()?)?,
        lease_until: None,
        ask_after: at(1),
        asked_at: at(2),
        asks: 7,
        news: 3,
        told: 2,
        owed_after: EatTime::from_unix_millis(1_790_000_000_456),
        attempts: 5,
        trouble: Some("the shop said \u{201c}no\u{201d}".to_owned()),
        released_at: at(3),
        ..claimed
    };
    let stored = bench.write(&row).await?;
    let differs = difference(&row, &stored);
    demand!(differs.is_none(), "what is stored differs in {differs:?}");
    demand!(
        stored.version == row.version + 1,
        "the version is {}",
        stored.version
    );
    Ok(())
}

async fn a_stale_write_changes_nothing(bench: Bench<'_>) -> Result<(), Broken> {
    let read = bench.claimed("17").await?;
    let written = bench
        .write(&Row {
            asks: 1,
            ..read.clone()
        })
        .await?;
    let stale = Row { asks: 9, ..read };
    let replaced = bench.store.replace(&stale).await.map_err(failed)?;
    demand!(replaced == Replaced::Stale, "a stale row was {replaced:?}");
    let differs = difference(&written, &bench.stored(&written).await?);
    demand!(differs.is_none(), "a stale write changed {differs:?}");
    Ok(())
}

async fn of_many_writes_at_once_none_is_lost(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let add_one = || async {
        for _ in 0..1_000 {
            let read = bench.stored(&row).await?;
            // A store that answers at once would let each of them end before the next one begins.
            tokio::task::yield_now().await;
            let more = Row {
                asks: read.asks + 1,
                ..read
            };
            if bench.store.replace(&more).await.map_err(failed)? == Replaced::Written {
                return Ok(());
            }
        }
        Err::<(), Broken>("a write was stale a thousand times".to_owned())
    };
    for added in join_all((0..16).map(|_| add_one())).await {
        added?;
    }
    let asks = bench.stored(&row).await?.asks;
    demand!(asks == 16, "of 16 writes {asks} were kept");
    Ok(())
}

async fn a_payment_without_a_row_is_not_written(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.row("17")?;
    let replaced = bench.store.replace(&row).await.map_err(failed)?;
    demand!(
        replaced == Replaced::Stale,
        "a row that was never claimed was {replaced:?}"
    );
    let stored = bench.store.load(row.id()).await.map_err(failed)?;
    demand!(stored.is_none(), "a row that was never claimed is there");
    Ok(())
}

async fn an_order_that_another_holds_is_not_taken_by_a_write(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let first = bench.claimed("17").await?;
    let freed = bench
        .write(&Row {
            holds_order: false,
            ..first
        })
        .await?;
    bench.claimed("17").await?;
    let back = Row {
        holds_order: true,
        asks: 9,
        ..freed.clone()
    };
    let replaced = bench.store.replace(&back).await.map_err(failed)?;
    demand!(
        replaced == Replaced::OrderHeld,
        "two payments hold one order: {replaced:?}"
    );
    let differs = difference(&freed, &bench.stored(&freed).await?);
    demand!(differs.is_none(), "a refused write changed {differs:?}");
    Ok(())
}

async fn an_order_that_was_given_up_can_be_held_again(bench: Bench<'_>) -> Result<(), Broken> {
    let first = bench.claimed("17").await?;
    let freed = bench
        .write(&Row {
            holds_order: false,
            ..first
        })
        .await?;
    let held = bench
        .write(&Row {
            holds_order: true,
            ..freed
        })
        .await?;
    demand!(held.holds_order, "the order is not held");
    bench
        .write(&Row {
            holds_order: false,
            ..held
        })
        .await?;
    bench.claimed("17").await?;
    Ok(())
}
