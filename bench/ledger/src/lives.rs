//! Whole lives of payments without a network (requested, accepted, paid by a callback and told), compared with one INSERT
//! and two UPDATEs.

use crate::by_hand::ByHand;
use crate::cpu::Spent;
use crate::figures::{Line, Unit};
use crate::place::Place;
use crate::shop::Shop;
use crate::{Amounts, Trouble};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many payments go on at the same time.
const AT_ONCE: usize = 50;

/// What one round of one side took.
struct Round {
    time: Duration,
    here: Duration,
    there: Option<Duration>,
    payments: usize,
}

impl Round {
    fn a_second(&self) -> f64 {
        self.payments as f64 / self.time.as_secs_f64()
    }

    fn each(&self, of: Duration) -> f64 {
        of.as_secs_f64() * 1e6 / self.payments as f64
    }
}

pub(crate) async fn measure(place: &Place, amounts: &Amounts) -> Result<Vec<Line>, Trouble> {
    let shop = Shop::open(&place.ledger("lives"))?;
    shop.listen();
    let by_hand = ByHand::open(place).await?;
    let mut rounds = Vec::new();
    // The first round warms both sides, and does not count.
    for round in 0..=amounts.rounds {
        let first = round * amounts.lives;
        let lipia = of_lipia(place, &shop, first, amounts.lives).await?;
        let hand = of_hand(place, &by_hand, first, amounts.lives).await?;
        if round > 0 {
            rounds.push((lipia, hand));
        }
    }
    shop.client.stop().await;
    let line = |what, unit, of: &dyn Fn(&Round) -> Option<f64>| {
        let both = rounds
            .iter()
            .map(|(one, other)| Some((of(one)?, of(other)?)));
        let rounds: Option<Vec<(f64, f64)>> = both.collect();
        rounds.map(|rounds| Line::of_rounds(what, unit, &rounds))
    };
    let us = Unit::Microseconds;
    let lines = [
        line("payments a second, 50 at once", Unit::PerSecond, &|round| {
            Some(round.a_second())
        }),
        line("CPU of a payment, in the program", us, &|round| {
            Some(round.each(round.here))
        }),
        line("CPU of a payment, in the server", us, &|round| {
            Some(round.each(round.there?))
        }),
    ];
    Ok(lines.into_iter().flatten().collect())
}

async fn of_lipia(
    place: &Place,
    shop: &Shop,
    first: usize,
    payments: usize,
) -> Result<Round, Trouble> {
    let (spent, began) = (Spent::now(place), Instant::now());
    let selling = shop.clone();
    at_once(AT_ONCE, payments, move |number| {
        let (shop, name) = (selling.clone(), format!("L{}", first + number));
        async move {
            shop.request(&name).await?;
            shop.pay(&name).await
        }
    })
    .await?;
    shop.has_told(first + payments).await;
    Ok(ended(place, &spent, began, payments))
}

async fn of_hand(
    place: &Place,
    by_hand: &ByHand,
    first: usize,
    payments: usize,
) -> Result<Round, Trouble> {
    // More tasks would wait for the one connection to a file.
    let tasks = match place {
        Place::Sqlite(_) => 1,
        Place::Postgres(_) => AT_ONCE,
    };
    let (spent, began) = (Spent::now(place), Instant::now());
    let by_hand = by_hand.clone();
    at_once(tasks, payments, move |number| {
        let (by_hand, name) = (by_hand.clone(), format!("L{}", first + number));
        async move { by_hand.live(&name).await }
    })
    .await?;
    Ok(ended(place, &spent, began, payments))
}

fn ended(place: &Place, spent: &Spent, began: Instant, payments: usize) -> Round {
    Round {
        time: began.elapsed(),
        here: spent.here(),
        there: spent.there(place),
        payments,
    }
}

/// Carries out the work for every number, for so many at the same time.
async fn at_once<W>(
    tasks: usize,
    count: usize,
    work: impl Fn(usize) -> W + Clone + Send + 'static,
) -> Result<(), Trouble>
where
    W: Future<Output = Result<(), Trouble>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let (next, work) = (Arc::clone(&next), work.clone());
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<(), Trouble>(());
                }
                work(number).await?;
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}
