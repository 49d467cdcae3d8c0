//! Reads responses from pieces of any size, each byte once, in memory bounded by limits stated here.

use super::chunked::Chunked;
use super::head::{Framing, Head};

/// Longest head that is read, in bytes, with the interim responses before it: these have no number of their own, and
/// reading them for ever would keep the worker from its other connections.
const LONGEST_HEAD: usize = 64 * 1024;
/// A head that is no longer than this is looked at whenever a piece of it comes, so that what was never HTTP is known
/// for it at once. In bytes.
const LOOKED_AT_ALWAYS: usize = 128;
/// Buffers larger than this are given back after a response, so that idle connections stay small.
const KEPT_CAPACITY: usize = 16 * 1024;

/// Why bytes are not a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The head is not HTTP.
    #[error("the answer is not HTTP/1: {0}")]
    NotHttp(httparse::Error),
    /// A status that HTTP does not have.
    #[error("the answer has status {0}, which HTTP does not have")]
    Status(u16),
    /// A head, the interim ones before it, or a trailer section that does not end.
    #[error("the answer's head, its interim responses or its trailers are longer than 64 KiB")]
    HeadTooLong,
    /// `Content-Length` is not one number.
    #[error("the answer's Content-Length is not one number")]
    ContentLength,
    /// A transfer coding that was not asked for.
    #[error("the answer's Transfer-Encoding is not `chunked`")]
    TransferEncoding,
    /// Both framings at once, which RFC 9112 takes for an attempt at smuggling.
    #[error("the answer has both Content-Length and Transfer-Encoding")]
    LengthAndChunked,
    /// A chunk that is none.
    #[error("the answer's chunked body is malformed")]
    Chunk,
    /// A switch of protocols that was not asked for.
    #[error("the answer switches protocols (101), which was not asked for")]
    Switch,
    /// The connection ended before the first byte.
    #[error("the connection was closed before an answer")]
    ClosedBeforeAnswer,
    /// The connection ended within a response.
    #[error("the connection was closed in the middle of an answer")]
    Truncated,
}

/// A complete response's line and headers, as far as they matter. Its body is [`Reader::body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Response {
    /// HTTP status, 200 to 599.
    pub status: u16,
    /// Whether the connection may carry another request.
    pub keep_alive: bool,
    /// Length of the body without its chunks' marks, in bytes, kept or not.
    pub body_bytes: u64,
    /// Whether the body is packed with gzip, as it is kept.
    pub gzip: bool,
}

/// What a piece of input led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All input was taken and the response goes on.
    Partial,
    /// The response is complete after `consumed` bytes of the input.
    Complete {
        /// The response.
        response: Response,
        /// Bytes of the input that belong to it.
        consumed: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Length {
        left: u64,
    },
    Chunked(Chunked),
    UntilClose,
    /// The bytes were not a response, and none that follow will be.
    Failed(Fault),
}

/// A reader of one response after another.
#[derive(Debug)]
pub struct Reader {
    state: State,
    /// The head so far, when it did not come in one piece.
    head: Vec<u8>,
    /// How long the heads that are still to come may be, in bytes.
    head_left: usize,
    /// The body so far, up to the limit.
    body: Vec<u8>,
    response: Response,
    /// Whether any byte has come since the last request.
    begun: bool,
    to_head: bool,
    keep_body_bytes: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            state: State::Head,
            head: Vec::new(),
            head_left: LONGEST_HEAD,
            body: Vec::new(),
            response: Response::default(),
            begun: false,
            to_head: false,
            keep_body_bytes: 0,
        }
    }
}

impl Reader {
    /// Makes ready for the next response. `to_head` says that the request's method is HEAD; of the body, up to
    /// `keep_body_bytes` are kept and the rest is only counted.
    pub fn expect(&mut self, to_head: bool, keep_body_bytes: usize) {
        self.state = State::Head;
        self.response = Response::default();
        self.begun = false;
        self.head_left = LONGEST_HEAD;
        self.to_head = to_head;
        self.keep_body_bytes = keep_body_bytes;
        for buffer in [&mut self.head, &mut self.body] {
            buffer.clear();
            buffer.shrink_to(KEPT_CAPACITY);
        }
    }

    /// Whether nothing of the response has been read yet.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        !self.begun
    }

    /// The kept part of the body of the response that was completed last.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Bytes of memory that its buffers take: at most twice the longest head (64 KiB), twice what is kept of a body, and
    /// 16 KiB.
    #[must_use]
    pub fn buffer_bytes(&self) -> usize {
        self.head.capacity() + self.body.capacity()
    }

    /// Takes the next piece of input.
    ///
    /// # Errors
    /// When the bytes are not a response. The connection must then be closed; whatever else comes is the same error.
    pub fn advance(&mut self, input: &[u8]) -> Result<Progress, Fault> {
        self.begun |= !input.is_empty();
        let progress = self.take(input);
        if let Err(fault) = progress {
            self.state = State::Failed(fault);
        }
        progress
    }

    fn take(&mut self, input: &[u8]) -> Result<Progress, Fault> {
        let mut at = 0;
        loop {
            if self.state != State::Head {
                let (taken, complete) = self.advance_body(&input[at..])?;
                at += taken;
                return Ok(if complete {
                    Progress::Complete { response: self.response, consumed: at }
                } else {
                    Progress::Partial
                });
            }
            match self.advance_head(&input[at..])? {
                Some(taken) => at += taken,
                None => return Ok(Progress::Partial),
            }
        }
    }

    /// The connection ended: the response, if the end was its end.
    ///
    /// # Errors
    /// When the response was not complete.
    pub fn end(&mut self) -> Result<Response, Fault> {
        let fault = match self.state {
            State::UntilClose => return Ok(self.response),
            State::Failed(fault) => fault,
            State::Head if self.is_fresh() => Fault::ClosedBeforeAnswer,
            // The line that did not end has not been looked at; it may never have been HTTP.
            State::Head => Head::parse(&self.head, self.to_head).err().unwrap_or(Fault::Truncated),
            State::Length { .. } | State::Chunked(_) => Fault::Truncated,
        };
        self.state = State::Failed(fault);
        Err(fault)
    }

    /// Takes a head, or `None` when it goes on after this input.
    fn advance_head(&mut self, input: &[u8]) -> Result<Option<usize>, Fault> {
        let before = self.head.len();
        // Blank lines before a head are dropped as they come: among what is kept, each would be parsed again with all
        // that were before it.
        let blank =
            input.iter().take_while(|&&byte| matches!(byte, b'\r' | b'\n')).count().min(self.head_left);
        if before == 0 && blank > 0 {
            self.head_left -= blank;
            return Ok(Some(blank));
        }
        // Never more than the limit is looked at or kept, however large the pieces are.
        let input = &input[..input.len().min(self.head_left - before)];
        let is_full = before + input.len() == self.head_left;
        let at_once = if before == 0 { Head::parse(input, self.to_head)? } else { None };
        if let Some(head) = at_once {
            self.begin_body(head)?;
            return Ok(Some(head.length));
        }
        self.head.extend_from_slice(input);
        // A head ends with a line feed: without a new one there is nothing to parse, so that a server that
        // dribbles bytes costs one parse a line and not one a byte.
        let worth_a_look = self.head.len() <= LOOKED_AT_ALWAYS || is_full || input.contains(&b'\n');
        let complete = if before > 0 && worth_a_look { Head::parse(&self.head, self.to_head)? } else { None };
        match complete {
            Some(head) => {
                self.begin_body(head)?;
                self.head.clear();
                Ok(Some(head.length - before))
            }
            None if is_full => Err(Fault::HeadTooLong),
            None => Ok(None),
        }
    }

    fn begin_body(&mut self, head: Head) -> Result<(), Fault> {
        if head.status == 101 {
            return Err(Fault::Switch);
        }
        self.head_left -= head.length;
        // An interim response: the real one follows.
        if head.status < 200 {
            return Ok(());
        }
        let Head { status, keep_alive, gzip, .. } = head;
        self.response = Response { status, keep_alive, body_bytes: 0, gzip };
        self.state = match head.framing {
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => State::Chunked(Chunked::new()),
            Framing::UntilClose => State::UntilClose,
        };
        Ok(())
    }

    /// Takes body bytes: how many, and whether the body is complete.
    fn advance_body(&mut self, input: &[u8]) -> Result<(usize, bool), Fault> {
        match self.state {
            State::Head => Ok((0, false)),
            State::Failed(fault) => Err(fault),
            State::Length { left } => {
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                self.keep(&input[..take]);
                let left = left - take as u64;
                self.state = State::Length { left };
                Ok((take, left == 0))
            }
            State::Chunked(mut chunked) => {
                let taken = chunked.advance(input, |data| self.keep(data))?;
                self.state = State::Chunked(chunked);
                Ok((taken, chunked.is_done()))
            }
            State::UntilClose => {
                self.keep(input);
                Ok((input.len(), false))
            }
        }
    }

    fn keep(&mut self, data: &[u8]) {
        let room = self.keep_body_bytes.saturating_sub(self.body.len()).min(data.len());
        self.body.extend_from_slice(&data[..room]);
        self.response.body_bytes += data.len() as u64;
    }
}
