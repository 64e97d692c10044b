//! `serde_json` into a plain struct of the fields that Lipia reads: the floor of reading a callback.

use serde::Deserialize;
use std::hint::black_box;

#[derive(Deserialize)]
#[allow(
    non_snake_case,
    dead_code,
    reason = "the wire's names, read and not looked at"
)]
struct Callback {
    Body: Body,
}

#[derive(Deserialize)]
#[allow(
    non_snake_case,
    dead_code,
    reason = "the wire's names, read and not looked at"
)]
struct Body {
    stkCallback: StkCallback,
}

#[derive(Deserialize)]
#[allow(
    non_snake_case,
    dead_code,
    reason = "the wire's names, read and not looked at"
)]
struct StkCallback {
    MerchantRequestID: String,
    CheckoutRequestID: String,
    ResultCode: i64,
    ResultDesc: String,
    CallbackMetadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[allow(
    non_snake_case,
    dead_code,
    reason = "the wire's names, read and not looked at"
)]
struct Metadata {
    Item: Vec<Item>,
}

#[derive(Deserialize)]
#[allow(
    non_snake_case,
    dead_code,
    reason = "the wire's names, read and not looked at"
)]
struct Item {
    Name: String,
    Value: Option<serde_json::Value>,
}

pub fn parse(body: &[u8]) -> Result<(), String> {
    black_box(
        serde_json::from_slice::<Callback>(black_box(body)).map_err(|error| error.to_string())?,
    );
    Ok(())
}
