//! A program with one thread, in which nobody looks at the connections between two calls: what a gateway said or closed
//! meanwhile is found before the next request leaves, and what had arrived when the time was up is read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::values::MerchantRequestId;
use lipia::{Client, StkPush};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use support::{PAYS, answer, builder};
use tokio::runtime::{Builder, Runtime};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A gateway with a thread for each connection. What it does beyond answering is told by the push's reference.
struct Threads {
    base_url: String,
    pushes: Arc<Mutex<HashMap<String, usize>>>,
    /// Tells that a push's play is over.
    played: Receiver<()>,
}

/// What follows an answer, in a thread of its own.
type Play = fn(TcpStream, reference: &str, answer: &[u8]);

impl Threads {
    fn start(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let pushes = Arc::<Mutex<HashMap<String, usize>>>::default();
        let (tells, played) = channel();
        let kept = Arc::clone(&pushes);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (pushes, tells) = (Arc::clone(&kept), tells.clone());
                let stream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                thread::spawn(move || serve(&stream, play, &pushes, &tells));
            }
        });
        Self {
            base_url,
            pushes,
            played,
        }
    }

    fn client(&self, timeout: Duration) -> Client {
        builder(&self.base_url).timeout(timeout).build().unwrap()
    }
}

fn serve(
    stream: &TcpStream,
    play: Play,
    pushes: &Mutex<HashMap<String, usize>>,
    played: &Sender<()>,
) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = read_request(&mut reader) {
        if head.starts_with("GET /oauth/") {
            let token = br#"{"access_token":"token","expires_in":"3599"}"#;
            (&mut &*stream)
                .write_all(&answer(200, JSON, token))
                .unwrap();
            continue;
        }
        let at = body.find("\"AccountReference\":\"").unwrap() + 20;
        let reference = body[at..].split('"').next().unwrap().to_owned();
        *pushes.lock().unwrap().entry(reference.clone()).or_default() += 1;
        let accepted = format!(
            r#"{{"MerchantRequestID":"1-{reference}","CheckoutRequestID":"ws_CO_{reference}","ResponseCode":"0","ResponseDescription":"Success","CustomerMessage":"Success"}}"#
        );
        play(
            stream.try_clone().unwrap(),
            &reference,
            &answer(200, JSON, accepted.as_bytes()),
        );
        played.send(()).unwrap();
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Half a millisecond to three and a half, by the number of a sale.
fn pause(number: usize) -> Duration {
    Duration::from_micros(500 + (number as u64 * 7_919) % 3_000)
}

fn number(reference: &str) -> usize {
    reference.trim_start_matches('R').parse().unwrap()
}

/// Answers, and some time later answers again or closes.
fn twice_or_closed(mut stream: TcpStream, reference: &str, answer: &[u8]) {
    stream.write_all(answer).unwrap();
    let number = number(reference);
    thread::sleep(pause(number));
    if number.is_multiple_of(2) {
        stream.write_all(answer).ok();
    } else {
        stream.shutdown(std::net::Shutdown::Both).ok();
    }
}

#[test]
fn what_came_between_two_calls_is_found_before_the_next_push_leaves() {
    let gateway = Threads::start(twice_or_closed);
    let client = gateway.client(Duration::from_secs(10));
    let runtime = one_thread();
    for number in 0..2_000 {
        let reference = format!("R{number}");
        let sale = StkPush::new(PAYS, 150, reference.as_str());
        let accepted = runtime.block_on(client.stk_push(sale)).unwrap();
        assert_eq!(
            accepted.merchant_request_id.unwrap().as_str(),
            format!("1-{reference}"),
            "a payment has another's id"
        );
        gateway.played.recv().unwrap();
    }
    let pushes = gateway.pushes.lock().unwrap();
    assert_eq!(pushes.len(), 2_000);
    assert!(
        pushes.values().all(|count| *count == 1),
        "a push was doubled"
    );
}

/// Whether the second push may be answered.
static MAY_ANSWER: AtomicBool = AtomicBool::new(false);

/// Answers when it may, at such length that the answer is read in pieces.
fn answers_at_length(mut stream: TcpStream, reference: &str, answer: &[u8]) {
    while reference == "R1" && !MAY_ANSWER.load(Ordering::Acquire) {
        thread::sleep(Duration::from_millis(1));
    }
    let text = String::from_utf8(answer.to_vec()).unwrap();
    let body = text.split("\r\n\r\n").nth(1).unwrap();
    let body = format!("{body}{:40000}", "");
    let answer = support::answer(200, JSON, body.as_bytes());
    stream.write_all(&answer).unwrap();
}

#[test]
fn an_answer_that_had_arrived_when_the_time_was_up_is_taken() {
    let gateway = Threads::start(answers_at_length);
    let timeout = Duration::from_millis(400);
    let client = gateway.client(timeout);
    let accepted = one_thread().block_on(async {
        // Keeps a connection and a token ready.
        client
            .stk_push(StkPush::new(PAYS, 150, "R0"))
            .await
            .unwrap();
        gateway.played.recv().unwrap();
        let begun = Instant::now();
        let client = client.clone();
        let push =
            tokio::spawn(async move { client.stk_push(StkPush::new(PAYS, 150, "R1")).await });
        while !gateway.pushes.lock().unwrap().contains_key("R1") {
            tokio::task::yield_now().await;
        }
        // From here on nobody looks at the connection.
        MAY_ANSWER.store(true, Ordering::Release);
        gateway.played.recv().unwrap();
        // The process is stopped, as it were, until its time is over.
        thread::sleep(timeout.saturating_sub(begun.elapsed()) + Duration::from_millis(20));
        push.await.unwrap()
    });
    assert_eq!(
        accepted
            .unwrap()
            .merchant_request_id
            .as_ref()
            .map(MerchantRequestId::as_str),
        Some("1-R1")
    );
}
