//! The intervals of a run as a table: RFC 4180, one row for each, header names ending in their units.
//!
//! Every row carries the run's id, verdict and warnings, so that tables of several runs can be joined and no row of
//! a doubtful run passes for a good one. A field is empty where nothing was measured. Numbers are never scaled.

use super::timeline::{Point, Timeline};
use bench_model::interval::Phase;
use bench_model::report::RunReport;
use bench_model::resources::ResourceSample;
use bench_model::summary::{LatencyFigures, memory_of};
use bench_model::target::TargetMetric;
use bench_model::warning::Verdict;

const LINE_END: &str = "\r\n";

/// The columns that are the same in every row of a run.
const RUN_COLUMNS: [&str; 3] = ["run", "verdict", "warnings"];

/// What stands before the keys of the target's own metrics, whose columns are the last.
const METRIC: &str = "metric_";

type Column = (&'static str, fn(&Point) -> String);

/// The columns of an interval, in order. CPU is in percent of one CPU: 250 means two and a half.
const COLUMNS: &[Column] = &[
    ("phase", |point| phase(point.phase).to_owned()),
    ("start_s", |point| decimal(point.start_s)),
    ("duration_s", |point| decimal(point.duration_s)),
    ("requests", |point| point.counters.requests.to_string()),
    ("tps", |point| decimal(point.tps())),
    ("items", items),
    ("refused_items", |point| point.counters.refused.to_string()),
    ("due_requests", |point| point.counters.due.to_string()),
    ("sent_requests", |point| point.counters.sent.to_string()),
    ("errors_unsent", |point| point.counters.errors.unsent.to_string()),
    ("errors_connect", |point| point.counters.errors.connect.to_string()),
    ("errors_timeout", |point| point.counters.errors.timeout.to_string()),
    ("errors_reset", |point| point.counters.errors.reset.to_string()),
    ("errors_protocol", |point| point.counters.errors.protocol.to_string()),
    ("errors_status", |point| point.counters.errors.status.to_string()),
    ("errors_mismatch", |point| point.counters.errors.mismatch.to_string()),
    ("cut_off_requests", |point| point.censored.to_string()),
    ("reconnects", |point| point.counters.reconnects.to_string()),
    ("resent_requests", |point| point.counters.resent.to_string()),
    ("in_flight_mean", |point| decimal(point.in_flight_mean())),
    ("latency_min_us", |point| latency(point, |figures| figures.min)),
    ("latency_mean_us", |point| latency(point, |figures| figures.mean)),
    ("latency_stdev_us", |point| latency(point, |figures| figures.stdev)),
    ("latency_p50_us", |point| latency(point, |figures| figures.p50)),
    ("latency_p75_us", |point| latency(point, |figures| figures.p75)),
    ("latency_p90_us", |point| latency(point, |figures| figures.p90)),
    ("latency_p95_us", |point| latency(point, |figures| figures.p95)),
    ("latency_p99_us", |point| latency(point, |figures| figures.p99)),
    ("latency_p99_9_us", |point| latency(point, |figures| figures.p99_9)),
    ("latency_p99_99_us", |point| latency(point, |figures| figures.p99_99)),
    ("latency_max_us", |point| latency(point, |figures| figures.max)),
    ("received_bytes", |point| point.counters.bytes_in.to_string()),
    ("sent_bytes", |point| point.counters.bytes_out.to_string()),
    ("target_cpu_percent", |point| point.target_cpus.map(percent).unwrap_or_default()),
    ("target_memory_bytes", |point| target(point, |sample| Some(memory_of(sample)))),
    ("target_rss_bytes", |point| target(point, |sample| Some(sample.rss_bytes))),
    ("target_pss_bytes", |point| target(point, |sample| sample.pss_bytes)),
    ("target_threads", |point| target(point, |sample| Some(sample.threads))),
    ("target_open_files", |point| target(point, |sample| sample.open_files)),
    ("generator_cpu_percent", |point| percent(point.generator_cpus)),
    ("generator_rss_bytes", |point| point.generator_rss_bytes.to_string()),
    ("steal_s", |point| decimal(point.steal_s)),
    ("hiccup_p99_us", |point| hiccup(point, |figures| figures.p99)),
    ("hiccup_max_us", |point| hiccup(point, |figures| figures.max)),
];

/// Accepted items; empty in runs that were made before they were counted.
fn items(point: &Point) -> String {
    let is_counted = point.counters.items > 0 || point.counters.requests == 0;
    if is_counted { point.counters.items.to_string() } else { String::new() }
}

pub(super) fn render(report: &RunReport, timeline: &Timeline) -> String {
    let names = COLUMNS.iter().map(|(name, _)| (*name).to_owned());
    let keys: Vec<String> = report.plan.target.metrics().iter().map(TargetMetric::key).collect();
    let own_names = keys.iter().map(|key| format!("{METRIC}{key}"));
    let mut text = row(RUN_COLUMNS.map(str::to_owned).into_iter().chain(names).chain(own_names));
    for point in &timeline.points {
        let values = COLUMNS.iter().map(|(_, value)| value(point));
        let own = keys.iter().map(|key| point.metrics.get(key).map(f64::to_string).unwrap_or_default());
        text += &row(run_fields(report).into_iter().chain(values).chain(own));
    }
    text
}

/// The values of [`RUN_COLUMNS`].
fn run_fields(report: &RunReport) -> [String; 3] {
    let [verdict, warnings] = verdict(report);
    [report.id.clone(), verdict, warnings]
}

/// A run's verdict and the codes of its warnings.
pub(super) fn verdict(report: &RunReport) -> [String; 2] {
    let verdict = match report.verdict {
        Verdict::Valid => "valid",
        Verdict::Invalid => "invalid",
    };
    let codes = report.warnings.iter().map(|warning| warning.code.as_str());
    let codes: Vec<&str> = codes.collect();
    [verdict.to_owned(), codes.join(" ")]
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::WarmUp => "warm-up",
        Phase::Measure => "measure",
    }
}

fn latency(point: &Point, figure_us: fn(&LatencyFigures) -> f64) -> String {
    let figure_us = point.latency_us.as_ref().map(figure_us);
    figure_us.map(decimal).unwrap_or_default()
}

fn hiccup(point: &Point, figure_us: fn(&LatencyFigures) -> f64) -> String {
    let figure_us = point.hiccup_us.as_ref().map(figure_us);
    figure_us.map(decimal).unwrap_or_default()
}

fn target(point: &Point, figure: fn(&ResourceSample) -> Option<u64>) -> String {
    let figure = point.target.as_ref().and_then(figure);
    figure.map(|value| value.to_string()).unwrap_or_default()
}

fn percent(cpus: f64) -> String {
    decimal(cpus * 100.0)
}

pub(super) fn decimal(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { String::new() }
}

pub(super) fn row(fields: impl Iterator<Item = String>) -> String {
    let fields: Vec<String> = fields.map(quoted).collect();
    fields.join(",") + LINE_END
}

/// A field as it stands in a row: without what would steer a terminal, and in quotes where it must be.
fn quoted(field: String) -> String {
    let field = field.replace(|c: char| c.is_control() && !"\r\n\t".contains(c), " ");
    if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::counters::Errors;
    use std::collections::BTreeSet;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        for (field, written) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("\u{1b}[2J\u{9b}", " [2J "),
            ("", ""),
        ] {
            assert_eq!(quoted(field.to_owned()), written);
        }
    }

    #[test]
    fn every_error_class_has_a_column_and_no_column_is_there_twice() {
        let names: BTreeSet<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        assert!(!names.iter().any(|name| name.starts_with(METRIC)), "a target's metric may be of any name");
        for (class, _) in Errors::default().named() {
            assert!(names.contains(format!("errors_{class}").as_str()), "{class}");
        }
    }
}
