//! Every rendering of a search for capacities: for a terminal, for a decision record, for programs.
//!
//! A rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

mod json;
mod markdown;
mod text;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod snapshots;

use super::Style;
use bench_model::capacity::{Capacities, CapacityPlan};

/// How a search is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CapacityFormat {
    /// The capacity, its uncertainty and the levels, for people at a terminal.
    Text,
    /// One object for programs.
    Json,
    /// The same as the text for a pull request or a decision record; its chart is a file beside it.
    Markdown,
}

/// What a search is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CapacitySource<'a> {
    pub(crate) plan: &'a CapacityPlan,
    pub(crate) found: &'a Capacities,
    /// The command, for a POSIX shell, that makes the search again.
    pub(crate) repeat: &'a str,
    /// Where charts were written, for the terminal to name; may be empty.
    pub(crate) files: &'a [String],
}

/// Writes a search in a format. The text ends in a line feed.
pub(crate) fn render(format: CapacityFormat, source: &CapacitySource<'_>, style: Style) -> String {
    match format {
        CapacityFormat::Text => text::render(source, style),
        CapacityFormat::Json => json::render(source),
        CapacityFormat::Markdown => markdown::render(source),
    }
}
