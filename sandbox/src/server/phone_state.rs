//! What the page with the phone shows: payments, what went over the wire, and the faults that wait.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::engine::Engine;
use crate::engine::world::World;
use crate::records::news::News;
use crate::records::payment::{Payment, PaymentState};
use crate::records::request_log::RecordedRequest;
use crate::scenarios::table::SCENARIOS;
use crate::scenarios::{Ending, Scenario};
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
    faults: Value,
}

#[derive(Serialize)]
struct ShownPayment {
    checkout_request_id: String,
    phone: String,
    amount: u32,
    reference: String,
    transaction_type: String,
    /// Who is paid, as far as the push says so.
    business: String,
    scenario: &'static str,
    /// What the phone does by itself.
    about: &'static str,
    prompted: bool,
    state: PaymentState,
    ending: Option<Ending>,
    receipt: Option<String>,
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
    step: Option<&'static str>,
    text: String,
    status: Option<u16>,
    fault: Option<&'static str>,
}

pub(crate) fn state(engine: &Engine, version: u64) -> PageState {
    let mut news = engine.listeners.last().into_iter().peekable();
    engine.with(|world| {
        // Both logs are in order of time.
        let mut lines = Vec::new();
        for request in world.requests.latest(LINES) {
            while let Some((number, news)) =
                news.next_if(|(_, news)| news.at_seconds <= request.at_seconds)
            {
                add_news(&mut lines, number, news);
            }
            lines.push(request_line(engine, request));
        }
        for (number, news) in news {
            add_news(&mut lines, number, news);
        }
        lines.drain(..lines.len().saturating_sub(LINES));
        PageState {
            version,
            payments: payments(engine, world),
            lines,
            faults: json!(world.faults.all()),
        }
    })
}

fn add_news(lines: &mut Vec<Line>, number: u64, news: News) {
    // A refusal is told by the status of the request's line.
    if news.event != "refused" {
        lines.push(Line {
            key: format!("news-{number}"),
            at_seconds: news.at_seconds,
            event: news.event,
            step: None,
            text: news.text,
            status: None,
            fault: None,
        });
    }
}

fn request_line(engine: &Engine, request: &RecordedRequest) -> Line {
    let path = request.path.split('?').next().unwrap_or_default();
    let endpoint = engine.endpoint_of_path(path);
    Line {
        key: format!("request-{}", request.number),
        at_seconds: request.at_seconds,
        event: "request",
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
    let business = [view.party_b, view.short_code]
        .into_iter()
        .find(|business| !business.is_empty());
    ShownPayment {
        business: business.or(view.channel_id).unwrap_or_default(),
        checkout_request_id: view.checkout_request_id,
        phone: view.phone,
        amount: view.amount,
        reference: view.reference,
        transaction_type: view.transaction_type,
        scenario: view.scenario,
        about: row.map_or("", |row| row.about),
        prompted: view.prompted,
        state: view.state,
        ending: view.ending,
        receipt: view.receipt,
        settled_at: view
            .settled_at_seconds
            .map(|at| in_a_message(engine.clock.nairobi(seconds(at)))),
        seconds_left: held.then(|| engine.held_prompt.saturating_sub(waited).as_secs_f64()),
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
