//! Rules of names: a receipt, a prompt or a transaction is one payment's, in whatever shop.

use super::bench::{Bench, Broken, Rule, demand, failed, new_id, new_receipt, paid, rule};
use crate::error::ids::PaymentId;
use crate::ledger::contract::Replaced;
use crate::ledger::row::{Callback, Row};
use crate::ledger::scope::Scope;
use crate::values::clock::EatTime;
use crate::values::environment::Environment;
use futures_util::future::join_all;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!(a_name_that_another_payment_has_is_not_written),
        rule!(of_many_writes_of_one_name_at_once_one_is_written),
        rule!(a_callback_with_a_name_of_another_payment_is_not_kept),
        rule!(the_owners_of_names_are_found),
        rule!(a_production_payment_may_have_a_name_of_the_sandbox),
    ]
}

/// The row with its payment paid, and that receipt as its name.
fn with_receipt(row: &Row, receipt: &str) -> Result<Row, Broken> {
    Ok(Row {
        payment: paid(&row.payment, receipt)?,
        ..row.clone()
    })
}

/// Two rows of two shops, and a receipt that the first one has.
async fn with_one_receipt(bench: &Bench<'_>) -> Result<(Row, Row, String), Broken> {
    let receipt = new_receipt()?;
    let first = bench.claimed("17").await?;
    let first = bench.write(&with_receipt(&first, &receipt)?).await?;
    let mut second = bench.row("17")?;
    second.scope = bench.other_shop.clone();
    let second = bench.claim(&second).await?;
    Ok((first, second, receipt))
}

async fn a_name_that_another_payment_has_is_not_written(bench: Bench<'_>) -> Result<(), Broken> {
    let (first, second, receipt) = with_one_receipt(&bench).await?;
    let taken = with_receipt(&second, &receipt)?;
    let replaced = bench.store.replace(&taken).await.map_err(failed)?;
    demand!(
        replaced == Replaced::NameTaken,
        "a receipt of another payment was {replaced:?}"
    );
    let stored = bench.stored(&second).await?;
    let is_untouched = stored.version == second.version && !stored.payment.is_paid();
    demand!(is_untouched, "a refused write changed the row");
    // Its owner writes it again.
    bench.write(&first).await?;
    let own = bench
        .write(&with_receipt(&second, &new_receipt()?)?)
        .await?;
    demand!(own.payment.is_paid(), "a name of its own was not written");
    Ok(())
}

async fn of_many_writes_of_one_name_at_once_one_is_written(bench: Bench<'_>) -> Result<(), Broken> {
    let receipt = new_receipt()?;
    let mut rows = Vec::new();
    for number in 0..8 {
        let row = bench.claimed(&format!("order {number}")).await?;
        rows.push(with_receipt(&row, &receipt)?);
    }
    let mut written = 0;
    for replaced in join_all(rows.iter().map(|row| bench.store.replace(row))).await {
        match replaced.map_err(failed)? {
            Replaced::Written => written += 1,
            Replaced::NameTaken => {}
            other => return Err(format!("a receipt of another payment was {other:?}")),
        }
    }
    demand!(written == 1, "{written} of 8 payments have one receipt");
    Ok(())
}

async fn a_callback_with_a_name_of_another_payment_is_not_kept(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let (_, second, receipt) = with_one_receipt(&bench).await?;
    let callback = Callback {
        payment: second.id().clone(),
        digest: format!("{:064x}", 1),
        body: b"{}".to_vec(),
        received_at: EatTime::from_unix_millis(0),
        verdict: None,
    };
    let taken = with_receipt(&second, &receipt)?;
    let kept = bench.store.keep(&callback, Some(&taken)).await;
    let kept = kept.map_err(failed)?;
    demand!(
        kept == Replaced::NameTaken,
        "a receipt of another payment was {kept:?}"
    );
    let other = crate::ledger::contract::Party {
        scope: &bench.other_shop,
        account: &second.account,
    };
    let waits = bench.store.waiting(other, 10).await.map_err(failed)?;
    demand!(waits.is_empty(), "the callback was kept without its row");
    Ok(())
}

async fn the_owners_of_names_are_found(bench: Bench<'_>) -> Result<(), Broken> {
    let (first, second, _) = with_one_receipt(&bench).await?;
    let second = bench
        .write(&with_receipt(&second, &new_receipt()?)?)
        .await?;
    let free = with_receipt(&first, &new_receipt()?)?.names();
    let owned = |row: &Row| -> Vec<(String, PaymentId)> {
        let names = row.names().into_iter();
        names.map(|name| (name, row.id().clone())).collect()
    };
    let mut expected = [owned(&first), owned(&second)].concat();
    let asked = [first.names(), free, second.names()].concat();
    let mut found = bench.store.named(&asked).await.map_err(failed)?;
    expected.sort();
    found.sort();
    demand!(
        found == expected,
        "{} owners, of {}",
        found.len(),
        expected.len()
    );
    let none = bench.store.named(&[]).await.map_err(failed)?;
    demand!(none.is_empty(), "no names have an owner");
    Ok(())
}

async fn a_production_payment_may_have_a_name_of_the_sandbox(
    bench: Bench<'_>,
) -> Result<(), Broken> {
    let (_, _, receipt) = with_one_receipt(&bench).await?;
    let shop = String::from(new_id()?);
    let mut row = bench.row("17")?;
    row.scope = Scope::new(Environment::Production, &shop).map_err(|error| error.to_string())?;
    let row = bench.claim(&row).await?;
    let paid = bench.write(&with_receipt(&row, &receipt)?).await?;
    demand!(paid.payment.is_paid(), "the environments share their names");
    Ok(())
}
