//! Where a body ends: lengths that are none, that contradict each other or the body, and chunks of every kind.

use crate::case::{Case, Reads};
use crate::run::check;
use crate::server::{Client, response};
use bench_model::counters::ErrorClass::{Protocol, Reset, Timeout};
use std::time::Duration;

/// A response whose header lines are all said, without the end of the last one.
fn with_fields(fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n").as_bytes(), body].concat()
}

/// A case of a server that gives each body a length which `length` makes of the true one, and says no more.
macro_rules! of_length {
    ($classes:expr, $name:expr, $length:expr) => {
        Case::failed($classes, $name, |client| {
            client.answer_with(|body| {
                let length: fn(usize) -> String = $length;
                with_fields(&length(body.len()), body)
            });
        })
    };
}

#[test]
fn lengths() {
    check(&[
        Case::verified("the same length twice", |client| {
            client.answer_with(|body| {
                let length = format!("Content-Length: {}", body.len());
                with_fields(&format!("{length}\r\n{length}"), body)
            });
        }),
        of_length!(&[Protocol], "two lengths", |n| format!(
            "Content-Length: {n}\r\nContent-Length: {}",
            n + 1
        )),
        of_length!(&[Protocol], "a length too short", |n| format!("Content-Length: {}", n - 1)),
        of_length!(&[Timeout], "a length too long", |n| format!("Content-Length: {}", n + 1)),
        of_length!(&[Timeout], "neither a length nor a close", |_| "Server: x".into()),
        of_length!(&[Protocol], "a negative length", |n| format!("Content-Length: -{n}")),
        of_length!(&[Protocol], "a length beyond 64 bits", |_| "Content-Length: 99999999999999999999".into()),
        of_length!(&[Protocol], "a length in words", |_| "Content-Length: forty".into()),
        of_length!(&[Protocol], "an empty length", |_| "Content-Length:".into()),
        of_length!(&[Protocol], "a length and chunks", |n| {
            format!("Content-Length: {n}\r\nTransfer-Encoding: chunked")
        }),
        of_length!(&[Protocol], "a coding that nobody asked for", |_| "Transfer-Encoding: gzip, chunked"
            .into()),
        Case::failed(&[Protocol], "a body where none may be", |client| {
            client.answer_with(|body| response(204, "", body));
        }),
    ]);
}

#[test]
fn ends_with_the_connection() {
    check(&[
        Case::verified("no length until the close", |client| {
            let Some(body) = client.request() else { return };
            client.send(with_fields("Server: x", &body));
            // Bounds how many connections the run takes.
            std::thread::sleep(Duration::from_millis(1));
        })
        .also("each answer took a connection", |run| {
            run.sum.counters.reconnects + 8 >= run.hostile_reads && run.connections >= run.hostile_reads
        }),
        Case::verified("HTTP/1.0", |client| {
            let Some(body) = client.request() else { return };
            client.send(b"HTTP/1.0 200 OK\r\n\r\n");
            client.send(body);
            std::thread::sleep(Duration::from_millis(1));
        }),
        Case::failed(&[Reset], "a reset instead of the close", |client| {
            let Some(body) = client.request() else { return };
            client.send(with_fields("Server: x", &body));
            client.reset();
        })
        .reads(Reads::Once),
    ]);
}

/// Answers one request with what `pieces` sends after the head of a chunked body.
fn chunked(client: &mut Client, pieces: impl Fn(&mut Client, &[u8])) {
    while let Some(body) = client.request() {
        client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        pieces(client, &body);
    }
}

fn chunk(client: &mut Client, data: &[u8]) {
    client.send([format!("{:x};x=y\r\n", data.len()).as_bytes(), data, b"\r\n"].concat());
}

#[test]
fn chunks() {
    check(&[
        Case::verified("chunks with extensions and trailers", |client| {
            chunked(client, |client, body| {
                body.chunks(7).for_each(|data| chunk(client, data));
                client.send("0;last\r\nX-Trailer: 1\r\nX-Other: 2\r\n\r\n");
            });
        })
        .also("connections are kept", |run| run.connections == 8),
        Case::verified("chunks of one byte", |client| {
            chunked(client, |client, body| {
                body.chunks(1).for_each(|data| chunk(client, data));
                client.send("0\r\n\r\n");
            });
        }),
        Case::failed(&[Protocol], "a size that is none", |client| {
            chunked(client, |client, _| {
                client.send("size\r\n");
            });
        }),
        Case::failed(&[Protocol], "a size beyond 64 bits", |client| {
            chunked(client, |client, _| {
                client.send("fffffffffffffffff\r\n");
            });
        }),
        Case::failed(&[Protocol], "a chunk longer than its size", |client| {
            chunked(client, |client, _| {
                client.send("2\r\nlong\r\n0\r\n\r\n");
            });
        }),
        Case::failed(&[Timeout], "a chunk as long as numbers go", |client| {
            chunked(client, |client, body| {
                client.send([b"fffffffffffffff\r\n", body].concat());
            });
        }),
        Case::failed(&[Reset], "chunks without the last one", |client| {
            if let Some(body) = client.request() {
                client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                chunk(client, &body);
            }
        }),
    ]);
}

#[test]
fn chunks_without_end() {
    check(&[
        Case::failed(&[Timeout], "chunks without end", |client| {
            chunked(client, |client, _| client.send_without_end(&b"1\r\nx\r\n".repeat(10_000)));
        }),
        Case::failed(&[Protocol], "an extension without end", |client| {
            chunked(client, |client, _| {
                client.send("1;");
                client.send_without_end(&[b'x'; 10_000]);
            });
        }),
        Case::failed(&[Protocol], "trailers without end", |client| {
            chunked(client, |client, _| {
                client.send("0\r\n");
                client.send_without_end(&b"X-Trailer: 1\r\n".repeat(1000));
            });
        }),
    ]);
}
