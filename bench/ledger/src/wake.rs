//! The delay from a callback in this process to the end of a wait in another process.

use crate::by_hand::{ByHand, connect, id, sqlite};
use crate::figures::{Line, Times, Unit};
use crate::place::Place;
use crate::shop::{Shop, push};
use crate::{Amounts, Trouble};
use lipia::WaitOptions;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How often a program looks into a file by hand.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// How long the other process has to begin its wait.
const SETTLES: Duration = Duration::from_millis(100);

/// The channel on which a program announces what it has written by hand.
const CHANNEL: &str = "by_hand";

/// The other process.
struct Other {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Other {
    async fn start(program: &Path, address: &str, by_hand: bool) -> Result<Self, Trouble> {
        let mut command = Command::new(program);
        command.arg("wait").arg(address);
        if by_hand {
            command.arg("--by-hand");
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        Ok(Self {
            _process: process,
            input: input.ok_or("no pipe")?,
            output: BufReader::new(output.ok_or("no pipe")?).lines(),
        })
    }

    /// Has it wait for a payment.
    async fn waits_for(&mut self, name: &str) -> Result<(), Trouble> {
        self.input.write_all(format!("{name}\n").as_bytes()).await?;
        self.hear().await?;
        tokio::time::sleep(SETTLES).await;
        Ok(())
    }

    /// When its wait ended.
    async fn ended(&mut self) -> Result<Duration, Trouble> {
        Ok(Duration::from_nanos(self.hear().await?.parse()?))
    }

    async fn hear(&mut self) -> Result<String, Trouble> {
        let line = self.output.next_line().await?;
        line.ok_or_else(|| "the other process ended".into())
    }
}

pub(crate) async fn measure(
    place: &Place,
    amounts: &Amounts,
    program: &Path,
) -> Result<Vec<Line>, Trouble> {
    let address = place.ledger("wakes");
    let shop = Shop::open(&address)?;
    let by_hand = ByHand::open(place).await?;
    let mut waits = Other::start(program, &address, false).await?;
    let mut waits_by_hand = Other::start(program, &place.by_hand(), true).await?;
    let (mut lipia, mut hand) = (Times::default(), Times::default());
    for number in 0..amounts.wakes {
        let name = format!("W{number}");
        shop.request(&name).await?;
        waits.waits_for(&name).await?;
        let began = now();
        shop.pay(&name).await?;
        lipia.push(waits.ended().await?.saturating_sub(began));

        by_hand.insert(&name).await?;
        waits_by_hand.waits_for(&name).await?;
        let began = now();
        by_hand.pay(&name).await?;
        announce(&by_hand, &name).await?;
        hand.push(waits_by_hand.ended().await?.saturating_sub(began));
    }
    shop.client.stop().await;
    let names = [
        "a callback here ends a wait in another process, half within",
        "the same, 99 of 100 within",
    ];
    Ok(Times::lines(&lipia, &hand, names, Unit::Milliseconds).into())
}

/// The clock of the machine, which both processes have.
fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Announces what was written, where the database carries announcements.
async fn announce(by_hand: &ByHand, name: &str) -> Result<(), Trouble> {
    if let ByHand::Postgres(pool) = by_hand {
        let notify = format!("NOTIFY {CHANNEL}, '{}'", id(name));
        pool.batch(&notify).await?;
    }
    Ok(())
}

/// The other process: reads names of payments, and says when the wait for each has ended.
///
/// # Errors
/// Whatever kept it from waiting.
pub async fn wait_for_lines(address: &str, by_hand: bool) -> Result<(), Trouble> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    if !by_hand {
        let shop = Shop::open(address)?;
        while let Some(name) = lines.next_line().await? {
            say("waits");
            let paid = shop
                .client
                .collect(push(&name), WaitOptions::default())
                .await?;
            if !paid.is_paid() {
                return Err("the payment was not paid".into());
            }
            say(&now().as_nanos().to_string());
        }
    } else if address.starts_with("postgres:") {
        let (client, mut told) = connect(address).await?;
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        while let Some(name) = lines.next_line().await? {
            say("waits");
            while told.recv().await.ok_or("the connection broke")? != id(&name) {}
            say(&now().as_nanos().to_string());
        }
    } else {
        let connection = sqlite(address)?;
        let state = "SELECT state FROM by_hand WHERE id = ?1";
        while let Some(name) = lines.next_line().await? {
            say("waits");
            let mut read = connection.prepare_cached(state)?;
            while read.query_row([id(&name)], |row| row.get::<_, String>(0))? != "paid" {
                tokio::time::sleep(LOOKS_EVERY).await;
            }
            say(&now().as_nanos().to_string());
        }
    }
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
}
