//! The callback secrets of a client against those of the other processes of its ledger.

use crate::callback::SecretSource;
use crate::client::Client;
use crate::error::codes::ErrorCode;
use crate::error::{Disposition, Error};
use crate::ledger::engine::secrets::{Fit, KnownSecrets};
use crate::ledger::writer::answered;
use crate::values::note::NoteWritten;
use std::time::Duration;
use tokio::time::Instant;

/// How often a client shows its secrets.
const SHOWN_EVERY: Duration = Duration::from_secs(3_600);

/// How long the ledger remembers secrets that no client shows any more: as long as their callbacks may still arrive.
const REMEMBERED: Duration = Duration::from_secs(25 * 3_600);

/// How often a note is read anew because other processes wrote to it first.
const MAX_TRIES: u32 = 50;

impl Client {
    /// Shows the ledger the fingerprints of this client's callback secrets, at its first use and then every hour.
    ///
    /// # Errors
    /// `callback_secrets_differ` where they have none in common with those of the account's other clients. `ledger_failed`.
    pub(crate) async fn show_secrets(&self, account: &str) -> Result<(), Error> {
        let shared = &self.shared;
        let ledger = &shared.ledger;
        if !ledger.is_given || !shared.callbacks.with_token || ledger.has_shown_secrets(SHOWN_EVERY)
        {
            return Ok(());
        }
        let secrets = &shared.callbacks.secrets;
        let own = KnownSecrets {
            fingerprints: secrets.fingerprints(),
            derived: secrets.source() == SecretSource::Derived,
        };
        let scope = &ledger.writer.scope;
        let key = format!(
            "callback-secrets:{}:{account}:{}",
            scope.environment(),
            scope.shop()
        );
        let mut note = answered(ledger.store().note(&key).await)?;
        for _ in 0..MAX_TRIES {
            let known = KnownSecrets::read(note.value.as_deref());
            match known.fit(&own) {
                Fit::Common => {}
                Fit::Renewed => {
                    tracing::warn!(target: "lipia", account, "the callback secret follows from the gateway's own secret, which was changed: callbacks of earlier payments cannot be verified, and those payments are asked about");
                }
                Fit::Strangers => return Err(differ()),
            }
            let text = own.text();
            let written = ledger
                .store()
                .write_note(&key, note.version, &text, REMEMBERED);
            match answered(written.await)? {
                NoteWritten::Written(_) => break,
                NoteWritten::Stale(newer) => note = newer,
            }
        }
        ledger.note_secrets_shown(Instant::now());
        Ok(())
    }
}

fn differ() -> Error {
    Error::new(
        ErrorCode::CallbackSecretsDiffer,
        Disposition::NotSent,
        "Other processes of this ledger seal their callback URLs with other secrets, so neither side could verify the other's callbacks. Nothing was sent.",
    )
    .with_field("callback_secrets")
    .with_hint("Give every process the same callback secrets. To change one, put the new one first and keep the old one beside it for a day. A secret that is lost is forgotten a day after the last process that has it ended.")
}
