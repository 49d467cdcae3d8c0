//! The decision report as a value: sections of paragraphs, tables, charts. Knows no markup; texts are plain.

use bench_model::comparison::PairVerdict;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) title: String,
    /// What stands before the first section.
    pub(super) lead: Vec<Part>,
    pub(super) sections: Vec<Section>,
}

/// A titled part of a report.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) parts: Vec<Part>,
}

/// What a report is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Paragraph(String),
    /// The one thing to be read if nothing else is.
    Verdict(String),
    /// A reason not to believe what follows.
    Alarm(String),
    List(Vec<String>),
    Table(Table),
    Chart(ChartPart),
    /// A command for a shell, in one line.
    Command(String),
    /// Words and what they mean.
    Terms(Vec<(String, String)>),
}

/// A chart by the name of its file, and what it shows in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChartPart {
    pub(super) name: &'static str,
    pub(super) caption: String,
    /// For those who cannot see it: what is drawn, with the figures.
    pub(super) description: String,
}

/// A table. The first cell of a row is its head.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// In smaller print after the text: an interval.
    pub(super) note: Option<String>,
    /// After both.
    pub(super) verdict: Option<PairVerdict>,
    /// Whether the text is a number, to be aligned as one.
    pub(super) number: bool,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(super) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: true, ..Self::default() }
    }

    pub(super) fn noted(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

impl Table {
    /// Whether every cell of a column is a number or says that there is none.
    pub(super) fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.number)
    }
}

impl Section {
    pub(super) fn new(title: impl Into<String>, parts: Vec<Part>) -> Self {
        Self { title: title.into(), parts }
    }
}
