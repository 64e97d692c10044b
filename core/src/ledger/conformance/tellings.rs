//! Rules of tellings: at least once, one at a time, and with what is true now.

use super::bench::{Bench, Broken, LONG, Rule, demand, failed, new_receipt, paid, rule};
use crate::ledger::contract::TellingEnd;
use crate::ledger::row::{Row, Telling};
use futures_util::future::join_all;
use std::time::Duration;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(what_is_owed_is_leased_to_one),
        rule!(a_lease_that_ends_is_owed_again),
        rule!(what_was_taken_is_not_owed),
        rule!(what_came_meanwhile_is_still_owed),
        rule!(a_telling_that_failed_waits),
        rule!(only_the_last_attempt_ends_a_telling),
        rule!(a_telling_says_whether_the_order_is_paid),
        rule!(shops_are_told_of_their_own),
    ]
}

/// A row with one piece of news.
async fn news(bench: &Bench<'_>, order: &str) -> Result<Row, Broken> {
    let row = bench.claimed(order).await?;
    bench
        .write(&Row {
            news: 1,
            owed_after: row.read_at,
            ..row
        })
        .await
}

async fn owed(bench: &Bench<'_>, lease: Duration) -> Result<Vec<Telling>, Broken> {
    bench
        .store
        .owed(&bench.scope, lease, 10)
        .await
        .map_err(failed)
}

async fn told(bench: &Bench<'_>, row: &Row, end: TellingEnd) -> Result<bool, Broken> {
    let told = bench.store.told(row.id(), row.attempts, &end);
    told.await.map_err(failed)
}

/// The only telling.
fn only(tellings: Vec<Telling>) -> Result<Telling, Broken> {
    let count = tellings.len();
    tellings
        .into_iter()
        .next()
        .filter(|_| count == 1)
        .ok_or_else(|| format!("{count} are owed, of one"))
}

async fn what_is_owed_is_leased_to_one(bench: Bench<'_>) -> Result<(), Broken> {
    let row = news(&bench, "17").await?;
    bench.claimed("without news").await?;
    let leases = (0..16).map(|_| owed(&bench, LONG));
    let mut tellings = Vec::new();
    for lease in join_all(leases).await {
        tellings.extend(lease?);
    }
    let telling = only(tellings)?;
    demand!(telling.row.id() == row.id(), "another row is owed");
    demand!(
        telling.row.attempts == 1,
        "the attempt is {}",
        telling.row.attempts
    );
    let differs = super::bench::difference(&telling.row, &bench.stored(&row).await?);
    demand!(differs.is_none(), "what is stored differs in {differs:?}");
    Ok(())
}

async fn a_lease_that_ends_is_owed_again(bench: Bench<'_>) -> Result<(), Broken> {
    news(&bench, "17").await?;
    only(owed(&bench, Duration::ZERO).await?)?;
    let again = only(owed(&bench, LONG).await?)?;
    demand!(
        again.row.attempts == 2,
        "the attempt is {}",
        again.row.attempts
    );
    Ok(())
}

async fn what_was_taken_is_not_owed(bench: Bench<'_>) -> Result<(), Broken> {
    news(&bench, "17").await?;
    let Telling { row, .. } = only(owed(&bench, LONG).await?)?;
    demand!(
        told(&bench, &row, TellingEnd::Taken { news: 1 }).await?,
        "it was not taken"
    );
    let stored = bench.stored(&row).await?;
    demand!(
        stored.told == 1 && !stored.is_owed(),
        "told up to {}",
        stored.told
    );
    demand!(
        stored.version == row.version + 1,
        "the version is {}",
        stored.version
    );
    demand!(owed(&bench, LONG).await?.is_empty(), "it is owed again");
    Ok(())
}

async fn what_came_meanwhile_is_still_owed(bench: Bench<'_>) -> Result<(), Broken> {
    news(&bench, "17").await?;
    let Telling { row, .. } = only(owed(&bench, LONG).await?)?;
    bench
        .write(&Row {
            news: 2,
            ..row.clone()
        })
        .await?;
    demand!(
        told(&bench, &row, TellingEnd::Taken { news: 1 }).await?,
        "it was not taken"
    );
    let telling = only(owed(&bench, LONG).await?)?;
    demand!(
        telling.row.attempts == 2,
        "the fence is {}",
        telling.row.attempts
    );
    Ok(())
}

async fn a_telling_that_failed_waits(bench: Bench<'_>) -> Result<(), Broken> {
    news(&bench, "17").await?;
    let failed = |again_in| TellingEnd::Failed {
        again_in,
        trouble: "the shop is closed".to_owned(),
    };
    let Telling { row, .. } = only(owed(&bench, LONG).await?)?;
    demand!(
        told(&bench, &row, failed(Duration::ZERO)).await?,
        "it did not end"
    );
    let Telling { row, .. } = only(owed(&bench, LONG).await?)?;
    demand!(
        row.trouble.as_deref() == Some("the shop is closed"),
        "the trouble is lost"
    );
    demand!(told(&bench, &row, failed(LONG)).await?, "it did not end");
    demand!(
        owed(&bench, LONG).await?.is_empty(),
        "it is owed before its time"
    );
    Ok(())
}

async fn only_the_last_attempt_ends_a_telling(bench: Bench<'_>) -> Result<(), Broken> {
    news(&bench, "17").await?;
    let first = only(owed(&bench, Duration::ZERO).await?)?.row;
    let second = only(owed(&bench, LONG).await?)?.row;
    demand!(
        !told(&bench, &first, TellingEnd::Taken { news: 1 }).await?,
        "the first ended it"
    );
    demand!(bench.stored(&first).await?.is_owed(), "the first ended it");
    demand!(
        told(&bench, &second, TellingEnd::Taken { news: 1 }).await?,
        "it was not taken"
    );
    let row = bench.stored(&second).await?;
    bench.write(&Row { news: 2, ..row }).await?;
    let third = only(owed(&bench, LONG).await?)?.row;
    demand!(
        third.attempts > second.attempts,
        "the fence was used before"
    );
    Ok(())
}

async fn a_telling_says_whether_the_order_is_paid(bench: Bench<'_>) -> Result<(), Broken> {
    let failed = news(&bench, "17").await?;
    let telling = only(owed(&bench, Duration::ZERO).await?)?;
    demand!(!telling.order_is_paid, "an order that nobody paid is paid");
    demand!(
        !telling.order_is_held_by_another,
        "an order holds itself away"
    );
    let freed = bench.stored(&failed).await?;
    bench
        .write(&Row {
            holds_order: false,
            ..freed
        })
        .await?;
    let second = bench.claimed("17").await?;
    let telling = only(owed(&bench, Duration::ZERO).await?)?;
    demand!(
        telling.order_is_held_by_another,
        "the second try holds no order"
    );
    demand!(
        !telling.order_is_paid,
        "an order that is being paid is paid"
    );
    bench
        .write(&Row {
            payment: paid(&second.payment, &new_receipt()?)?,
            ..second
        })
        .await?;
    let telling = only(owed(&bench, Duration::ZERO).await?)?;
    demand!(telling.row.id() == failed.id(), "another row is owed");
    demand!(
        telling.order_is_paid,
        "the order of a paid payment is not paid"
    );
    let freed = bench.stored(&failed).await?;
    bench.write(&Row { told: 1, ..freed }).await?;
    let mut alone = bench.row("18")?;
    (alone.order, alone.holds_order) = (None, false);
    let alone = bench.claim(&alone).await?;
    let payment = paid(&alone.payment, &new_receipt()?)?;
    bench
        .write(&Row {
            payment,
            news: 1,
            owed_after: alone.read_at,
            ..alone
        })
        .await?;
    let telling = only(owed(&bench, Duration::ZERO).await?)?;
    let is_paid = telling.order_is_paid && !telling.order_is_held_by_another;
    demand!(is_paid, "a paid payment without an order is not paid");
    Ok(())
}

async fn shops_are_told_of_their_own(bench: Bench<'_>) -> Result<(), Broken> {
    news(&bench, "17").await?;
    let others = bench
        .store
        .owed(&bench.other_shop, LONG, 10)
        .await
        .map_err(failed)?;
    demand!(others.is_empty(), "another shop is told");
    only(owed(&bench, LONG).await?)?;
    Ok(())
}
