//! The cases of counting: what was sent is what has grown, and nothing that a client makes up becomes a series.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::scrape::{COUNTER, HISTOGRAM, Sent, quiet, scrape};
use crate::prometheus::{Exposition, Labels};
use std::collections::BTreeSet;
use std::time::Duration;

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Metrics, what, contract, check: Check::Talk(talk) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "metrics-counts",
        "every endpoint, errors too, counted as answered",
        "`endpoint` is the path as in the tables above (`/accounts/{id}`), or `other` for an unknown path. `method` is the request's, or `other` where the endpoint does not allow it.",
        endpoints,
    ),
    case(
        "metrics-parallel",
        "none is lost among many at once",
        "With several processes the counter and the histogram are of all of them together;",
        parallel,
    ),
    case(
        "metrics-duration",
        "times run from the head to the answer",
        "a histogram of the time from the whole head of a request to its answer",
        duration,
    ),
    case(
        "metrics-labels",
        "made-up paths and methods make no series",
        "Nothing else may become a label: what a client sends must not make the memory grow.",
        labels,
    ),
];

/// What a request is: method, path, headers and body, and the labels `method` and `endpoint` that it must have.
type Known = (
    (&'static str, &'static str),
    &'static [(&'static str, &'static str)],
    &'static str,
    (&'static str, &'static str),
);

/// Requests to every endpoint, right and wrong ones. What they are answered with is not the matter here: a target without
/// one ledger answers some of them with 503, and must count that.
const REQUESTS: &[Known] = &[
    (("GET", "/healthz"), &[], "", ("GET", "/healthz")),
    (("GET", "/healthz?x=1"), &[], "", ("GET", "/healthz")),
    (("POST", "/healthz"), &[], "{}", ("other", "/healthz")),
    (("POST", "/echo"), &[], "{\"a\":1}", ("POST", "/echo")),
    (("POST", "/echo"), &[], "[1,]", ("POST", "/echo")),
    (("POST", "/echo"), &[("Content-Encoding", "br")], "[1]", ("POST", "/echo")),
    (("POST", "/echo"), &[("Content-Encoding", "gzip")], "[1]", ("POST", "/echo")),
    (("GET", "/echo"), &[], "", ("other", "/echo")),
    (("DELETE", "/echo"), &[], "", ("other", "/echo")),
    (("POST", "/tx"), &[], "{}", ("POST", "/tx")),
    (
        ("POST", "/tx"),
        &[],
        "{\"id\":\"m\",\"from\":\"acct-0000\",\"to\":\"nobody\",\"amount\":1}",
        ("POST", "/tx"),
    ),
    (("GET", "/tx"), &[], "", ("other", "/tx")),
    (("POST", "/tx/batch"), &[], "[]", ("POST", "/tx/batch")),
    (("GET", "/ledger"), &[], "", ("GET", "/ledger")),
    (("GET", "/blocks?from=1&limit=1"), &[], "", ("GET", "/blocks")),
    (("GET", "/blocks?limit=0"), &[], "", ("GET", "/blocks")),
    (("GET", "/accounts/acct-0001"), &[], "", ("GET", "/accounts/{id}")),
    (("GET", "/accounts/acct-0002"), &[], "", ("GET", "/accounts/{id}")),
    (("GET", "/accounts/nobody"), &[], "", ("GET", "/accounts/{id}")),
    (("POST", "/login"), &[], "{}", ("POST", "/login")),
    (("POST", "/login"), &[], "{\"username\":\"nobody\",\"password\":\"x\"}", ("POST", "/login")),
    (("GET", "/session"), &[], "", ("GET", "/session")),
    (("POST", "/metrics"), &[], "", ("other", "/metrics")),
    (("GET", "/nope"), &[], "", ("GET", "other")),
    (("POST", "/nope/x?y"), &[], "{}", ("POST", "other")),
    (("GET", "/ECHO"), &[], "", ("GET", "other")),
];

/// Requests that have no body to read.
const HEADS: [(&str, &str); 4] =
    [("/healthz", "/healthz"), ("/ledger", "/ledger"), ("/metrics", "/metrics"), ("/nope", "other")];

fn endpoints(wire: &Wire) -> Result<(), Fault> {
    let before = quiet(wire)?;
    let mut sent = Sent::default();
    for ((method, path), headers, body, (as_method, endpoint)) in REQUESTS {
        let body = (!body.is_empty()).then_some(body.as_bytes());
        let answer = wire.ask(&wire.request(method, path, headers, body))?;
        sent.add(as_method, endpoint, answer.status);
    }
    for (path, endpoint) in HEADS {
        let mut connection = Connection::open(wire)?;
        connection.send(&wire.request("HEAD", path, &[], None))?;
        sent.add("HEAD", endpoint, connection.answer_to_head()?.status);
    }
    sent.are_counted(wire, &before)
}

fn parallel(wire: &Wire) -> Result<(), Fault> {
    const CONNECTIONS: usize = 32;
    const ROUNDS: usize = 25;
    let before = quiet(wire)?;
    let mut sent = Sent::default();
    let mut connections = (0..CONNECTIONS).map(|_| Connection::open(wire)).collect::<Result<Vec<_>, _>>()?;
    for _ in 0..ROUNDS {
        for connection in &mut connections {
            connection.send(&wire.echo("[1]"))?;
        }
        for connection in &mut connections {
            let answer = connection.answer()?;
            sent.add("POST", "/echo", answer.is(200)?.status);
            if !answer.keeps_open {
                *connection = Connection::open(wire)?;
            }
        }
    }
    sent.are_counted(wire, &before)
}

/// A body that comes late belongs to the time of its request; what has passed before its head does not.
fn duration(wire: &Wire) -> Result<(), Fault> {
    /// How late the body comes: past the bound 0.3 s, and well before 1 s.
    const LATE: Duration = Duration::from_millis(350);
    let labels = [("method", "POST"), ("endpoint", "/echo")];
    let below = |exposition: &Exposition, bound: f64| {
        let bucket = exposition.of("api_request_duration_seconds_bucket").find(|sample| {
            let le = sample.labels.get("le").and_then(|le| le.parse().ok());
            le == Some(bound)
                && labels
                    .iter()
                    .all(|(name, value)| sample.labels.get(*name).is_some_and(|found| found == value))
        });
        bucket.map_or(0.0, |bucket| bucket.value)
    };
    let sum = |exposition: &Exposition| exposition.value(&format!("{HISTOGRAM}_sum"), &labels).unwrap_or(0.0);
    let before = quiet(wire)?;
    let mut connection = Connection::open(wire)?;
    wire.sleep(LATE)?;
    connection.send(&wire.request("POST", "/echo", &[("Content-Length", "3")], None))?;
    wire.sleep(LATE)?;
    connection.send(b"[1]")?;
    connection.answer()?.echoes("[1]")?;
    let after = quiet(wire)?;
    let took_s = sum(&after) - sum(&before);
    let is_above = below(&after, 0.3) == below(&before, 0.3) && below(&after, 3.0) > below(&before, 3.0);
    if is_above && (0.3..3.0).contains(&took_s) {
        return Ok(());
    }
    let sent = "POST /echo whose body comes 350 ms after its head";
    let expected = "a time of 0.35 s, above the bucket 0.3";
    let grown = below(&after, 0.3) - below(&before, 0.3);
    Err(Fault::new(sent, expected, format!("{took_s:.3} s, and {grown} more in the bucket 0.3")))
}

/// The names and labels of all series of requests.
fn series(exposition: &Exposition) -> BTreeSet<(String, Labels)> {
    let ours = exposition.samples.iter().filter(|sample| sample.name.starts_with("api_"));
    ours.map(|sample| (sample.name.clone(), sample.labels.clone())).collect()
}

fn labels(wire: &Wire) -> Result<(), Fault> {
    // A request that the framework refuses by itself may be answered in any way, and the connection be closed.
    let ask = |method: &str, path: &str| {
        wire.ask(&wire.request(method, path, &[("User-Agent", path)], None)).map(|_| ()).or_else(|fault| {
            match fault {
                Fault::Wrong { .. } => Ok(()),
                interrupted @ Fault::Interrupted(_) => Err(interrupted),
            }
        })
    };
    let round = |number: usize| {
        let name = format!("made-up-{number}");
        let method = format!("BREW{}", "X".repeat(number));
        for path in [format!("/{name}"), format!("/echo/{name}"), format!("/accounts/{name}/x")] {
            ask("GET", &path)?;
            ask("POST", &path)?;
            ask(&method, &path)?;
        }
        ask("GET", &format!("/accounts/{name}"))?;
        ask("GET", &format!("/healthz?{name}={name}"))?;
        for path in ["/echo", "/healthz", "/tx", "/accounts/acct-0000", "/metrics"] {
            ask(&method, path)?;
        }
        Ok(())
    };
    // Whatever else a method may be taken for has been there before.
    round(0)?;
    let before = series(&quiet(wire)?);
    (1..8).try_for_each(round)?;
    wire.sleep(Duration::from_millis(200))?;
    let after = scrape(wire)?;
    let new = series(&after).difference(&before).next().cloned();
    if let Some((name, labels)) = new {
        return Err(Fault::new("made-up paths and methods", "no new series", format!("{name}{labels:?}")));
    }
    let allowed = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "other"];
    let known: BTreeSet<&str> = REQUESTS.iter().map(|(.., (_, endpoint))| *endpoint).collect();
    for sample in after.of(COUNTER) {
        let label = |name: &str| sample.labels.get(name).map_or("", String::as_str);
        let (method, endpoint) = (label("method"), label("endpoint"));
        if !known.contains(endpoint) || !allowed.contains(&method) {
            let came = format!("method=\"{method}\", endpoint=\"{endpoint}\"");
            return Err(Fault::new("GET /metrics", "the methods and endpoints of the contract", came));
        }
    }
    Ok(())
}
