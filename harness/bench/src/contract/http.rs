//! The cases of endpoints and of connections: how long they stay, how they end, and what an answer carries.

use super::answer::Answer;
use super::case::{Case, Check, Group};
use super::connection::Connection;
use super::fault::Fault;
use super::sizes::ends;
use super::wire::Wire;

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Http, what, contract, check: Check::Talk(talk) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "healthz",
        "GET /healthz is {\"status\":\"ok\"}",
        "| `GET /healthz` | 200, `{\"status\":\"ok\"}` |",
        healthz,
    ),
    case(
        "head",
        "HEAD /healthz: the same headers, no body",
        "`HEAD` is answered wherever `GET` is: the same headers, no body.",
        head,
    ),
    case("query", "a query does not change the path", "a query (`/echo?x=1`) is ignored", query),
    case(
        "content-length",
        "answers carry Content-Length",
        "**Answers** carry `Content-Length`",
        content_length,
    ),
    case(
        "no-compression",
        "answers are not compressed unless gzip is asked for",
        "They are compressed if the request [asks for it](#compression), and else not.",
        no_compression,
    ),
    case(
        "keep-alive",
        "a connection serves 200 requests",
        "Connections stay open without a limit on the number of requests",
        keep_alive,
    ),
    case(
        "connection-close",
        "Connection: close is honoured",
        "**`Connection: close`** in a request is honoured: the answer carries it too, and the target closes.",
        connection_close,
    ),
    case(
        "http-1.0",
        "HTTP/1.0 closes, unless asked to stay",
        "**HTTP/1.0** is answered and closed, unless the client asks with `Connection: keep-alive`.",
        http_1_0,
    ),
    case(
        "half-close",
        "a client that half-closes gets every answer",
        "**A client that half-closes** after its last request still gets every answer.",
        half_close,
    ),
    case(
        "client-goes-away",
        "clients that vanish harm nobody",
        "**A client that goes away** at any point costs nothing but its connection.",
        client_goes_away,
    ),
];

fn get(wire: &Wire, method: &str, path: &str) -> Vec<u8> {
    wire.request(method, path, &[], None)
}

fn healthz(wire: &Wire) -> Result<(), Fault> {
    let answer = wire.ask(&get(wire, "GET", "/healthz"))?;
    answer.echoes("{\"status\":\"ok\"}")?.says_json()?;
    Ok(())
}

fn head(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(&get(wire, "GET", "/healthz"))?;
    let full = connection.answer()?;
    connection.send(&get(wire, "HEAD", "/healthz"))?;
    let head = connection.answer_to_head()?;
    head.is(200)?.says_json()?;
    let length = |answer: &Answer| answer.header("content-length").map(str::to_owned);
    if length(&head) != length(&full) {
        let named = |answer: &Answer| super::answer::named("Content-Length", answer.header("content-length"));
        return Err(head.fault(format!("{} as for GET", named(&full)), named(&head)));
    }
    connection.send(&get(wire, "HEAD", "/echo"))?;
    connection.answer_to_head()?.is(405)?;
    // A body that should not be there would stand where the next answer begins.
    connection.send(&get(wire, "GET", "/healthz"))?;
    connection.answer()?.is(200)?;
    Ok(())
}

fn query(wire: &Wire) -> Result<(), Fault> {
    wire.ask(&get(wire, "GET", "/healthz?verbose=1&x=/echo"))?.is(200)?;
    for path in ["/echo?x=1", "/echo?", "/echo?a=b&c=%20d"] {
        wire.ask(&wire.request("POST", path, &[], Some(b"[1]")))?.echoes("[1]")?;
    }
    Ok(())
}

fn content_length(wire: &Wire) -> Result<(), Fault> {
    // Beyond the buffer that a framework may fill before it gives up counting.
    let long = format!("[{}0]", "\"0123456789\",".repeat(20_000));
    for request in [
        wire.echo("{\"a\":1}"),
        wire.echo(&long),
        wire.echo("[1,]"),
        get(wire, "GET", "/healthz"),
        get(wire, "GET", "/nope"),
        get(wire, "GET", "/echo"),
    ] {
        let answer = wire.ask(&request)?;
        if answer.header("content-length").is_none() {
            let found = super::answer::named("Transfer-Encoding", answer.header("transfer-encoding"));
            return Err(answer
                .fault("an answer with Content-Length", format!("{} without it, {found}", answer.status)));
        }
    }
    Ok(())
}

fn no_compression(wire: &Wire) -> Result<(), Fault> {
    let body = format!("[{}0]", "\"aaaaaaaaaaaaaaaa\",".repeat(1000));
    let headers: [&[(&str, &str)]; 3] =
        [&[], &[("Accept-Encoding", "deflate, br, zstd")], &[("Accept-Encoding", "identity")]];
    headers.iter().try_for_each(|headers| {
        let answer = wire.ask(&wire.request("POST", "/echo", headers, Some(body.as_bytes())))?;
        answer.is_plain()?.echoes(&body)?;
        Ok(())
    })
}

fn keep_alive(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    for number in 0..200 {
        let body = format!("{{\"request\":{number}}}");
        let nth = |fault: Fault| match fault {
            Fault::Wrong { sent, expected, came } => {
                Fault::new(format!("request {} of one connection, {sent}", number + 1), expected, came)
            }
            interrupted @ Fault::Interrupted(_) => interrupted,
        };
        connection.send(&wire.echo(&body)).map_err(nth)?;
        connection.answer().and_then(|answer| answer.echoes(&body)?.stays().map(|_| ())).map_err(nth)?;
    }
    Ok(())
}

fn connection_close(wire: &Wire) -> Result<(), Fault> {
    for (method, path, body, status) in
        [("POST", "/echo", Some("[7]"), 200), ("GET", "/healthz", None, 200), ("GET", "/nope", None, 404)]
    {
        let mut connection = Connection::open(wire)?;
        connection.send(&wire.request(method, path, &[("Connection", "close")], body.map(str::as_bytes)))?;
        connection.answer()?.is(status)?.announces_close()?;
        connection.closes()?;
    }
    Ok(())
}

fn http_1_0(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(b"POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\n[1]")?;
    connection.answer()?.echoes("[1]")?;
    connection.closes()?;
    let mut staying = Connection::open(wire)?;
    staying.send(b"POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n[2]")?;
    let answer = staying.answer()?;
    answer.echoes("[2]")?;
    let asked = answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("keep-alive"));
    if answer.minor_version == 0 && !asked {
        return Err(answer.fault(
            "Connection: keep-alive, as was asked for",
            super::answer::named("Connection", answer.header("connection")),
        ));
    }
    staying.send(b"GET /healthz HTTP/1.0\r\n\r\n")?;
    staying.answer()?.is(200)?;
    staying.closes()
}

fn half_close(wire: &Wire) -> Result<(), Fault> {
    let large = format!("\"{}\"", "x".repeat(500_000));
    let mut connection = Connection::open(wire)?;
    connection.send(&wire.echo(&large))?;
    connection.finish_sending();
    connection.answer()?.echoes(&large)?;
    connection.closes()?;
    let mut several = Connection::open(wire)?;
    several.send(&[wire.echo("1"), wire.echo("2")].concat())?;
    several.finish_sending();
    several.answer()?.echoes("1")?;
    several.answer()?.echoes("2")?;
    ends(&mut several)
}

fn client_goes_away(wire: &Wire) -> Result<(), Fault> {
    let head = wire.request("POST", "/echo", &[("Content-Length", "1000")], None);
    let large = wire.echo(format!("\"{}\"", "x".repeat(900_000)));
    for round in 0..20 {
        let half: [&[u8]; 4] = [b"", b"POST /ec", &head, &large];
        for bytes in half {
            let mut connection = Connection::open(wire)?;
            let _ = connection.offer(bytes)?;
            // Half of them crash; the others close without reading.
            if round % 2 == 0 {
                connection.reset();
            }
        }
    }
    wire.ask(&wire.echo("[\"alive\"]"))?.echoes("[\"alive\"]")?;
    Ok(())
}
