//! The response reader: what it takes for a response, and that it does not matter how the bytes are cut.

mod invariants;
mod mutations;
mod seeds;

use bench_generator::protocol::http1::{Fault, Progress, Reader};

/// Reads `bytes` in pieces of the given lengths. Gives status, body, whether the connection can be used again, and how
/// many bytes were left over.
fn read(bytes: &[u8], pieces: &[usize], to_head: bool) -> Result<(u16, Vec<u8>, bool, usize), Fault> {
    let outcome = invariants::read(&mut Reader::default(), bytes, pieces, (to_head, 1 << 20));
    let left = bytes.len() - outcome.consumed;
    outcome.result.map(|response| (response.status, outcome.body, response.keep_alive, left))
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
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(2000), Fault::HeadTooLong),
        ("\r\n".repeat(40_000), Fault::HeadTooLong),
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

#[test]
fn a_head_may_be_as_long_as_the_limit_and_no_longer() {
    let limit = 64 * 1024;
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    for (before, length, right) in [("", limit, true), ("", limit + 1, false), (interim, limit, true)] {
        let start = format!("{before}HTTP/1.1 204 No Content\r\nX: ");
        let head = format!("{start}{}\r\n\r\n", "x".repeat(length - start.len() - 4));
        assert_eq!(head.len(), length);
        for pieces in [&[usize::MAX][..], &[1], &[1000], &[length - 1, 1]] {
            let read = read(head.as_bytes(), pieces, false).map(|(status, ..)| status);
            assert_eq!(read, if right { Ok(204) } else { Err(Fault::HeadTooLong) }, "{length} in {pieces:?}");
        }
    }
}

/// What is no HTTP from its first line is known for it before the line ends, however few bytes come at a time.
#[test]
fn rubbish_is_known_at_once() {
    for rubbish in
        ["220 mail.example ESMTP", "HTTP/2.0 200 OK", "HTTP/1.1 2x0", "HTTP/1.1 200 O\0K", "\u{1}\u{2}\u{3}"]
    {
        let mut reader = Reader::default();
        let known = rubbish.bytes().any(|byte| matches!(reader.advance(&[byte]), Err(Fault::NotHttp(_))));
        assert!(known, "{rubbish:?}");
    }
}
