//! The pictures of a run: throughput, latency, its distribution, and resources, each as SVG and as PNG.
//!
//! What a chart shows is decided as a value (`picture`), and painted by one painter onto either backend, so that
//! both files of a chart are the same picture. Nothing here needs a font or a library of the system.

mod axis;
mod canvas;
mod look;
mod paint;
mod picture;

mod distribution;
mod latency;
mod resources;
mod throughput;

#[cfg(test)]
mod tests;

use crate::report::timeline::Timeline;
use bench_model::report::RunReport;
use picture::Picture;
use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};
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

/// The PNG has twice the SVG's size in each direction, for screens with small pixels.
const PNG_SIZE: (u32, u32) = (look::SIZE.0 * look::PNG_SCALE, look::SIZE.1 * look::PNG_SCALE);

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
        let picture = sketch(source);
        let failed = |reason| ChartError::Draw { name, reason };
        let svg = svg_of(&picture).map_err(failed)?.into_bytes();
        let png = png_of(&picture).map_err(failed)?;
        for (ending, bytes) in [("svg", svg), ("png", png)] {
            let path = folder.join(name).with_extension(ending);
            std::fs::write(&path, bytes)
                .map_err(|error| ChartError::Write { path: path.clone(), reason: error.to_string() })?;
            written.push(path);
        }
    }
    Ok(written)
}

/// plotters rounds to whole pixels, so the picture is drawn large and shown small: the lines stay straight.
fn svg_of(picture: &Picture) -> Result<String, String> {
    look::register_fonts()?;
    let (width, height) = look::SIZE;
    let scale = canvas::SVG.scale;
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, (width * scale, height * scale)).into_drawing_area();
    area.fill(&look::PAPER)
        .and_then(|()| paint::paint(&area, picture, canvas::SVG))
        .and_then(|()| area.present())
        .map_err(|error| error.to_string())?;
    drop(area);
    let drawn = format!("<svg width=\"{}\" height=\"{}\"", width * scale, height * scale);
    let shown = format!("<svg width=\"{width}\" height=\"{height}\"");
    Ok(text.replacen(&drawn, &shown, 1))
}

/// Painted at twice the size and averaged: plotters smooths one edge of a polygon only, so that steep lines would be
/// ragged and thin.
fn png_of(picture: &Picture) -> Result<Vec<u8>, String> {
    let (width, height) = PNG_SIZE;
    let pixels = halved(&bitmap_of(picture, canvas::BITMAP)?, width as usize * 2 * 3);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Flat colours repeat exactly, which the compressor finds by itself.
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer.write_image_data(&pixels).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The painted pixels, row by row, three bytes each.
fn bitmap_of(picture: &Picture, medium: canvas::Medium) -> Result<Vec<u8>, String> {
    look::register_fonts()?;
    let size = (look::SIZE.0 * medium.scale, look::SIZE.1 * medium.scale);
    let mut pixels = vec![look::PAPER_BYTE; size.0 as usize * size.1 as usize * 3];
    let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
    paint::paint(&area, picture, medium).and_then(|()| area.present()).map_err(|error| error.to_string())?;
    drop(area);
    Ok(pixels)
}

/// The mean of every two by two pixels; `row` is the bytes of a row.
fn halved(fine: &[u8], row: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(fine.len() / 4);
    for rows in fine.chunks_exact(row * 2) {
        let (upper, lower) = rows.split_at(row);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            let mean = |at: usize| {
                let sum = u16::from(above[at])
                    + u16::from(above[at + 3])
                    + u16::from(below[at])
                    + u16::from(below[at + 3]);
                (sum / 4) as u8
            };
            pixels.extend_from_slice(&[mean(0), mean(1), mean(2)]);
        }
    }
    pixels
}
