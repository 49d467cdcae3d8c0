//! Ports for targets to listen on.

use std::io;
use std::net::{IpAddr, TcpListener};

/// A port of this host on which nothing listens now.
///
/// # Errors
/// When the host is not one of this machine's, or has no port left.
pub(crate) fn free_port(host: IpAddr) -> io::Result<u16> {
    Ok(TcpListener::bind((host, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_port_that_can_be_listened_on() {
        let host = IpAddr::from(Ipv4Addr::LOCALHOST);
        TcpListener::bind((host, free_port(host).unwrap())).unwrap();
        assert!(free_port(IpAddr::from([192, 0, 2, 1])).is_err());
    }
}
