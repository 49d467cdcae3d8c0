//! The cases of what `/metrics` looks like: format, names, labels, buckets.

use super::super::case::{Case, Check, Exchange, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::scrape::{COUNTER, HISTOGRAM, ask, scrape};
use crate::prometheus::{Exposition, Sample};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// The histogram's bounds, in seconds.
const BOUNDS_S: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1.0, 3.0, f64::INFINITY];

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::Metrics, what, contract, check }
}

const fn disallowed(method: &'static str) -> Exchange {
    Exchange { request: (method, "/metrics"), body: None, status: 405, header: Some(("Allow", "GET, HEAD")) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "metrics-format",
        "the text format, strictly, and its Content-Type",
        "`GET /metrics` answers in the Prometheus text format, version 0.0.4: `Content-Type: text/plain; version=0.0.4` (parameters may follow).",
        Check::Talk(format),
    ),
    case(
        "metrics-process",
        "CPU time, memory and start time of the process",
        "(at least `process_cpu_seconds_total`, `process_resident_memory_bytes` and `process_start_time_seconds`)",
        Check::Talk(process),
    ),
    case(
        "metrics-counter",
        "api_requests_total: its type and its labels",
        "`api_requests_total{method,endpoint,status}`, a counter of requests that were answered;",
        Check::Talk(counter),
    ),
    case(
        "metrics-histogram",
        "api_request_duration_seconds: labels and buckets",
        "buckets 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1 and 3.",
        Check::Talk(histogram),
    ),
    case(
        "metrics-head",
        "HEAD /metrics: headers, no body",
        "`HEAD` is answered wherever `GET` is: the same headers, no body.",
        Check::Talk(head),
    ),
    case(
        "method-metrics",
        "405 with Allow: GET, HEAD for others of /metrics",
        "`Allow: POST`, or `Allow: GET, HEAD`; the connection stays",
        Check::Answered(&[disallowed("POST"), disallowed("PUT"), disallowed("DELETE")]),
    ),
];

fn wrong(expected: impl Into<String>, came: impl Into<String>) -> Fault {
    Fault::new("GET /metrics", expected, came)
}

fn format(wire: &Wire) -> Result<(), Fault> {
    // Before and after there is something to count.
    ask(wire)?;
    wire.ask(&wire.echo("1"))?.is(200)?;
    ask(wire)?;
    Ok(())
}

fn process(wire: &Wire) -> Result<(), Fault> {
    let exposition = scrape(wire)?;
    let now_s =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    for (name, kind, least, most) in [
        ("process_cpu_seconds_total", "counter", 0.0, 1e9),
        // No runtime lives in less than 100 kB, and none of these needs a terabyte.
        ("process_resident_memory_bytes", "gauge", 1e5, 1e12),
        ("process_start_time_seconds", "gauge", 1.5e9, now_s + 60.0),
    ] {
        let Some(value) = exposition.value(name, &[]) else {
            return Err(wrong(name, "no such metric"));
        };
        if !(least..=most).contains(&value) {
            return Err(wrong(format!("{name} from {least} to {most}"), value.to_string()));
        }
        if exposition.kind(name) != Some(kind) {
            return Err(wrong(format!("{name} as a {kind}"), format!("{:?}", exposition.kind(name))));
        }
    }
    Ok(())
}

/// Asks for something that must have been counted in the end.
fn used(wire: &Wire) -> Result<Exposition, Fault> {
    wire.ask(&wire.echo("1"))?.is(200)?;
    wire.ask(&wire.request("GET", "/healthz", &[], None))?.is(200)?;
    wire.sleep(std::time::Duration::from_millis(200))?;
    scrape(wire)
}

/// All series of a name must have these labels and no others.
fn labelled<'a>(
    exposition: &'a Exposition,
    name: &'a str,
    labels: &[&str],
) -> Result<Vec<&'a Sample>, Fault> {
    let series: Vec<&Sample> = exposition.of(name).collect();
    if series.is_empty() {
        return Err(wrong(name, "no such series"));
    }
    let fits = |sample: &&&Sample| {
        sample.labels.len() == labels.len() && labels.iter().all(|label| sample.labels.contains_key(*label))
    };
    match series.iter().find(|sample| !fits(sample)) {
        None => Ok(series),
        Some(other) => {
            let found: Vec<&str> = other.labels.keys().map(String::as_str).collect();
            Err(wrong(format!("{name}{{{}}}", labels.join(",")), format!("{name}{{{}}}", found.join(","))))
        }
    }
}

fn is_of_kind(exposition: &Exposition, name: &str, kind: &str) -> Result<(), Fault> {
    match exposition.kind(name) {
        Some(found) if found == kind => Ok(()),
        found => Err(wrong(format!("# TYPE {name} {kind}"), found.unwrap_or("no type"))),
    }
}

fn counter(wire: &Wire) -> Result<(), Fault> {
    let exposition = used(wire)?;
    is_of_kind(&exposition, COUNTER, "counter")?;
    for sample in labelled(&exposition, COUNTER, &["method", "endpoint", "status"])? {
        let status = sample.labels.get("status").map_or("", String::as_str);
        if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong("a status of three digits", format!("status=\"{status}\"")));
        }
    }
    for labels in [
        [("method", "POST"), ("endpoint", "/echo"), ("status", "200")],
        [("method", "GET"), ("endpoint", "/healthz"), ("status", "200")],
    ] {
        if exposition.value(COUNTER, &labels).is_none() {
            return Err(wrong(format!("{COUNTER} with {labels:?}"), "no such series"));
        }
    }
    Ok(())
}

fn histogram(wire: &Wire) -> Result<(), Fault> {
    let exposition = used(wire)?;
    is_of_kind(&exposition, HISTOGRAM, "histogram")?;
    let named = |suffix: &str| format!("{HISTOGRAM}_{suffix}");
    let (buckets, sums, counts) = (named("bucket"), named("sum"), named("count"));
    let series = labelled(&exposition, &counts, &["method", "endpoint"])?;
    labelled(&exposition, &sums, &["method", "endpoint"])?;
    let mut all: BTreeMap<(&str, &str), Vec<(f64, f64)>> = BTreeMap::new();
    for sample in labelled(&exposition, &buckets, &["method", "endpoint", "le"])? {
        let label = |name: &str| sample.labels.get(name).map_or("", String::as_str);
        let bound: f64 = label("le").parse().unwrap_or(f64::NAN);
        all.entry((label("method"), label("endpoint"))).or_default().push((bound, sample.value));
    }
    for sample in series {
        let label = |name: &str| sample.labels.get(name).map_or("", String::as_str);
        let key = (label("method"), label("endpoint"));
        let buckets = all.remove(&key).unwrap_or_default();
        let bounds: Vec<f64> = buckets.iter().map(|(bound, _)| *bound).collect();
        if bounds != BOUNDS_S {
            return Err(wrong(format!("buckets {BOUNDS_S:?} of {key:?}"), format!("{bounds:?}")));
        }
        if !buckets.is_sorted_by(|(_, one), (_, next)| one <= next) {
            return Err(wrong(
                format!("buckets of {key:?} that hold those below them"),
                format!("{buckets:?}"),
            ));
        }
        let last = buckets.last().map_or(0.0, |(_, count)| *count);
        if last != sample.value {
            return Err(wrong(
                format!("{last}, as in the last bucket, for the count of {key:?}"),
                sample.value.to_string(),
            ));
        }
        let sum = exposition.value(&sums, &[("method", key.0), ("endpoint", key.1)]);
        if !sum.is_some_and(|sum| sum >= 0.0 && (sum > 0.0 || sample.value == 0.0)) {
            return Err(wrong(format!("a sum of times for {key:?}"), format!("{sum:?}")));
        }
    }
    Ok(())
}

fn head(wire: &Wire) -> Result<(), Fault> {
    let full = ask(wire)?.0;
    let mut connection = Connection::open(wire)?;
    connection.send(&wire.request("HEAD", "/metrics", &[], None))?;
    let head = connection.answer_to_head()?;
    head.is(200)?;
    if head.header("content-type") != full.header("content-type") {
        let named = |found: Option<&str>| super::super::answer::named("Content-Type", found);
        let expected = format!("{} as for GET", named(full.header("content-type")));
        return Err(head.fault(expected, named(head.header("content-type"))));
    }
    // A body that should not be there would stand where the next answer begins.
    connection.send(&wire.request("GET", "/healthz", &[], None))?;
    connection.answer()?.echoes("{\"status\":\"ok\"}")?;
    Ok(())
}
