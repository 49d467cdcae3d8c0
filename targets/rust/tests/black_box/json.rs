//! What counts as JSON, and that it comes back as the same value.

use serde_json::{Value, json};

use crate::client::Client;
use crate::server::Server;

fn round_trip(client: &mut Client, text: &str) -> Value {
    let answer = client.echo(text);
    assert_eq!(answer.status, 200, "{text}: {answer:?}");
    answer.json()
}

#[test]
fn values_come_back_equal() {
    let server = Server::start();
    let mut client = server.connect();
    for text in [
        "null",
        "false",
        "\"\"",
        "[]",
        "{}",
        "\t[ ]\r\n",
        "{\"\":\"\"}",
        "[[],{},[[{}]]]",
        r#""\"\\\/\b\f\n\r\t\u0000\u001f""#,
        r#""\u00e9\u4e2d\ud83d\ude00""#,
        "\"é中😀\u{2028}\"",
        "[0, -1, 1e3, 1E-3, 0.1, 123456789012, -9007199254740991]",
    ] {
        let expected: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(round_trip(&mut client, text), expected, "{text}");
    }
}

#[test]
fn numbers_come_back_as_the_same_double() {
    let server = Server::start();
    let mut client = server.connect();
    for text in [
        "0.1",
        "-0.0",
        "5e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "0.30000000000000004",
        "123456789.123456789",
        "9007199254740993",
        "18446744073709551616",
        "3.14159265358979323846264338327950288",
        "1e-400",
    ] {
        let sent: f64 = text.parse().expect("a number");
        let back = round_trip(&mut client, text).as_f64().expect("a number");
        assert_eq!(back.to_bits(), sent.to_bits(), "{text}");
    }
}

#[test]
fn the_last_of_equal_keys_wins() {
    let server = Server::start();
    assert_eq!(round_trip(&mut server.connect(), r#"{"a":1,"b":2,"a":3}"#), json!({"a": 3, "b": 2}));
}

#[test]
fn what_is_not_json_is_400_and_says_where() {
    let server = Server::start();
    let mut client = server.connect();
    for text in [
        "", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "'a'", "nul", "NaN", "Infinity", "01", "1.", "+1",
        "\"\t\"", "1 2", "\"\\x\"", "[1e400]",
    ] {
        let message = client.echo(text).error(400);
        assert!(message.contains("line 1 column"), "{text:?}: {message}");
    }
    assert!(client.echo("{\n  \"a\": ?\n}").error(400).contains("line 2 column 8"));
    assert_eq!(round_trip(&mut client, "1"), json!(1), "the connection is still good");
}

#[test]
fn bytes_that_are_not_utf8_are_400() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n\"\xff\xfe\"");
    client.answer().error(400);
}

#[test]
fn nesting_is_echoed_to_a_depth_of_100_and_refused_without_harm_far_beyond() {
    let server = Server::start();
    let mut client = server.connect();
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let answer = client.echo(&nested(100));
    assert_eq!((answer.status, answer.body), (200, nested(100).into_bytes()));
    assert!(client.echo(&nested(1_000)).error(400).contains("recursion"));
    client.echo(&nested(500_000)).error(400);
    client.echo(&"[".repeat(1_000_000)).error(400);
    client.echo(&"{\"a\":".repeat(200_000)).error(400);
    assert_eq!(round_trip(&mut client, "{}"), json!({}));
}
