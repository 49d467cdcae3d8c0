//! Where a run's connections come from: whether the addresses are this machine's, and have ports enough for all. Looked
//! at before anything is built or started; what the system says of each connection comes later.

use crate::failure::Failure;
use crate::resolve::Resolved;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// The first of the loopback addresses beside the usual one: the whole of 127.0.0.0/8 is this machine's.
const SECOND_LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What is wrong with the addresses that connections are to come from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(
        "--source-addresses {address}: the target, {target}, is not of its family: name {} addresses",
        family(*target)
    )]
    Family { address: IpAddr, target: IpAddr },
    #[error(
        "--source-addresses {address}: that is no address of this machine ({reason}): name others, or give the machine \
         this one with `ip address add`; all of 127.0.0.0/8 is there for a target on this machine"
    )]
    Foreign { address: IpAddr, reason: String },
    #[error(
        "--source-addresses {address}: it reaches only this machine, and the target, {target}, is on another: name \
         addresses of a network that both are in"
    )]
    Loopback { address: IpAddr, target: IpAddr },
}

/// The connections need more local ports than there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this run needs {connections} local ports, and net.ipv4.ip_local_port_range has only {} for {addresses} source \
     {}: spread the connections over more addresses (--source-addresses {SECOND_LOOPBACK}-{} if the target is on this \
     machine), widen the range with `sysctl -w net.ipv4.ip_local_port_range='1024 65535'`, or lower --conns",
    ports * addresses,
    if *addresses == 1 { "address" } else { "addresses" },
    enough_loopbacks(*connections, *ports)
)]
pub(crate) struct PortError {
    connections: usize,
    ports: usize,
    addresses: usize,
}

/// Makes sure that a run's connections can come from where they should.
///
/// # Errors
/// When an address cannot be a source for the target, or there are more connections than ports.
pub(crate) fn require(resolved: &Resolved) -> Result<(), Failure> {
    let plan = &resolved.plan;
    let sources = plan.source_addresses.addresses();
    if !sources.is_empty() {
        let target = match &resolved.address {
            Some(address) => address.resolve()?.ip(),
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        sources.iter().try_for_each(|&address| fits(address, target)).map_err(Failure::usage)?;
    }
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    // Where the kernel does not tell, it will at the latest when the connections are opened.
    let Some(ports) = ports_in(&range) else { return Ok(()) };
    Ok(require_ports(plan.load.connections(), ports, sources.len().max(1))?)
}

/// The number of ports in a range as the kernel writes it: the first and the last.
fn ports_in(range: &str) -> Option<usize> {
    let bounds: Vec<usize> = range.split_whitespace().map_while(|number| number.parse().ok()).collect();
    match bounds[..] {
        [first, last] if first <= last => Some(last - first + 1),
        _ => None,
    }
}

fn fits(address: IpAddr, target: IpAddr) -> Result<(), SourceError> {
    if address.is_ipv4() != target.is_ipv4() {
        return Err(SourceError::Family { address, target });
    }
    // Whoever can bind any socket to an address can bind those of the connections to it.
    if let Err(error) = UdpSocket::bind((address, 0)) {
        return Err(SourceError::Foreign { address, reason: error.to_string() });
    }
    if address.is_loopback() && UdpSocket::bind((target, 0)).is_err() {
        return Err(SourceError::Loopback { address, target });
    }
    Ok(())
}

fn require_ports(connections: usize, ports: usize, addresses: usize) -> Result<(), PortError> {
    if connections.div_ceil(addresses) > ports {
        return Err(PortError { connections, ports, addresses });
    }
    Ok(())
}

fn family(target: IpAddr) -> &'static str {
    if target.is_ipv4() { "IPv4" } else { "IPv6" }
}

/// The last of the loopback addresses, from the second on, that have ports enough together.
fn enough_loopbacks(connections: usize, ports: usize) -> Ipv4Addr {
    let more = u32::try_from(connections.div_ceil(ports.max(1)).saturating_sub(1)).unwrap_or(u32::MAX);
    Ipv4Addr::from(u32::from(SECOND_LOOPBACK).saturating_add(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_fit_their_target() {
        for (address, target, part) in [
            ("127.0.0.2", "127.0.0.1", None),
            ("127.255.0.9", "127.0.0.1", None),
            ("::1", "127.0.0.1", Some("name IPv4 addresses")),
            ("127.0.0.2", "::1", Some("name IPv6 addresses")),
            // RFC 5737: addresses that are no machine's.
            ("192.0.2.1", "127.0.0.1", Some("192.0.2.1: that is no address of this machine")),
            ("127.0.0.2", "192.0.2.1", Some("it reaches only this machine")),
        ] {
            let found = fits(address.parse().unwrap(), target.parse().unwrap());
            let words = found.err().map(|error| error.to_string());
            match part {
                None => assert_eq!(words, None, "{address} to {target}"),
                Some(part) => assert!(words.as_ref().is_some_and(|words| words.contains(part)), "{words:?}"),
            }
        }
    }

    #[test]
    fn ports() {
        for (range, count) in
            [("32768\t60999\n", Some(28_232)), ("5 5", Some(1)), ("9 5", None), ("", None), ("1 2 3", None)]
        {
            assert_eq!(ports_in(range), count, "{range}");
        }
        for (connections, addresses, enough) in [
            (28_232, 1, None),
            (56_464, 2, None),
            (28_233, 1, Some("127.0.0.2-127.0.0.3")),
            (100_000, 2, Some("-127.0.0.5")),
        ] {
            let words = require_ports(connections, 28_232, addresses).err().map(|error| error.to_string());
            match enough {
                None => assert_eq!(words, None),
                Some(part) => {
                    let words = words.unwrap();
                    for part in [part, "ip_local_port_range", "--source-addresses", "--conns"] {
                        assert!(words.contains(part), "{words}");
                    }
                }
            }
        }
    }
}
