//! The pace of each gateway, in one table. To follow a change of a gateway's limits, change its row.

use super::QuestionPace;
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;

/// The pace at which a gateway's questions are asked unless the builder says otherwise.
pub(crate) fn documented(
    gateway: GatewayName,
    environment: Environment,
    is_own_sandbox: bool,
) -> QuestionPace {
    match (gateway, environment) {
        // A sandbox of one's own counts nothing, and tests are in a hurry.
        _ if is_own_sandbox => QuestionPace::unlimited(),
        // One report, of 2026-06: 429 beyond 5 queries in 60 seconds for one key, without bursts.
        (GatewayName::Daraja, Environment::Sandbox) => QuestionPace::per_minute(5).evenly(),
        // No figure is published, and none is reported. Two a second is a guess, and a generous one.
        (GatewayName::Daraja, Environment::Production) => QuestionPace::per_minute(120),
        // Its documents: 60 requests a minute for one key, pushes among them.
        (GatewayName::PalPluss, _) => QuestionPace::per_minute(60).leaving_for_pushes(15),
        // One program's comment about UpesiPay: 15 requests a minute, pushes among them. Nothing is known of PayHero, whose
        // interface is the same.
        (GatewayName::UpesiPay | GatewayName::PayHero, _) => {
            QuestionPace::per_minute(15).leaving_for_pushes(4)
        }
    }
}
