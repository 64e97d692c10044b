//! What the page with the phone shows: payments, what went over the wire, and the faults that wait.

use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;

use crate::engine::Engine;
use crate::engine::world::World;
use crate::faults::Fault;
use crate::records::payment::{Payment, PaymentView};
use crate::records::request_log::RecordedRequest;
use crate::scenarios::Scenario;
use crate::scenarios::table::SCENARIOS;
use crate::values::clock::seconds;

/// How many payments and lines a page is told.
const PAYMENTS: usize = 30;
const LINES: usize = 80;

/// What the page shows.
#[derive(Serialize)]
pub(crate) struct PageState {
    /// Counts changes; a page waits for another one.
    version: u64,
    /// Oldest first.
    payments: Vec<ShownPayment>,
    /// Oldest first.
    lines: Vec<Line>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct ShownPayment {
    #[serde(flatten)]
    view: PaymentView,
    /// What the phone does by itself.
    about: &'static str,
    /// When it was decided, as M-Pesa's messages write it: `29/11/26 at 9:05 PM`.
    settled_at: Option<String>,
    /// For a phone that a person holds: how long its prompt stays open, in real seconds.
    seconds_left: Option<f64>,
}

/// A request with its answer, or a piece of news.
#[derive(Serialize)]
struct Line {
    /// The same for as long as the line is shown.
    key: String,
    at_seconds: f64,
    /// `request`, or the word of a piece of news.
    event: &'static str,
    gateway: Option<&'static str>,
    step: Option<&'static str>,
    text: String,
    status: Option<u16>,
    fault: Option<&'static str>,
}

pub(crate) fn state(engine: &Engine, version: u64) -> PageState {
    // Both logs are in order of time already, but for news that overtakes by a hair.
    let news = engine
        .listeners
        .last()
        .into_iter()
        .filter_map(|(number, news)| {
            // A refusal is told by the status of the request's line.
            (news.event != "refused").then(|| Line {
                key: format!("news-{number}"),
                at_seconds: news.at_seconds,
                event: news.event,
                gateway: Some(news.gateway.name()),
                step: None,
                text: news.text,
                status: None,
                fault: None,
            })
        });
    let (payments, mut lines, faults) = engine.with(|world| {
        let requests = world.requests.latest(LINES);
        let lines: Vec<_> = requests
            .map(|request| request_line(engine, request))
            .collect();
        (payments(engine, world), lines, world.faults.all().to_vec())
    });
    lines.extend(news);
    lines.sort_by(|one, other| one.at_seconds.total_cmp(&other.at_seconds));
    lines.drain(..lines.len().saturating_sub(LINES));
    PageState {
        version,
        payments,
        lines,
        faults,
    }
}

fn request_line(engine: &Engine, request: &RecordedRequest) -> Line {
    let path = request.path.split('?').next().unwrap_or_default();
    let endpoint = engine.endpoint_of_path(path);
    Line {
        key: format!("request-{}", request.number),
        at_seconds: request.at_seconds,
        event: "request",
        gateway: endpoint.map(|endpoint| endpoint.gateway.name()),
        step: endpoint.map(|endpoint| endpoint.step.name()),
        text: format!("{} {}", request.method, request.path),
        status: request.status,
        fault: request.fault,
    }
}

fn payments(engine: &Engine, world: &World) -> Vec<ShownPayment> {
    let now = engine.clock.now();
    let latest = world.latest(PAYMENTS);
    latest.map(|payment| shown(engine, payment, now)).collect()
}

fn shown(engine: &Engine, payment: &Payment, now: Duration) -> ShownPayment {
    let view = payment.view();
    let row = SCENARIOS
        .iter()
        .find(|row| row.scenario == payment.scenario);
    let held = payment.scenario == Scenario::Held && payment.ending.is_none();
    let waited = engine.clock.real(now.saturating_sub(payment.accepted_at));
    ShownPayment {
        about: row.map_or("", |row| row.about),
        settled_at: view
            .settled_at_seconds
            .map(|at| in_a_message(engine.clock.nairobi(seconds(at)))),
        seconds_left: held.then(|| engine.held_prompt.saturating_sub(waited).as_secs_f64()),
        view,
    }
}

/// A moment as M-Pesa's messages write it.
fn in_a_message(at: OffsetDateTime) -> String {
    let (hour, half) = match at.hour() {
        0 => (12, "AM"),
        hour @ 1..=11 => (hour, "AM"),
        12 => (12, "PM"),
        hour => (hour.saturating_sub(12), "PM"),
    };
    format!(
        "{}/{}/{:02} at {hour}:{:02} {half}",
        at.day(),
        u8::from(at.month()),
        at.year().rem_euclid(100),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::in_a_message;

    #[test]
    fn the_hours_of_messages_run_from_one_to_twelve() {
        for (unix, text) in [
            (1_780_272_000, "1/6/26 at 12:00 AM"),
            (1_780_331_764, "1/6/26 at 4:36 PM"),
            (1_780_315_200, "1/6/26 at 12:00 PM"),
            (1_780_311_900, "1/6/26 at 11:05 AM"),
        ] {
            let at = OffsetDateTime::from_unix_timestamp(unix).unwrap();
            assert_eq!(in_a_message(at), text);
        }
    }
}
