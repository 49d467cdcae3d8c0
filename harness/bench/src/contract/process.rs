//! The cases of the process, for a target that `bench` starts: its port, its signals, its log.

use super::case::{Case, Check, Group};
use super::connection::Connection;
use super::fault::Fault;
use super::instance::{Origin, ending};
use super::wire::Wire;
use crate::server::launch;
use crate::target::{Ending, Target, log_tail};
use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

/// The longest that a second server may take to see that its port is taken; some try several times.
const PORT_PATIENCE: Duration = Duration::from_secs(30);
/// How long after a signal the port may still take connections.
const STILL_LISTENING: Duration = Duration::from_secs(3);
/// How long a new request may go without an answer before it counts as not served.
const SILENCE: Duration = Duration::from_millis(500);
/// How long a target may take to end after its last answer.
const ENDING: Duration = Duration::from_secs(10);

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    check: fn(&Wire, &Origin<'_>) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Process, what, contract, check: Check::Process(check) }
}

const SIGNALS: &str =
    "On SIGTERM and SIGINT it stops accepting, finishes the requests in flight within 5 s, and exits 0.";

pub(super) const CASES: &[Case] = &[
    case(
        "quiet-log",
        "nothing is written for good requests",
        "Writes nothing for a request that went well: no access log.",
        quiet_log,
    ),
    case(
        "port-in-use",
        "a port in use is an error and an exit",
        "a port in use is an error on standard error and an exit code other than 0, never a second server on the same port.",
        port_in_use,
    ),
    case("sigterm", "SIGTERM finishes what is in flight and exits 0", SIGNALS, |wire, server| {
        ends_on(wire, server, Signal::TERM, "SIGTERM")
    }),
    case("sigint", "SIGINT finishes what is in flight and exits 0", SIGNALS, |wire, server| {
        ends_on(wire, server, Signal::INT, "SIGINT")
    }),
];

fn quiet_log(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    /// As many as fill any buffer that a log may stand in.
    const REQUESTS: usize = 2000;
    let length = || std::fs::metadata(origin.log).map(|log| log.len()).unwrap_or(0);
    // What the very first request makes a framework say is no access log.
    wire.ask(&wire.echo("1"))?.echoes("1")?;
    let before = length();
    let mut connection = Connection::open(wire)?;
    for _ in 0..REQUESTS {
        connection.send(&wire.echo("[1]"))?;
        if !connection.answer()?.echoes("[1]")?.keeps_open {
            connection = Connection::open(wire)?;
        }
    }
    wire.sleep(Duration::from_millis(300))?;
    let grown = length().saturating_sub(before);
    if grown == 0 {
        return Ok(());
    }
    let last = log_tail(origin.log, 1).pop().unwrap_or_default();
    Err(Fault::new(
        format!("{REQUESTS} good requests"),
        "nothing on standard output and error",
        format!("{grown} bytes, the last line: {}", super::fault::shown(last.as_bytes())),
    ))
}

fn port_in_use(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    let sent = format!("the start command for port {}, which is taken", wire.address.port());
    let expected = "an error on standard error and an exit code other than 0";
    let unable = |error: String| Fault::new(&sent, expected, error);
    let place = origin.place("port-in-use");
    let launch =
        launch(origin.manifest, &place, wire.address).map_err(|failure| unable(failure.to_string()))?;
    let mut second = Target::start(&launch).map_err(|error| unable(error.to_string()))?;
    let came = match ending(wire, &mut || second.exited(), PORT_PATIENCE)? {
        Some(Ending::Code(0)) => "exit status 0".to_owned(),
        Some(Ending::Code(_)) if log_tail(&place.log, 1).is_empty() => "an exit without a word".to_owned(),
        Some(Ending::Code(_)) => return wire.ask(&wire.echo("1"))?.echoes("1").map(|_| ()),
        Some(other) => other.to_string(),
        None => format!("a process that still runs after {PORT_PATIENCE:?}"),
    };
    Err(Fault::new(sent, expected, came))
}

fn ends_on(wire: &Wire, origin: &Origin<'_>, signal: Signal, name: &'static str) -> Result<(), Fault> {
    let (mut target, wire) = origin.another(wire, name)?;
    let mut idle = Connection::open(&wire)?;
    idle.send(&wire.echo("[\"ready\"]"))?;
    idle.answer()?.echoes("[\"ready\"]")?;
    let mut busy = Connection::open(&wire)?;
    let request = wire.echo("[1,2]");
    let (most, last) = request.split_at(request.len() - 1);
    busy.send(most)?;
    wire.sleep(Duration::from_millis(300))?;
    let pid = i32::try_from(target.pid()).ok().and_then(Pid::from_raw);
    let signalled = pid.is_some_and(|pid| kill_process(pid, signal).is_ok());
    let fault = |expected: &str, came: String| {
        Fault::new(format!("{name} while a request is in flight"), expected, came)
    };
    if !signalled {
        return Err(fault("a process to signal", "none".to_owned()));
    }
    if !refuses(&wire)? {
        return Err(fault(
            "no new requests to be served",
            format!("an answer to one {STILL_LISTENING:?} later"),
        ));
    }
    let finished = busy.send(last).and_then(|()| busy.answer()?.echoes("[1,2]").map(|_| ()));
    if let Err(Fault::Wrong { came, .. }) = finished {
        return Err(fault("the answer to it", came));
    }
    match ending(&wire, &mut || target.exited(), ENDING)? {
        Some(Ending::Code(0)) => Ok(()),
        Some(ending) => Err(fault("exit code 0", ending.to_string())),
        None => Err(fault("an exit within 10 s", "none".to_owned())),
    }
}

/// Whether new requests are no longer served. The kernel may go on taking connections for a socket that one process
/// still holds: what counts is that nobody answers on them.
fn refuses(wire: &Wire) -> Result<bool, Fault> {
    let until = Instant::now() + STILL_LISTENING;
    while Instant::now() < until {
        let Ok(mut connection) = Connection::open(wire) else {
            wire.go_on()?;
            return Ok(true);
        };
        let _ = connection.offer(&wire.request("GET", "/healthz", &[("Connection", "close")], None))?;
        if !connection.begins_within(SILENCE)? {
            return Ok(true);
        }
        wire.sleep(Duration::from_millis(50))?;
    }
    Ok(false)
}
