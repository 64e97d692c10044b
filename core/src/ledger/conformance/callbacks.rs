//! Rules of callbacks: what is answered with HTTP 200 is kept, once, with what was made of it.

use super::bench::{Bench, Broken, Rule, demand, failed, new_id, rule};
use crate::error::ids::PaymentId;
use crate::ledger::contract::{MAX_CALLBACKS, Replaced};
use crate::ledger::row::{Callback, Row};
use crate::values::clock::EatTime;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(a_callback_waits_until_it_is_judged),
        rule!(a_verdict_is_written_once),
        rule!(a_callback_and_its_row_are_written_together_or_not_at_all),
        rule!(a_callback_that_comes_twice_is_kept_once),
        rule!(the_callbacks_of_a_payment_are_bounded),
        rule!(callbacks_wait_for_their_own_account),
        rule!(a_callback_without_a_row_is_kept_and_nobody_waits_for_it),
        rule!(the_callbacks_of_a_payment_come_in_their_order),
        rule!(a_prune_deletes_the_bodies_and_writes_the_row),
    ]
}

fn callback(payment: &PaymentId, number: usize) -> Callback {
    Callback {
        payment: payment.clone(),
        digest: format!("{number:064x}"),
        body: format!("{{\"body\":{number}}}").into_bytes(),
        received_at: EatTime::from_unix_millis(0),
        verdict: None,
    }
}

fn judged(callback: &Callback) -> Callback {
    Callback {
        verdict: Some("believed".to_owned()),
        ..callback.clone()
    }
}

async fn keep(bench: &Bench<'_>, callback: &Callback) -> Result<(), Broken> {
    let kept = bench.store.keep(callback, None).await.map_err(failed)?;
    demand!(
        kept == Replaced::Written,
        "a callback was not kept: {kept:?}"
    );
    Ok(())
}

/// Keeps a callback together with a change of its payment's row, and looks whether the row was written.
async fn keep_with_row(bench: &Bench<'_>, given: &Callback, row: &Row) -> Result<(), Broken> {
    let more = Row {
        asks: 1,
        ..row.clone()
    };
    let kept = bench.store.keep(given, Some(&more)).await.map_err(failed)?;
    demand!(kept == Replaced::Written, "a fresh row was {kept:?}");
    demand!(
        bench.stored(row).await?.asks == 1,
        "the row was not written"
    );
    Ok(())
}

async fn waiting(bench: &Bench<'_>) -> Result<Vec<Callback>, Broken> {
    bench
        .store
        .waiting(bench.party(), 1_000)
        .await
        .map_err(failed)
}

async fn a_callback_waits_until_it_is_judged(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let [first, second] = [callback(row.id(), 1), callback(row.id(), 2)];
    keep(&bench, &first).await?;
    keep(&bench, &second).await?;
    let waits = waiting(&bench).await?;
    let bodies: Vec<&[u8]> = waits
        .iter()
        .map(|callback| callback.body.as_slice())
        .collect();
    demand!(
        bodies == [&first.body[..], &second.body[..]],
        "{} wait, of two",
        bodies.len()
    );
    let has_time = waits
        .iter()
        .all(|it| it.received_at > EatTime::from_unix_millis(0));
    demand!(has_time, "a callback has no time of its own");
    let most = bench
        .store
        .waiting(bench.party(), 1)
        .await
        .map_err(failed)?;
    demand!(most.len() == 1, "more callbacks than were asked for");
    keep(&bench, &judged(&first)).await?;
    let left = waiting(&bench).await?;
    let digests: Vec<&str> = left.iter().map(|it| it.digest.as_str()).collect();
    demand!(
        digests == [second.digest.as_str()],
        "{} wait, of one",
        digests.len()
    );
    Ok(())
}

async fn a_verdict_is_written_once(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let given = callback(row.id(), 1);
    keep(&bench, &judged(&given)).await?;
    keep(&bench, &given).await?;
    let waits = waiting(&bench).await?;
    demand!(waits.is_empty(), "a callback that was judged waits again");
    Ok(())
}

async fn a_callback_and_its_row_are_written_together_or_not_at_all(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let given = callback(row.id(), 1);
    keep_with_row(&bench, &given, &row).await?;
    let late = callback(row.id(), 2);
    let stale = bench.store.keep(&late, Some(&row)).await.map_err(failed)?;
    demand!(stale == Replaced::Stale, "a stale row was {stale:?}");
    let waits = waiting(&bench).await?.len();
    demand!(waits == 1, "a callback was kept without its row");
    Ok(())
}

async fn a_callback_that_comes_twice_is_kept_once(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let given = callback(row.id(), 1);
    keep(&bench, &given).await?;
    keep(&bench, &given).await?;
    let waits = waiting(&bench).await?.len();
    demand!(waits == 1, "it waits {waits} times");
    Ok(())
}

async fn the_callbacks_of_a_payment_are_bounded(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    for number in 0..MAX_CALLBACKS {
        keep(&bench, &callback(row.id(), number)).await?;
    }
    let given = callback(row.id(), MAX_CALLBACKS);
    keep_with_row(&bench, &given, &row).await?;
    let waits = waiting(&bench).await?.len();
    demand!(
        waits == MAX_CALLBACKS,
        "{waits} are kept, of {MAX_CALLBACKS} at most"
    );
    keep(&bench, &judged(&callback(row.id(), 0))).await?;
    let waits = waiting(&bench).await?.len();
    demand!(
        waits == MAX_CALLBACKS - 1,
        "one that is kept was not judged"
    );
    Ok(())
}

async fn callbacks_wait_for_their_own_account(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    keep(&bench, &callback(row.id(), 1)).await?;
    for party in bench.strangers() {
        let waits = bench.store.waiting(party, 10).await.map_err(failed)?;
        demand!(waits.is_empty(), "{party:?} gets another's callbacks");
    }
    Ok(())
}

async fn a_callback_without_a_row_is_kept_and_nobody_waits_for_it(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let orphan = callback(&new_id()?, 1);
    keep(&bench, &orphan).await?;
    let waits = waiting(&bench).await?;
    demand!(waits.is_empty(), "an orphan waits");
    Ok(())
}

async fn bodies(bench: &Bench<'_>, id: &PaymentId) -> Result<Vec<Vec<u8>>, Broken> {
    let callbacks = bench.store.callbacks(id).await.map_err(failed)?;
    Ok(callbacks.into_iter().map(|it| it.body).collect())
}

async fn the_callbacks_of_a_payment_come_in_their_order(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let other = bench.claimed("18").await?;
    let [first, second] = [callback(row.id(), 1), callback(row.id(), 2)];
    keep(&bench, &judged(&first)).await?;
    keep(&bench, &callback(other.id(), 3)).await?;
    keep(&bench, &second).await?;
    let kept = bench.store.callbacks(row.id()).await.map_err(failed)?;
    let verdicts: Vec<bool> = kept.iter().map(|it| it.verdict.is_some()).collect();
    demand!(
        verdicts == [true, false],
        "{} callbacks, of one that is judged and one that is not",
        kept.len()
    );
    let has_bodies = bodies(&bench, row.id()).await? == [first.body, second.body];
    demand!(has_bodies, "the bodies differ, or their order");
    Ok(())
}

async fn a_prune_deletes_the_bodies_and_writes_the_row(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.claimed("17").await?;
    let other = bench.claimed("18").await?;
    for number in 1..3 {
        keep(&bench, &callback(row.id(), number)).await?;
        keep(&bench, &callback(other.id(), number)).await?;
    }
    let fresh = bench.write(&row).await?;
    let stale = bench.store.prune(&row).await.map_err(failed)?;
    demand!(stale == Replaced::Stale, "a stale row was {stale:?}");
    let left = bodies(&bench, row.id()).await?.len();
    demand!(
        left == 2,
        "{left} bodies are left by a prune that wrote nothing, of two"
    );
    let pruned = Row { asks: 7, ..fresh };
    let written = bench.store.prune(&pruned).await.map_err(failed)?;
    demand!(written == Replaced::Written, "a fresh row was {written:?}");
    let asks = bench.stored(&row).await?.asks;
    demand!(
        asks == 7,
        "the bodies are gone, and the row was not written"
    );
    let left = bodies(&bench, row.id()).await?.len();
    demand!(left == 0, "{left} bodies are left");
    let others = bodies(&bench, other.id()).await?.len();
    demand!(others == 2, "another payment has {others} bodies, of two");
    let waits = waiting(&bench).await?.len();
    demand!(waits == 2, "{waits} wait, of two");
    Ok(())
}
