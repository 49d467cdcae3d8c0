//! Every rendering of a run as text: for a person at a terminal, for programs, for spreadsheets, for documents.
//!
//! A rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

pub(crate) mod amount;
pub(crate) mod audit;
#[allow(dead_code, reason = "bench compare will render it")]
pub(crate) mod comparison;
pub(crate) mod timeline;

mod command;
pub(crate) mod contract;
mod csv;
pub(crate) mod hgrm;
mod json;
mod markdown;
mod paragraph;
mod text;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod snapshots;

use bench_model::report::RunReport;
use timeline::Timeline;

/// What the shown latency is. Every output for people names it.
pub(crate) const LATENCY_TITLE: &str = "Latency from send to complete answer";

/// How a run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One screen for people.
    Text,
    /// One object for programs.
    Json,
    /// One row for each interval.
    Csv,
    /// A section for a pull request or a decision record.
    Markdown,
}

/// How text for people looks; the other formats do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether to write ANSI colours.
    pub(crate) colour: bool,
    /// Columns to fill; more than 80 are not used.
    pub(crate) width: usize,
}

/// Writes a run in a format. The text ends in a line feed.
pub(crate) fn render(format: Format, report: &RunReport, timeline: &Timeline, style: Style) -> String {
    match format {
        Format::Text => text::render(report, style),
        Format::Json => json::render(report),
        Format::Csv => csv::render(report, timeline),
        Format::Markdown => markdown::render(report, timeline),
    }
}
