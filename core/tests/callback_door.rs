//! Authenticity at a callback URL: the token in it, the secrets behind the token, and the sender's address.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::{CallbackSecrets, Confirm, SourceAddresses};
use lipia::{Client, IncomingCallback, Secret};
use std::net::IpAddr;
use support::{PAYS, builder, failure_body, none_of, path_of, sale};

const NOWHERE: &str = "http://127.0.0.1:9";

/// A client that never speaks to anybody.
fn offline() -> Client {
    builder(NOWHERE).build().unwrap()
}

fn verify(client: &Client, path: &str) -> &'static str {
    match client.callback_secrets().verify(path) {
        Ok(_) => "ours",
        Err(error) if error.code() == "callback_token_missing" => "missing",
        Err(error) if error.code() == "callback_token_wrong" => "wrong",
        Err(_) => "?",
    }
}

#[tokio::test]
async fn a_token_is_ours_wherever_the_path_puts_it_and_nothing_else_is() {
    let client = offline();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let path = path_of(&payment);
    let token = path.rsplit('/').next().unwrap();
    let (id, seal) = token.split_once('-').unwrap();
    let mut failures = Vec::new();
    for (path, wanted) in [
        (path.clone(), "ours"),
        (
            payment.snapshot().push().callback_url.as_str().to_owned(),
            "ours",
        ),
        (token.to_owned(), "ours"),
        (format!("/a/much/longer/path/{token}"), "ours"),
        (format!("{path}/"), "ours"),
        (format!("{path}?x=1"), "ours"),
        (format!("{path}/?x=/y"), "ours"),
        (format!("{path}#x"), "ours"),
        (format!("{path}/more"), "missing"),
        (format!("/pay?token={token}"), "missing"),
        (String::new(), "missing"),
        ("/".to_owned(), "missing"),
        ("/pay".to_owned(), "missing"),
        (format!("/pay/{id}"), "missing"),
        (format!("/pay/{id}-"), "missing"),
        (format!("/pay/-{seal}"), "missing"),
        (format!("/pay/{seal}-{id}"), "missing"),
        (format!("/pay/{id}-{}", seal.to_uppercase()), "missing"),
        (format!("/pay/{id}-{seal}-{seal}"), "missing"),
        (format!("/pay/{id}-{}", &seal[..62]), "wrong"),
        (format!("/pay/{id}-{}", &seal[..63]), "missing"),
        (format!("/pay/{id}-{seal}00"), "wrong"),
        (format!("/pay/{id}-{}", "0".repeat(64)), "wrong"),
        (format!("/pay/{}-{seal}", "0".repeat(32)), "wrong"),
    ] {
        let found = verify(&client, &path);
        if found != wanted {
            failures.push(format!("{path}: {found}, not {wanted}"));
        }
    }
    for (place, digit) in token.char_indices().filter(|(_, digit)| *digit != '-') {
        let other = if digit == '0' { '1' } else { '0' };
        let mut forged = token.to_owned();
        forged.replace_range(place..=place, &other.to_string());
        if verify(&client, &forged) != "wrong" {
            failures.push(format!("character {place} does not count"));
        }
    }
    none_of(&failures);
}

#[tokio::test]
async fn secrets_are_told_apart_rotated_and_derived_alike_from_the_same_keys() {
    let (old, new) = (
        "an-old-secret-of-32-characters-x",
        "a-new-secret-of-32-characters-xx",
    );
    let with = |secrets: &[&str]| {
        let secrets: Vec<String> = secrets.iter().map(ToString::to_string).collect();
        builder(NOWHERE).callback_secrets(secrets).build().unwrap()
    };
    let path = |client: &Client| path_of(&client.reserve(sale(PAYS)).unwrap());
    let (with_old, with_new, with_both) = (with(&[old]), with(&[new]), with(&[new, old]));
    assert_eq!(verify(&with_new, &path(&with_old)), "wrong");
    assert_eq!(verify(&with_both, &path(&with_old)), "ours");
    assert_eq!(
        verify(&with_new, &path(&with_both)),
        "ours",
        "the newest seals"
    );
    assert_eq!(verify(&with_old, &path(&with_both)), "wrong");
    assert_eq!(
        verify(&offline(), &path(&offline())),
        "ours",
        "derived from the same keys"
    );
    let other = builder(NOWHERE)
        .consumer_secret("another-secret")
        .build()
        .unwrap();
    assert_eq!(verify(&other, &path(&offline())), "wrong");
    assert_ne!(
        path(&offline()),
        path(&offline()),
        "every payment has its own"
    );
    let short = CallbackSecrets::new(&[Secret::new("fifteen-bytes-x")]).unwrap_err();
    assert_eq!(short.code(), "callback_secret_too_short");
    assert_eq!(
        CallbackSecrets::new(&[]).unwrap_err().code(),
        "callback_secret_missing"
    );
}

#[tokio::test]
async fn a_sender_must_be_on_the_list_behind_listed_proxies() {
    let addresses = SourceAddresses::published()
        .trust_proxy("10.0.0.0/8")
        .unwrap();
    let client = builder(NOWHERE)
        .source_addresses(addresses)
        .build()
        .unwrap();
    let payment = client.reserve(sale(PAYS)).unwrap();
    let path = path_of(&payment);
    let body = failure_body("ws_CO_1", "1032");
    let proxy: IpAddr = "10.0.0.7".parse().unwrap();
    let mut failures = Vec::new();
    for (name, peer, forwarded, wanted) in [
        ("through our proxy", Some(proxy), vec!["196.201.212.69"], ""),
        (
            "with a claim in front",
            Some(proxy),
            vec!["203.0.113.9, 196.201.212.69"],
            "",
        ),
        (
            "a stranger",
            Some(proxy),
            vec!["203.0.113.9"],
            "callback_address_refused",
        ),
        (
            "a claim",
            Some(proxy),
            vec!["196.201.212.69, 203.0.113.9"],
            "callback_address_refused",
        ),
        (
            "around the proxy",
            Some(proxy),
            vec![],
            "callback_address_refused",
        ),
        (
            "past our proxy, with the header that it would write",
            Some("203.0.113.9".parse().unwrap()),
            vec!["196.201.212.69"],
            "callback_address_refused",
        ),
        (
            "no address given",
            None,
            vec!["196.201.212.69"],
            "callback_address_missing",
        ),
    ] {
        let mut incoming = IncomingCallback::new(&path, &body);
        if let Some(peer) = peer {
            incoming = incoming.from_peer(peer, &forwarded);
        }
        let found = match client.receive_callback(incoming, Confirm::Never).await {
            Ok(_) => String::new(),
            Err(error) => error.code().to_owned(),
        };
        if found != wanted {
            failures.push(format!("{name}: {found:?}"));
        }
    }
    none_of(&failures);
}
