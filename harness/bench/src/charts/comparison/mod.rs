//! The pictures of a comparison: throughput, latency, resources and the ratios of the blocks, and what a sweep's parameter
//! does; each as SVG and as PNG.

pub(super) mod board;
mod curves;
mod figures;
mod ratios;
mod rows;
mod sweep;

#[cfg(test)]
mod tests;

pub(super) use figures::unit;
pub(crate) use ratios::RATIOS;

use super::ChartError;
use super::chart::Chart;
use super::file;
use super::look::{ENTRANTS, Mark, Stroke, stroke};
use super::picture::date;
use crate::report::comparison::ComparisonSource;
use crate::report::comparison::words::offered;
use bench_model::comparison::ComparisonPlan;
use std::path::{Path, PathBuf};

/// The folder of the charts, beside the report that shows them.
pub(crate) const FOLDER: &str = "charts";

/// Every chart; none where no block could be used.
pub(crate) fn charts(source: &ComparisonSource<'_>) -> Vec<Chart> {
    if source.comparison.blocks.used == 0 {
        return Vec::new();
    }
    let charts = [
        sweep::chart(source),
        figures::throughput(source),
        curves::chart(source),
        figures::resources(source),
        ratios::chart(source),
    ];
    charts.into_iter().flatten().collect()
}

/// Draws every chart into `folder`, which must exist, and gives the files' paths in order.
///
/// # Errors
/// When a file cannot be written; those before it stay.
pub(crate) fn draw(source: &ComparisonSource<'_>, folder: &Path) -> Result<Vec<PathBuf>, ChartError> {
    let mut written = Vec::new();
    for chart in charts(source) {
        written.extend(file::write(folder, &chart.name, &chart.drawing)?);
    }
    Ok(written)
}

/// Which comparison, in one line.
fn subject(source: &ComparisonSource<'_>) -> String {
    let plan = source.plan;
    let scenario = plan.entrants.first().map_or("", |entrant| entrant.plan.scenario.as_str());
    let used = source.comparison.blocks.used;
    format!("{scenario}, {}, {used} of {} blocks, {}", offered(plan), plan.blocks, date(&plan.started_at))
}

/// What tells the entrants apart, in the plan's order: of a sweep the colour their targets, dashes and marks the values.
fn strokes(plan: &ComparisonPlan) -> Vec<Stroke> {
    const DASHES: [Option<(f32, f32)>; 4] = [None, Some((8.0, 3.0)), Some((4.0, 3.0)), Some((2.0, 3.0))];
    const MARKS: [Mark; 5] = [Mark::Circle, Mark::Triangle, Mark::Square, Mark::Diamond, Mark::Cross];
    let Some(sweep) = plan.sweep() else {
        return ENTRANTS.into_iter().cycle().take(plan.entrants.len()).collect();
    };
    let values = sweep.settings().len();
    let at = |index: usize| {
        let (target, value) = (index / values, index % values);
        let colour = ENTRANTS[target % ENTRANTS.len()].colour;
        stroke(colour, DASHES[value % DASHES.len()], MARKS[value % MARKS.len()])
    };
    (0..plan.entrants.len()).map(at).collect()
}

/// In the small print: where the figures are from.
fn footer(source: &ComparisonSource<'_>) -> String {
    let machine = &source.plan.machine;
    format!("bench {}, comparison {}, {}", machine.bench_version, source.plan.id, machine.cpu)
}
