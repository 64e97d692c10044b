//! A gateway's answers to pushes: it refuses a push or opens a prompt, and answers or stays silent.

use super::Gateway;
use super::messages::{Answered, PushAsk};
use super::prompt::{Prompt, may_prompt};
use super::protocol::{Protocol, spoiled};
use super::responses::proxy_timeout;
use crate::plan::faults::{BlockWords, PushFault, Spoil};
use crate::plan::{Behaviour, Plan};

/// How long an announced block lasts that does not say it, in milliseconds: the four hours of UpesiPay's documents.
const BLOCK_LASTS_MS: u64 = 4 * 3_600_000;

impl Gateway {
    pub(super) fn answer_push(
        &mut self,
        protocol: &dyn Protocol,
        ask: &PushAsk,
        fault: Option<PushFault>,
        plan: &Plan,
        now_ms: u64,
    ) -> Answered {
        let closed = self.bans(protocol, fault, now_ms);
        if let Some(refused) = closed.or_else(|| self.refuses(protocol, ask, fault)) {
            return refused;
        }
        // Before the phone's own lock: that it happens to keep a second prompt away is no merit of the caller's.
        let known = self
            .of_sale(ask.sale)
            // Of a prompt that the gateway denied nobody can know, and its order is free.
            .filter(|prompt| !plan.has_ledger() || !prompt.is_hidden());
        let wrong = may_prompt(known).err();
        let is_locked = self
            .prompts
            .iter()
            .any(|prompt| prompt.decided.is_none() && prompt.phone_number == ask.phone_number);
        if wrong.is_none() && (is_locked || fault == Some(PushFault::SubscriberBusy)) {
            let mut answered = Answered::says(
                "refuses, since another prompt is open on that phone",
                protocol.subscriber_busy(),
            );
            answered.phone_is_busy = true;
            return answered;
        }
        let number = self.open(ask, plan, fault, now_ms);
        let prompt = self.prompts.get(number);
        let mut answered = prompt.map_or_else(Answered::lost, |prompt| {
            accepts(protocol, &ask.header, prompt, fault)
        });
        answered.named = names(fault).then_some(number);
        answered.opened = Some(number);
        answered.wrong = wrong;
        answered
    }

    /// Whether a prompt of this payment's was denied. A push that left before the shop could know of it is no fault of the
    /// shop's.
    pub(super) fn has_denied(&self, callback_path: &str) -> bool {
        self.prompts
            .iter()
            .any(|prompt| prompt.callback_path == callback_path && prompt.is_denied)
    }

    /// The refusal of a gateway that takes no pushes for a while.
    fn bans(
        &mut self,
        protocol: &dyn Protocol,
        fault: Option<PushFault>,
        now_ms: u64,
    ) -> Option<Answered> {
        if let Some(PushFault::Banned { seconds, .. }) = fault {
            if !protocol.bans() {
                return Some(Answered::says("is busy", protocol.busy(None)));
            }
            self.banned_until_ms = self.banned_until_ms.max(now_ms + seconds * 1_000);
        }
        if now_ms < self.banned_until_ms {
            let says_so = !matches!(fault, Some(PushFault::Banned { told: false, .. }));
            let seconds = (self.banned_until_ms - now_ms).div_ceil(1_000);
            let mut answered = Answered::says(
                "takes no pushes of this shop's for a while",
                protocol.banned(says_so.then_some(seconds)),
            );
            answered.banned_until_ms = Some(self.banned_until_ms);
            return Some(answered);
        }
        let Some(PushFault::Blocked { words, seconds }) = fault else {
            return None;
        };
        Some(if protocol.announces_blocks() {
            self.blocks_from_now(protocol, words, seconds, now_ms)
        } else {
            Answered::says("is busy", protocol.busy(None))
        })
    }

    fn blocks_from_now(
        &mut self,
        protocol: &dyn Protocol,
        words: BlockWords,
        seconds: Option<u64>,
        now_ms: u64,
    ) -> Answered {
        let lasts_ms = seconds.map_or(BLOCK_LASTS_MS, |seconds| seconds * 1_000);
        self.banned_until_ms = self.banned_until_ms.max(now_ms + lasts_ms);
        let mut answered = Answered::says(
            "announces that it blocks the shop",
            protocol.blocked(words, seconds),
        );
        answered.banned_until_ms = Some(self.banned_until_ms);
        answered.is_announced = true;
        answered
    }

    /// The refusal of this push alone.
    fn refuses(
        &self,
        protocol: &dyn Protocol,
        ask: &PushAsk,
        fault: Option<PushFault>,
    ) -> Option<Answered> {
        if protocol.blocks() && self.blocks.holds(&ask.phone_number) {
            let refused = protocol.banned(None);
            return Some(Answered::says("blocks the phone, or the shop", refused));
        }
        match fault? {
            PushFault::Busy {
                retry_after_seconds,
            } => Some(Answered::says(
                "is busy",
                protocol.busy(retry_after_seconds),
            )),
            PushFault::Refused => Some(Answered::says("refuses the request", protocol.refused())),
            PushFault::NotDoneAndUnclear(spoil) => {
                // Half of an acceptance is sent by nobody who has not accepted.
                let spoil = if spoil == Spoil::Half {
                    Spoil::Empty
                } else {
                    spoil
                };
                Some(Answered::says(
                    "does nothing and sends an error page",
                    spoiled(protocol, spoil, None),
                ))
            }
            _ => None,
        }
    }

    fn open(&mut self, ask: &PushAsk, plan: &Plan, fault: Option<PushFault>, now_ms: u64) -> usize {
        let number = self.prompts.len();
        let earlier = self.of_sale(ask.sale).count();
        let sale = plan.sales.get(ask.sale);
        let behaviour = sale
            .and_then(|sale| sale.behaviours.get(earlier).or(sale.behaviours.last()))
            .copied()
            .unwrap_or(Behaviour::Fails {
                after_ms: 60_000,
                code: 1037,
            });
        let denied_within_ms = denied_within_ms(fault);
        let behaviour = denied_within_ms.map_or(behaviour, |most_ms| behaviour.within_ms(most_ms));
        self.prompts.push(Prompt {
            is_denied: denied_within_ms.is_some(),
            ids_left_out: sale.is_some_and(|sale| sale.ids_left_out),
            ..Prompt::open(number, ask, plan.gateway, behaviour, now_ms)
        });
        number
    }
}

/// What a gateway says once it has opened a prompt.
fn accepts(
    protocol: &dyn Protocol,
    header: &str,
    prompt: &Prompt,
    fault: Option<PushFault>,
) -> Answered {
    let acceptance = || protocol.acceptance(prompt);
    match fault {
        Some(PushFault::AnswerLost) => Answered::cut("prompts the phone, and its answer is lost"),
        Some(PushFault::Silence) => Answered::new("prompts the phone, and never answers", None),
        Some(PushFault::AnswerSpoiled(spoil)) => Answered::says(
            "prompts the phone, and an error page comes back",
            spoiled(protocol, spoil, Some(acceptance())),
        ),
        Some(PushFault::AnswerLate { by_ms }) => Answered {
            after_ms: by_ms,
            ..Answered::says("prompts the phone, and answers late", acceptance())
        },
        Some(PushFault::TokenRefusedThoughPrompted) if protocol.fixed_header().is_none() => {
            Answered {
                refused: Some(header.to_owned()),
                ..Answered::says(
                    "prompts the phone, and refuses the token",
                    protocol.push_header_refused(),
                )
            }
        }
        Some(PushFault::TokenRefusedThoughPrompted) => Answered::says(
            "prompts the phone, and says that it is busy",
            protocol.busy(None),
        ),
        Some(PushFault::BusyThoughPrompted {
            retry_after_seconds,
        }) => Answered::says(
            "prompts the phone, and says that it is busy",
            protocol.busy(retry_after_seconds),
        ),
        Some(PushFault::AcceptedUnder { status }) => {
            let mut response = acceptance();
            response.status = status;
            let mut answered = Answered::says(
                "prompts the phone, and accepts under the status of a refusal",
                response,
            );
            // Whoever takes this for a refusal of the token as well does no harm.
            answered.refused = (status == 401).then(|| header.to_owned());
            answered
        }
        Some(PushFault::AcceptedOddly(oddity)) => Answered::says(
            "prompts the phone, and contradicts itself",
            protocol.odd_acceptance(prompt, oddity),
        ),
        Some(PushFault::ProxyTimeout { by_ms }) => Answered {
            second: Some((by_ms, acceptance())),
            ..Answered::says(
                "prompts the phone, and a proxy gives up on its answer",
                proxy_timeout(),
            )
        },
        Some(PushFault::AnsweredTwice { by_ms }) => Answered {
            second: Some((by_ms, acceptance())),
            ..Answered::says("prompts the phone, and accepts twice", acceptance())
        },
        _ => Answered::says("prompts the phone, and accepts", acceptance()),
    }
}

/// Whether the answer to a push names the prompt.
fn names(fault: Option<PushFault>) -> bool {
    !matches!(
        fault,
        Some(
            PushFault::AnswerLost
                | PushFault::Silence
                | PushFault::AnswerSpoiled(_)
                | PushFault::BusyThoughPrompted { .. }
                | PushFault::TokenRefusedThoughPrompted
                | PushFault::ProxyTimeout { .. }
        )
    )
}

/// How soon a customer answers a prompt that the gateway denies, in milliseconds: while the shop waits to push again.
fn denied_within_ms(fault: Option<PushFault>) -> Option<u64> {
    match fault? {
        PushFault::BusyThoughPrompted {
            retry_after_seconds,
        } => Some(retry_after_seconds.map_or(150, |seconds| seconds * 500)),
        PushFault::TokenRefusedThoughPrompted => Some(0),
        _ => None,
    }
}
