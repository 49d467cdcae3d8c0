//! A result in Prometheus' text exposition: what a gateway is pushed or a textfile collector reads. Seconds and bytes, counters
//! that end in `_total`, the labels `scenario` and `target`; no timestamps, which textfile collectors refuse.
//!
//! Whether figures may be used is a metric of its own, `bench_valid`.

use super::RunSource;
use super::sheet::{Figure, OfTarget, Sheet, State};
use bench_model::latency::Latencies;
use std::fmt::Write as _;

/// The upper ends of the histogram's buckets, in nanoseconds: 1, 2.5 and 5 of each power of ten, from 10 us to 100 s.
const BUCKETS_NS: [u64; 22] = [
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
    25_000_000_000,
    50_000_000_000,
    100_000_000_000,
];

/// Metrics in the making. The samples of a metric must stand together, under its help and its type.
#[derive(Default)]
struct Exposition {
    families: Vec<Family>,
}

struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    samples: String,
}

/// Names and values.
type Labels<'a> = Vec<(&'a str, &'a str)>;

impl Exposition {
    /// Adds a sample. `name` may have a suffix after the family's own name.
    fn add(&mut self, family: &Described, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let &(name, kind, help) = family;
        let at = self.families.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.families.push(Family { name, kind, help, samples: String::new() });
            self.families.len() - 1
        });
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let _ = writeln!(self.families[at].samples, "{name}{suffix}{{{}}} {value}", labels.join(","));
    }

    fn text(&self) -> String {
        let family = |family: &Family| {
            let Family { name, kind, help, samples } = family;
            format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{samples}")
        };
        self.families.iter().map(family).collect()
    }
}

/// A family's name, type and help.
type Described = (&'static str, &'static str, &'static str);

const VALID: Described = ("bench_valid", "gauge", "1 if the figures may be used, 0 if not.");
const WARNING: Described =
    ("bench_warning", "gauge", "1 for each reason to read the result with care, by code.");
const THRESHOLD: Described = (
    "bench_threshold",
    "gauge",
    "1 for each threshold, by what came of it: held, failed, inconclusive or not-evaluated.",
);
const THROUGHPUT: Described = (
    "bench_transactions_per_second",
    "gauge",
    "Verified responses a second, of batches their accepted items; of a comparison the median over its blocks.",
);
const RATE: Described = ("bench_requests_per_second", "gauge", "Verified responses a second.");
const PERCENTILE: Described = (
    "bench_latency_percentile_seconds",
    "gauge",
    "Latency, requests that were cut off included; of a comparison the median over its blocks.",
);
const CPU: Described = (
    "bench_cpu_seconds_per_transaction",
    "gauge",
    "CPU time of the target's processes for each verified response, of batches for each accepted item.",
);
const MEMORY: Described = (
    "bench_memory_bytes",
    "gauge",
    "Memory of the target: idle before the load, median in the window, peak of the run.",
);
const START_UP: Described = ("bench_start_up_seconds", "gauge", "From the target's start until it answered.");
const ARTEFACT: Described = ("bench_artefact_bytes", "gauge", "Size of what was built and is shipped.");
const FAILED_PART: Described = ("bench_failed_ratio", "gauge", "Failed requests over all, 0 to 1.");
const CAPACITY: Described = (
    "bench_capacity_requests_per_second",
    "gauge",
    "The highest rate of those tried that held the objective and was confirmed.",
);
const RATIO: Described =
    ("bench_ratio", "gauge", "The target's figure over the base's: Hodges-Lehmann estimate.");
const RATIO_LOW: Described = ("bench_ratio_low", "gauge", "Lower end of the ratio's interval.");
const RATIO_HIGH: Described = ("bench_ratio_high", "gauge", "Upper end of the ratio's interval.");
const WINDOW: Described = ("bench_window_seconds", "gauge", "Length of the measured window.");
const REQUESTS: Described = ("bench_requests_total", "counter", "Verified responses in the window.");
const ERRORS: Described = ("bench_errors_total", "counter", "Failed requests in the window, by class.");
const RESPONSES: Described =
    ("bench_responses_total", "counter", "Complete responses in the window, by HTTP status.");
const RECEIVED: Described = ("bench_received_bytes_total", "counter", "Bytes received in the window.");
const SENT: Described = ("bench_sent_bytes_total", "counter", "Bytes sent in the window.");
const LATENCY: Described = (
    "bench_latency_seconds",
    "histogram",
    "Latency of the verified responses; of an open load from the due time. Those that were cut off are not in it.",
);

/// A run: what every result has, the counters, and the latencies as a histogram.
pub(super) fn of_run(source: &RunSource<'_>) -> String {
    let RunSource { report, timeline, .. } = source;
    let mut all = exposition(&Sheet::of_run(source));
    let summary = &report.summary;
    let labels = vec![("scenario", report.plan.scenario.as_str()), ("target", report.plan.target.name())];
    all.add(&WINDOW, "", &labels, summary.duration_s);
    all.add(&REQUESTS, "", &labels, summary.requests as f64);
    all.add(&RATE, "", &labels, summary.tps);
    for (class, count) in summary.errors.named() {
        all.add(&ERRORS, "", &with(&labels, ("class", class)), count as f64);
    }
    for (status, count) in &summary.status {
        all.add(&RESPONSES, "", &with(&labels, ("code", &status.to_string())), *count as f64);
    }
    all.add(&RECEIVED, "", &labels, summary.bytes_in as f64);
    all.add(&SENT, "", &labels, summary.bytes_out as f64);
    histogram(&mut all, &labels, &timeline.latencies);
    all.text()
}

/// What every result has.
pub(super) fn of_sheet(sheet: &Sheet) -> String {
    exposition(sheet).text()
}

fn exposition(sheet: &Sheet) -> Exposition {
    let mut all = Exposition::default();
    for target in &sheet.targets {
        let labels = vec![("scenario", sheet.scenario.as_str()), ("target", target.name.as_str())];
        if !target.figures.is_empty() || target.fault.is_some() {
            all.add(&VALID, "", &labels, if target.fault.is_some() { 0.0 } else { 1.0 });
        }
        for figure in &target.figures {
            add_figure(&mut all, &labels, figure);
        }
        thresholds(&mut all, &labels, target);
    }
    let mut codes: Vec<&str> = sheet.notes.iter().map(|note| note.code.as_str()).collect();
    codes.extend(
        sheet
            .targets
            .iter()
            .filter_map(|target| target.fault.as_ref())
            .flat_map(|fault| &fault.codes)
            .map(String::as_str),
    );
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        all.add(&WARNING, "", &[("scenario", sheet.scenario.as_str()), ("code", code)], 1.0);
    }
    all
}

fn add_figure(all: &mut Exposition, labels: &[(&str, &str)], figure: &Figure) {
    let (family, own) = match figure.name {
        "tps" => (&THROUGHPUT, None),
        "p50" => (&PERCENTILE, Some(("percentile", "50"))),
        "p99" => (&PERCENTILE, Some(("percentile", "99"))),
        "p999" => (&PERCENTILE, Some(("percentile", "99.9"))),
        "cpu-per-request" => (&CPU, None),
        "memory-idle" => (&MEMORY, Some(("state", "idle"))),
        "memory-median" => (&MEMORY, Some(("state", "median"))),
        "memory-peak" => (&MEMORY, Some(("state", "peak"))),
        "start-up" => (&START_UP, None),
        "artefact-size" => (&ARTEFACT, None),
        "errors" => (&FAILED_PART, None),
        "capacity" => (&CAPACITY, None),
        _ => return,
    };
    let labels: Labels<'_> = labels.iter().copied().chain(own).collect();
    all.add(family, "", &labels, figure.value / per_base_unit(figure.unit));
    for ratio in &figure.ratios {
        let labels = with(&with(&labels[..2], ("base", &ratio.base)), ("metric", figure.name));
        all.add(&RATIO, "", &labels, ratio.value);
        if let Some((low, high)) = ratio.low.zip(ratio.high) {
            all.add(&RATIO_LOW, "", &labels, low);
            all.add(&RATIO_HIGH, "", &labels, high);
        }
    }
}

/// How many of a unit make one of Prometheus' base units.
fn per_base_unit(unit: &str) -> f64 {
    match unit {
        "us" => 1e6,
        "ms" => 1e3,
        "%" => 100.0,
        _ => 1.0,
    }
}

fn thresholds(all: &mut Exposition, labels: &[(&str, &str)], target: &OfTarget) {
    for check in &target.checks {
        let state = match check.state {
            State::Held => "held",
            State::Failed => "failed",
            State::Inconclusive => "inconclusive",
            State::NotEvaluated => "not-evaluated",
        };
        let figure = with(labels, ("figure", &check.figure));
        let labels = with(&with(&figure, ("threshold", &check.threshold)), ("outcome", state));
        all.add(&THRESHOLD, "", &labels, 1.0);
    }
}

fn histogram(all: &mut Exposition, labels: &[(&str, &str)], latencies: &Latencies) {
    let histogram = latencies.histogram();
    for bound_ns in BUCKETS_NS {
        let below = if histogram.is_empty() { 0 } else { histogram.count_between(0, bound_ns) };
        let bound_s = (bound_ns as f64 / 1e9).to_string();
        all.add(&LATENCY, "_bucket", &with(labels, ("le", &bound_s)), below as f64);
    }
    all.add(&LATENCY, "_bucket", &with(labels, ("le", "+Inf")), histogram.len() as f64);
    let sum_s = if histogram.is_empty() { 0.0 } else { histogram.mean() * histogram.len() as f64 / 1e9 };
    all.add(&LATENCY, "_sum", labels, sum_s);
    all.add(&LATENCY, "_count", labels, histogram.len() as f64);
}

fn with<'a>(labels: &[(&'a str, &'a str)], own: (&'a str, &'a str)) -> Labels<'a> {
    labels.iter().copied().chain([own]).collect()
}

/// A label's value, in one line and without what would steer a terminal.
fn escaped(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    escaped.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_in_their_quotes() {
        let mut all = Exposition::default();
        all.add(&VALID, "", &[("target", "a\"b\\c\nd\u{1b}[e\u{9b}f")], 1.0);
        assert!(all.text().ends_with("bench_valid{target=\"a\\\"b\\\\c\\nd [e f\"} 1\n"), "{}", all.text());
    }

    #[test]
    fn buckets_hold_all_that_is_no_longer() {
        let mut latencies = Latencies::new();
        for (ns, times) in [(9_000, 3), (40_000, 2), (200_000_000_000, 1)] {
            latencies.record_many(ns, times);
        }
        let mut all = Exposition::default();
        histogram(&mut all, &[], &latencies);
        let text = all.text();
        for line in [
            "bench_latency_seconds_bucket{le=\"0.00001\"} 3",
            "bench_latency_seconds_bucket{le=\"0.000025\"} 3",
            "bench_latency_seconds_bucket{le=\"0.00005\"} 5",
            "bench_latency_seconds_bucket{le=\"100\"} 5",
            "bench_latency_seconds_bucket{le=\"+Inf\"} 6",
            "bench_latency_seconds_count{} 6",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} in {text}");
        }
    }
}
