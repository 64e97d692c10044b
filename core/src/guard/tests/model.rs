//! The guard against a naive model that keeps everything that ever happened and works each answer out anew.

use super::*;
use crate::guard::limits::{AccountRung, PhoneRun};
use proptest::prelude::*;

const RUN: PhoneRun = PhoneRun {
    failures: 3,
    closed_for: Duration::from_secs(3_000),
    remembered_for: Duration::from_secs(20_000),
};
const RUNGS: [AccountRung; 2] = [
    AccountRung {
        failures: 5,
        window: Duration::from_secs(1_000),
        closed_for: Duration::from_secs(700),
    },
    AccountRung {
        failures: 9,
        window: Duration::from_secs(6_000),
        closed_for: Duration::from_secs(8_000),
    },
];
const DUE: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug)]
enum Fate {
    Open,
    Failed(EatTime),
    Paid,
    Gone,
}

struct Push {
    phone: u32,
    sent_at: EatTime,
    fate: Fate,
}

/// All pushes that were let through, and every closing there ever was.
#[derive(Default)]
struct Model {
    pushes: Vec<Option<Push>>,
    closings: Vec<EatTime>,
}

impl Model {
    fn counts(push: &Push, window: Duration, unsettled_for: Duration, now: EatTime) -> bool {
        match push.fate {
            Fate::Open => now < push.sent_at.plus(unsettled_for),
            Fate::Failed(at) => now < at.plus(window),
            Fate::Paid | Fate::Gone => false,
        }
    }

    /// Whether a payment of the same phone was paid whose push was sent after this one had ended.
    fn is_cleared(&self, push: &Push) -> bool {
        self.pushes.iter().flatten().any(|other| {
            matches!(other.fate, Fate::Paid)
                && other.phone == push.phone
                && match push.fate {
                    Fate::Failed(at) => at <= other.sent_at,
                    _ => push.sent_at.plus(DUE) <= other.sent_at,
                }
        })
    }

    fn account_count(&self, rung: &AccountRung, now: EatTime) -> usize {
        self.pushes
            .iter()
            .flatten()
            .filter(|push| Self::counts(push, rung.window, rung.window + DUE, now))
            .filter(|push| !self.is_served(push))
            .count()
    }

    fn phone_is_open(&self, phone: u32, now: EatTime) -> bool {
        let run: Vec<_> = self
            .pushes
            .iter()
            .flatten()
            .filter(|push| push.phone == phone && !self.is_cleared(push))
            .filter(|push| Self::counts(push, RUN.remembered_for, RUN.closed_for + DUE, now))
            .collect();
        let is_recent = |push: &&Push| match push.fate {
            Fate::Failed(at) => now < at.plus(RUN.closed_for),
            _ => true,
        };
        run.len() < 3 || !run.iter().any(is_recent)
    }

    /// Whether an account's closing has ended that came after this failure.
    fn is_served(&self, push: &Push) -> bool {
        matches!(push.fate, Fate::Failed(at) if self.closings.iter().any(|until| at < *until))
    }

    fn failures(&self, rung: &AccountRung, now: EatTime) -> usize {
        self.pushes
            .iter()
            .flatten()
            .filter(|push| matches!(push.fate, Fate::Failed(at) if now < at.plus(rung.window)))
            .count()
    }

    fn account_is_open(&self, now: EatTime) -> bool {
        let full = |rung: &AccountRung| {
            self.account_count(rung, now) >= usize::try_from(rung.failures).unwrap()
        };
        !RUNGS.iter().any(full) && !self.closings.iter().any(|until| now < *until)
    }

    fn answer(&self, phone: u32, now: EatTime) -> Option<&'static str> {
        if !self.phone_is_open(phone, now) {
            Some("guard_phone_closed")
        } else if !self.account_is_open(now) {
            Some("guard_account_closed")
        } else {
            None
        }
    }

    fn tell(&mut self, number: usize, outcome: Outcome, now: EatTime) {
        let Some(push) = &mut self.pushes[number] else {
            return;
        };
        let is_news = outcome == Outcome::Cancelled && matches!(push.fate, Fate::Open);
        match (outcome, push.fate) {
            (Outcome::Success, _) => push.fate = Fate::Paid,
            (Outcome::Reversed, _) => push.fate = Fate::Gone,
            (Outcome::Cancelled, Fate::Open) => push.fate = Fate::Failed(now),
            _ => {}
        }
        if is_news {
            let crossed = |fewer: usize| {
                let over = |rung: &&AccountRung| {
                    self.failures(rung, now) - fewer > usize::try_from(rung.failures).unwrap()
                };
                RUNGS.iter().filter(over).map(|rung| rung.closed_for).max()
            };
            let is_shut = self.closings.iter().any(|until| now < *until);
            if let Some(closed_for) = crossed(0)
                && !(is_shut && crossed(1) == Some(closed_for))
            {
                self.closings.push(now.plus(closed_for));
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(u32),
    /// A push that the guard never saw.
    Unseen(u32),
    /// The outcome of one of the latest pushes.
    Tell(usize, Outcome),
    /// One of the latest pushes was not sent after all.
    NotSent(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        12 => Just(Outcome::Cancelled),
        2 => Just(Outcome::Success),
        1 => Just(Outcome::Reversed),
        1 => Just(Outcome::Pending),
    ];
    prop_oneof![
        12 => (0_u32..4).prop_map(Step::Push),
        1 => (0_u32..4).prop_map(Step::Unseen),
        10 => (0_usize..5, outcome).prop_map(|(back, outcome)| Step::Tell(back, outcome)),
        1 => (0_usize..5).prop_map(Step::NotSent),
        3 => (1_u64..200).prop_map(Step::Pass),
        2 => (200_u64..4_000).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_guard_answers_what_the_naive_model_works_out(steps in prop::collection::vec(step(), 1..150)) {
        let limits = Limits::default().phone_run(RUN).account_rungs(RUNGS).outcome_within(DUE);
        let mut shop = Shop::new(limits);
        let mut model = Model::default();
        for step in steps {
            // Two things at the very same instant have no order that a model without one could know.
            shop.pass(SECOND);
            match step {
                Step::Pass(seconds) => shop.pass(Duration::from_secs(seconds)),
                Step::Push(number) => {
                    let expected = model.answer(number, shop.now);
                    let opens_at = shop.standing(&phone(number)).opens_at();
                    prop_assert_eq!(opens_at.is_some(), expected.is_some());
                    if let Some(then) = opens_at {
                        // Told nothing more, it opens then and not a moment before.
                        let before = EatTime::from_unix_millis(then.unix_millis() - 1);
                        prop_assert!(model.answer(number, before).is_some());
                        prop_assert_eq!(model.answer(number, then), None);
                    }
                    let answer = shop.push(&phone(number));
                    let code = answer.as_ref().err().map(|error| error.code().to_owned());
                    prop_assert_eq!(code.as_deref(), expected);
                    model.pushes.push(answer.ok().map(|_| Push {
                        phone: number,
                        sent_at: shop.now,
                        fate: Fate::Open,
                    }));
                }
                Step::Unseen(number) => {
                    let unseen = shop.unseen(&phone(number));
                    model.pushes.push(Some(Push {
                        phone: number,
                        sent_at: shop.now,
                        fate: Fate::Open,
                    }));
                    shop.tell(unseen, Outcome::Cancelled);
                    model.tell(unseen, Outcome::Cancelled, shop.now);
                }
                Step::Tell(back, outcome) => {
                    let Some(number) = model.pushes.len().checked_sub(back + 1) else { continue };
                    let Some(push) = &model.pushes[number] else { continue };
                    // One that was paid never fails later, and one that counts no more does not fail anew.
                    let is_over = match push.fate {
                        Fate::Open => false,
                        Fate::Failed(at) => model.is_cleared(push) || shop.now.since(at) >= RUNGS[0].window,
                        Fate::Paid | Fate::Gone => true,
                    };
                    if is_over { continue }
                    shop.tell(number, outcome);
                    model.tell(number, outcome, shop.now);
                }
                Step::NotSent(back) => {
                    let Some(number) = model.pushes.len().checked_sub(back + 1) else { continue };
                    let Some(push) = &mut model.pushes[number] else { continue };
                    if !matches!(push.fate, Fate::Open) { continue }
                    push.fate = Fate::Gone;
                    shop.refuse(number, &Error::of_gateway(ErrorKind::Connection, Disposition::NotSent, "tls", "No."));
                }
            }
        }
    }
}
