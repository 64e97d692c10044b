//! Counters of what happened: for the whole sandbox, and for each gateway.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::values::gateway::Gateway;

/// What happened since the sandbox started or was reset.
///
/// A test that cares about money looks at [`prompts`](Self::prompts): how many times a customer was asked to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counters {
    /// Token requests that reached the server, with or without a fault.
    pub oauth_calls: u64,
    /// Tokens that were issued.
    pub tokens_issued: u64,
    /// Token requests that the sandbox refused (wrong keys or grant type; injected answers are not counted here).
    pub oauth_refused: u64,
    /// Push requests that reached the server, with or without a fault.
    pub push_attempts: u64,
    /// Push requests that the sandbox refused (validation, token, busy phone; injected answers are not counted here).
    pub push_refused: u64,
    /// Prompts: how many times a phone was really asked to pay.
    pub prompts: u64,
    /// Prompts per phone number.
    pub prompts_by_phone: BTreeMap<String, u64>,
    /// Status queries that reached the server, with or without a fault.
    pub queries: u64,
    /// Callbacks for which a request was begun.
    pub callbacks_sent: u64,
    /// The callbacks among them that repeat one that was not acknowledged.
    pub callback_retries: u64,
    /// Callbacks that were acknowledged: answered with a status that the gateway takes for that.
    pub callbacks_acknowledged: u64,
    /// Callbacks that were answered otherwise, or not at all.
    pub callbacks_failed: u64,
    /// Callbacks that were not sent because their host is not a loopback `http` one.
    pub callbacks_not_loopback: u64,
    /// Callbacks that a fault swallowed.
    pub callbacks_lost: u64,
    /// Connections that a fault closed before anything was read from them.
    pub connections_refused: u64,
    /// Faults that were played, the ones above included.
    pub faults_played: u64,
    /// What of it was Daraja's.
    pub daraja: GatewayCounters,
    /// What of it was PalPluss's.
    pub palpluss: GatewayCounters,
    /// What of it was UpesiPay's.
    pub upesipay: GatewayCounters,
    /// What of it was PayHero's.
    pub payhero: GatewayCounters,
}

/// What happened at one gateway since the sandbox started or was reset.
///
/// A test of a guard against a gateway's abuse rules looks at [`bans`](Self::bans) and
/// [`blocked_phones`](Self::blocked_phones): they stay 0 when the guard works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GatewayCounters {
    /// Push requests that reached the server, with or without a fault.
    pub push_attempts: u64,
    /// Push requests that the gateway refused; injected answers are not counted here.
    pub push_refused: u64,
    /// Prompts: how many times a phone was really asked to pay.
    pub prompts: u64,
    /// Requests for a status or a list that reached the server, with or without a fault.
    pub queries: u64,
    /// Callbacks for which a request was begun, retries included.
    pub callbacks_sent: u64,
    /// How many times the account was banned: PalPluss's temporary ban, UpesiPay's account block.
    pub bans: u64,
    /// How many times a phone number was blocked: UpesiPay only.
    pub blocked_phones: u64,
    /// Pushes that were refused because of a ban or a blocked phone.
    pub refused_while_blocked: u64,
    /// Requests that were refused because of the limit per minute: PalPluss only.
    pub rate_limited: u64,
}

impl Counters {
    /// What happened at one gateway.
    #[must_use]
    pub fn of(&self, gateway: Gateway) -> &GatewayCounters {
        match gateway {
            Gateway::Daraja => &self.daraja,
            Gateway::PalPluss => &self.palpluss,
            Gateway::UpesiPay => &self.upesipay,
            Gateway::PayHero => &self.payhero,
        }
    }

    pub(crate) fn of_mut(&mut self, gateway: Gateway) -> &mut GatewayCounters {
        match gateway {
            Gateway::Daraja => &mut self.daraja,
            Gateway::PalPluss => &mut self.palpluss,
            Gateway::UpesiPay => &mut self.upesipay,
            Gateway::PayHero => &mut self.payhero,
        }
    }

    /// Counts a push that was refused.
    pub(crate) fn refuse_push(&mut self, gateway: Gateway) {
        bump(&mut self.push_refused);
        bump(&mut self.of_mut(gateway).push_refused);
    }
}

/// Counts one more.
pub(crate) fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
