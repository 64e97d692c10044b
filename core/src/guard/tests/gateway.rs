//! The guard in front of a gateway that blocks as published, read as strictly as it can be: whatever customers do and
//! however late their outcomes are learnt, no push ever meets a block, and the account never gets one.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

/// Blocks a phone at the 11th failure in a row and the account at the 50th, 500th and 1000th in six hours.
#[derive(Default)]
struct Gateway {
    runs: HashMap<u32, u32>,
    phones_blocked_until: HashMap<u32, EatTime>,
    failures: Vec<EatTime>,
    account_blocked_until: Option<EatTime>,
}

impl Gateway {
    fn is_blocked(&self, phone: u32, now: EatTime) -> bool {
        self.account_blocked_until.is_some_and(|until| now < until)
            || self
                .phones_blocked_until
                .get(&phone)
                .is_some_and(|until| now < *until)
    }

    fn settle(&mut self, phone: u32, paid: bool, now: EatTime) {
        let run = self.runs.entry(phone).or_default();
        if paid {
            *run = 0;
            return;
        }
        *run += 1;
        if *run > 10 {
            self.phones_blocked_until.insert(phone, now.plus(24 * HOUR));
        }
        self.failures.push(now);
        let in_window = self
            .failures
            .iter()
            .filter(|at| now.since(**at) < 6 * HOUR)
            .count();
        for (failures, hours) in [(50, 4), (500, 24), (1000, 72)] {
            if in_window >= failures {
                self.account_blocked_until = Some(now.plus(hours * HOUR));
            }
        }
    }
}

#[test]
fn twelve_cancelled_pushes_block_a_phone_and_with_the_guard_they_do_not() {
    let mut shop = Shop::new(Limits::default());
    let (mut bare, mut guarded) = (Gateway::default(), Gateway::default());
    let mut refused_here = Vec::new();
    for number in 1..=12 {
        if number == 12 {
            assert!(bare.is_blocked(1, shop.now));
        }
        bare.settle(1, false, shop.now);
        match shop.sale(&phone(1), Outcome::Cancelled) {
            Ok(()) => guarded.settle(1, false, shop.now),
            Err(_) => refused_here.push(number),
        }
        assert!(!guarded.is_blocked(1, shop.now));
        shop.pass(MINUTE);
    }
    assert_eq!(refused_here, [11, 12]);
}

#[test]
fn an_hour_of_failures_blocks_an_account_and_with_the_guard_it_does_not() {
    let mut shop = Shop::new(Limits::default());
    let (mut bare, mut guarded) = (Gateway::default(), Gateway::default());
    let mut reached = 0;
    for number in 0..1_200 {
        bare.settle(number, false, shop.now);
        if shop.sale(&phone(number), Outcome::Failed).is_ok() {
            guarded.settle(number, false, shop.now);
            reached += 1;
        }
        assert_eq!(guarded.account_blocked_until, None);
        shop.pass(3 * SECOND);
    }
    assert_eq!(reached, 49);
    assert!(
        bare.account_blocked_until
            .is_some_and(|until| until > shop.now.plus(71 * HOUR))
    );
}

#[derive(Clone, Debug)]
struct Customer {
    phone: u32,
    after: u64,
    pays: bool,
    settles_after: u64,
    /// How much later that is learnt; never, where there is none.
    learnt_after: Option<u64>,
}

fn customers(pause: u64, phones: u32, all_learnt: bool) -> impl Strategy<Value = Vec<Customer>> {
    let learnt = if all_learnt {
        (0_u64..7_200).prop_map(Some).boxed()
    } else {
        prop::option::of(0_u64..7_200).boxed()
    };
    let customer = (0..phones, 0..pause, 0_u32..10, 1_u64..300, learnt).prop_map(
        |(phone, after, luck, settles_after, learnt_after)| Customer {
            phone,
            after,
            pays: luck == 0,
            settles_after,
            learnt_after,
        },
    );
    prop::collection::vec(customer, 100..500)
}

/// What happens later: at the gateway, and then here.
enum News {
    Settles,
    Learnt,
}

/// Sends every customer through the guard, and returns the gateway and how many reached it.
fn play(customers: &[Customer]) -> (Gateway, u32) {
    let mut shop = Shop::new(Limits::default());
    let mut gateway = Gateway::default();
    let mut news: Vec<(EatTime, usize, usize, News)> = Vec::new();
    let mut reached = 0;
    for (index, customer) in customers.iter().enumerate() {
        let arrives = shop.now.plus(Duration::from_secs(customer.after));
        news.sort_by_key(|(at, ..)| *at);
        let later = news.split_off(news.partition_point(|(at, ..)| *at <= arrives));
        for (at, number, index, what) in std::mem::replace(&mut news, later) {
            let customer = &customers[index];
            shop.now = at;
            match what {
                News::Settles => gateway.settle(customer.phone, customer.pays, at),
                News::Learnt if customer.pays => shop.tell(number, Outcome::Success),
                News::Learnt => shop.tell(number, Outcome::Cancelled),
            }
        }
        shop.now = arrives;
        if let Ok(number) = shop.push(&phone(customer.phone)) {
            reached += 1;
            assert!(
                !gateway.is_blocked(customer.phone, shop.now),
                "a push met a block"
            );
            let settles = arrives.plus(Duration::from_secs(customer.settles_after));
            news.push((settles, number, index, News::Settles));
            if let Some(after) = customer.learnt_after {
                let learnt = settles.plus(Duration::from_secs(after));
                news.push((learnt, number, index, News::Learnt));
            }
        }
    }
    (gateway, reached)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_push_to_a_phone_ever_meets_a_block(customers in customers(3_600, 3, true)) {
        let (gateway, reached) = play(&customers);
        prop_assert!(reached > 0);
        prop_assert_eq!(gateway.account_blocked_until, None);
    }

    #[test]
    fn the_account_is_never_blocked(customers in customers(120, 400, false)) {
        let (gateway, reached) = play(&customers);
        prop_assert!(reached >= 49);
        prop_assert_eq!(gateway.account_blocked_until, None);
    }
}
