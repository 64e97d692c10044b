//! The shop's handler of outcomes, which writes a line to a file and syncs it to the disk before it returns.

use crate::worker::tripwire::Wire;
use lipia::client::LedgerPayment;
use lipia_storm::{Chance, Command, Moment, Told};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The file of one process, and how its handler fails.
pub(crate) struct Tellings {
    file: Arc<Mutex<File>>,
    life: u64,
    fails: u64,
    chance: Mutex<Chance>,
    wire: Arc<Wire>,
}

impl Tellings {
    /// # Errors
    /// Why the file cannot be made.
    pub(crate) fn open(
        path: &Path,
        life: u64,
        fails: u64,
        wire: Arc<Wire>,
    ) -> Result<Self, String> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            life,
            fails,
            chance: Mutex::new(Chance::of(life, 77)),
            wire,
        })
    }

    /// Takes one telling; the error is that of a shop whose own database is busy.
    pub(crate) fn take(
        &self,
        payment: LedgerPayment,
    ) -> impl Future<Output = Result<(), String>> + Send + use<> {
        let fails = self
            .chance
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .percent(self.fails);
        let (file, wire) = (Arc::clone(&self.file), Arc::clone(&self.wire));
        let told = Told {
            payment: payment.id().to_string(),
            order: payment.order().unwrap_or_default().to_owned(),
            news: crate::stores::news_of(&payment),
            attempt: payment.attempt(),
            life: self.life,
        };
        async move {
            wire.pass(Command::Handler, Moment::Before);
            if fails {
                return Err("the shop's database is busy".to_owned());
            }
            let written = tokio::task::spawn_blocking(move || write(&file, &told)).await;
            written.map_err(|error| error.to_string())??;
            wire.pass(Command::Handler, Moment::After);
            Ok(())
        }
    }
}

fn write(file: &Mutex<File>, told: &Told) -> Result<(), String> {
    let mut line = serde_json::to_string(told).map_err(|error| error.to_string())?;
    line.push('\n');
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.write_all(line.as_bytes())
        .and_then(|()| file.sync_data())
        .map_err(|error| error.to_string())
}
