//! CPU and memory over time: of the target where it was sampled, and of the generator. Below them, what the target says of
//! itself, where its manifest chose something.

use super::Source;
use super::axis::{Axis, size_unit};
use super::look::{BLUE, Mark, ORANGE, stroke};
use super::measure::Measure;
use super::own_metrics;
use super::picture::{Line, Moments, Panel, Picture, highest};
use bench_model::report::RunReport;
use bench_model::resources::MemoryKind;
use bench_model::summary::memory_of;

/// What each panel of the target's own metrics adds to the height.
const OWN_METRICS_HEIGHT: u32 = 140;

pub(super) fn picture(source: &Source<'_>) -> Picture {
    let moments = Moments::of(&source.timeline.points);
    let metrics = source.report.plan.target.metrics();
    let title = if metrics.is_empty() {
        "CPU and memory over time"
    } else {
        "CPU, memory and the target's own metrics over time"
    };
    let (mut picture, divisor) = Picture::over_time(source, title, &moments);
    picture.panels = vec![cpu(&moments, divisor), memory(source.report, &moments, divisor)];
    let own = own_metrics::panels(metrics, &moments, divisor);
    picture.height += own.len() as u32 * OWN_METRICS_HEIGHT;
    picture.panels.extend(own);
    picture
}

fn cpu(moments: &Moments, divisor: f64) -> Panel {
    let target =
        moments.line("target CPU", stroke(BLUE, None, Mark::Circle), divisor, |point| point.target_cpus);
    let generator =
        moments.line("generator CPU", stroke(ORANGE, Some((6.0, 3.0)), Mark::Triangle), divisor, |point| {
            Some(point.generator_cpus)
        });
    let lines = drawn([target, generator]);
    Panel {
        y: Axis::from_zero("CPUs busy", highest(&lines)),
        lines,
        labels: Vec::new(),
        empty: "no interval was measured",
    }
}

fn memory(report: &RunReport, moments: &Moments, divisor: f64) -> Panel {
    let target_bytes =
        |point: &crate::report::timeline::Point| point.target.as_ref().map(|sample| memory_of(sample) as f64);
    let all =
        moments.points.iter().flat_map(|point| [target_bytes(point), Some(point.generator_rss_bytes as f64)]);
    let (unit, size_bytes) = size_unit(all.flatten().fold(0.0, f64::max));
    let kind = match report.target.as_ref().map(|target| target.memory_kind) {
        Some(MemoryKind::Rss) => "RSS",
        _ => "PSS",
    };
    let target =
        moments.line(format!("target memory ({kind})"), stroke(BLUE, None, Mark::Circle), divisor, |point| {
            target_bytes(point).map(|bytes| bytes / size_bytes)
        });
    let generator = moments.line(
        "generator memory (RSS)",
        stroke(ORANGE, Some((6.0, 3.0)), Mark::Triangle),
        divisor,
        |point| Some(point.generator_rss_bytes as f64 / size_bytes),
    );
    let lines = drawn([target, generator]);
    Panel {
        y: Axis::from_zero(format!("Memory ({unit})"), highest(&lines)).of(Measure::Bytes(size_bytes)),
        lines,
        labels: Vec::new(),
        empty: "no interval was measured",
    }
}

/// The lines that have a point.
fn drawn(lines: [Line; 2]) -> Vec<Line> {
    let has_points = |line: &Line| line.points.iter().any(Option::is_some);
    lines.into_iter().filter(has_points).collect()
}
