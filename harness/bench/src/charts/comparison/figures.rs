//! Each entrant's figures as bars: throughput, and what it takes in memory and CPU.

use super::board::{Board, Panel, Row};
use super::{footer, strokes, subject};
use crate::charts::axis::{Axis, size_unit, time_unit};
use crate::charts::chart::{Chart, Drawing, Tabled};
use crate::charts::measure::Measure;
use crate::report::comparison::ComparisonSource;
use crate::report::comparison::quantity::{figure, part};
use bench_model::comparison::Estimate;
use bench_model::metric::{Counted, Metric};

/// Throughput with its interval.
pub(super) fn throughput(source: &ComparisonSource<'_>) -> Option<Chart> {
    chart(source, "comparison-tps", "Throughput", &[Metric::Tps])
}

/// Memory in its three figures, and CPU per request.
pub(super) fn resources(source: &ComparisonSource<'_>) -> Option<Chart> {
    let metrics = [
        Metric::MemoryIdle,
        Metric::CpuPerRequest,
        Metric::MemoryMedian,
        Metric::StartUp,
        Metric::MemoryPeak,
        Metric::ArtefactSize,
    ];
    chart(source, "comparison-resources", "Memory, CPU and start-up", &metrics)
}

fn chart(
    source: &ComparisonSource<'_>,
    name: &'static str,
    title: &str,
    metrics: &[Metric],
) -> Option<Chart> {
    let panels: Vec<Panel> = metrics.iter().filter_map(|&metric| panel(source, metric)).collect();
    if panels.is_empty() {
        return None;
    }
    let confidence = part(source.plan.confidence);
    let board = Board {
        title: title.to_owned(),
        subject: subject(source),
        key: format!("Bar: median of the blocks.  Line: its {confidence} interval.  Dots: one a block."),
        footer: footer(source),
        labels: source.plan.entrants.iter().map(|entrant| entrant.label.clone()).collect(),
        columns: if panels.len() == 1 { 1 } else { 2 },
        panels,
    };
    Some(Chart {
        name: name.to_owned(),
        caption: format!(
            "{title} of each target: median of the blocks, its {confidence} interval, and every block"
        ),
        description: described(&board),
        drawing: Drawing::Board(board),
        live: None,
        table: Tabled::Live,
    })
}

fn panel(source: &ComparisonSource<'_>, metric: Metric) -> Option<Panel> {
    let estimates: Vec<Option<&Estimate>> = source
        .plan
        .entrants
        .iter()
        .map(|entrant| source.figures(&entrant.label)?.values.get(&metric))
        .collect();
    let ends = |estimate: &&Estimate| estimate.values.iter().copied().fold(estimate.median, f64::max);
    let highest = estimates.iter().flatten().map(ends).fold(0.0, f64::max);
    if highest <= 0.0 {
        return None;
    }
    let (unit, size) = unit((metric, source.plan.counted()), highest);
    let strokes = strokes(source.plan);
    let row = |(index, estimate): (usize, &Option<&Estimate>)| {
        estimate.map(|estimate| Row {
            stroke: strokes[index],
            bar: true,
            estimate: estimate.median / size,
            interval: estimate.low.zip(estimate.high).map(|(low, high)| (low / size, high / size)),
            dots: if metric.is_deterministic() {
                Vec::new()
            } else {
                estimate.values.iter().map(|value| value / size).collect()
            },
            value: figure(metric, estimate.median),
            note: None,
        })
    };
    Some(Panel {
        title: source.title(metric).to_owned(),
        x: Axis::from_zero(unit, highest / size).of(measure(metric, size)),
        band: None,
        rule: None,
        rows: estimates.iter().enumerate().map(row).collect(),
    })
}

/// The unit that suits a metric's figures up to `highest`, and how much of the stored unit it is.
pub(in crate::charts) fn unit((metric, counted): (Metric, Counted), highest: f64) -> (&'static str, f64) {
    match metric.unit() {
        "us" => time_unit(highest),
        "ms" => {
            let (unit, size) = time_unit(highest * 1e3);
            (unit, size / 1e3)
        }
        "bytes" => size_unit(highest),
        _ => match counted {
            Counted::Requests => ("requests per second", 1.0),
            Counted::Items => ("items per second", 1.0),
        },
    }
}

/// What such figures are, in a unit that is so much of the stored one.
pub(super) fn measure(metric: Metric, size: f64) -> Measure {
    match metric.unit() {
        "us" => Measure::TimeUs(size),
        "ms" => Measure::TimeUs(size * 1e3),
        "bytes" => Measure::Bytes(size),
        _ => Measure::Number,
    }
}

/// `TPS: rust 51.99k, go 16.30k` for each panel.
pub(super) fn described(board: &Board) -> String {
    let panel = |panel: &Panel| {
        let each = board.labels.iter().zip(&panel.rows).map(|(label, row)| {
            let value = row.as_ref().map_or("not measured", |row| row.value.as_str());
            let note =
                row.as_ref().and_then(|row| row.note).map_or_else(String::new, |note| format!(" ({note})"));
            format!("{label} {value}{note}")
        });
        format!("{}: {}", panel.title, each.collect::<Vec<_>>().join(", "))
    };
    let panels: Vec<String> = board.panels.iter().map(panel).collect();
    panels.join("; ")
}
