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
