//! A chart with what it says in words: for files, for a page that shows it still, and for one that draws it again.

use super::canvas::{Drawn, Medium};
use super::comparison::board::Board;
use super::data::ChartData;
use super::file::{self, Painting};
use super::picture::Picture;
use super::tables;
use crate::report::document::Table;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

/// A chart, not yet painted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// The name of its files, and its own on a page.
    pub(crate) name: String,
    /// What is to be seen, in a sentence without its point.
    pub(crate) caption: String,
    /// The same for those who cannot see it: with the figures.
    pub(crate) description: String,
    pub(super) drawing: Drawing,
    /// What a page draws again instead, where the drawing is made for paper.
    pub(super) live: Option<Drawing>,
    pub(super) table: Tabled,
}

/// A chart is a picture with lines, or a board with rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Drawing {
    Picture(Picture),
    Board(Board),
}

/// Which figures stand in the tables of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tabled {
    /// All that the page draws.
    Live,
    /// Those of a drawing in which one point stands for so many, where the page draws more than anyone reads.
    Thinned(Drawing, usize),
    /// Others.
    Table(Table),
}

impl Painting for Drawing {
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Picture(picture) => picture.size(),
            Self::Board(board) => board.size(),
        }
    }

    fn paint<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, medium: Medium) -> Drawn<DB> {
        match self {
            Self::Picture(picture) => picture.paint(area, medium),
            Self::Board(board) => board.paint(area, medium),
        }
    }
}

impl Chart {
    /// A chart of a picture that a page draws as it is.
    pub(super) fn of_picture(name: &str, caption: impl Into<String>, picture: Picture) -> Self {
        Self {
            name: name.to_owned(),
            caption: caption.into(),
            description: tables::description(&picture),
            drawing: Drawing::Picture(picture),
            live: None,
            table: Tabled::Live,
        }
    }

    /// The chart as SVG text.
    ///
    /// # Errors
    /// What the drawing library says where it fails.
    pub(crate) fn svg(&self) -> Result<String, String> {
        file::svg_of(&self.drawing)
    }

    /// What a page needs to draw the chart again.
    pub(crate) fn data(&self) -> ChartData {
        ChartData::of(&self.name, self.live.as_ref().unwrap_or(&self.drawing))
    }

    /// The chart's figures, for those who want to read them or cannot see it.
    pub(crate) fn tables(&self) -> Vec<Table> {
        match &self.table {
            Tabled::Live => tables::of(&self.data(), &self.caption),
            Tabled::Thinned(drawing, merged) => {
                let caption =
                    format!("{} (a row is {merged} intervals, latencies the worst of them)", self.caption);
                tables::of(&ChartData::of(&self.name, drawing), &caption)
            }
            Tabled::Table(table) if table.rows.is_empty() => Vec::new(),
            Tabled::Table(table) => vec![table.clone()],
        }
    }
}
