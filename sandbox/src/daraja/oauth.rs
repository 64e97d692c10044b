//! Issues access tokens.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::errors::{DarajaError, refuse};
use crate::answer::Answer;
use crate::engine::Engine;
use crate::options::SandboxOptions;
use crate::request::basic;
use crate::step::Received;

#[derive(Serialize)]
struct Issued<Lifetime> {
    access_token: String,
    expires_in: Lifetime,
}

pub(super) async fn answer(engine: Arc<Engine>, request: Received) -> Answer {
    if let Err(error) = check(&request, &engine.options) {
        engine.with(|world| {
            world.counters.oauth_refused = world.counters.oauth_refused.saturating_add(1)
        });
        return refuse(&engine, &error);
    }
    let now = engine.clock.now();
    let lifetime = engine.options.token_lifetime_seconds;
    let access_token = engine.with(|world| {
        if engine.options.new_token_kills_old {
            world.tokens.kill_all();
        }
        let token = world.dice.token();
        world
            .tokens
            .issue(token.clone(), now, Duration::from_secs(u64::from(lifetime)));
        world.counters.tokens_issued = world.counters.tokens_issued.saturating_add(1);
        token
    });
    if engine.options.expires_in_as_text {
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

fn check(request: &Received, options: &SandboxOptions) -> Result<(), DarajaError> {
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
