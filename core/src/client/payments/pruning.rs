//! The prune: deleting the personal data of payments that are settled and told.

use super::ledger::Ledger;
use crate::error::Error;
use crate::ledger::contract::Replaced;
use crate::ledger::engine::pruning::{Prune, prune};
use crate::ledger::search::Search;
use crate::ledger::writer::answered;
use crate::payment::PaymentState;
use std::time::Duration;

/// How many rows are read at once.
const BATCH: usize = 200;

/// The account of a prune: what it did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// Payments whose personal data were deleted.
    pub payments: u64,
    /// Payments that are as old and were left, since something is still to be learnt or told of them.
    pub unfinished: u64,
}

impl Ledger {
    /// Deletes the personal data of payments whose outcome has been known for that long and was told: the bodies of their
    /// callbacks, phone numbers, references, descriptions, the gateway's ids and words, the bodies of flags. Shop, order,
    /// outcome, amount, receipt and times stay, so that a paid order stays paid. A payment that is open, `unknown`, owed to the
    /// shop or still asked about is left as it is, however old.
    ///
    /// Reads every settled payment of the shop: run it once a day at most. May be stopped and run again at any time.
    ///
    /// # Errors
    /// `ledger_failed`. What was pruned until then stays pruned.
    ///
    /// ```no_run
    /// # async fn example(ledger: lipia::client::Ledger) -> Result<(), lipia::Error> {
    /// use std::time::Duration;
    /// let pruned = ledger.prune(Duration::from_secs(90 * 24 * 3_600)).await?;
    /// println!("{} payments pruned, {} not finished", pruned.payments, pruned.unfinished);
    /// # Ok(()) }
    /// ```
    pub async fn prune(&self, older_than: Duration) -> Result<Pruned, Error> {
        self.prune_rows(older_than, true).await
    }

    /// Counts what [`Ledger::prune`] would do. Nothing is written.
    ///
    /// # Errors
    /// `ledger_failed`.
    pub async fn prunable(&self, older_than: Duration) -> Result<Pruned, Error> {
        self.prune_rows(older_than, false).await
    }

    async fn prune_rows(&self, older_than: Duration, writes: bool) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        let search = Search {
            state: Some(PaymentState::Settled),
            ..Search::of(self.scope().clone())
        };
        let mut page = None;
        loop {
            let rows = self.page(&search, page, BATCH).await?;
            for row in &rows {
                match prune(row, older_than) {
                    Prune::Write(next) if writes => {
                        // A row that somebody has written to since is left for the next time.
                        let replaced = answered(self.writer.store.prune(&next).await)?;
                        pruned.payments += u64::from(replaced == Replaced::Written);
                    }
                    Prune::Write(_) => pruned.payments += 1,
                    Prune::Unfinished => pruned.unfinished += 1,
                    Prune::Leave => {}
                }
            }
            match rows.last() {
                Some(last) if rows.len() == BATCH => page = Some(last.seq),
                _ => return Ok(pruned),
            }
        }
    }
}
