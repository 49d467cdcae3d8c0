//! The pictures of a comparison: throughput, latency, resources and the ratios of the blocks, and what a sweep's parameter
//! does; each as SVG and as PNG.

mod board;
mod curves;
mod figures;
mod ratios;
mod rows;
mod sweep;

#[cfg(test)]
mod tests;

use super::ChartError;
use super::canvas::{Drawn, Medium};
use super::file::{self, Painting};
use super::look::{ENTRANTS, Mark, Stroke, stroke};
use super::picture::{Picture, date};
use crate::report::comparison::ComparisonSource;
use crate::report::comparison::words::offered;
use bench_model::comparison::ComparisonPlan;
use board::Board;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;
use std::path::{Path, PathBuf};

/// The folder of the charts, beside the report that shows them.
pub(crate) const FOLDER: &str = "charts";

/// A chart, not yet painted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// The name of its files.
    pub(crate) name: &'static str,
    /// What is to be seen, in a sentence.
    pub(crate) caption: String,
    /// The same for those who cannot see it: with the figures.
    pub(crate) description: String,
    drawing: Drawing,
}

/// A chart is a picture with lines, or a board with rows.
#[derive(Debug, Clone, PartialEq)]
enum Drawing {
    Picture(Picture),
    Board(Board),
}

impl Painting for Drawing {
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Picture(picture) => picture.size(),
            Self::Board(board) => board.size(),
        }
    }

    fn paint<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, medium: Medium) -> Drawn<DB> {
        match self {
            Self::Picture(picture) => picture.paint(area, medium),
            Self::Board(board) => board.paint(area, medium),
        }
    }
}

impl Chart {
    /// The chart as SVG text.
    ///
    /// # Errors
    /// What the drawing library says where it fails.
    pub(crate) fn svg(&self) -> Result<String, String> {
        file::svg_of(&self.drawing)
    }
}

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
        written.extend(file::write(folder, chart.name, &chart.drawing)?);
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
