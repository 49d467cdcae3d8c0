//! Paints a picture: decides where everything stands, and draws it. Knows nothing of runs.

use super::canvas::{Canvas, Drawn, Failure, Medium, Place, Type};
use super::file::Painting;
use super::look::{
    ALARM, ALARM_WASH, AXIS, FAINT_INK, GRID, INK, Mark, PAPER, SHADE, SIZE, SMALL_SIZE, Stroke, TEXT_SIZE,
    TITLE_SIZE,
};
use super::picture::{Line, Panel, Picture};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

pub(super) const MARGIN: f64 = 16.0;
const LEGEND_ROW: f64 = 19.0;
const LEGEND_SAMPLE: f64 = 26.0;
const LEGEND_GAP: f64 = 18.0;
const LINE_WIDTH: f64 = 2.0;
/// Marks on one line at most; they stand apart enough to be told from each other.
const MOST_MARKS: usize = 24;

pub(super) const TEXT: Type = Type::new(TEXT_SIZE, INK);
pub(super) const SMALL: Type = Type::new(SMALL_SIZE, FAINT_INK);

/// A plotting area's edges in logical pixels.
#[derive(Debug, Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Painting for Picture {
    fn size(&self) -> (u32, u32) {
        (SIZE.0, self.height)
    }

    fn paint<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, medium: Medium) -> Drawn<DB> {
        paint(area, self, medium)
    }
}

fn paint<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, picture: &Picture, medium: Medium) -> Drawn<DB> {
    let canvas = Canvas { area, medium };
    let (width, height) = (f64::from(SIZE.0), f64::from(picture.height));
    let top = heading(&canvas, [&picture.title, &picture.subject], picture.alarm.as_deref())?;
    let bottom = height - 24.0;
    canvas.text_within(&picture.footer, (MARGIN, height - 12.0), SMALL, width - 2.0 * MARGIN)?;
    // Room for the x axis: its labels and its title.
    let bottom = bottom - 42.0;
    let left =
        picture.panels.iter().map(|panel| label_width(&canvas, panel)).fold(0.0, f64::max) + MARGIN + 30.0;
    let panels = picture.panels.len().max(1) as f64;
    let share = (bottom - top) / panels;
    for (index, panel) in picture.panels.iter().enumerate() {
        let start = top + share * index as f64 + if index > 0 { 8.0 } else { 0.0 };
        let shade = picture.shade.as_ref().map(|(name, ..)| name.as_str());
        let rows = legend(&canvas, panel, shade.filter(|_| index == 0), (left, start))?;
        let frame = Frame {
            left,
            top: start + rows,
            right: width - MARGIN - 8.0,
            bottom: top + share * (index + 1) as f64,
        };
        paint_panel(&canvas, picture, panel, frame)?;
        if index + 1 == picture.panels.len() {
            x_labels(&canvas, picture, frame)?;
        }
    }
    Ok(())
}

/// The alarm, the title and the subject; gives the y where the panels begin.
pub(super) fn heading<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    [title, subject]: [&str; 2],
    alarm: Option<&str>,
) -> Result<f64, Failure<DB>> {
    let width = f64::from(SIZE.0);
    let mut y = 0.0;
    if let Some(alarm) = alarm {
        canvas.rectangle((0.0, 0.0), (width, 28.0), ALARM)?;
        let kind = Type::new(TEXT_SIZE, PAPER).bold();
        canvas.text_within(alarm, (MARGIN, 14.0), kind, width - 2.0 * MARGIN)?;
        y = 28.0;
    }
    canvas.text(title, (MARGIN, y + 22.0), Type::new(TITLE_SIZE, INK).bold())?;
    canvas.text_within(subject, (MARGIN, y + 43.0), Type::new(TEXT_SIZE, FAINT_INK), width - 2.0 * MARGIN)?;
    Ok(y + 60.0)
}

/// The names of the lines, above the panel so that they cover no data; gives the height they took.
fn legend<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    panel: &Panel,
    shade: Option<&str>,
    (left, top): Place,
) -> Result<f64, Failure<DB>> {
    let right = f64::from(SIZE.0) - MARGIN;
    let (mut x, mut y) = (left, top + LEGEND_ROW / 2.0);
    let named = panel.lines.iter().filter(|line| !line.name.is_empty());
    let samples = named.map(|line| (line.name.as_str(), Some(line.stroke)));
    for (name, stroke) in samples.chain(shade.map(|name| (name, None))) {
        let length = LEGEND_SAMPLE + 7.0 + canvas.width_of(name, SMALL);
        if x > left && x + length > right {
            x = left;
            y += LEGEND_ROW;
        }
        match stroke {
            Some(stroke) => {
                canvas.stroke(&[(x, y), (x + LEGEND_SAMPLE, y)], stroke, LINE_WIDTH)?;
                canvas.mark((x + LEGEND_SAMPLE / 2.0, y), stroke)?;
            }
            None => {
                canvas.rectangle((x, y - 6.0), (x + LEGEND_SAMPLE, y + 6.0), AXIS)?;
                canvas.rectangle((x + 1.0, y - 5.0), (x + LEGEND_SAMPLE - 1.0, y + 5.0), SHADE)?;
            }
        }
        canvas.text(name, (x + LEGEND_SAMPLE + 7.0, y), Type { colour: INK, ..SMALL })?;
        x += length + LEGEND_GAP;
    }
    Ok(y - top + LEGEND_ROW / 2.0 + 6.0)
}

fn paint_panel<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    picture: &Picture,
    panel: &Panel,
    frame: Frame,
) -> Drawn<DB> {
    let x_of = |value: f64| Some(frame.left + picture.x.place(value)? * (frame.right - frame.left));
    let y_of = |value: f64| Some(frame.bottom - panel.y.place(value)? * (frame.bottom - frame.top));
    if let Some((_, from, to)) = &picture.shade
        && let (Some(from), Some(to)) = (x_of(*from), x_of(*to))
    {
        canvas.rectangle((from, frame.top), (to, frame.bottom), SHADE)?;
    }
    let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
    if picture.alarm.is_some() {
        let size = ((frame.bottom - frame.top) * 0.45).min(110.0);
        let wash = Type::new(size, ALARM_WASH).bold().anchored(HPos::Center);
        canvas.text("INVALID", middle, wash)?;
    }
    for at in picture.x.ticks.iter().filter_map(|tick| x_of(tick.at)) {
        canvas.line(&[(at, frame.top), (at, frame.bottom)], GRID, 1.0)?;
    }
    let right_aligned = SMALL.anchored(HPos::Right);
    for tick in &panel.y.ticks {
        if let Some(at) = y_of(tick.at) {
            canvas.line(&[(frame.left, at), (frame.right, at)], GRID, 1.0)?;
            canvas.text(&tick.label, (frame.left - 7.0, at), right_aligned)?;
        }
    }
    let corner = (frame.left, frame.bottom);
    canvas.line(&[(frame.left, frame.top), corner, (frame.right, frame.bottom)], AXIS, 1.0)?;
    let upright = TEXT.anchored(HPos::Center).upright();
    canvas.text(&panel.y.title, (MARGIN + 2.0, middle.1), upright)?;
    let place = |(x, y): (f64, f64)| Some((x_of(x)?, y_of(y)?));
    for (index, line) in panel.lines.iter().enumerate() {
        let places: Vec<Option<Place>> = line.points.iter().map(|&point| point.and_then(place)).collect();
        paint_line(canvas, line, &places, index)?;
    }
    for label in &panel.labels {
        if let Some(at) = place(label.at) {
            point_label(canvas, &label.text, at, frame)?;
        }
    }
    if panel.lines.is_empty() {
        let upper = (middle.0, frame.top + (frame.bottom - frame.top) * 0.2);
        canvas.text(panel.empty, upper, TEXT.anchored(HPos::Center))?;
    }
    Ok(())
}

fn paint_line<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    line: &Line,
    places: &[Option<Place>],
    index: usize,
) -> Drawn<DB> {
    let pieces = places.split(Option::is_none);
    for piece in pieces {
        let piece: Vec<Place> = piece.iter().flatten().copied().collect();
        if piece.len() > 1 {
            canvas.stroke(&piece, line.stroke, LINE_WIDTH)?;
        } else if let [alone] = piece[..] {
            let seen = if line.stroke.mark == Mark::None { Mark::Circle } else { line.stroke.mark };
            canvas.mark(alone, Stroke { mark: seen, ..line.stroke })?;
        }
    }
    // Where marks are left out, each line keeps others, so that lines which lie on each other are told apart.
    let every = places.len().div_ceil(MOST_MARKS).max(1);
    let offset = index * every.div_ceil(3);
    for (number, &at) in places.iter().enumerate() {
        if let Some(at) = at.filter(|_| (number + offset).is_multiple_of(every)) {
            canvas.mark(at, line.stroke)?;
        }
    }
    Ok(())
}

/// A dot, and a text above and to the left of it, or below and to the right: the sides that a rising curve leaves
/// free.
fn point_label<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    text: &str,
    at: Place,
    frame: Frame,
) -> Drawn<DB> {
    canvas.mark(at, Stroke { colour: INK, dash: None, mark: Mark::Circle })?;
    let kind = Type { colour: INK, ..SMALL };
    let fits_left = at.0 - 3.0 - canvas.width_of(text, kind) > frame.left + 2.0;
    let (above, below) = (at.1 - 12.0, at.1 + 12.0);
    if !fits_left && below < frame.bottom - 8.0 {
        return canvas.text(text, (at.0 + 6.0, below), kind);
    }
    let right = (at.0 - 3.0).max(frame.left + 6.0 + canvas.width_of(text, kind));
    let y = if above < frame.top + 7.0 { below } else { above };
    canvas.text(text, (right, y), kind.anchored(HPos::Right))
}

fn x_labels<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, picture: &Picture, frame: Frame) -> Drawn<DB> {
    let centred = SMALL.anchored(HPos::Center);
    // A label that would touch the one before it is left out; its line stays.
    let mut free_from = f64::NEG_INFINITY;
    for tick in &picture.x.ticks {
        let Some(place) = picture.x.place(tick.at) else {
            continue;
        };
        let x = frame.left + place * (frame.right - frame.left);
        let half = canvas.width_of(&tick.label, centred) / 2.0;
        if x - half >= free_from {
            canvas.text(&tick.label, (x, frame.bottom + 13.0), centred)?;
            free_from = x + half + 8.0;
        }
    }
    let middle = (frame.left + frame.right) / 2.0;
    canvas.text(&picture.x.title, (middle, frame.bottom + 33.0), TEXT.anchored(HPos::Center))
}

fn label_width<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, panel: &Panel) -> f64 {
    let widths = panel.y.ticks.iter().map(|tick| canvas.width_of(&tick.label, SMALL));
    widths.fold(0.0, f64::max)
}
