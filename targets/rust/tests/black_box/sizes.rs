//! Bodies at and beyond the limit of 1 MiB, and headers without end.

use crate::client::request;
use crate::server::Server;

const LIMIT: usize = 1024 * 1024;

/// A JSON string of exactly this many bytes.
fn string_of(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes - 2))
}

fn chunked(body: &str, chunk_bytes: usize) -> String {
    let mut message = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    for chunk in body.as_bytes().chunks(chunk_bytes) {
        let text = std::str::from_utf8(chunk).expect("ASCII");
        message.push_str(&format!("{:x}\r\n{text}\r\n", text.len()));
    }
    message.push_str("0\r\n\r\n");
    message
}

#[test]
fn a_body_of_exactly_the_limit_is_echoed() {
    let server = Server::start();
    let mut client = server.connect();
    let body = string_of(LIMIT);
    assert_eq!(client.echo(&body).body, body.as_bytes());
    client.send(chunked(&body, 10_000));
    assert_eq!(client.answer().body, body.as_bytes());
}

#[test]
fn an_announced_body_beyond_the_limit_is_413_before_it_is_sent() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(format!("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", LIMIT + 1));
    let answer = client.answer();
    assert!(answer.error(413).contains("1048576"));
    assert!(answer.closes());
    client.expect_close();
}

#[test]
fn the_413_arrives_although_the_client_goes_on_sending() {
    let server = Server::start();
    let mut client = server.connect();
    let body = string_of(3 * LIMIT);
    client.send(format!("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", body.len()));
    client.send(&body);
    client.answer().error(413);
    client.expect_close();
}

#[test]
fn a_chunked_body_beyond_the_limit_is_413() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(chunked(&string_of(LIMIT + 1), 65_536));
    let answer = client.answer();
    answer.error(413);
    assert!(answer.closes());
    client.expect_close();
}

#[test]
fn a_length_beyond_every_number_is_refused() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999999999999999999\r\n\r\n");
    assert_eq!(client.answer().status, 400);
}

#[test]
fn a_header_of_8_kib_is_accepted() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(format!("GET /healthz HTTP/1.1\r\nHost: test\r\nX: {}\r\n\r\n", "x".repeat(8_150)));
    assert_eq!(client.answer().status, 200);
}

#[test]
fn a_header_beyond_the_limit_is_431() {
    let server = Server::start();
    let mut client = server.connect();
    let header = format!("GET /healthz HTTP/1.1\r\nHost: test\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    // The server may close before it has taken all of it.
    let _ = client.try_send(header);
    assert_eq!(client.head().status, 431);
    drop(client);
    let mut next = server.connect();
    next.send(request("GET", "/healthz"));
    assert_eq!(next.answer().status, 200);
}
