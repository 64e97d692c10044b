//! The time from a write in one process to the wake of another that waits.

use crate::clock::{millis, percentile};
use crate::rows::{Till, claim, paid};
use crate::{Subject, Trouble, open};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often the other process writes.
const WRITES: usize = 100;

/// Measures wakes with another process of this program that writes.
pub async fn measure(subject: &Subject) -> Result<(), Trouble> {
    let store = open(&subject.address)?;
    let row = claim(store.as_ref(), &Till::new()?.row(9_000_000)?).await?;
    let ids = [row.id().clone()];
    let mut other = Command::new(std::env::current_exe()?)
        .args(["write", &subject.address, row.id().as_str()])
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(other.stdout.take().ok_or("the other process has no output")?).lines();
    let (sends, mut written) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ended = sends.send(line);
        }
    });
    let mut version = row.version;
    let mut times = Vec::new();
    while times.len() < WRITES {
        // As a wait does it: listen first, then look, then sleep.
        let changed = store.changed();
        let now = store.versions(&ids).await?.first().map_or(version, |(_, version)| *version);
        if now > version {
            version = now;
            let seen = since_1970()?;
            let line = written.recv().await.ok_or("the other process ended")?;
            times.push(seen.saturating_sub(Duration::from_nanos(line.parse()?)));
            continue;
        }
        let _woken = tokio::time::timeout(Duration::from_millis(500), changed).await;
    }
    other.wait()?;
    for percent in [50, 99] {
        println!("| wake in another process, p{percent} | {} | {} | | |", subject.name, millis(percentile(&mut times, percent)));
    }
    Ok(())
}

/// Writes to a row again and again, and prints when each write was answered.
pub async fn write(address: &str, id: &str) -> Result<(), Trouble> {
    let store = open(address)?;
    let id = id.parse()?;
    for _ in 0..WRITES {
        tokio::time::sleep(Duration::from_millis(60)).await;
        let row = store.load(&id).await?.ok_or("there is no such row")?;
        store.replace(&paid(&row)?).await?;
        println!("{}", since_1970()?.as_nanos());
    }
    Ok(())
}

fn since_1970() -> Result<Duration, Trouble> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}
