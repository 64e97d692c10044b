//! The context of sending: transport, address, clock and randomness, and the deadline of a call.

use crate::transport::gateway_clock::GatewayClock;
use crate::transport::http::Transport;
use crate::transport::http::origin::Origin;
use crate::transport::in_flight::InFlight;
use crate::transport::tls::TlsRoots;
use crate::values::clock::Clock;
use crate::values::entropy::Entropy;
use crate::values::environment::Environment;
use crate::values::gateway_name::GatewayName;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The context of sending: transport, address, clock, randomness, and the work in flight.
#[derive(Debug)]
pub(crate) struct SendContext {
    pub(crate) gateway: GatewayName,
    pub(crate) environment: Environment,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) origin: Origin,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) in_flight: InFlight,
    pub(crate) gateway_clock: GatewayClock,
    /// For a server other than the gateway.
    pub(crate) tls_roots: TlsRoots,
    /// Whether the network and chance are simulated, and with them the end of the process.
    pub(crate) is_simulated: bool,
}

/// The longest that anything waits: "for ever" in practice, and far from where instants overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// The instant that is `time` from now.
pub(crate) fn deadline_in(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST)
}
