//! Why a case failed, in the words that every output shows: what was sent, what was expected, and what came.

use crate::failure::printable;
use std::fmt;

/// Characters of a body or of raw bytes that a message shows.
const SHOWN_CHARS: usize = 100;

/// Why a case did not pass.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The target did something else than the contract asks.
    Wrong {
        /// The request, shortened.
        sent: String,
        /// What the contract asks for.
        expected: String,
        /// What the target did.
        came: String,
    },
    /// A signal ended the check; its number.
    Interrupted(i32),
}

impl Fault {
    /// A fault that no single request stands for.
    pub(crate) fn new(sent: impl Into<String>, expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self::Wrong { sent: sent.into(), expected: expected.into(), came: came.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong { sent, expected, came } => {
                write!(formatter, "sent {sent}; expected {expected}; came {came}")
            }
            Self::Interrupted(_) => formatter.write_str("interrupted"),
        }
    }
}

/// Bytes for a reader: text as it is, what cannot be printed escaped, and `...` with the length for what is too long.
pub(super) fn shown(bytes: &[u8]) -> String {
    shown_of(bytes, bytes.len())
}

/// [`shown`] for the beginning of `total` bytes.
fn shown_of(bytes: &[u8], total: usize) -> String {
    if total == 0 {
        return "(nothing)".to_owned();
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN_CHARS)]);
    let valid = std::str::from_utf8(&bytes[..start.len().min(bytes.len())]).is_ok();
    let whole: String =
        if valid { printable(&start) } else { bytes.escape_ascii().take(800).map(char::from).collect() };
    let kept: String = whole.chars().take(SHOWN_CHARS).collect();
    if kept.len() == whole.len() && bytes.len() == total && total <= 4 * SHOWN_CHARS {
        whole
    } else {
        format!("{kept}... ({total} bytes)")
    }
}

/// A request for a reader: its line, the headers that matter to a case, and the beginning of its body. `bytes` may be
/// the beginning of `total` bytes.
pub(super) fn shown_request(bytes: &[u8], total: usize) -> String {
    let line_end = bytes.windows(2).position(|pair| pair == b"\r\n");
    let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let (Some(line_end), Some(head_end)) = (line_end, head_end) else {
        return shown_of(bytes, total);
    };
    let line = String::from_utf8_lossy(&bytes[..line_end]);
    let mut text = line.strip_suffix(" HTTP/1.1").unwrap_or(&line).to_owned();
    let headers = String::from_utf8_lossy(&bytes[line_end..head_end]);
    let matters = |line: &&str| {
        let name = line.split(':').next().unwrap_or("").to_ascii_lowercase();
        !line.is_empty() && !matches!(name.as_str(), "host" | "content-length")
    };
    let special: Vec<&str> = headers.lines().filter(matters).collect();
    if !special.is_empty() {
        text += &format!(" ({})", shown(special.join(", ").as_bytes()));
    }
    let body = head_end + 4;
    if total > body {
        text += &format!(" {}", shown_of(&bytes[body..], total - body));
    }
    shown_line(&text)
}

fn shown_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_bytes() {
        for (bytes, expected) in [
            (&b""[..], "(nothing)"),
            (b"{\"a\":1}\n", "{\"a\":1}\\n"),
            ("\"é\"".as_bytes(), "\"é\""),
            (b"\"\xff\"", "\\\"\\xff\\\""),
        ] {
            assert_eq!(shown(bytes), expected);
        }
        let long = shown(&[b'['; 1000]);
        assert_eq!(long, format!("{}... (1000 bytes)", "[".repeat(100)));
    }

    #[test]
    fn what_is_shown_of_a_request() {
        for (bytes, expected) in [
            (&b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"[..], "GET /"),
            (b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]", "POST /echo []"),
            (
                b"POST /echo HTTP/1.0\r\nConnection: close\r\n\r\n1",
                "POST /echo HTTP/1.0 (Connection: close) 1",
            ),
            (b"hello\r\n", "hello\\r\\n"),
        ] {
            assert_eq!(shown_request(bytes, bytes.len()), expected);
        }
    }
}
