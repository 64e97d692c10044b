//! Tests of the pace by itself, in Tokio's paused time.

use super::*;
use futures_util::FutureExt;
use futures_util::future::join_all;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// When questions leave, each of which takes a fifth of a second.
async fn leave(pace: &Arc<Pace>, limit: QuestionPace, asker: Asker, count: usize) -> Vec<Instant> {
    let questions = (0..count).map(|_| async {
        let turn = pace.turn(limit, None, asker).await;
        let left = Instant::now();
        tokio::time::sleep(SECOND / 5).await;
        drop(turn);
        left
    });
    let mut times = join_all(questions).await;
    times.sort_unstable();
    times
}

/// The most that leave within any minute, of questions that the gateway counts up to a fifth of a second later.
fn most_in_a_minute(times: &[Instant]) -> usize {
    let within = MINUTE + SECOND / 5;
    times
        .iter()
        .map(|first| {
            let after = |then: &&Instant| **then >= *first && **then < *first + within;
            times.iter().filter(after).count()
        })
        .max()
        .unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn five_questions_leave_in_any_minute_and_evenly() {
    let pace = Arc::<Pace>::default();
    let limit = QuestionPace::per_minute(5).evenly();
    for asker in [Asker::Wait, Asker::Person] {
        let times = leave(&pace, limit, asker, 25).await;
        assert!(most_in_a_minute(&times) <= 5);
        assert!(
            times
                .windows(2)
                .all(|pair| pair[1].saturating_duration_since(pair[0]) >= 12 * SECOND)
        );
        // The pace is used, not only kept.
        let took = times[24].saturating_duration_since(times[0]);
        assert!(took <= 24 * 13 * SECOND, "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn people_go_before_waits_and_waits_before_looks_and_nobody_never() {
    let pace = Arc::<Pace>::default();
    let limit = QuestionPace::per_minute(10).evenly();
    let order: Arc<Mutex<Vec<Asker>>> = Arc::default();
    let ask = |asker| {
        let (pace, order) = (Arc::clone(&pace), Arc::clone(&order));
        async move {
            let _turn = pace.turn(limit, None, asker).await;
            order.lock().unwrap().push(asker);
        }
    };
    let all: Vec<_> = [Asker::Look, Asker::Wait, Asker::Person]
        .into_iter()
        .flat_map(|asker| (0..4).map(move |_| asker))
        .map(|asker| tokio::spawn(ask(asker)))
        .collect();
    for question in all {
        question.await.unwrap();
    }
    let order = order.lock().unwrap().clone();
    let (_, others) = order.split_first().unwrap();
    // The very first found nobody else in the line. After two people it is a wait's turn, and after four others a look's.
    let [person, wait, look] = [Asker::Person, Asker::Wait, Asker::Look];
    assert_eq!(
        others,
        [
            person, wait, person, person, wait, person, look, wait, wait, look, look
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn looks_take_at_most_a_third() {
    let pace = Arc::<Pace>::default();
    let times = leave(&pace, QuestionPace::per_minute(60), Asker::Look, 50).await;
    assert!(most_in_a_minute(&times) <= 20);
}

#[tokio::test(start_paused = true)]
async fn a_push_never_waits_and_counts_against_what_questions_may_use() {
    let pace = Arc::<Pace>::default();
    let limit = QuestionPace::per_minute(60).leaving_for_pushes(15);
    let waits = tokio::spawn({
        let pace = Arc::clone(&pace);
        async move { leave(&pace, limit, Asker::Wait, 200).await }
    });
    let mut pushes = Vec::new();
    // Thirty pushes a minute for five minutes, in front of two hundred waits.
    for _ in 0..150 {
        drop(pace.push(limit, None));
        pushes.push(Instant::now());
        tokio::time::sleep(2 * SECOND).await;
    }
    let questions = waits.await.unwrap();
    let mut all: Vec<_> = questions.iter().chain(&pushes).copied().collect();
    all.sort_unstable();
    assert!(most_in_a_minute(&all) <= 61, "{}", most_in_a_minute(&all));
    assert!(most_in_a_minute(&questions) <= 45);
}

#[tokio::test(start_paused = true)]
async fn one_slow_down_is_heard_by_all_questions_of_the_key() {
    for limit in [QuestionPace::per_minute(60), QuestionPace::unlimited()] {
        let pace = Arc::<Pace>::default();
        let began = Instant::now();
        pace.rest(Some(20 * SECOND));
        let times = leave(&pace, limit, Asker::Wait, 10).await;
        let first = times[0].saturating_duration_since(began);
        assert!(first >= 20 * SECOND && first < 21 * SECOND, "{first:?}");
        // Without a time it is twice as long each time, and nobody is believed for ever.
        pace.rest(None);
        pace.rest(None);
        pace.rest(Some(Duration::from_secs(1_000_000_000_000)));
        let rested = pace.next_slot(limit).unwrap();
        assert_eq!(
            rested.saturating_duration_since(Instant::now()),
            LONGEST_REST
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_the_line_holds_nobody_up() {
    let pace = Arc::<Pace>::default();
    let limit = QuestionPace::per_minute(6).evenly();
    drop(pace.turn(limit, None, Asker::Person).await);
    let gone = tokio::time::timeout(SECOND, pace.turn(limit, None, Asker::Person)).await;
    assert!(gone.is_err());
    // One that nobody drives stands first, and is passed by.
    let mut stuck = Box::pin(pace.turn(limit, None, Asker::Person));
    assert!(stuck.as_mut().now_or_never().is_none());
    let began = Instant::now();
    let _turn = pace.turn(limit, None, Asker::Wait).await;
    let took = began.elapsed();
    assert!(took <= 12 * SECOND, "{took:?}");
}

#[test]
fn the_real_hosts_are_paced_and_this_machine_is_not() {
    use crate::values::environment::Environment;
    use crate::values::gateway_name::GatewayName;
    for gateway in GatewayName::ALL {
        for environment in [Environment::Sandbox, Environment::Production] {
            assert!(!documented::documented(gateway, environment, false).is_unlimited());
            assert!(documented::documented(gateway, environment, true).is_unlimited());
        }
    }
    let shown = documented::documented(GatewayName::PalPluss, Environment::Production, false);
    assert_eq!((shown.most, shown.questions()), (60, 45));
}
