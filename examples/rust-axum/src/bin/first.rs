//! The program that README.md shows: one sale, for which nobody takes callbacks, so that it asks.
#![allow(
    clippy::print_stdout,
    reason = "a program that a person runs talks to that person"
)]

#[tokio::main]
async fn main() -> Result<(), lipia::Error> {
    let push = lipia::StkPush::new("0712345678", 150, "INV-001");
    let client = lipia::Daraja::from_env()?;
    let payment = client.collect(push, lipia::WaitOptions::default()).await?;
    println!("{}", payment.outcome());
    Ok(())
}
