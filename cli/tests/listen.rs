//! `lipia listen`: what a relay takes, keeps and forwards, with real processes on this machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::app::{Answer, App, CREDENTIALS, Relay, free_port, post, post_chunked, sealed_paths};
use support::{Folder, command, run_with, until};

/// What `lipia listen --list` prints.
async fn listed(folder: &Folder) -> Vec<serde_json::Value> {
    let file = folder.file("relay.db");
    let mut command = command();
    command.args(["listen", "--list", "--json", "--file", &file]);
    let run = run_with(&mut command).await;
    assert_eq!(run.status, 0, "{run:?}");
    run.json()
}

/// Waits until nothing is kept any more.
async fn until_empty(folder: &Folder) {
    for _ in 0..200 {
        if listed(folder).await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the relay still keeps {:?}", listed(folder).await);
}

fn address_of(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Posts to each path, and counts the answers of success.
async fn post_all(relay: &Relay, paths: &[String]) -> usize {
    let mut taken = 0;
    for path in paths {
        taken += usize::from(relay.post(path, path.as_bytes()).await == 200);
    }
    taken
}

#[tokio::test]
async fn an_app_that_was_down_learns_of_every_callback_although_the_relay_was_killed() {
    let folder = Folder::new("relay-killed");
    let port = free_port().await;
    let paths = sealed_paths(20);
    let (first, rest) = paths.split_at(7);
    let (second, third) = rest.split_at(7);
    for part in [first, second] {
        let relay = Relay::start(&folder, &address_of(port), &[]);
        assert_eq!(post_all(&relay, part).await, part.len());
        // The app is down, and the relay has found that out.
        until("an attempt fails", || !relay.events("put_off").is_empty()).await;
        relay.kill();
    }
    let mut relay = Relay::start(&folder, &address_of(port), &[]);
    assert_eq!(relay.first["waiting"], 14);
    assert_eq!(post_all(&relay, third).await, third.len());
    assert_eq!(listed(&folder).await.len(), 20);
    let app = App::with(port, |_| Answer::Status(200)).await;
    let wanted: HashSet<String> = paths.iter().cloned().collect();
    let all = || app.paths().into_iter().collect::<HashSet<_>>() == wanted;
    until("the app has all of them", all).await;
    for seen in app.seen() {
        assert_eq!(seen.body, seen.path.as_bytes());
    }
    until_empty(&folder).await;
    assert_eq!(relay.end().await, 0);
    until("the end is told", || !relay.events("ended").is_empty()).await;
    assert_eq!(relay.events("ended")[0]["waiting"], 0);
}

#[tokio::test]
async fn a_relay_that_is_killed_while_callbacks_come_has_kept_all_that_it_answered() {
    let folder = Folder::new("relay-storm");
    let port = free_port().await;
    let mut answered = HashSet::new();
    for paths in sealed_paths(60).chunks(20) {
        let relay = Relay::start(&folder, &address_of(port), &[]);
        let mut posting = tokio::task::JoinSet::new();
        for path in paths.iter().cloned() {
            let address = relay.address.clone();
            posting.spawn(async move {
                let status = post(&address, &path, &[], b"{}").await;
                (status == Some(200)).then_some(path)
            });
        }
        for _ in 0..5 {
            answered.extend(posting.join_next().await.unwrap().unwrap());
        }
        relay.kill();
        while let Some(done) = posting.join_next().await {
            answered.extend(done.unwrap());
        }
    }
    assert!(answered.len() >= 15, "{}", answered.len());
    let app = App::with(port, |_| Answer::Status(200)).await;
    let _relay = Relay::start(&folder, &app.url(), &[]);
    let all = || answered.is_subset(&app.paths().into_iter().collect());
    until("the app has all that was answered", all).await;
    until_empty(&folder).await;
}

#[tokio::test]
async fn a_forged_token_is_not_found_and_nothing_is_kept_of_it() {
    let folder = Folder::new("relay-forged");
    let app = App::start().await;
    let relay = Relay::start(&folder, &app.url(), &[]);
    assert_eq!(relay.first["verifies"], true);
    let own = sealed_paths(1).remove(0);
    let (path, seal) = own.rsplit_once('-').unwrap();
    for forged in [
        "/pay".to_owned(),
        path.to_owned(),
        format!("{path}-{}", "0".repeat(seal.len())),
        format!("{path}-{}", seal.chars().rev().collect::<String>()),
    ] {
        assert_eq!(relay.post(&forged, b"{}").await, 404, "{forged}");
    }
    // The URL of `lipia check --reach` is answered, and not kept.
    assert_eq!(relay.events("kept").len(), 0);
    assert_eq!(relay.post(&own, b"{}").await, 200);
    until("the app has the true one", || app.paths() == [own.clone()]).await;
    until_empty(&folder).await;
    // Of four forged ones one is told: strangers must not fill the log.
    assert_eq!(relay.events("refused").len(), 1);
}

#[tokio::test]
async fn the_question_of_check_is_answered_and_not_kept() {
    let folder = Folder::new("relay-probe");
    let app = App::start().await;
    let relay = Relay::start(&folder, &app.url(), &[]);
    let sandbox = support::sandbox().await;
    let mut command = command();
    command.envs(CREDENTIALS);
    command.env(
        "MPESA_CALLBACK_URL",
        format!("http://{}/pay", relay.address),
    );
    command.args([
        "check",
        "--reach",
        "--json",
        "--base-url",
        &sandbox.base_url(),
    ]);
    let run = run_with(&mut command).await;
    let lines = run.json();
    let line = lines.iter().find(|line| line["part"] == "callback");
    assert_eq!(line.unwrap()["state"], "ok", "{run:?}");
    assert!(relay.events("kept").is_empty());
    assert!(app.seen().is_empty());
    sandbox.stop().await;
}

#[tokio::test]
async fn without_a_secret_size_rate_and_disk_are_limited() {
    let folder = Folder::new("relay-limits");
    let port = free_port().await;
    let relay = Relay::unverified(&folder, &address_of(port), &["--max-disk", "1"]);
    assert_eq!(relay.first["verifies"], false);
    let long = vec![b'x'; 65 * 1_024];
    assert_eq!(post(&relay.address, "/pay", &[], &long).await, Some(413));
    assert_eq!(post_chunked(&relay.address, "/pay", &long).await, Some(413));
    assert!(relay.events("kept").is_empty());
    // Sixteen bodies of 60 KiB are a megabyte.
    let body = vec![b'x'; 60 * 1_024];
    let (mut kept, mut too_many, mut full) = (0, 0, 0);
    for _ in 0..20_000 {
        match relay.post("/pay", &body).await {
            200 => kept += 1,
            429 => too_many += 1,
            503 => full += 1,
            other => panic!("{other}"),
        }
        if full > 0 && too_many > 0 {
            break;
        }
    }
    assert_eq!(kept, 16);
    assert_eq!((full, too_many > 0), (1, true));
    assert_eq!(listed(&folder).await.len(), 16);
}

#[tokio::test]
async fn a_body_arrives_as_it_came_and_headers_of_strangers_do_not() {
    let folder = Folder::new("relay-bytes");
    let app = App::start().await;
    let relay = Relay::unverified(&folder, &app.url(), &[]);
    let body: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let headers = [
        ("Content-Type", "application/json;charset=UTF-8"),
        ("X-Forwarded-For", "196.201.214.200"),
        ("X-Forwarded-Host", "shop"),
        ("Forwarded", "for=196.201.214.200"),
        ("Authorization", "Bearer stolen"),
        ("Cookie", "session=1"),
        ("Via", "1.1 stranger"),
    ];
    let path = "/pay/a%2Fb/../c?x=%7e&y";
    assert_eq!(post(&relay.address, path, &headers, &body).await, Some(200));
    assert_eq!(post_chunked(&relay.address, "/two", &body).await, Some(200));
    until("both arrive", || app.seen().len() == 2).await;
    let seen = app.seen();
    let one = seen.iter().find(|seen| seen.path == path).unwrap();
    let two = seen.iter().find(|seen| seen.path == "/two").unwrap();
    assert_eq!((&one.body, &two.body), (&body, &body));
    let mut names: Vec<&str> = one.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "content-type", "host"]);
    assert_eq!(
        one.headers["content-type"],
        "application/json;charset=UTF-8"
    );
    assert_eq!(one.headers["host"], format!("127.0.0.1:{}", app.port));
}

#[tokio::test]
async fn another_host_is_refused_at_the_start_with_the_flag_to_use() {
    let folder = Folder::new("relay-host");
    for url in ["http://10.1.2.3:8000", "http://shop.example.co.ke"] {
        let relay = Relay::start(&folder, url, &[]);
        let error = &relay.first["error"];
        assert_eq!(error["code"], "post_address_refused");
        let host = url.trim_start_matches("http://").trim_end_matches(":8000");
        let flag = format!("--allow-host {host}");
        assert!(error["hint"].as_str().unwrap().contains(&flag), "{error}");
    }
    let relay = Relay::start(&folder, "https://127.0.0.1", &[]);
    assert_eq!(relay.first["error"]["code"], "post_address_refused");
    assert!(folder.names().is_empty());
    let allowed = ["--allow-host", "10.1.2.3"];
    let mut relay = Relay::start(&folder, "http://10.1.2.3:8000", &allowed);
    assert_eq!(relay.first["forward"], "http://10.1.2.3:8000");
    assert_eq!(relay.end().await, 0);
}

#[tokio::test]
async fn a_relay_does_not_forward_to_itself() {
    let folder = Folder::new("relay-loop");
    let port = free_port().await;
    let own = ["--port", &port.to_string()];
    let relay = Relay::start(&folder, &format!("http://localhost:{port}"), &own);
    assert_eq!(relay.first["error"]["code"], "post_address_refused");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_callback_is_not_lost() {
    let folder = Folder::new("relay-redirect");
    let elsewhere = App::start().await;
    let is_right = Arc::new(AtomicBool::new(false));
    let (to, right) = (elsewhere.url(), Arc::clone(&is_right));
    let app = App::with(0, move |_| match right.load(Ordering::SeqCst) {
        true => Answer::Status(204),
        false => Answer::Redirect(to.clone()),
    })
    .await;
    let relay = Relay::start(&folder, &app.url(), &[]);
    let path = sealed_paths(1).remove(0);
    assert_eq!(relay.post(&path, b"{}").await, 200);
    until("the redirect is told", || {
        !relay.events("put_off").is_empty()
    })
    .await;
    let told = &relay.events("put_off")[0];
    assert_eq!(
        (&told["status"], &told["again_in_seconds"]),
        (&302.into(), &1.into())
    );
    assert!(told["reason"].as_str().unwrap().contains("not followed"));
    let kept = &listed(&folder).await[0];
    assert_eq!(
        (&kept["attempts"], &kept["set_aside"]),
        (&1.into(), &false.into())
    );
    is_right.store(true, Ordering::SeqCst);
    until("the app has it", || !relay.events("forwarded").is_empty()).await;
    assert!(elsewhere.seen().is_empty());
    until_empty(&folder).await;
}

#[tokio::test]
async fn callbacks_that_the_app_refuses_or_never_answers_hold_up_no_other() {
    let folder = Folder::new("relay-hangs");
    let app = App::with(0, |seen| match seen.path.as_str() {
        "/hangs" => Answer::Never,
        "/gone" => Answer::Status(410),
        _ => Answer::Status(200),
    })
    .await;
    let relay = Relay::unverified(&folder, &app.url(), &[]);
    for path in ["/hangs", "/gone", "/good", "/gone", "/good"] {
        assert_eq!(relay.post(path, b"{}").await, 200);
    }
    let good = || relay.events("forwarded").len() == 2;
    until("the good ones are taken", good).await;
    // The app has not answered the first yet, and the relay has not given up waiting for that.
    let put_off = relay.events("put_off");
    assert!(put_off.iter().all(|it| it["status"] == 410), "{put_off:?}");
    let kept = listed(&folder).await;
    assert_eq!(kept.len(), 3);
    // Refused for good is what a wrong route says as well, so those are tried again.
    let again = || relay.events("put_off").iter().any(|it| it["attempts"] == 2);
    until("refused ones are tried again", again).await;
}

#[tokio::test]
async fn a_second_relay_is_refused_the_file_of_the_first() {
    let folder = Folder::new("relay-lock");
    let app = App::start().await;
    let mut relay = Relay::start(&folder, &app.url(), &[]);
    let second = Relay::start(&folder, &app.url(), &[]);
    assert_eq!(second.first["error"]["code"], "relay_file_in_use");
    assert_eq!(relay.end().await, 0);
    let third = Relay::start(&folder, &app.url(), &[]);
    assert_eq!(third.first["event"], "listening");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_the_owners_alone_and_another_programs_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("relay-file");
    let app = App::start().await;
    let relay = Relay::start(&folder, &app.url(), &[]);
    assert_eq!(relay.post(&sealed_paths(1)[0], b"{}").await, 200);
    for name in folder.names() {
        let mode = std::fs::metadata(folder.file(&name)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{name}");
    }
    relay.kill();
    std::fs::remove_file(folder.file("relay.db")).unwrap();
    let other = rusqlite::Connection::open(folder.file("relay.db")).unwrap();
    other.execute_batch("CREATE TABLE theirs (a)").unwrap();
    let relay = Relay::start(&folder, &app.url(), &[]);
    assert_eq!(relay.first["error"]["code"], "relay_file_refused");
}

#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_kept_is_answered_with_503() {
    let folder = Folder::new("relay-full");
    let port = free_port().await;
    // A file of at most 100 KiB, as on a disk that is full.
    let mut limited = std::process::Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"";
    limited.args(["-c", script, env!("CARGO_BIN_EXE_lipia")]);
    limited.envs(CREDENTIALS).env_remove("LIPIA_LEDGER");
    let relay = Relay::run(limited, &folder, &address_of(port), &[]);
    let body = vec![b'x'; 30_000];
    let paths = sealed_paths(8);
    let mut kept = Vec::new();
    for path in &paths {
        match relay.post(path, &body).await {
            200 => kept.push(path.clone()),
            503 => {}
            other => panic!("{other}"),
        }
    }
    assert!((1..8).contains(&kept.len()), "{}", kept.len());
    relay.kill();
    let app = App::with(port, |_| Answer::Status(200)).await;
    let relay = Relay::start(&folder, &app.url(), &[]);
    assert_eq!(relay.first["waiting"], kept.len());
    until("the app has them", || app.seen().len() == kept.len()).await;
    assert!(
        app.seen()
            .iter()
            .all(|seen| seen.body == body && kept.contains(&seen.path))
    );
    until_empty(&folder).await;
    // What is written to a file that was deleted is lost with the process.
    std::fs::remove_file(folder.file("relay.db")).unwrap();
    assert_eq!(relay.post(&paths[0], b"{}").await, 503);
}

#[tokio::test]
async fn credentials_that_are_not_complete_make_no_relay_that_verifies_nothing() {
    let folder = Folder::new("relay-half");
    let app = App::start().await;
    let mut half = command();
    half.env("MPESA_CONSUMER_SECRET", "secret");
    let relay = Relay::run(half, &folder, &app.url(), &[]);
    assert_eq!(relay.first["error"]["code"], "variable_missing");
    let mut half = command();
    half.env("MPESA_CONSUMER_SECRET", "secret");
    let relay = Relay::run(half, &folder, &app.url(), &["--unverified"]);
    assert_eq!(relay.first["verifies"], false);
}
