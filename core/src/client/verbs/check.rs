//! The check of a client's settings: whether its pushes can be paid, found out without prompting anybody.

use crate::client::Client;
use crate::client::checkup::lines::{self, Probed, Proof};
use crate::client::checkup::probe::{probe, probe_id};
use crate::client::checkup::{CheckLine, CheckOptions, CheckPart, Checkup};
use crate::client::credentials::source::AuthorizedCall;
use crate::error::Error;
use crate::ledger::writer::answered;

/// A prompt that never was. Daraja's ids embed the moment of the push.
const MADE_UP_PROMPT: &str = "ws_CO_010120200000000000254700000000";

impl Client {
    /// Finds out whether this client's pushes can be paid, without prompting anybody: asks the gateway about a prompt that never
    /// was, which takes a token, short code and pass key; compares the clocks; reads the callback URL and the ledger.
    ///
    /// Takes as long as one question and one look into the ledger. Nothing is kept of it, and a broken part is a line and never an error.
    ///
    /// ```no_run
    /// # async fn example(client: lipia::Client) {
    /// use lipia::client::CheckOptions;
    ///
    /// let checkup = client.check(CheckOptions::default().reach_callback(true)).await;
    /// for line in checkup.broken() {
    ///     eprintln!("{}: {} {}", line.part, line.message, line.hint.as_deref().unwrap_or(""));
    /// }
    /// # }
    /// ```
    pub async fn check(&self, options: CheckOptions) -> Checkup {
        let shared = &self.shared;
        let origin = shared.context.origin.to_string();
        let settings = lines::of_settings(shared.gateway.name(), shared.environment, &origin);
        let call = self.authorize().await;
        let [connection, credentials, pass_key] = self.check_gateway(&call).await;
        let clock = lines::of_clock(shared.context.gateway_clock.ahead_millis());
        let lines = vec![
            settings,
            connection,
            credentials,
            pass_key,
            clock,
            self.check_payee(&call),
            self.check_callback(options).await,
            self.check_ledger(options).await,
        ];
        Checkup { lines }
    }

    async fn check_gateway(&self, call: &Result<AuthorizedCall, Error>) -> [CheckLine; 3] {
        match call {
            Ok(call) => {
                let access = &call.merchant.access;
                let proof = Proof::of(access.authorization(), access.pass_key().is_some());
                lines::of_question(proof, &self.stk_query(MADE_UP_PROMPT).await)
            }
            Err(error) => lines::of_question(Proof::Header, &Err(error.clone())),
        }
    }

    fn check_payee(&self, call: &Result<AuthorizedCall, Error>) -> CheckLine {
        match call {
            Ok(call) => lines::of_payee(&call.merchant.access.payee(), self.shared.environment),
            Err(_) => CheckLine::not_checked(CheckPart::Till, CheckPart::Credentials),
        }
    }

    async fn check_callback(&self, options: CheckOptions) -> CheckLine {
        let (base, secrets) = (&self.shared.callbacks.base, &self.shared.callbacks.secrets);
        let line = lines::of_callback(base.as_ref(), self.shared.context.origin.is_own_sandbox());
        // Without a token in its URL the handler could not tell the probe from a callback.
        let is_probed = options.reaches_callback && self.shared.callbacks.with_token;
        let (Some(base), Some(id), true) = (base, probe_id(), is_probed) else {
            return line;
        };
        let probed = match base.with_segment(&secrets.seal(&id)) {
            Ok(url) => {
                let context = &self.shared.context;
                probe(&url, context.tls_roots.clone(), &context.clock).await
            }
            Err(error) => Err(error),
        };
        let probed = probed.unwrap_or_else(|error| Probed::NotReached {
            why: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
        });
        lines::of_probe(base, &probed, line, self.shared.addresses.is_some())
    }

    async fn check_ledger(&self, options: CheckOptions) -> CheckLine {
        let ledger = &self.shared.ledger;
        let report = if options.reads_ledger_whole {
            let report = ledger.store().report(&ledger.writer.scope).await;
            answered(report).map(Some)
        } else {
            // Any command that reads.
            answered(ledger.store().note("check").await).map(|_| None)
        };
        lines::of_ledger(ledger.is_given, &report)
    }
}
