//! Paints a board: decides where everything stands, and draws it. Knows nothing of comparisons.

use super::board::{Board, Panel, Row};
use crate::charts::canvas::{Canvas, Drawn, Medium, Type};
use crate::charts::file::Painting;
use crate::charts::look::{AXIS, FAINT_INK, GRID, INK, Mark, SHADE, SIZE, SMALL_SIZE, Stroke};
use crate::charts::paint::{MARGIN, SMALL, TEXT, heading};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

/// Height of a row: the interval above its middle, the blocks' dots below.
const ROW: f64 = 31.0;
/// Height of what stands above and below the rows of a panel: its title, and its axis.
const ABOVE: f64 = 26.0;
const BELOW: f64 = 44.0;
/// Title, subject and key of the whole chart, and its small print.
const HEAD: f64 = 78.0;
const FOOT: f64 = 26.0;
/// The widest that labels may be.
const LABELS: f64 = 160.0;
/// Room for the values beside a panel.
const VALUES: f64 = 74.0;
const GAP: f64 = 22.0;

/// Where the rows of a panel are.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Painting for Board {
    fn size(&self) -> (u32, u32) {
        let lines = self.panels.len().div_ceil(self.columns.max(1)).max(1) as f64;
        let panel = ABOVE + ROW * self.labels.len().max(1) as f64 + BELOW;
        (SIZE.0, (HEAD + lines * panel + FOOT).ceil() as u32)
    }

    fn paint<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, medium: Medium) -> Drawn<DB> {
        let canvas = Canvas { area, medium };
        let (width, height) = self.size();
        let (width, height) = (f64::from(width), f64::from(height));
        heading(&canvas, [&self.title, &self.subject], None)?;
        canvas.text_within(&self.key, (MARGIN, 64.0), SMALL, width - 2.0 * MARGIN)?;
        canvas.text_within(&self.footer, (MARGIN, height - 12.0), SMALL, width - 2.0 * MARGIN)?;
        let kind = Type { colour: INK, ..SMALL };
        // What all addresses have in common would push out what tells them apart.
        let names: Vec<String> = self.labels.iter().map(|label| label.replace("http://", "")).collect();
        let widest = names.iter().map(|name| canvas.width_of(name, kind)).fold(0.0, f64::max);
        let labels = widest.min(LABELS) + 10.0;
        let columns = self.columns.max(1);
        let room = width - 2.0 * MARGIN - labels - GAP * (columns - 1) as f64;
        let share = room / columns as f64;
        let rows = ROW * self.labels.len().max(1) as f64;
        for (index, panel) in self.panels.iter().enumerate() {
            let (line, column) = (index / columns, index % columns);
            let top = HEAD + line as f64 * (ABOVE + rows + BELOW) + ABOVE;
            let left = MARGIN + labels + column as f64 * (share + GAP);
            let frame = Frame { left, right: left + share - VALUES, top, bottom: top + rows };
            if column == 0 {
                for (row, name) in names.iter().enumerate() {
                    let at = (MARGIN, frame.top + ROW * (row as f64 + 0.5));
                    canvas.text_within(name, at, kind, labels - 8.0)?;
                }
            }
            paint_panel(&canvas, panel, frame)?;
        }
        Ok(())
    }
}

fn paint_panel<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, panel: &Panel, frame: Frame) -> Drawn<DB> {
    let x_of = |value: f64| Some(frame.left + panel.x.place(value)? * (frame.right - frame.left));
    canvas.text_within(
        &panel.title,
        (frame.left, frame.top - 13.0),
        TEXT.bold(),
        frame.right + VALUES - frame.left,
    )?;
    if let Some((from, to)) = panel.band
        && let (Some(from), Some(to)) = (x_of(from), x_of(to))
    {
        canvas.rectangle((from, frame.top), (to, frame.bottom), SHADE)?;
    }
    let centred = SMALL.anchored(HPos::Center);
    // A label that would touch the one before it is left out; its line stays.
    let mut free_from = f64::NEG_INFINITY;
    for tick in &panel.x.ticks {
        let Some(x) = x_of(tick.at) else {
            continue;
        };
        canvas.line(&[(x, frame.top), (x, frame.bottom)], GRID, 1.0)?;
        let half = canvas.width_of(&tick.label, centred) / 2.0;
        if x - half >= free_from {
            canvas.text(&tick.label, (x, frame.bottom + 11.0), centred)?;
            free_from = x + half + 8.0;
        }
    }
    if let Some(x) = panel.rule.and_then(x_of) {
        canvas.line(&[(x, frame.top), (x, frame.bottom)], FAINT_INK, 1.4)?;
    }
    canvas.line(&[(frame.left, frame.bottom), (frame.right, frame.bottom)], AXIS, 1.0)?;
    let middle = (frame.left + frame.right) / 2.0;
    canvas.text(&panel.x.title, (middle, frame.bottom + 28.0), centred)?;
    for (index, row) in panel.rows.iter().enumerate() {
        let y = frame.top + ROW * (index as f64 + 0.5);
        match row {
            Some(row) => paint_row(canvas, row, (frame, y), &x_of)?,
            None => canvas.text("not measured", (frame.left + 6.0, y), SMALL)?,
        }
    }
    Ok(())
}

fn paint_row<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    row: &Row,
    (frame, y): (Frame, f64),
    x_of: &impl Fn(f64) -> Option<f64>,
) -> Drawn<DB> {
    let (upper, lower) = (y - 4.0, y + 8.0);
    let estimate = x_of(row.estimate);
    if let Some(x) = estimate.filter(|_| row.bar) {
        canvas.rectangle((frame.left, upper - 7.0), (x, upper + 7.0), row.stroke.colour)?;
    }
    for (index, x) in row.dots.iter().filter_map(|&dot| x_of(dot)).enumerate() {
        // Dots of like values stand at three heights, so that they can be counted.
        let offset = [0.0, -2.6, 2.6][index % 3];
        canvas.dot((x, lower + offset), 1.7, row.stroke.colour)?;
    }
    if let Some((low, high)) = row.interval
        && let (Some(low), Some(high)) = (x_of(low), x_of(high))
    {
        canvas.line(&[(low, upper), (high, upper)], INK, 1.6)?;
        for x in [low, high] {
            canvas.line(&[(x, upper - 4.0), (x, upper + 4.0)], INK, 1.6)?;
        }
    }
    if let Some(x) = estimate.filter(|_| !row.bar) {
        canvas.mark((x, upper), Stroke { mark: Mark::Diamond, ..row.stroke })?;
    }
    let kind = Type::new(SMALL_SIZE, INK).anchored(HPos::Right);
    let right = frame.right + VALUES - 2.0;
    let Some(note) = row.note else {
        return canvas.text_within(&row.value, (right, y), kind, VALUES - 4.0);
    };
    canvas.text_within(&row.value, (right, y - 7.0), kind, VALUES - 4.0)?;
    let small = Type::new(SMALL_SIZE * 0.88, FAINT_INK).anchored(HPos::Right);
    canvas.text_within(note, (right, y + 7.0), small, VALUES - 4.0)
}
