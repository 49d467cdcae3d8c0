//! What the target says of itself over time: a panel for each unit of the metrics that its manifest chose. A reading that was
//! not had breaks the line.

use super::axis::{Axis, size_unit, time_unit};
use super::look::ENTRANTS;
use super::picture::{Line, Moments, Panel, highest};
use bench_model::target::{MetricKind, TargetMetric, Unit};

pub(super) fn panels(metrics: &[TargetMetric], moments: &Moments, divisor: f64) -> Vec<Panel> {
    let mut groups: Vec<Vec<&TargetMetric>> = Vec::new();
    for metric in metrics {
        let of_the_same = |group: &&mut Vec<&TargetMetric>| axis_of(group[0]) == axis_of(metric);
        match groups.iter_mut().find(of_the_same) {
            Some(group) => group.push(metric),
            None => groups.push(vec![metric]),
        }
    }
    groups.iter().map(|group| panel(group, moments, divisor)).collect()
}

/// Metrics that share an axis are alike in this.
fn axis_of(metric: &TargetMetric) -> (Unit, MetricKind) {
    (metric.unit, metric.kind)
}

fn panel(metrics: &[&TargetMetric], moments: &Moments, divisor: f64) -> Panel {
    let (unit, kind) = axis_of(metrics[0]);
    let keys: Vec<String> = metrics.iter().map(|metric| metric.key()).collect();
    let readings =
        || moments.points.iter().flat_map(|point| keys.iter().filter_map(|key| point.metrics.get(key)));
    let largest = readings().fold(0.0, |largest: f64, reading| largest.max(reading.abs()));
    let (scale_name, scale) = match unit {
        Unit::Bytes => size_unit(largest),
        Unit::Seconds => {
            let (name, us) = time_unit(largest * 1e6);
            (name, us / 1e6)
        }
        Unit::Count => ("Count", 1.0),
    };
    let lines = metrics.iter().zip(&keys).zip(ENTRANTS.iter().cycle()).map(|((metric, key), &stroke)| {
        moments.line(&metric.name, stroke, divisor, |point| Some(point.metrics.get(key)? / scale))
    });
    let lines: Vec<Line> = lines.filter(|line| line.points.iter().any(Option::is_some)).collect();
    let each = match kind {
        MetricKind::Gauge => "",
        MetricKind::Counter => " a second",
    };
    let title = format!("{scale_name}{each}");
    let least = readings().fold(0.0, |least: f64, reading| least.min(reading / scale));
    let y = if least < 0.0 {
        Axis::around(title, least, highest(&lines))
    } else {
        Axis::from_zero(title, highest(&lines))
    };
    Panel { y, lines, labels: Vec::new(), empty: "no reading of these was had" }
}
