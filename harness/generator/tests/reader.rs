//! The response reader: what it takes for a response, and that it does not matter how the bytes are cut.

use bench_generator::protocol::http1::{Fault, Progress, Reader};
use proptest::prelude::*;

/// Feeds `bytes` in pieces of the given lengths (the last one repeats) and then the connection's end. Gives status,
/// body, whether the connection can be used again, and how many bytes were left over.
fn read(bytes: &[u8], pieces: &[usize], to_head: bool) -> Result<(u16, Vec<u8>, bool, usize), Fault> {
    let mut reader = Reader::default();
    reader.expect(to_head, 1 << 20);
    let mut at = 0;
    let mut lengths = pieces.iter().copied().chain(std::iter::repeat(*pieces.last().unwrap_or(&usize::MAX)));
    while at < bytes.len() {
        let length = lengths.next().unwrap_or(1).clamp(1, bytes.len() - at);
        match reader.advance(&bytes[at..at + length])? {
            Progress::Partial => at += length,
            Progress::Complete { response, consumed } => {
                let left = bytes.len() - at - consumed;
                return Ok((response.status, reader.body().to_vec(), response.keep_alive, left));
            }
        }
    }
    reader.end().map(|response| (response.status, reader.body().to_vec(), response.keep_alive, 0))
}

#[test]
fn responses() {
    let cases: &[(&str, u16, &str, bool)] = &[
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true),
        ("HTTP/1.1 200\r\ncontent-length:2\r\n\r\nhi", 200, "hi", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, "", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", 200, "hi", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\nhi", 200, "hi", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi", 200, "hi", true),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", false),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n!",
            201,
            "!",
            true,
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, "hi", true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\nh\r\n00A \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
            200,
            "h0123456789",
            true,
        ),
    ];
    for &(text, status, body, keep_alive) in cases {
        for pieces in [&[usize::MAX][..], &[1], &[7], &[30, 1, 2]] {
            let read = read(text.as_bytes(), pieces, false);
            assert_eq!(read, Ok((status, body.as_bytes().to_vec(), keep_alive, 0)), "{text:?} in {pieces:?}");
        }
    }
}

#[test]
fn the_answer_to_head_has_no_body() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(read(bytes, &[usize::MAX], true), Ok((200, vec![], true, 0)));
    let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(read(bytes, &[usize::MAX], true), Ok((200, vec![], true, 0)));
}

#[test]
fn bytes_after_the_response_are_left() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP";
    assert_eq!(read(bytes, &[usize::MAX], false), Ok((200, b"hi".to_vec(), true, 4)));
}

#[test]
fn faults() {
    let head = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n");
    let cases = [
        (String::new(), Fault::ClosedBeforeAnswer),
        ("HTTP/1.1 200 OK\r\nContent-".into(), Fault::Truncated),
        ("HTTP/1.1 100 Continue\r\n\r\n".into(), Fault::Truncated),
        (head("Content-Length: 3") + "hi", Fault::Truncated),
        (head("Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n", Fault::Truncated),
        (head("Content-Length: -1"), Fault::ContentLength),
        (head("Content-Length: "), Fault::ContentLength),
        (head("Content-Length: 0x10"), Fault::ContentLength),
        (head("Content-Length: 99999999999999999999"), Fault::ContentLength),
        (head("Content-Length: 1\r\nContent-Length: 2"), Fault::ContentLength),
        (head("Content-Length: 1\r\nTransfer-Encoding: chunked"), Fault::LengthAndChunked),
        (head("Transfer-Encoding: gzip, chunked"), Fault::TransferEncoding),
        (head("Transfer-Encoding: chunked") + "x\r\n", Fault::Chunk),
        (head("Transfer-Encoding: chunked") + "\r\n", Fault::Chunk),
        (head("Transfer-Encoding: chunked") + "2\r\nhiX", Fault::Chunk),
        (head("Transfer-Encoding: chunked") + "fffffffffffffffff\r\n", Fault::Chunk),
        (head("Transfer-Encoding: chunked") + "1;" + &"x".repeat(5000), Fault::Chunk),
        (head("Transfer-Encoding: chunked") + "0\r\n" + &"a: b\r\n".repeat(20_000), Fault::HeadTooLong),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n".into(), Fault::Switch),
        ("HTTP/1.1 999 Odd\r\n\r\n".into(), Fault::Status(999)),
        (format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1 << 20)), Fault::HeadTooLong),
    ];
    for (text, fault) in cases {
        for pieces in [&[usize::MAX][..], &[1], &[100]] {
            let error = read(text.as_bytes(), pieces, false).map(|_| ()).unwrap_err();
            assert_eq!(error, fault, "{:?}", &text[..text.len().min(80)]);
        }
    }
    assert!(matches!(read(b"\0\0\x01SSH-2.0\r\n", &[usize::MAX], false), Err(Fault::NotHttp(_))));
}

#[test]
fn a_body_beyond_the_limit_is_counted_and_not_kept() {
    let mut reader = Reader::default();
    reader.expect(false, 10);
    reader.advance(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").unwrap();
    for _ in 0..99 {
        assert_eq!(reader.advance(&[b'x'; 10_000]), Ok(Progress::Partial));
    }
    let Ok(Progress::Complete { response, consumed }) = reader.advance(&[b'x'; 10_000]) else {
        panic!("not complete")
    };
    assert_eq!((response.body_bytes, consumed, reader.body().len()), (1_000_000, 10_000, 10));
}

proptest! {
    /// However a stream is cut, the result is the same; and rubbish never panics.
    #[test]
    fn cuts_do_not_matter(
        start in prop::sample::select(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n", "",
        ]),
        rest in prop::collection::vec(prop::sample::select(b"0123aF;\r\nx: \0\xff".to_vec()), 0..60),
        pieces in prop::collection::vec(1usize..9, 1..9),
    ) {
        let bytes = [start.as_bytes(), &rest].concat();
        let (whole, cut) = (read(&bytes, &[usize::MAX], false), read(&bytes, &pieces, false));
        match (&whole, &cut) {
            // What follows a complete response may be a fault in the bytes after it; both must see the same one.
            (Ok(a), Ok(b)) => prop_assert_eq!((a.0, &a.1, a.2), (b.0, &b.1, b.2)),
            (Err(_), Err(_)) => {}
            _ => prop_assert!(false, "{:?} but in pieces {:?}", whole, cut),
        }
    }
}
