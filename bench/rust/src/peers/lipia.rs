//! Lipia: each push is a payment of its own, with its own id, sealed callback URL and password.

use lipia::{Client, Daraja, StkPush};
use lipia_bench_worker::{Pusher, Where, sale};
use std::hint::black_box;
use std::time::Duration;

pub struct Lipia(Client);

impl Pusher for Lipia {
    async fn make(place: &Where) -> Result<Self, String> {
        client(place).map(Self)
    }

    async fn push(&self, reference: String) -> Result<(), String> {
        let pushed = self.0.stk_push(push(reference)).await;
        pushed
            .map(drop)
            .map_err(|error| format!("{}, {}", error.kind(), error.disposition()))
    }
}

pub fn client(place: &Where) -> Result<Client, String> {
    Daraja::builder()
        .consumer_key(&place.consumer_key)
        .consumer_secret(&place.consumer_secret)
        .short_code(&place.short_code)
        .pass_key(&place.pass_key)
        .callback_url(&place.callback_url)
        .base_url(&place.base_url)
        .timeout(Duration::from_secs(place.timeout_seconds))
        .build()
        .map_err(|error| error.to_string())
}

pub fn push(reference: String) -> StkPush {
    StkPush::new(sale::PHONE_NUMBER, sale::AMOUNT, reference).transaction_desc(sale::DESCRIPTION)
}

pub fn parse(body: &[u8]) -> Result<(), String> {
    black_box(Daraja::parse_callback(black_box(body)).map_err(|error| error.to_string())?);
    Ok(())
}
