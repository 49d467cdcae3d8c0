//! Bodies: too large, without end, cut short, or not what was asked for.

use crate::case::Case;
use crate::run::check;
use crate::server::{Client, response};
use bench_model::counters::ErrorClass::{Mismatch, Reset, Timeout};

const BIG_BYTES: usize = 100 << 20;
const PIECE: &[u8] = &[b' '; 64 << 10];

/// Echoes, but for the first answer, which is sent by `first`.
fn echo_after(client: &mut Client, first: impl Fn(&mut Client)) {
    if client.request().is_some() {
        first(client);
        client.echo();
    }
}

/// Sends as many pieces as a big body has, or as the client takes.
fn send_big(client: &mut Client, piece: &[u8]) {
    let mut pieces = 0..BIG_BYTES / PIECE.len();
    while pieces.next().is_some() && client.send(piece) {}
}

#[test]
fn bodies_that_are_too_large() {
    check(&[
        Case::mixed(&[Mismatch], "a body of 100 MiB", |client| {
            echo_after(client, |client| {
                client.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG_BYTES}\r\n\r\n"));
                send_big(client, PIECE);
            });
        })
        .lasting(40, 5000),
        Case::mixed(&[Mismatch], "100 MiB in chunks", |client| {
            let size = format!("{:x}\r\n", PIECE.len());
            let chunk = [size.as_bytes(), PIECE, b"\r\n"].concat();
            echo_after(client, |client| {
                client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                send_big(client, &chunk);
                client.send("0\r\n\r\n");
            });
        })
        .lasting(40, 5000),
        Case::failed(&[Timeout], "a body without end", |client| {
            client.request();
            client.send("HTTP/1.1 200 OK\r\n\r\n");
            client.send_without_end(PIECE);
        }),
        Case::failed(&[Timeout], "a body as long as numbers go", |client| {
            client.request();
            client.send("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n");
            client.send_without_end(PIECE);
        }),
    ]);
}

#[test]
fn bodies_that_do_not_end() {
    check(&[
        Case::failed(&[Timeout], "half a body", |client| {
            client.answer_with(|body| halved(&response(200, "", body)));
        }),
        Case::failed(&[Reset], "a close in the middle of a body", |client| {
            if let Some(body) = client.request() {
                client.send(halved(&response(200, "", &body)));
            }
        }),
        Case::failed(&[Reset], "a body without its last byte", |client| {
            if let Some(body) = client.request() {
                let whole = response(200, "", &body);
                client.send(&whole[..whole.len() - 1]);
            }
        }),
        Case::failed(&[Reset], "a reset in the middle of a body", |client| {
            if let Some(body) = client.request() {
                client.send(halved(&response(200, "", &body)));
                client.reset();
            }
        }),
    ]);
}

/// A response without the second half of its body.
fn halved(response: &[u8]) -> Vec<u8> {
    response[..response.len() - 15].to_vec()
}

#[test]
fn bodies_that_are_wrong() {
    check(&[
        Case::failed(&[Mismatch], "NULs", |client| {
            client.answer_with(|body| response(200, "", &vec![0; body.len()]));
        }),
        Case::failed(&[Mismatch], "binary rubbish", |client| {
            client.answer_with(|body| {
                response(200, "", &body.iter().map(|byte| byte | 0x80).collect::<Vec<_>>())
            });
        }),
        Case::failed(&[Mismatch], "JSON as deep as a well", |client| {
            client.answer_with(|_| response(200, "", &[b'['; 50_000]));
        }),
        Case::failed(&[Mismatch], "an empty body", |client| client.answer_with(|_| response(200, "", b""))),
        Case::mixed(&[Mismatch], "another digit from some request on", |client| {
            for number in 0.. {
                let Some(mut body) = client.request() else { return };
                if number >= 20 {
                    // Same length, still JSON, one digit of the id changed.
                    body[7] = if body[7] == b'0' { b'1' } else { b'0' };
                }
                client.answer(200, &body);
            }
        })
        .also("a wrong body is no reason to close", |run| run.connections == 8),
        Case::mixed(&[Mismatch], "another request's body", |client| {
            let Some(first) = client.request() else { return };
            client.answer(200, &first);
            // Right for one request of the pool, and for that one learned by heart.
            client.answer_with(|_| response(200, "", &first));
        }),
    ]);
}
