//! Ends of connections that nobody expected, and answers that do not come, or come too early.

use crate::case::{Case, Reads};
use crate::run::check;
use crate::server::{Client, response};
use bench_model::counters::ErrorClass::{Connect, Mismatch, Reset, Status, Timeout};
use std::time::Duration;

fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// Answers so many requests; false when the client is gone before.
fn answers(client: &mut Client, count: usize) -> bool {
    (0..count).all(|_| client.request().is_some_and(|body| client.answer(200, &body)))
}

pub(crate) fn closes_without_a_word() -> Case {
    Case::verified("a close after every tenth answer, without a word", |client| {
        answers(client, 10);
    })
    .reads(Reads::Crossing)
    .also("connections are replaced", |run| run.sum.counters.reconnects > 0)
}

pub(crate) fn never_answers() -> Case {
    Case::failed(&[Timeout], "no answer", |client| {
        client.request();
        client.wait_for_end();
    })
}

pub(crate) fn resets() -> Case {
    Case::failed(&[Reset], "a reset in the middle of an answer", |client| {
        if let Some(body) = client.request() {
            let whole = response(200, "", &body);
            client.send(&whole[..whole.len() / 2]);
            client.reset();
        }
    })
}

#[test]
fn closes_that_http_allows() {
    check(&[
        Case::verified("a close after every tenth answer, announced", |client| {
            if answers(client, 9)
                && let Some(body) = client.request()
            {
                client.send(response(200, "Connection: close\r\n", &body));
            }
        })
        .also("connections are replaced", |run| run.sum.counters.reconnects > 0)
        .also("an announced close crosses no request", |run| run.sum.counters.resent == 0),
        Case::verified("a close that is announced and does not come", |client| {
            if let Some(body) = client.request() {
                client.send(response(200, "Connection: close\r\n", &body));
                pause(1);
                client.wait_for_end();
            }
        }),
        closes_without_a_word(),
        Case::verified("a close in the face of the fourth request", |client| {
            answers(client, 3);
            // The next request has arrived, and nobody reads it.
            pause(5);
        })
        .reads(Reads::Crossing)
        .also("it is sent again", |run| run.sum.counters.resent > 0),
        Case::verified("a close instead of every second answer", |client| {
            answers(client, 1);
            client.request();
        })
        .reads(Reads::Crossing),
        Case::verified("a side that is closed after every answer", |client| {
            answers(client, 1);
            client.end_sending();
            client.wait_for_end();
        })
        .reads(Reads::Crossing),
    ]);
}

#[test]
fn closes_instead_of_answers() {
    check(&[
        Case::failed(&[Reset], "a close at once", |_| {}).reads(Reads::Never),
        Case::failed(&[Reset, Connect], "a reset at once", Client::reset).reads(Reads::Never),
        Case::failed(&[Reset], "a close instead of an answer", |client| drop(client.request())),
        Case::failed(&[Reset], "a reset instead of an answer", |client| {
            client.request();
            client.reset();
        }),
        resets(),
        never_answers(),
    ]);
}

#[test]
fn answers_that_come_early() {
    check(&[
        Case::failed(&[Mismatch], "an answer before the request", |client| {
            client.send(response(200, "Connection: close\r\n", b"{}"));
            client.request();
        }),
        Case::failed(&[Status], "an answer before the request was read, and a close", |client| {
            if client.head().is_some() {
                client.send(response(413, "Connection: close\r\n", b"{\"message\":\"too large\"}"));
            }
        })
        .uploading(6)
        .lasting(20, 2000)
        .reads(Reads::Never),
        Case::failed(&[Status], "an answer before the request was read, and no close", |client| {
            if client.head().is_some() {
                client.send(response(413, "", b"{\"message\":\"too large\"}"));
                pause(50);
            }
        })
        .uploading(6)
        .lasting(20, 2000)
        .reads(Reads::Never),
        Case::failed(&[Timeout], "a long request that nobody reads", |client| {
            client.head();
            pause(400);
        })
        .uploading(6)
        .lasting(20, 300)
        .reads(Reads::Never),
    ]);
}
