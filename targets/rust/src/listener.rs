//! The listening sockets: one for each thread, all on one port.
//!
//! With `SO_REUSEPORT` the kernel spreads connections over the sockets by a hash of the client's address, so
//! that threads never hand one another a connection. The same option would let a second server share the port
//! by accident; binding the first socket without it keeps that an error. Nothing here accepts.

use std::net::{SocketAddr, TcpListener};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};

use crate::ServeError;

/// How many finished handshakes may wait for `accept`; the kernel caps it at `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// Opens `count` (at least 1) non-blocking listeners on one port, and tells which port that is.
pub(crate) fn open(address: SocketAddr, count: usize) -> Result<(SocketAddr, Vec<TcpListener>), ServeError> {
    let first = open_one(address, Sharing::AfterBind).map_err(|errno| explain(address, errno))?;
    let bound = first.local_addr().map_err(|source| ServeError::Listen { address, source })?;
    let mut listeners = vec![first];
    for _ in 1..count {
        listeners.push(open_one(bound, Sharing::BeforeBind).map_err(|errno| explain(bound, errno))?);
    }
    Ok((bound, listeners))
}

/// When a socket declares that others may share its port.
enum Sharing {
    /// The bind itself still demands that nobody listens on the port: for the first socket.
    AfterBind,
    /// The bind joins those who listen already: for the sockets of the other threads.
    BeforeBind,
}

fn open_one(address: SocketAddr, sharing: Sharing) -> Result<TcpListener, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    // Connections of an earlier run that linger in TIME_WAIT must not hold up a restart.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    match sharing {
        Sharing::AfterBind => {
            bind(&socket, &address)?;
            sockopt::set_socket_reuseport(&socket, true)?;
        }
        Sharing::BeforeBind => {
            sockopt::set_socket_reuseport(&socket, true)?;
            bind(&socket, &address)?;
        }
    }
    listen(&socket, BACKLOG)?;
    Ok(TcpListener::from(socket))
}

fn explain(address: SocketAddr, errno: Errno) -> ServeError {
    match errno {
        Errno::ADDRINUSE => ServeError::PortInUse { address },
        Errno::ACCESS | Errno::PERM => ServeError::PortNotPermitted { address },
        Errno::ADDRNOTAVAIL => ServeError::HostNotLocal { address },
        other => ServeError::Listen { address, source: other.into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_a_port_that_nobody_else_gets() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (bound, listeners) = open(any, 3).expect("a free port");
        assert_ne!(bound.port(), 0);
        assert_eq!(listeners.len(), 3);
        let second = open(bound, 1).expect_err("the port is taken");
        assert!(matches!(second, ServeError::PortInUse { address } if address == bound));
    }

    #[test]
    fn a_foreign_address_is_named() {
        // 192.0.2.0/24 is reserved for documentation (RFC 5737), so it is never this machine's.
        let foreign = SocketAddr::from(([192, 0, 2, 1], 0));
        let error = open(foreign, 1).expect_err("not an address of this machine");
        assert!(matches!(error, ServeError::HostNotLocal { .. }));
        assert!(error.to_string().contains("192.0.2.1"));
    }
}
