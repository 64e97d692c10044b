//! Faults that were added to plans later. Each is drawn from a random stream of its own, so that a new fault changes only
//! the worlds that it occurs in.

use super::faults::{BlockWords, Oddity, PushFault, QueryFault};
use super::{Behaviour, Keeping, Plan, Sale};
use crate::chance::Chance;
use lipia::GatewayName;

/// The streams of chance, one for each kind of fault.
mod streams {
    pub(super) const DENIED: u64 = 3 << 32;
    pub(super) const ODD: u64 = 4 << 32;
    pub(super) const CONNECTIONS: u64 = 5 << 32;
    pub(super) const IDS: u64 = 6 << 32;
    pub(super) const PAID_AFTER_ALL: u64 = 7 << 32;
    pub(super) const BLOCKED: u64 = 8 << 32;
    pub(super) const UNKNOWN_CODES: u64 = 9 << 32;
    pub(super) const ELSEWHERE: u64 = 10 << 32;
    pub(super) const ALIKE: u64 = 11 << 32;
    pub(super) const ACCEPTANCES: u64 = 12 << 32;
}

/// The time that a push needs besides the pause that a `Retry-After` asks for, in milliseconds.
const BESIDES_A_PAUSE_MS: u64 = 4_000;

impl Plan {
    pub(super) fn draw_later_faults(&mut self) {
        let seed = self.seed;
        let of = |stream| Chance::of(seed, stream);
        self.draw_denials(&mut of(streams::DENIED));
        self.draw_odd_acceptances(&mut of(streams::ODD));
        self.draw_stray_answers(&mut of(streams::CONNECTIONS));
        self.draw_ids(&mut of(streams::IDS));
        self.draw_late_payments(&mut of(streams::PAID_AFTER_ALL));
        self.draw_blocks(&mut of(streams::BLOCKED));
        self.draw_unknown_codes(&mut of(streams::UNKNOWN_CODES));
        self.draw_elsewhere(&mut of(streams::ELSEWHERE));
        self.draw_alike(&mut of(streams::ALIKE));
        self.draw_acceptances(&mut of(streams::ACCEPTANCES));
    }

    /// The gateway says that it has done nothing, and has prompted. The customer is quick, and the callback comes while
    /// the push waits to be sent again.
    fn draw_denials(&mut self, chance: &mut Chance) {
        if !chance.percent(12) {
            return;
        }
        let has_tokens = self.gateway == GatewayName::Daraja;
        let longest = (self.timeout_ms.saturating_sub(BESIDES_A_PAUSE_MS) / 1_000).min(15);
        for sale in &mut self.sales {
            let is_drawn = chance.percent(30);
            let retry_after_seconds = chance.percent(60).then(|| chance.from_to(2, longest));
            let of_the_token = chance.percent(40) && has_tokens;
            let callback_after_ms = chance.below(150);
            if !is_drawn {
                continue;
            }
            sale.push_faults = vec![if of_the_token {
                PushFault::TokenRefusedThoughPrompted
            } else {
                PushFault::BusyThoughPrompted {
                    retry_after_seconds,
                }
            }];
            sale.callbacks_after_ms.insert(0, callback_after_ms);
        }
    }

    /// Acceptances that come with the signs of a refusal.
    fn draw_odd_acceptances(&mut self, chance: &mut Chance) {
        if !chance.percent(12) {
            return;
        }
        for sale in &mut self.sales {
            let is_drawn = chance.percent(30);
            let under = PushFault::AcceptedUnder {
                status: chance.weighted(
                    &[
                        (3, 429),
                        (2, 401),
                        (1, 400),
                        (1, 403),
                        (1, 408),
                        (1, 409),
                        (1, 423),
                        (1, 425),
                        (1, 499),
                        (1, 500),
                        (1, 503),
                    ],
                    429,
                ),
            };
            let odd = PushFault::AcceptedOddly(chance.weighted(
                &[
                    (1, Oddity::ZeroPointZero),
                    (1, Oddity::MinusZero),
                    (1, Oddity::Word),
                    (2, Oddity::Busy),
                ],
                Oddity::Busy,
            ));
            let fault = if chance.percent(50) { under } else { odd };
            if is_drawn {
                sale.push_faults.insert(0, fault);
            }
        }
    }

    /// Answers that come late or twice on a connection that is kept, and questions that are answered about another prompt.
    fn draw_stray_answers(&mut self, chance: &mut Chance) {
        if !chance.percent(15) {
            return;
        }
        for sale in &mut self.sales {
            let by_ms = chance.weighted(&[(2, 60), (3, 400), (3, 4_000), (2, 25_000)], 400);
            let by_ms = by_ms / 2 + chance.below(by_ms);
            let push = [
                PushFault::ProxyTimeout { by_ms },
                PushFault::AnsweredTwice { by_ms },
            ];
            let queries = [
                QueryFault::ProxyTimeout { by_ms },
                QueryFault::AnsweredTwice { by_ms },
                QueryFault::Unnamed,
                QueryFault::OfAnother,
            ];
            if chance.percent(30) {
                let fault = chance.weighted(&[(1, push[0]), (1, push[1])], push[0]);
                sale.push_faults.insert(0, fault);
            }
            for _ in 0..chance.below(4) {
                let fault = chance.weighted(
                    &[
                        (2, queries[0]),
                        (2, queries[1]),
                        (1, queries[2]),
                        (1, queries[3]),
                    ],
                    queries[0],
                );
                sale.query_faults.insert(0, fault);
            }
            if chance.percent(40) {
                sale.callbacks_after_ms.clear();
            }
        }
    }

    /// Answers that leave an id out where the documents allow that.
    fn draw_ids(&mut self, chance: &mut Chance) {
        let may_leave_out = self.gateway != GatewayName::Daraja;
        for sale in &mut self.sales {
            sale.ids_left_out = chance.percent(25) && may_leave_out;
        }
    }

    /// Customers who pay after the gateway has said that nobody answered, where no callback says so. The shop has not
    /// given the order up yet.
    fn draw_late_payments(&mut self, chance: &mut Chance) {
        // The first generation of UpesiPay is asked by an id that the answer to the push alone has.
        let needs_the_answer = self.gateway == GatewayName::UpesiPay && !self.second_form;
        let may_lose_it = needs_the_answer && !self.crashes.is_empty();
        if !chance.percent(12) || self.keeping == Keeping::Nothing || may_lose_it {
            return;
        }
        for sale in &mut self.sales {
            let is_drawn = chance.percent(40);
            let ends_ms = chance.from_to(25_000, 55_000);
            let code = chance.weighted(&[(3, 1037), (1, 1019)], 1037);
            let pays_after_all_ms = chance.from_to(1_000, 20_000);
            if is_drawn {
                sale.behaviours = vec![Behaviour::Fails {
                    after_ms: ends_ms,
                    code,
                }];
                sale.pays_after_all_ms = Some(pays_after_all_ms);
                sale.contradicted = false;
                // Few looks are due before the world ends.
                sale.query_faults.truncate(1);
                if needs_the_answer {
                    sale.push_faults.clear();
                    sale.caller_leaves_after_ms = None;
                }
            }
        }
    }

    /// Blocks that the gateway announces in words of its own.
    fn draw_blocks(&mut self, chance: &mut Chance) {
        if !chance.percent(15) || self.gateway == GatewayName::Daraja {
            return;
        }
        for sale in &mut self.sales {
            let is_drawn = chance.percent(15);
            let words = chance.weighted(
                &[
                    (2, BlockWords::Sentence),
                    (1, BlockWords::AccountRestricted),
                    (1, BlockWords::StkBanned),
                    (1, BlockWords::SmallLetters),
                ],
                BlockWords::Sentence,
            );
            let seconds = chance.percent(50).then(|| chance.from_to(30, 600));
            // A sentence names its hours itself.
            let seconds = seconds.filter(|_| words != BlockWords::Sentence);
            if is_drawn {
                sale.push_faults
                    .insert(0, PushFault::Blocked { words, seconds });
            }
        }
    }

    /// Callbacks with a code that stands in no table.
    fn draw_unknown_codes(&mut self, chance: &mut Chance) {
        if !chance.percent(15) {
            return;
        }
        for sale in &mut self.sales {
            let code = chance.weighted(&[(2, 7_777), (1, 4_242), (1, 99_001)], 7_777);
            sale.unknown_code = chance.percent(30).then_some(code);
        }
    }

    /// A second process of the shop that takes in what is posted. What it learns reaches the first by the saved payment.
    fn draw_elsewhere(&mut self, chance: &mut Chance) {
        let has_saved = matches!(self.keeping, Keeping::Store | Keeping::Itself);
        // A process that dies, a full disk and tokens that end each other are worlds of their own.
        let is_drawn = chance.percent(20);
        if !is_drawn
            || !has_saved
            || self.one_token
            || !self.crashes.is_empty()
            || !self.failing_saves.is_empty()
        {
            return;
        }
        for sale in &mut self.sales {
            sale.taken_in_elsewhere = chance.percent(60);
        }
    }

    /// Sales that nothing but their callback's address tells apart, close in time.
    fn draw_alike(&mut self, chance: &mut Chance) {
        if !chance.percent(20) || self.keeping == Keeping::Nothing || !self.crashes.is_empty() {
            return;
        }
        for place in 1..self.sales.len() {
            let is_drawn = chance.percent(40);
            let after_ms = chance.weighted(&[(2, 500), (3, 30_000), (2, 250_000)], 30_000);
            let after_ms = after_ms / 2 + chance.below(after_ms);
            let fault = chance.weighted(
                &[
                    (3, Some(PushFault::RequestLost)),
                    (2, Some(PushFault::AnswerLost)),
                    (3, None),
                ],
                None,
            );
            let (Some(earlier), true) = (self.sales.get(place - 1).cloned(), is_drawn) else {
                continue;
            };
            if let Some(sale) = self.sales.get_mut(place) {
                *sale = Sale {
                    begins_at_ms: earlier.begins_at_ms + after_ms,
                    customer: earlier.customer,
                    amount: earlier.amount,
                    pays_after_all_ms: None,
                    like: Some(earlier.like.unwrap_or(place - 1)),
                    push_faults: fault
                        .map_or_else(|| sale.push_faults.clone(), |fault| vec![fault]),
                    tries_again: false,
                    ..sale.clone()
                };
            }
            if let (Some(earlier), true) = (self.sales.get_mut(place - 1), chance.percent(40)) {
                earlier.push_faults = vec![PushFault::RequestLost];
                earlier.pays_after_all_ms = None;
                earlier.tries_again = false;
            }
        }
    }

    /// A shop that keeps the acceptance alone and asks by it: many sales, of which most are paid, to few customers.
    fn draw_acceptances(&mut self, chance: &mut Chance) {
        if !chance.percent(6) || !self.crashes.is_empty() {
            return;
        }
        self.keeping = Keeping::Acceptance;
        self.guarded = true;
        self.failing_saves.clear();
        let customers = chance.weighted(&[(2, 1), (1, 3)], 1);
        let count = chance.from_to(12, 18);
        let usual = self.sales.first().cloned().unwrap_or_default();
        self.sales = (0..count)
            .map(|place| Sale {
                begins_at_ms: place * 40_000 / customers,
                customer: place % customers,
                amount: usual.amount,
                behaviours: vec![Behaviour::Pays {
                    after_ms: chance.from_to(2_000, 9_000),
                }],
                query_faults: if chance.percent(20) {
                    usual.query_faults.clone()
                } else {
                    Vec::new()
                },
                callbacks_after_ms: Vec::new(),
                ids_left_out: usual.ids_left_out,
                ..Sale::default()
            })
            .collect();
    }
}
