//! The drawing of a plan from its seed, with the odds of each fault. Faults are far more frequent than in the field, and come
//! together.

use super::faults::{PushFault, QueryFault, Spoil, Spoiled, TokenFault};
use super::{Behaviour, Crash, ForgedPath, Forgery, Keeping, Plan, Sale};
use crate::chance::Chance;
use lipia::GatewayName;

/// A world has so many sales at most.
const MAX_SALES: u64 = 19;

/// The stream of chance from which the gateway is drawn, and what only it has.
const GATEWAYS: u64 = 1 << 32;

/// And that of what was thought of later.
const LATER: u64 = 2 << 32;

/// And that of processes that share a ledger.
const LEDGERS: u64 = 13 << 32;

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut plan = Self::of_daraja(seed);
        // A stream of its own, so that what is drawn for one gateway leaves the worlds of another as they are.
        let chance = &mut Chance::of(seed, GATEWAYS);
        let gateway = chance.weighted(
            &[
                (8, GatewayName::Daraja),
                (2, GatewayName::PalPluss),
                (2, GatewayName::UpesiPay),
            ],
            GatewayName::Daraja,
        );
        if gateway != GatewayName::Daraja {
            plan.become_one_of(gateway, chance);
        }
        if plan.guarded && gateway != GatewayName::PalPluss && chance.percent(15) {
            plan.draw_a_crowd(chance);
        }
        let chance = &mut Chance::of(seed, LATER);
        for sale in &mut plan.sales {
            sale.contradicted = chance.percent(15);
            sale.pushes_once_more = chance.percent(15);
        }
        if chance.percent(25) {
            plan.first_wait_ms = chance.from_to(11_000, 90_000);
        }
        // A push that was not saved matters where the process dies right after it.
        if plan.keeping == Keeping::Store && !plan.crashes.is_empty() && chance.percent(40) {
            let saves = 2 * plan.sales.len() as u64;
            let failing = u32::try_from(chance.below(saves)).unwrap_or(0);
            plan.failing_saves.push(failing);
        }
        plan.draw_later_faults();
        plan.draw_a_ledger(&mut Chance::of(seed, LEDGERS));
        plan
    }

    /// Many sales to few customers of whom hardly anybody pays: what a gateway blocks for.
    fn draw_a_crowd(&mut self, chance: &mut Chance) {
        let customers = chance.weighted(&[(2, 1), (2, 3), (3, 12)], 3);
        let at_once = chance.percent(20);
        let pays_percent = chance.weighted(&[(3, 0), (3, 5), (1, 25)], 0);
        self.sales = (0..chance.from_to(12, 75))
            .map(|_| {
                let after_ms = chance.from_to(500, 20_000);
                let behaviour = if chance.percent(pays_percent) {
                    Behaviour::Pays { after_ms }
                } else {
                    let code = chance.weighted(&[(3, 1032), (1, 1037), (1, 1)], 1032);
                    Behaviour::Fails { after_ms, code }
                };
                let drawn = sale(chance, at_once);
                Sale {
                    // Within what a guard that is told nothing remembers.
                    begins_at_ms: drawn.begins_at_ms * 4,
                    customer: chance.below(customers),
                    behaviours: vec![behaviour],
                    push_faults: if chance.percent(60) {
                        Vec::new()
                    } else {
                        drawn.push_faults
                    },
                    tries_again: false,
                    ..drawn
                }
            })
            .collect();
        if self.gateway != GatewayName::Daraja {
            self.lose_tokens(chance);
        }
    }

    /// The same world before another gateway, which has no tokens and faults of its own.
    fn become_one_of(&mut self, gateway: GatewayName, chance: &mut Chance) {
        self.gateway = gateway;
        self.second_form = chance.percent(50);
        self.guarded = chance.percent(90);
        self.token_faults.clear();
        self.tokens_end_at_ms.clear();
        self.lose_tokens(chance);
        // Both have every success confirmed, so that whoever learns an address gains nothing.
        for forgery in &mut self.forgeries {
            if chance.percent(40) {
                forgery.path = ForgedPath::Leaked;
            }
        }
    }

    /// What is refused for its token is turned away otherwise where there are none.
    fn lose_tokens(&mut self, chance: &mut Chance) {
        let gateway = self.gateway;
        for sale in &mut self.sales {
            for fault in &mut sale.push_faults {
                if *fault == PushFault::TokenRefused {
                    *fault = turned_away(gateway, chance);
                }
            }
            for fault in &mut sale.query_faults {
                if *fault == QueryFault::TokenRefused {
                    *fault = QueryFault::Busy;
                }
            }
        }
    }

    fn of_daraja(seed: u64) -> Self {
        let chance = &mut Chance::of(seed, 0);
        let keeping = chance.weighted(
            &[
                (5, Keeping::Store),
                (4, Keeping::Itself),
                (2, Keeping::Nothing),
            ],
            Keeping::Store,
        );
        let confirms = chance.percent(25);
        let at_once = chance.percent(30);
        let sales: Vec<Sale> = (0..chance.from_to(1, MAX_SALES))
            .map(|_| sale(chance, at_once))
            .collect();
        let count = sales.len() as u64;
        let crashes = if keeping == Keeping::Nothing || chance.percent(40) {
            Vec::new()
        } else {
            crashes(chance, count)
        };
        Self {
            seed,
            gateway: GatewayName::Daraja,
            second_form: false,
            keeping,
            confirms,
            guarded: chance.percent(25),
            timeout_ms: chance.weighted(&[(6, 30_000), (2, 10_000), (1, 60_000)], 30_000),
            first_wait_ms: 120_000,
            token_seconds: chance.weighted(&[(7, 3_599), (1, 120), (1, 40), (1, 15)], 3_599),
            one_token: chance.percent(30),
            token_faults: some(chance, 30, 3, token_fault),
            tokens_end_at_ms: some(chance, 30, 3, |chance| chance.below(150_000)),
            forgeries: some(chance, 40, 4, |chance| forgery(chance, count, confirms)),
            failing_saves: if keeping == Keeping::Store {
                some(chance, 15, 3, |chance| {
                    u32::try_from(chance.below(3 * count)).unwrap_or(0)
                })
            } else {
                Vec::new()
            },
            sales,
            crashes,
            servers: 1,
            store_ms: 0,
            drops_wakes: false,
            stalls: Vec::new(),
            store_faults: Vec::new(),
        }
    }
}

/// In so many of a hundred cases some of them, at most `most`.
fn some<T>(
    chance: &mut Chance,
    percent: u64,
    most: u64,
    mut draw: impl FnMut(&mut Chance) -> T,
) -> Vec<T> {
    if !chance.percent(percent) {
        return Vec::new();
    }
    (0..chance.from_to(1, most)).map(|_| draw(chance)).collect()
}

fn sale(chance: &mut Chance, at_once: bool) -> Sale {
    Sale {
        begins_at_ms: if at_once { 0 } else { chance.below(120_000) },
        customer: chance.below(6),
        amount: u32::try_from(chance.from_to(1, 3_000)).unwrap_or(1),
        behaviours: vec![behaviour(chance), behaviour(chance)],
        push_faults: some(chance, 55, 3, push_fault),
        query_faults: some(chance, 50, 6, query_fault),
        callbacks_after_ms: if chance.percent(30) {
            Vec::new()
        } else {
            some(chance, 100, 3, callback_after)
        },
        misdirected_to: chance
            .percent(10)
            .then(|| usize::try_from(chance.below(MAX_SALES)).unwrap_or(0)),
        like: None,
        pays_after_all_ms: None,
        ids_left_out: false,
        unknown_code: None,
        taken_in_elsewhere: false,
        contradicted: false,
        spoiled: chance.percent(8).then(|| {
            chance.weighted(
                &[
                    (3, Spoiled::Amount),
                    (2, Spoiled::Phone),
                    (2, Spoiled::Prompt),
                    (2, Spoiled::Incomplete),
                ],
                Spoiled::Amount,
            )
        }),
        caller_leaves_after_ms: chance.percent(12).then(|| chance.below(40_000)),
        pushes_again: u32::try_from(chance.below(4)).unwrap_or(0),
        pushes_once_more: false,
        tries_again: chance.percent(30),
        server: 0,
        waits: false,
        clicks: Vec::new(),
        hearings: Vec::new(),
    }
}

/// Most customers take about twenty seconds; an unanswered prompt ends after some thirty to sixty.
fn behaviour(chance: &mut Chance) -> Behaviour {
    if chance.percent(65) {
        let after_ms = if chance.percent(15) {
            chance.from_to(30_000, 65_000)
        } else {
            chance.from_to(2_000, 30_000)
        };
        return Behaviour::Pays { after_ms };
    }
    let (code, after_ms) = chance.weighted(
        &[
            (4, (1032, 8_000)),
            (3, (1037, 60_000)),
            (2, (1, 12_000)),
            (1, (2001, 15_000)),
            (1, (1019, 61_000)),
            (1, (1025, 1_000)),
        ],
        (1032, 8_000),
    );
    let after_ms = after_ms / 2 + chance.below(after_ms / 2 + 1);
    Behaviour::Fails { after_ms, code }
}

/// Mostly at once; sometimes before anybody can have answered, sometimes after everybody has gone home.
fn callback_after(chance: &mut Chance) -> u64 {
    match chance.below(10) {
        0..6 => chance.below(2_000),
        6..8 => chance.below(60_000),
        8 => chance.below(600_000),
        _ => 0,
    }
}

fn spoil(chance: &mut Chance) -> Spoil {
    chance.weighted(
        &[
            (3, Spoil::Unavailable),
            (1, Spoil::Firewall),
            (2, Spoil::InternalError),
            (1, Spoil::Empty),
            (1, Spoil::Html),
            (1, Spoil::Half),
        ],
        Spoil::Unavailable,
    )
}

fn push_fault(chance: &mut Chance) -> PushFault {
    let by_ms = chance.from_to(1_000, 90_000);
    let retry_after_seconds = chance.percent(50).then(|| chance.from_to(1, 40));
    let spoil = spoil(chance);
    chance.weighted(
        &[
            (4, PushFault::NotConnected),
            (2, PushFault::RequestLost),
            (2, PushFault::RequestLate { by_ms }),
            (
                4,
                PushFault::Busy {
                    retry_after_seconds,
                },
            ),
            (4, PushFault::TokenRefused),
            (2, PushFault::SubscriberBusy),
            (2, PushFault::Refused),
            (6, PushFault::AnswerLost),
            (3, PushFault::Silence),
            (5, PushFault::AnswerLate { by_ms }),
            (5, PushFault::AnswerSpoiled(spoil)),
            (2, PushFault::NotDoneAndUnclear(spoil)),
        ],
        PushFault::AnswerLost,
    )
}

/// How a gateway without tokens sends a shop away.
fn turned_away(gateway: GatewayName, chance: &mut Chance) -> PushFault {
    let seconds = chance.weighted(&[(3, 45), (2, 240), (1, 3_600)], 3_600);
    let told = chance.percent(75);
    if gateway == GatewayName::PalPluss {
        PushFault::Banned { seconds, told }
    } else {
        PushFault::Refused
    }
}

fn query_fault(chance: &mut Chance) -> QueryFault {
    let by_ms = chance.from_to(1_000, 60_000);
    let spoil = spoil(chance);
    chance.weighted(
        &[
            (2, QueryFault::NotConnected),
            (2, QueryFault::AnswerLost),
            (2, QueryFault::AnswerLate { by_ms }),
            (4, QueryFault::StillProcessing),
            (4, QueryFault::StillProcessingOtherwise),
            (4, QueryFault::NoInformation),
            (2, QueryFault::DoesNotExist),
            (2, QueryFault::Busy),
            (2, QueryFault::TokenRefused),
            (3, QueryFault::Spoiled(spoil)),
        ],
        QueryFault::NoInformation,
    )
}

fn token_fault(chance: &mut Chance) -> TokenFault {
    let by_ms = chance.from_to(500, 40_000);
    let spoil = spoil(chance);
    chance.weighted(
        &[
            (3, TokenFault::NotConnected),
            (2, TokenFault::AnswerLost),
            (4, TokenFault::AnswerLate { by_ms }),
            (2, TokenFault::Busy),
            (2, TokenFault::Spoiled(spoil)),
            (1, TokenFault::KeysRefused),
        ],
        TokenFault::NotConnected,
    )
}

fn forgery(chance: &mut Chance, sales: u64, confirms: bool) -> Forgery {
    let path = chance.weighted(
        &[
            (2, ForgedPath::Form),
            (3, ForgedPath::Id),
            (3, ForgedPath::SealOfAnother),
            (if confirms { 6 } else { 0 }, ForgedPath::Leaked),
        ],
        ForgedPath::Form,
    );
    Forgery {
        at_ms: chance.below(180_000),
        sale: usize::try_from(chance.below(sales)).unwrap_or(0),
        path,
    }
}

/// At some step of the first sales, or of any of them.
fn crashes(chance: &mut Chance, sales: u64) -> Vec<Crash> {
    let mut at_step = 0;
    (0..chance.from_to(1, 3))
        .map(|_| {
            at_step += 1 + u32::try_from(chance.below(8 * sales)).unwrap_or(0);
            Crash {
                at_step,
                down_ms: chance.below(60_000),
            }
        })
        .collect()
}
