//! Packed bodies and packed answers.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::client::{Answer, Client, post, request};
use crate::server::Server;
use crate::transactions::{batch, unit};

const LIMIT: usize = 1024 * 1024;

fn pack(plain: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain.as_ref()).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn unpack(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(answer.body.as_slice()).read_to_end(&mut plain).expect("gzip");
    plain
}

/// Sends a body with these headers and reads the answer.
fn send(client: &mut Client, path: &str, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    client.send(format!("POST {path} HTTP/1.1\r\nHost: test\r\n{headers}Content-Length: {length}\r\n\r\n"));
    client.send(body);
    client.answer()
}

fn get(client: &mut Client, path: &str, accept: &str) -> Answer {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\nAccept-Encoding: {accept}\r\n\r\n"));
    client.answer()
}

#[test]
fn a_packed_body_is_unpacked_wherever_bodies_are_read() {
    let server = Server::start();
    let mut client = server.connect();
    for (headers, body) in [
        ("Content-Encoding: gzip\r\n", pack("[1, 2]")),
        ("content-encoding: GZIP\r\n", pack("[1, 2]")),
        ("Content-Encoding: identity\r\n", b"[1, 2]".to_vec()),
    ] {
        let answer = send(&mut client, "/echo", headers, &body);
        assert_eq!((answer.status, answer.json()), (200, json!([1, 2])), "{headers}");
        assert_eq!(answer.header("content-encoding"), None);
    }
    let gzip = "Content-Encoding: gzip\r\n";
    assert_eq!(send(&mut client, "/tx", gzip, &pack(unit("t"))).json()["id"], "t");
    assert_eq!(send(&mut client, "/tx/batch", gzip, &pack(batch([unit("t")]))).json()[0]["id"], "t");
    send(&mut client, "/login", gzip, &pack(r#"{"username":"x","password":""}"#)).error(401);
}

#[test]
fn a_packed_body_may_come_in_chunks() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for byte in pack("\"a\"") {
        client.send(b"1\r\n");
        client.send([byte]);
        client.send(b"\r\n");
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.answer().json(), json!("a"));
}

#[test]
fn what_is_not_one_whole_gzip_is_400_and_keeps_the_connection() {
    let server = Server::start();
    let mut client = server.connect();
    let good = pack("[1]");
    let mut wrong_checksum = good.clone();
    let checksum = good.len() - 8;
    wrong_checksum[checksum] ^= 1;
    for body in [
        b"".to_vec(),
        b"[1]".to_vec(),
        good[..5].to_vec(),
        good[..good.len() - 1].to_vec(),
        wrong_checksum,
        [good.as_slice(), b"x"].concat(),
        [good.as_slice(), &good].concat(),
        // Good gzip of what is not JSON.
        pack("[1,"),
    ] {
        let answer = send(&mut client, "/echo", "Content-Encoding: gzip\r\n", &body);
        answer.error(400);
        assert!(!answer.closes());
    }
    assert_eq!(client.echo("1").json(), json!(1));
}

#[test]
fn a_body_that_becomes_too_large_is_413() {
    let server = Server::start();
    let mut client = server.connect();
    let string = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let answer = send(&mut client, "/echo", "Content-Encoding: gzip\r\n", &pack(string(LIMIT)));
    assert_eq!((answer.status, answer.body.len()), (200, LIMIT));
    for bytes in [LIMIT + 1, 20 * LIMIT] {
        let answer = send(&mut client, "/echo", "Content-Encoding: gzip\r\n", &pack(string(bytes)));
        assert!(answer.error(413).contains("1048576"));
    }
    assert_eq!(client.echo("1").json(), json!(1), "all of it was read, so the connection stays");
}

#[test]
fn any_other_coding_is_415_and_says_what_is_taken() {
    let server = Server::start();
    let mut client = server.connect();
    for headers in [
        "Content-Encoding: br\r\n",
        "Content-Encoding: deflate\r\n",
        "Content-Encoding: x-gzip\r\n",
        "Content-Encoding: gzip, gzip\r\n",
        "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
    ] {
        for path in ["/echo", "/tx", "/login"] {
            let answer = send(&mut client, path, headers, &pack("1"));
            answer.error(415);
            assert_eq!(answer.header("accept-encoding"), Some("gzip"));
            assert!(!answer.closes());
        }
    }
    assert_eq!(client.echo("1").json(), json!(1), "the refused bodies did not disturb the next request");
}

#[test]
fn answers_of_256_bytes_are_packed_for_those_who_ask() {
    let server = Server::start();
    let mut client = server.connect();
    for (bytes, accept, packed) in [
        (255, "gzip", false),
        (256, "gzip", true),
        (256, "br, GZIP;q=0.1", true),
        (256, "gzip;q=0", false),
        (256, "*", false),
        (256, "identity", false),
        (100_000, "gzip", true),
        (LIMIT, "gzip", true),
    ] {
        let body = format!("\"{}\"", "x".repeat(bytes - 2));
        let answer = send(&mut client, "/echo", &format!("Accept-Encoding: {accept}\r\n"), body.as_bytes());
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-encoding"), packed.then_some("gzip"), "{bytes} {accept}");
        if packed {
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            assert!(answer.body.len() < bytes, "{} bytes", answer.body.len());
            assert_eq!(unpack(&answer), body.as_bytes());
        } else {
            assert_eq!(answer.body, body.as_bytes());
        }
    }
}

#[test]
fn errors_pages_and_heads_are_packed_alike() {
    let server = Server::start();
    let mut client = server.connect();
    let path = format!("/{}", "x".repeat(300));
    let answer = get(&mut client, &path, "gzip");
    assert_eq!((answer.status, answer.header("content-encoding")), (404, Some("gzip")));
    assert!(String::from_utf8(unpack(&answer)).expect("UTF-8").starts_with(r#"{"error":""#));

    client.send(post("/tx/batch", &batch((0..300).map(|number| unit(&format!("t-{number}"))))));
    let plain_length = client.answer().body.len();
    let plain = get(&mut client, "/blocks", "identity");
    let packed = get(&mut client, "/blocks", "gzip");
    assert!(plain.body.len() > plain_length && packed.body.len() < plain.body.len() / 4);
    assert_eq!(unpack(&packed), plain.body);
    client.send("HEAD /blocks HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
    let head = client.head();
    assert_eq!(head.header("content-encoding"), Some("gzip"));
    assert_eq!(head.header("content-length"), packed.header("content-length"));
    client.send(request("GET", "/healthz"));
    assert_eq!(client.answer().json(), json!({"status": "ok"}));
}
