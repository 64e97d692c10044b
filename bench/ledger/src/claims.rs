//! Claims of orders, one after the other: the commit before a phone is prompted.

use crate::by_hand::ByHand;
use crate::figures::{Line, Times, Unit};
use crate::place::{self, Place};
use crate::shop::{ACCOUNT, Shop, push_without_order};
use crate::{Amounts, Trouble};
use lipia::ledger::{Claimed, LedgerStore, Order, Row, Scope};
use lipia::values::{EatTime, Environment};
use std::time::{Duration, Instant};

/// Longer than a run: nobody takes the sender for dead.
const LEASE: Duration = Duration::from_secs(24 * 3_600);

pub(crate) async fn measure(place: &Place, amounts: &Amounts) -> Result<Vec<Line>, Trouble> {
    let address = place.ledger("claims");
    let shop = Shop::open(&address)?;
    let store = place::open(&address)?;
    let by_hand = ByHand::open(place).await?;
    let names = ["a claim, half within", "a claim, 99 of 100 within"];
    take_turns(
        &shop,
        store.as_ref(),
        &by_hand,
        ('C', amounts.claims),
        names,
    )
    .await
}

/// Claims orders on both sides in turn. Names begin with that letter.
pub(crate) async fn take_turns(
    shop: &Shop,
    store: &dyn LedgerStore,
    by_hand: &ByHand,
    (letter, count): (char, usize),
    names: [&'static str; 2],
) -> Result<Vec<Line>, Trouble> {
    let (mut lipia, mut hand) = (Times::default(), Times::default());
    for number in 0..count {
        let name = format!("{letter}{number}");
        let row = sending(shop, &name)?;
        let began = Instant::now();
        let claimed = store.claim(&row, None, LEASE).await?;
        lipia.push(began.elapsed());
        if !matches!(claimed, Claimed::Taken(_)) {
            return Err("a free order was not claimed".into());
        }
        let began = Instant::now();
        by_hand.insert(&name).await?;
        hand.push(began.elapsed());
    }
    Ok(Times::lines(&lipia, &hand, names, Unit::Microseconds).into())
}

/// The row of a payment that is about to be claimed.
fn sending(shop: &Shop, name: &str) -> Result<Row, Trouble> {
    let now = EatTime::from_unix_millis(1_790_000_000_000);
    let mut payment = shop.client.reserve(push_without_order(name))?.snapshot();
    payment.begin_sending(now)?;
    Ok(Row {
        seq: 0,
        version: 0,
        payment,
        scope: Scope::default_of(Environment::Sandbox),
        account: ACCOUNT.to_owned(),
        order: Some(Order::parse(name)?),
        holds_order: true,
        lease_until: None,
        ask_after: None,
        asked_at: None,
        asks: 0,
        news: 0,
        told: 0,
        owed_after: now,
        attempts: 0,
        trouble: None,
        released_at: None,
        read_at: now,
    })
}
