//! Why the server could not start or had to stop.
//!
//! Every message names the value that is wrong and the mend. Nothing here is about single requests: what a
//! client does wrong is answered, not returned.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Why [`crate::serve`] gave up.
#[derive(Debug)]
pub enum ServeError {
    /// Somebody listens there already.
    PortInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The system does not let this user listen there.
    PortNotPermitted {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The host is not an address of this machine.
    HostNotLocal {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The socket could not be set up for another reason.
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Zero threads were asked for.
    NoThreads,
    /// A thread or its event loop could not be created.
    Thread {
        /// What the system said.
        source: io::Error,
    },
    /// SIGTERM and SIGINT could not be listened for.
    Signal {
        /// What the system said.
        source: io::Error,
    },
    /// A thread ended although nobody had asked it to.
    ThreadLost,
}

impl fmt::Display for ServeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortInUse { address } => write!(
                formatter,
                "cannot listen on {address}: the port is in use; stop what listens there, or choose another \
                 with --port (0 takes a free one)"
            ),
            Self::PortNotPermitted { address } => write!(
                formatter,
                "cannot listen on {address}: not permitted; choose a port of 1024 or above with --port"
            ),
            Self::HostNotLocal { address } => write!(
                formatter,
                "cannot listen on {address}: {} is not an address of this machine; give --host 127.0.0.1, or \
                 0.0.0.0 for every address",
                address.ip()
            ),
            Self::Listen { address, source } => {
                write!(formatter, "cannot listen on {address}: {source}; check --host and --port")
            }
            Self::NoThreads => write!(formatter, "0 threads cannot serve; give --threads 1 or more"),
            Self::Thread { source } => write!(
                formatter,
                "cannot start a thread: {source}; give fewer --threads, or raise the limits of processes \
                 (ulimit -u) and open files (ulimit -n)"
            ),
            Self::Signal { source } => write!(
                formatter,
                "cannot listen for SIGTERM and SIGINT: {source}; raise the limit of open files (ulimit -n)"
            ),
            Self::ThreadLost => write!(
                formatter,
                "a serving thread ended unexpectedly; its panic message on standard error tells why: report it"
            ),
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::Thread { source } | Self::Signal { source } => Some(source),
            _ => None,
        }
    }
}
