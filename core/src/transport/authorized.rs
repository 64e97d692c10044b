//! An authorised call: a merchant's requests with the token that authorises them. The token of these credentials is kept here, and
//! is forgotten with them.

use crate::error::Error;
use crate::gateway::contract::{Access, Authorization};
use crate::gateway::refusal::Reading;
use crate::transport::authorizer::{Authorizer, Renewal};
use crate::transport::send::Sender;
use crate::transport::send_context::SendContext;
use crate::transport::token::shared::SharedToken;
use crate::transport::token::{Token, TokenCache};
use crate::values::note::SharedNotes;
use crate::values::push::Push;
use http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often one call renews its token at most.
const MAX_RENEWALS: u32 = 12;
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// A merchant's requests, and the token that lets them in where the gateway has tokens.
#[derive(Debug)]
pub(crate) struct Authorized {
    pub(crate) access: Arc<dyn Access>,
    tokens: TokenCache,
}

impl Authorized {
    /// The requests of a merchant. `shared` are the notes of the ledger that shares the token, and the base URL.
    pub(crate) fn new(
        access: Arc<dyn Access>,
        shared: Option<(Arc<dyn SharedNotes>, &str)>,
    ) -> Self {
        let shared = shared.and_then(|(notes, base_url)| match access.authorization() {
            Authorization::Token(exchange) => SharedToken::new(notes, &exchange.header, base_url),
            Authorization::Fixed(_) => None,
        });
        Self {
            access,
            tokens: TokenCache::shared_as(shared),
        }
    }

    /// The sender of a push, or of a query about one.
    pub(crate) fn sender<'a>(&'a self, push: Option<&'a Push>) -> Sender<'a, Self> {
        Sender {
            authorizer: self,
            pass_key: self.access.pass_key(),
            push,
        }
    }

    /// Forgets the token, which can be fetched again.
    pub(crate) fn forget_token(&self) {
        self.tokens.forget();
    }
}

impl Authorizer for Authorized {
    /// `None` where every request has the same header.
    type Pass = Option<Token>;

    async fn admit(
        &self,
        context: &Arc<SendContext>,
        deadline: Instant,
    ) -> Result<Self::Pass, Error> {
        match self.access.authorization() {
            Authorization::Fixed(_) => Ok(None),
            Authorization::Token(exchange) => {
                self.tokens.get(context, exchange, deadline).await.map(Some)
            }
        }
    }

    fn header<'a>(&'a self, pass: &'a Self::Pass) -> &'a HeaderValue {
        match pass {
            Some(token) => &token.header,
            None => self.own_header(),
        }
    }

    fn own_header(&self) -> &HeaderValue {
        self.access.authorization().own_header()
    }

    fn learn<T>(&self, pass: &Self::Pass, reading: &Reading<T>) {
        if let Some(token) = pass {
            self.tokens.learn(token.generation, reading);
        }
    }

    /// The first renewal of a token that was kept for a while does not pause. Others do: where another program's new token
    /// kills ours, two that renew at the same moment kill each other's.
    fn renewal(&self, pass: &Self::Pass, renewals: u32, round_trip: Duration) -> Option<Renewal> {
        let token = pass.as_ref()?;
        if self.tokens.credentials_look_wrong() || renewals >= MAX_RENEWALS {
            return None;
        }
        let longest_pause = match renewals {
            0 if !token.is_fresh() => Duration::ZERO,
            _ => round_trip
                .saturating_mul(8)
                .max(SHORTEST_PAUSE)
                .saturating_mul(2_u32.saturating_pow(renewals))
                .min(LONGEST_PAUSE),
        };
        Some(Renewal { longest_pause })
    }
}
