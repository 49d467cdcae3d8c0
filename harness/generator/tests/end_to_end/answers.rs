//! What HTTP allows a server to do is done without an error. What is allowed and odd is for the test `hostile`.

use crate::load::{echo_of, job, run};
use crate::server::{Client, Server, response};

/// Loads a server that runs `script` on 4 connections; every answer must be right.
fn assert_verified(script: impl Fn(&mut Client) + Send + Sync + 'static) -> Server {
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
    server
}

#[test]
fn http_1_0_may_keep_the_connection() {
    let server = assert_verified(|client| {
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
fn the_head_may_change_from_answer_to_answer() {
    let server = assert_verified(|client| {
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
    job.order = vec![0, 1];
    let sum = run(job, 10);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
    assert!(sum.counters.requests > 0);
    assert_eq!(server.connections(), 3);
    assert!(sum.counters.bytes_in >= 3_000_000 * sum.counters.requests);
    assert!(sum.counters.bytes_out >= 3_000_000 * sum.counters.requests);
    assert_eq!(server.requests(), sum.counters.requests + sum.cut_off());
}
