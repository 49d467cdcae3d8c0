//! One `GET /metrics` after another on a connection that is kept open, each within a time and a size.

use crate::prometheus::{Exposition, FormatError, parse};
use bench_generator::protocol::http1::{self, Progress, Reader};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The longest answer that is read, with its head: a hundred times that of the usual client libraries.
const LONGEST_ANSWER: usize = 1 << 20;
/// How often a wait for an answer looks up to see whether to go on.
const GLANCE: Duration = Duration::from_millis(50);
/// The longest wait for a connection, which nothing can break off. The target is on this machine.
const CONNECT: Duration = Duration::from_millis(200);

/// Where the metrics are, and the connection to it, if there is one.
#[derive(Debug)]
pub(super) struct Connection {
    address: SocketAddr,
    request: Vec<u8>,
    reader: Reader,
    open: Option<TcpStream>,
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("no connection for it could be made: {0}")]
    Connect(io::Error),
    #[error("the answer was not complete in time")]
    Late,
    #[error("the run ended")]
    Stopped,
    #[error("the answer has status {0}, not 200")]
    Status(u16),
    #[error("the answer is longer than 1 MiB")]
    TooLong,
    #[error("more came than one answer")]
    Surplus,
    #[error("{0}")]
    NotHttp(#[from] http1::Fault),
    #[error("the connection failed: {0}")]
    Broken(io::Error),
    #[error("the answer is not UTF-8")]
    NotText,
    #[error("the answer is not in the Prometheus text format: {0}")]
    Format(#[from] FormatError),
}

impl Connection {
    /// None is opened before it is needed.
    pub(super) fn new(address: SocketAddr) -> Self {
        let request =
            format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nAccept: text/plain; version=0.0.4\r\n\r\n");
        Self { address, request: request.into_bytes(), reader: Reader::default(), open: None }
    }

    /// Asks once, and reads the answer until it is complete, it is too late, or `stop` says so.
    pub(super) fn get(&mut self, until: Instant, stop: &dyn Fn() -> bool) -> Result<Exposition, Fault> {
        let was_open = self.open.is_some();
        match self.exchange(until, stop) {
            // A server may close a connection at any time between two requests.
            Err(fault) if was_open && fault.is_of_an_idle_connection() => self.exchange(until, stop)?,
            exchanged => exchanged?,
        }
        let text = std::str::from_utf8(self.reader.body()).map_err(|_| Fault::NotText)?;
        Ok(parse(text)?)
    }

    /// The answer's body is the reader's then. After any fault the connection is closed: what else came on it would be taken
    /// for the answer to a later request.
    fn exchange(&mut self, until: Instant, stop: &dyn Fn() -> bool) -> Result<(), Fault> {
        let mut stream = self.open.take().map_or_else(|| self.connect(), Ok)?;
        stream.write_all(&self.request).map_err(Fault::Broken)?;
        self.reader.expect(false, LONGEST_ANSWER);
        let mut buffer = [0; 16 * 1024];
        let mut received = 0;
        let response = loop {
            if stop() {
                return Err(Fault::Stopped);
            }
            // However it dribbles, and if it never ends.
            if Instant::now() >= until {
                return Err(Fault::Late);
            }
            let count = match stream.read(&mut buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {
                    continue;
                }
                read => read.map_err(Fault::Broken)?,
            };
            if count == 0 {
                break self.reader.end()?;
            }
            received += count;
            match self.reader.advance(&buffer[..count])? {
                Progress::Partial if received >= LONGEST_ANSWER => return Err(Fault::TooLong),
                Progress::Partial => {}
                Progress::Complete { response, consumed } if consumed == count => {
                    self.open = Some(stream).filter(|_| response.keep_alive);
                    break response;
                }
                Progress::Complete { .. } => return Err(Fault::Surplus),
            }
        };
        if response.status == 200 { Ok(()) } else { Err(Fault::Status(response.status)) }
    }

    fn connect(&self) -> Result<TcpStream, Fault> {
        let connect = || {
            let stream = TcpStream::connect_timeout(&self.address, CONNECT)?;
            stream.set_read_timeout(Some(GLANCE))?;
            stream.set_write_timeout(Some(GLANCE))?;
            Ok(stream)
        };
        connect().map_err(Fault::Connect)
    }
}

impl Fault {
    /// Whether it is that of a connection which ended before an answer to this request began.
    fn is_of_an_idle_connection(&self) -> bool {
        match self {
            Self::NotHttp(fault) => *fault == http1::Fault::ClosedBeforeAnswer,
            Self::Broken(error) => {
                matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
            }
            _ => false,
        }
    }
}
