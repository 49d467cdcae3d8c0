//! A report as a value: sections of paragraphs, tables, charts. Knows no markup; texts are plain.

use crate::charts::Chart;
use bench_model::comparison::PairVerdict;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) title: String,
    /// What stands before the first section.
    pub(crate) lead: Vec<Part>,
    pub(crate) sections: Vec<Section>,
}

/// A titled part of a report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) parts: Vec<Part>,
}

/// What a report is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Paragraph(String),
    /// The one thing to be read if nothing else is.
    Verdict(String),
    /// A reason not to believe what follows.
    Alarm(String),
    /// What follows is not to be used, and why.
    Invalid(String),
    List(Vec<String>),
    Table(Table),
    /// A table whose rows are of one kind, so that a reader may want them in another order.
    Sortable(Table),
    Chart(ChartPart),
    /// A command for a shell, in one line.
    Command(String),
    /// Words and what they mean.
    Terms(Vec<(String, String)>),
}

/// A chart by the name of its file, and what it shows in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChartPart {
    pub(crate) name: String,
    pub(crate) caption: String,
    /// For those who cannot see it: what is drawn, with the figures.
    pub(crate) description: String,
}

/// A table. The first cell of a row is its head.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// In smaller print after the text: an interval.
    pub(crate) note: Option<String>,
    /// After both.
    pub(crate) verdict: Option<PairVerdict>,
    /// Whether the text is a number, to be aligned as one.
    pub(crate) number: bool,
    /// The number before it was rounded and scaled.
    pub(crate) value: Option<f64>,
    /// Where that number stands in the report's JSON: an RFC 6901 pointer.
    pub(crate) pointer: Option<String>,
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: true, ..Self::default() }
    }

    pub(crate) fn noted(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// The same with the number that its text says.
    pub(crate) fn valued(self, value: f64) -> Self {
        Self { value: Some(value), ..self }
    }

    /// The same with the place of its number in the report's JSON.
    pub(crate) fn at(self, pointer: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..self }
    }
}

impl ChartPart {
    /// The part of a chart.
    pub(crate) fn of(chart: &Chart) -> Self {
        let Chart { name, caption, description, .. } = chart;
        Self { name: name.clone(), caption: caption.clone(), description: description.clone() }
    }
}

impl Table {
    /// Whether every cell of a column is a number or says that there is none.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.number)
    }
}

impl Section {
    pub(crate) fn new(title: impl Into<String>, parts: Vec<Part>) -> Self {
        Self { title: title.into(), parts }
    }
}
