//! The orderly end: requests in flight are finished, the rest is not kept waiting.

use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::client::Client;
use crate::server::{PATIENCE, Server};

/// Sends a request but for the last byte of its body, and makes sure that the server has begun to read it.
fn request_in_flight(server: &Server) -> Client {
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(client.head().status, 100);
    client.send("[1,2");
    client
}

fn wait_until_closed(server: &Server) {
    for _ in 0..PATIENCE.as_millis() / 5 {
        if TcpStream::connect(server.address()).is_err() {
            return;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("the server still accepts");
}

fn drains_on(signal: Signal) {
    let mut server = Server::start_with(&["--threads", "2", "--drain-timeout-ms", "20000"]);
    let files_before = server.open_files();
    let mut fresh = server.connect();
    // A connection that is still in the kernel's queue would be reset, not closed.
    server.wait_for_open_files(files_before + 1);
    let mut idle = server.connect();
    assert_eq!(idle.echo("1").json(), json!(1));
    let mut busy = request_in_flight(&server);

    server.signal(signal);
    fresh.expect_close();
    idle.expect_close();
    wait_until_closed(&server);

    busy.send("]");
    let answer = busy.answer();
    assert_eq!(answer.json(), json!([1, 2]));
    assert!(answer.closes());
    busy.expect_close();
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sigterm_finishes_what_is_in_flight_and_exits_0() {
    drains_on(Signal::TERM);
}

#[test]
fn sigint_does_the_same() {
    drains_on(Signal::INT);
}

#[test]
fn a_server_without_connections_ends_at_once() {
    let mut server = Server::start_with(&["--drain-timeout-ms", "3600000"]);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_request_that_does_not_end_is_cut_off() {
    let mut server = Server::start_with(&["--threads", "1", "--drain-timeout-ms", "100"]);
    let mut busy = request_in_flight(&server);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    // The answer never comes; whether the end is orderly or a reset is the kernel's affair.
    if let Ok(bytes) = busy.rest() {
        assert_eq!(bytes, b"");
    }
}
