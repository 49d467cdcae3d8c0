//! The pictures of a run: throughput, latency, its distribution, and resources, each as SVG and as PNG.
//!
//! What a chart shows is decided as a value (`picture`), and painted by one painter onto either backend, so that
//! both files of a chart are the same picture. A page gets the same value as data, with its words. Nothing here needs a font
//! or a library of the system.

mod axis;
mod canvas;
mod chart;
mod data;
mod file;
mod look;
mod measure;
mod paint;
mod picture;
mod tables;

pub(crate) mod capacity;
pub(crate) mod comparison;
mod distribution;
pub(crate) mod history;
mod latency;
mod own_metrics;
mod resources;
mod throughput;

#[cfg(test)]
mod tests;

use crate::report::timeline::Timeline;
use bench_model::report::RunReport;
use chart::{Drawing, Tabled};
use picture::{Moments, Picture};
use std::path::{Path, PathBuf};

pub(crate) use chart::Chart;
pub(crate) use data::ChartData;

/// What the charts are drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The run's figures, verdict and warnings.
    pub(crate) report: &'a RunReport,
    /// The run over time.
    pub(crate) timeline: &'a Timeline,
}

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChartError {
    /// The file could not be written.
    #[error(
        "the chart {path} could not be written: {reason}; check that its folder exists, is writable and has room"
    )]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The drawing itself failed.
    #[error("the chart {name} could not be drawn: {reason}")]
    Draw {
        /// Which chart.
        name: String,
        /// What the drawing library said.
        reason: String,
    },
}

type Sketch = fn(&Source<'_>) -> Picture;

/// Every chart by the name of its files, with what is to be seen.
const CHARTS: [(&str, &str, Sketch); 4] = [
    ("throughput", "Requests per second over the run", throughput::picture),
    ("latency", "Latency percentiles over the run", latency::picture),
    ("latency-distribution", "Latency at each percentile of the measured window", distribution::picture),
    ("resources", "CPU and memory over the run", resources::picture),
];

/// Rows that a table has at most; charts have room for more points.
const MOST_ROWS: usize = 60;

/// Every chart, for a page.
pub(crate) fn charts(source: &Source<'_>) -> Vec<Chart> {
    let few = Moments::at_most(&source.timeline.points, MOST_ROWS);
    let merged = few.merged;
    let thin = (merged > 1).then(|| {
        let mut timeline = source.timeline.clone();
        timeline.points = few.points;
        timeline
    });
    let chart = |(name, caption, sketch): (&'static str, &str, Sketch)| {
        let mut chart = Chart::of_picture(name, caption, sketch(source));
        if name == "latency-distribution" {
            chart.table = Tabled::Table(distribution::table(source));
        } else if let Some(timeline) = &thin {
            let drawing = Drawing::Picture(sketch(&Source { timeline, ..*source }));
            chart.table = Tabled::Thinned(drawing, merged);
        }
        chart
    };
    CHARTS.into_iter().map(chart).collect()
}

/// Draws every chart into `folder`, which must exist, and gives the files' paths in order.
///
/// # Errors
/// When a file cannot be written; those before it stay.
pub(crate) fn draw(source: &Source<'_>, folder: &Path) -> Result<Vec<PathBuf>, ChartError> {
    let mut written = Vec::new();
    for (name, _, sketch) in CHARTS {
        written.extend(file::write(folder, name, &sketch(source))?);
    }
    Ok(written)
}
