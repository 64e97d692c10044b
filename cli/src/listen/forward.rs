//! The forwarder of a relay: posts what is kept to the app, again and again until the app has it.
//!
//! At least once: a callback is deleted after the app has answered with a success, so an end of the relay between the two
//! posts it once more. First attempts and later ones have places of their own, so that callbacks that fail hold up no other.

use super::backoff::{Reach, is_given_up, pause_after};
use super::kept::Kept;
use super::report::{Reporter, callbacks, name_of};
use super::shared::{Shared, blocking, now_millis};
use crate::post::{App, Posted};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many callbacks are in flight at once: as first attempts, and as later ones.
const PLACES: usize = 8;

/// How long to wait after the file could not be read or written.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// The longest that the forwarder sleeps: clocks may be changed.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// How long attempts in flight may take once the command ends. The app may have one of them, and gets it again.
const LONGEST_END: Duration = Duration::from_secs(2);

pub(super) struct Forwarder {
    shared: Arc<Shared>,
    app: Arc<App>,
    reporter: Reporter,
    reach: Reach,
    /// The callbacks in flight, and whether each was tried before.
    in_flight: HashMap<i64, bool>,
    attempts: JoinSet<(Kept, Posted)>,
}

impl Forwarder {
    pub(super) fn new(shared: Arc<Shared>, app: App, reporter: Reporter) -> Self {
        Self {
            shared,
            app: Arc::new(app),
            reporter,
            reach: Reach::default(),
            in_flight: HashMap::new(),
            attempts: JoinSet::new(),
        }
    }

    /// Forwards until the command ends.
    pub(super) async fn run(mut self, mut ended: watch::Receiver<bool>) {
        while !*ended.borrow() {
            let pause = match self.begin().await {
                Ok(pause) => pause,
                Err(error) => {
                    let text = format!("lipia: the file of callbacks cannot be read: {error}");
                    self.reporter.say(text);
                    AFTER_TROUBLE
                }
            };
            let shared = Arc::clone(&self.shared);
            tokio::select! {
                Some(attempt) = self.attempts.join_next() => self.end(attempt).await,
                () = shared.arrivals.notified() => {}
                () = tokio::time::sleep(pause) => {}
                _ = ended.changed() => {}
            }
        }
        let draining = async {
            while let Some(attempt) = self.attempts.join_next().await {
                self.end(attempt).await;
            }
        };
        // What is not answered by then is still in the file.
        let _ = tokio::time::timeout(LONGEST_END, draining).await;
    }

    /// Begins the attempts that are due and have a place, and returns how long nothing is due after them.
    async fn begin(&mut self) -> Result<Duration, rusqlite::Error> {
        let now = Instant::now();
        let most = self.reach.most_in_flight(now, PLACES);
        let fresh = self.room(false, most);
        let later = self.room(true, most);
        let busy = self.in_flight.len();
        let wall = now_millis();
        let read = blocking(&self.shared, move |file| {
            // Those in flight are among the first of each list.
            let first = |room: usize| if room == 0 { 0 } else { room + busy };
            let mut found = file.fresh(first(fresh))?;
            found.extend(file.due(wall, first(later))?);
            Ok::<_, rusqlite::Error>((found, file.next_due()?))
        });
        let Some(read) = read.await else {
            return Ok(LONGEST_SLEEP);
        };
        let (found, next_due) = read?;
        for kept in found {
            let was_tried = kept.attempts > 0;
            let most = self.reach.most_in_flight(now, PLACES);
            if self.room(was_tried, most) > 0 && !self.in_flight.contains_key(&kept.id) {
                self.begin_one(kept, was_tried);
            }
        }
        Ok(self.pause(now, wall, next_due))
    }

    /// How many more attempts of a kind may begin. An app that is not reached is tried by one callback, of either kind.
    fn room(&self, was_tried: bool, most: usize) -> usize {
        let of_kind = self.in_flight.values().filter(|it| **it == was_tried);
        let busy = if most < PLACES {
            self.in_flight.len()
        } else {
            of_kind.count()
        };
        most.saturating_sub(busy)
    }

    fn begin_one(&mut self, kept: Kept, was_tried: bool) {
        self.in_flight.insert(kept.id, was_tried);
        let app = Arc::clone(&self.app);
        self.attempts.spawn(async move {
            let arrived = &kept.arrived;
            let content_type = arrived.content_type.as_deref();
            let body = arrived.body.clone();
            let posted = app.post(&arrived.path, content_type, body).await;
            (kept, posted)
        });
    }

    /// How long to sleep where nothing arrives and no attempt ends.
    fn pause(&self, now: Instant, wall: i64, next_due: Option<i64>) -> Duration {
        let until_reached = self
            .reach
            .again_at()
            .map(|at| at.saturating_duration_since(now));
        let until_due = next_due.map(|due| {
            let left = u64::try_from(due.saturating_sub(wall)).unwrap_or(0);
            // One that is due and has no place gets one when an attempt ends.
            Duration::from_millis(left).max(AFTER_TROUBLE)
        });
        let pause = match (until_reached, until_due) {
            // One that is due goes nowhere before the app is reached. An attempt that is in flight wakes this with its end.
            (Some(reached), _) if self.in_flight.is_empty() => reached,
            (Some(reached), _) => reached.max(AFTER_TROUBLE),
            (None, Some(due)) => due,
            (None, None) => LONGEST_SLEEP,
        };
        pause.min(LONGEST_SLEEP)
    }

    /// Writes what came of an attempt.
    async fn end(&mut self, attempt: Result<(Kept, Posted), tokio::task::JoinError>) {
        let Ok((kept, posted)) = attempt else {
            // It cannot be told whose attempt it was, so all of them may be tried again.
            self.in_flight.clear();
            return;
        };
        let written = match posted {
            Posted::NotReached => {
                self.not_reached().await;
                Some(Ok(()))
            }
            posted => {
                self.reach.reached();
                self.write(&kept, posted).await
            }
        };
        match written {
            Some(Err(error)) => {
                let text = format!("lipia: the file of callbacks cannot be written: {error}");
                self.reporter.say(text);
                // It keeps its place until this is written, so that the app does not get it again at once.
                self.attempts.spawn(async move {
                    tokio::time::sleep(AFTER_TROUBLE).await;
                    (kept, posted)
                });
            }
            _ => {
                self.in_flight.remove(&kept.id);
            }
        }
    }

    async fn not_reached(&mut self) {
        let Some(pause) = self.reach.not_reached(Instant::now()) else {
            return;
        };
        let counted = blocking(&self.shared, |file| file.count()).await;
        let waiting = counted.and_then(Result::ok).map_or(0, |(all, _)| all);
        let again = pause.as_secs();
        let members =
            json!({ "reason": "not_reached", "again_in_seconds": again, "waiting": waiting });
        let text = format!(
            "put off   nobody listens at {}; {} waiting, tried again in {again} s",
            self.app.shown(),
            callbacks(waiting)
        );
        self.reporter.event("put_off", members, text);
    }

    /// Writes what the app answered, and tells it.
    async fn write(&self, kept: &Kept, posted: Posted) -> Option<Result<(), rusqlite::Error>> {
        let name = name_of(kept.arrived.payment.as_deref(), kept.id);
        let status = match posted {
            Posted::Answered(status) => Some(status),
            _ => None,
        };
        let attempts = kept.attempts.saturating_add(1);
        let mut members = json!({
            "id": kept.id,
            "payment_id": kept.arrived.payment,
            "status": status,
            "attempts": attempts,
        });
        let own = kept.clone();
        if posted.is_taken() {
            let removed = blocking(&self.shared, move |file| file.remove(&own)).await?;
            if removed.is_ok() {
                let text = format!("forwarded {name}  {}", status.unwrap_or_default());
                self.reporter.event("forwarded", members, text);
            }
            return Some(removed);
        }
        let now = now_millis();
        let tried_for = now.saturating_sub(kept.tried_since.unwrap_or(now));
        let tried_for = Duration::from_millis(u64::try_from(tried_for).unwrap_or(0));
        let pause = (!is_given_up(tried_for)).then(|| pause_after(attempts));
        let due = pause
            .map(|pause| now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)));
        let trouble = posted.sentence();
        let told = trouble.clone();
        let noted = blocking(&self.shared, move |file| {
            file.put_off(&own, now, due, &trouble)
        })
        .await?;
        if noted.is_ok() {
            if let Some(members) = members.as_object_mut() {
                members.insert("reason".to_owned(), json!(told));
                let again = pause.map(|pause| pause.as_secs());
                members.insert("again_in_seconds".to_owned(), json!(again));
            }
            match pause {
                Some(pause) => {
                    let again = pause.as_secs();
                    let text = format!("put off   {name}  {told}. Tried again in {again} s");
                    self.reporter.event("put_off", members, text);
                }
                None => {
                    let text = format!(
                        "set aside {name}  {told}. Refused for a week: see `lipia listen --list`; the next start of `lipia listen` tries again"
                    );
                    self.reporter.event("set_aside", members, text);
                }
            }
        }
        Some(noted)
    }
}
