//! The program that README.md shows: one order, for which nobody takes callbacks, so that it asks.
#![allow(
    clippy::print_stdout,
    reason = "a program that a person runs talks to that person"
)]

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let daraja = lipia::Daraja::from_env()?;
    daraja.on_outcome(|payment| async move {
        println!("{} {}", payment.order().unwrap_or("-"), payment.outcome());
    });
    let push = lipia::StkPush::new("0712345678", 150, "INV-001").order("order-17");
    daraja.request(push).await?; // one prompt for one order, in however many processes
    Ok(tokio::signal::ctrl_c().await?) // your server, which gives callbacks to `receive_callback`
}
