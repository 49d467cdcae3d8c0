//! One connection to the target, byte by byte: what is sent is exactly what a case says, and nothing waits for ever.
//!
//! Answers are framed by the generator's own reader, so that check and load judge alike.

use super::answer::{self, Answer};
use super::fault::{Fault, shown, shown_request};
use super::wire::{GLANCE, PATIENCE, Wire};
use bench_generator::protocol::http1::{Progress, Reader};
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// The beginning of what was sent that is kept for messages, in bytes.
const REMEMBERED: usize = 4096;
/// The longest body that is kept, in bytes: escapes make the largest one six times as long.
const LONGEST_BODY: usize = 8 << 20;

/// What a wait for bytes brought.
#[derive(Debug)]
pub(super) enum Input {
    /// More bytes.
    Bytes,
    /// The target closed the connection in an orderly way.
    End,
    /// The connection broke, as by a reset.
    Broken(io::Error),
    /// Nothing in the time given.
    Silence,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    wire: Wire,
    stream: TcpStream,
    unread: Vec<u8>,
    /// The beginning of what was sent since the last answer, and how much that was.
    sent: Vec<u8>,
    sent_bytes: usize,
    /// What the last answer was for, in words.
    answered: String,
}

impl Connection {
    pub(super) fn open(wire: &Wire) -> Result<Self, Fault> {
        wire.go_on()?;
        let open = || {
            let stream = TcpStream::connect_timeout(&wire.address, PATIENCE)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(GLANCE))?;
            stream.set_write_timeout(Some(GLANCE))?;
            Ok(stream)
        };
        let stream = open().map_err(|error: io::Error| {
            Fault::new("nothing yet", format!("a connection to {}", wire.address), error.to_string())
        })?;
        Ok(Self {
            wire: wire.clone(),
            stream,
            unread: Vec::new(),
            sent: Vec::new(),
            sent_bytes: 0,
            answered: String::new(),
        })
    }

    /// Sends all of it.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match self.offer(bytes)? {
            Ok(()) => Ok(()),
            // A refusal says more than the broken pipe that it causes.
            Err(_) if matches!(self.read(Duration::from_millis(200))?, Input::Bytes) => Ok(()),
            Err(error) => {
                Err(self.wrong("the target to take the request", format!("{error} before it was sent whole")))
            }
        }
    }

    /// Sends as much as the target takes; what stopped it is the inner result.
    pub(super) fn offer(&mut self, bytes: &[u8]) -> Result<io::Result<()>, Fault> {
        let room = REMEMBERED.saturating_sub(self.sent.len()).min(bytes.len());
        self.sent.extend_from_slice(&bytes[..room]);
        self.sent_bytes += bytes.len();
        let until = Instant::now() + PATIENCE;
        let mut rest = bytes;
        while !rest.is_empty() {
            self.wire.go_on()?;
            match self.stream.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if is_timeout(&error) && Instant::now() < until => {}
                Err(error) if is_timeout(&error) => return Ok(Err(io::ErrorKind::TimedOut.into())),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }

    /// Says that nothing more will be sent.
    pub(super) fn finish_sending(&mut self) {
        // A connection that is gone already needs no telling.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset, as a client that crashes does.
    pub(super) fn reset(self) {
        let _ = rustix::net::sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO));
    }

    /// The answer to anything but HEAD.
    pub(super) fn answer(&mut self) -> Result<Answer, Fault> {
        self.answer_within(PATIENCE)
    }

    /// The answer to HEAD: one without a body.
    pub(super) fn answer_to_head(&mut self) -> Result<Answer, Fault> {
        self.receive(true, PATIENCE)
    }

    pub(super) fn answer_within(&mut self, patience: Duration) -> Result<Answer, Fault> {
        self.receive(false, patience)
    }

    /// Waits for the first bytes of an answer: false if none come in this time.
    pub(super) fn begins_within(&mut self, patience: Duration) -> Result<bool, Fault> {
        Ok(!self.unread.is_empty() || matches!(self.read(patience)?, Input::Bytes))
    }

    /// The status of the next head, which stays unread unless it is an interim one.
    pub(super) fn next_status(&mut self) -> Result<u16, Fault> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some((status, length)) = answer::status_of(&self.unread) {
                if status < 200 {
                    self.unread.drain(..length);
                }
                return Ok(status);
            }
            self.expect_bytes(until, PATIENCE)?;
        }
    }

    /// Makes sure that the target closes, in an orderly way and with nothing more to say.
    pub(super) fn closes(&mut self) -> Result<(), Fault> {
        match self.read(PATIENCE)? {
            _ if !self.unread.is_empty() => Err(self.wrong(
                "a closed connection after the answer",
                format!("more bytes: {}", shown(&self.unread)),
            )),
            Input::End => Ok(()),
            Input::Broken(error) => {
                Err(self.wrong("an orderly close after the answer", format!("a broken connection ({error})")))
            }
            _ => Err(self
                .wrong("the connection to be closed after the answer", format!("no close in {PATIENCE:?}"))),
        }
    }

    /// Waits for more bytes, or for the end.
    pub(super) fn read(&mut self, patience: Duration) -> Result<Input, Fault> {
        let until = Instant::now() + patience;
        let mut buffer = [0; 64 * 1024];
        loop {
            self.wire.go_on()?;
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(Input::End),
                Ok(count) => {
                    self.unread.extend_from_slice(&buffer[..count]);
                    return Ok(Input::Bytes);
                }
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Ok(Input::Broken(error)),
            }
            if Instant::now() >= until {
                return Ok(Input::Silence);
            }
        }
    }

    /// A fault that shows what was sent on this connection.
    pub(super) fn wrong(&self, expected: impl Into<String>, came: impl Into<String>) -> Fault {
        Fault::new(self.shown(), expected, came)
    }

    fn shown(&self) -> String {
        match (self.sent.is_empty(), self.answered.is_empty()) {
            (false, _) => shown_request(&self.sent, self.sent_bytes),
            (true, false) => self.answered.clone(),
            (true, true) => "nothing".to_owned(),
        }
    }

    fn receive(&mut self, to_head: bool, patience: Duration) -> Result<Answer, Fault> {
        let until = Instant::now() + patience;
        let mut reader = Reader::default();
        reader.expect(to_head, LONGEST_BODY);
        let mut taken = 0;
        loop {
            if taken < self.unread.len() {
                let progress = reader.advance(&self.unread[taken..]);
                let progress = progress.map_err(|fault| {
                    self.wrong("an HTTP answer", format!("{} ({fault})", shown(&self.unread)))
                })?;
                taken = match progress {
                    Progress::Complete { response, consumed } => {
                        let bytes: Vec<u8> = self.unread.drain(..taken + consumed).collect();
                        return Ok(self.complete(&bytes, response.keep_alive, reader.body()));
                    }
                    Progress::Partial => self.unread.len(),
                };
            }
            if let Err(fault) = self.expect_bytes(until, patience) {
                // An answer without a length ends with its connection.
                return match reader.end() {
                    Ok(response) => {
                        let bytes = std::mem::take(&mut self.unread);
                        Ok(self.complete(&bytes, response.keep_alive, reader.body()))
                    }
                    Err(_) => Err(fault),
                };
            }
        }
    }

    fn complete(&mut self, bytes: &[u8], keeps_open: bool, body: &[u8]) -> Answer {
        self.answered = self.shown();
        self.sent.clear();
        self.sent_bytes = 0;
        Answer::parse(self.answered.clone(), bytes, keeps_open, body)
    }

    fn expect_bytes(&mut self, until: Instant, patience: Duration) -> Result<(), Fault> {
        let so_far = if self.unread.is_empty() { "no answer" } else { "half an answer" };
        let came = match self.read(until.saturating_duration_since(Instant::now()))? {
            Input::Bytes => return Ok(()),
            Input::End => format!("{so_far}: the connection was closed"),
            Input::Broken(error) => format!("{so_far}: the connection broke ({error})"),
            Input::Silence => format!("{so_far} in {patience:?}"),
        };
        Err(self.wrong("an answer", came))
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
