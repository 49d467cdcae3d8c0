//! What a response's head says of its body and its connection.

use super::reader::Fault;
use httparse::ParserConfig;
use std::mem::MaybeUninit;

/// Most headers that a response may have.
const MOST_HEADERS: usize = 128;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With a chunk of length zero.
    Chunked,
    /// With the connection.
    UntilClose,
}

/// A response's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of the head with its empty line.
    pub(super) length: usize,
    pub(super) status: u16,
    pub(super) keep_alive: bool,
    pub(super) framing: Framing,
    /// Whether the body is packed with gzip.
    pub(super) gzip: bool,
}

impl Head {
    /// Parses a head; `None` when it is not complete yet. `to_head` says that the request's method was HEAD.
    pub(super) fn parse(bytes: &[u8], to_head: bool) -> Result<Option<Self>, Fault> {
        // Clearing 4 KiB of headers for every response would cost as much as the parsing.
        let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let parsed =
            ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let length = match parsed.map_err(Fault::NotHttp)? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial => return Ok(None),
        };
        let status = response.code.unwrap_or(0);
        if !(100..=599).contains(&status) {
            return Err(Fault::Status(status));
        }
        let fields = Fields::of(response.headers)?;
        let keep_alive = if response.version == Some(0) { fields.keep_alive } else { !fields.close };
        // RFC 9112, 6.3: these have no body, whatever their headers say.
        let bodiless = to_head || matches!(status, 100..=199 | 204 | 304);
        let framing = match (bodiless, fields.chunked, fields.length) {
            (true, ..) => Framing::Length(0),
            (false, true, None) => Framing::Chunked,
            (false, true, Some(_)) => return Err(Fault::LengthAndChunked),
            (false, false, Some(length)) => Framing::Length(length),
            (false, false, None) => Framing::UntilClose,
        };
        let keep_alive = keep_alive && framing != Framing::UntilClose;
        Ok(Some(Self { length, status, keep_alive, framing, gzip: fields.gzip }))
    }
}

/// The header fields that matter here.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    gzip: bool,
}

impl Fields {
    fn of(headers: &[httparse::Header<'_>]) -> Result<Self, Fault> {
        let mut fields = Self::default();
        for header in headers {
            if header.name.eq_ignore_ascii_case("content-length") {
                for part in header.value.split(|&byte| byte == b',') {
                    let length = decimal(part.trim_ascii()).ok_or(Fault::ContentLength)?;
                    if fields.length.replace(length).is_some_and(|earlier| earlier != length) {
                        return Err(Fault::ContentLength);
                    }
                }
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                // Anything but plain `chunked` was never asked for.
                if fields.chunked || !header.value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    return Err(Fault::TransferEncoding);
                }
                fields.chunked = true;
            } else if header.name.eq_ignore_ascii_case("content-encoding") {
                fields.gzip = header.value.trim_ascii().eq_ignore_ascii_case(b"gzip");
            } else if header.name.eq_ignore_ascii_case("connection") {
                for option in header.value.split(|&byte| byte == b',') {
                    fields.close |= option.trim_ascii().eq_ignore_ascii_case(b"close");
                    fields.keep_alive |= option.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
                }
            }
        }
        Ok(fields)
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let plain = (1..=19).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    plain.then(|| digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
}
