//! The cases of answers to requests with an `Accept-Encoding`.

use super::super::answer::{Answer, named};
use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::{Fault, shown};
use super::super::ledger::chain::Transaction;
use super::super::ledger::client::Ledger;
use super::super::wire::Wire;
use super::gzip::unpacked;
use crate::prometheus;
use bench_model::json::same_json;
use serde_json::Value;

/// The length of the shortest answer that is compressed, in bytes.
const SHORTEST: usize = 256;

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::Compression, what, contract, check }
}

const ASKED: &str = "if the request's `Accept-Encoding` names `gzip` with no `q` or one above 0.";
const AS_THEY_ARE: &str =
    "Shorter ones, and requests that do not name it (`*` does not), are answered as they are.";

pub(in super::super) const CASES: &[Case] = &[
    case("compressed", "answers are gzip where it is asked for", ASKED, Check::Talk(compressed)),
    case(
        "compressed-headers",
        "they carry Content-Length and Vary",
        "A compressed answer has `Content-Length` like any other, and carries `Vary: Accept-Encoding`.",
        Check::Talk(headers),
    ),
    case(
        "compressed-256",
        "256 bytes are compressed, 255 are not",
        "An answer of 256 bytes or more is sent with `Content-Encoding: gzip`",
        Check::Talk(at_256),
    ),
    case("compressed-unasked", "not with q=0, and * does not ask for it", AS_THEY_ARE, Check::Talk(unasked)),
    case(
        "compressed-metrics",
        "/metrics is compressed like the rest",
        "For every endpoint alike",
        Check::Talk(metrics),
    ),
    case(
        "compressed-ledger",
        "so are blocks, batches and answers to HEAD",
        "For every endpoint alike",
        Check::State(ledger),
    ),
];

fn long() -> String {
    format!("[{}0]", "\"aaaaaaaaaaaaaaaa é\",".repeat(500))
}

fn echo(wire: &Wire, accept: &str, body: &str) -> Result<Answer, Fault> {
    wire.ask(&wire.request("POST", "/echo", &[("Accept-Encoding", accept)], Some(body.as_bytes())))
}

/// The answer must be gzip: its content.
fn content(answer: &Answer) -> Result<Vec<u8>, Fault> {
    answer.is(200)?;
    let found = answer.header("content-encoding");
    if found != Some("gzip") {
        return Err(answer.fault("Content-Encoding: gzip", named("Content-Encoding", found)));
    }
    unpacked(&answer.body)
        .map_err(|error| answer.fault("a body that is gzip", format!("{} ({error})", shown(&answer.body))))
}

/// The content of the answer must be this value.
fn holds(answer: &Answer, body: &str) -> Result<(), Fault> {
    let bytes = content(answer)?;
    answer.says_json()?;
    let sent: Option<Value> = serde_json::from_str(body).ok();
    let came: Option<Value> = serde_json::from_slice(&bytes).ok();
    match (sent, came) {
        (Some(sent), Some(came)) if same_json(&sent, &came) => Ok(()),
        _ => Err(answer.fault("gzip of the same value", format!("gzip of {}", shown(&bytes)))),
    }
}

fn compressed(wire: &Wire) -> Result<(), Fault> {
    let body = long();
    for accept in [
        "gzip",
        "gzip, deflate, br, zstd",
        "deflate,gzip",
        "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "gzip;q=1",
        "gzip; q=0.001",
        "identity;q=0.5, gzip;q=1.0",
        "*;q=0, gzip",
    ] {
        holds(&echo(wire, accept, &body)?, &body)?;
    }
    Ok(())
}

fn headers(wire: &Wire) -> Result<(), Fault> {
    let body = long();
    let mut connection = Connection::open(wire)?;
    for _ in 0..3 {
        let request = wire.request("POST", "/echo", &[("Accept-Encoding", "gzip")], Some(body.as_bytes()));
        connection.send(&request)?;
        let answer = connection.answer()?;
        holds(&answer, &body)?;
        varies(&answer)?;
        let length = answer.header("content-length");
        if length.and_then(|length| length.parse().ok()) != Some(answer.body.len()) {
            return Err(answer.fault("Content-Length", named("Content-Length", length)));
        }
        answer.stays()?;
    }
    Ok(())
}

fn varies(answer: &Answer) -> Result<(), Fault> {
    let found = answer.header("vary");
    let names =
        |value: &str| value.split(',').any(|name| name.trim().eq_ignore_ascii_case("accept-encoding"));
    if found.is_some_and(names) {
        return Ok(());
    }
    Err(answer.fault("Vary: Accept-Encoding", named("Vary", found)))
}

/// How long an answer is depends on the white space that a target likes: its own length of a string is asked first.
fn at_256(wire: &Wire) -> Result<(), Fault> {
    let string = |letters: usize| format!("\"{}\"", "x".repeat(letters));
    let plain = wire.ask(&wire.echo(string(100)))?;
    plain.echoes(&string(100))?;
    let around = plain.body.len() - 100;
    let shorter = string(SHORTEST - 1 - around);
    echo(wire, "gzip", &shorter)?.is_plain()?.echoes(&shorter)?;
    let just = string(SHORTEST - around);
    holds(&echo(wire, "gzip", &just)?, &just)?;
    echo(wire, "gzip", "[1]")?.is_plain()?.echoes("[1]")?;
    let health = wire.ask(&wire.request("GET", "/healthz", &[("Accept-Encoding", "gzip")], None))?;
    health.is_plain()?.echoes("{\"status\":\"ok\"}")?;
    Ok(())
}

fn unasked(wire: &Wire) -> Result<(), Fault> {
    let body = long();
    for accept in ["gzip;q=0", "gzip; q=0.0", "gzip;q=0.000, br", "*", "*;q=1", "deflate", "notgzip", ""] {
        echo(wire, accept, &body)?.is_plain()?.echoes(&body)?;
    }
    Ok(())
}

fn metrics(wire: &Wire) -> Result<(), Fault> {
    let answer = wire.ask(&wire.request("GET", "/metrics", &[("Accept-Encoding", "gzip")], None))?;
    let text = content(&answer)?;
    varies(&answer)?;
    let text = String::from_utf8_lossy(&text);
    match prometheus::parse(&text) {
        Ok(_) => Ok(()),
        Err(error) => Err(answer.fault("gzip of the text format of Prometheus", error.to_string())),
    }
}

fn ledger(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(20)?;
    let transactions: Vec<_> = (0..20).map(|_| ledger.transaction(&from, &to, 1)).collect();
    let body = Value::from_iter(transactions.iter().map(Transaction::json)).to_string();
    let gzip = [("Accept-Encoding", "gzip")];
    let receipts = content(&wire.ask(&wire.request("POST", "/tx/batch", &gzip, Some(body.as_bytes())))?)?;
    let receipts: Value = serde_json::from_slice(&receipts).unwrap_or_default();
    let Some(height) = receipts[0]["block"].as_f64() else {
        return Err(Fault::new("POST /tx/batch", "gzip of receipts", shown(receipts.to_string().as_bytes())));
    };
    let path = format!("/blocks?from={height:.0}&limit=1");
    let plain = wire.ask(&wire.request("GET", &path, &[], None))?;
    let text = String::from_utf8_lossy(&plain.body).into_owned();
    plain.is_plain()?.is(200)?;
    let mut connection = Connection::open(wire)?;
    connection.send(&wire.request("GET", &path, &gzip, None))?;
    let answer = connection.answer()?;
    holds(&answer, &text)?;
    connection.send(&wire.request("HEAD", &path, &gzip, None))?;
    let head = connection.answer_to_head()?;
    for name in ["content-encoding", "content-length"] {
        if head.header(name) != answer.header(name) {
            let expected = format!("{} as for GET", named(name, answer.header(name)));
            return Err(head.fault(expected, named(name, head.header(name))));
        }
    }
    varies(&head)
}
