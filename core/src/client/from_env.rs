//! A client for a gateway that is chosen by name.

use super::Client;
use super::daraja::Daraja;
use super::palpluss::PalPluss;
use super::payhero::PayHero;
use super::upesipay::UpesiPay;
use crate::error::Error;
use crate::values::gateway_name::GatewayName;

/// A client for whichever gateway, from that gateway's environment variables: what its own `from_env` makes.
///
/// # Errors
/// `Configuration`, naming the variable that is missing or not valid.
///
/// ```no_run
/// # fn example() -> Result<(), lipia::Error> {
/// let name = std::env::var("PAY_WITH").unwrap_or_default();
/// let client = lipia::client::client_from_env(name.parse()?)?;
/// # let _ = client; Ok(()) }
/// ```
pub fn client_from_env(gateway: GatewayName) -> Result<Client, Error> {
    match gateway {
        GatewayName::Daraja => Daraja::from_env(),
        GatewayName::PalPluss => PalPluss::from_env(),
        GatewayName::UpesiPay => UpesiPay::from_env(),
        GatewayName::PayHero => PayHero::from_env(),
    }
}
