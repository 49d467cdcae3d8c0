//! The latency distribution of the measured window on HdrHistogram's percentile axis.
//!
//! Requests that were cut off are in it as the product-limit estimate has them: the same figures as the summary's.

use super::Source;
use super::axis::{Axis, time_unit};
use super::latency::{latency_axis, scale_note};
use super::look::{BLUE, GREEN, Mark, ORANGE, VERMILION, stroke};
use super::picture::{Label, Line, Panel, Picture, Points, highest};
use crate::report::amount::time_us;
use crate::report::document::{Cell, Table};
use crate::report::latency_title;
use bench_model::distribution::{Distribution, Quantile};
use bench_model::latency::Latencies;

/// Points of the curve for each nine.
const POINTS_PER_NINE: f64 = 40.0;
/// Labelled percentiles, as 1/(1-q).
const LABELLED: [f64; 7] = [2.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

pub(super) fn picture(source: &Source<'_>) -> Picture {
    let distribution = source.timeline.distribution();
    let count = distribution.observed().count() + distribution.censored_count();
    let (unit, size_us) = time_unit(distribution.longest().value_ns as f64 / 1e3);
    let (known, bounds) = curve(&distribution, count, size_us * 1e3);
    let all = "all verified requests of the measured window";
    let mut lines = vec![Line::new(all, stroke(BLUE, None, Mark::None), known)];
    if bounds.len() > 1 {
        let dashed = stroke(VERMILION, Some((6.0, 4.0)), Mark::None);
        lines.push(Line::new("at least this long (requests cut off)", dashed, bounds));
    }
    if let (Some(service), Some(lag)) = (&source.timeline.service, &source.timeline.lag) {
        let parts = [
            (
                "service time: from send to complete answer",
                service,
                stroke(GREEN, Some((8.0, 3.0)), Mark::None),
            ),
            ("schedule lag: from due time to send", lag, stroke(ORANGE, Some((2.0, 3.0)), Mark::None)),
        ];
        for (name, latencies, stroke) in parts {
            let part = Distribution::new(latencies.clone(), Latencies::new());
            let (points, _) = curve(&part, latencies.count(), size_us * 1e3);
            lines.push(Line::new(name, stroke, points));
        }
    }
    lines.retain(|line| highest(std::slice::from_ref(line)) > 0.0);
    let y = latency_axis(latency_title(&source.report.plan.load), (unit, size_us), &lines);
    let labels = if lines.is_empty() { Vec::new() } else { labels(&distribution, count, size_us * 1e3) };
    let x = Axis::percentiles(count);
    let title = format!("Latency distribution{}", scale_note(&y));
    let mut picture = Picture::of(source, &title, x);
    picture.panels.push(Panel { y, lines, labels, empty: "no request was answered in the measured window" });
    picture
}

/// The curve as far as it is known, and the part of it that is only a lower bound, joined to it.
pub(super) fn curve(distribution: &Distribution, count: u64, size_ns: f64) -> (Points, Points) {
    let last = ((count.max(1) as f64).log10() * POINTS_PER_NINE).ceil() as i32;
    let (mut known, mut bounds): (Points, Points) = (Vec::new(), Vec::new());
    for index in 0..=last {
        let nines = (f64::from(index) / POINTS_PER_NINE).min((count.max(1) as f64).log10());
        let quantile = distribution.quantile(1.0 - 10_f64.powf(-nines));
        let point = Some((10_f64.powf(nines), quantile.value_ns as f64 / size_ns));
        if quantile.at_least {
            if bounds.is_empty() {
                bounds.extend(known.last().copied());
            }
            bounds.push(point);
        } else {
            known.push(point);
        }
    }
    (known, bounds)
}

/// The percentiles that tables have, as far as there are requests beyond them.
const TABLED: [(&str, f64); 9] = [
    ("P50", 0.5),
    ("P75", 0.75),
    ("P90", 0.9),
    ("P95", 0.95),
    ("P99", 0.99),
    ("P99.9", 0.999),
    ("P99.99", 0.9999),
    ("P99.999", 0.99999),
    ("P99.9999", 0.999_999),
];

/// The names of the percentiles in a table of distributions, the largest of which has so many requests.
pub(super) fn tabled(count: u64) -> Vec<(&'static str, f64)> {
    TABLED.into_iter().filter(|(_, quantile)| (1.0 - quantile) * count as f64 >= 1.0 - 1e-9).collect()
}

/// A latency in a table.
pub(super) fn cell(quantile: Quantile) -> Cell {
    let value_us = quantile.value_ns as f64 / 1e3;
    let sign = if quantile.at_least { ">= " } else { "" };
    Cell::number(format!("{sign}{}", time_us(value_us))).valued(value_us)
}

/// The distribution in few figures: the chart has hundreds of points.
pub(super) fn table(source: &Source<'_>) -> Table {
    let whole = source.timeline.distribution();
    let count = whole.observed().count() + whole.censored_count();
    let parts = [&source.timeline.service, &source.timeline.lag].into_iter().flatten();
    let parts = parts.map(|part| Distribution::new(part.clone(), Latencies::new()));
    let all: Vec<Distribution> = std::iter::once(whole).chain(parts).collect();
    let mut heads = vec!["Percentile", "Latency"];
    heads.extend(["Service time", "Schedule lag"].into_iter().take(all.len() - 1));
    let row = |name: &str, of: &dyn Fn(&Distribution) -> Quantile| {
        std::iter::once(Cell::text(name)).chain(all.iter().map(|each| cell(of(each)))).collect()
    };
    let mut rows: Vec<Vec<Cell>> =
        tabled(count).into_iter().map(|(name, at)| row(name, &|each| each.quantile(at))).collect();
    rows.extend((count > 0).then(|| row("Max", &Distribution::longest)));
    Table {
        caption: format!("{}, by percentile", latency_title(&source.report.plan.load)),
        heads: heads.into_iter().map(str::to_owned).collect(),
        rows,
    }
}

/// The values of the longest request, and of the usual percentiles that ten requests or more lie beyond.
fn labels(distribution: &Distribution, count: u64, size_ns: f64) -> Vec<Label> {
    let all = count as f64;
    let usual = LABELLED.into_iter().filter(|at| at * 10.0 <= all);
    let mut labels: Vec<Label> = usual
        .map(|at| (at, distribution.quantile(1.0 - 1.0 / at)))
        .chain([(all, distribution.longest())])
        .map(|(at, quantile)| {
            let sign = if quantile.at_least { "at least " } else { "" };
            Label {
                at: (at, quantile.value_ns as f64 / size_ns),
                text: format!("{sign}{}", time_us(quantile.value_ns as f64 / 1e3)),
            }
        })
        .collect();
    if let Some(longest) = labels.last_mut() {
        longest.text.insert_str(0, "max ");
    }
    labels
}
