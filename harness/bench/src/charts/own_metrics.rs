//! What the target says of itself over time: a panel for each unit of the metrics that its manifest chose, and for counts of
//! different sizes one each. A reading that was not had breaks the line.

use super::axis::{Axis, size_unit, time_unit};
use super::look::ENTRANTS;
use super::measure::Measure;
use super::picture::{Line, Moments, Panel, highest};
use bench_model::target::{MetricKind, TargetMetric, Unit};

pub(super) fn panels(metrics: &[TargetMetric], moments: &Moments, divisor: f64) -> Vec<Panel> {
    let mut groups: Vec<Vec<&TargetMetric>> = Vec::new();
    for metric in metrics {
        let largest = largest(&[metric.key()], moments);
        let of_the_same = |group: &&mut Vec<&TargetMetric>| {
            axis_of(group[0]) == axis_of(metric)
                && share(metric.unit, largest, self::largest(&[group[0].key()], moments))
        };
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

/// Whether metrics with these largest readings are shown on one axis. Of two counts, such as 20 collections and 6,500 objects a
/// second, the smaller would lie flat on it.
fn share(unit: Unit, one: f64, other: f64) -> bool {
    /// More often than this the one does not go into the other.
    const ALIKE: f64 = 20.0;
    let (less, more) = (one.min(other), one.max(other));
    unit != Unit::Count || less <= 0.0 || more <= less * ALIKE
}

fn largest(keys: &[String], moments: &Moments) -> f64 {
    let readings =
        moments.points.iter().flat_map(|point| keys.iter().filter_map(|key| point.metrics.get(key)));
    readings.fold(0.0, |largest: f64, reading| largest.max(reading.abs()))
}

fn panel(metrics: &[&TargetMetric], moments: &Moments, divisor: f64) -> Panel {
    let (unit, kind) = axis_of(metrics[0]);
    let keys: Vec<String> = metrics.iter().map(|metric| metric.key()).collect();
    let readings =
        || moments.points.iter().flat_map(|point| keys.iter().filter_map(|key| point.metrics.get(key)));
    let largest = largest(&keys, moments);
    let (scale_name, scale, measure) = match unit {
        Unit::Bytes => {
            let (name, size_bytes) = size_unit(largest);
            (name, size_bytes, Measure::Bytes(size_bytes))
        }
        Unit::Seconds => {
            let (name, us) = time_unit(largest * 1e6);
            (name, us / 1e6, Measure::TimeUs(us))
        }
        Unit::Count => ("Count", 1.0, Measure::Number),
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
    Panel { y: y.of(measure), lines, labels: Vec::new(), empty: "no reading of these was had" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_different_sizes_have_an_axis_each() {
        for (unit, one, other, is_shared) in [
            (Unit::Count, 20.0, 6500.0, false),
            (Unit::Count, 6500.0, 20.0, false),
            (Unit::Count, 20.0, 60.0, true),
            (Unit::Count, 0.0, 60.0, true),
            (Unit::Bytes, 20.0, 6500.0, true),
        ] {
            assert_eq!(share(unit, one, other), is_shared, "{one} and {other}");
        }
    }
}
