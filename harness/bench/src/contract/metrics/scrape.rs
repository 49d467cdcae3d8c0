//! One look at a target's metrics, and the difference between two.

use super::super::answer::{Answer, named};
use super::super::fault::{Fault, shown};
use super::super::wire::Wire;
use crate::prometheus::{self, Exposition, Sample};
use std::collections::BTreeMap;
use std::time::Duration;

/// The counter of requests.
pub(super) const COUNTER: &str = "api_requests_total";
/// The histogram of their times.
pub(super) const HISTOGRAM: &str = "api_request_duration_seconds";
/// The histogram's number of requests.
const COUNT: &str = "api_request_duration_seconds_count";
/// Within this time after an answer a request is counted.
const COUNTED_WITHIN: Duration = Duration::from_millis(100);
/// How often a look is repeated on a machine that does much else.
const LOOKS: usize = 10;

/// Requests by method, endpoint and status; by method and endpoint alone where the status is empty.
pub(super) type Counts = BTreeMap<(String, String, String), f64>;

/// Asks for the metrics.
pub(super) fn ask(wire: &Wire) -> Result<(Answer, Exposition), Fault> {
    let answer = wire.ask(&wire.request("GET", "/metrics", &[], None))?;
    answer.is(200)?;
    let found = answer.header("content-type");
    let mut parts = found.unwrap_or("").split(';').map(str::trim);
    if parts.next() != Some("text/plain") || !parts.any(|part| part == "version=0.0.4") {
        let expected = "Content-Type: text/plain; version=0.0.4";
        return Err(answer.fault(expected, named("Content-Type", found)));
    }
    let text = String::from_utf8(answer.body.clone())
        .map_err(|_| answer.fault("text in UTF-8", shown(&answer.body)))?;
    let exposition = prometheus::parse(&text).map_err(|error| {
        let line = text.lines().nth(error.line.saturating_sub(1)).unwrap_or("");
        let came = format!("{error}: {}", shown(line.as_bytes()));
        answer.fault("the text format of Prometheus, version 0.0.4", came)
    })?;
    Ok((answer, exposition))
}

pub(super) fn scrape(wire: &Wire) -> Result<Exposition, Fault> {
    ask(wire).map(|(_, exposition)| exposition)
}

/// What has been counted, with what the histogram has seen under an empty status.
pub(super) fn counts(exposition: &Exposition) -> Counts {
    let key = |sample: &Sample| {
        let label = |name: &str| sample.labels.get(name).cloned().unwrap_or_default();
        // What belongs to no endpoint may stand under any method.
        let method = if label("endpoint") == "other" { "any".to_owned() } else { label("method") };
        (method, label("endpoint"), label("status"))
    };
    let mut counts = Counts::new();
    for sample in exposition.of(COUNTER).chain(exposition.of(COUNT)) {
        *counts.entry(key(sample)).or_default() += sample.value;
    }
    counts
}

/// Waits until nothing but scrapes is counted any more, and gives the last of these.
pub(super) fn quiet(wire: &Wire) -> Result<Exposition, Fault> {
    let others = |exposition: &Exposition| {
        let mut counts = counts(exposition);
        counts.retain(|(_, endpoint, _), _| endpoint != "/metrics");
        counts
    };
    let mut last = scrape(wire)?;
    for _ in 0..LOOKS {
        wire.sleep(COUNTED_WITHIN)?;
        let next = scrape(wire)?;
        if others(&next) == others(&last) {
            return Ok(next);
        }
        last = next;
    }
    Err(Fault::new("GET /metrics", "counts that rest while nothing is sent", "counts that go on"))
}

/// Requests that were sent since a scrape, in the form of [`counts`].
#[derive(Debug, Default)]
pub(super) struct Sent(Counts);

impl Sent {
    pub(super) fn add(&mut self, method: &str, endpoint: &str, status: u16) {
        let method = if endpoint == "other" { "any" } else { method };
        for status in [status.to_string(), String::new()] {
            *self.0.entry((method.to_owned(), endpoint.to_owned(), status)).or_default() += 1.0;
        }
    }

    /// Exactly these must have been counted since `before`, and the scrapes themselves.
    pub(super) fn are_counted(mut self, wire: &Wire, before: &Exposition) -> Result<(), Fault> {
        let start = counts(before);
        let mut wrong = None;
        for _ in 0..LOOKS {
            // Every look is a request as well, and is counted by the next one, as the one before these was by the first.
            self.add("GET", "/metrics", 200);
            wire.sleep(COUNTED_WITHIN)?;
            let grown = grown(&counts(&scrape(wire)?), &start);
            wrong = difference(&self.0, &grown);
            if wrong.is_none() {
                return Ok(());
            }
        }
        let (expected, came) = wrong.unwrap_or_default();
        Err(Fault::new("requests of all kinds, then GET /metrics", expected, came))
    }
}

fn grown(now: &Counts, before: &Counts) -> Counts {
    let difference = now.iter().map(|(key, value)| (key.clone(), value - before.get(key).unwrap_or(&0.0)));
    difference.filter(|(_, growth)| *growth != 0.0).collect()
}

/// The first series that has not grown as it should have: what it should have, and what it has.
fn difference(sent: &Counts, grown: &Counts) -> Option<(String, String)> {
    let keys = sent.keys().chain(grown.keys());
    let wrong = keys.into_iter().find(|key| sent.get(*key) != grown.get(*key))?;
    let (method, endpoint, status) = wrong;
    let series = match status.as_str() {
        "" => format!("{COUNT}{{method=\"{method}\",endpoint=\"{endpoint}\"}}"),
        _ => format!("{COUNTER}{{method=\"{method}\",endpoint=\"{endpoint}\",status=\"{status}\"}}"),
    };
    let by = |counts: &Counts| counts.get(wrong).copied().unwrap_or(0.0);
    Some((format!("{series} to grow by {}", by(sent)), by(grown).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposition(lines: &[&str]) -> Exposition {
        prometheus::parse(&(lines.join("\n") + "\n")).unwrap()
    }

    #[test]
    fn what_has_grown() {
        let before = counts(&exposition(&[
            r#"api_requests_total{method="GET",endpoint="/healthz",status="200"} 7"#,
            r#"api_requests_total{method="GET",endpoint="other",status="404"} 1"#,
            r#"api_requests_total{method="other",endpoint="other",status="404"} 1"#,
        ]));
        let now = counts(&exposition(&[
            r#"api_requests_total{method="GET",endpoint="/healthz",status="200"} 9"#,
            r#"api_requests_total{method="GET",endpoint="other",status="404"} 2"#,
            r#"api_requests_total{method="other",endpoint="other",status="404"} 2"#,
            r#"api_request_duration_seconds_count{method="GET",endpoint="/healthz"} 2"#,
            r#"api_request_duration_seconds_count{method="GET",endpoint="other"} 2"#,
        ]));
        let mut sent = Sent::default();
        for (endpoint, status) in [("/healthz", 200), ("/healthz", 200), ("other", 404), ("other", 404)] {
            sent.add("GET", endpoint, status);
        }
        let grown = grown(&now, &before);
        assert_eq!(difference(&sent.0, &grown), None);
        sent.add("GET", "/healthz", 200);
        let (expected, came) = difference(&sent.0, &grown).unwrap();
        assert!(expected.contains("_count{method=\"GET\",endpoint=\"/healthz\"} to grow by 3"), "{expected}");
        assert_eq!(came, "2");
    }
}
