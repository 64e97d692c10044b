//! Claims one after the other, and whole lives of payments side by side: claimed, paid, told.

use crate::by_hand::ByHand;
use crate::clock::{Stretch, millis, percentile};
use crate::rows::{Till, claim, paid, scope};
use crate::{Subject, Trouble, open};
use lipia::ledger::{LedgerStore, TellingEnd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many claims are made one after the other.
const CLAIMS: u64 = 2_000;

/// How many lives go on at the same time.
const TASKS: usize = 50;

pub async fn measure(subject: &Subject, lives: u32) -> Result<(), Trouble> {
    let store = open(&subject.address)?;
    let by_hand = ByHand::open(&subject.by_hand).await?;
    let till = Till::new()?;
    claims(subject.name, store.as_ref(), &by_hand, &till).await?;
    let (of_lipia, of_hand) = (Arc::clone(&store), by_hand.clone());
    let lipia = all(lives, 1_000_000, {
        let till = till.clone();
        move |number| live(Arc::clone(&of_lipia), till.clone(), number)
    });
    let (time, cpu) = lipia.await?;
    let hand = all(lives, 2_000_000, move |number| live_by_hand(of_hand.clone(), number));
    let (hand_time, hand_cpu) = hand.await?;
    let a_second = |time: Duration| f64::from(lives) / time.as_secs_f64();
    let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / f64::from(lives);
    println!(
        "| whole payments, {TASKS} at once | {} | {:.0} a second | {:.0} a second | {:.2} |",
        subject.name,
        a_second(time),
        a_second(hand_time),
        a_second(time) / a_second(hand_time)
    );
    println!(
        "| CPU of a whole payment, this process | {} | {:.0} us | {:.0} us | {:.2} |",
        subject.name,
        each(cpu),
        each(hand_cpu),
        each(cpu) / each(hand_cpu)
    );
    Ok(())
}

/// Claims and INSERTs in turns, so that both see the same machine.
async fn claims(name: &str, store: &dyn LedgerStore, by_hand: &ByHand, till: &Till) -> Result<(), Trouble> {
    let (mut lipia, mut hand) = (Vec::new(), Vec::new());
    for number in 0..CLAIMS {
        let row = till.row(number)?;
        let began = Instant::now();
        claim(store, &row).await?;
        lipia.push(began.elapsed());
        let began = Instant::now();
        by_hand.insert(row.id().as_str(), &format!("order {number}")).await?;
        hand.push(began.elapsed());
    }
    for percent in [50, 99] {
        let (lipia, hand) = (percentile(&mut lipia, percent), percentile(&mut hand, percent));
        println!(
            "| claim of an order, p{percent} | {name} | {} | {} | {:.2} |",
            millis(lipia),
            millis(hand),
            lipia.as_secs_f64() / hand.as_secs_f64()
        );
    }
    Ok(())
}

/// Carries out so many lives, some of them at once; time and CPU.
async fn all<F, L>(lives: u32, first: u64, life: F) -> Result<(Duration, Duration), Trouble>
where
    F: Fn(u64) -> L + Clone + Send + 'static,
    L: Future<Output = Result<(), Trouble>> + Send,
{
    let next = Arc::new(AtomicU64::new(first));
    let end = first + u64::from(lives);
    let stretch = Stretch::begin();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (next, life) = (Arc::clone(&next), life.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return Ok::<(), Trouble>(());
                    }
                    life(number).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(stretch.end())
}

/// A payment's life without a gateway: claimed, paid, leased to be told, told.
async fn live(store: Arc<dyn LedgerStore>, till: Till, number: u64) -> Result<(), Trouble> {
    let claimed = claim(store.as_ref(), &till.row(number)?).await?;
    store.replace(&paid(&claimed)?).await?;
    for telling in store.owed(&scope(), Duration::from_secs(60), 4).await? {
        let end = TellingEnd::Taken { news: telling.row.news };
        store.told(telling.row.id(), telling.row.attempts, &end).await?;
    }
    Ok(())
}

async fn live_by_hand(by_hand: ByHand, number: u64) -> Result<(), Trouble> {
    let id = format!("{number:032}");
    by_hand.insert(&id, &format!("order {number}")).await?;
    by_hand.pay(&id, "UAB1CD2EF3").await?;
    by_hand.told(&id).await
}
