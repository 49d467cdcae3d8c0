//! Where the server listens, with how many threads, and how long it waits.
//!
//! Plain values: nothing here opens a socket or reads a clock.

use std::net::IpAddr;
use std::time::Duration;

/// Where to listen and how many threads to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// The address to listen on, such as `127.0.0.1`.
    pub host: IpAddr,
    /// The port to listen on; 0 lets the system choose, and the line on standard output names its choice.
    pub port: u16,
    /// The number of threads, at least 1; `None` means one for each CPU that this process may use.
    pub threads: Option<usize>,
}

/// How long the server waits for a client, and for itself at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte of a request to the end of its header; then 408.
    pub header: Duration,
    /// From the end of the header to the end of the body; then 408.
    pub body: Duration,
    /// A connection on which nothing moved for this long is closed without a word, at the latest after twice
    /// this long.
    pub idle: Duration,
    /// From SIGTERM or SIGINT until requests that are still in flight are cut off.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(300),
            drain: Duration::from_secs(5),
        }
    }
}
