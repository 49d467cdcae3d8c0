//! A drawing area in logical pixels, for SVG and for PNG alike: texts, lines, rectangles and marks.
//!
//! Knows no axis and no data.

use super::look::{FONT, Mark, PNG_SCALE, Stroke};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, DashedPathElement, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

pub(super) type Failure<DB> = DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>;
pub(super) type Drawn<DB> = Result<(), Failure<DB>>;

/// A place in logical pixels from the top left.
pub(super) type Place = (f64, f64);

/// A drawing area and how its backend draws.
pub(super) struct Canvas<'a, DB: DrawingBackend> {
    pub(super) area: &'a DrawingArea<DB, Shift>,
    pub(super) medium: Medium,
}

/// What differs between the backends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Medium {
    /// Pixels for each logical one.
    pub(super) scale: u32,
    /// By what part of its size a vertically centred text must be lowered for its capitals and digits to be in the
    /// middle: plotters centres a box that is higher than they are, and each backend another one.
    pub(super) text_drop: f64,
}

pub(super) const SVG: Medium = Medium { scale: 4, text_drop: 0.075 };
pub(super) const BITMAP: Medium = Medium { scale: PNG_SCALE * 2, text_drop: 0.2 };

/// How a text is set.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) colour: RGBColor,
    pub(super) bold: bool,
    /// Which end of the text stands at its place, at half its height.
    pub(super) anchor: HPos,
    /// Whether it runs upwards.
    pub(super) upright: bool,
}

impl Type {
    /// Plain text whose left end, at half its height, stands at its place.
    pub(super) const fn new(size: f64, colour: RGBColor) -> Self {
        Self { size, colour, bold: false, anchor: HPos::Left, upright: false }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn anchored(self, anchor: HPos) -> Self {
        Self { anchor, ..self }
    }

    pub(super) const fn upright(self) -> Self {
        Self { upright: true, ..self }
    }
}

impl<DB: DrawingBackend> Canvas<'_, DB> {
    /// Width of a text in logical pixels; an estimate where the font fails.
    pub(super) fn width_of(&self, text: &str, kind: Type) -> f64 {
        // Measured large, since the font's answer is in whole pixels.
        let measured = self.font(Type { size: kind.size * 8.0, ..kind }).font.layout_box(text);
        match measured {
            Ok(((left, _), (right, _))) => f64::from(right - left) / 8.0 / f64::from(self.medium.scale),
            Err(_) => text.chars().count() as f64 * kind.size * 0.5,
        }
    }

    pub(super) fn text(&self, text: &str, (x, y): Place, kind: Type) -> Drawn<DB> {
        let drop = kind.size * self.medium.text_drop;
        let at = if kind.upright { (x + drop, y) } else { (x, y + drop) };
        // A control character, as a name may hold, would make the SVG no XML.
        let tame: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.area.draw(&Text::new(tame, self.pixel(at), self.font(kind)))
    }

    /// Draws the text cut to `width` logical pixels, with an ellipsis for what does not fit.
    pub(super) fn text_within(&self, text: &str, at: Place, kind: Type, width: f64) -> Drawn<DB> {
        if self.width_of(text, kind) <= width {
            return self.text(text, at, kind);
        }
        let mut kept: Vec<char> = text.chars().take(160).collect();
        let mut shown = String::new();
        while kept.pop().is_some() {
            shown = kept.iter().collect::<String>() + "…";
            if self.width_of(&shown, kind) <= width {
                break;
            }
        }
        self.text(&shown, at, kind)
    }

    pub(super) fn rectangle(&self, from: Place, to: Place, colour: RGBColor) -> Drawn<DB> {
        self.area.draw(&Rectangle::new([self.pixel(from), self.pixel(to)], colour.filled()))
    }

    pub(super) fn line(&self, points: &[Place], colour: RGBColor, width: f64) -> Drawn<DB> {
        let pixels: Vec<_> = points.iter().map(|&at| self.pixel(at)).collect();
        self.area.draw(&PathElement::new(pixels, self.pen(colour, width)))
    }

    /// A line in a stroke's colour and dashes, without its marks.
    pub(super) fn stroke(&self, points: &[Place], stroke: Stroke, width: f64) -> Drawn<DB> {
        let Some((dash, gap)) = stroke.dash else {
            return self.line(points, stroke.colour, width);
        };
        let mut pixels: Vec<_> = points.iter().map(|&at| self.pixel(at)).collect();
        pixels.dedup();
        if pixels.len() < 2 {
            return Ok(());
        }
        let scaled = |length: f32| (length * self.medium.scale as f32).round() as i32;
        self.area.draw(&DashedPathElement::new(
            pixels,
            scaled(dash),
            scaled(gap),
            self.pen(stroke.colour, width),
        ))
    }

    /// A filled circle; its radius in logical pixels.
    pub(super) fn dot(&self, at: Place, radius: f64, colour: RGBColor) -> Drawn<DB> {
        let pixels = (radius * f64::from(self.medium.scale)).round().max(1.0);
        self.area.draw(&Circle::new(self.pixel(at), pixels as i32, colour.filled()))
    }

    /// A stroke's mark, if it has one.
    pub(super) fn mark(&self, at: Place, stroke: Stroke) -> Drawn<DB> {
        let colour = stroke.colour;
        let around = |offsets: &[(f64, f64)]| -> Vec<(i32, i32)> {
            offsets.iter().map(|(x, y)| self.pixel((at.0 + x, at.1 + y))).collect()
        };
        let filled = |offsets: &[(f64, f64)]| self.area.draw(&Polygon::new(around(offsets), colour.filled()));
        match stroke.mark {
            Mark::None => Ok(()),
            Mark::Circle => {
                self.area.draw(&Circle::new(self.pixel(at), 3 * self.medium.scale, colour.filled()))
            }
            Mark::Square => filled(&[(-2.7, -2.7), (2.7, -2.7), (2.7, 2.7), (-2.7, 2.7)]),
            Mark::Triangle => filled(&[(0.0, -3.8), (3.6, 2.7), (-3.6, 2.7)]),
            Mark::Diamond => filled(&[(0.0, -4.2), (4.2, 0.0), (0.0, 4.2), (-4.2, 0.0)]),
            Mark::Cross => {
                for arms in [[(-3.0, -3.0), (3.0, 3.0)], [(-3.0, 3.0), (3.0, -3.0)]] {
                    self.area.draw(&PathElement::new(around(&arms), self.pen(colour, 1.6)))?;
                }
                Ok(())
            }
        }
    }

    fn pen(&self, colour: RGBColor, width: f64) -> ShapeStyle {
        let pixels = (width * f64::from(self.medium.scale)).round().max(1.0);
        colour.stroke_width(pixels as u32)
    }

    fn pixel(&self, (x, y): Place) -> (i32, i32) {
        let scaled = |length: f64| (length * f64::from(self.medium.scale)).round() as i32;
        (scaled(x), scaled(y))
    }

    fn font(&self, kind: Type) -> TextStyle<'static> {
        let style = if kind.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = kind.size * f64::from(self.medium.scale);
        let mut font = (FONT, size, style).into_font();
        if kind.upright {
            font = font.transform(FontTransform::Rotate270);
        }
        TextStyle { font, color: kind.colour.to_backend_color(), pos: Pos::new(kind.anchor, VPos::Center) }
    }
}
