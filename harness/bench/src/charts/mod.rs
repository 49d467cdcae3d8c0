//! The pictures of a run: throughput, latency, its distribution, and resources, each as SVG and as PNG.
//!
//! What a chart shows is decided as a value (`picture`), and painted by one painter onto either backend, so that
//! both files of a chart are the same picture. Nothing here needs a font or a library of the system.

mod axis;
mod canvas;
mod file;
mod look;
mod paint;
mod picture;

pub(crate) mod capacity;
pub(crate) mod comparison;
mod distribution;
mod latency;
mod own_metrics;
mod resources;
mod throughput;

#[cfg(test)]
mod tests;

use crate::report::timeline::Timeline;
use bench_model::report::RunReport;
use picture::Picture;
use std::path::{Path, PathBuf};

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
        name: &'static str,
        /// What the drawing library said.
        reason: String,
    },
}

type Sketch = fn(&Source<'_>) -> Picture;

/// Every chart by the name of its files.
const CHARTS: [(&str, Sketch); 4] = [
    ("throughput", throughput::picture),
    ("latency", latency::picture),
    ("latency-distribution", distribution::picture),
    ("resources", resources::picture),
];

/// Draws every chart into `folder`, which must exist, and gives the files' paths in order.
///
/// # Errors
/// When a file cannot be written; those before it stay.
pub(crate) fn draw(source: &Source<'_>, folder: &Path) -> Result<Vec<PathBuf>, ChartError> {
    let mut written = Vec::new();
    for (name, sketch) in CHARTS {
        written.extend(file::write(folder, name, &sketch(source))?);
    }
    Ok(written)
}
