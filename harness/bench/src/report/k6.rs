//! A run as the summary that k6 hands to `handleSummary()`, as `JSON.stringify` writes it. Times in milliseconds.
//!
//! Only what `bench` knows in k6's sense is there: nothing of iterations, groups, or the parts of a request. The verdict, which
//! k6 has no place for, stands under a key of its own.

use super::RunSource;
use bench_model::distribution::Distribution;
use bench_model::latency::Latencies;
use bench_model::report::RunReport;
use bench_model::slo::Statistic;
use bench_model::summary::LatencyFigures;
use bench_model::threshold::{Absolute, Figure, Outcome, Relation};
use bench_model::warning::Verdict;
use serde_json::{Map, Value, json};

/// The figures of a distribution, in k6's words.
const TREND: [&str; 8] = ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)", "p(99.9)"];

pub(super) fn render(source: &RunSource<'_>) -> String {
    let report = source.report;
    let codes: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    let invalid = report.verdict == Verdict::Invalid;
    let summary = json!({
        "metrics": metrics(source),
        "root_group": root_group(report),
        "options": {"summaryTrendStats": TREND, "summaryTimeUnit": "ms", "noColor": true},
        "state": {"isStdOutTTY": false, "isStdErrTTY": false, "testRunDurationMs": report.summary.duration_s * 1e3},
        "bench": {
            "run": report.id,
            "scenario": report.plan.scenario,
            "target": report.plan.target.name(),
            "verdict": if invalid { "invalid" } else { "valid" },
            "warnings": codes,
        },
    });
    serde_json::to_string_pretty(&summary).expect("names and plain values can be written") + "\n"
}

fn metrics(source: &RunSource<'_>) -> Value {
    let report = source.report;
    let summary = &report.summary;
    let (sent, failed) = (sent(report), sent(report).saturating_sub(answered(report)));
    let connections = report.plan.load.connections();
    let users = gauge(connections);
    // From the send to the complete answer, as in k6; under an open load that is the service time, of verified responses alone.
    let duration = summary.service_time_us.unwrap_or(summary.latency_us);
    let verified = Distribution::new(verified(source).clone(), Latencies::new());
    let mut metrics = Map::new();
    for (name, value) in [
        ("checks", rate(summary.requests, wrong(report))),
        ("data_received", counter(summary.bytes_in, summary.duration_s, "data")),
        ("data_sent", counter(summary.bytes_out, summary.duration_s, "data")),
        ("http_req_duration", trend(&duration)),
        ("http_req_duration{expected_response:true}", trend(&LatencyFigures::of(&verified))),
        ("http_req_failed", rate(failed, sent - failed)),
        ("http_reqs", counter(sent, summary.duration_s, "default")),
        ("vus", users.clone()),
        ("vus_max", users),
    ] {
        metrics.insert(name.to_owned(), value);
    }
    if report.plan.load.is_open() {
        // What k6 calls those that an arrival rate had no user left for.
        let unsent = counter(summary.errors.unsent, summary.duration_s, "default");
        metrics.insert("dropped_iterations".to_owned(), unsent);
    }
    add_thresholds(&mut metrics, report);
    Value::Object(metrics)
}

/// From the send to the complete answer, of the verified responses in the window.
fn verified<'a>(source: &RunSource<'a>) -> &'a Latencies {
    source.timeline.service.as_ref().unwrap_or(&source.timeline.latencies)
}

/// Adds the thresholds that k6 has words for to their metrics: as what must hold, and whether it does.
fn add_thresholds(metrics: &mut Map<String, Value>, report: &RunReport) {
    for outcome in &report.thresholds {
        let known = outcome.threshold.absolute().and_then(|absolute| in_k6s_words(absolute, report));
        let Some((metric, expression)) = known.filter(|_| !is_contradicted(outcome, report)) else {
            continue;
        };
        let fields =
            metrics.get_mut(metric).and_then(Value::as_object_mut).expect("every run has these metrics");
        let thresholds = fields.entry("thresholds").or_insert_with(|| json!({}));
        thresholds[expression] = json!({"ok": !outcome.fails()});
    }
}

/// Whether k6's own rate of failures, which knows no requests that were never sent and all that were refused, would say another
/// thing than the threshold.
fn is_contradicted(outcome: &Outcome, report: &RunReport) -> bool {
    let Some(absolute) = outcome.threshold.absolute().filter(|absolute| absolute.figure == Figure::Errors)
    else {
        return false;
    };
    let sent = sent(report);
    let failed = sent.saturating_sub(answered(report));
    let rate = failed as f64 / sent.max(1) as f64;
    outcome.measured.is_some() && absolute.fails(rate * 100.0) != outcome.fails()
}

fn in_k6s_words(absolute: Absolute, report: &RunReport) -> Option<(&'static str, String)> {
    let is_open = report.plan.load.is_open();
    let (metric, aggregate, bound) = match absolute.figure {
        Figure::Latency(statistic) if !is_open => {
            ("http_req_duration", aggregate(statistic), absolute.bound / 1e3)
        }
        Figure::Service(statistic) if is_open => {
            ("http_req_duration", aggregate(statistic), absolute.bound / 1e3)
        }
        Figure::Errors => ("http_req_failed", "rate".to_owned(), absolute.bound / 100.0),
        _ => return None,
    };
    // A threshold of bench's is what must not be, one of k6's what must.
    let relation = match absolute.relation {
        Relation::Above => "<=",
        Relation::AtLeast => "<",
        Relation::Below => ">=",
        Relation::AtMost => ">",
    };
    Some((metric, format!("{aggregate}{relation}{bound}")))
}

fn aggregate(statistic: Statistic) -> String {
    match statistic.name() {
        "mean" => "avg".to_owned(),
        "max" => "max".to_owned(),
        percentile => format!("p({})", percentile.trim_start_matches('p')),
    }
}

/// The requests that were sent, and whose end was seen.
fn sent(report: &RunReport) -> u64 {
    let errors = &report.summary.errors;
    report.summary.status.values().sum::<u64>()
        + errors.connect
        + errors.timeout
        + errors.reset
        + errors.protocol
}

/// Those that were answered as the scenario expects, refusals included.
fn answered(report: &RunReport) -> u64 {
    report.summary.status.values().sum::<u64>().saturating_sub(wrong(report))
}

/// Complete answers of a wrong status or with a wrong body.
fn wrong(report: &RunReport) -> u64 {
    report.summary.errors.status + report.summary.errors.mismatch
}

fn counter(count: u64, duration_s: f64, contains: &str) -> Value {
    let per_s = if duration_s > 0.0 { count as f64 / duration_s } else { 0.0 };
    json!({"type": "counter", "contains": contains, "values": {"count": count, "rate": per_s}})
}

/// A part of all: in k6 those that are counted are the passes, be they checks that passed or requests that failed.
fn rate(passes: u64, fails: u64) -> Value {
    let all = passes + fails;
    let part = if all == 0 { 0.0 } else { passes as f64 / all as f64 };
    json!({"type": "rate", "contains": "default", "values": {"rate": part, "passes": passes, "fails": fails}})
}

fn gauge(value: usize) -> Value {
    json!({"type": "gauge", "contains": "default", "values": {"value": value, "min": value, "max": value}})
}

/// A distribution, with more percentiles than k6 has unless it is told to.
fn trend(figures: &LatencyFigures) -> Value {
    let ms = |value_us: f64| value_us / 1e3;
    let values = json!({
        "avg": ms(figures.mean),
        "min": ms(figures.min),
        "med": ms(figures.p50),
        "max": ms(figures.max),
        "p(90)": ms(figures.p90),
        "p(95)": ms(figures.p95),
        "p(99)": ms(figures.p99),
        "p(99.9)": ms(figures.p99_9),
    });
    json!({"type": "trend", "contains": "time", "values": values})
}

/// The only check there is: that an answer is the expected one. Its ids are those of k6, MD5 of the path.
fn root_group(report: &RunReport) -> Value {
    let check = json!({
        "name": CHECK,
        "path": format!("::{CHECK}"),
        "id": CHECK_ID,
        "passes": report.summary.requests,
        "fails": wrong(report),
    });
    json!({
        "name": "",
        "path": "",
        "id": "d41d8cd98f00b204e9800998ecf8427e",
        "groups": [],
        "checks": [check],
    })
}

const CHECK: &str = "the answer is the expected one";
/// MD5 of `::the answer is the expected one`.
const CHECK_ID: &str = "1fa886a36db78f6e23a59a0363cc4cfa";
