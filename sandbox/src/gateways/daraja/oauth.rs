//! The OAuth endpoint, which issues access tokens.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::Daraja;
use super::errors::{DarajaError, refuse};
use super::options::DarajaOptions;
use crate::engine::Engine;
use crate::records::counters::bump;
use crate::wire::answer::Answer;
use crate::wire::request::{Received, basic};

#[derive(Serialize)]
struct Issued<Lifetime> {
    access_token: String,
    expires_in: Lifetime,
}

pub(super) async fn answer(gateway: Arc<Daraja>, engine: Arc<Engine>, request: Received) -> Answer {
    if let Err(error) = check(&request, &gateway.options) {
        engine.with(|world| bump(&mut world.counters.oauth_refused));
        return refuse(&engine, &error);
    }
    let now = engine.clock.now();
    let options = &gateway.options;
    let lifetime = options.token_lifetime_seconds;
    let access_token = engine.with(|world| {
        bump(&mut world.counters.tokens_issued);
        world.random_ids.token()
    });
    gateway.tokens(|tokens| {
        if options.new_token_kills_old {
            tokens.kill_all();
        }
        let lifetime = Duration::from_secs(u64::from(lifetime));
        tokens.issue(access_token.clone(), now, lifetime);
    });
    if options.expires_in_as_text {
        Answer::json(
            StatusCode::OK,
            &Issued {
                access_token,
                expires_in: lifetime.to_string(),
            },
        )
    } else {
        Answer::json(
            StatusCode::OK,
            &Issued {
                access_token,
                expires_in: lifetime,
            },
        )
    }
}

fn check(request: &Received, options: &DarajaOptions) -> Result<(), DarajaError> {
    if basic_credentials(&request.headers)
        != Some(format!(
            "{}:{}",
            options.consumer_key, options.consumer_secret
        ))
    {
        return Err(DarajaError::WRONG_KEYS);
    }
    let query = request.uri.query().unwrap_or_default();
    if !query
        .split('&')
        .any(|pair| pair == "grant_type=client_credentials")
    {
        return Err(DarajaError::WRONG_GRANT_TYPE);
    }
    Ok(())
}

/// What `Authorization: Basic …` says, decoded.
fn basic_credentials(headers: &HeaderMap) -> Option<String> {
    String::from_utf8(STANDARD.decode(basic(headers)?).ok()?).ok()
}
