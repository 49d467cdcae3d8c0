//! A small server that does what the contract asks, and one thing wrong if told to: what `bench check` must catch.
//!
//! Threads and blocking sockets alone, so that nothing of it is shared with the servers that are measured.

use crate::contract_request::{Incoming, Refusal, read_request};
use serde_json::Value;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    WrongBody,
    CachedAnswer,
    WrongStatus,
    DroppedKeepAlive,
    MixedUp,
    MissingAllow,
    ErrorBody,
    No413,
    NoChunks,
    SinglePrecision,
    InvalidUtf8,
    CopiedThrough,
    MemoryLeak,
}

impl Fault {
    /// All of them, by the names that the environment of a server process uses.
    const NAMED: [(&'static str, Self); 2] = [("none", Self::None), ("memory-leak", Self::MemoryLeak)];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }
}

/// What all connections share.
struct Shared {
    fault: Fault,
    /// The last body of each length, for a cache that should not be.
    cache: Mutex<Vec<(usize, Vec<u8>)>>,
    /// The last answer of any connection.
    last: Mutex<Vec<u8>>,
    leaked: Mutex<Vec<Vec<u8>>>,
}

/// An answer to be written.
struct Answer {
    status: u16,
    allow: Option<&'static str>,
    body: Vec<u8>,
    closes: bool,
}

impl Answer {
    fn ok(body: Vec<u8>) -> Self {
        Self { status: 200, allow: None, body, closes: false }
    }

    fn error(status: u16, message: &str) -> Self {
        let body = serde_json::json!({ "error": message }).to_string().into_bytes();
        Self { status, allow: None, body, closes: matches!(status, 408 | 413) }
    }
}

/// Serves on a free port until the test's process ends, and gives the URL.
pub(crate) fn start(fault: Fault) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || serve(&listener, fault));
    format!("http://{address}")
}

/// Serves for ever.
pub(crate) fn serve(listener: &TcpListener, fault: Fault) {
    let shared =
        Arc::new(Shared { fault, cache: Mutex::default(), last: Mutex::default(), leaked: Mutex::default() });
    for stream in listener.incoming().flatten() {
        let shared = Arc::clone(&shared);
        // A body may nest as deep as it likes; the parser has a limit, so the usual stack will do.
        std::thread::spawn(move || connection(stream, &shared));
    }
}

fn connection(stream: TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let Ok(mut output) = stream.try_clone() else {
        return;
    };
    let mut input = BufReader::new(stream);
    loop {
        let (answer, incoming) = match read_request(&mut input, &mut output, shared.fault == Fault::NoChunks)
        {
            Ok(incoming) => (answer(&incoming, shared), Some(incoming)),
            Err(Refusal::Gone) => return,
            Err(Refusal::Malformed(message)) => (Answer::error(400, message), None),
            Err(Refusal::TooLarge) if shared.fault == Fault::No413 => (Answer::ok(b"[]".to_vec()), None),
            Err(Refusal::TooLarge) => (Answer::error(413, "at most 1048576 bytes"), None),
        };
        let is_head = incoming.as_ref().is_some_and(|incoming| incoming.method == "HEAD");
        let is_old = incoming.as_ref().is_some_and(|incoming| incoming.is_http_1_0);
        let keep = incoming.as_ref().is_some_and(|incoming| incoming.keeps_open) && !answer.closes;
        let drops = shared.fault == Fault::DroppedKeepAlive;
        if output.write_all(&written(&answer, (keep, is_head, is_old), shared.fault)).is_err()
            || !keep
            || drops
        {
            break;
        }
    }
    // What the client still sends is read and forgotten, so that no reset destroys the answer.
    let _ = output.shutdown(Shutdown::Write);
    let _ = output.set_read_timeout(Some(Duration::from_secs(2)));
    let mut buffer = [0; 16 * 1024];
    while input.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

fn written(answer: &Answer, (keep, is_head, is_old): (bool, bool, bool), fault: Fault) -> Vec<u8> {
    let version = if is_old { "HTTP/1.0" } else { "HTTP/1.1" };
    let mut head = format!("{version} {} Status\r\nContent-Type: application/json\r\n", answer.status);
    if let Some(allow) = answer.allow.filter(|_| fault != Fault::MissingAllow) {
        head += &format!("Allow: {allow}\r\n");
    }
    match (keep, is_old) {
        (false, _) => head += "Connection: close\r\n",
        (true, true) => head += "Connection: keep-alive\r\n",
        (true, false) => {}
    }
    let body: &[u8] = if fault == Fault::ErrorBody && answer.status >= 400 {
        b"{\"message\":\"no\"}"
    } else {
        &answer.body
    };
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), if is_head { b"" } else { body }].concat()
}

fn answer(incoming: &Incoming, shared: &Shared) -> Answer {
    let path = incoming.path.split('?').next().unwrap_or("");
    match (incoming.method.as_str(), path) {
        ("POST", "/echo") => echo(&incoming.body, shared),
        ("GET" | "HEAD", "/healthz") => Answer::ok(b"{\"status\":\"ok\"}".to_vec()),
        (_, "/echo") => Answer { allow: Some("POST"), ..Answer::error(405, "only POST") },
        (_, "/healthz") => Answer { allow: Some("GET, HEAD"), ..Answer::error(405, "only GET and HEAD") },
        _ => Answer::error(404, "there is no such path"),
    }
}

fn echo(body: &[u8], shared: &Shared) -> Answer {
    let lossy = String::from_utf8_lossy(body).into_owned();
    let text = if shared.fault == Fault::InvalidUtf8 { lossy.as_bytes() } else { body };
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(_) if shared.fault == Fault::WrongStatus => return Answer::error(500, "not JSON"),
        Err(error) => return Answer::error(400, &error.to_string()),
    };
    let right = value.to_string().into_bytes();
    Answer::ok(match shared.fault {
        Fault::WrongBody => b"{\"wrong\":true}".to_vec(),
        Fault::CopiedThrough => body.to_vec(),
        Fault::SinglePrecision => rounded(value).to_string().into_bytes(),
        Fault::CachedAnswer => cached(shared, body.len(), right),
        Fault::MixedUp => {
            shared.last.lock().expect("a lock").clone_from(&right);
            // Long enough for another connection to put its own answer there.
            std::thread::sleep(Duration::from_millis(2));
            shared.last.lock().expect("a lock").clone()
        }
        Fault::MemoryLeak => {
            shared.leaked.lock().expect("a lock").push(vec![1; 16 * 1024]);
            right
        }
        _ => right,
    })
}

/// The answer to the last body of this length.
fn cached(shared: &Shared, length: usize, right: Vec<u8>) -> Vec<u8> {
    let mut cache = shared.cache.lock().expect("a lock");
    if let Some((_, found)) = cache.iter().find(|(known, _)| *known == length) {
        return found.clone();
    }
    cache.push((length, right.clone()));
    right
}

/// Every fraction as a number of single precision.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::from(number.as_f64().unwrap_or(0.0) as f32 as f64),
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        other => other,
    }
}
