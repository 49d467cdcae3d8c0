//! The cases of bodies with a `Content-Encoding`.

use super::super::answer::{Answer, named};
use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::ledger::client::Ledger;
use super::super::sizes::LIMIT;
use super::super::wire::Wire;
use super::gzip::{HEADER, TRAILER, bomb, gzip, gzip_with_fields};
use std::time::Duration;

/// The longest that decoding a body at the limit may take.
const LARGE_PATIENCE: Duration = Duration::from_secs(15);
/// What a bomb grows to, in MiB, and how long a target that stops at the first may take to say so.
const BOMB_MIB: usize = 400;

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::Compression, what, contract, check }
}

const GZIP: &str = "A body with `Content-Encoding: gzip` (RFC 1952, written in any case) is decompressed before anything else looks at it.";
const NOT_GZIP: &str =
    "**400** if it is not gzip, ends early, has a wrong checksum, or anything after its end.";
const TOO_LARGE: &str = "**413** once it has become more than 1 MiB, and without unpacking the rest.";

pub(in super::super) const CASES: &[Case] = &[
    case("gzip-body", "bodies that come as gzip", GZIP, Check::Talk(gzip_body)),
    case("gzip-tx", "transactions and batches that come as gzip", GZIP, Check::State(gzip_tx)),
    case("gzip-not", "400 for what is not gzip", NOT_GZIP, Check::Talk(not_gzip)),
    case("gzip-ends-early", "400 for gzip that ends early", NOT_GZIP, Check::Talk(ends_early)),
    case("gzip-checksum", "400 for a wrong checksum or length", NOT_GZIP, Check::Talk(checksum)),
    case("gzip-trailing", "400 for anything after its end", NOT_GZIP, Check::Talk(trailing)),
    case("gzip-1-mib", "1 MiB unpacked is taken, a byte more is 413", TOO_LARGE, Check::Talk(at_limit)),
    case("gzip-bomb", "413 for a bomb, whose rest is left packed", TOO_LARGE, Check::Talk(bombed)),
    case(
        "encoding-identity",
        "identity is a body as it is",
        "`identity`, or no such header, is a body as it is;",
        Check::Talk(identity),
    ),
    case(
        "encoding-unknown",
        "415 for other encodings, with Accept-Encoding",
        "any other encoding is **415**, with `Accept-Encoding: gzip` in the answer.",
        Check::Talk(unknown),
    ),
];

fn encoded(wire: &Wire, path: &str, encoding: &str, body: &[u8]) -> Vec<u8> {
    wire.request("POST", path, &[("Content-Encoding", encoding)], Some(body))
}

fn echo(wire: &Wire, body: &[u8]) -> Result<Answer, Fault> {
    wire.ask(&encoded(wire, "/echo", "gzip", body))
}

fn gzip_body(wire: &Wire) -> Result<(), Fault> {
    let long = format!("[{}0]", "\"aaaaaaaaaaaaaaaa\",".repeat(1000));
    for body in ["{\"a\":[1,\"é\"]}", "null", long.as_str()] {
        echo(wire, &gzip(body))?.echoes(body)?.says_json()?;
        echo(wire, &gzip_with_fields(body.as_bytes()))?.echoes(body)?;
        wire.ask(&encoded(wire, "/echo", "GZip", &gzip(body)))?.echoes(body)?;
    }
    // In chunks, with the announcement first, and followed by a plain body on the same connection.
    let mut connection = Connection::open(wire)?;
    let headers = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")];
    connection.send(&wire.request("POST", "/echo", &headers, None))?;
    for byte in gzip("[1,2]") {
        connection.send(&[b"1\r\n".as_slice(), &[byte], b"\r\n"].concat())?;
    }
    connection.send(b"0\r\n\r\n")?;
    connection.answer()?.echoes("[1,2]")?;
    connection.send(&wire.echo("[3]"))?;
    connection.answer()?.echoes("[3]")?;
    // What is inside is looked at as any other body, here and elsewhere.
    echo(wire, &gzip("[1,]"))?.is(400)?.is_error()?;
    echo(wire, &gzip(""))?.is(400)?;
    let nobody = gzip("{\"username\":\"nobody\",\"password\":\"x\"}");
    wire.ask(&encoded(wire, "/login", "gzip", &nobody))?.is(401)?;
    Ok(())
}

fn gzip_tx(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(3)?;
    for path in ["/tx", "/tx/batch"] {
        let transaction = ledger.transaction(&from, &to, 1);
        let text = transaction.json().to_string();
        let text = if path == "/tx" { text } else { format!("[{text}]") };
        wire.ask(&encoded(wire, path, "gzip", &gzip(text)))?.is(200)?;
        ledger.finds(&transaction)?;
    }
    Ok(())
}

/// Every one must be refused as no gzip.
fn refused(wire: &Wire, bodies: &[(Vec<u8>, &str)]) -> Result<(), Fault> {
    bodies.iter().try_for_each(|(body, which)| {
        let answer = echo(wire, body)?;
        match answer.is(400).and_then(Answer::is_error) {
            Err(Fault::Wrong { expected, came, .. }) => {
                Err(Fault::new(format!("POST /echo with Content-Encoding: gzip and {which}"), expected, came))
            }
            other => other.map(|_| ()),
        }
    })
}

fn not_gzip(wire: &Wire) -> Result<(), Fault> {
    let right = gzip("[1,2]");
    let deflate = right[HEADER..right.len() - TRAILER].to_vec();
    let zlib = [&[0x78, 0x9c], deflate.as_slice()].concat();
    let changed = |at: usize, byte: u8| {
        let mut bytes = right.clone();
        bytes[at] = byte;
        bytes
    };
    refused(
        wire,
        &[
            (b"[1,2]".to_vec(), "plain JSON"),
            (Vec::new(), "no body"),
            (deflate, "bare deflate"),
            (zlib, "zlib's header"),
            (changed(1, 0x8c), "another second byte"),
            (changed(2, 7), "another method than deflate"),
            // A block of the reserved kind.
            (changed(HEADER, 0xff), "deflate that is none"),
        ],
    )
}

fn ends_early(wire: &Wire) -> Result<(), Fault> {
    let right = gzip("[\"a text of some length that is no repetition of itself\"]");
    let cut = |bytes: usize| right[..bytes].to_vec();
    refused(
        wire,
        &[
            (cut(1), "one byte of it"),
            (cut(HEADER - 1), "half its header"),
            (cut(HEADER), "its header alone"),
            (cut(right.len() / 2), "half of it"),
            (cut(right.len() - TRAILER - 1), "all but the end of its content"),
            (cut(right.len() - TRAILER), "all but its checksum"),
            (cut(right.len() - 4), "all but its length"),
            (cut(right.len() - 1), "all but its last byte"),
        ],
    )
}

fn checksum(wire: &Wire) -> Result<(), Fault> {
    let right = gzip("[1,2]");
    let changed = |from_end: usize| {
        let mut bytes = right.clone();
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        bytes
    };
    refused(
        wire,
        &[
            (changed(8), "a wrong checksum"),
            (changed(5), "a checksum whose last byte is wrong"),
            (changed(4), "a wrong length"),
        ],
    )
}

fn trailing(wire: &Wire) -> Result<(), Fault> {
    let right = gzip("[1,2]");
    let with = |rest: &[u8]| [right.as_slice(), rest].concat();
    refused(
        wire,
        &[
            (with(b"x"), "a letter after its end"),
            (with(b"\n"), "a line feed after its end"),
            (with(&[0; 8]), "zeros after its end"),
            (with(b"garbage that is longer than a header"), "garbage after its end"),
        ],
    )
}

fn ask_large(wire: &Wire, request: &[u8]) -> Result<Answer, Fault> {
    let mut connection = Connection::open(wire)?;
    connection.send(request)?;
    connection.answer_within(LARGE_PATIENCE)
}

fn at_limit(wire: &Wire) -> Result<(), Fault> {
    let most = format!("\"{}\"", "x".repeat(LIMIT - 2));
    ask_large(wire, &encoded(wire, "/echo", "gzip", &gzip(&most)))?.echoes(&most)?;
    let more = format!("\"{}\"", "x".repeat(LIMIT - 1));
    ask_large(wire, &encoded(wire, "/echo", "gzip", &gzip(more)))?.is(413)?.is_error()?;
    // White space counts as well.
    let blank = format!("1{}", " ".repeat(LIMIT));
    ask_large(wire, &encoded(wire, "/echo", "gzip", &gzip(blank)))?.is(413)?;
    Ok(())
}

fn bombed(wire: &Wire) -> Result<(), Fault> {
    let bomb = bomb(BOMB_MIB);
    for path in ["/echo", "/login"] {
        let answer = ask_large(wire, &encoded(wire, path, "gzip", &bomb))?;
        answer.is(413).and_then(Answer::is_error).map_err(|fault| match fault {
            Fault::Wrong { expected, came, .. } => Fault::new(
                format!("POST {path} with gzip of {BOMB_MIB} MiB in {} bytes, its end damaged", bomb.len()),
                expected,
                came,
            ),
            interrupted @ Fault::Interrupted(_) => interrupted,
        })?;
    }
    wire.ask(&wire.echo("[\"alive\"]"))?.echoes("[\"alive\"]")?;
    Ok(())
}

fn identity(wire: &Wire) -> Result<(), Fault> {
    for encoding in ["identity", "Identity"] {
        wire.ask(&encoded(wire, "/echo", encoding, b"[1,2]"))?.echoes("[1,2]")?;
    }
    Ok(())
}

fn unknown(wire: &Wire) -> Result<(), Fault> {
    for encoding in ["deflate", "br", "zstd", "compress", "x", "gzipped"] {
        let answer = wire.ask(&encoded(wire, "/echo", encoding, b"[1,2]"))?;
        answer.is(415)?.is_error()?.stays()?;
        let found = answer.header("accept-encoding");
        if !found.is_some_and(|value| value.trim().eq_ignore_ascii_case("gzip")) {
            return Err(answer.fault("415 with Accept-Encoding: gzip", named("Accept-Encoding", found)));
        }
    }
    Ok(())
}
