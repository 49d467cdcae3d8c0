//! Why a connection could not be made. What follows from it is the worker's business.

use rustix::io::Errno;
use std::net::IpAddr;

/// What stood in the way of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectFault {
    /// The address that it should come from is somebody else's.
    #[error(
        "{0} is not an address of this machine: name others with --source-addresses, or give the machine this one with \
         `ip address add`"
    )]
    Source(IpAddr),
    /// Every port of the range has a connection to the target.
    #[error(
        "no local port is left: spread the connections over more addresses of this machine (--source-addresses \
         127.0.0.2-127.0.0.5 if the target is on it too), widen net.ipv4.ip_local_port_range, or lower --conns"
    )]
    Ports,
    /// Anything else that the system says.
    #[error("{0}")]
    System(Errno),
}

impl From<Errno> for ConnectFault {
    fn from(error: Errno) -> Self {
        Self::System(error)
    }
}
