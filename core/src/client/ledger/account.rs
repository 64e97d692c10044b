//! The account whose payments a client may ask about: those that were pushed with its own credentials.

use crate::client::Client;
use crate::client::credentials::source::AuthorizedCall;
use crate::error::Error;
use crate::ledger::row::Row;
use crate::ledger::search::Search;
use crate::ledger::writer::answered;
use crate::payment::PaymentState;

impl Client {
    /// The account of this client's payments. Where a provider has the credentials, and no call has needed them, it is asked
    /// for them.
    ///
    /// # Errors
    /// Why there are no credentials.
    pub(crate) async fn own_account(&self) -> Result<String, Error> {
        if let Some(known) = self.known_account() {
            return Ok(known);
        }
        let call = self.authorize().await?;
        Ok(self.account_of(&call))
    }

    /// The account of a call, which is this client's from now on.
    pub(crate) fn account_of(&self, call: &AuthorizedCall) -> String {
        let of_call = call.merchant.access.account_name();
        self.shared.ledger.learn_account(of_call)
    }

    /// The account to reconcile; `None` where nothing is open, so that a provider is not asked for credentials in vain: on a
    /// phone that may mean asking a person.
    ///
    /// # Errors
    /// `ledger_failed`, and why there are no credentials.
    pub(crate) async fn account_to_reconcile(&self) -> Result<Option<String>, Error> {
        if let Some(known) = self.known_account() {
            return Ok(Some(known));
        }
        for state in [PaymentState::Unknown, PaymentState::Accepted] {
            let ledger = &self.shared.ledger;
            let mut open = Search::of(ledger.writer.scope.clone());
            open.state = Some(state);
            if !answered(ledger.store().list(&open, None, 1).await)?.is_empty() {
                return self.own_account().await.map(Some);
            }
        }
        Ok(None)
    }

    /// Whether a payment was pushed with another account, so that this client's gateway knows nothing of it.
    pub(crate) async fn is_of_another_account(&self, row: &Row) -> bool {
        let own = self.own_account().await;
        own.is_ok_and(|account| account != row.account)
    }

    fn known_account(&self) -> Option<String> {
        let shared = &self.shared;
        shared.ledger.account().or_else(|| {
            let fixed = shared.credentials.fixed();
            fixed.map(|merchant| merchant.access.account_name())
        })
    }
}
