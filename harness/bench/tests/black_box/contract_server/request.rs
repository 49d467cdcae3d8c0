//! Requests as the small server of the contract tests reads them: HTTP/1.1 as far as the contract asks.

use std::io::{BufRead, Read, Write};
use std::time::Instant;

/// The longest body that is read, in bytes.
pub(super) const LIMIT: usize = 1024 * 1024;
/// The longest head, in bytes.
const LONGEST_HEAD: u64 = 64 * 1024;

/// A whole request.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    pub(super) keeps_open: bool,
    pub(super) is_http_1_0: bool,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// When its head was whole.
    pub(super) began: Option<Instant>,
}

impl Incoming {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The path, without a query.
    pub(super) fn plain_path(&self) -> &str {
        self.path.split('?').next().unwrap_or("")
    }
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The client is gone, or has nothing more to ask.
    Gone,
    /// It is not HTTP, or ends early.
    Malformed(&'static str),
    /// Its body is longer than 1 MiB.
    TooLarge,
}

/// What a head says of its body.
#[derive(Debug, Default)]
struct Head {
    length: Option<usize>,
    is_chunked: bool,
    expects: bool,
}

/// Reads the next request. `100 Continue` is sent where a body is asked for, as it is wanted. With `ignores_chunks` a
/// chunked body is taken for none.
pub(super) fn read_request(
    input: &mut impl BufRead,
    output: &mut impl Write,
    ignores_chunks: bool,
) -> Result<Incoming, Refusal> {
    let (mut incoming, head) = read_head(input)?;
    incoming.began = Some(Instant::now());
    let known = matches!((incoming.method.as_str(), incoming.plain_path()), ("POST", "/echo"));
    if head.length.is_some_and(|length| length > LIMIT) {
        return Err(Refusal::TooLarge);
    }
    if head.expects && !known {
        incoming.keeps_open = false;
        return Ok(incoming);
    }
    if head.expects {
        output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| Refusal::Gone)?;
    }
    if head.is_chunked && !ignores_chunks {
        incoming.body = read_chunks(input)?;
    } else if let Some(length) = head.length {
        incoming.body.resize(length, 0);
        input.read_exact(&mut incoming.body).map_err(|_| Refusal::Malformed("the body ends early"))?;
    }
    Ok(incoming)
}

fn read_head(input: &mut impl BufRead) -> Result<(Incoming, Head), Refusal> {
    let mut input = input.take(LONGEST_HEAD);
    let first = line(&mut input).ok_or(Refusal::Gone)?;
    let words: Vec<&str> = first.split(' ').collect();
    let [method, path, version @ ("HTTP/1.1" | "HTTP/1.0")] = words[..] else {
        return Err(Refusal::Malformed("the request line"));
    };
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) || !path.starts_with('/') {
        return Err(Refusal::Malformed("the request line"));
    }
    let is_http_1_0 = version == "HTTP/1.0";
    let (method, path) = (method.to_owned(), path.to_owned());
    let mut incoming =
        Incoming { method, path, keeps_open: !is_http_1_0, is_http_1_0, ..Incoming::default() };
    let mut head = Head::default();
    loop {
        let line = line(&mut input).ok_or(Refusal::Malformed("the header does not end"))?;
        if line.is_empty() {
            return Ok((incoming, head));
        }
        let (name, value) = line.split_once(':').ok_or(Refusal::Malformed("a header without a colon"))?;
        let value = value.trim();
        incoming.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let length = value.parse().map_err(|_| Refusal::Malformed("the length"))?;
                if head.length.replace(length).is_some_and(|earlier| earlier != length) {
                    return Err(Refusal::Malformed("two lengths"));
                }
            }
            "transfer-encoding" => head.is_chunked = true,
            "expect" => head.expects = true,
            "connection" => incoming.keeps_open = value.eq_ignore_ascii_case("keep-alive"),
            _ => {}
        }
    }
}

fn read_chunks(input: &mut impl BufRead) -> Result<Vec<u8>, Refusal> {
    const BAD: Refusal = Refusal::Malformed("the chunks are malformed or end early");
    let mut body = Vec::new();
    loop {
        let line = line(input).ok_or(BAD)?;
        let size = line.split(';').next().unwrap_or("").trim();
        if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(BAD);
        }
        let size = usize::from_str_radix(size, 16).map_err(|_| BAD)?;
        if size == 0 {
            while !self::line(input).ok_or(BAD)?.is_empty() {}
            return Ok(body);
        }
        if body.len() + size > LIMIT {
            return Err(Refusal::TooLarge);
        }
        let from = body.len();
        body.resize(from + size, 0);
        input.read_exact(&mut body[from..]).map_err(|_| BAD)?;
        if self::line(input).is_none_or(|end| !end.is_empty()) {
            return Err(BAD);
        }
    }
}

/// A line without its end; `None` if the input ends first.
fn line(input: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    input.take(LONGEST_HEAD).read_until(b'\n', &mut bytes).ok()?;
    let line = bytes.strip_suffix(b"\n")?;
    Some(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned())
}
