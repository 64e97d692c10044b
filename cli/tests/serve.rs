//! `lipia payments serve`: who gets in, what the page reads, and what it changes, with a real process over a real ledger.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

use lipia::callback::Confirm;
use lipia::{Client, Daraja, IncomingCallback};
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, CallbackFacts, Ending, Gateway, PASS_KEY, SHORT_CODE, Sandbox,
    Scenario, write_callback,
};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use support::app::CREDENTIALS;
use support::{Books, command, push, run, sandbox};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// `lipia payments serve` as a process. It ends with the test.
struct Page {
    child: Child,
    first: Value,
    /// Host and port.
    address: String,
    /// The path of the page, with its token.
    home: String,
}

/// An answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::trim)
    }
}

impl Page {
    fn start(ledger: &str, more: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = command()
            .envs(variables.iter().copied())
            .args(["payments", "serve", "--json", "--ledger", ledger])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let first: Value = serde_json::from_str(&line).unwrap();
        let base_url = first["base_url"].as_str().unwrap();
        let home = first["page_url"].as_str().unwrap().replace(base_url, "");
        Self {
            address: base_url.replace("http://", ""),
            home,
            child,
            first,
        }
    }

    /// A page that may change what it shows, with the keys of the sandbox.
    fn changing(books: &Books, sandbox: &Sandbox) -> Self {
        let url = sandbox.base_url();
        let more = ["--allow-changes", "--base-url", &url];
        Self::start(&books.url, &more, &CREDENTIALS)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{head}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn get(&self, path: &str) -> Reply {
        self.send("GET", &format!("{}{path}", self.home), &[], "")
    }

    fn read(&self, path: &str) -> Value {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.json()
    }

    fn post(&self, path: &str, body: &Value) -> Reply {
        let path = format!("{}{path}", self.home);
        self.send("POST", &path, &[JSON], &body.to_string())
    }

    /// The ids that a list has, in its order.
    fn ids(&self, query: &str) -> Vec<String> {
        let list = self.read(&format!("list?{query}"));
        let payments = list["payments"].as_array().unwrap().iter();
        let id = |payment: &Value| payment["payment_id"].as_str().unwrap().to_owned();
        payments.map(id).collect()
    }

    /// Asks the process to end, and returns its exit status.
    #[cfg(unix)]
    fn end(&mut self) -> i32 {
        let pid = self.child.id().to_string();
        let asked = std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status();
        assert!(asked.unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A sandbox whose customers wait for the test.
async fn patient() -> Sandbox {
    let sandbox = sandbox().await;
    for number in 0..10 {
        sandbox.script_phone(format!("25471234567{number}"), Scenario::Manual);
    }
    sandbox
}

/// Pushes an order, and returns the payment's id.
async fn pushed(books: &Books, sandbox: &Sandbox, order: &str, phone: &str) -> String {
    let url = sandbox.base_url();
    let mut arguments = push(&url, &["--order", order, "--ledger", &books.url]);
    arguments[2] = phone;
    let pushed = run(arguments).await;
    pushed.last()["payment_id"].as_str().unwrap().to_owned()
}

/// A ledger with two payments, of which the first was paid, and the sandbox that has them.
async fn two_payments(name: &str) -> (Books, Sandbox, [String; 2]) {
    let books = Books::new(name);
    let sandbox = patient().await;
    let paid = pushed(&books, &sandbox, "order-1", "0712345671").await;
    let open = pushed(&books, &sandbox, "order-2", "0712345672").await;
    let prompt = sandbox.payments()[0].checkout_request_id.clone();
    sandbox.act(&prompt, Ending::Pay).unwrap();
    let url = sandbox.base_url();
    let place = ["--ledger", &books.url, "--base-url", &url];
    let asked = run([&["payments", "ask", &paid][..], &place].concat()).await;
    assert_eq!(asked.status, 0, "{asked:?}");
    (books, sandbox, [paid, open])
}

#[tokio::test]
async fn the_page_is_found_by_its_whole_address_alone_and_on_this_machine() {
    let (books, _sandbox, _) = two_payments("serve-address").await;
    let mut page = Page::start(&books.url, &[], &[]);
    let other = Page::start(&books.url, &[], &[]);
    let token = page.home.replace("/payments/", "").replace('/', "");
    assert_eq!(token.len(), 32, "128 bits in hexadecimal digits: {token}");
    assert_ne!(page.home, other.home);
    assert!(page.address.starts_with("127.0.0.1:"));
    assert_eq!(
        page.first["port"].to_string(),
        page.address.replace("127.0.0.1:", "")
    );
    let first = &page.first;
    assert_eq!(
        (&first["changes"], &first["asks"], &first["sandbox"]),
        (&json!(false), &json!(false), &json!(true))
    );
    assert!(page.get("").body.contains("<!doctype html>"));
    let bare = page.send("GET", page.home.trim_end_matches('/'), &[], "");
    assert_eq!(bare.header("location"), Some(page.home.as_str()));
    let wrong = format!("/payments/{}", "0".repeat(32));
    for near in [
        "/",
        "/payments",
        "/payments/",
        &wrong,
        &other.home,
        &format!("{wrong}/list"),
    ] {
        let reply = page.send("GET", near, &[], "");
        assert_eq!(reply.status, 404, "{near}: {reply:?}");
        assert!(!format!("{reply:?}").contains(&token), "{near}");
    }
    #[cfg(unix)]
    assert_eq!(page.end(), 0);
}

#[tokio::test]
async fn the_page_may_load_its_own_files_and_nothing_else() {
    let (books, _sandbox, _) = two_payments("serve-files").await;
    let page = Page::start(&books.url, &[], &[]);
    for (path, content_type) in [
        ("", "text/html; charset=utf-8"),
        ("page.css", "text/css; charset=utf-8"),
        ("page.js", "text/javascript; charset=utf-8"),
        ("page.svg", "image/svg+xml"),
        ("summary", "application/json"),
        ("list", "application/json"),
    ] {
        let reply = page.get(path);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some(content_type));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
    }
    let (html, script) = (page.get("").body, page.get("page.js").body);
    assert!(!html.contains("style=") && !html.contains("<style"));
    assert_eq!(html.matches("<script").count(), 1);
    for forbidden in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
        "Storage",
        "cookie",
    ] {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn no_other_page_reads_or_changes_the_ledger() {
    let (books, sandbox, [_, open]) = two_payments("serve-doors").await;
    let page = Page::changing(&books, &sandbox);
    let own = format!("http://{}", page.address);
    let body = json!({ "payment_id": open }).to_string();
    let foreign: [&[(&str, &str)]; 6] = [
        &[JSON, ("Origin", "https://shop.example")],
        &[JSON, ("Origin", "null")],
        &[JSON, ("Origin", "http://127.0.0.1:1")],
        &[JSON, ("Sec-Fetch-Site", "cross-site")],
        &[JSON, ("Host", "shop.example:80")],
        &[("Content-Type", "text/plain")],
    ];
    for path in ["ask", "resolve", "release"] {
        let path = format!("{}{path}", page.home);
        for headers in foreign {
            let status = page.send("POST", &path, headers, &body).status;
            assert!(
                status == 403 || status == 415,
                "{path} {headers:?}: {status}"
            );
        }
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let reply = page.send(method, &path, &[JSON], &body);
            assert_eq!(reply.status, 405, "{method} {path}");
        }
    }
    for path in ["", "list", "summary", &format!("payment?id={open}")] {
        let path = format!("{}{path}", page.home);
        for header in [
            ("Origin", "https://shop.example"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Host", "shop.example"),
        ] {
            assert_eq!(page.send("GET", &path, &[header], "").status, 403, "{path}");
        }
    }
    let story = page.read(&format!("payment?id={open}"));
    assert_eq!(
        (&story["state"], &story["holds_order"], &story["asked"]),
        (&json!("accepted"), &json!(true), &json!(0))
    );
    let headers = [
        JSON,
        ("Origin", own.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let release = format!("{}release", page.home);
    assert_eq!(page.send("POST", &release, &headers, &body).status, 200);
}

#[tokio::test]
async fn payments_are_found_by_how_they_stand_and_by_what_is_known_of_them() {
    let (books, _sandbox, [paid, open]) = two_payments("serve-found").await;
    let page = Page::start(&books.url, &[], &[]);
    let story = page.read(&format!("payment?id={paid}"));
    for (query, wanted) in [
        ("", &[&open, &paid][..]),
        ("kind=all", &[&open, &paid]),
        ("kind=open", &[&open]),
        ("kind=paid", &[&paid]),
        ("kind=flagged", &[]),
        ("kind=owed", &[&paid]),
        ("text=order-1", &[&paid]),
        ("text=%20order-1%20", &[&paid]),
        ("text=0712%20345%20672", &[&open]),
        ("text=%2B254712345671", &[&paid]),
        ("text=INV-1", &[&open, &paid]),
        ("text=INV-1&kind=paid", &[&paid]),
        ("text=nothing", &[]),
        (&format!("text={}", &open[..8]), &[&open]),
        (&format!("text={open}"), &[&open]),
        (&format!("text={}", &open[..7]), &[]),
    ] {
        let found = page.ids(query);
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{query}");
    }
    // Version 1 of the query tells no receipt, so a person's decision names this one.
    assert_eq!(story["receipt"], Value::Null);
    let summary = page.read("summary");
    assert_eq!(
        (&summary["payments"], &summary["open"], &summary["owed"]),
        (&json!(2), &json!(1), &json!(1))
    );
    for wrong in [
        "list?kind=none",
        "list?after=x",
        "list?what=1",
        "payment",
        "payment?id=0",
    ] {
        let reply = page.get(wrong);
        assert!((400..500).contains(&reply.status), "{wrong}: {reply:?}");
        assert!(reply.json()["error"].is_string(), "{wrong}");
    }
}

#[tokio::test]
async fn numbers_are_masked_in_every_answer() {
    let (books, sandbox, [paid, open]) = two_payments("serve-masked").await;
    let page = Page::start(&books.url, &[], &[]);
    let prompts: Vec<String> = sandbox
        .payments()
        .into_iter()
        .map(|it| it.checkout_request_id)
        .collect();
    for path in [
        "list".to_owned(),
        "list?text=0712345671".to_owned(),
        format!("payment?id={paid}"),
        format!("payment?id={open}"),
    ] {
        let body = page.get(&path).body;
        assert!(body.contains("2547***67"), "{path}: {body}");
        assert!(!body.contains("71234567"), "{path}: {body}");
        assert!(
            prompts.iter().all(|prompt| !body.contains(prompt)),
            "{path}: {body}"
        );
    }
}

#[tokio::test]
async fn a_page_only_reads_where_changes_were_not_asked_for() {
    let (books, _sandbox, [_, open]) = two_payments("serve-reads").await;
    let page = Page::start(&books.url, &[], &CREDENTIALS);
    for path in ["ask", "resolve", "release"] {
        let reply = page.post(path, &json!({ "payment_id": open }));
        assert_eq!(reply.status, 403, "{reply:?}");
        assert!(
            reply.json()["hint"]
                .as_str()
                .unwrap()
                .contains("--allow-changes")
        );
    }
    let story = page.read(&format!("payment?id={open}"));
    assert_eq!(
        story["can"],
        json!({ "ask": false, "resolve": false, "release": false })
    );
    assert_eq!(
        (&story["state"], &story["asked"]),
        (&json!("accepted"), &json!(0))
    );
    let unable = Page::start(&books.url, &["--allow-changes"], &[]);
    assert_eq!(
        (&unable.first["changes"], &unable.first["asks"]),
        (&json!(true), &json!(false))
    );
    let reply = unable.post("ask", &json!({ "payment_id": open }));
    assert_eq!(reply.status, 403, "{reply:?}");
    assert!(
        reply.json()["error"]
            .as_str()
            .unwrap()
            .contains("no credentials")
    );
}

// The sandbox answers on another thread than the one that waits for the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_asks_settles_and_gives_up_orders() {
    let (books, sandbox, [paid, open]) = two_payments("serve-changes").await;
    let third = pushed(&books, &sandbox, "order-3", "0712345673").await;
    let page = Page::changing(&books, &sandbox);
    assert_eq!(
        (&page.first["changes"], &page.first["asks"]),
        (&json!(true), &json!(true))
    );
    let can = page.read(&format!("payment?id={open}"))["can"].clone();
    assert_eq!(
        can,
        json!({ "ask": true, "resolve": true, "release": true })
    );
    let can = page.read(&format!("payment?id={paid}"))["can"].clone();
    assert_eq!(
        can,
        json!({ "ask": false, "resolve": false, "release": false })
    );

    let released = page.post("release", &json!({ "payment_id": open }));
    assert_eq!(released.status, 200, "{released:?}");
    assert_eq!(released.json()["holds_order"], false);
    let again = page.post("release", &json!({ "payment_id": open }));
    assert_eq!(again.status, 409, "{again:?}");

    let prompt = sandbox.payments()[1].checkout_request_id.clone();
    sandbox.act(&prompt, Ending::Cancel).unwrap();
    let asked = page.post("ask", &json!({ "payment_id": open })).json();
    assert_eq!(
        (&asked["standing"], &asked["asked"]),
        (&json!("cancelled"), &json!(1)),
        "{asked}"
    );
    assert!(asked["meaning"].as_str().unwrap().len() > 10);
    assert!(
        asked["events"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["what"] == "settled: cancelled")
    );

    for wrong in [
        json!({ "payment_id": third, "receipt": "?" }),
        json!({ "payment_id": third, "receipt": "SKL1", "paid": true }),
        json!({ "receipt": "SKL1" }),
        json!([]),
    ] {
        let reply = page.post("resolve", &wrong);
        assert_eq!(reply.status, 400, "{wrong}: {reply:?}");
    }
    let settled = page
        .post(
            "resolve",
            &json!({ "payment_id": third, "receipt": " skl7654321 " }),
        )
        .json();
    assert_eq!(
        (&settled["standing"], &settled["receipt"]),
        (&json!("paid"), &json!("SKL7654321")),
        "{settled}"
    );
    assert_eq!(page.ids("text=skl7654321"), [third.as_str()]);
    assert_eq!(page.ids("kind=paid"), [third.clone(), paid]);
    let again = page.post("resolve", &json!({ "payment_id": third }));
    assert_eq!(
        (again.status, again.json()["code"].clone()),
        (409, json!("payment_not_open"))
    );
    let long = "x".repeat(5_000);
    assert_eq!(page.post("ask", &json!({ "payment_id": long })).status, 400);
}

/// A shop's process over the ledger of the page.
fn shop(sandbox: &Sandbox, books: &Books) -> Client {
    Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .base_url(sandbox.base_url())
        .callback_url("http://127.0.0.1:9/pay")
        .ledger_at(&books.url)
        .build()
        .unwrap()
}

#[tokio::test]
async fn flagged_payments_are_found_with_the_meaning_of_each_flag() {
    let (books, sandbox, [_, open]) = two_payments("serve-flagged").await;
    // A success of another amount than was asked for, on the payment's own URL.
    let client = shop(&sandbox, &books);
    let story = client.payments().story(&open).await.unwrap();
    let push = story.row.payment.push();
    let facts = CallbackFacts {
        phone: push.phone_number.as_str().to_owned(),
        amount: push.amount.get() + 1,
        checkout_request_id: sandbox.payments()[1].checkout_request_id.clone(),
        ..CallbackFacts::default()
    };
    let written = write_callback(Gateway::Daraja, &facts, Ending::Pay).unwrap();
    let url = push.callback_url.as_str();
    let path = &url[url.rfind('/').unwrap()..];
    let incoming = IncomingCallback::new(path, &written.body);
    let received = client.receive_callback(incoming, Confirm::Never).await;
    let verdict = received.unwrap().verdict.unwrap();
    assert_eq!(verdict.as_str(), "mismatch");
    let page = Page::start(&books.url, &[], &[]);
    assert_eq!(page.ids("kind=flagged"), [open.as_str()]);
    let story = page.read(&format!("payment?id={open}"));
    assert_eq!(story["flags"][0]["reason"], "amount_differs");
    assert!(story["flags"][0]["meaning"].as_str().unwrap().len() > 10);
    assert!(story["flags"][0]["body"].is_null());
}

#[tokio::test]
async fn a_ledger_that_is_not_there_or_a_port_that_is_taken_is_told_at_the_start() {
    let (books, _sandbox, _) = two_payments("serve-not").await;
    let missing = format!("sqlite://{}", books.folder.file("none.db"));
    let run_serve = async |ledger: &str, more: &[&str]| {
        let arguments = ["payments", "serve", "--json", "--ledger", ledger];
        run([&arguments[..], more].concat()).await
    };
    let refused = run_serve(&missing, &[]).await;
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (2, &json!("ledger_path_refused"))
    );
    let page = Page::start(&books.url, &[], &[]);
    let port = page.first["port"].to_string();
    let taken = run_serve(&books.url, &["--port", &port]).await;
    assert_eq!(
        (taken.status, &taken.error()["code"]),
        (1, &json!("could_not_run"))
    );
    let open = Page::start(&books.url, &["--bind", "0.0.0.0"], &[]);
    assert!(open.address.starts_with("127.0.0.1:"));
    assert_eq!(open.get("list").status, 200);
}
