//! A sandbox that is not on loopback, for the tests of hosts: those of the core and those of the command line.

use lipia_sandbox::{Sandbox, SandboxOptions};
use std::net::{IpAddr, UdpSocket};

/// A sandbox at an address of this machine that is not its loopback. `None` where the machine has no such address, or would reach
/// the address through a proxy; the reason is printed then.
pub(crate) async fn sandbox_elsewhere(options: SandboxOptions) -> Option<(Sandbox, IpAddr)> {
    let has_proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let Some(address) = own_address().filter(|_| !has_proxy) else {
        eprintln!("skipped: this machine has no address but its loopback, or a proxy is set");
        return None;
    };
    let sandbox = Sandbox::start(options.bind(address)).await.unwrap();
    Some((sandbox, address))
}

/// Connecting a UDP socket sends nothing: the system only chooses the address that it would send from.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}
