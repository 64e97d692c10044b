//! Rules of claims: of the payments of one order at most one holds it.

use super::bench::{Bench, Broken, LONG, Rule, demand, difference, failed, rule};
use crate::ledger::contract::{Claimed, Version};
use crate::ledger::row::Row;
use futures_util::future::join_all;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(a_claim_is_kept_as_it_was_given),
        rule!(a_second_claim_of_an_order_is_refused_with_the_first),
        rule!(of_many_claims_at_once_one_is_taken),
        rule!(a_claim_given_twice_is_one_row),
        rule!(rows_without_an_order_never_refuse_each_other),
        rule!(shops_do_not_share_orders),
        rule!(a_claim_over_an_earlier_payment_frees_that_version_alone),
    ]
}

async fn a_claim_is_kept_as_it_was_given(bench: Bench<'_>) -> Result<(), Broken> {
    let given = bench.row("17")?;
    let first = bench.claim(&given).await?;
    demand!(first.version == 1, "the version is {}", first.version);
    demand!(first.is_leased(), "a lease of an hour is over");
    let lease = first.lease_until.map(|until| until.since(first.read_at));
    demand!(lease == Some(LONG), "a lease of an hour lasts {lease:?}");
    let expected = Row {
        seq: first.seq,
        lease_until: first.lease_until,
        ..given
    };
    let differs = difference(&expected, &first);
    demand!(differs.is_none(), "the answer differs in {differs:?}");
    let differs = difference(&first, &bench.stored(&first).await?);
    demand!(differs.is_none(), "what is stored differs in {differs:?}");
    let second = bench.claimed("18").await?;
    demand!(second.seq > first.seq, "a later claim has no later place");
    Ok(())
}

async fn a_second_claim_of_an_order_is_refused_with_the_first(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let first = bench.claimed("17").await?;
    let second = bench.row("17")?;
    match bench
        .store
        .claim(&second, None, LONG)
        .await
        .map_err(failed)?
    {
        Claimed::Taken(_) => return Err("two payments hold one order".to_owned()),
        Claimed::Held(holder) => {
            let differs = difference(&first, &holder);
            demand!(differs.is_none(), "the holder differs in {differs:?}");
        }
    }
    let written = bench.store.load(second.id()).await.map_err(failed)?;
    demand!(written.is_none(), "a refused claim was written");
    Ok(())
}

async fn of_many_claims_at_once_one_is_taken(bench: Bench<'_>) -> Result<(), Broken> {
    for round in 0..4 {
        let order = format!("round {round}");
        let rows: Result<Vec<Row>, Broken> = (0..16).map(|_| bench.row(&order)).collect();
        let rows = rows?;
        let claims = rows.iter().map(|row| bench.store.claim(row, None, LONG));
        let mut taken = 0;
        for claim in join_all(claims).await {
            taken += usize::from(matches!(claim.map_err(failed)?, Claimed::Taken(_)));
        }
        demand!(taken == 1, "{taken} of 16 claims were taken");
    }
    Ok(())
}

async fn a_claim_given_twice_is_one_row(bench: Bench<'_>) -> Result<(), Broken> {
    let row = bench.row("17")?;
    let first = bench.claim(&row).await?;
    let again = bench.claim(&row).await?;
    let same = again.seq == first.seq && again.version == first.version;
    demand!(same, "the second claim of a payment wrote again");
    Ok(())
}

async fn rows_without_an_order_never_refuse_each_other(bench: Bench<'_>) -> Result<(), Broken> {
    for _ in 0..2 {
        let mut row = bench.row("17")?;
        row.order = None;
        row.holds_order = false;
        let claimed = bench.claim(&row).await?;
        demand!(claimed.order.is_none(), "an order was made up");
    }
    Ok(())
}

async fn shops_do_not_share_orders(bench: Bench<'_>) -> Result<(), Broken> {
    let first = bench.claimed("17").await?;
    let mut other = bench.row("17")?;
    other.scope = bench.other_shop.clone();
    bench.claim(&other).await?;
    let order = first.order.as_ref().ok_or("an order was lost")?;
    let earlier = bench.store.earlier(&bench.scope, order).await;
    let rows = earlier.map_err(failed)?.rows;
    demand!(
        rows.len() == 1,
        "a shop sees {} payments, not its own one",
        rows.len()
    );
    Ok(())
}

async fn a_claim_over_an_earlier_payment_frees_that_version_alone(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let first = bench.claimed("17").await?;
    let changed = bench.write(&first).await?;
    let second = bench.row("17")?;
    let stale = bench.store.claim(&second, Some(Version::of(&first)), LONG);
    let is_held = matches!(stale.await.map_err(failed)?, Claimed::Held(_));
    demand!(is_held, "a version that is over gave way");
    demand!(
        bench.stored(&first).await?.holds_order,
        "a refused claim freed the order"
    );
    let fresh = bench
        .store
        .claim(&second, Some(Version::of(&changed)), LONG);
    let is_taken = matches!(fresh.await.map_err(failed)?, Claimed::Taken(_));
    demand!(is_taken, "the version that was given did not give way");
    let freed = bench.stored(&first).await?;
    demand!(!freed.holds_order, "two payments hold one order");
    demand!(
        freed.version == changed.version + 1,
        "a freed row has its old version"
    );
    Ok(())
}
