//! Reading a callback, against `serde_json` into a plain struct of the same fields.

use crate::rounds::Comparison;
use lipia::Daraja;
use serde::Deserialize;
use std::hint::black_box;

const BODY: &[u8] = include_bytes!("../../core/vectors/callbacks/d002_success_balance_item_without_value.json");

#[derive(Deserialize)]
#[allow(non_snake_case, dead_code, reason = "the wire's names, read and not looked at")]
struct Callback {
    Body: Body,
}

#[derive(Deserialize)]
#[allow(non_snake_case, dead_code, reason = "the wire's names, read and not looked at")]
struct Body {
    stkCallback: StkCallback,
}

#[derive(Deserialize)]
#[allow(non_snake_case, dead_code, reason = "the wire's names, read and not looked at")]
struct StkCallback {
    MerchantRequestID: String,
    CheckoutRequestID: String,
    ResultCode: i64,
    ResultDesc: String,
    CallbackMetadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[allow(non_snake_case, dead_code, reason = "the wire's names, read and not looked at")]
struct Metadata {
    Item: Vec<Item>,
}

#[derive(Deserialize)]
#[allow(non_snake_case, dead_code, reason = "the wire's names, read and not looked at")]
struct Item {
    Name: String,
    Value: Option<serde_json::Value>,
}

pub fn compare() {
    println!("CPU time of reading one callback ({} bytes), against serde_json into a plain struct", BODY.len());
    let ours = |pieces: u32| {
        for _ in 0..pieces {
            black_box(Daraja::parse_callback(black_box(BODY)).expect("a callback"));
        }
    };
    let theirs = |pieces: u32| {
        for _ in 0..pieces {
            black_box(serde_json::from_slice::<Callback>(black_box(BODY)).expect("a callback"));
        }
    };
    Comparison::of(9, 200_000, ours, theirs).print("  checked, exact, with the raw body kept", "asked: at most 1.5x");
    println!();
}
