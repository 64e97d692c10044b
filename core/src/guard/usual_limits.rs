//! The limits that keep a merchant from being blocked, at each gateway that blocks. To guard another gateway, add a row.

use super::limits::Limits;
use crate::values::gateway_name::GatewayName;
use std::time::Duration;

/// How long a push whose outcome nobody tells counts. Counted for ever, fifty sales a day of a program that only pushes
/// would close the account.
const UNSETTLED_FOR: Duration = Duration::from_secs(15 * 60);

/// The limits of a gateway unless the builder says otherwise; `None` where it does not block.
pub(crate) fn usual_limits(gateway: GatewayName) -> Option<Limits> {
    match gateway {
        GatewayName::Daraja => None,
        // It bans a key at a number that it does not publish, so only the ban itself can be minded.
        GatewayName::PalPluss => Some(Limits::none()),
        // It blocks phones and accounts after numbers that it publishes.
        GatewayName::UpesiPay => Some(Limits::default().unsettled_for(UNSETTLED_FOR)),
        // No page says that it blocks, so only a block that it announces can be minded.
        GatewayName::PayHero => Some(Limits::none()),
    }
}
