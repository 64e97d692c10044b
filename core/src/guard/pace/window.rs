//! The window of requests that the processes of a ledger share for one key, as the text of a note. Pure: `history` decides.

use super::fairness::asks_next;
use super::history::{History, Sent};
use super::{Asker, QuestionPace};
use crate::values::clock::EatTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;

/// After how long a request counts as ended whose process never said so: longer than a call takes.
const LONGEST_REQUEST: Duration = Duration::from_secs(45);

/// What two times that were cut to milliseconds can be wrong by: a request must not seem to have ended before the gateway
/// counted it.
const ROUNDED_OFF: Duration = Duration::from_millis(3);

/// How much longer than its slot a question's wish is minded: the process that has it may have died.
const WISH_GRACE: Duration = Duration::from_secs(1);

/// Requests of one key, of all processes. Times are milliseconds of the store's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SharedWindow {
    #[serde(default)]
    sent: Vec<Request>,
    /// No question leaves before that: the gateway said "slow down".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rest_until: Option<i64>,
    /// Who waits for a slot in some process, one of each kind at most, and until when others mind that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    wishes: Vec<(Asker, i64)>,
}

/// One request: its number, who asks (nobody for a push), when it left and when it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Request(u64, Option<Asker>, i64, Option<i64>);

/// What a process that wants to ask does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Write this window, and ask with that number.
    Free(SharedWindow, u64),
    /// Try again then. Where there is a window, write it first: it says who waits.
    Later(Duration, Option<SharedWindow>),
}

impl SharedWindow {
    /// What a note says. One that cannot be read says nothing.
    pub(super) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// The text of the note.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// How long the note is kept.
    pub(super) fn lasts(&self, pace: QuestionPace, now: EatTime) -> Duration {
        let rests = self
            .rest_until
            .map(|until| millis(now.unix_millis(), until));
        (pace.within + LONGEST_REQUEST).max(rests.unwrap_or_default())
    }

    /// Whether a question may leave now.
    pub(super) fn slot(&self, pace: QuestionPace, asker: Asker, now: EatTime) -> Slot {
        let at = now.unix_millis();
        let instant = Instant::now();
        let history = self.history(at, instant);
        let free_in = |asker| {
            (history.next_slot(pace, asker, instant))
                .map(|then| then.saturating_duration_since(instant))
                .unwrap_or_default()
        };
        let minded = |wish: &&(Asker, i64)| wish.1 > at;
        let (own, others): (Vec<_>, Vec<_>) =
            (self.wishes.iter().filter(minded).copied()).partition(|wish| wish.0 == asker);
        let own_in = free_in(asker);
        let wait = if own_in.is_zero() {
            let mut waits: Vec<Asker> = others.iter().map(|wish| wish.0).collect();
            waits.retain(|other| free_in(*other).is_zero());
            waits.push(asker);
            let next = asks_next(&waits, history.askers());
            let Some((_, until)) = others.iter().find(|wish| Some(wish.0) == next) else {
                let (mut next, number) = self.with(pace, Some(asker), now);
                next.wishes = others;
                return Slot::Free(next, number);
            };
            millis(at, *until)
        } else {
            own_in
        };
        let says_so = own.is_empty().then(|| {
            let mut wishes = others;
            wishes.push((asker, now.plus(wait + WISH_GRACE).unix_millis()));
            Self {
                wishes,
                ..self.clone()
            }
        });
        Slot::Later(wait, says_so)
    }

    /// The window once a request leaves, and its number.
    pub(super) fn with(
        &self,
        pace: QuestionPace,
        asker: Option<Asker>,
        now: EatTime,
    ) -> (Self, u64) {
        let at = now.unix_millis();
        let number = self.sent.iter().map(|sent| sent.0).max().unwrap_or(0) + 1;
        let mut next = self.clone();
        let counts = |sent: &Request| millis(sent.ended(at).unwrap_or(at), at) <= pace.within;
        next.sent.retain(counts);
        // However many pushes there were: a full window is full.
        let most = usize::try_from(pace.most).unwrap_or(usize::MAX);
        let surplus = next.sent.len().saturating_sub(most.saturating_mul(2));
        next.sent.drain(..surplus);
        next.sent.push(Request(number, asker, at, None));
        next.rest_until = next.rest_until.filter(|until| *until > at);
        (next, number)
    }

    /// The window once a request was answered.
    pub(super) fn ended(&self, number: u64, now: EatTime) -> Self {
        let mut next = self.clone();
        for sent in next.sent.iter_mut().filter(|sent| sent.0 == number) {
            sent.3 = Some(now.plus(ROUNDED_OFF).unix_millis());
        }
        next
    }

    /// The window once the gateway said "slow down" for that long.
    pub(super) fn resting(&self, rest: Duration, now: EatTime) -> Self {
        let until = now.plus(rest).unix_millis();
        Self {
            rest_until: self.rest_until.max(Some(until)),
            ..self.clone()
        }
    }

    fn history(&self, now: i64, instant: Instant) -> History {
        let at = |then: i64| {
            let ago = instant.checked_sub(millis(then, now)).unwrap_or(instant);
            ago + millis(now, then)
        };
        let sent = self.sent.iter().map(|sent| Sent {
            number: sent.0,
            asker: sent.1,
            began: at(sent.2),
            ended: sent.ended(now).map(at),
        });
        History::of(sent.collect(), self.rest_until.map(at))
    }
}

impl Request {
    /// When it was answered, or was given up as far as anybody can tell.
    fn ended(&self, now: i64) -> Option<i64> {
        let given_up = self
            .2
            .saturating_add(i64::try_from(LONGEST_REQUEST.as_millis()).unwrap_or(0));
        self.3.or_else(|| (given_up <= now).then_some(given_up))
    }
}

/// The time between two times; none where the second is not later.
fn millis(from: i64, until: i64) -> Duration {
    Duration::from_millis(u64::try_from(until.saturating_sub(from)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(second: i64) -> EatTime {
        EatTime::from_unix_millis(1_790_000_000_000 + second * 1_000)
    }

    fn ask(window: &SharedWindow, pace: QuestionPace, asker: Asker, second: i64) -> SharedWindow {
        match window.slot(pace, asker, at(second)) {
            Slot::Free(next, number) => next.ended(number, at(second)),
            Slot::Later(wait, _) => panic!("{asker:?} is to wait for {wait:?} at {second}"),
        }
    }

    fn waits(window: &SharedWindow, pace: QuestionPace, asker: Asker, second: i64) -> Duration {
        match window.slot(pace, asker, at(second)) {
            Slot::Later(wait, _) => wait,
            Slot::Free(..) => panic!("{asker:?} may ask at {second}"),
        }
    }

    #[tokio::test]
    async fn five_questions_of_all_processes_leave_in_a_minute() {
        let pace = QuestionPace::new(5, MINUTE);
        let mut window = SharedWindow::default();
        for second in 0..5 {
            // Each process reads what the one before wrote.
            window = SharedWindow::read(Some(&window.text()));
            window = ask(&window, pace, Asker::Person, second);
        }
        let wait = waits(&window, pace, Asker::Person, 10);
        assert!(
            wait > Duration::from_secs(49) && wait < Duration::from_secs(51),
            "{wait:?}"
        );
        ask(&window, pace, Asker::Person, 61);
    }

    #[tokio::test]
    async fn a_question_of_a_process_that_died_counts_until_it_must_have_ended() {
        let pace = QuestionPace::new(1, MINUTE);
        let Slot::Free(window, _) = SharedWindow::default().slot(pace, Asker::Person, at(0)) else {
            panic!("an empty window is full");
        };
        waits(&window, pace, Asker::Person, 100);
        ask(&window, pace, Asker::Person, 106);
    }

    #[tokio::test]
    async fn whoever_comes_first_in_line_is_let_go_first_by_other_processes_too() {
        let pace = QuestionPace::new(1, MINUTE);
        let window = ask(&SharedWindow::default(), pace, Asker::Wait, 0);
        let Slot::Later(_, Some(wished)) = window.slot(pace, Asker::Person, at(30)) else {
            panic!("a person who waits says so");
        };
        // The slot is free, and the person's: a wait steps back, and so does a look.
        for asker in [Asker::Wait, Asker::Look] {
            waits(&wished, pace, asker, 61);
        }
        let asked = ask(&wished, pace, Asker::Person, 61);
        ask(&asked, pace, Asker::Wait, 122);
        // A person whose process died is not waited for.
        ask(&wished, pace, Asker::Wait, 63);
    }

    #[tokio::test]
    async fn looks_take_a_third_at_most_and_hold_nobody_up_beyond_that() {
        let pace = QuestionPace::new(6, MINUTE);
        let mut window = ask(&SharedWindow::default(), pace, Asker::Look, 0);
        window = ask(&window, pace, Asker::Look, 15);
        let Slot::Later(_, Some(window)) = window.slot(pace, Asker::Look, at(30)) else {
            panic!("a third look leaves, or does not say that it waits");
        };
        ask(&window, pace, Asker::Wait, 30);
    }

    #[tokio::test]
    async fn a_wait_and_a_look_of_another_process_come_through_though_people_ask_all_the_time() {
        // As in Daraja's sandbox.
        let pace = QuestionPace::per_minute(5).evenly();
        let mut window = SharedWindow::default();
        let mut asked = Vec::new();
        for second in 0..240 {
            for asker in [Asker::Person, Asker::Wait, Asker::Look] {
                match window.slot(pace, asker, at(second)) {
                    Slot::Free(next, number) => {
                        asked.push(asker);
                        window = next.ended(number, at(second));
                    }
                    Slot::Later(_, Some(next)) => window = next,
                    Slot::Later(_, None) => {}
                }
            }
        }
        let count = |kind| asked.iter().filter(|asker| **asker == kind).count();
        assert!(asked.len() >= 16, "{asked:?}");
        assert!(count(Asker::Person) >= 8, "{asked:?}");
        assert!(count(Asker::Wait) >= 4, "{asked:?}");
        assert!(count(Asker::Look) >= 2, "{asked:?}");
    }

    #[tokio::test]
    async fn a_gateway_that_says_slow_down_is_left_alone_by_all() {
        let pace = QuestionPace::new(5, MINUTE);
        let window = SharedWindow::default().resting(Duration::from_secs(30), at(0));
        let window = window.resting(Duration::from_secs(5), at(1));
        waits(&window, pace, Asker::Person, 29);
        ask(&window, pace, Asker::Person, 31);
    }

    #[test]
    fn a_note_that_cannot_be_read_says_nothing() {
        for text in [None, Some(""), Some("7"), Some("{\"sent\":[7]}")] {
            assert_eq!(SharedWindow::read(text), SharedWindow::default());
        }
    }
}
