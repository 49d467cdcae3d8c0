//! Where the target is, what requests to it look like, and how long to wait: what all connections share.

use super::answer::Answer;
use super::connection::Connection;
use super::fault::Fault;
use crate::signals::Signals;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The longest wait for an answer or a close that should come at once.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How often a wait looks up to see whether a signal came.
pub(super) const GLANCE: Duration = Duration::from_millis(50);

/// Where the target listens, and whether the user has had enough.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) address: SocketAddr,
    pub(super) host: String,
    pub(super) signals: Signals,
}

impl Wire {
    /// A whole `POST /echo` with this body.
    pub(super) fn echo(&self, body: impl AsRef<[u8]>) -> Vec<u8> {
        self.request("POST", "/echo", &[], Some(body.as_ref()))
    }

    /// A whole request; its length is announced if it has a body.
    pub(super) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Vec<u8> {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = body {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        [text.as_bytes(), b"\r\n", body.unwrap_or_default()].concat()
    }

    /// The head of a `POST /echo` whose body follows in chunks.
    pub(super) fn chunked_head(&self) -> Vec<u8> {
        self.request("POST", "/echo", &[("Transfer-Encoding", "chunked")], None)
    }

    /// Sends one request on a connection of its own and reads the answer.
    pub(super) fn ask(&self, request: &[u8]) -> Result<Answer, Fault> {
        let mut connection = Connection::open(self)?;
        connection.send(request)?;
        connection.answer()
    }

    /// Waits, unless a signal comes.
    pub(super) fn sleep(&self, length: Duration) -> Result<(), Fault> {
        let until = Instant::now() + length;
        loop {
            self.go_on()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(GLANCE));
        }
    }

    /// Nothing, or the signal that came.
    pub(super) fn go_on(&self) -> Result<(), Fault> {
        self.signals.received().map_or(Ok(()), |signal| Err(Fault::Interrupted(signal)))
    }
}
