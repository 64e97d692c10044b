//! Rules of leases and questions: who may ask, and when.

use super::bench::{Bench, Broken, LONG, Rule, demand, failed, rule};
use crate::ledger::contract::{Claimed, Version};
use crate::ledger::row::Row;
use futures_util::future::join_all;
use std::time::Duration;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(a_sender_is_forgotten_when_its_lease_ends),
        rule!(a_question_is_due_at_its_time),
        rule!(questions_are_due_to_their_own_account),
        rule!(of_many_who_would_ask_one_may),
        rule!(a_question_that_is_claimed_is_not_due),
    ]
}

async fn a_sender_is_forgotten_when_its_lease_ends(bench: Bench<'_>) -> Result<(), Broken> {
    let alive = bench.claimed("alive").await?;
    let row = bench.row("dead")?;
    let claimed = bench.store.claim(&row, None, Duration::ZERO);
    let Claimed::Taken(dead) = claimed.await.map_err(failed)? else {
        return Err("a free order was not claimed".to_owned());
    };
    let forgotten = bench
        .store
        .forgotten(&bench.scope, 10)
        .await
        .map_err(failed)?;
    let ids: Vec<_> = forgotten.iter().map(Row::id).collect();
    demand!(ids == [dead.id()], "{} are forgotten, of one", ids.len());
    let other = bench
        .store
        .forgotten(&bench.other_shop, 10)
        .await
        .map_err(failed)?;
    demand!(other.is_empty(), "another shop's sender is forgotten here");
    bench
        .write(&Row {
            lease_until: None,
            ..*dead
        })
        .await?;
    let forgotten = bench
        .store
        .forgotten(&bench.scope, 10)
        .await
        .map_err(failed)?;
    demand!(forgotten.is_empty(), "a row without a lease is forgotten");
    demand!(
        bench.stored(&alive).await?.is_leased(),
        "a lease of an hour is over"
    );
    Ok(())
}

/// Rows whose questions are due, the second before the first, and one that is not due.
async fn asked(bench: &Bench<'_>) -> Result<[Row; 3], Broken> {
    let mut rows = Vec::new();
    for (order, seconds) in [("first", 1), ("second", 2), ("later", -3_600)] {
        let row = bench.claimed(order).await?;
        let millis = row.read_at.unix_millis() - seconds * 1_000;
        let ask_after = Some(crate::values::clock::EatTime::from_unix_millis(millis));
        rows.push(bench.write(&Row { ask_after, ..row }).await?);
    }
    rows.try_into().map_err(|_| "three rows".to_owned())
}

async fn a_question_is_due_at_its_time(bench: Bench<'_>) -> Result<(), Broken> {
    let [first, second, _] = asked(&bench).await?;
    let due = bench.store.due(bench.party(), 10).await.map_err(failed)?;
    let ids: Vec<_> = due.iter().map(Row::id).collect();
    demand!(
        ids == [second.id(), first.id()],
        "{} are due, of two, or in another order",
        ids.len()
    );
    let due = bench.store.due(bench.party(), 1).await.map_err(failed)?;
    let ids: Vec<_> = due.iter().map(Row::id).collect();
    demand!(ids == [second.id()], "the earliest is not the first");
    bench
        .write(&Row {
            ask_after: None,
            ..second
        })
        .await?;
    let due = bench.store.due(bench.party(), 10).await.map_err(failed)?;
    demand!(due.len() == 1, "a row with nothing to ask is due");
    Ok(())
}

async fn questions_are_due_to_their_own_account(bench: Bench<'_>) -> Result<(), Broken> {
    asked(&bench).await?;
    for party in bench.strangers() {
        let due = bench.store.due(party, 10).await.map_err(failed)?;
        demand!(
            due.is_empty(),
            "{party:?} is to ask about another's payments"
        );
    }
    Ok(())
}

async fn of_many_who_would_ask_one_may(bench: Bench<'_>) -> Result<(), Broken> {
    let [row, ..] = asked(&bench).await?;
    let claims = (0..16).map(|_| bench.store.claim_question(Version::of(&row), LONG));
    let mut granted = 0;
    for claim in join_all(claims).await {
        granted += usize::from(claim.map_err(failed)?.is_some());
    }
    demand!(granted == 1, "{granted} of 16 may ask");
    Ok(())
}

async fn a_question_that_is_claimed_is_not_due(bench: Bench<'_>) -> Result<(), Broken> {
    let [row, ..] = asked(&bench).await?;
    let claimed = bench.store.claim_question(Version::of(&row), LONG);
    let Some(claimed) = claimed.await.map_err(failed)? else {
        return Err("a question that nobody else has was not granted".to_owned());
    };
    demand!(claimed.asks == row.asks + 1, "the question was not counted");
    demand!(
        claimed.asked_at == Some(claimed.read_at),
        "the question has no time"
    );
    demand!(
        claimed.version == row.version + 1,
        "the version is {}",
        claimed.version
    );
    let differs = super::bench::difference(&claimed, &bench.stored(&row).await?);
    demand!(differs.is_none(), "what is stored differs in {differs:?}");
    let due = bench.store.due(bench.party(), 10).await.map_err(failed)?;
    let is_due = due.iter().any(|due| due.id() == row.id());
    demand!(!is_due, "a question that somebody asks is due");
    Ok(())
}
