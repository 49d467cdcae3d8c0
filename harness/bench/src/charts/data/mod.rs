//! A chart as data for the page that draws it again: the values of its lines and rows, each with the words that the rest of the
//! report uses for it, so that the page's script scales and formats nothing.
//!
//! Places are rounded to six digits, which no screen shows; the words are made before that.

mod lines;
mod rows;

use super::axis::Axis;
use super::chart::Drawing;
use super::look::Stroke;
use super::picture::Picture;
pub(super) use lines::LinesPanel;
pub(super) use rows::{BoardPanel, RowData};
use serde::Serialize;

/// A chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ChartData {
    name: String,
    #[serde(flatten)]
    pub(in crate::charts) content: Content,
}

/// What is in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(in crate::charts) enum Content {
    Lines {
        /// Why the run is invalid, if it is.
        alarm: Option<String>,
        x: AxisData,
        /// What is shaded because it does not count: its name and its ends.
        shade: Option<(String, f64, f64)>,
        panels: Vec<LinesPanel>,
    },
    Board {
        /// What bars, lines and dots mean.
        key: String,
        labels: Vec<String>,
        panels: Vec<BoardPanel>,
    },
}

/// An axis. That of values over another is left to the page, but for its title.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct AxisData {
    pub(in crate::charts) title: String,
    low: f64,
    high: f64,
    log: bool,
    ticks: Vec<(f64, String)>,
}

impl ChartData {
    pub(in crate::charts) fn of(name: &str, drawing: &Drawing) -> Self {
        let content = match drawing {
            Drawing::Picture(picture) => of_picture(picture),
            Drawing::Board(board) => rows::of(board),
        };
        Self { name: name.to_owned(), content }
    }
}

fn of_picture(picture: &Picture) -> Content {
    Content::Lines {
        alarm: picture.alarm.clone(),
        x: axis(&picture.x),
        shade: picture.shade.as_ref().map(|(name, from, to)| (name.clone(), rounded(*from), rounded(*to))),
        panels: picture.panels.iter().map(|panel| lines::of(&picture.x, panel)).collect(),
    }
}

fn axis(axis: &Axis) -> AxisData {
    AxisData {
        title: titled(&axis.title),
        low: rounded(axis.low),
        high: rounded(axis.high),
        log: axis.logarithmic,
        ticks: axis.ticks.iter().map(|tick| (rounded(tick.at), tick.label.clone())).collect(),
    }
}

/// The title without what it says of its scale, which readers of a page see and may change.
fn titled(title: &str) -> String {
    let end = [", log scale", ", log"].into_iter().find_map(|end| title.strip_suffix(end));
    end.unwrap_or(title).to_owned()
}

fn colour(stroke: Stroke) -> String {
    let (red, green, blue) = (stroke.colour.0, stroke.colour.1, stroke.colour.2);
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// Six significant digits of it.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits() {
        for (value, expected) in
            [(0.0, 0.0), (51_989.254_321, 51_989.3), (0.012_345_678, 0.012_345_7), (-3.0, -3.0)]
        {
            assert_eq!(rounded(value), expected);
        }
        assert!(rounded(f64::NAN).is_nan());
    }
}
