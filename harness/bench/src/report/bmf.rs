//! A result in Bencher Metric Format: benchmarks, their measures, and of each a value and the ends of its interval.
//!
//! Times are in nanoseconds, the unit of Bencher's own measure `latency`. What may not be used, or is only a lower
//! bound, is left out, since Bencher would take it for history.

use super::sheet::{Figure, OfTarget, Sheet};
use serde::Serialize;
use std::collections::BTreeMap;

/// A measure of a benchmark.
#[derive(Serialize)]
struct Measure {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

pub(super) fn render(sheet: &Sheet) -> String {
    let of = |target: &OfTarget| {
        let measures: BTreeMap<&str, Measure> =
            sheet.comparable(target).map(|figure| (slug(figure), measure(figure))).collect();
        (!measures.is_empty()).then(|| (format!("{}/{}", sheet.scenario, target.name), measures))
    };
    let benchmarks: BTreeMap<String, BTreeMap<&str, Measure>> = sheet.targets.iter().filter_map(of).collect();
    serde_json::to_string_pretty(&benchmarks).expect("names and plain values can be written") + "\n"
}

fn measure(figure: &Figure) -> Measure {
    let scale = match figure.unit {
        "us" => 1e3,
        "ms" => 1e6,
        _ => 1.0,
    };
    let scaled = |value: f64| value * scale;
    Measure {
        value: scaled(figure.value),
        lower_value: figure.low.map(scaled),
        upper_value: figure.high.map(scaled),
    }
}

/// The name of a measure; those that every project at Bencher has from the start are used where they fit.
fn slug(figure: &Figure) -> &'static str {
    match figure.name {
        "tps" => "throughput",
        "p50" => "latency",
        "p99" => "latency-p99",
        "p999" => "latency-p99-9",
        "artefact-size" => "file-size",
        other => other,
    }
}
