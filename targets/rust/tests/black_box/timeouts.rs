//! Clients that stop in the middle, and clients that just wait.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::client::{post, request};
use crate::server::Server;
use crate::transactions::unit;

/// Sends the start of a request and no more.
fn expect_408_and_close(server: &Server, start: &str) {
    let mut client = server.connect();
    client.send(start);
    let answer = client.answer();
    answer.error(408);
    assert!(answer.closes());
    client.expect_close();
}

#[test]
fn a_header_that_never_ends_is_408() {
    let server = Server::start_with(&["--threads", "1", "--header-timeout-ms", "100"]);
    for start in ["G", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: test\r\n"] {
        expect_408_and_close(&server, start);
    }
}

#[test]
fn a_header_that_drips_is_408_too() {
    let server = Server::start_with(&["--threads", "1", "--header-timeout-ms", "100"]);
    let mut client = server.connect();
    client.send("GET /healthz HTTP/1.1\r\n");
    // The drip goes on after the answer; the server reads and forgets it, so that the answer survives.
    for _ in 0..30 {
        sleep(Duration::from_millis(10));
        client.send("X: y\r\n");
    }
    client.answer().error(408);
    client.finish_sending();
    client.expect_close();
}

#[test]
fn the_second_request_of_a_connection_is_watched_as_the_first() {
    let server = Server::start_with(&["--threads", "1", "--header-timeout-ms", "100"]);
    let mut client = server.connect();
    assert_eq!(client.echo("1").json(), json!(1));
    client.send("POST /echo HT");
    client.answer().error(408);
    client.expect_close();
}

#[test]
fn an_idle_connection_gets_no_408() {
    let server =
        Server::start_with(&["--threads", "1", "--header-timeout-ms", "50", "--body-timeout-ms", "50"]);
    let mut fresh = server.connect();
    let mut used = server.connect();
    assert_eq!(used.echo("1").json(), json!(1));
    sleep(Duration::from_millis(300));
    assert_eq!(fresh.echo("2").json(), json!(2));
    assert_eq!(used.echo("3").json(), json!(3));
}

#[test]
fn a_body_that_stalls_is_408() {
    let server = Server::start_with(&["--threads", "1", "--body-timeout-ms", "100"]);
    for start in [
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n[1,",
        "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n",
    ] {
        expect_408_and_close(&server, start);
    }
}

#[test]
fn a_body_that_is_slow_but_in_time_is_echoed() {
    let server = Server::start_with(&["--threads", "1", "--header-timeout-ms", "100"]);
    let mut client = server.connect();
    let message = post("/echo", "[1,2]");
    let (start, end) = message.split_at(message.len() - 3);
    client.send(start);
    sleep(Duration::from_millis(300));
    client.send(end);
    assert_eq!(client.answer().json(), json!([1, 2]), "the header's limit does not count for the body");
}

#[test]
fn a_receipt_that_is_waited_for_is_not_late() {
    let server =
        Server::start_with(&["--threads", "1", "--body-timeout-ms", "1", "--header-timeout-ms", "20"]);
    let mut client = server.connect();
    // The block takes 50 ms, and the next request is cut off meanwhile.
    let next = post("/echo", "[1]");
    let (start, end) = next.split_at(10);
    client.send(post("/tx", &unit("t")) + start);
    assert_eq!(client.answer().json()["block"], 1);
    client.send(end);
    // It came in one read with the request before it, so that the header's time does not run (see the README).
    assert_eq!(client.answer().json(), json!([1]));
}

#[test]
fn a_stalled_body_for_an_unknown_path_does_not_hold_the_connection() {
    let server = Server::start_with(&["--threads", "1", "--body-timeout-ms", "100"]);
    let mut client = server.connect();
    client.send("POST /nope HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n");
    client.answer().error(404);
    client.expect_close();
}

#[test]
fn a_connection_without_any_traffic_is_closed_quietly() {
    let server = Server::start_with(&["--threads", "1", "--idle-timeout-ms", "100"]);
    server.connect().expect_close();
    let mut used = server.connect();
    used.send(request("GET", "/healthz"));
    assert_eq!(used.answer().status, 200);
    used.expect_close();
}

#[test]
fn traffic_keeps_a_connection_open() {
    let server = Server::start_with(&["--threads", "1", "--idle-timeout-ms", "400"]);
    let mut client = server.connect();
    for number in 0..10 {
        sleep(Duration::from_millis(100));
        assert_eq!(client.echo(&number.to_string()).json(), json!(number));
    }
}
