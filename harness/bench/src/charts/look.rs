//! How every chart looks: sizes, colours, dashes, marks and the font.
//!
//! The colours are those of Okabe and Ito ("Color Universal Design", 2008), which people with any of the common
//! colour blindnesses tell apart; dashes and marks differ too, for print without colour.

use plotters::style::{FontStyle, RGBColor, register_font};
use std::sync::OnceLock;

/// Width and height of a chart, in logical pixels: the SVG's own size.
pub(super) const SIZE: (u32, u32) = (800, 450);
/// Pixels of the PNG for each logical one.
pub(super) const PNG_SCALE: u32 = 2;

/// The family that SVG files name, and the name that the built-in font is registered under.
pub(super) const FONT: &str = "Inter, Helvetica, Arial, sans-serif";

// Heights of text as plotters counts them: about 1.24 times the size that SVG and CSS mean.
pub(super) const TITLE_SIZE: f64 = 21.0;
pub(super) const TEXT_SIZE: f64 = 15.5;
pub(super) const SMALL_SIZE: f64 = 14.0;

pub(super) const PAPER: RGBColor = RGBColor(PAPER_BYTE, PAPER_BYTE, PAPER_BYTE);
/// Each colour's share of the paper, which an empty PNG is full of.
pub(super) const PAPER_BYTE: u8 = 255;
pub(super) const INK: RGBColor = RGBColor(33, 37, 41);
pub(super) const FAINT_INK: RGBColor = RGBColor(95, 99, 104);
pub(super) const GRID: RGBColor = RGBColor(228, 230, 233);
pub(super) const AXIS: RGBColor = RGBColor(140, 145, 150);
pub(super) const SHADE: RGBColor = RGBColor(238, 240, 243);
pub(super) const ALARM: RGBColor = RGBColor(180, 20, 20);
pub(super) const ALARM_WASH: RGBColor = RGBColor(250, 226, 226);

pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(super) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(super) const BLACK: RGBColor = RGBColor(60, 60, 60);

/// The sign at a line's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) colour: RGBColor,
    /// Length of a dash and of the gap after it, in logical pixels; absent for an unbroken line.
    pub(super) dash: Option<(f32, f32)>,
    pub(super) mark: Mark,
}

/// A stroke of the palette.
pub(super) const fn stroke(colour: RGBColor, dash: Option<(f32, f32)>, mark: Mark) -> Stroke {
    Stroke { colour, dash, mark }
}

pub(super) const SKY: RGBColor = RGBColor(86, 180, 233);
/// Not of Okabe and Ito, whose eighth colour is a yellow that white paper swallows.
pub(super) const OLIVE: RGBColor = RGBColor(122, 112, 20);

/// The strokes that tell entrants apart, in the plan's order; from the ninth on they come again.
pub(super) const ENTRANTS: [Stroke; 8] = [
    stroke(BLUE, None, Mark::Circle),
    stroke(VERMILION, None, Mark::Triangle),
    stroke(GREEN, None, Mark::Square),
    stroke(ORANGE, None, Mark::Diamond),
    stroke(PURPLE, Some((8.0, 3.0)), Mark::Circle),
    stroke(SKY, Some((8.0, 3.0)), Mark::Triangle),
    stroke(BLACK, Some((8.0, 3.0)), Mark::Square),
    stroke(OLIVE, Some((8.0, 3.0)), Mark::Diamond),
];

/// Registers the built-in font, once.
pub(super) fn register_fonts() -> Result<(), String> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = *DONE.get_or_init(|| {
        let regular = include_bytes!("../../assets/Inter-Regular-latin.otf");
        let bold = include_bytes!("../../assets/Inter-SemiBold-latin.otf");
        register_font(FONT, FontStyle::Normal, regular).is_ok()
            && register_font(FONT, FontStyle::Bold, bold).is_ok()
    });
    if done { Ok(()) } else { Err("the built-in font cannot be read".to_owned()) }
}
