//! Ports for targets to listen on.

use super::error::TargetError;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

/// A port of this host on which nothing listens now.
///
/// # Errors
/// When the host is not one of this machine's, or has no port left.
pub(crate) fn free_port(host: IpAddr) -> io::Result<u16> {
    Ok(TcpListener::bind((host, 0))?.local_addr()?.port())
}

/// Makes sure that nothing listens on an address that was chosen by hand. Otherwise another server's answers would
/// be taken for the target's, which cannot bind and dies.
///
/// # Errors
/// When the address is taken or not one of this machine's.
pub(crate) fn require_free(address: SocketAddr) -> Result<(), TargetError> {
    TcpListener::bind(address)
        .map(drop)
        .map_err(|source| TargetError::PortInUse { address, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn free_and_taken() {
        let host = IpAddr::from(Ipv4Addr::LOCALHOST);
        let address = SocketAddr::new(host, free_port(host).unwrap());
        let listener = TcpListener::bind(address).unwrap();
        let error = require_free(address).unwrap_err();
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        drop(listener);
        require_free(address).unwrap();
        assert!(free_port(IpAddr::from([192, 0, 2, 1])).is_err());
    }
}
