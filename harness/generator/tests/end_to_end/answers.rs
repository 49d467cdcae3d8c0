//! Everything that HTTP allows a server to do is done without an error.

use crate::load::{Sum, echo_of, job, run};
use crate::server::{Client, Server, response};
use std::time::Duration;

/// Loads a server that runs `script` on 4 connections; every answer must be right.
fn assert_verified(script: impl Fn(&mut Client) + Send + Sync + 'static) -> (Server, Sum) {
    let server = Server::start(script);
    let sum = run(job(server.address, 4, 2), 5);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
    assert!(sum.counters.requests > 0);
    let (least, most) = (sum.counters.requests, sum.counters.requests + sum.cut_off());
    assert!(
        (least..=most).contains(&server.requests()),
        "{} requests at the server, {least} to {most} counted",
        server.requests()
    );
    (server, sum)
}

#[test]
fn a_server_may_announce_that_it_closes() {
    let (server, sum) = assert_verified(|client| {
        for number in 1..=10 {
            let Some(body) = client.request() else { return };
            let last = if number == 10 { "Connection: close\r\n" } else { "" };
            client.send(response(200, last, &body));
        }
    });
    assert!(sum.counters.reconnects > 0);
    assert_eq!(sum.counters.resent, 0, "an announced close crosses no request");
    assert!(server.connections() >= sum.counters.reconnects);
}

#[test]
fn a_server_may_close_without_a_word() {
    let (_, sum) = assert_verified(|client| {
        for _ in 0..10 {
            let Some(body) = client.request() else { return };
            client.answer(200, &body);
        }
    });
    assert!(sum.counters.reconnects > 0);
    assert!(sum.counters.resent <= sum.counters.reconnects);
}

#[test]
fn a_request_that_crossed_the_close_is_sent_again() {
    let (_, sum) = assert_verified(|client| {
        for _ in 0..3 {
            let Some(body) = client.request() else { return };
            client.answer(200, &body);
        }
        // The next request has arrived, and nobody reads it.
        std::thread::sleep(Duration::from_millis(5));
    });
    assert!(sum.counters.resent > 0, "{:?}", sum.counters);
}

#[test]
fn http_1_0_ends_a_body_with_the_connection() {
    let (_, sum) = assert_verified(|client| {
        let Some(body) = client.request() else { return };
        client.send(b"HTTP/1.0 200 OK\r\n\r\n");
        client.send(body);
    });
    assert!(sum.counters.reconnects >= sum.counters.requests.saturating_sub(4));
}

#[test]
fn http_1_0_may_keep_the_connection() {
    let (server, _) = assert_verified(|client| {
        while let Some(body) = client.request() {
            let head = format!(
                "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            client.send([head.as_bytes(), &body].concat());
        }
    });
    assert_eq!(server.connections(), 4);
}

#[test]
fn chunks_of_any_size() {
    let (server, _) = assert_verified(|client| {
        while let Some(body) = client.request() {
            client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for piece in body.chunks(7) {
                client.send([format!("{:x};x=y\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat());
            }
            client.send("0\r\nX-Trailer: 1\r\n\r\n");
        }
    });
    assert_eq!(server.connections(), 4);
}

#[test]
fn a_byte_at_a_time() {
    let (server, _) = assert_verified(|client| {
        while let Some(body) = client.request() {
            for byte in response(200, "", &body) {
                client.send([byte]);
            }
        }
    });
    assert_eq!(server.connections(), 4);
}

#[test]
fn interim_responses_come_first() {
    let (server, sum) = assert_verified(|client| {
        while let Some(body) = client.request() {
            client.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            client.send("HTTP/1.1 100 Continue\r\n\r\n");
            client.answer(200, &body);
        }
    });
    assert_eq!(server.connections(), 4);
    assert_eq!(sum.counters.status.keys().copied().collect::<Vec<_>>(), [200]);
}

#[test]
fn the_head_may_change_from_answer_to_answer() {
    let (server, _) = assert_verified(|client| {
        let mut number = 0;
        while let Some(body) = client.request() {
            number += 1;
            client.send(response(200, &format!("X-Request: {number}\r\n"), &body));
        }
    });
    assert_eq!(server.connections(), 4);
}

#[test]
fn bodies_larger_than_every_buffer() {
    let server = Server::echo();
    let mut job = job(server.address, 3, 1);
    job.requests = echo_of(r#"{"big":"{{word 3000000}}"}"#, 2);
    let sum = run(job, 10);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
    assert!(sum.counters.requests > 0);
    assert_eq!(server.connections(), 3);
    assert!(sum.counters.bytes_in >= 3_000_000 * sum.counters.requests);
    assert!(sum.counters.bytes_out >= 3_000_000 * sum.counters.requests);
    assert_eq!(server.requests(), sum.counters.requests + sum.cut_off());
}
