//! What a chart with a row for each entrant shows, as a value. No pixel and no drawing.

use crate::charts::axis::Axis;
use crate::charts::look::Stroke;

/// A chart of panels that all have the same rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Board {
    pub(super) title: String,
    /// Which comparison, in one line.
    pub(super) subject: String,
    /// What bars, lines and dots mean.
    pub(super) key: String,
    /// In the small print.
    pub(super) footer: String,
    /// What stands at the left of each row.
    pub(super) labels: Vec<String>,
    /// How many panels stand side by side.
    pub(super) columns: usize,
    /// Row by row.
    pub(super) panels: Vec<Panel>,
}

/// A plotting area with its own x axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) x: Axis,
    /// What is shaded: from, to.
    pub(super) band: Option<(f64, f64)>,
    /// Where an upright line stands.
    pub(super) rule: Option<f64>,
    /// One for each label of the board; absent where there is no figure.
    pub(super) rows: Vec<Option<Row>>,
}

/// A figure: an estimate, its interval, and the values of the blocks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) stroke: Stroke,
    /// Whether a bar stands from the axis' foot to the estimate, rather than a mark at it.
    pub(super) bar: bool,
    pub(super) estimate: f64,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) dots: Vec<f64>,
    /// The estimate in words.
    pub(super) value: String,
    /// In smaller print below it.
    pub(super) note: Option<&'static str>,
}
