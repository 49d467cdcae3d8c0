//! Rows as data: estimates, their intervals, and the values of the blocks.

use super::{AxisData, Content, axis, colour, rounded};
use crate::charts::comparison::board::{self, Board};
use crate::charts::measure::Measure;
use serde::Serialize;

/// Rows over one axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct BoardPanel {
    pub(in crate::charts) title: String,
    x: AxisData,
    band: Option<(f64, f64)>,
    rule: Option<f64>,
    /// One for each label; absent where there is no figure.
    pub(in crate::charts) rows: Vec<Option<RowData>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct RowData {
    colour: String,
    pub(in crate::charts) bar: bool,
    pub(in crate::charts) estimate: f64,
    pub(in crate::charts) words: String,
    pub(in crate::charts) interval: Option<IntervalData>,
    pub(in crate::charts) dots: Vec<(f64, String)>,
    pub(in crate::charts) note: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct IntervalData {
    pub(in crate::charts) low: f64,
    high: f64,
    pub(in crate::charts) words: String,
}

pub(super) fn of(board: &Board) -> Content {
    let panel = |panel: &board::Panel| BoardPanel {
        title: panel.title.clone(),
        x: axis(&panel.x),
        band: panel.band.map(|(low, high)| (rounded(low), rounded(high))),
        rule: panel.rule,
        rows: panel.rows.iter().map(|row| row.as_ref().map(|row| of_row(row, panel.x.measure))).collect(),
    };
    Content::Board {
        key: board.key.clone(),
        labels: board.labels.clone(),
        panels: board.panels.iter().map(panel).collect(),
    }
}

fn of_row(row: &board::Row, measure: Measure) -> RowData {
    RowData {
        colour: colour(row.stroke),
        bar: row.bar,
        estimate: rounded(row.estimate),
        words: row.value.clone(),
        interval: row.interval.map(|(low, high)| IntervalData {
            low: rounded(low),
            high: rounded(high),
            words: format!("[{}, {}]", measure.words(low), measure.words(high)),
        }),
        dots: row.dots.iter().map(|&dot| (rounded(dot), measure.words(dot))).collect(),
        note: row.note,
    }
}
