//! Tests of what the guard is told, and what it tells: outcomes, refusals, bans, warnings, a store that fails.

use super::*;
use crate::guard::limits::PhoneRun;
use crate::guard::store::{
    Admission, ClosedBy, Closing, Counted, Key, Rule, Store, StoreResult, Tally,
};
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex};

#[test]
fn every_final_outcome_without_money_counts_and_no_other() {
    for outcome in Outcome::ALL {
        let mut shop = Shop::new(Limits::default());
        let customer = phone(1);
        shop.sale(&customer, outcome).unwrap();
        let (counted, unsettled) = match outcome {
            Outcome::Success | Outcome::Reversed => (0, 0),
            Outcome::Pending | Outcome::Unknown => (1, 1),
            _ => (1, 0),
        };
        let standing = shop.standing(&customer);
        for count in [standing.phone.unwrap(), standing.account[0]] {
            assert_eq!(
                (count.counted, count.unsettled),
                (counted, unsettled),
                "{outcome}"
            );
        }
    }
}

#[test]
fn a_reversal_ends_no_run() {
    let mut shop = Shop::new(Limits::default());
    shop.sale(&phone(1), Outcome::Cancelled).unwrap();
    shop.pass(SECOND);
    shop.sale(&phone(1), Outcome::Reversed).unwrap();
    assert_eq!(shop.standing(&phone(1)).phone.unwrap().counted, 1);
}

#[test]
fn an_outcome_that_is_told_twice_counts_once() {
    let mut shop = Shop::new(Limits::default());
    let push = shop.push(&phone(1)).unwrap();
    shop.tell(push, Outcome::Cancelled);
    shop.pass(HOUR);
    shop.tell(push, Outcome::Failed);
    let standing = shop.standing(&phone(1));
    assert_eq!(standing.phone.unwrap().counted, 1);
    // And from when it was told first.
    shop.pass(5 * HOUR);
    assert_eq!(shop.standing(&phone(1)).account[0].counted, 0);
}

#[test]
fn a_refused_push_counts_only_where_a_phone_may_have_been_prompted_or_the_gateway_says_failed() {
    use Disposition::{NotSent, Rejected, Unknown};
    for (kind, disposition, counted, unsettled) in [
        (ErrorKind::Connection, NotSent, 0, 0),
        (ErrorKind::Storage, NotSent, 0, 0),
        (ErrorKind::RateLimited, NotSent, 0, 0),
        (ErrorKind::ProviderError, NotSent, 0, 0),
        (ErrorKind::InvalidRequest, Rejected, 0, 0),
        (ErrorKind::Credentials, Rejected, 0, 0),
        (ErrorKind::Blocked, Rejected, 0, 0),
        (ErrorKind::ProviderError, Rejected, 1, 0),
        (ErrorKind::SubscriberBusy, Rejected, 1, 0),
        (ErrorKind::NoAnswer, Unknown, 1, 1),
        (ErrorKind::ProviderError, Unknown, 1, 1),
    ] {
        let mut shop = Shop::new(Limits::default());
        let push = shop.push(&phone(1)).unwrap();
        shop.refuse(push, &Error::of_gateway(kind, disposition, "code", "No."));
        let standing = shop.standing(&phone(1));
        for count in [standing.phone.unwrap(), standing.account[0]] {
            assert_eq!(
                (count.counted, count.unsettled),
                (counted, unsettled),
                "{kind} {disposition}"
            );
        }
        assert_eq!(standing.closing, None);
    }
}

#[test]
fn the_guards_own_refusal_gives_nothing_back() {
    let mut shop = Shop::new(Limits::default());
    for _ in 0..10 {
        shop.sale(&phone(1), Outcome::Cancelled).unwrap();
    }
    let own = shop.push(&phone(1)).unwrap_err();
    for number in 0..11 {
        shop.refuse(number, &own);
    }
    shop.push(&phone(1)).unwrap_err();
}

#[test]
fn a_ban_closes_the_key_for_everybody_until_it_ends() {
    for mut shop in [
        Shop::with_guard(Guard::ban_only()),
        Shop::new(Limits::default()),
    ] {
        let push = shop.push(&phone(1)).unwrap();
        shop.refuse(push, &ban(1800 * SECOND));
        let mut reached = 1;
        for number in 0..100 {
            reached += u32::from(shop.push(&phone(number)).is_ok());
        }
        assert_eq!(reached, 1);
        let error = assert_refused(shop.push(&phone(2)), "guard_gateway_ban", 1800 * SECOND);
        assert!(
            error.to_string().contains("2026-11-21T09:30:00+03:00"),
            "{error}"
        );
        assert_eq!(
            shop.standing(&phone(2))
                .account
                .iter()
                .map(|count| count.counted)
                .sum::<u32>(),
            0
        );
        assert_eq!(
            shop.standing(&phone(2)).closing,
            Some(Closing {
                until: shop.now.plus(1800 * SECOND),
                by: ClosedBy::Gateway
            })
        );
        // A shorter one that comes late opens nothing.
        shop.refuse(push, &ban(SECOND));
        shop.pass(1800 * SECOND - Duration::from_millis(1));
        assert_refused(shop.push(&phone(2)), "guard_gateway_ban", SECOND);
        shop.pass(Duration::from_millis(1));
        let push = shop.push(&phone(2)).unwrap();
        shop.refuse(push, &ban(HOUR));
        assert_refused(shop.push(&phone(2)), "guard_gateway_ban", HOUR);
    }
}

#[test]
fn a_push_that_pauses_before_it_is_sent_again_minds_a_ban_that_another_met_meanwhile() {
    let mut shop = Shop::new(Limits::default());
    let (pausing, banned) = (shop.push(&phone(1)).unwrap(), shop.push(&phone(2)).unwrap());
    assert!(shop.resend(pausing).is_ok(), "nothing is closed");
    shop.refuse(banned, &ban(1800 * SECOND));
    let error = assert_refused(shop.resend(pausing), "guard_gateway_ban", 1800 * SECOND);
    shop.refuse(pausing, &error);
    let standing = shop.standing(&phone(1));
    assert_eq!(standing.phone.unwrap().counted, 0, "it prompted nobody");
    assert_eq!(standing.account[0].counted, 0);
}

#[test]
fn only_ban_only_lets_everything_else_through_and_keeps_nothing() {
    let mut shop = Shop::with_guard(Guard::ban_only());
    for _ in 0..2_000 {
        shop.sale(&phone(1), Outcome::Cancelled).unwrap();
    }
    let standing = shop.standing(&phone(1));
    assert!(standing.phone.is_none() && standing.account.is_empty() && standing.is_open());
}

#[test]
fn the_standing_warns_from_four_fifths_on_and_tells_when_it_opens() {
    let mut shop = Shop::new(Limits::default());
    let customer = phone(1);
    for count in 1..=10 {
        shop.sale(&customer, Outcome::Cancelled).unwrap();
        let standing = shop.standing(&customer);
        assert_eq!(standing.warning(), count >= 8, "{count}");
        assert_eq!(standing.phone.unwrap().limit, 10);
        assert_eq!(standing.is_open(), count < 10);
    }
    assert_eq!(
        shop.standing(&customer).opens_at(),
        Some(shop.now.plus(24 * HOUR))
    );
    assert!(!shop.standing(&phone(2)).warning());
    shop.failures_elsewhere(29);
    assert!(!shop.standing(&phone(2)).warning());
    shop.failures_elsewhere(1);
    assert!(shop.standing(&phone(2)).warning());
    assert!(shop.standing(&phone(2)).is_open());
}

#[test]
fn it_warns_once_for_each_crossing_and_masks_the_phone() {
    // Somebody listens in every thread from here on: a place in the code that a test beside this one reaches first,
    // with nobody listening, would otherwise be taken to interest nobody.
    let _ = tracing::subscriber::set_global_default(Log::default());
    let log = Log::default();
    let mut shop = Shop::new(Limits::default());
    let customer = phone(12_345_678);
    tracing::subscriber::with_default(log.clone(), || {
        for _ in 0..7 {
            shop.sale(&customer, Outcome::Cancelled).unwrap();
        }
        assert_eq!(log.lines(), 0);
        for _ in 0..3 {
            shop.sale(&customer, Outcome::Cancelled).unwrap();
        }
        assert_eq!(log.lines(), 1);
        shop.push(&customer).unwrap_err();
        assert_eq!(log.lines(), 1);
        // It falls below and rises again: a second crossing.
        shop.pass(24 * HOUR);
        shop.sale(&customer, Outcome::Success).unwrap();
        for _ in 0..9 {
            shop.sale(&customer, Outcome::Cancelled).unwrap();
        }
        assert_eq!(log.lines(), 2);
        // The account's own, at the 40th of 49.
        shop.failures_elsewhere(30);
        assert_eq!(log.lines(), 2);
        shop.failures_elsewhere(5);
        assert_eq!(log.lines(), 3);
        // What the guard did not let through is warned of as well.
        shop.pass(48 * HOUR);
        for number in 0..41 {
            let unseen = shop.unseen(&phone(number));
            shop.tell(unseen, Outcome::Failed);
        }
        assert_eq!(log.lines(), 4);
    });
    let text = log.text();
    assert!(text.contains("2547***678"), "{text}");
    assert!(!text.contains("712345678"), "{text}");
}

#[test]
fn a_store_that_fails_stops_no_sale() {
    let guard = Guard::with_store(Limits::default(), Arc::new(Broken));
    let mut shop = Shop::with_guard(guard);
    for _ in 0..20 {
        shop.sale(&phone(1), Outcome::Cancelled).unwrap();
        shop.sale(&phone(1), Outcome::Success).unwrap();
    }
    shop.refuse(0, &ban(HOUR));
    shop.push(&phone(1)).unwrap();
    let error = at_once(shop.guard.standing(&phone(1), shop.now)).unwrap_err();
    assert_eq!(error.code(), "guard_store_failed");
}

#[test]
fn nothing_shown_holds_a_phone_number() {
    let mut shop = Shop::new(Limits::default().phone_run(PhoneRun {
        failures: 1,
        closed_for: HOUR,
        remembered_for: HOUR,
    }));
    let customer = phone(12_345_678);
    shop.sale(&customer, Outcome::Cancelled).unwrap();
    let error = shop.push(&customer).unwrap_err();
    for text in [
        format!("{:?}", shop.guard),
        format!("{error} {error:?}"),
        format!("{:?}", Key::Phone(customer.clone())),
        serde_json::to_string(&shop.standing(&customer)).unwrap(),
    ] {
        assert!(!text.contains("712345678"), "{text}");
    }
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn lines(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Line(String);
        impl tracing::field::Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                use std::fmt::Write;
                write!(self.0, "{field}={value:?} ").unwrap();
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// A store whose database is gone.
#[derive(Debug)]
struct Broken;

fn gone<'a, T: Send + 'a>() -> BoxFuture<'a, StoreResult<T>> {
    Box::pin(async { Err("the connection was refused".into()) })
}

impl Store for Broken {
    fn take<'a>(
        &'a self,
        _: &'a Key,
        _: &'a PaymentId,
        _: &'a [Rule],
        _: EatTime,
    ) -> BoxFuture<'a, StoreResult<Admission>> {
        gone()
    }

    fn count<'a>(
        &'a self,
        _: &'a Key,
        _: &'a PaymentId,
        _: &'a [Rule],
        _: EatTime,
        _: EatTime,
    ) -> BoxFuture<'a, StoreResult<Counted>> {
        gone()
    }

    fn release<'a>(&'a self, _: &'a Key, _: &'a PaymentId) -> BoxFuture<'a, StoreResult<()>> {
        gone()
    }

    fn clear<'a>(
        &'a self,
        _: &'a Key,
        _: &'a PaymentId,
        _: EatTime,
        _: EatTime,
    ) -> BoxFuture<'a, StoreResult<()>> {
        gone()
    }

    fn close<'a>(&'a self, _: &'a Key, _: Closing) -> BoxFuture<'a, StoreResult<()>> {
        gone()
    }

    fn tally<'a>(
        &'a self,
        _: &'a Key,
        _: &'a [Rule],
        _: EatTime,
    ) -> BoxFuture<'a, StoreResult<Tally>> {
        gone()
    }
}
