//! The cases of bodies that are too long, too deep, or end too soon.

use super::case::{Case, Check, Group};
use super::connection::Connection;
use super::fault::Fault;
use super::wire::{PATIENCE, Wire};
use std::time::Duration;

/// The longest body that a target reads, in bytes.
pub(super) const LIMIT: usize = 1024 * 1024;
/// How long a target that answers before the body may take to show it.
const EARLY: Duration = Duration::from_secs(2);
/// The longest that decoding a body at the limit may take.
const LARGE_PATIENCE: Duration = Duration::from_secs(15);

const fn work(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Work, what, contract, check: Check::Talk(talk) }
}

const fn error(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Errors, what, contract, check: Check::Talk(talk) }
}

pub(super) const WORK: &[Case] = &[
    work(
        "body-1-mib",
        "a body of exactly 1 MiB",
        "Read the whole body, at most 1 MiB (1,048,576 bytes).",
        body_at_limit,
    ),
    work(
        "nesting-100",
        "arrays and objects 100 deep",
        "**Nesting** of arrays and objects to a depth of 100 must be accepted.",
        nesting,
    ),
    work(
        "nesting-million",
        "a million [ is 400, and the target lives",
        "No depth may crash it or exhaust its stack: a body can hold a million `[`.",
        nesting_million,
    ),
];

pub(super) const CASES: &[Case] = &[
    error(
        "too-large-announced",
        "413 for an announced length beyond 1 MiB",
        "`Content-Length` announces more than 1 MiB",
        too_large_announced,
    ),
    error(
        "too-large-chunked",
        "413 for chunks beyond 1 MiB",
        "a chunked body grows beyond 1 MiB",
        too_large_chunked,
    ),
    error(
        "early-413",
        "413 before the body, readable whatever follows",
        "answered before the body is read; the connection closes",
        early_413,
    ),
    error(
        "body-ends-early",
        "400 for a body that ends early",
        "the body ends early, or its chunks are malformed",
        body_ends_early,
    ),
    error(
        "bad-chunks",
        "400 for malformed chunks",
        "the body ends early, or its chunks are malformed",
        bad_chunks,
    ),
];

fn large(wire: &Wire, body: &str) -> Result<super::answer::Answer, Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(&wire.echo(body))?;
    connection.answer_within(LARGE_PATIENCE)
}

fn body_at_limit(wire: &Wire) -> Result<(), Fault> {
    let string = format!("\"{}\"", "x".repeat(LIMIT - 2));
    large(wire, &string)?.echoes(&string)?;
    let mut numbers = format!("[{}1]", "12,".repeat(LIMIT / 3 - 1));
    numbers += &" ".repeat(LIMIT - numbers.len());
    large(wire, &numbers)?.echoes(&numbers)?;
    Ok(())
}

fn nesting(wire: &Wire) -> Result<(), Fault> {
    for body in [
        "[".repeat(100) + &"]".repeat(100),
        "{\"a\":".repeat(99) + "{}" + &"}".repeat(99),
        "[{\"a\":".repeat(50) + "null" + &"}]".repeat(50),
    ] {
        wire.ask(&wire.echo(&body))?.echoes(&body)?;
    }
    Ok(())
}

fn nesting_million(wire: &Wire) -> Result<(), Fault> {
    for body in ["[".repeat(1_000_000), "{\"a\":".repeat(200_000), "[{\"\":".repeat(200_000)] {
        large(wire, &body)?.is(400)?;
        wire.ask(&wire.echo("[\"alive\"]"))?.echoes("[\"alive\"]")?;
    }
    // Deep but whole: decoded, or beyond the target's own limit.
    let answer = large(wire, &("[".repeat(500_000) + &"]".repeat(500_000)))?;
    if answer.status != 200 {
        answer.is(400)?;
    }
    wire.ask(&wire.echo("[\"alive\"]"))?.echoes("[\"alive\"]")?;
    Ok(())
}

/// Whether it is answered early or late is the matter of `early-413`.
fn too_large_announced(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    let request = wire.echo(format!("\"{}\"", "x".repeat(LIMIT - 1)));
    let head = request.len() - LIMIT - 1;
    connection.send(&request[..head])?;
    if !connection.begins_within(EARLY)? {
        connection.send(&request[head..])?;
    }
    let answer = connection.answer_within(LARGE_PATIENCE)?;
    answer.is(413)?.is_error()?;
    // Who announces the end may wait for the client to go; when it comes is the matter of `early-413` as well.
    if answer.keeps_open { ends(&mut connection) } else { Ok(()) }
}

fn too_large_chunked(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(&wire.chunked_head())?;
    let chunk = format!("10000\r\n{}\r\n", "1".repeat(0x10000));
    for _ in 0..LIMIT / 0x10000 + 1 {
        connection.send(chunk.as_bytes())?;
    }
    if !connection.begins_within(EARLY)? {
        connection.send(b"0\r\n\r\n")?;
    }
    let answer = connection.answer_within(LARGE_PATIENCE)?;
    answer.is(413)?.is_error()?;
    // Who announces the end may wait for the client to go; when it comes is the matter of `early-413` as well.
    if answer.keeps_open { ends(&mut connection) } else { Ok(()) }
}

/// The client does as clients do: it sends the whole body and only then looks for an answer.
fn early_413(wire: &Wire) -> Result<(), Fault> {
    let body = format!("\"{}\"", "x".repeat(3 * LIMIT));
    let whole = wire.echo(&body);
    let mut waiting = Connection::open(wire)?;
    waiting.send(&whole[..whole.len() - body.len()])?;
    waiting.answer()?.is(413)?.announces_close()?;
    waiting.closes()?;
    let mut sending = Connection::open(wire)?;
    // That the target stops reading is its right; what counts is whether its answer survives.
    let _ = sending.offer(&whole)?;
    sending.answer()?.is(413)?;
    sending.closes()?;
    let mut chunked = Connection::open(wire)?;
    let chunk = format!("10000\r\n{}\r\n", "1".repeat(0x10000));
    let _ = chunked.offer(&[wire.chunked_head(), chunk.repeat(LIMIT / 0x10000 + 1).into_bytes()].concat())?;
    chunked.answer()?.is(413)?;
    chunked.closes()
}

fn body_ends_early(wire: &Wire) -> Result<(), Fault> {
    let length = wire.request("POST", "/echo", &[("Content-Length", "9")], None);
    for start in
        [[length.as_slice(), b"[1,"].concat(), [wire.chunked_head().as_slice(), b"3\r\n[1,\r\n"].concat()]
    {
        let mut connection = Connection::open(wire)?;
        connection.send(&start)?;
        connection.finish_sending();
        connection.answer()?.is(400)?;
        ends(&mut connection)?;
    }
    wire.ask(&wire.echo("1"))?.echoes("1")?;
    Ok(())
}

fn bad_chunks(wire: &Wire) -> Result<(), Fault> {
    for chunks in [
        "zz\r\n[1]\r\n0\r\n\r\n",
        "-1\r\n[1]\r\n0\r\n\r\n",
        "3\r\n[1]garbage\r\n0\r\n\r\n",
        "\r\n[1]\r\n0\r\n\r\n",
    ] {
        let mut connection = Connection::open(wire)?;
        let _ = connection.offer(&[wire.chunked_head().as_slice(), chunks.as_bytes()].concat())?;
        connection.answer()?.is(400)?;
        ends(&mut connection)?;
    }
    Ok(())
}

/// The connection ends, were it with a reset.
pub(super) fn ends(connection: &mut Connection) -> Result<(), Fault> {
    use super::connection::Input;
    match connection.read(PATIENCE)? {
        Input::End | Input::Broken(_) => Ok(()),
        Input::Bytes => Err(connection.wrong("a closed connection after the answer", "more bytes")),
        Input::Silence => Err(connection
            .wrong("the connection to be closed after the answer", format!("no close in {PATIENCE:?}"))),
    }
}
