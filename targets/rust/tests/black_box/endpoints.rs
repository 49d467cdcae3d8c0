//! What each path and method answers.

use serde_json::json;

use crate::client::{post, request};
use crate::server::Server;

#[test]
fn healthz_says_ok() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(request("GET", "/healthz"));
    let answer = client.answer();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), json!({"status": "ok"}));
}

#[test]
fn echo_gives_the_value_back_as_json() {
    let server = Server::start();
    let answer = server.connect().echo(r#" { "b" : [1, 2.5, null] , "a" : "x" } "#);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), json!({"a": "x", "b": [1, 2.5, null]}));
    assert!(!answer.body.contains(&b' '), "encoded anew, not copied through");
}

#[test]
fn a_query_does_not_change_the_path() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(request("GET", "/healthz?verbose=1"));
    assert_eq!(client.answer().status, 200);
    client.send(post("/echo?x", "1"));
    assert_eq!(client.answer().json(), json!(1));
}

#[test]
fn an_unknown_path_is_404_and_keeps_the_connection() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(post("/nope\"", "{}"));
    assert!(client.answer().error(404).contains("/nope"));
    for path in ["/", "/echo/", "/healthz/x", "/ECHO"] {
        client.send(request("GET", path));
        client.answer().error(404);
    }
    assert_eq!(client.echo("true").json(), json!(true));
}

#[test]
fn a_wrong_method_is_405_with_allow() {
    let server = Server::start();
    let mut client = server.connect();
    for (method, path, allowed) in [
        ("GET", "/echo", "POST"),
        ("PUT", "/echo", "POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("OPTIONS", "/healthz", "GET, HEAD"),
        ("GET", "/tx", "POST"),
        ("PUT", "/tx/batch", "POST"),
        ("POST", "/ledger", "GET, HEAD"),
        ("DELETE", "/blocks", "GET, HEAD"),
        ("PUT", "/accounts/nobody", "GET, HEAD"),
    ] {
        client.send(request(method, path));
        let answer = client.answer();
        assert!(answer.error(405).contains(method));
        assert_eq!(answer.header("allow"), Some(allowed));
    }
    client.send(post("/healthz", "a body that nobody reads"));
    client.answer().error(405);
    assert_eq!(client.echo("[]").json(), json!([]), "the unwanted body did not disturb the next request");
}

#[test]
fn head_answers_like_get_without_a_body() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(request("HEAD", "/healthz"));
    let head = client.head();
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), Some("application/json"));
    client.send(request("HEAD", "/echo"));
    let head = client.head();
    assert_eq!((head.status, head.header("allow")), (405, Some("POST")));
    client.send(request("GET", "/healthz"));
    let get = client.answer();
    assert_eq!(get.header("content-length"), Some("15"), "the next answer starts where the head ended");
    assert_eq!(get.json(), json!({"status": "ok"}));
}
