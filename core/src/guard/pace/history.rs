//! The history of questions within the last window, and when the next one may leave: pure, over instants that are handed in.

use super::{Asker, QuestionPace};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// The requests of one key.
#[derive(Debug, Default)]
pub(super) struct History {
    sent: VecDeque<Sent>,
    numbers: u64,
    rest_until: Option<Instant>,
}

/// One request that left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) number: u64,
    /// `None` for a push.
    pub(super) asker: Option<Asker>,
    pub(super) began: Instant,
    /// When its answer came. The gateway counted it at some moment before that.
    pub(super) ended: Option<Instant>,
}

impl Sent {
    /// The latest moment at which the gateway can have counted it.
    fn counted_by(&self, now: Instant) -> Instant {
        self.ended.unwrap_or(now)
    }
}

impl History {
    /// A history that was kept elsewhere, the earliest first.
    pub(super) fn of(sent: VecDeque<Sent>, rest_until: Option<Instant>) -> Self {
        Self {
            sent,
            numbers: 0,
            rest_until,
        }
    }

    /// From when on the next question may leave, past or to come, as far as is known now; `None` for ever.
    pub(super) fn next_slot(
        &self,
        pace: QuestionPace,
        asker: Asker,
        now: Instant,
    ) -> Option<Instant> {
        if pace.is_unlimited() {
            return self.rest_until;
        }
        let gap = if asker == Asker::Person && !pace.evenly {
            Duration::ZERO
        } else {
            pace.gap()
        };
        let last_question = self.sent.iter().rev().find(|sent| sent.asker.is_some());
        let spread = last_question.map(|sent| sent.began + gap);
        let room = |most: u32, counts: fn(&Sent) -> bool| self.room_at(pace, most, counts, now);
        let looks = (asker == Asker::Look)
            .then(|| room(pace.looks(), |sent| sent.asker == Some(Asker::Look)))
            .flatten();
        [
            self.rest_until,
            spread,
            room(pace.most, |_| true),
            room(
                pace.questions_beside(self.expected_pushes(pace, now)),
                |sent| sent.asker.is_some(),
            ),
            looks,
        ]
        .into_iter()
        .flatten()
        .max()
    }

    /// Who asked, the latest first.
    pub(super) fn askers(&self) -> impl Iterator<Item = Asker> + Clone {
        self.sent.iter().rev().filter_map(|sent| sent.asker)
    }

    /// How many pushes the next window is likely to have: as many as the last, or as it would with the last moments'.
    fn expected_pushes(&self, pace: QuestionPace, now: Instant) -> u32 {
        const MOMENTS: u32 = 6;
        let within = |time: Duration| {
            let pushes = self.sent.iter().filter(|sent| {
                sent.asker.is_none() && now.saturating_duration_since(sent.began) < time
            });
            u32::try_from(pushes.count()).unwrap_or(u32::MAX)
        };
        within(pace.within).max(within(pace.within / MOMENTS).saturating_mul(MOMENTS))
    }

    /// From when on fewer than `most` of those requests lie within the window; `None` where there never were more.
    fn room_at(
        &self,
        pace: QuestionPace,
        most: u32,
        counts: fn(&Sent) -> bool,
        now: Instant,
    ) -> Option<Instant> {
        let mut leave: Vec<Instant> = self
            .sent
            .iter()
            .filter(|sent| counts(sent))
            .map(|sent| sent.counted_by(now) + pace.within)
            .collect();
        let surplus = leave.len().checked_sub(usize::try_from(most).ok()?)?;
        let (_, then, _) = leave.select_nth_unstable(surplus);
        // At the very instant it may still be in the window.
        Some(*then + Duration::from_millis(1))
    }

    /// A request was answered, or given up.
    pub(super) fn ended(&mut self, number: u64, now: Instant) {
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.number == number) {
            sent.ended = Some(now);
        }
    }

    /// No question leaves before that.
    pub(super) fn rest_until(&mut self, then: Instant) {
        self.rest_until = self.rest_until.max(Some(then));
    }

    /// A question leaves, or a push where nobody asks. Returns its number.
    pub(super) fn leaves(&mut self, pace: QuestionPace, asker: Option<Asker>, now: Instant) -> u64 {
        self.sent.retain(|sent| {
            sent.ended
                .is_none_or(|ended| ended + pace.within + Duration::from_millis(1) >= now)
        });
        // However many pushes there were: a full window is full.
        let most = usize::try_from(pace.most)
            .unwrap_or(usize::MAX)
            .saturating_mul(2);
        while self.sent.len() > most {
            self.sent.pop_front();
        }
        self.numbers += 1;
        self.sent.push_back(Sent {
            number: self.numbers,
            asker,
            began: now,
            ended: None,
        });
        self.numbers
    }
}
