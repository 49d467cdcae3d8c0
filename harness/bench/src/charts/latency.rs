//! Latency percentiles over time.

use super::Source;
use super::axis::{Axis, time_unit};
use super::look::{BLUE, GREEN, Mark, ORANGE, PURPLE, Stroke, VERMILION, stroke};
use super::measure::Measure;
use super::picture::{Line, Moments, Panel, Picture, highest, lowest};
use crate::report::latency_title;
use bench_model::summary::LatencyFigures;

/// Above this ratio of the largest to the smallest value shown, a linear axis would flatten the small ones.
const LOGARITHMIC_FROM: f64 = 20.0;

type Percentile = (&'static str, Stroke, fn(&LatencyFigures) -> f64);

const PERCENTILES: [Percentile; 5] = [
    ("Max", stroke(PURPLE, Some((2.0, 3.0)), Mark::Cross), |figures| figures.max),
    ("P99.9", stroke(VERMILION, Some((8.0, 3.0)), Mark::Diamond), |figures| figures.p99_9),
    ("P99", stroke(ORANGE, None, Mark::Triangle), |figures| figures.p99),
    ("P90", stroke(GREEN, Some((5.0, 3.0)), Mark::Square), |figures| figures.p90),
    ("P50", stroke(BLUE, None, Mark::Circle), |figures| figures.p50),
];

/// The axis that shows lines of latencies best; their unit is its name and how many microseconds it has.
pub(super) fn latency_axis(title: &str, (unit, size_us): (&str, f64), lines: &[Line]) -> Axis {
    let title = format!("{title} ({unit})");
    let (low, high) = (lowest(lines), highest(lines));
    let axis = if high > low * LOGARITHMIC_FROM {
        Axis::logarithmic(title, low, high)
    } else {
        Axis::from_zero(title, high)
    };
    axis.of(Measure::TimeUs(size_us)).of_latencies()
}

/// What a chart's title says of such an axis.
pub(super) fn scale_note(axis: &Axis) -> &'static str {
    if axis.logarithmic { " (log scale)" } else { "" }
}

pub(super) fn picture(source: &Source<'_>) -> Picture {
    let moments = Moments::of(&source.timeline.points);
    let (mut picture, divisor) = Picture::over_time(source, "Latency percentiles over time", &moments);
    let longest = |figures: &LatencyFigures| figures.max;
    let latencies = moments.points.iter().filter_map(|point| point.latency_us.as_ref());
    let (unit, size_us) = time_unit(latencies.map(longest).fold(0.0, f64::max));
    let mut lines: Vec<_> = PERCENTILES
        .into_iter()
        .map(|(name, stroke, value)| {
            moments.line(name, stroke, divisor, |point| {
                point.latency_us.as_ref().map(|figures| value(figures) / size_us)
            })
        })
        .collect();
    if highest(&lines) <= 0.0 {
        lines.clear();
    }
    let y = latency_axis(latency_title(&source.report.plan.load), (unit, size_us), &lines);
    picture.title += scale_note(&y);
    picture.panels.push(Panel { y, lines, labels: Vec::new(), empty: "no request was answered" });
    picture
}
