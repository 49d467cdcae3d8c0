//! Every rendering of a search for capacities: for a terminal, for a decision record, for a browser, for programs.
//!
//! A rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

mod json;
mod markdown;
mod outline;
mod sheet;
mod text;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod snapshots;

use super::page::{self, Page};
use super::{Format, Style, annotations, bmf, gab, github, junit, prometheus};
use crate::charts::capacity::charts;
use bench_model::capacity::{Capacities, CapacityPlan};

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

/// How a search is written in a format.
type OfCapacity = fn(&CapacitySource<'_>, Style) -> String;

/// The formats of a search, in the order in which they are listed.
pub(crate) const CAPACITY: &[(Format, OfCapacity)] = &[
    (Format::Text, |source, style| text::render(source, style)),
    (Format::Json, |source, _| json::render(source)),
    (Format::Markdown, |source, _| markdown::render(source)),
    (Format::Html, |source, _| html(source)),
    (Format::Github, |source, _| github::fitted(&github::without_pictures(&markdown::render(source)))),
    (Format::Annotations, |source, _| annotations::render(&sheet::of(source))),
    (Format::Junit, |source, _| junit::render(&sheet::of(source))),
    (Format::GabBigger, |source, _| gab::render(&sheet::of(source), gab::Better::Bigger)),
    (Format::Bmf, |source, _| bmf::render(&sheet::of(source))),
    (Format::Prometheus, |source, _| prometheus::of_sheet(&sheet::of(source))),
];

/// Writes a search in a format that searches have. The text ends in a line feed.
pub(crate) fn render(format: Format, source: &CapacitySource<'_>, style: Style) -> String {
    let known = CAPACITY.iter().find(|(known, _)| *known == format);
    let (_, write) = known.expect("no command takes a format that searches do not have");
    write(source, style)
}

/// The search as one page.
fn html(source: &CapacitySource<'_>) -> String {
    let charts = charts(source);
    let document = outline::document(source, &charts);
    page::render(&Page {
        kind: "capacity",
        document: &document,
        charts: &charts,
        report: json::value(source),
    })
}
