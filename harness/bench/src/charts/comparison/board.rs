//! What a chart with a row for each entrant shows, as a value. No pixel and no drawing.

use crate::charts::axis::Axis;
use crate::charts::look::Stroke;

/// A chart of panels that all have the same rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Board {
    pub(crate) title: String,
    /// Which comparison, in one line.
    pub(crate) subject: String,
    /// What bars, lines and dots mean.
    pub(crate) key: String,
    /// In the small print.
    pub(crate) footer: String,
    /// What stands at the left of each row.
    pub(crate) labels: Vec<String>,
    /// How many panels stand side by side.
    pub(crate) columns: usize,
    /// Row by row.
    pub(crate) panels: Vec<Panel>,
}

/// A plotting area with its own x axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) x: Axis,
    /// What is shaded: from, to.
    pub(crate) band: Option<(f64, f64)>,
    /// Where an upright line stands.
    pub(crate) rule: Option<f64>,
    /// One for each label of the board; absent where there is no figure.
    pub(crate) rows: Vec<Option<Row>>,
}

/// A figure: an estimate, its interval, and the values of the blocks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) stroke: Stroke,
    /// Whether a bar stands from the axis' foot to the estimate, rather than a mark at it.
    pub(crate) bar: bool,
    pub(crate) estimate: f64,
    pub(crate) interval: Option<(f64, f64)>,
    pub(crate) dots: Vec<f64>,
    /// The estimate in words.
    pub(crate) value: String,
    /// In smaller print below it.
    pub(crate) note: Option<&'static str>,
}
