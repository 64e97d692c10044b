//! Tests of every limit of the guard at its edge.

use super::*;
use crate::guard::limits::{AccountRung, PhoneRun};
use crate::guard::sliding_window::SlidingWindow;
use crate::guard::store::Key;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn the_tenth_failure_is_let_happen_and_the_eleventh_push_is_refused() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    for _ in 0..10 {
        shop.sale(&customer, Outcome::Cancelled).unwrap();
        shop.pass(SECOND);
    }
    let last_failure = DAY - SECOND;
    let error = assert_refused(shop.push(&customer), "guard_phone_closed", last_failure);
    assert_eq!(
        error.hint(),
        Some(
            "It opens again at 2026-11-22T09:00:09+03:00, East Africa Time. A payment by another way is not affected."
        )
    );
    shop.push(&phone(2)).unwrap();

    shop.pass(last_failure - Duration::from_millis(1));
    assert_refused(shop.push(&customer), "guard_phone_closed", SECOND);
    shop.pass(Duration::from_millis(1));
    shop.push(&customer).unwrap();
}

#[test]
fn after_a_day_one_push_at_a_time_is_let_through_until_one_is_paid() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    for _ in 0..10 {
        shop.sale(&customer, Outcome::Timeout).unwrap();
    }
    for _ in 0..3 {
        shop.pass(DAY);
        let trial = shop.push(&customer).unwrap();
        assert_refused(shop.push(&customer), "guard_phone_closed", 5 * MINUTE);
        shop.pass(MINUTE);
        shop.tell(trial, Outcome::WrongPin);
        assert_refused(shop.push(&customer), "guard_phone_closed", DAY);
    }
    shop.pass(DAY);
    // One that prompted nobody closes nothing.
    let trial = shop.push(&customer).unwrap();
    shop.refuse(
        trial,
        &Error::of_gateway(ErrorKind::Connection, Disposition::NotSent, "tls", "No."),
    );
    let trial = shop.push(&customer).unwrap();
    shop.tell(trial, Outcome::Success);
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 0);
    for _ in 0..10 {
        shop.sale(&customer, Outcome::Failed).unwrap();
    }
    shop.push(&customer).unwrap_err();
}

#[test]
fn a_run_is_remembered_for_thirty_days() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    for _ in 0..10 {
        shop.sale(&customer, Outcome::Cancelled).unwrap();
    }
    shop.pass(30 * DAY - SECOND);
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 10);
    shop.pass(SECOND);
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 0);
    for _ in 0..10 {
        shop.sale(&customer, Outcome::Cancelled).unwrap();
    }
}

#[test]
fn a_paid_push_ends_the_run_of_what_failed_before_it_was_sent() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    for _ in 0..6 {
        shop.sale(&customer, Outcome::Cancelled).unwrap();
    }
    let in_flight = shop.push(&customer).unwrap();
    shop.pass(SECOND);
    let paid = shop.push(&customer).unwrap();
    shop.pass(SECOND);
    shop.tell(in_flight, Outcome::Cancelled);
    let forgotten = shop.push(&customer).unwrap();
    shop.pass(SECOND);
    shop.tell(paid, Outcome::Success);
    // One failed while the paid one was under way, perhaps after it; one is still open.
    let count = shop.standing(&customer).phone.unwrap();
    assert_eq!((count.counted, count.unsettled), (2, 1));

    // What was never settled was due long before the next one is sent.
    shop.pass(5 * MINUTE);
    shop.sale(&customer, Outcome::Success).unwrap();
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 0);
    shop.tell(forgotten, Outcome::Expired);
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 1);
}

#[test]
fn a_payment_that_failed_and_was_paid_after_all_ends_the_run() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    for _ in 0..9 {
        shop.sale(&customer, Outcome::Cancelled).unwrap();
    }
    shop.pass(SECOND);
    let late = shop.push(&customer).unwrap();
    shop.pass(MINUTE);
    shop.tell(late, Outcome::Timeout);
    shop.push(&customer).unwrap_err();
    shop.tell(late, Outcome::Success);
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 0);
    assert_eq!(shop.standing(&customer).account[0].counted, 9);
}

#[test]
fn the_account_is_refused_before_the_fiftieth_failure_in_six_hours() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    shop.failures_elsewhere(1);
    shop.pass(HOUR);
    shop.failures_elsewhere(47);
    shop.pass(HOUR);
    shop.failures_elsewhere(1);
    let error = assert_refused(shop.push(&customer), "guard_account_closed", 4 * HOUR);
    assert!(error.message().contains("49 pushes"), "{error}");
    assert!(error.message().contains("within 6 hours"), "{error}");
    // The refused push holds no place at its phone.
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 0);

    // The first leaves the window, and one push takes its place.
    shop.pass(4 * HOUR);
    shop.sale(&customer, Outcome::Cancelled).unwrap();
    assert_refused(shop.push(&customer), "guard_account_closed", HOUR);
    shop.pass(HOUR);
    assert_eq!(shop.standing(&customer).account[0].counted, 2);
    shop.failures_elsewhere(47);
    shop.push(&customer).unwrap_err();
}

#[test]
fn each_rung_closes_for_its_own_time_when_others_failed_more_than_it_allows() {
    for (rung, limit, hours) in [(0, 49, 4), (1, 499, 24), (2, 999, 72)] {
        let mut shop = Shop::new(Limits::default());
        let customer = phone(1);
        for number in 0..limit {
            let unseen = shop.unseen(&phone(100 + number));
            shop.tell(unseen, Outcome::Cancelled);
        }
        let standing = shop.standing(&customer);
        assert_eq!(standing.account[rung].counted, limit);
        // At the limit the window alone closes it, or the rung below.
        assert!(standing.closing.is_none() || rung > 0);
        let unseen = shop.unseen(&phone(99));
        shop.tell(unseen, Outcome::Cancelled);
        let closing = shop.standing(&customer).closing.unwrap();
        assert_eq!(closing.until, shop.now.plus(hours * HOUR));
        assert_refused(shop.push(&customer), "guard_account_closed", hours * HOUR);
        // More failures on the same rung do not lengthen it.
        shop.pass(MINUTE);
        let unseen = shop.unseen(&phone(98));
        shop.tell(unseen, Outcome::Cancelled);
        shop.pass(hours * HOUR - MINUTE - SECOND);
        shop.push(&customer).unwrap_err();
        // It opens when the gateway does, though the failures are still in the window.
        shop.pass(SECOND);
        let open = shop.push(&customer).unwrap();
        let another = shop.push(&phone(97)).unwrap();
        shop.tell(another, Outcome::Success);
        shop.push(&phone(96)).unwrap();
        // With the window still full, a failure is one more than the gateway allows.
        shop.tell(open, Outcome::Cancelled);
        let is_full = hours < 6;
        assert_eq!(shop.push(&customer).is_err(), is_full);
        if is_full {
            let closing = shop.standing(&customer).closing.unwrap();
            assert_eq!(closing.until, shop.now.plus(hours * HOUR));
        }
    }
}

#[test]
fn the_published_numbers_are_the_default_and_each_is_a_setting() {
    let limits = Limits::default();
    let rungs: Vec<_> = limits
        .account_rungs
        .iter()
        .map(|rung| (rung.failures, rung.window, rung.closed_for))
        .collect();
    let six = 6 * HOUR;
    assert_eq!(
        rungs,
        [
            (49, six, 4 * HOUR),
            (499, six, 24 * HOUR),
            (999, six, 72 * HOUR)
        ]
    );
    let run = limits.phone_run.unwrap();
    assert_eq!((run.failures, run.closed_for), (10, DAY));

    let mut shop = Shop::new(
        Limits::none()
            .phone_run(PhoneRun {
                failures: 2,
                closed_for: MINUTE,
                remembered_for: HOUR,
            })
            .account_rungs([AccountRung {
                failures: 0,
                window: HOUR,
                closed_for: HOUR,
            }]),
    );
    shop.sale(&phone(1), Outcome::Cancelled).unwrap();
    assert_refused(shop.push(&phone(1)), "guard_account_closed", HOUR);
    assert_eq!(shop.guard.limits().phone_run.unwrap().failures, 2);
}

#[test]
fn pushes_under_way_count_before_anything_is_known_of_them() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    let in_flight: Vec<_> = (0..10).map(|_| shop.push(&customer).unwrap()).collect();
    // It may open as soon as an outcome is due, and does at the latest when they all might have failed a day ago.
    let error = assert_refused(shop.push(&customer), "guard_phone_closed", 5 * MINUTE);
    assert!(
        error
            .hint()
            .unwrap()
            .contains("At the latest it opens at 2026-11-22T09:05:00+03:00"),
        "{error}"
    );
    shop.tell(in_flight[3], Outcome::Success);
    shop.push(&customer).unwrap();
    shop.push(&customer).unwrap_err();

    shop.pass(DAY + 5 * MINUTE - SECOND);
    shop.push(&customer).unwrap_err();
    shop.pass(SECOND);
    assert_eq!(shop.standing(&customer).phone.unwrap().counted, 0);
}

#[test]
fn who_never_tells_can_have_unknown_outcomes_forgotten_early() {
    let mut shop = Shop::new(Limits::default().unsettled_for(2 * MINUTE));
    for _ in 0..20 {
        for number in 0..49 {
            shop.push(&phone(number)).unwrap();
        }
        shop.push(&phone(50)).unwrap_err();
        shop.pass(2 * MINUTE);
    }
}

#[test]
fn nothing_lasts_longer_than_it_counts() {
    let account = Limits::default().rules(&Key::Account);
    assert_eq!(account[0].unsettled_for, 6 * HOUR + 5 * MINUTE);
    let key = Key::Phone(phone(1));
    let rules = Limits::default().rules(&key);
    assert_eq!(rules[0].unsettled_for, DAY + 5 * MINUTE);
    let short = Limits::default().phone_run(PhoneRun {
        failures: 10,
        closed_for: DAY,
        remembered_for: HOUR,
    });
    assert_eq!(short.rules(&key)[0].unsettled_for, HOUR + 5 * MINUTE);

    let mut book = SlidingWindow::default();
    let mut now = EatTime::from_unix_millis(0);
    for number in 0..200 {
        book.take(&payment(number), &account, now);
        now = now.plus(HOUR);
        assert!(book.weight().0 <= 7);
    }
}

#[test]
fn what_failed_at_the_instant_of_the_push_failed_before_it_was_paid() {
    let mut shop = Shop::new(Limits::default());
    shop.sale(&phone(1), Outcome::Cancelled).unwrap();
    shop.sale(&phone(1), Outcome::Success).unwrap();
    assert_eq!(shop.standing(&phone(1)).phone.unwrap().counted, 0);
}

#[test]
fn an_outcome_that_is_overdue_is_not_waited_for() {
    let mut shop = Shop::new(Limits::default());
    for _ in 0..9 {
        shop.push(&phone(1)).unwrap();
    }
    shop.pass(2 * MINUTE);
    shop.push(&phone(1)).unwrap();
    assert_refused(shop.push(&phone(1)), "guard_phone_closed", 3 * MINUTE);
    shop.pass(3 * MINUTE);
    assert_refused(shop.push(&phone(1)), "guard_phone_closed", 2 * MINUTE);
    shop.pass(2 * MINUTE);
    // Until nine of the ten count at the most; the pause after the last would be longer.
    assert_refused(shop.push(&phone(1)), "guard_phone_closed", DAY - 2 * MINUTE);
}

#[test]
fn the_refusal_names_what_keeps_it_closed_longest_and_a_time_that_is_not_too_early() {
    let rung = |failures, window| AccountRung {
        failures,
        window,
        closed_for: HOUR,
    };
    let rungs = [rung(3, 3 * HOUR), rung(4, 2 * HOUR)];
    let mut shop = Shop::new(Limits::none().account_rungs(rungs));
    shop.pass(Duration::from_millis(1));
    for number in 0..3 {
        let unseen = shop.unseen(&phone(number));
        shop.tell(unseen, Outcome::Cancelled);
    }
    let error = assert_refused(shop.push(&phone(1)), "guard_account_closed", 3 * HOUR);
    assert!(error.message().contains("within 3 hours"), "{error}");
    assert!(
        error.to_string().contains("2026-11-21T12:00:01+03:00"),
        "{error}"
    );
    // What the gateway says itself counts more than what was counted: it takes pushes again when its ban ends.
    let banned = shop.unseen(&phone(9));
    shop.refuse(banned, &ban(2 * HOUR));
    assert_refused(shop.push(&phone(1)), "guard_gateway_ban", 2 * HOUR);
    shop.refuse(banned, &ban(4 * HOUR));
    assert_refused(shop.push(&phone(1)), "guard_gateway_ban", 4 * HOUR);
}
