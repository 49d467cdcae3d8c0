//! The cases of wrong paths, wrong methods and the form of errors.

use super::case::{Case, Check, Exchange, Group};
use super::connection::Connection;
use super::fault::Fault;
use super::wire::Wire;

const fn exchange(method: &'static str, path: &'static str, status: u16) -> Exchange {
    Exchange { request: (method, path), body: None, status, header: None }
}

const fn disallowed(method: &'static str, path: &'static str, allow: &'static str) -> Exchange {
    Exchange { request: (method, path), body: None, status: 405, header: Some(("Allow", allow)) }
}

pub(super) const CASES: &[Case] = &[
    Case {
        id: "not-found",
        group: Group::Errors,
        what: "404 for other paths, whatever the method",
        contract: "the path is unknown, whatever the method",
        check: Check::Answered(&[
            exchange("GET", "/", 404),
            exchange("GET", "/nope", 404),
            exchange("GET", "/nope?x=/echo", 404),
            exchange("DELETE", "/nope", 404),
            exchange("PUT", "/a/b/c", 404),
            Exchange { request: ("POST", "/nope"), body: Some("{\"a\":1}"), status: 404, header: None },
        ]),
    },
    Case {
        id: "exact-path",
        group: Group::Errors,
        what: "404 for /echo/, /ECHO and what lies below",
        contract: "The path is compared exactly (`/echo/` and `/ECHO` are other paths)",
        check: Check::Answered(&[
            Exchange { request: ("POST", "/echo/"), body: Some("1"), status: 404, header: None },
            Exchange { request: ("POST", "/ECHO"), body: Some("1"), status: 404, header: None },
            Exchange { request: ("POST", "/echo/x"), body: Some("1"), status: 404, header: None },
            Exchange { request: ("POST", "/echo.json"), body: Some("1"), status: 404, header: None },
            exchange("GET", "/healthz/", 404),
            exchange("GET", "/Healthz", 404),
            exchange("GET", "/health", 404),
        ]),
    },
    Case {
        id: "method-echo",
        group: Group::Errors,
        what: "405 with Allow: POST for other methods of /echo",
        contract: "`Allow: POST`, or `Allow: GET, HEAD`; the connection stays",
        check: Check::Answered(&[
            disallowed("GET", "/echo", "POST"),
            disallowed("PUT", "/echo", "POST"),
            disallowed("DELETE", "/echo", "POST"),
            disallowed("PATCH", "/echo", "POST"),
            disallowed("OPTIONS", "/echo", "POST"),
            disallowed("GET", "/echo?x=1", "POST"),
        ]),
    },
    Case {
        id: "method-healthz",
        group: Group::Errors,
        what: "405 with Allow: GET, HEAD for others of /healthz",
        contract: "`Allow: POST`, or `Allow: GET, HEAD`; the connection stays",
        check: Check::Answered(&[
            disallowed("POST", "/healthz", "GET, HEAD"),
            disallowed("PUT", "/healthz", "GET, HEAD"),
            disallowed("DELETE", "/healthz", "GET, HEAD"),
            disallowed("OPTIONS", "/healthz", "GET, HEAD"),
        ]),
    },
    Case {
        id: "error-shape",
        group: Group::Errors,
        what: "errors are {\"error\":\"<message>\"} in JSON",
        contract: "Every error's body is `{\"error\":\"<message>\"}` with a message that helps a person and no other key.",
        check: Check::Talk(error_shape),
    },
    Case {
        id: "error-keeps-open",
        group: Group::Errors,
        what: "the connection stays after 404 and 405",
        contract: "the path is unknown, whatever the method | the connection stays",
        check: Check::Talk(error_keeps_open),
    },
    Case {
        id: "not-json-keeps-open",
        group: Group::Errors,
        what: "the connection stays after a body that is not JSON",
        contract: "the body of a `POST` is not JSON, or not what the endpoint asks for | the connection stays",
        check: Check::Talk(not_json_keeps_open),
    },
    Case {
        id: "unwanted-body",
        group: Group::Errors,
        what: "the body of a 404 or 405 is read and forgotten",
        contract: "The body of a request that ends in 404 or 405 is read and forgotten, so that the connection can be used again.",
        check: Check::Talk(unwanted_body),
    },
];

fn error_shape(wire: &Wire) -> Result<(), Fault> {
    for (method, path, body, status) in [
        ("POST", "/echo", Some("{\"a\":"), 400),
        ("POST", "/echo", Some(""), 400),
        ("GET", "/nope", None, 404),
        ("GET", "/no%20%22pe%22", None, 404),
        ("GET", "/echo", None, 405),
        ("POST", "/healthz", Some("{}"), 405),
    ] {
        let answer = wire.ask(&wire.request(method, path, &[], body.map(str::as_bytes)))?;
        answer.is(status)?.is_error()?;
    }
    Ok(())
}

fn error_keeps_open(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    for (method, path, status) in
        [("GET", "/nope", 404), ("GET", "/echo", 405), ("DELETE", "/healthz", 405), ("GET", "/healthz", 200)]
    {
        connection.send(&wire.request(method, path, &[], None))?;
        connection.answer()?.is(status)?.stays()?;
    }
    Ok(())
}

fn not_json_keeps_open(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    for (body, status) in [("[1,]", 400), ("", 400), ("{\"a\":1} 2", 400), ("{\"still\":\"here\"}", 200)] {
        connection.send(&wire.echo(body))?;
        connection.answer()?.is(status)?.stays()?;
    }
    Ok(())
}

fn unwanted_body(wire: &Wire) -> Result<(), Fault> {
    let long = "x".repeat(20_000);
    let mut connection = Connection::open(wire)?;
    for (method, path, body, status) in [
        ("POST", "/nope", "{\"a\":1}", 404),
        ("PUT", "/echo", "not even JSON", 405),
        ("POST", "/healthz", long.as_str(), 405),
        ("POST", "/nope", "GET /healthz HTTP/1.1\r\n\r\n", 404),
    ] {
        connection.send(&wire.request(method, path, &[], Some(body.as_bytes())))?;
        connection.answer()?.is(status)?.stays()?;
        connection.send(&wire.echo("[\"next\"]"))?;
        connection.answer()?.echoes("[\"next\"]")?;
    }
    connection.send(
        &[
            wire.request("POST", "/nope", &[("Transfer-Encoding", "chunked")], None),
            b"3\r\nabc\r\n0\r\n\r\n".to_vec(),
        ]
        .concat(),
    )?;
    connection.answer()?.is(404)?.stays()?;
    connection.send(&wire.echo("2"))?;
    connection.answer()?.echoes("2")?;
    Ok(())
}
