//! Every rendering of a history: for a terminal, for a pull request, for programs.
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

use super::{Format, Style};
use bench_model::history::History;

/// How a history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistoryFormat {
    Text,
    Json,
    Markdown,
}

impl HistoryFormat {
    /// The format of that name, if histories have it.
    pub(crate) fn of(format: Format) -> Option<Self> {
        match format {
            Format::Text => Some(Self::Text),
            Format::Json => Some(Self::Json),
            Format::Markdown => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// What a history is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HistorySource<'a> {
    pub(crate) history: &'a History,
    /// Results that could not be read, and are in no group for that.
    pub(crate) unreadable: usize,
}

/// Writes a history in a format. The text ends in a line feed.
pub(crate) fn render(format: HistoryFormat, source: &HistorySource<'_>, style: Style) -> String {
    match format {
        HistoryFormat::Text => text::render(source, style),
        HistoryFormat::Json => json::render(source),
        HistoryFormat::Markdown => markdown::render(source),
    }
}
