//! Authorizers: they give [`exchange`](crate::transport::send::exchange) the authorization header of every attempt.

use crate::error::Error;
use crate::gateway::refusal::Reading;
use crate::transport::send_context::SendContext;
use http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What lets a merchant's requests in.
pub(crate) trait Authorizer: Sync {
    /// What one attempt was let in with.
    type Pass: Send + Sync;

    /// Lets the next attempt in.
    ///
    /// # Errors
    /// Why it is not let in. Nothing was sent.
    fn admit(
        &self,
        context: &Arc<SendContext>,
        deadline: Instant,
    ) -> impl Future<Output = Result<Self::Pass, Error>> + Send;

    /// The `Authorization` header of an attempt.
    fn header<'a>(&'a self, pass: &'a Self::Pass) -> &'a HeaderValue;

    /// The header that the merchant's own keys make.
    fn own_header(&self) -> &HeaderValue;

    /// Learns from the answer to an attempt whether it was let in.
    fn learn<T>(&self, pass: &Self::Pass, reading: &Reading<T>);

    /// How the call goes on if the gateway did not let the attempt in; `None` where another attempt would not help.
    /// `renewals` tells how often the call went on so already.
    fn renewal(&self, pass: &Self::Pass, renewals: u32, round_trip: Duration) -> Option<Renewal>;
}

/// How a call goes on after its token was refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renewal {
    /// The pause before the next attempt lasts a random part of this. Programs that share the keys must not all come
    /// back together.
    pub(crate) longest_pause: Duration,
}
