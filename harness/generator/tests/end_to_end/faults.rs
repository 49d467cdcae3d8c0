//! What a server does wrong is told apart, and stays with the connection that it was done to.

use crate::load::{Sum, echo_of, job, run};
use crate::server::{Client, Server, response};
use bench_model::counters::{ErrorClass, Errors};
use std::sync::atomic::{AtomicU64, Ordering};

/// Loads a server that treats one connection in three badly. All errors must be of one class, and the other
/// connections must go on.
fn assert_only(class: ErrorClass, bad: impl Fn(&mut Client) + Send + Sync + 'static) -> (Server, Sum) {
    let server = Server::start(move |client| {
        if client.number % 3 == 0 {
            bad(client);
        } else {
            client.echo();
        }
    });
    let mut job = job(server.address, 6, 2);
    job.timeout_ns = 100_000_000;
    let sum = run(job, 6);
    let mut only = Errors::default();
    (0..sum.counters.errors.total()).for_each(|_| only.count(class));
    assert_eq!(sum.counters.errors, only);
    assert!(sum.counters.errors.total() > 0, "no error at all: {:?}", sum.counters);
    let (_, second_half) = sum.intervals.split_at(3);
    let went_on: u64 = second_half.iter().map(|interval| interval.counters.requests).sum();
    assert!(went_on > 0, "the other connections came to a halt");
    (server, sum)
}

#[test]
fn a_wrong_body_from_some_request_on() {
    let (server, sum) = assert_only(ErrorClass::Mismatch, |client| {
        for number in 0.. {
            let Some(mut body) = client.request() else { return };
            if number >= 20 {
                // Same length, still JSON, one digit of the id changed.
                body[7] = if body[7] == b'0' { b'1' } else { b'0' };
            }
            client.answer(200, &body);
        }
    });
    assert_eq!(server.connections(), 6, "a wrong body is no reason to close");
    assert_eq!(server.requests(), sum.counters.requests + sum.counters.errors.total() + sum.cut_off());
}

#[test]
fn another_requests_body() {
    assert_only(ErrorClass::Mismatch, |client| {
        let Some(first) = client.request() else { return };
        client.answer(200, &first);
        while let Some(body) = client.request() {
            client.answer(200, if body == first { b"{}" } else { &first });
        }
    });
}

#[test]
fn a_status_for_a_while() {
    let failing = AtomicU64::new(50);
    let (server, sum) = assert_only(ErrorClass::Status, move |client| {
        while let Some(body) = client.request() {
            let fails = failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            client.answer(if fails.is_ok() { 500 } else { 200 }, &body);
        }
    });
    assert_eq!(sum.counters.errors.status, 50);
    assert_eq!(sum.counters.status[&500], 50);
    assert_eq!(server.connections(), 6, "a status is no reason to close");
}

#[test]
fn a_reset_in_the_middle() {
    assert_only(ErrorClass::Reset, |client| {
        if let Some(body) = client.request() {
            let whole = response(200, "", &body);
            client.send(&whole[..whole.len() / 2]);
            client.reset();
        }
    });
}

#[test]
fn a_body_cut_short() {
    assert_only(ErrorClass::Reset, |client| {
        if let Some(body) = client.request() {
            let whole = response(200, "", &body);
            client.send(&whole[..whole.len() - 1]);
        }
    });
}

#[test]
fn a_close_instead_of_an_answer() {
    assert_only(ErrorClass::Reset, |client| {
        client.request();
    });
}

#[test]
fn rubbish() {
    assert_only(ErrorClass::Protocol, |client| {
        client.request();
        client.send("220 mail.example ESMTP\r\n");
        client.wait_for_end();
    });
}

#[test]
fn more_than_one_response() {
    assert_only(ErrorClass::Protocol, |client| {
        while let Some(body) = client.request() {
            let whole = response(200, "", &body);
            client.send([whole.as_slice(), b"HTTP/1.1 200 OK\r\n"].concat());
        }
    });
}

#[test]
fn no_answer() {
    let (_, sum) = assert_only(ErrorClass::Timeout, Client::wait_for_end);
    assert!(sum.censored.count() >= sum.counters.errors.timeout);
    assert!(sum.censored.histogram().max() >= 100_000_000, "at least the time allowed");
    assert!(sum.counters.failed_ns >= sum.counters.errors.timeout * 100_000_000);
}

#[test]
fn half_an_answer() {
    assert_only(ErrorClass::Timeout, |client| {
        client.request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{");
        client.wait_for_end();
    });
}

#[test]
fn an_answer_without_end() {
    assert_only(ErrorClass::Timeout, |client| {
        client.request();
        client.send("HTTP/1.1 200 OK\r\n\r\n");
        let piece = vec![b' '; 1 << 20];
        while client.send(&piece) {}
    });
}

#[test]
fn an_answer_before_the_body_was_read() {
    let server = Server::start(|client| {
        if client.head().is_some() {
            client.send(response(413, "Connection: close\r\n", b"{\"message\":\"too large\"}"));
        }
    });
    let mut job = job(server.address, 3, 1);
    job.requests = echo_of(r#"{"big":"{{word 8000000}}"}"#, 1);
    let sum = run(job, 4);
    assert!(sum.counters.errors.status > 0, "{:?}", sum.counters);
    assert_eq!(sum.counters.errors.status, sum.counters.errors.total(), "{:?}", sum.counters);
    assert_eq!(sum.counters.status, [(413, sum.counters.errors.status)].into());
}
