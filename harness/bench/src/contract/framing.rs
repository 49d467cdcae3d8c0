//! The cases of framing: chunks, packets, pipelines, `100 Continue`, and what is not HTTP.

use super::case::{Case, Check, Group};
use super::connection::Connection;
use super::fault::Fault;
use super::sizes::ends;
use super::wire::Wire;
use std::time::Duration;

const BODIES: &str = "**Bodies** may be announced by `Content-Length` or come chunked, with chunk extensions and trailers, cut into packets anywhere.";
const PIPELINED: &str = "**Pipelined** requests are answered in order. A complete request is answered even if the next is still incomplete.";
const EXPECT: &str = "**`Expect: 100-continue`** gets `100 Continue` before a body that is wanted, and the final status at once where it is not.";

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Http, what, contract, check: Check::Talk(talk) }
}

pub(super) const CASES: &[Case] = &[
    case("chunked", "chunked bodies are put together", BODIES, chunked),
    case("chunk-extensions", "chunk extensions are skipped", BODIES, chunk_extensions),
    case("chunk-trailers", "trailers are skipped", BODIES, chunk_trailers),
    case("split-packets", "requests cut into packets anywhere", BODIES, split_packets),
    case("pipelining", "pipelined requests are answered in order", PIPELINED, pipelining),
    case("expect-continue", "100 Continue before a wanted body only", EXPECT, expect_continue),
    case(
        "malformed-request",
        "what is not HTTP is 400 and closed",
        "What is not HTTP at all (a malformed request line, contradicting lengths) is 400.",
        malformed_request,
    ),
    case("header-8k", "a header of 8 KiB is accepted", "A header of up to 8 KiB is accepted", header_8k),
    case(
        "header-endless",
        "a header without end is 431 or 400",
        "one beyond the target's own limit is 431 or 400.",
        header_endless,
    ),
];

/// Sends chunks after a head, and a plain request after them: both must be echoed.
fn in_chunks(wire: &Wire, chunks: &str, value: &str) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(&[wire.chunked_head().as_slice(), chunks.as_bytes()].concat())?;
    connection.answer()?.echoes(value)?.stays()?;
    connection.send(&wire.echo("[\"next\"]"))?;
    connection.answer()?.echoes("[\"next\"]")?;
    Ok(())
}

fn chunked(wire: &Wire) -> Result<(), Fault> {
    in_chunks(wire, "5\r\n[1,2]\r\n0\r\n\r\n", "[1,2]")?;
    in_chunks(wire, "1\r\n[\r\n3\r\n1,2\r\n1\r\n]\r\n0\r\n\r\n", "[1,2]")?;
    in_chunks(wire, "00A\r\n\"23456789\"\r\n000\r\n\r\n", "\"23456789\"")?;
    in_chunks(wire, "a\r\n\"23456789\"\r\n0\r\n\r\n", "\"23456789\"")?;
    let long: String = (0..2000).map(|number| format!("6\r\n{number:>6}\r\n1\r\n,\r\n")).collect();
    let value: Vec<String> = (0..2000).map(|number| number.to_string()).collect();
    in_chunks(wire, &format!("1\r\n[\r\n{long}2\r\n0]\r\n0\r\n\r\n"), &format!("[{},0]", value.join(",")))
}

fn chunk_extensions(wire: &Wire) -> Result<(), Fault> {
    in_chunks(wire, "3;name=value\r\n[1,\r\n2;a;b=\"c d\"\r\n2]\r\n0;last\r\n\r\n", "[1,2]")
}

fn chunk_trailers(wire: &Wire) -> Result<(), Fault> {
    in_chunks(wire, "5\r\n[1,2]\r\n0\r\nX-Sum: 3\r\nX-Checked: yes\r\n\r\n", "[1,2]")
}

fn split_packets(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    for byte in wire.echo("{\"byte\":\"by byte\"}") {
        connection.send(&[byte])?;
    }
    connection.answer()?.echoes("{\"byte\":\"by byte\"}")?;
    let chunked = [wire.chunked_head().as_slice(), b"2\r\n\"a\r\n3\r\nbc\"\r\n0\r\n\r\n"].concat();
    for cuts in [
        [20, 60],
        [chunked.len() - 21, chunked.len() - 12],
        [chunked.len() - 19, chunked.len() - 1],
        [chunked.len() - 4, chunked.len() - 2],
    ] {
        let mut from = 0;
        for to in cuts.into_iter().chain([chunked.len()]) {
            connection.send(&chunked[from..to])?;
            wire.sleep(Duration::from_millis(10))?;
            from = to;
        }
        connection.answer()?.echoes("\"abc\"")?;
    }
    Ok(())
}

fn pipelining(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    let all: Vec<u8> = (0..50).flat_map(|number| wire.echo(format!("{{\"number\":{number}}}"))).collect();
    connection.send(&all)?;
    for number in 0..50 {
        connection.answer()?.echoes(&format!("{{\"number\":{number}}}"))?;
    }
    let mut cut = Connection::open(wire)?;
    let next = wire.echo("[2]");
    cut.send(&[wire.echo("[1]").as_slice(), &next[..20]].concat())?;
    cut.answer()?.echoes("[1]")?;
    cut.send(&next[20..])?;
    cut.answer()?.echoes("[2]")?;
    Ok(())
}

fn expect_continue(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(&wire.request(
        "POST",
        "/echo",
        &[("Expect", "100-continue"), ("Content-Length", "4")],
        None,
    ))?;
    let status = connection.next_status()?;
    if status != 100 {
        return Err(connection.wrong("100 Continue before the body", format!("status {status}")));
    }
    connection.send(b"[42]")?;
    connection.answer()?.echoes("[42]")?;
    connection.send(&wire.echo("[43]"))?;
    connection.answer()?.echoes("[43]")?;
    for (path, length, expected) in [("/nope", "2", 404), ("/healthz", "2", 405), ("/echo", "2000000", 413)] {
        let mut unwanted = Connection::open(wire)?;
        unwanted.send(&wire.request(
            "POST",
            path,
            &[("Expect", "100-continue"), ("Content-Length", length)],
            None,
        ))?;
        let status = unwanted.next_status()?;
        if status != expected {
            return Err(unwanted
                .wrong(format!("{expected} at once, without 100 Continue"), format!("status {status}")));
        }
    }
    Ok(())
}

fn malformed_request(wire: &Wire) -> Result<(), Fault> {
    for bytes in [
        &b"hello\r\n\r\n"[..],
        b"G(T /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n1",
        b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: one\r\n\r\n1",
    ] {
        let mut connection = Connection::open(wire)?;
        let _ = connection.offer(bytes)?;
        connection.answer()?.is(400)?;
        ends(&mut connection)?;
    }
    wire.ask(&wire.echo("1"))?.echoes("1")?;
    Ok(())
}

fn header_8k(wire: &Wire) -> Result<(), Fault> {
    let room = 8 * 1024 - wire.request("GET", "/healthz", &[("X", "")], None).len();
    let one = wire.request("GET", "/healthz", &[("X", &"x".repeat(room))], None);
    wire.ask(&one)?.is(200)?;
    let many: Vec<(String, String)> =
        (0..40).map(|number| (format!("X-{number:02}"), "y".repeat(190))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    wire.ask(&wire.request("GET", "/healthz", &many, None))?.is(200)?;
    Ok(())
}

fn header_endless(wire: &Wire) -> Result<(), Fault> {
    const LONGEST: usize = 4 << 20;
    let mut connection = Connection::open(wire)?;
    connection.send(b"GET /healthz HTTP/1.1\r\nHost: h\r\n")?;
    let line = format!("X-Filler: {}\r\n", "x".repeat(4000));
    for _ in 0..LONGEST / line.len() {
        // Whoever refuses says so at once; sending on would only bury the answer.
        if connection.offer(line.as_bytes())?.is_err() || connection.begins_within(Duration::ZERO)? {
            break;
        }
    }
    let answer = connection.answer()?;
    if !matches!(answer.status, 400 | 431) {
        return Err(answer.wrong("431 or 400 before 4 MiB of header"));
    }
    ends(&mut connection)?;
    wire.ask(&wire.echo("1"))?.echoes("1")?;
    Ok(())
}
