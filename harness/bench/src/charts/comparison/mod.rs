//! The pictures of a comparison: throughput, latency, resources and the ratios of the blocks, each as SVG and as PNG.

mod board;
mod curves;
mod figures;
mod ratios;
mod rows;

#[cfg(test)]
mod tests;

use super::ChartError;
use super::canvas::{Drawn, Medium};
use super::file::{self, Painting};
use super::picture::{Picture, date};
use crate::report::comparison::ComparisonSource;
use crate::report::offered_rate;
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
    let load = plan.entrants.first().map_or_else(String::new, |entrant| {
        let plan = &entrant.plan;
        let rate = offered_rate(&plan.load).map_or_else(String::new, |rate| format!("{rate}, "));
        format!("{}, {} connections, {rate}", plan.scenario, plan.load.connections())
    });
    format!("{load}{} of {} blocks, {}", source.comparison.blocks.used, plan.blocks, date(&plan.started_at))
}

/// In the small print: where the figures are from.
fn footer(source: &ComparisonSource<'_>) -> String {
    let machine = &source.plan.machine;
    format!("bench {}, comparison {}, {}", machine.bench_version, source.plan.id, machine.cpu)
}
