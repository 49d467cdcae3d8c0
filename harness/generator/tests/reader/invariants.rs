//! What holds for the response reader whatever it is fed. The tests share it with the fuzz target, which is why it
//! knows no test framework: it asserts.

use bench_generator::protocol::http1::{Fault, Progress, Reader, Response};

/// The longest head that the reader takes, and what it keeps of buffers between responses, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
const KEPT_CAPACITY: usize = 16 * 1024;

/// What came of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The response, or why there is none.
    pub(crate) result: Result<Response, Fault>,
    /// Bytes of the stream that belong to the response: all of them where the connection's end is its end.
    pub(crate) consumed: usize,
    /// What was kept of the body; empty without a response.
    pub(crate) body: Vec<u8>,
}

/// Feeds `bytes` to `reader` in pieces of the given lengths, the last of which repeats, and then the connection's
/// end. Up to `keep` bytes of the body are kept.
///
/// # Panics
/// When the reader takes more than it was given, keeps more than it may, or recovers from an error.
pub(crate) fn read(
    reader: &mut Reader,
    bytes: &[u8],
    pieces: &[usize],
    (to_head, keep): (bool, usize),
) -> Outcome {
    reader.expect(to_head, keep);
    assert!(reader.is_fresh());
    let most = 2 * (LONGEST_HEAD + keep) + KEPT_CAPACITY;
    let mut lengths = pieces.iter().chain(pieces.last().into_iter().cycle());
    let mut at = 0;
    while at < bytes.len() {
        let length = lengths.next().copied().unwrap_or(usize::MAX).clamp(1, bytes.len() - at);
        let progress = reader.advance(&bytes[at..at + length]);
        assert!(!reader.is_fresh());
        assert!(reader.body().len() <= keep, "{} bytes kept of a body", reader.body().len());
        assert!(reader.buffer_bytes() <= most, "{} bytes kept", reader.buffer_bytes());
        match progress {
            Ok(Progress::Partial) => at += length,
            Ok(Progress::Complete { response, consumed }) => {
                assert!(consumed <= length, "{consumed} bytes taken of {length}");
                return complete(reader, response, at + consumed, keep);
            }
            Err(fault) => return failed(reader, fault),
        }
    }
    match reader.end() {
        Ok(response) => complete(reader, response, bytes.len(), keep),
        Err(fault) => failed(reader, fault),
    }
}

fn complete(reader: &Reader, response: Response, consumed: usize, keep: usize) -> Outcome {
    assert!((200..=599).contains(&response.status), "status {}", response.status);
    assert!(response.body_bytes <= consumed as u64, "{response:?} of {consumed} bytes");
    assert_eq!(reader.body().len() as u64, response.body_bytes.min(keep as u64), "a body half kept");
    Outcome { result: Ok(response), consumed, body: reader.body().to_vec() }
}

fn failed(reader: &mut Reader, fault: Fault) -> Outcome {
    for more in [&b"HTTP/1.1 204 No Content\r\n\r\n"[..], b"\r\n", b"0", b""] {
        assert_eq!(reader.advance(more), Err(fault), "what comes after an error is no response");
        assert_eq!(reader.end(), Err(fault), "an error has no end");
    }
    Outcome { result: Err(fault), consumed: 0, body: Vec::new() }
}

/// Asserts everything that must hold for any stream, however it is cut. `cuts` are further lengths of pieces to try.
///
/// # Panics
/// When it does not hold.
pub(crate) fn assert_hold(bytes: &[u8], cuts: &[&[usize]]) {
    // One reader for all, since nothing of one response may be felt by the next.
    let mut reader = Reader::default();
    for how in [(false, 1 << 16), (false, 10), (true, 0)] {
        let whole = read(&mut reader, bytes, &[], how);
        for pieces in [&[1][..], &[2], &[3, 1, 7]].iter().chain(cuts) {
            let cut = read(&mut reader, bytes, pieces, how);
            assert_eq!(cut, whole, "{:?} in pieces of {pieces:?}, kept and to HEAD: {how:?}", Text(bytes));
        }
        if whole.result.is_ok() && whole.consumed < bytes.len() {
            let alone = read(&mut reader, &bytes[..whole.consumed], &[], how);
            assert_eq!(alone, whole, "{:?}: what follows a response changes it", Text(bytes));
            let shorter = read(&mut reader, &bytes[..whole.consumed - 1], &[], how);
            assert!(shorter.result.is_err(), "{:?}: complete before its end", Text(bytes));
        }
    }
}

/// Bytes as a reader of the message would like to see them.
struct Text<'a>(&'a [u8]);

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0[..self.0.len().min(400)].escape_ascii())
    }
}
