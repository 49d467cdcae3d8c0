//! HTTP itself: connections that stay, end, are reused, half closed or misused.

use serde_json::json;

use crate::client::{post, request};
use crate::server::Server;

#[test]
fn a_connection_serves_many_requests() {
    let server = Server::start();
    let mut client = server.connect();
    for number in 0..50 {
        let answer = client.echo(&number.to_string());
        assert_eq!((answer.version.as_str(), answer.json()), ("HTTP/1.1", json!(number)));
        assert!(!answer.closes());
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut client = server.connect();
    let requests: String = (0..100).map(|number| post("/echo", &number.to_string())).collect();
    client.send(requests);
    for number in 0..100 {
        assert_eq!(client.answer().json(), json!(number));
    }
}

#[test]
fn a_whole_request_is_answered_while_the_next_is_still_cut_off() {
    let server = Server::start();
    let mut client = server.connect();
    let next = post("/echo", "[2]");
    let (start, end) = next.split_at(20);
    client.send(post("/echo", "[1]") + start);
    assert_eq!(client.answer().json(), json!([1]));
    client.send(end);
    assert_eq!(client.answer().json(), json!([2]));
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let server = Server::start();
    let mut client = server.connect();
    for byte in post("/echo", "{\"a\":1}").bytes() {
        client.send([byte]);
    }
    assert_eq!(client.answer().json(), json!({"a": 1}));
}

#[test]
fn connection_close_is_honoured() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1\r\n\r\n7");
    let answer = client.answer();
    assert_eq!(answer.json(), json!(7));
    assert!(answer.closes());
    client.expect_close();
}

#[test]
fn http_1_0_closes_unless_asked_to_stay() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1");
    let answer = client.answer();
    assert_eq!((answer.version.as_str(), answer.json()), ("HTTP/1.0", json!(1)));
    assert_eq!(answer.header("connection"), Some("keep-alive"));
    client.send("GET /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    client.expect_close();
}

#[test]
fn chunked_bodies_are_put_together() {
    let server = Server::start();
    let mut client = server.connect();
    let head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(format!("{head}1\r\n[\r\n3;name=value\r\n1,2\r\n1\r\n]\r\n0\r\nTrailer: x\r\n\r\n"));
    assert_eq!(client.answer().json(), json!([1, 2]));
    client.send(head);
    for piece in ["2\r\n\"a", "\r\n2\r", "\nb\"\r\n0\r\n", "\r\n"] {
        client.send(piece);
    }
    assert_eq!(client.answer().json(), json!("ab"));
}

#[test]
fn broken_chunks_are_400() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[1]\r\n0\r\n\r\n",
    );
    let answer = client.answer();
    answer.error(400);
    assert!(answer.closes());
    client.expect_close();
}

#[test]
fn expect_continue_is_answered_before_the_body() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(client.head().status, 100);
    client.send("42");
    assert_eq!(client.answer().json(), json!(42));
    assert_eq!(client.echo("43").json(), json!(43));
}

#[test]
fn expect_continue_of_an_unwanted_body_gets_the_final_answer_at_once() {
    let server = Server::start();
    for (path, length, status) in [("/nope", 2, 404), ("/healthz", 2, 405), ("/echo", 2_000_000, 413)] {
        let mut client = server.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        ));
        let answer = client.answer();
        answer.error(status);
        assert!(answer.closes());
        client.expect_close();
    }
}

#[test]
fn a_client_that_has_finished_sending_still_gets_every_answer() {
    let server = Server::start();
    let mut client = server.connect();
    let large = format!("\"{}\"", "x".repeat(1_000_000));
    client.send(post("/echo", &large) + &post("/echo", "1"));
    client.finish_sending();
    assert_eq!(client.answer().body, large.as_bytes());
    assert_eq!(client.answer().json(), json!(1));
    client.expect_close();
}

#[test]
fn a_half_sent_request_harms_nobody() {
    let server = Server::start();
    let files_before = server.open_files();
    for _ in 0..50 {
        server.connect().send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n{\"half\":");
        server.connect().send("POST /ec");
    }
    let mut patient = server.connect();
    patient.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n[1,");
    patient.finish_sending();
    assert!(patient.answer().error(400).contains("body"));
    patient.expect_close();
    drop(patient);
    assert_eq!(server.connect().echo("[]").json(), json!([]));
    server.wait_for_open_files(files_before);
}

#[test]
fn what_is_not_http_is_400_and_closed() {
    let server = Server::start();
    for nonsense in
        ["hello\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "\0\0\0\0\r\n\r\n"]
    {
        let mut client = server.connect();
        client.send(nonsense);
        assert_eq!(client.answer().status, 400, "{nonsense:?}");
        client.expect_close();
    }
    let mut client = server.connect();
    client.send(request("GET", "/healthz"));
    assert_eq!(client.answer().status, 200);
}

#[test]
fn two_lengths_that_contradict_each_other_are_refused() {
    let server = Server::start();
    for lengths in ["Content-Length: 1\r\nContent-Length: 2", "Content-Length: -1", "Transfer-Encoding: gzip"]
    {
        let mut client = server.connect();
        client.send(format!("POST /echo HTTP/1.1\r\nHost: test\r\n{lengths}\r\n\r\n1"));
        assert_eq!(client.answer().status, 400, "{lengths}");
    }
}
