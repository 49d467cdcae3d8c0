//! A small server that does what the contract asks, and one thing wrong if told to: what `bench check` must catch.
//!
//! Threads and blocking sockets alone, so that nothing of it is shared with the servers that are measured.

mod echo;
mod gzip;
mod ledger;
mod metrics;
mod request;
mod sign_in;

pub(crate) use sign_in::SECRET;

use ledger::Ledger;
use metrics::Metrics;
use request::{Incoming, Refusal, read_request};
use sign_in::Gate;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often servers with [`Fault::SlowBlocks`] were asked for blocks: by this a test knows that an audit has begun.
pub(crate) static SLOW_BLOCKS_ASKED: AtomicU64 = AtomicU64::new(0);

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
    /// `GET /ledger` and its like are 503, as of a server with several ledgers.
    NoLedger,
    LosesTransaction,
    /// One of 10,000, as [`Fault::StoresTwiceRarely`] and the others of this name.
    LosesRarely,
    AppliesTwice,
    StoresTwiceRarely,
    MovesTwiceRarely,
    AltersRarely,
    ForksChain,
    ForksRarely,
    /// `GET /blocks` takes a second and a half, or is 500.
    SlowBlocks,
    NoBlocks,
    WrongHash,
    SealsNothing,
    SealsFromTheLast,
    MovesOnRefusal,
    AcceptsNone,
    AcceptsExpired,
    EasyUnknownUser,
    CompressesUnasked,
    IgnoresChecksum,
    CountsWrongly,
    CountsTwiceOnce,
    ManyLabels,
}

impl Fault {
    /// One of so many transactions is the one with which something goes wrong.
    fn period(self) -> usize {
        match self {
            Self::LosesRarely
            | Self::StoresTwiceRarely
            | Self::MovesTwiceRarely
            | Self::AltersRarely
            | Self::ForksRarely => 10_000,
            _ => 50,
        }
    }

    /// Some of them, by the names that the environment of a server process uses.
    const NAMED: [(&'static str, Self); 3] =
        [("none", Self::None), ("memory-leak", Self::MemoryLeak), ("no-ledger", Self::NoLedger)];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, fault)| *fault)
    }
}

/// What all connections share.
struct Shared {
    fault: Fault,
    ledger: Ledger,
    gate: Gate,
    metrics: Metrics,
    /// The last body of each length, for a cache that should not be.
    cache: Mutex<Vec<(usize, Vec<u8>)>>,
    /// The last answer of any connection.
    last: Mutex<Vec<u8>>,
    leaked: Mutex<Vec<Vec<u8>>>,
}

/// An answer to be written.
struct Answer {
    status: u16,
    /// The `Content-Type`.
    kind: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    closes: bool,
}

impl Answer {
    fn ok(body: Vec<u8>) -> Self {
        Self { status: 200, kind: "application/json", headers: Vec::new(), body, closes: false }
    }

    fn error(status: u16, message: &str) -> Self {
        let body = serde_json::json!({ "error": message }).to_string().into_bytes();
        Self { status, closes: matches!(status, 408 | 413), ..Self::ok(body) }
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Serves on a free port until the test's process ends, and gives the URL.
pub(crate) fn start(fault: Fault) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || serve(&listener, Shared::of_tests(fault)));
    format!("http://{address}")
}

/// Serves for ever, as the environment of this process says; what is wrong with that, if anything.
pub(crate) fn serve_process(listener: &TcpListener, fault: Fault) -> Result<(), String> {
    let variable = |name: &str| std::env::var(name).ok();
    let shared = Shared {
        ledger: Ledger::new(variable("LEDGER_ACK").as_deref(), fault)?,
        gate: Gate::of(variable("NODE_SECRET"), &variable("NODE_USERS").unwrap_or_default())?,
        ..Shared::of_tests(fault)
    };
    serve(listener, shared);
    Ok(())
}

impl Shared {
    fn of_tests(fault: Fault) -> Self {
        Self {
            fault,
            ledger: Ledger::new(None, fault).expect("a ledger"),
            gate: Gate::of_tests(),
            metrics: Metrics::new(),
            cache: Mutex::default(),
            last: Mutex::default(),
            leaked: Mutex::default(),
        }
    }
}

fn serve(listener: &TcpListener, shared: Shared) {
    let shared = Arc::new(shared);
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
    let mut head = format!("{version} {} Status\r\nContent-Type: {}\r\n", answer.status, answer.kind);
    for (name, value) in &answer.headers {
        if !(fault == Fault::MissingAllow && *name == "Allow") {
            head += &format!("{name}: {value}\r\n");
        }
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

/// The answer to a request, which is then counted.
fn answer(incoming: &Incoming, shared: &Shared) -> Answer {
    let path = incoming.plain_path();
    let answer = match metrics::endpoint(path) {
        None => Answer::error(404, "there is no such path"),
        Some((_, methods)) if !methods.contains(&incoming.method.as_str()) => {
            let allow = if methods.len() == 1 { "POST" } else { "GET, HEAD" };
            Answer::error(405, "not by this method").with("Allow", allow)
        }
        Some((endpoint, _)) => match gzip::unpacked(incoming, shared.fault) {
            Ok(body) => allowed(endpoint, incoming, &body, shared),
            Err(refusal) => refusal,
        },
    };
    let answer = gzip::packed(answer, incoming, shared.fault);
    let took = incoming.began.map(|began| began.elapsed()).unwrap_or_default();
    shared.metrics.count((&incoming.method, path), answer.status, took, shared.fault);
    answer
}

/// The answer to a request for an endpoint, by a method that it allows.
fn allowed(endpoint: &str, incoming: &Incoming, body: &[u8], shared: &Shared) -> Answer {
    let query = incoming.path.split_once('?').map_or("", |(_, query)| query);
    let is_of_ledger = matches!(endpoint, "/tx" | "/tx/batch" | "/ledger" | "/blocks" | "/accounts/{id}");
    if is_of_ledger && shared.fault == Fault::NoLedger {
        return Answer::error(503, "there are several ledgers");
    }
    match endpoint {
        "/echo" => echo::echo(body, shared),
        "/tx" => shared.ledger.transaction(body),
        "/tx/batch" => shared.ledger.batch(body),
        "/ledger" => shared.ledger.state(),
        "/blocks" if shared.fault == Fault::NoBlocks => Answer::error(500, "the disk is gone"),
        "/blocks" => {
            if shared.fault == Fault::SlowBlocks {
                SLOW_BLOCKS_ASKED.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(1500));
            }
            shared.ledger.blocks(query)
        }
        "/accounts/{id}" => {
            shared.ledger.account(incoming.plain_path().strip_prefix("/accounts/").unwrap_or(""))
        }
        "/login" => shared.gate.login(body, shared.fault),
        "/session" => shared.gate.session(incoming, shared.fault),
        "/metrics" => shared.metrics.answer(),
        _ => Answer::ok(b"{\"status\":\"ok\"}".to_vec()),
    }
}
