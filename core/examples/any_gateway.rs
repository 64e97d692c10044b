//! Asks for money through whichever gateway is named, and never mentions how any of them is spoken to.
//!
//! `cargo run --example any_gateway -- palpluss 0712345678 150 INV-001`, with that gateway's environment variables
//! set (see `lipia::client::client_from_env`).

#![allow(
    clippy::print_stdout,
    reason = "a program that a person runs talks to that person"
)]

use lipia::client::client_from_env;
use lipia::{GatewayName, StkPush, WaitOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [gateway, phone_number, amount, reference] = arguments.as_slice() else {
        return Err(
            "usage: any_gateway daraja|palpluss|upesipay|payhero PHONE AMOUNT REFERENCE".into(),
        );
    };

    let client = client_from_env(gateway.parse::<GatewayName>()?)?;
    let payment = client
        .collect(
            StkPush::new(phone_number, amount, reference),
            WaitOptions::default(),
        )
        .await?;

    match payment.receipt() {
        Some(receipt) if payment.is_paid() => println!("paid, receipt {receipt}"),
        _ => println!(
            "{}: {}",
            payment.outcome(),
            payment.outcome().customer_message().en
        ),
    }
    Ok(())
}
