//! The cases that wait: slow headers, slow bodies, idle connections. Each goes on beside everything else.

use super::case::{Case, Check, Group};
use super::connection::{Connection, Input};
use super::fault::Fault;
use super::sizes::ends;
use super::wire::Wire;
use std::time::{Duration, Instant};

/// How far a target's clock, or the last byte that it saw, may be off.
const EARLY: Duration = Duration::from_millis(800);
/// How late an answer may be: frameworks look at their connections every few seconds.
const LATE: Duration = Duration::from_secs(6);
/// How long before its end an idle minute is ended by a request.
const IDLE: Duration = Duration::from_millis(59_500);

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    wait: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Timeouts, what, contract, check: Check::Wait(wait) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "header-timeout",
        "408 for a header that takes more than 10 s",
        "a header does not end within 10 s of its first byte",
        header_timeout,
    ),
    case(
        "body-timeout",
        "408 for a body that takes more than 30 s",
        "a body does not end within 30 s of its header",
        body_timeout,
    ),
    case(
        "idle-timeout",
        "an idle connection lives for 60 s and gets no 408",
        "**An idle connection** gets no 408. It may be closed without a word, after 60 s at the earliest.",
        idle_timeout,
    ),
];

/// A connection that has sent a part of a request, and when.
struct Slow {
    connection: Connection,
    since: Instant,
    drips: bool,
}

impl Slow {
    fn begin(wire: &Wire, used: bool, start: &[u8], drips: bool) -> Result<Self, Fault> {
        let mut connection = Connection::open(wire)?;
        if used {
            connection.send(&wire.echo("1"))?;
            connection.answer()?.echoes("1")?;
        }
        connection.send(start)?;
        Ok(Self { connection, since: Instant::now(), drips })
    }
}

/// Waits until each of them is answered with 408, `limit` after its beginning, and closed.
fn expect_408(wire: &Wire, mut slow: Vec<Slow>, limit: Duration) -> Result<(), Fault> {
    while !slow.is_empty() {
        let mut waiting = Vec::new();
        for mut one in slow {
            wire.go_on()?;
            let input = one.connection.read(Duration::ZERO)?;
            let after = one.since.elapsed();
            if !matches!(input, Input::Silence) {
                judge(&mut one.connection, &input, after, limit)?;
            } else if after > limit + LATE {
                return Err(one.connection.wrong(
                    format!("408 after {limit:?}"),
                    format!("nothing in {:.1} s", after.as_secs_f64()),
                ));
            } else {
                waiting.push(one);
            }
        }
        slow = waiting;
        for one in slow.iter_mut().filter(|one| one.drips) {
            // A header line every tenth of a second must not move the limit. If nobody takes it, the answer tells.
            let _ = one.connection.offer(b"X: y\r\n")?;
        }
        wire.sleep(Duration::from_millis(100))?;
    }
    Ok(())
}

fn judge(connection: &mut Connection, input: &Input, after: Duration, limit: Duration) -> Result<(), Fault> {
    let expected = format!("408 after {limit:?}");
    let when = format!("after {:.1} s", after.as_secs_f64());
    match input {
        Input::End => return Err(connection.wrong(expected, format!("a close without an answer {when}"))),
        Input::Broken(error) => {
            return Err(connection.wrong(expected, format!("a broken connection ({error}) {when}")));
        }
        Input::Bytes | Input::Silence => {}
    }
    let answer = connection.answer()?;
    answer.is(408)?.is_error()?;
    if after + EARLY < limit {
        return Err(answer.fault(expected, format!("408 {when}")));
    }
    ends(connection)
}

fn header_timeout(wire: &Wire) -> Result<(), Fault> {
    let slow = vec![
        Slow::begin(wire, false, b"G", false)?,
        Slow::begin(wire, true, b"GET /healthz HTTP/1.1\r\nHost: h\r\n", false)?,
        Slow::begin(wire, false, b"GET /healthz HTTP/1.1\r\nHost: h\r\n", true)?,
    ];
    expect_408(wire, slow, Duration::from_secs(10))
}

fn body_timeout(wire: &Wire) -> Result<(), Fault> {
    let length = wire.request("POST", "/echo", &[("Content-Length", "10")], None);
    let slow = vec![
        Slow::begin(wire, false, &[length.as_slice(), b"[1,"].concat(), false)?,
        Slow::begin(wire, true, &[wire.chunked_head().as_slice(), b"3\r\n[1,\r\n"].concat(), false)?,
    ];
    expect_408(wire, slow, Duration::from_secs(30))
}

fn idle_timeout(wire: &Wire) -> Result<(), Fault> {
    let began = Instant::now();
    let mut fresh = Connection::open(wire)?;
    let mut used = Connection::open(wire)?;
    used.send(&wire.echo("1"))?;
    used.answer()?.echoes("1")?;
    while began.elapsed() < IDLE {
        for (connection, which) in
            [(&mut fresh, "nothing on a new connection"), (&mut used, "nothing after an answer")]
        {
            let came = match connection.read(Duration::ZERO)? {
                Input::Silence => continue,
                Input::Bytes => format!("status {}", connection.next_status()?),
                Input::End => "a close".to_owned(),
                Input::Broken(error) => format!("a broken connection ({error})"),
            };
            let after = began.elapsed().as_secs_f64();
            return Err(Fault::new(
                which,
                "an open connection for 60 s",
                format!("{came} after {after:.1} s"),
            ));
        }
        wire.sleep(Duration::from_millis(100))?;
    }
    for connection in [&mut fresh, &mut used] {
        connection.send(&wire.echo("[\"still here\"]"))?;
        connection.answer()?.echoes("[\"still here\"]")?;
    }
    Ok(())
}
