//! Heads: too long, too many, in pieces, and not HTTP at all.

use crate::case::Case;
use crate::run::check;
use crate::server::{Client, response};
use bench_model::counters::ErrorClass::{Protocol, Status, Timeout};
use std::time::Duration;

#[test]
fn odd_and_allowed() {
    check(&[
        Case::verified("a byte at a time", |client| {
            while let Some(body) = client.request() {
                for byte in response(200, "", &body) {
                    client.send([byte]);
                    std::thread::sleep(Duration::from_micros(20));
                }
            }
        })
        .also("connections are kept", |run| run.connections == 8),
        Case::verified("interim responses first", |client| {
            while let Some(body) = client.request() {
                client.send("HTTP/1.1 100 Continue\r\n\r\n");
                client.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                client.answer(200, &body);
            }
        })
        .also("they are not counted", |run| run.sum.counters.status.keys().eq(&[200]))
        .also("connections are kept", |run| run.connections == 8),
        Case::verified("line feeds alone", |client| {
            client.answer_with(|body| {
                let head = format!("HTTP/1.1 200 OK\nContent-Length: {}\n\n", body.len());
                [head.as_bytes(), body].concat()
            });
        }),
        Case::verified("blank lines first", |client| {
            client.answer_with(|body| [b"\r\n\r\n", response(200, "", body).as_slice()].concat());
        }),
        Case::verified("a header of 60 KiB", |client| {
            let field = format!("X-Long: {}\r\n", "x".repeat(60 << 10));
            client.answer_with(|body| response(200, &field, body));
        }),
    ]);
}

/// A case of a server whose answers are all of one kind, and not HTTP.
fn not_http(name: &'static str, script: fn(&mut Client)) -> Case {
    Case::failed(&[Protocol], name, script)
}

#[test]
fn too_long() {
    check(&[
        not_http("a header of 1 MiB", |client| {
            let field = format!("X-Long: {}\r\n", "x".repeat(1 << 20));
            client.answer_with(|body| response(200, &field, body));
        }),
        not_http("thousands of headers", |client| {
            let fields: String = (0..5000).map(|number| format!("X-{number}: {number}\r\n")).collect();
            client.answer_with(|body| response(200, &fields, body));
        }),
        not_http("more headers than are read", |client| {
            client.answer_with(|body| response(200, &"X: 1\r\n".repeat(200), body));
        }),
        not_http("a header without end", |client| {
            client.request();
            client.send("HTTP/1.1 200 OK\r\nX-Long: ");
            client.send_without_end(&[b'x'; 64 << 10]);
        }),
        not_http("headers without end", |client| {
            client.request();
            client.send("HTTP/1.1 200 OK\r\n");
            client.send_without_end(&b"X: 1\r\n".repeat(10_000));
        }),
        not_http("interim responses without end", |client| {
            client.request();
            client.send_without_end(&b"HTTP/1.1 100 C\r\n\r\n".repeat(4000));
        }),
        not_http("blank lines without end", |client| {
            client.request();
            client.send_without_end(&b"\r\n".repeat(32 << 10));
        }),
    ]);
}

#[test]
fn not_http_at_all() {
    check(&[
        not_http("another protocol's greeting", |client| {
            client.answer_with(|_| b"220 mail.example ESMTP\r\n".to_vec());
        }),
        not_http("binary rubbish", |client| client.answer_with(|_| (0..=255).rev().collect())),
        not_http("rubbish in the middle of a line", |client| {
            while client.request().is_some() {
                client.send("HTTP/1.1 200 ");
                std::thread::sleep(Duration::from_millis(1));
                client.send([0, 1, 2, 3]);
            }
        }),
        not_http("NULs first", |client| {
            client.answer_with(|body| [b"\0\0", response(200, "", body).as_slice()].concat());
        }),
        not_http("NULs in a header", |client| client.answer_with(|body| response(200, "X: a\0b\r\n", body))),
        not_http("a header without a colon", |client| {
            client.answer_with(|body| response(200, "colon\r\n", body));
        }),
        not_http("a folded header", |client| {
            client.answer_with(|body| response(200, "X: a\r\n  b\r\n", body));
        }),
        not_http("a switch of protocols", |client| {
            client.answer_with(|_| b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n".to_vec());
        }),
        not_http("a status that HTTP does not have", |client| {
            client.answer_with(|body| response(999, "", body));
        }),
        not_http("another version", |client| {
            client.answer_with(|body| [b"HTTP/2.0", &response(200, "", body)[8..]].concat());
        }),
        not_http("more than one response", |client| {
            client.answer_with(|body| [response(200, "", body), response(200, "", body)].concat());
        }),
        Case::failed(&[Timeout], "half a head", |client| {
            client.answer_with(|_| b"HTTP/1.1 200 OK\r\nContent-".to_vec());
        }),
        Case::failed(&[Status], "every status in turn", |client| {
            for status in (300..304).chain(305..=599).cycle() {
                let Some(body) = client.request() else { return };
                client.answer(status, &body);
            }
        })
        .also("every one is counted", |run| {
            let counters = &run.sum.counters;
            counters.status.values().sum::<u64>() == counters.requests + counters.errors.status
        }),
    ]);
}
