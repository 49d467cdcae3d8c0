//! A painting as the bytes of its files: SVG text and PNG, both the same picture.

use super::canvas::{BITMAP, Drawn, Medium, SVG};
use super::{ChartError, look};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, SVGBackend};
use std::path::{Path, PathBuf};

/// What can be painted onto either backend.
pub(super) trait Painting {
    /// Width and height in logical pixels: the SVG's own size. The PNG has twice as many in each direction, for
    /// screens with small pixels.
    fn size(&self) -> (u32, u32);

    /// Paints onto an area that has the medium's pixels for each logical one.
    fn paint<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, medium: Medium) -> Drawn<DB>;
}

/// Writes both files of a painting into `folder`, and gives their paths.
pub(super) fn write(folder: &Path, name: &str, painting: &impl Painting) -> Result<[PathBuf; 2], ChartError> {
    let failed = |reason| ChartError::Draw { name: name.to_owned(), reason };
    let svg = svg_of(painting).map_err(failed)?.into_bytes();
    let png = png_of(painting).map_err(failed)?;
    let paths = ["svg", "png"].map(|ending| folder.join(name).with_extension(ending));
    for (path, bytes) in paths.iter().zip([svg, png]) {
        std::fs::write(path, bytes)
            .map_err(|error| ChartError::Write { path: path.clone(), reason: error.to_string() })?;
    }
    Ok(paths)
}

/// plotters rounds to whole pixels, so the picture is drawn large and shown small: the lines stay straight.
pub(super) fn svg_of(painting: &impl Painting) -> Result<String, String> {
    look::register_fonts()?;
    let (width, height) = painting.size();
    let scale = SVG.scale;
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, (width * scale, height * scale)).into_drawing_area();
    area.fill(&look::PAPER)
        .and_then(|()| painting.paint(&area, SVG))
        .and_then(|()| area.present())
        .map_err(|error| error.to_string())?;
    drop(area);
    let drawn = format!("<svg width=\"{}\" height=\"{}\"", width * scale, height * scale);
    let shown = format!("<svg width=\"{width}\" height=\"{height}\"");
    Ok(text.replacen(&drawn, &shown, 1))
}

/// Painted at twice the size and averaged: plotters smooths one edge of a polygon only, so that steep lines would be
/// ragged and thin.
fn png_of(painting: &impl Painting) -> Result<Vec<u8>, String> {
    let (width, height) = painting.size();
    let (width, height) = (width * look::PNG_SCALE, height * look::PNG_SCALE);
    let pixels = halved(&bitmap_of(painting, BITMAP)?, width as usize * 2 * 3);
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
pub(super) fn bitmap_of(painting: &impl Painting, medium: Medium) -> Result<Vec<u8>, String> {
    look::register_fonts()?;
    let (width, height) = painting.size();
    let size = (width * medium.scale, height * medium.scale);
    let mut pixels = vec![look::PAPER_BYTE; size.0 as usize * size.1 as usize * 3];
    let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
    painting.paint(&area, medium).and_then(|()| area.present()).map_err(|error| error.to_string())?;
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
