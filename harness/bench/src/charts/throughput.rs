//! Throughput over time, and errors where there are any.

use super::Source;
use super::axis::Axis;
use super::look::{BLACK, BLUE, Mark, VERMILION, stroke};
use super::picture::{Line, Moments, Panel, Picture, Role, highest};
use crate::report::amount::{count, number};
use crate::report::timeline::Point;
use bench_model::interval::Phase;

pub(super) fn picture(source: &Source<'_>) -> Picture {
    let moments = Moments::of(&source.timeline.points);
    let (mut picture, divisor) = Picture::over_time(source, "Throughput over time", &moments);
    let mut lines =
        vec![
            moments.line("verified requests", stroke(BLUE, None, Mark::Circle), divisor, |point| {
                Some(point.tps())
            }),
        ];
    let errors: u64 = moments.points.iter().map(|point| point.counters.errors.total()).sum();
    if errors > 0 {
        lines.push(moments.line(
            format!("failed requests ({} in all)", count(errors)),
            stroke(VERMILION, Some((6.0, 4.0)), Mark::Cross),
            divisor,
            |point| Some(point.errors_per_s()),
        ));
    }
    let measured = |point: &&Point| point.phase == Phase::Measure;
    let first = moments.points.iter().find(measured);
    let last = moments.points.iter().rfind(measured);
    if let (Some(first), Some(last)) = (first, last) {
        let tps = source.report.summary.tps;
        let ends = vec![Some((first.start_s / divisor, tps)), Some((last.end_s() / divisor, tps))];
        let name = format!("measured mean: {} TPS", number(tps));
        let mean = Line::new(name, stroke(BLACK, Some((2.0, 3.0)), Mark::None), ends);
        lines.push(mean.playing(Role::Level));
    }
    if moments.points.is_empty() {
        lines.clear();
    }
    picture.panels.push(Panel {
        y: Axis::from_zero("Requests per second", highest(&lines)),
        lines,
        labels: Vec::new(),
        empty: "no interval was measured",
    });
    picture
}
