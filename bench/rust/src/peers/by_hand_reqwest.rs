//! `reqwest` by hand: the token and the body are made once, the answer is read into a struct.

use super::lipia;
use bytes::Bytes;
use lipia_bench_worker::{Pusher, Where, sale};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

pub struct ByHand {
    client: reqwest::Client,
    url: String,
    token: String,
    body: Bytes,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

/// What a careful hand reads of the answer.
#[derive(Deserialize)]
#[allow(
    non_snake_case,
    dead_code,
    reason = "the wire's names, of which one is looked at"
)]
struct Answer {
    MerchantRequestID: String,
    CheckoutRequestID: String,
    ResponseCode: String,
    ResponseDescription: String,
    CustomerMessage: String,
}

impl Pusher for ByHand {
    async fn make(place: &Where) -> Result<Self, String> {
        let client = client(place).map_err(|error| error.to_string())?;
        let oauth = format!(
            "{}/oauth/v1/generate?grant_type=client_credentials",
            place.base_url
        );
        let asked = client
            .get(oauth)
            .basic_auth(&place.consumer_key, Some(&place.consumer_secret))
            .send();
        let answer = asked.await.map_err(|error| error.to_string())?;
        let Token { access_token } = answer.json().await.map_err(|error| error.to_string())?;
        let url = format!("{}/mpesa/stkpush/v1/processrequest", place.base_url);
        Ok(Self {
            client,
            url,
            token: access_token,
            body: body(place)?,
        })
    }

    async fn push(&self, _: String) -> Result<(), String> {
        let request = self
            .client
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(self.body.clone());
        let answer = request.send().await.map_err(|error| name_of(&error))?;
        let answer: Answer = answer.json().await.map_err(|error| name_of(&error))?;
        if answer.ResponseCode == "0" {
            Ok(())
        } else {
            Err("refused".to_owned())
        }
    }
}

fn client(place: &Where) -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .tcp_nodelay(true);
    Ok(builder
        .timeout(Duration::from_secs(place.timeout_seconds))
        .build()?)
}

fn name_of(error: &reqwest::Error) -> String {
    let name = if error.is_timeout() {
        "timeout"
    } else if error.is_decode() {
        "unreadable answer"
    } else {
        "no answer"
    };
    name.to_owned()
}

/// The body of such a push, with values of the same size as Lipia's.
fn body(place: &Where) -> Result<Bytes, String> {
    let payment = lipia::client(place)?
        .reserve(lipia::push("INV-000001".to_owned()))
        .map_err(|error| error.to_string())?;
    let push = payment.snapshot().push().clone();
    let body = serde_json::json!({
        "BusinessShortCode": place.short_code,
        "Password": "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkxOTIwMjYxMTIxMDkzMDAw",
        "Timestamp": "20261121093000",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": push.amount.get().to_string(),
        "PartyA": sale::PHONE_NUMBER_INTERNATIONAL,
        "PartyB": place.short_code,
        "PhoneNumber": sale::PHONE_NUMBER_INTERNATIONAL,
        "CallBackURL": push.callback_url.as_str(),
        "AccountReference": push.account_reference.as_str(),
        "TransactionDesc": push.transaction_desc.as_str(),
    });
    serde_json::to_vec(&body)
        .map(Bytes::from)
        .map_err(|error| error.to_string())
}
