//! What the target says of itself, for people: the metrics that its manifest chose, and how many of the readings are missing.

use super::amount::{bytes, number, time_us};
use super::document::Cell;
use super::markdown::escaped;
use super::timeline::Timeline;
use bench_model::interval::Phase;
use bench_model::report::RunReport;
use bench_model::target::{MetricKind, TargetMetric, Unit};

/// A section of the Markdown report; nothing where the manifest chose none.
pub(super) fn markdown(report: &RunReport, timeline: &Timeline) -> Option<String> {
    let rows = rows(report);
    if rows.is_empty() {
        return None;
    }
    let mut text = "| The target's own metrics | Median | Max |\n|---|---:|---:|".to_owned();
    for (name, [median, max]) in rows {
        text += &format!("\n| {} | {} | {} |", escaped(name), median.text, max.text);
    }
    text +=
        &few_readings(report, timeline).map_or_else(String::new, |note| format!("\n\n{}", escaped(&note)));
    Some(text)
}

/// The median and the largest reading of each metric, by its name.
pub(super) fn rows(report: &RunReport) -> Vec<(&str, [Cell; 2])> {
    let metrics = report.plan.target.metrics().iter();
    let rows = metrics.map(|metric| {
        let key = metric.key();
        let cells = match report.summary.metrics.get(&key) {
            None => ["-", "-"].map(Cell::number),
            Some(figures) => [("median", figures.median), ("max", figures.max)].map(|(field, value)| {
                // As RFC 6901 writes what would end a step of a pointer.
                let key = key.replace('~', "~0").replace('/', "~1");
                let at = format!("/summary/metrics/{key}/{field}");
                Cell::number(amount(metric, value)).valued(value).at(at)
            }),
        };
        (metric.name.as_str(), cells)
    });
    rows.collect()
}

fn amount(metric: &TargetMetric, value: f64) -> String {
    let amount = match metric.unit {
        Unit::Bytes => bytes(value).to_string(),
        Unit::Seconds => time_us(value * 1e6).to_string(),
        Unit::Count => number(value),
    };
    match metric.kind {
        MetricKind::Gauge => amount,
        MetricKind::Counter => amount + " a second",
    }
}

/// A note on metrics that were missed in more than half of the window's intervals.
pub(super) fn few_readings(report: &RunReport, timeline: &Timeline) -> Option<String> {
    let intervals = timeline.points.iter().filter(|point| point.phase == Phase::Measure).count() as u64;
    let few = report.plan.target.metrics().iter().filter_map(|metric| {
        let readings = report.summary.metrics.get(&metric.key()).map_or(0, |figures| figures.readings);
        (readings * 2 < intervals).then(|| format!("{} in {readings}", metric.name))
    });
    let few = few.collect::<Vec<_>>().join(", ");
    let why = match &report.scrape_fault {
        Some(fault) => format!("The last time that one failed: {fault}."),
        None => "None failed, so the target fell behind with its answers.".to_owned(),
    };
    (!few.is_empty())
        .then(|| format!("Read in fewer than half of the window's {intervals} intervals: {few}. {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use bench_model::record::RunRecord;

    fn section(record: &RunRecord) -> Option<String> {
        markdown(&RunReport::of(record), &Timeline::of(record))
    }

    #[test]
    fn a_note_stands_where_most_readings_are_missing() {
        let scraped = fixture::scraped();
        let first_measured = scraped.intervals.len() - 8;
        for (missing, noted) in [(3, false), (4, false), (5, true), (8, true)] {
            let mut record = scraped.clone();
            // One is missing in the fixture already.
            let window = record.intervals[first_measured..].iter_mut();
            let had = window.filter(|interval| !interval.metrics.is_empty());
            for interval in had.take(missing - 1) {
                interval.metrics.remove("tasks");
            }
            let text = section(&record).expect("it has metrics");
            assert_eq!(text.contains(&format!("tasks in {}", 8 - missing)), noted, "{missing}: {text}");
            assert_eq!(text.contains("| tasks | - | - |"), missing == 8, "{text}");
        }
        assert_eq!(section(&fixture::stored()), None);
    }
}
